/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/keys, DELETE /v1/keys/{id} */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/scope.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/http/auth.h"
#include "svc/registry/store/tenants.h"

#include <stdio.h>

#include <openssl/crypto.h>

struct request {
	const char *tenant;
	uint32_t scopes;
	const char *label;
};

static const struct spec_field fields[] = {
	{.name = "tenant",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, tenant),
	 .required = true,
	 .max = ID_MAX},
	{.name = "scopes",
	 .type = SPEC_SET,
	 .offset = offsetof(struct request, scopes),
	 .required = true,
	 .choices = scope_names},
	{.name = "label",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, label),
	 .check = text_label_check},
};
static const struct spec spec = SPEC(fields);

static json_t *render_scopes(uint32_t scopes)
{
	json_t *list = json_array();

	for (size_t i = 0; scope_names[i] != NULL; i++) {
		if ((scopes >> i & 1) != 0)
			json_array_append_new(list, json_string(scope_names[i]));
	}
	return list;
}

static void reply_key(struct http_call *call, const struct key_row *row, const char *key)
{
	json_t *json =
		json_pack("{s:s, s:s, s:o, s:o, s:s, s:o}", "id", row->id, "tenant", row->tenant,
			  "scopes", render_scopes(row->scopes), "label", render_text(row->label),
			  "key", key, "created_at", render_time(row->created_ms));

	http_reply_json(call, 201, json);
}

void api_keys_create(struct http_call *call)
{
	struct request request = {.tenant = NULL};
	struct key_row row = {.created_ms = http_now_ms(call)};
	char key[ID_MAX + 1];

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_KEY, row.id) ||
	    !render_new_id(call, ID_SECRET, key))
		return;
	if (!auth_hash(key, row.hash)) {
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
		return;
	}
	snprintf(row.tenant, sizeof row.tenant, "%s", request.tenant);
	row.scopes = request.scopes;
	row.label = request.label;
	enum store_status status = db_begin(call->db);
	if (status == STORE_OK)
		status = db_end(call->db, store_keys_add(call->db, &row));
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NOT_FOUND, "/tenant", "not_found");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		reply_key(call, &row, key);
	OPENSSL_cleanse(key, sizeof key);
}

void api_keys_delete(struct http_call *call)
{
	enum store_status status = db_begin(call->db);

	if (status == STORE_OK)
		status = db_end(call->db,
				store_keys_revoke(call->db, call->param, http_now_ms(call)));
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}
