/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/tenants */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/tenants.h"

#include <stdio.h>

struct request {
	const char *name;
};

static const struct spec_field fields[] = {
	{.name = "name",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, name),
	 .required = true,
	 .check = text_label_check},
};
static const struct spec spec = SPEC(fields);

void api_tenants_create(struct http_call *call)
{
	struct request request = {.name = NULL};
	struct tenant_row row = {.created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_TENANT, row.id))
		return;
	snprintf(row.name, sizeof row.name, "%s", request.name);
	enum store_status status = db_begin(call->db);
	if (status == STORE_OK)
		status = db_end(call->db, store_tenants_add(call->db, &row));
	if (status == STORE_CONFLICT)
		http_reply_field(call, PROBLEM_TENANT_EXISTS, "/name", "not_allowed");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		http_reply_json(call, 201,
				json_pack("{s:s, s:s, s:o}", "id", row.id, "name", row.name,
					  "created_at", render_time(row.created_ms)));
}
