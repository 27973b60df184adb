/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about users. */
#include "svc/registry/store/users.h"

#include "svc/registry/store/rows.h"

#include <string.h>

#define COLUMNS "serial, id, tenant, name, role, state, version, created_at"

enum store_status store_users_add(struct db *db, const struct user_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO users (id, tenant, name, role, state, version, created_at)"
		    " VALUES (:id, :tenant, :name, :role, 'active', :version, :now)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":name", row->name);
	db_bind_text(query, ":role", role_names[row->role]);
	db_bind_int(query, ":version", row->version);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

/* A role that this program does not know may do nothing: SUPPORT reads least of all. */
static void read_row(struct db_query *query, void *magic)
{
	struct user_row *row = magic;

	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->name, sizeof row->name);
	if (!role_find(db_text_borrow(query, 4), &row->role))
		row->role = ROLE_SUPPORT;
	row->disabled = strcmp(db_text_borrow(query, 5), "active") != 0;
	row->version = db_int(query, 6);
	row->created_ms = db_int(query, 7);
}

enum store_status store_users_get(struct db *db, const char *id, struct user_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS " FROM users WHERE id = :id");

	db_bind_text(query, ":id", id);
	return rows_one(query, read_row, row_out);
}

enum store_status store_users_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				   struct user_row *rows_out, size_t *n_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS " FROM users WHERE tenant = :tenant"
					      " AND serial > :after ORDER BY serial LIMIT :limit");

	db_bind_text(query, ":tenant", tenant);
	rows_bind_page(query, after, limit);
	return rows_all(query, read_row, sizeof *rows_out, limit, rows_out, n_out);
}

static enum store_status end_keys(struct db *db, const struct user_row *row, enum role role,
				  int64_t now_ms)
{
	struct db_query *query =
		db_query(db, "UPDATE keys SET revoked_at = :now WHERE user_id = :id"
			     " AND tenant = :tenant AND role = :role AND revoked_at IS NULL");

	db_bind_int(query, ":now", now_ms);
	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":role", role_names[role]);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_users_put(struct db *db, struct user_row *row, int64_t now_ms)
{
	struct db_query *query =
		db_query(db, "UPDATE users SET name = :name, role = :role, version = version + 1"
			     " WHERE id = :id AND tenant = :tenant AND version = :version"
			     " AND state = 'active'");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":name", row->name);
	db_bind_text(query, ":role", role_names[row->role]);
	db_bind_int(query, ":version", row->version);
	enum store_status status = db_run(query);
	row->version += status == STORE_OK;
	for (size_t i = 0; status == STORE_OK && i < ROLES; i++) {
		if (!role_is_within((enum role)i, row->role))
			status = end_keys(db, row, (enum role)i, now_ms);
	}
	return status;
}

enum store_status store_users_disable(struct db *db, const char *tenant, const char *id,
				      int64_t now_ms)
{
	struct db_query *query =
		db_query(db, "UPDATE users SET state = 'disabled', version = version + 1"
			     " WHERE id = :id AND tenant = :tenant AND state = 'active'");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	enum store_status status = db_run(query);
	if (status != STORE_OK)
		return status;
	query = db_query(db, "UPDATE keys SET revoked_at = :now WHERE user_id = :id"
			     " AND tenant = :tenant AND revoked_at IS NULL");
	db_bind_int(query, ":now", now_ms);
	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}
