/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about reasons. */
#include "svc/registry/store/reasons.h"

#include "svc/registry/store/rows.h"

#include <string.h>

#define COLUMNS "serial, id, tenant, brand, code, text, lang, state, version, created_at"

enum store_status store_reasons_add(struct db *db, const struct reason_row *row)
{
	struct db_query *query = db_query(
		db,
		"INSERT INTO reasons (id, tenant, brand, code, text, lang, state, version,"
		" created_at) SELECT :id, r.tenant, r.id, :code, :text, :lang, 'active', :version,"
		" :now FROM brands r WHERE r.id = :brand AND r.tenant = :tenant");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":brand", row->brand);
	db_bind_text(query, ":code", row->code);
	db_bind_text(query, ":text", row->text);
	db_bind_text(query, ":lang", row->lang);
	db_bind_int(query, ":version", row->version);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

static void read_row(struct db_query *query, void *magic)
{
	struct reason_row *row = magic;

	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->brand, sizeof row->brand);
	db_text(query, 4, row->code, sizeof row->code);
	db_text(query, 5, row->text, sizeof row->text);
	db_text(query, 6, row->lang, sizeof row->lang);
	row->retired = strcmp(db_text_borrow(query, 7), "active") != 0;
	row->version = db_int(query, 8);
	row->created_ms = db_int(query, 9);
}

enum store_status store_reasons_get(struct db *db, const char *tenant, const char *id,
				    struct reason_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM reasons WHERE id = :id AND tenant = :tenant");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	return rows_one(query, read_row, row_out);
}

enum store_status store_reasons_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				     struct reason_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM reasons WHERE tenant = :tenant"
			     " AND serial > :after ORDER BY serial LIMIT :limit");

	db_bind_text(query, ":tenant", tenant);
	rows_bind_page(query, after, limit);
	return rows_all(query, read_row, sizeof *rows_out, limit, rows_out, n_out);
}

enum store_status store_reasons_retire(struct db *db, const char *tenant, const char *id)
{
	struct db_query *query =
		db_query(db, "UPDATE reasons SET state = 'retired', version = version + 1"
			     " WHERE id = :id AND tenant = :tenant AND state = 'active'");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	return db_run(query);
}
