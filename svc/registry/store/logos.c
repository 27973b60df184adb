/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about logos. */
#include "svc/registry/store/logos.h"

#include "svc/registry/store/rows.h"

static enum store_status add_owner(struct db *db, const struct logo_row *row)
{
	struct db_query *query = db_query(db, "INSERT INTO logo_owners (tenant, sha256)"
					      " VALUES (:tenant, :sha256) ON CONFLICT DO NOTHING");

	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":sha256", row->sha256);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_logos_add(struct db *db, const struct logo_row *row)
{
	struct db_query *query =
		db_query(db, "INSERT INTO logos (sha256, body, created_at)"
			     " VALUES (:sha256, :body, :now) ON CONFLICT DO NOTHING");

	db_bind_text(query, ":sha256", row->sha256);
	db_bind_blob(query, ":body", row->body, row->len);
	db_bind_int(query, ":now", row->created_ms);
	enum store_status status = db_run(query);
	return status == STORE_OK || status == STORE_NONE ? add_owner(db, row) : status;
}

enum store_status store_logos_owned(struct db *db, const char *tenant, const char *sha256)
{
	struct db_query *query = db_query(db, "SELECT 1 FROM logo_owners"
					      " WHERE tenant = :tenant AND sha256 = :sha256");

	db_bind_text(query, ":tenant", tenant);
	db_bind_text(query, ":sha256", sha256);
	return rows_any(query);
}

enum store_status store_logos_public(struct db *db, const char *sha256, void **body_out,
				     size_t *len_out)
{
	struct db_query *query = db_query(db, "SELECT body FROM logos WHERE sha256 = :sha256");

	db_bind_text(query, ":sha256", sha256);
	enum store_status status = db_step(query);
	if (status == STORE_OK)
		status = db_blob_copy(query, 0, body_out, len_out);
	db_done(query);
	return status;
}
