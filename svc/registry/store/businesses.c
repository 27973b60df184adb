/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about businesses. */
#include "svc/registry/store/businesses.h"

#include <stdio.h>

enum store_status store_businesses_add(struct db *db, const struct business_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO businesses (id, tenant, name, country, website, created_at)"
		    " VALUES (:id, :tenant, :name, :country, :website, :now)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":name", row->name);
	db_bind_text(query, ":country", row->country);
	db_bind_text(query, ":website", row->website[0] != 0 ? row->website : NULL);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

static void read_row(struct db_query *query, const char *tenant, struct business_row *row)
{
	db_text(query, 0, row->id, sizeof row->id);
	snprintf(row->tenant, sizeof row->tenant, "%s", tenant);
	db_text(query, 1, row->name, sizeof row->name);
	db_text(query, 2, row->country, sizeof row->country);
	db_text(query, 3, row->website, sizeof row->website);
	row->created_ms = db_int(query, 4);
}

enum store_status store_businesses_get(struct db *db, const char *tenant, const char *id,
				       struct business_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT id, name, country, website, created_at FROM businesses"
			     " WHERE id = :id AND tenant = :tenant");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	enum store_status status = db_step(query);
	if (status == STORE_OK)
		read_row(query, tenant, row_out);
	db_done(query);
	return status;
}

enum store_status store_businesses_list(struct db *db, const struct business_page *page,
					struct business_row *rows_out, size_t *n_out)
{
	struct db_query *query = db_query(
		db, "SELECT id, name, country, website, created_at FROM businesses"
		    " WHERE tenant = :tenant AND number > CASE :after WHEN '' THEN 0 ELSE"
		    "  (SELECT number FROM businesses WHERE id = :after AND tenant = :tenant) END"
		    " ORDER BY number LIMIT :limit");
	enum store_status status;
	size_t n = 0;

	db_bind_text(query, ":tenant", page->tenant);
	db_bind_text(query, ":after", page->after);
	db_bind_int(query, ":limit", (int64_t)page->limit);
	while ((status = db_step(query)) == STORE_OK && n < page->limit)
		read_row(query, page->tenant, &rows_out[n++]);
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}
