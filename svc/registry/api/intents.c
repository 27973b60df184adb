/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/intents, GET and DELETE /v1/intents/{id} */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/taxonomy.h"
#include "svc/registry/metrics.h"
#include "svc/registry/store/intents.h"
#include "svc/registry/store/numbers.h"

#include <stdio.h>
#include <string.h>

#define NO_CODE (-1)

struct request {
	struct tn from, to;
	const char *reason; /* a template; or code with text */
	int code;
	const char *text;
	int64_t ttl_s;
};

static const struct spec_field fields[] = {
	{.name = "from",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, from),
	 .required = true},
	{.name = "to",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, to),
	 .required = true},
	{.name = "reason",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, reason),
	 .max = ID_MAX},
	{.name = "code",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, code),
	 .choices = reason_code_names},
	{.name = "text",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, text),
	 .check = text_reason_check},
	{.name = "ttl_s",
	 .type = SPEC_INT,
	 .offset = offsetof(struct request, ttl_s),
	 .min = INTENT_TTL_MIN,
	 .max = INTENT_TTL_MAX},
};
static const struct spec spec = SPEC(fields);

static json_t *render(const struct intent_row *row, int64_t now_ms)
{
	enum intent_state state = intent_state_at(row->state, row->expires_ms, now_ms);

	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", row->id, "state",
			 intent_state_name(state), "brand", row->brand, "from", row->caller,
			 "expires_at", render_time(row->expires_ms));
}

/* Either a template, or a code with its text; nothing of both. */
static bool reason_is_given_once(struct http_call *call, const struct request *request)
{
	bool own = request->code != NO_CODE || request->text != NULL;

	if (request->reason != NULL && own)
		http_reply_field(call, PROBLEM_INVALID_FIELDS, "/reason", "conflict");
	else if (request->reason == NULL && request->code == NO_CODE)
		http_reply_field(call, PROBLEM_INVALID_FIELDS, "/code", "required");
	else if (request->reason == NULL && request->text == NULL)
		http_reply_field(call, PROBLEM_INVALID_FIELDS, "/text", "required");
	else
		return true;
	return false;
}

/* Code and text from the template, which must be one of the number's brand. */
static bool read_template(struct http_call *call, const char *reason, struct intent_row *row)
{
	struct reason_row found;
	enum store_status status = store_reasons_get(call->db, row->tenant, reason, &found);

	if (status == STORE_NONE || (status == STORE_OK && strcmp(found.brand, row->brand) != 0)) {
		http_reply_field(call, PROBLEM_NOT_FOUND, "/reason", "not_found");
		return false;
	}
	if (status != STORE_OK) {
		http_reply_store(call, status);
		return false;
	}
	snprintf(row->code, sizeof row->code, "%s", found.code);
	snprintf(row->text, sizeof row->text, "%s", found.text);
	return true;
}

/* The brand that the calling number is bound to by this tenant. */
static bool read_brand(struct http_call *call, struct intent_row *row)
{
	struct binding_row binding;
	enum store_status status = store_bindings_own(call->db, row->tenant, row->caller, &binding);

	if (status == STORE_OK) {
		snprintf(row->brand, sizeof row->brand, "%s", binding.brand);
		return true;
	}
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NOT_FOUND, "/from", "not_found");
	else
		http_reply_store(call, status);
	return false;
}

static bool fill_row(struct http_call *call, const struct request *request, struct intent_row *row)
{
	snprintf(row->tenant, sizeof row->tenant, "%s", call->caller.tenant);
	snprintf(row->caller, sizeof row->caller, "%s", request->from.text);
	row->expires_ms = row->created_ms + request->ttl_s * 1000;
	if (!render_new_id(call, ID_INTENT, row->id) || !read_brand(call, row))
		return false;
	if (!pairtag_make(call->env->pair_key, "callee", request->from.text, request->to.text,
			  row->callee)) {
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
		return false;
	}
	if (request->reason != NULL)
		return read_template(call, request->reason, row);
	snprintf(row->code, sizeof row->code, "%s", reason_code_names[request->code]);
	snprintf(row->text, sizeof row->text, "%s", request->text);
	return true;
}

static void count(const struct http_call *call, const char *event)
{
	if (call->env->metrics != NULL)
		METRIC_COUNT(call->env->metrics, METRIC_INTENTS, event);
}

void api_intents_create(struct http_call *call)
{
	struct request request = {.code = NO_CODE, .ttl_s = INTENT_TTL_DEFAULT};
	struct intent_row row = {.state = INTENT_ANNOUNCED, .created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !reason_is_given_once(call, &request) ||
	    !fill_row(call, &request, &row))
		return;
	enum store_status status = db_begin(call->db);
	if (status == STORE_OK)
		status = db_end(call->db, store_intents_add(call->db, &row));
	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	count(call, "announced");
	http_reply_json(call, 201, render(&row, row.created_ms));
}

void api_intents_get(struct http_call *call)
{
	struct intent_row row;
	enum store_status status =
		store_intents_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK)
		http_reply_json(call, 200, render(&row, http_now_ms(call)));
	else
		http_reply_store(call, status);
}

/* Cancelling what has ended anyway changes nothing and is no error; only a match is final news. */
static enum store_status cancel(struct db *db, const char *tenant, const char *id)
{
	struct intent_row row;
	enum store_status status = store_intents_get(db, tenant, id, &row);

	if (status != STORE_OK)
		return status;
	if (row.state == INTENT_MATCHED)
		return STORE_CONFLICT;
	if (!intent_may_become(row.state, INTENT_CANCELLED))
		return STORE_OK;
	return store_intents_cancel(db, tenant, id);
}

void api_intents_delete(struct http_call *call)
{
	enum store_status status = db_begin(call->db);

	if (status == STORE_OK)
		status = db_end(call->db, cancel(call->db, call->caller.tenant, call->param));
	if (status == STORE_CONFLICT) {
		http_reply_problem(call, PROBLEM_INTENT_USED, NULL);
		return;
	}
	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	count(call, "cancelled");
	http_reply_none(call);
}
