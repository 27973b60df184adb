/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about businesses. */
#include "svc/registry/store/businesses.h"

#include "svc/registry/store/reviews.h"
#include "svc/registry/store/rows.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"serial, id, tenant, name, country, website, state, findings, version, created_at,"        \
	" updated_at, expires_at"

static void bind_fields(struct db_query *query, const struct business_row *row)
{
	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":name", row->name);
	db_bind_text(query, ":country", row->country);
	rows_bind_text(query, ":website", row->website);
	db_bind_text(query, ":state", business_state_names[row->state]);
	db_bind_int(query, ":version", row->version);
	db_bind_int(query, ":now", row->updated_ms);
}

enum store_status store_businesses_add(struct db *db, const struct business_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO businesses (id, tenant, name, country, website, state, version,"
		    " created_at, updated_at) VALUES (:id, :tenant, :name, :country, :website,"
		    " :state, :version, :now, :now)");

	bind_fields(query, row);
	return db_run(query);
}

static void read_row(struct db_query *query, void *magic)
{
	struct business_row *row = magic;

	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->name, sizeof row->name);
	db_text(query, 4, row->country, sizeof row->country);
	db_text(query, 5, row->website, sizeof row->website);
	row->state =
		(enum business_state)rows_name(query, 6, business_state_names, BUSINESS_SUSPENDED);
	db_text(query, 7, row->findings, sizeof row->findings);
	row->version = db_int(query, 8);
	row->created_ms = db_int(query, 9);
	row->updated_ms = db_int(query, 10);
	row->expires_ms = db_int(query, 11);
}

enum store_status store_businesses_get(struct db *db, const char *tenant, const char *id,
				       struct business_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS " FROM businesses WHERE id = :id"
					      " AND (tenant = :tenant OR :tenant = '')");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	return rows_one(query, read_row, row_out);
}

enum store_status store_businesses_list(struct db *db, const char *tenant, int64_t after,
					size_t limit, struct business_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM businesses WHERE tenant = :tenant"
			     " AND serial > :after ORDER BY serial LIMIT :limit");

	db_bind_text(query, ":tenant", tenant);
	rows_bind_page(query, after, limit);
	return rows_all(query, read_row, sizeof *rows_out, limit, rows_out, n_out);
}

enum store_status store_businesses_put(struct db *db, struct business_row *row)
{
	int64_t place;
	enum store_status status =
		store_reviews_place(db, review_business_waits(row->state), &place);

	if (status != STORE_OK)
		return status;
	struct db_query *query = db_query(
		db, "UPDATE businesses SET name = :name, country = :country, website = :website,"
		    " state = :state, findings = :findings, expires_at = :expires,"
		    " review = " REVIEWS_PLACE ","
		    " updated_at = :now, version = version + 1"
		    " WHERE id = :id AND tenant = :tenant AND version = :version");

	bind_fields(query, row);
	rows_bind_text(query, ":findings", row->findings);
	rows_bind_time(query, ":expires", row->expires_ms);
	db_bind_int(query, ":place", place);
	status = db_run(query);
	row->version += status == STORE_OK;
	return status;
}
