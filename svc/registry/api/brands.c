/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/brands, GET /v1/brands/{id} */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/brands.h"

#include <stdio.h>
#include <string.h>

#define LOGO_PREFIX "sha256-"

struct request {
	const char *business, *name, *logo;
};

static const char *logo_check_name(const char *text, size_t len)
{
	size_t head = sizeof LOGO_PREFIX - 1;

	if (len > head && strncmp(text, LOGO_PREFIX, head) == 0 &&
	    id_is_sha256(text + head, len - head))
		return NULL;
	return "not_allowed";
}

static const struct spec_field fields[] = {
	{.name = "business",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, business),
	 .required = true,
	 .max = ID_MAX},
	{.name = "name",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, name),
	 .required = true,
	 .check = text_name_check},
	{.name = "logo",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, logo),
	 .check = logo_check_name},
};
static const struct spec spec = SPEC(fields);

static json_t *render(const struct brand_row *row)
{
	json_t *logo = row->logo[0] != 0 ? json_sprintf(LOGO_PREFIX "%s", row->logo) : json_null();

	return json_pack("{s:s, s:s, s:s, s:I, s:s, s:o, s:o}", "id", row->id, "business",
			 row->business, "name", row->name, "version", (json_int_t)row->version,
			 "state", RENDER_STATE, "logo", logo, "created_at",
			 render_time(row->created_ms));
}

void api_brands_create(struct http_call *call)
{
	struct request request = {.business = NULL};
	struct brand_row row = {.version = 1, .created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_BRAND, row.id))
		return;
	snprintf(row.tenant, sizeof row.tenant, "%s", call->caller.tenant);
	snprintf(row.business, sizeof row.business, "%s", request.business);
	snprintf(row.name, sizeof row.name, "%s", request.name);
	if (request.logo != NULL)
		snprintf(row.logo, sizeof row.logo, "%s", request.logo + sizeof LOGO_PREFIX - 1);
	if (row.logo[0] != 0 && store_logos_owned(call->db, row.tenant, row.logo) != STORE_OK) {
		http_reply_field(call, PROBLEM_NOT_FOUND, "/logo", "not_found");
		return;
	}
	enum store_status status = db_begin(call->db);
	if (status == STORE_OK)
		status = db_end(call->db, store_brands_add(call->db, &row));
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NOT_FOUND, "/business", "not_found");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		http_reply_json(call, 201, render(&row));
}

void api_brands_get(struct http_call *call)
{
	struct brand_row row;
	enum store_status status =
		store_brands_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK)
		http_reply_json(call, 200, render(&row));
	else
		http_reply_store(call, status);
}
