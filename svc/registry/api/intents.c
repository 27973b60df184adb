/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/intents: calls announced before they are made. */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/intents.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/taxonomy.h"
#include "svc/registry/metrics.h"
#include "svc/registry/push/recall.h"
#include "svc/registry/store/directory.h"
#include "svc/registry/store/reasons.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_CODE	       (-1)
#define NOT_BEFORE_MAX INT64_C(86400) /* seconds from now */
#define DEFAULT_LANG   "en"
#define RIVALS_MAX     8

struct request {
	struct tn from, to;
	const char *reason; /* a template; or code with text */
	int code;
	const char *text, *lang;
	int64_t ttl_s, not_before_s; /* both from now */
};

static const struct request blank = {.code = NO_CODE, .ttl_s = INTENT_TTL_DEFAULT};

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
	{.name = "lang",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, lang),
	 .check = text_lang_check,
	 .hint = TEXT_LANG_HINT},
	{.name = "ttl_s",
	 .type = SPEC_INT,
	 .offset = offsetof(struct request, ttl_s),
	 .min = INTENT_TTL_MIN,
	 .max = INTENT_TTL_MAX},
	{.name = "not_before_s",
	 .type = SPEC_INT,
	 .offset = offsetof(struct request, not_before_s),
	 .min = 0,
	 .max = NOT_BEFORE_MAX},
};
static const struct spec spec = {fields, sizeof fields / sizeof fields[0], sizeof(struct request),
				 &blank};

struct batch {
	struct spec_list items;
};

static const struct spec_field batch_fields[] = {
	{.name = "items",
	 .type = SPEC_LIST,
	 .offset = offsetof(struct batch, items),
	 .required = true,
	 .max = INTENT_BATCH_MAX,
	 .object = &spec},
};
static const struct spec batch_spec = SPEC(batch_fields);

json_t *intents_render(const struct http_call *call, const struct intent_row *row)
{
	enum intent_state state = intent_state_at(&row->life, http_now_ms(call));

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o}", "id",
			 row->id, "state", intent_state_names[state], "brand", row->brand, "from",
			 row->caller, "code", row->code, "text", row->text, "lang", row->lang,
			 "mismatches", (json_int_t)row->life.mismatches, "created_at",
			 render_time(row->created_ms), "not_before",
			 render_time(row->not_before_ms), "expires_at",
			 render_time(row->life.expires_ms), "matched_at",
			 row->matched_ms != 0 ? render_time(row->matched_ms) : json_null());
}

enum store_status intents_tell(struct http_call *call, const struct intent_row *row,
			       const char *kind)
{
	const struct act_event event = {
		.tenant = row->tenant,
		.kind = kind,
		.object = row->id,
		.callee = row->callee_only,
		.take = intents_render(call, row),
	};

	if (call->env->metrics != NULL)
		METRIC_COUNT(call->env->metrics, METRIC_INTENTS, strchr(kind, '.') + 1);
	return act_event(call, &event);
}

/* Where a field of a request stands: "/from", or "/items/17/from". */
static void refuse(struct http_call *call, int at, enum problem problem, const char *field,
		   const char *code)
{
	char pointer[SPEC_POINTER_MAX + 1];

	if (at < 0)
		snprintf(pointer, sizeof pointer, "/%s", field);
	else
		snprintf(pointer, sizeof pointer, "/items/%d/%s", at, field);
	http_reply_field(call, problem, pointer, code);
}

/* Either a template, or a code with its text; nothing of both. */
static bool reason_is_given_once(struct http_call *call, const struct request *request, int at)
{
	bool own = request->code != NO_CODE || request->text != NULL || request->lang != NULL;

	if (request->reason != NULL && own)
		refuse(call, at, PROBLEM_INVALID_FIELDS, "reason", "conflict");
	else if (request->reason == NULL && request->code == NO_CODE)
		refuse(call, at, PROBLEM_INVALID_FIELDS, "code", "required");
	else if (request->reason == NULL && request->text == NULL)
		refuse(call, at, PROBLEM_INVALID_FIELDS, "text", "required");
	else
		return true;
	return false;
}

/* Code and text from the template, which must be one of the number's brand. */
static bool read_template(struct http_call *call, const char *reason, int at,
			  struct intent_row *row)
{
	struct reason_row found;
	enum store_status status = store_reasons_get(call->db, row->tenant, reason, &found);

	if (status == STORE_OK && (found.retired || strcmp(found.brand, row->brand) != 0))
		status = STORE_NONE;
	if (status == STORE_NONE)
		refuse(call, at, PROBLEM_NOT_FOUND, "reason", "not_found");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	if (status != STORE_OK)
		return false;
	memcpy(row->code, found.code, sizeof row->code);
	memcpy(row->text, found.text, sizeof row->text);
	memcpy(row->lang, found.lang, sizeof row->lang);
	return true;
}

/* The brand that the calling number is bound to by this tenant. */
static bool read_brand(struct http_call *call, const struct request *request, int at,
		       struct intent_row *row)
{
	struct directory_row entry;
	enum store_status status = store_directory_find(call->db, request->from.text, &entry);

	if (status == STORE_OK && strcmp(entry.tenant, row->tenant) != 0)
		status = STORE_NONE;
	if (status == STORE_NONE)
		refuse(call, at, PROBLEM_NOT_FOUND, "from", "not_found");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		memcpy(row->brand, entry.brand, sizeof row->brand);
	return status == STORE_OK;
}

static bool make_tags(struct http_call *call, const struct request *request, struct intent_row *row)
{
	const struct pairtag_key *key = call->env->pair_key;

	if (pairtag_make(key, "callee", request->from.text, request->to.text, row->callee) &&
	    pairtag_make(key, "callee-only", request->to.text, "", row->callee_only))
		return true;
	http_reply_problem(call, PROBLEM_INTERNAL, NULL);
	return false;
}

static bool fill_row(struct http_call *call, const struct request *request, int at,
		     struct intent_row *row)
{
	memset(row, 0, sizeof *row);
	row->created_ms = http_now_ms(call);
	row->not_before_ms = row->created_ms + request->not_before_s * 1000;
	row->life.expires_ms = row->not_before_ms + request->ttl_s * 1000;
	memcpy(row->tenant, call->caller.tenant, sizeof row->tenant);
	memcpy(row->key, call->caller.key, sizeof row->key);
	memcpy(row->caller, request->from.text, sizeof row->caller);
	if (!reason_is_given_once(call, request, at) || !render_new_id(call, ID_INTENT, row->id) ||
	    !read_brand(call, request, at, row) || !make_tags(call, request, row))
		return false;
	if (request->reason != NULL)
		return read_template(call, request->reason, at, row);
	snprintf(row->code, sizeof row->code, "%s", reason_code_names[request->code]);
	snprintf(row->text, sizeof row->text, "%s", request->text);
	snprintf(row->lang, sizeof row->lang, "%s",
		 request->lang != NULL ? request->lang : DEFAULT_LANG);
	return true;
}

/* Two brands announce a call of one number to one callee: nobody can tell whose it is, so both are
 * dropped and both are told. */
static enum store_status drop_rivals(struct http_call *call, struct intent_row *row)
{
	const struct intent_key key = {
		.brand = row->brand, .callee = row->callee, .now_ms = row->created_ms};
	struct intent_row rivals[RIVALS_MAX];
	size_t n = 0;
	enum store_status status = store_intents_rivals(call->db, &key, RIVALS_MAX, rivals, &n);

	for (size_t i = 0; i < n && status == STORE_OK; i++) {
		status = store_intents_become(call->db, &rivals[i], INTENT_CONFLICT,
					      row->created_ms);
		rivals[i].life.stored = INTENT_CONFLICT;
		if (status == STORE_OK)
			status = intents_tell(call, &rivals[i], "intent.conflict");
	}
	if (n > 0)
		row->life.stored = INTENT_CONFLICT;
	return status;
}

static enum store_status announce(struct http_call *call, struct intent_row *row)
{
	enum store_status status = drop_rivals(call, row);

	if (status == STORE_OK &&
	    !recall_add_intent(call->env->recall, row->callee, row->created_ms))
		status = STORE_FAILED;
	if (status == STORE_OK)
		status = store_intents_add(call->db, row);
	if (status != STORE_OK)
		return status;
	return intents_tell(call, row,
			    row->life.stored == INTENT_CONFLICT ? "intent.conflict"
								: "intent.announced");
}

void api_intents_create(struct http_call *call)
{
	struct request request = blank;
	struct intent_row row;

	if (!http_read(call, &spec, &request) || !fill_row(call, &request, -1, &row))
		return;
	enum store_status status = announce(call, &row);
	if (status == STORE_OK)
		http_reply_json(call, 201, intents_render(call, &row));
	else
		http_reply_store(call, status);
}

/* All or none: the first that is refused rolls the others back. */
static void announce_all(struct http_call *call, const struct spec_list *items)
{
	const struct request *requests = items->items;
	json_t *list = json_array();
	struct intent_row row;

	for (size_t i = 0; i < items->n; i++) {
		enum store_status status = STORE_NONE;
		if (fill_row(call, &requests[i], (int)i, &row)) {
			status = announce(call, &row);
			if (status != STORE_OK)
				http_reply_store(call, status);
		}
		if (status != STORE_OK) {
			json_decref(list);
			return;
		}
		json_array_append_new(list, intents_render(call, &row));
	}
	http_reply_json(call, 201, json_pack("{s:o}", "items", list));
}

void api_intents_batch(struct http_call *call)
{
	struct batch batch = {.items = {0, NULL}};

	if (http_read(call, &batch_spec, &batch))
		announce_all(call, &batch.items);
	free(batch.items.items);
}

void api_intents_get(struct http_call *call)
{
	struct intent_row row;
	enum store_status status =
		store_intents_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK)
		http_reply_json(call, 200, intents_render(call, &row));
	else
		http_reply_store(call, status);
}

/* Cancelling what has ended anyway changes nothing and is no error; only a match is final news. */
void api_intents_cancel(struct http_call *call)
{
	struct intent_row row;
	enum store_status status =
		store_intents_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK && row.life.stored >= INTENT_MATCHED &&
	    row.life.stored <= INTENT_ANSWERED) {
		http_reply_problem(call, PROBLEM_INTENT_USED, NULL);
		return;
	}
	if (status == STORE_OK && intent_may_become(row.life.stored, INTENT_CANCELLED)) {
		status = store_intents_become(call->db, &row, INTENT_CANCELLED, http_now_ms(call));
		row.life.stored = INTENT_CANCELLED;
		if (status == STORE_OK)
			status = intents_tell(call, &row, "intent.cancelled");
		else if (status == STORE_NONE)
			status = STORE_BUSY; /* a call was faster: look again */
	}
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	return store_intents_list(call->db, call->caller.tenant, page->after, page->limit, rows_out,
				  n_out);
}

static json_t *render_row(const struct http_call *call, const void *row)
{
	return intents_render(call, row);
}

void api_intents_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct intent_row), load, render_row};

	api_list_reply(call, &list);
}
