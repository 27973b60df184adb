/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/reason-codes, POST /v1/reasons */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/taxonomy.h"
#include "svc/registry/store/intents.h"

#include <stdio.h>

struct request {
	const char *brand;
	int code;
	const char *text;
};

static const struct spec_field fields[] = {
	{.name = "brand",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, brand),
	 .required = true,
	 .max = ID_MAX},
	{.name = "code",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, code),
	 .required = true,
	 .choices = reason_code_names},
	{.name = "text",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, text),
	 .required = true,
	 .check = text_reason_check},
};
static const struct spec spec = SPEC(fields);

void api_reason_codes_list(struct http_call *call)
{
	json_t *items = json_array();

	for (size_t i = 0; i < REASON_CODES; i++)
		json_array_append_new(items, json_pack("{s:s, s:s}", "code", reason_codes[i].code,
						       "text", reason_codes[i].text));
	http_reply_json(call, 200, json_pack("{s:o}", "items", items));
}

void api_reasons_create(struct http_call *call)
{
	struct request request = {.brand = NULL};
	struct reason_row row = {.created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_REASON, row.id))
		return;
	snprintf(row.tenant, sizeof row.tenant, "%s", call->caller.tenant);
	snprintf(row.brand, sizeof row.brand, "%s", request.brand);
	snprintf(row.code, sizeof row.code, "%s", reason_code_names[request.code]);
	snprintf(row.text, sizeof row.text, "%s", request.text);
	enum store_status status = db_begin(call->db);
	if (status == STORE_OK)
		status = db_end(call->db, store_reasons_add(call->db, &row));
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NOT_FOUND, "/brand", "not_found");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		http_reply_json(call, 201,
				json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", row.id, "brand",
					  row.brand, "code", row.code, "text", row.text,
					  "created_at", render_time(row.created_ms)));
}
