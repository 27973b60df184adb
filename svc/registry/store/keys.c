/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about keys. */
#include "svc/registry/store/keys.h"

#include "svc/registry/store/rows.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"k.serial, k.id, k.tenant, k.user_id, k.kind, k.hash, k.role, k.permissions, k.label,"     \
	" k.callee, k.created_at, k.expires_at, k.revoked_at, k.successor, t.vouched, u.role,"     \
	" u.state"
#define FROM " FROM keys k JOIN tenants t ON t.id = k.tenant LEFT JOIN users u ON u.id = k.user_id"

const char *const key_kind_names[KEY_KINDS + 1] = {
	[KEY_SECRET] = "secret", [KEY_CERTIFICATE] = "certificate"};

enum store_status store_keys_add(struct db *db, const struct key_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO keys (id, tenant, user_id, kind, hash, role, permissions, label,"
		    " callee, created_at, expires_at) VALUES (:id, :tenant, :user, :kind, :hash,"
		    " :role, :permissions, :label, :callee, :now, :expires)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	rows_bind_text(query, ":user", row->user);
	db_bind_text(query, ":kind", key_kind_names[row->kind]);
	db_bind_blob(query, ":hash", row->hash, KEY_HASH);
	db_bind_text(query, ":role", role_names[row->role]);
	db_bind_int(query, ":permissions", (int64_t)row->permissions);
	rows_bind_text(query, ":label", row->label);
	if (row->has_callee)
		db_bind_blob(query, ":callee", row->callee, PAIRTAG_SIZE);
	else
		db_bind_null(query, ":callee");
	db_bind_int(query, ":now", row->created_ms);
	rows_bind_time(query, ":expires", row->expires_ms);
	return db_run(query);
}

/* A key of a user does what its user may, whatever it was made with: a user whose role was lowered
 * or who was disabled while the key was made is no gap. A role that this program does not know may
 * do nothing. */
static void bind_to_user(struct db_query *query, struct key_row *row)
{
	enum role user;

	if (row->user[0] == 0)
		return;
	if (!role_find(db_text_borrow(query, 15), &user)) {
		row->permissions = 0;
		return;
	}
	row->permissions &= role_permissions(user);
	if (!role_is_within(row->role, user))
		row->role = user;
	if (strcmp(db_text_borrow(query, 16), "active") != 0 && row->revoked_ms == 0)
		row->revoked_ms = row->created_ms + 1;
}

static void read_row(struct db_query *query, void *magic)
{
	struct key_row *row = magic;

	memset(row, 0, sizeof *row);
	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->user, sizeof row->user);
	row->kind = strcmp(db_text_borrow(query, 4), key_kind_names[KEY_SECRET]) == 0
			    ? KEY_SECRET
			    : KEY_CERTIFICATE;
	(void)rows_bytes(query, 5, row->hash, KEY_HASH);
	/* a role that this program does not know may do nothing */
	if (role_find(db_text_borrow(query, 6), &row->role))
		row->permissions = (uint64_t)db_int(query, 7) & role_permissions(row->role);
	else
		row->role = ROLE_SUPPORT;
	db_text(query, 8, row->label, sizeof row->label);
	row->has_callee = rows_bytes(query, 9, row->callee, PAIRTAG_SIZE);
	row->created_ms = db_int(query, 10);
	row->expires_ms = db_int(query, 11);
	row->revoked_ms = db_int(query, 12);
	db_text(query, 13, row->successor, sizeof row->successor);
	row->vouched = db_int(query, 14) != 0;
	bind_to_user(query, row);
}

enum store_status store_keys_by_hash(struct db *db, const uint8_t hash[KEY_HASH],
				     struct key_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS FROM " WHERE k.hash = :hash");

	db_bind_blob(query, ":hash", hash, KEY_HASH);
	return rows_one(query, read_row, row_out);
}

enum store_status store_keys_get(struct db *db, const char *id, struct key_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS FROM " WHERE k.id = :id");

	db_bind_text(query, ":id", id);
	return rows_one(query, read_row, row_out);
}

enum store_status store_keys_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				  struct key_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS FROM " WHERE k.tenant = :tenant"
			     " AND k.serial > :after ORDER BY k.serial LIMIT :limit");

	db_bind_text(query, ":tenant", tenant);
	rows_bind_page(query, after, limit);
	return rows_all(query, read_row, sizeof *rows_out, limit, rows_out, n_out);
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
