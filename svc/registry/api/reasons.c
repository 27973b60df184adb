/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/reason-codes and /v1/reasons */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/taxonomy.h"
#include "svc/registry/store/reasons.h"

#include <stdio.h>
#include <string.h>

struct request {
	const char *brand;
	int code;
	const char *text, *lang;
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
	{.name = "lang",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, lang),
	 .check = text_lang_check,
	 .hint = TEXT_LANG_HINT},
};
static const struct spec spec = SPEC(fields);

static json_t *render_codes(const struct reason_code *codes, size_t n)
{
	json_t *items = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, json_pack("{s:s, s:s}", "code", codes[i].code, "text",
						       codes[i].text));
	return items;
}

void api_reason_codes_list(struct http_call *call)
{
	http_reply_json(call, 200,
			json_pack("{s:o, s:o}", "items", render_codes(reason_codes, REASON_CODES),
				  "labels", render_codes(label_codes, LABEL_CODES)));
}

static json_t *render(const struct http_call *call, const void *magic)
{
	const struct reason_row *row = magic;

	(void)call;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o}", "id", row->id, "brand",
			 row->brand, "code", row->code, "text", row->text, "lang", row->lang,
			 "state", row->retired ? "retired" : "active", "version",
			 (json_int_t)row->version, "created_at", render_time(row->created_ms));
}

void api_reasons_create(struct http_call *call)
{
	struct request request = {.lang = "en"};
	struct reason_row row = {.version = 1, .created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_REASON, row.id))
		return;
	memcpy(row.tenant, call->caller.tenant, sizeof row.tenant);
	snprintf(row.brand, sizeof row.brand, "%s", request.brand);
	snprintf(row.code, sizeof row.code, "%s", reason_code_names[request.code]);
	snprintf(row.text, sizeof row.text, "%s", request.text);
	snprintf(row.lang, sizeof row.lang, "%s", request.lang);
	enum store_status status = store_reasons_add(call->db, &row);
	if (status == STORE_NONE) {
		http_reply_field(call, PROBLEM_NOT_FOUND, "/brand", "not_found");
		return;
	}
	if (status == STORE_OK)
		status = act_audit(call, row.tenant, "reason.created", row.id, row.code);
	if (status == STORE_OK)
		http_reply_version(call, 201, row.version, render(call, &row));
	else
		http_reply_store(call, status);
}

void api_reasons_retire(struct http_call *call)
{
	const char *tenant = call->caller.tenant;
	enum store_status status = store_reasons_retire(call->db, tenant, call->param);

	if (status == STORE_OK)
		status = act_audit(call, tenant, "reason.retired", call->param, "");
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	return store_reasons_list(call->db, call->caller.tenant, page->after, page->limit, rows_out,
				  n_out);
}

void api_reasons_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct reason_row), load, render};

	api_list_reply(call, &list);
}
