/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/tenants */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/tenants.h"

#include <stdio.h>

struct request {
	const char *name, *parent;
	bool vouched;
};

static const struct spec_field fields[] = {
	{.name = "name",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, name),
	 .required = true,
	 .check = text_label_check},
	{.name = "parent",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, parent),
	 .max = ID_MAX},
	{.name = "vouched", .type = SPEC_BOOL, .offset = offsetof(struct request, vouched)},
};
static const struct spec spec = SPEC(fields);

static json_t *render(const struct tenant_row *row)
{
	return json_pack("{s:s, s:o, s:s, s:I, s:b, s:I, s:o}", "id", row->id, "parent",
			 render_text(row->parent), "name", row->name, "level",
			 (json_int_t)row->level, "vouched", row->vouched, "version",
			 (json_int_t)row->version, "created_at", render_time(row->created_ms));
}

/* The operator's tenants are at the top unless it names a parent; a reseller's are below itself. */
static bool place(struct http_call *call, const struct request *request, struct tenant_row *row)
{
	const char *parent = request->parent;
	struct tenant_row upper;

	row->level = 1;
	if (parent == NULL && call->caller.role == ROLE_OPERATOR)
		return true;
	if (parent == NULL)
		parent = call->caller.tenant;
	enum store_status status = act_may_reach(call, parent);
	if (status == STORE_OK)
		status = store_tenants_get(call->db, parent, &upper);
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NOT_FOUND, "/parent", "not_found");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else if (upper.level >= TENANT_LEVELS)
		http_reply_problem(call, PROBLEM_TENANT_TOO_DEEP, NULL);
	if (status != STORE_OK || upper.level >= TENANT_LEVELS)
		return false;
	row->level = upper.level + 1;
	snprintf(row->parent, sizeof row->parent, "%s", parent);
	return true;
}

/* Only the operator knows whom it trusts. */
static bool may_vouch(struct http_call *call, const struct request *request)
{
	if (!request->vouched || call->caller.role == ROLE_OPERATOR)
		return true;
	http_reply_field(call, PROBLEM_PERMISSION_MISSING, "/vouched", "not_allowed");
	return false;
}

void api_tenants_create(struct http_call *call)
{
	struct request request = {.name = NULL};
	struct tenant_row row = {.version = 1, .created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_TENANT, row.id) ||
	    !may_vouch(call, &request) || !place(call, &request, &row))
		return;
	snprintf(row.name, sizeof row.name, "%s", request.name);
	row.vouched = request.vouched;
	enum store_status status = store_tenants_add(call->db, &row);
	if (status == STORE_OK)
		status = act_audit(call, row.id, "tenant.created", row.id,
				   row.vouched ? "vouched" : "");
	if (status == STORE_CONFLICT)
		http_reply_field(call, PROBLEM_TENANT_EXISTS, "/name", "not_allowed");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		http_reply_version(call, 201, row.version, render(&row));
}

void api_tenants_get(struct http_call *call)
{
	struct tenant_row row;
	enum store_status status = act_may_reach(call, call->param);

	if (status == STORE_OK)
		status = store_tenants_get(call->db, call->param, &row);
	if (status == STORE_OK)
		http_reply_version(call, 200, row.version, render(&row));
	else
		http_reply_store(call, status);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	const char *upper = call->caller.role == ROLE_OPERATOR ? "" : call->caller.tenant;

	return store_tenants_list(call->db, upper, page->after, page->limit, rows_out, n_out);
}

static json_t *render_row(const struct http_call *call, const void *row)
{
	(void)call;
	return render(row);
}

void api_tenants_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct tenant_row), load, render_row};

	api_list_reply(call, &list);
}
