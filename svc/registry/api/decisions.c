/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/decisions: what was done with a call and why; the identifier goes into 603 and 608. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/decisions.h"

#include <stdio.h>
#include <string.h>

#define EVIDENCE_BYTES 200 /* of one line */

static const char *const action_names[] = {"allow",	"label",  "silence", "screen",
					   "voicemail", "reject", "block",   NULL};

struct request {
	struct tn from;
	int action;
	const char *rule;
	struct spec_texts evidence;
};

static const struct spec_field fields[] = {
	{.name = "from",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, from),
	 .required = true},
	{.name = "action",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, action),
	 .required = true,
	 .choices = action_names},
	{.name = "rule",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, rule),
	 .required = true,
	 .check = text_label_check},
	{.name = "evidence",
	 .type = SPEC_TEXTS,
	 .offset = offsetof(struct request, evidence),
	 .required = true,
	 .max = EVIDENCE_BYTES},
};
static const struct spec spec = SPEC(fields);

static json_t *render(const struct decision_row *row)
{
	json_t *evidence = json_loads(row->evidence, 0, NULL);

	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id", row->id, "from", row->number,
			 "action", row->action, "rule", row->rule, "evidence",
			 evidence != NULL ? evidence : json_array(), "created_at",
			 render_time(row->created_ms), "expires_at",
			 render_time(row->created_ms + DECISION_KEEP_MS));
}

/* false: the call is answered. Escapes may make six bytes of one. */
static bool write_evidence(struct http_call *call, const struct spec_texts *texts,
			   struct decision_row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < texts->n; i++)
		json_array_append_new(list, json_string(texts->items[i]));
	size_t len = json_dumpb(list, row->evidence, DECISION_EVIDENCE_MAX, JSON_COMPACT);
	json_decref(list);
	bool fits = len > 0 && len <= DECISION_EVIDENCE_MAX;
	row->evidence[fits ? len : 0] = 0;
	if (!fits)
		http_reply_field(call, PROBLEM_INVALID_FIELDS, "/evidence", "too_long");
	return fits;
}

void api_decisions_create(struct http_call *call)
{
	struct request request = {.rule = NULL};
	struct decision_row row;

	memset(&row, 0, sizeof row);
	row.created_ms = http_now_ms(call);
	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_DECISION, row.id) ||
	    !write_evidence(call, &request.evidence, &row))
		return;
	memcpy(row.tenant, call->caller.tenant, sizeof row.tenant);
	snprintf(row.number, sizeof row.number, "%s", request.from.text);
	snprintf(row.action, sizeof row.action, "%s", action_names[request.action]);
	snprintf(row.rule, sizeof row.rule, "%s", request.rule);
	enum store_status status = store_decisions_add(call->db, &row);
	if (status == STORE_OK)
		http_reply_json(call, 201, render(&row));
	else
		http_reply_store(call, status);
}

void api_decisions_get(struct http_call *call)
{
	struct decision_row row;
	enum store_status status = store_decisions_get(call->db, call->caller.tenant, call->param,
						       http_now_ms(call), &row);

	if (status == STORE_OK)
		http_reply_json(call, 200, render(&row));
	else
		http_reply_store(call, status);
}
