/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about tenants and keys. */
#include "svc/registry/store/tenants.h"

#include <string.h>

enum store_status store_tenants_add(struct db *db, const struct tenant_row *row)
{
	struct db_query *query = db_query(db, "INSERT INTO tenants (id, name, created_at)"
					      " VALUES (:id, :name, :now)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":name", row->name);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

enum store_status store_tenants_by_name(struct db *db, const char *name, struct tenant_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT id, name, created_at FROM tenants WHERE name = :name");

	db_bind_text(query, ":name", name);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		db_text(query, 0, row_out->id, sizeof row_out->id);
		db_text(query, 1, row_out->name, sizeof row_out->name);
		row_out->created_ms = db_int(query, 2);
	}
	db_done(query);
	return status;
}

enum store_status store_keys_add(struct db *db, const struct key_row *row)
{
	struct db_query *query =
		db_query(db, "INSERT INTO keys (id, tenant, hash, scopes, label, created_at)"
			     " SELECT :id, t.id, :hash, :scopes, :label, :now"
			     " FROM tenants t WHERE t.id = :tenant");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_blob(query, ":hash", row->hash, KEY_HASH);
	db_bind_int(query, ":scopes", row->scopes);
	db_bind_text(query, ":label", row->label);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

enum store_status store_keys_by_hash(struct db *db, const uint8_t hash[KEY_HASH],
				     struct key_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT id, tenant, hash, scopes, created_at FROM keys"
			     " WHERE hash = :hash AND revoked_at IS NULL");

	db_bind_blob(query, ":hash", hash, KEY_HASH);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		size_t len;
		const void *found = db_blob(query, 2, &len);
		*row_out = (struct key_row){.scopes = (uint32_t)db_int(query, 3),
					    .created_ms = db_int(query, 4)};
		db_text(query, 0, row_out->id, sizeof row_out->id);
		db_text(query, 1, row_out->tenant, sizeof row_out->tenant);
		if (len == KEY_HASH)
			memcpy(row_out->hash, found, KEY_HASH);
	}
	db_done(query);
	return status;
}

enum store_status store_keys_revoke(struct db *db, const char *id, int64_t now_ms)
{
	struct db_query *query = db_query(db, "UPDATE keys SET revoked_at = :now"
					      " WHERE id = :id AND revoked_at IS NULL");

	db_bind_int(query, ":now", now_ms);
	db_bind_text(query, ":id", id);
	return db_run(query);
}
