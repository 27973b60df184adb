/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about brands. */
#include "svc/registry/store/brands.h"

#include "svc/registry/store/events.h"
#include "svc/registry/store/rows.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"serial, id, tenant, business, live, latest, state, version, created_at,"                  \
	" updated_at"

const char *const brand_state_names[BRAND_STATES + 1] = {
	[BRAND_NEW] = "new",
	[BRAND_LIVE] = "live",
	[BRAND_SUSPENDED] = "suspended",
};

static void bind_fields(struct db_query *query, const struct brand_row *row)
{
	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	rows_bind_time(query, ":live", row->live);
	db_bind_int(query, ":latest", row->latest);
	db_bind_text(query, ":state", brand_state_names[row->state]);
	db_bind_int(query, ":version", row->version);
	db_bind_int(query, ":now", row->updated_ms);
}

enum store_status store_brands_add(struct db *db, const struct brand_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO brands (id, tenant, business, live, latest, state, version,"
		    " created_at, updated_at) VALUES (:id, :tenant, :business, :live, :latest,"
		    " :state, :version, :now, :now)");

	bind_fields(query, row);
	db_bind_text(query, ":business", row->business);
	return db_run(query);
}

static void read_row(struct db_query *query, void *magic)
{
	struct brand_row *row = magic;

	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->business, sizeof row->business);
	row->live = db_int(query, 4);
	row->latest = db_int(query, 5);
	row->state = (enum brand_state)rows_name(query, 6, brand_state_names, BRAND_SUSPENDED);
	row->version = db_int(query, 7);
	row->created_ms = db_int(query, 8);
	row->updated_ms = db_int(query, 9);
}

enum store_status store_brands_get(struct db *db, const char *tenant, const char *id,
				   struct brand_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS " FROM brands WHERE id = :id"
					      " AND (tenant = :tenant OR :tenant = '')");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	return rows_one(query, read_row, row_out);
}

enum store_status store_brands_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				    struct brand_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM brands WHERE tenant = :tenant"
			     " AND serial > :after ORDER BY serial LIMIT :limit");

	db_bind_text(query, ":tenant", tenant);
	rows_bind_page(query, after, limit);
	return rows_all(query, read_row, sizeof *rows_out, limit, rows_out, n_out);
}

enum store_status store_brands_put(struct db *db, struct brand_row *row)
{
	struct db_query *query =
		db_query(db, "UPDATE brands SET live = :live, latest = :latest, state = :state,"
			     " updated_at = :now, version = version + 1"
			     " WHERE id = :id AND tenant = :tenant AND version = :version");

	bind_fields(query, row);
	enum store_status status = db_run(query);
	row->version += status == STORE_OK;
	return status;
}

enum store_status store_brands_lock(struct db *db, const struct brand_row *row)
{
	struct db_query *query = db_query(db, "UPDATE brands SET updated_at = updated_at"
					      " WHERE id = :id AND tenant = :tenant");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	return db_run(query);
}

enum store_status store_brands_lock_all(struct db *db, const struct business_row *business)
{
	struct db_query *query = db_query(db, "UPDATE brands SET updated_at = updated_at"
					      " WHERE business = :business AND tenant = :tenant");

	db_bind_text(query, ":business", business->id);
	db_bind_text(query, ":tenant", business->tenant);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_brands_next(struct db *db, const struct business_row *business,
				    int64_t after, struct brand_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM brands WHERE business = :business"
			     " AND tenant = :tenant AND serial > :after ORDER BY serial LIMIT 1");

	db_bind_text(query, ":business", business->id);
	db_bind_text(query, ":tenant", business->tenant);
	db_bind_int(query, ":after", after);
	return rows_one(query, read_row, row_out);
}

enum store_status
store_brands_of_business_changed(struct db *db, const struct business_row *business, int64_t now_ms)
{
	struct brand_row brand = {.serial = 0};
	enum store_status status;

	/* ends: the transaction sees so many brands and no more */
	while ((status = store_brands_next(db, business, brand.serial, &brand)) == STORE_OK) {
		status = store_directory_changed(db, brand.id, now_ms);
		if (status != STORE_OK)
			return status;
	}
	return status == STORE_NONE ? STORE_OK : status;
}
