/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about keys. */
#include "svc/registry/store/keys.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"k.serial, k.id, k.tenant, k.user_id, k.kind, k.hash, k.role, k.permissions, k.label,"     \
	" k.callee, k.created_at, k.expires_at, k.revoked_at, k.successor, t.vouched"
#define FROM " FROM keys k JOIN tenants t ON t.id = k.tenant"

const char *const key_kind_names[KEY_KINDS + 1] = {
	[KEY_SECRET] = "secret", [KEY_CERTIFICATE] = "certificate"};

static void bind_optional_int(struct db_query *query, const char *name, int64_t value)
{
	if (value != 0)
		db_bind_int(query, name, value);
	else
		db_bind_null(query, name);
}

enum store_status store_keys_add(struct db *db, const struct key_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO keys (id, tenant, user_id, kind, hash, role, permissions, label,"
		    " callee, created_at, expires_at) VALUES (:id, :tenant, :user, :kind, :hash,"
		    " :role, :permissions, :label, :callee, :now, :expires)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":user", row->user[0] != 0 ? row->user : NULL);
	db_bind_text(query, ":kind", key_kind_names[row->kind]);
	db_bind_blob(query, ":hash", row->hash, KEY_HASH);
	db_bind_text(query, ":role", role_names[row->role]);
	db_bind_int(query, ":permissions", (int64_t)row->permissions);
	db_bind_text(query, ":label", row->label[0] != 0 ? row->label : NULL);
	if (row->has_callee)
		db_bind_blob(query, ":callee", row->callee, PAIRTAG_SIZE);
	else
		db_bind_null(query, ":callee");
	db_bind_int(query, ":now", row->created_ms);
	bind_optional_int(query, ":expires", row->expires_ms);
	return db_run(query);
}

static bool read_bytes(struct db_query *query, int column, uint8_t bytes_out[32])
{
	size_t len;
	const void *bytes = db_blob(query, column, &len);

	if (bytes == NULL || len != 32)
		return false;
	memcpy(bytes_out, bytes, 32);
	return true;
}

static void read_row(struct db_query *query, struct key_row *row)
{
	memset(row, 0, sizeof *row);
	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->user, sizeof row->user);
	row->kind = strcmp(db_text_borrow(query, 4), key_kind_names[KEY_SECRET]) == 0
			    ? KEY_SECRET
			    : KEY_CERTIFICATE;
	(void)read_bytes(query, 5, row->hash);
	/* a role that this program does not know may do nothing */
	if (role_find(db_text_borrow(query, 6), &row->role))
		row->permissions = (uint64_t)db_int(query, 7) & role_permissions(row->role);
	else
		row->role = ROLE_SUPPORT;
	db_text(query, 8, row->label, sizeof row->label);
	row->has_callee = read_bytes(query, 9, row->callee);
	row->created_ms = db_int(query, 10);
	row->expires_ms = db_int(query, 11);
	row->revoked_ms = db_int(query, 12);
	db_text(query, 13, row->successor, sizeof row->successor);
	row->vouched = db_int(query, 14) != 0;
}

static enum store_status read_one(struct db_query *query, struct key_row *row_out)
{
	enum store_status status = db_step(query);

	if (status == STORE_OK)
		read_row(query, row_out);
	db_done(query);
	return status;
}

enum store_status store_keys_by_hash(struct db *db, const uint8_t hash[KEY_HASH],
				     struct key_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS FROM " WHERE k.hash = :hash");

	db_bind_blob(query, ":hash", hash, KEY_HASH);
	return read_one(query, row_out);
}

enum store_status store_keys_get(struct db *db, const char *id, struct key_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS FROM " WHERE k.id = :id");

	db_bind_text(query, ":id", id);
	return read_one(query, row_out);
}

enum store_status store_keys_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				  struct key_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS FROM " WHERE k.tenant = :tenant"
			     " AND k.serial > :after ORDER BY k.serial LIMIT :limit");
	enum store_status status;
	size_t n = 0;

	db_bind_text(query, ":tenant", tenant);
	db_bind_int(query, ":after", after);
	db_bind_int(query, ":limit", (int64_t)limit);
	while ((status = db_step(query)) == STORE_OK && n < limit)
		read_row(query, &rows_out[n++]);
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_keys_revoke(struct db *db, const char *tenant, const char *id,
				    int64_t now_ms)
{
	struct db_query *query = db_query(db, "UPDATE keys SET revoked_at = :now WHERE id = :id"
					      " AND tenant = :tenant AND revoked_at IS NULL");

	db_bind_int(query, ":now", now_ms);
	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	return db_run(query);
}

enum store_status store_keys_rotate(struct db *db, const struct key_row *row)
{
	struct db_query *query =
		db_query(db, "UPDATE keys SET expires_at = :expires, successor = :successor"
			     " WHERE id = :id AND tenant = :tenant AND revoked_at IS NULL"
			     " AND successor IS NULL"
			     " AND (expires_at IS NULL OR expires_at > :expires)");

	db_bind_int(query, ":expires", row->expires_ms);
	db_bind_text(query, ":successor", row->successor);
	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	return db_run(query);
}
