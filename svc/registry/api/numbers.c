/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/numbers, DELETE /v1/numbers/{id} */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/store/brands.h"
#include "svc/registry/store/numbers.h"

#include <stdio.h>

struct request {
	struct tn number;
	const char *brand;
};

static const struct spec_field fields[] = {
	{.name = "number",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, number),
	 .required = true},
	{.name = "brand",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, brand),
	 .required = true,
	 .max = ID_MAX},
};
static const struct spec spec = SPEC(fields);

static json_t *render(const struct number_row *row)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", row->id, "number", row->number,
			 "brand", row->brand, "business", row->business, "state", RENDER_STATE,
			 "created_at", render_time(row->created_ms));
}

/* The brand is looked for first: whether a number is taken is told only to who could bind it. */
static enum store_status add(struct db *db, struct number_row *row)
{
	struct brand_row brand;
	enum store_status status = store_brands_get(db, row->tenant, row->brand, &brand);

	if (status != STORE_OK)
		return status;
	snprintf(row->business, sizeof row->business, "%s", brand.business);
	return store_numbers_add(db, row);
}

void api_numbers_create(struct http_call *call)
{
	struct request request = {.brand = NULL};
	struct number_row row = {.created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_NUMBER, row.id))
		return;
	if (!tn_is_e164(&request.number)) {
		http_reply_field(call, PROBLEM_INVALID_FIELDS, "/number", "number_invalid");
		return;
	}
	snprintf(row.tenant, sizeof row.tenant, "%s", call->caller.tenant);
	snprintf(row.number, sizeof row.number, "%s", request.number.text);
	snprintf(row.brand, sizeof row.brand, "%s", request.brand);
	enum store_status status = db_begin(call->db);
	if (status == STORE_OK)
		status = db_end(call->db, add(call->db, &row));
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NOT_FOUND, "/brand", "not_found");
	else if (status == STORE_CONFLICT)
		http_reply_problem(call, PROBLEM_NUMBER_TAKEN, NULL);
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		http_reply_json(call, 201, render(&row));
}

void api_numbers_delete(struct http_call *call)
{
	enum store_status status = db_begin(call->db);

	if (status == STORE_OK)
		status = db_end(call->db,
				store_numbers_remove(call->db, call->caller.tenant, call->param));
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}
