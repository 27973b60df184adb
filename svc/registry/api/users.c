/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/users */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/users.h"

#include <stdio.h>

struct request {
	const char *name, *tenant;
	int role;
};

static const struct spec_field fields[] = {
	{.name = "name",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, name),
	 .required = true,
	 .check = text_label_check},
	{.name = "role",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, role),
	 .required = true,
	 .choices = role_names},
	{.name = "tenant",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, tenant),
	 .max = ID_MAX},
};
static const struct spec spec = SPEC(fields);

/* A change: what is absent stays. */
static const struct spec_field change_fields[] = {
	{.name = "name",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, name),
	 .check = text_label_check},
	{.name = "role",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, role),
	 .choices = role_names},
};
static const struct spec change_spec = SPEC(change_fields);

static json_t *render(const struct user_row *row)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o}", "id", row->id, "tenant",
			 row->tenant, "name", row->name, "role", role_names[row->role], "state",
			 row->disabled ? "disabled" : "active", "version", (json_int_t)row->version,
			 "created_at", render_time(row->created_ms));
}

void api_users_create(struct http_call *call)
{
	struct request request = {.name = NULL};
	struct user_row row = {.version = 1, .created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_USER, row.id))
		return;
	if (!role_may_grant(call->caller.role, (enum role)request.role)) {
		http_reply_field(call, PROBLEM_ROLE_NOT_GRANTABLE, "/role", "not_allowed");
		return;
	}
	snprintf(row.tenant, sizeof row.tenant, "%s",
		 request.tenant != NULL ? request.tenant : call->caller.tenant);
	snprintf(row.name, sizeof row.name, "%s", request.name);
	row.role = (enum role)request.role;
	enum store_status status = act_may_reach(call, row.tenant);
	if (status == STORE_NONE) {
		http_reply_field(call, PROBLEM_NOT_FOUND, "/tenant", "not_found");
		return;
	}
	if (status == STORE_OK)
		status = store_users_add(call->db, &row);
	if (status == STORE_OK)
		status = act_audit(call, row.tenant, "user.created", row.id, role_names[row.role]);
	if (status == STORE_CONFLICT)
		http_reply_field(call, PROBLEM_USER_EXISTS, "/name", "not_allowed");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		http_reply_version(call, 201, row.version, render(&row));
}

/* The user, if the caller may know of it. */
static enum store_status find(struct http_call *call, struct user_row *row_out)
{
	enum store_status status = store_users_get(call->db, call->param, row_out);

	return status == STORE_OK ? act_may_reach(call, row_out->tenant) : status;
}

void api_users_get(struct http_call *call)
{
	struct user_row row;
	enum store_status status = find(call, &row);

	if (status == STORE_OK)
		http_reply_version(call, 200, row.version, render(&row));
	else
		http_reply_store(call, status);
}

/* Nobody changes whom it could not make, or gives what it may not do itself. */
static bool may_change(const struct http_call *call, enum role from, enum role to)
{
	uint64_t gained = role_permissions(to) & ~role_permissions(from);

	return role_may_grant(call->caller.role, from) && role_may_grant(call->caller.role, to) &&
	       (gained & ~call->caller.permissions) == 0;
}

static void put(struct http_call *call, struct user_row *row)
{
	enum store_status status = store_users_put(call->db, row, http_now_ms(call));

	if (status == STORE_OK)
		status = act_audit(call, row->tenant, "user.changed", row->id,
				   role_names[row->role]);
	call->after |= AFTER_KEYS;
	if (status == STORE_CONFLICT)
		http_reply_field(call, PROBLEM_USER_EXISTS, "/name", "not_allowed");
	else if (status != STORE_OK)
		http_reply_store(call, status == STORE_NONE ? STORE_BUSY : status);
	else
		http_reply_version(call, 200, row->version, render(row));
}

void api_users_update(struct http_call *call)
{
	struct user_row row;
	enum store_status status = find(call, &row);

	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	struct request request = {.role = (int)row.role};
	if (!http_matches(call, row.version) || !http_read(call, &change_spec, &request))
		return;
	if (!may_change(call, row.role, (enum role)request.role)) {
		http_reply_field(call, PROBLEM_ROLE_NOT_GRANTABLE, "/role", "not_allowed");
		return;
	}
	if (row.disabled) {
		http_reply_problem(call, PROBLEM_STATE_CONFLICT, NULL);
		return;
	}
	row.role = (enum role)request.role;
	if (request.name != NULL)
		snprintf(row.name, sizeof row.name, "%s", request.name);
	put(call, &row);
}

void api_users_delete(struct http_call *call)
{
	struct user_row row;
	enum store_status status = find(call, &row);

	if (status == STORE_OK)
		status = store_users_disable(call->db, row.tenant, row.id, http_now_ms(call));
	if (status == STORE_OK)
		status = act_audit(call, row.tenant, "user.disabled", row.id, "");
	call->after |= AFTER_KEYS;
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	return store_users_list(call->db, call->caller.tenant, page->after, page->limit, rows_out,
				n_out);
}

static json_t *render_row(const struct http_call *call, const void *row)
{
	(void)call;
	return render(row);
}

void api_users_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct user_row), load, render_row};

	api_list_reply(call, &list);
}
