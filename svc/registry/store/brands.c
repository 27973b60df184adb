/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about brands and logos. */
#include "svc/registry/store/brands.h"

enum store_status store_brands_add(struct db *db, const struct brand_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO brands (id, tenant, business, name, version, logo, created_at)"
		    " SELECT :id, b.tenant, b.id, :name, :version, :logo, :now"
		    " FROM businesses b WHERE b.id = :business AND b.tenant = :tenant");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":business", row->business);
	db_bind_text(query, ":name", row->name);
	db_bind_int(query, ":version", row->version);
	db_bind_text(query, ":logo", row->logo[0] != 0 ? row->logo : NULL);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

enum store_status store_brands_get(struct db *db, const char *tenant, const char *id,
				   struct brand_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT id, tenant, business, name, logo, version, created_at"
			     " FROM brands WHERE id = :id AND tenant = :tenant");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		db_text(query, 0, row_out->id, sizeof row_out->id);
		db_text(query, 1, row_out->tenant, sizeof row_out->tenant);
		db_text(query, 2, row_out->business, sizeof row_out->business);
		db_text(query, 3, row_out->name, sizeof row_out->name);
		db_text(query, 4, row_out->logo, sizeof row_out->logo);
		row_out->version = db_int(query, 5);
		row_out->created_ms = db_int(query, 6);
	}
	db_done(query);
	return status;
}

static enum store_status add_owner(struct db *db, const struct logo_row *row)
{
	struct db_query *query =
		db_query(db, "INSERT INTO logo_owners (tenant, sha256)"
			     " VALUES (:tenant, :sha256)"
			     " ON CONFLICT DO UPDATE SET sha256 = excluded.sha256");

	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":sha256", row->sha256);
	return db_run(query);
}

enum store_status store_logos_add(struct db *db, const struct logo_row *row)
{
	struct db_query *query =
		db_query(db, "INSERT INTO logos (sha256, body, created_at)"
			     " VALUES (:sha256, :body, :now)"
			     " ON CONFLICT (sha256) DO UPDATE SET sha256 = excluded.sha256");

	db_bind_text(query, ":sha256", row->sha256);
	db_bind_blob(query, ":body", row->body, row->len);
	db_bind_int(query, ":now", row->created_ms);
	enum store_status status = db_run(query);
	return status == STORE_OK ? add_owner(db, row) : status;
}

enum store_status store_logos_owned(struct db *db, const char *tenant, const char *sha256)
{
	struct db_query *query = db_query(db, "SELECT 1 FROM logo_owners"
					      " WHERE tenant = :tenant AND sha256 = :sha256");

	db_bind_text(query, ":tenant", tenant);
	db_bind_text(query, ":sha256", sha256);
	enum store_status status = db_step(query);
	db_done(query);
	return status;
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
