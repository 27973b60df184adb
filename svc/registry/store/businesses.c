/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about businesses. */
#include "svc/registry/store/businesses.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"serial, id, tenant, name, country, website, state, findings, version, created_at,"        \
	" updated_at, expires_at"

static const char *or_null(const char *text)
{
	return text[0] != 0 ? text : NULL;
}

static void bind_fields(struct db_query *query, const struct business_row *row)
{
	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":name", row->name);
	db_bind_text(query, ":country", row->country);
	db_bind_text(query, ":website", or_null(row->website));
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

static enum business_state read_state(const char *name)
{
	for (size_t i = 0; i < BUSINESS_STATES; i++) {
		if (strcmp(business_state_names[i], name) == 0)
			return (enum business_state)i;
	}
	return BUSINESS_SUSPENDED; /* a later program's state: nothing is shown */
}

static void read_row(struct db_query *query, struct business_row *row)
{
	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->name, sizeof row->name);
	db_text(query, 4, row->country, sizeof row->country);
	db_text(query, 5, row->website, sizeof row->website);
	row->state = read_state(db_text_borrow(query, 6));
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
	enum store_status status = db_step(query);
	if (status == STORE_OK)
		read_row(query, row_out);
	db_done(query);
	return status;
}

enum store_status store_businesses_list(struct db *db, const char *tenant, int64_t after,
					size_t limit, struct business_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM businesses WHERE tenant = :tenant"
			     " AND serial > :after ORDER BY serial LIMIT :limit");
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

enum store_status store_businesses_put(struct db *db, struct business_row *row)
{
	struct db_query *query = db_query(
		db, "UPDATE businesses SET name = :name, country = :country, website = :website,"
		    " state = :state, findings = :findings, expires_at = :expires,"
		    " updated_at = :now, version = version + 1"
		    " WHERE id = :id AND tenant = :tenant AND version = :version");

	bind_fields(query, row);
	db_bind_text(query, ":findings", or_null(row->findings));
	if (row->expires_ms != 0)
		db_bind_int(query, ":expires", row->expires_ms);
	else
		db_bind_null(query, ":expires");
	enum store_status status = db_run(query);
	row->version += status == STORE_OK;
	return status;
}
