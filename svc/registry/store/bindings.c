/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about bindings, for their owners. */
#include "svc/registry/store/bindings.h"

#include "svc/registry/store/block_bind.h"
#include "svc/registry/store/events.h"
#include "svc/registry/store/rows.h"

#include <string.h>

#define OF_CLAIM_MAX 1200 /* that one claim can hold: 1000 numbers, 111 blocks */

#define FIND                                                                                       \
	"SELECT serial, id, tenant, claim, number, brand, strict, state, version, created_at,"     \
	" updated_at FROM bindings WHERE "
#define SELECT FIND "tenant = :tenant"

static void bind_fields(struct db_query *query, const struct binding_row *row)
{
	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":brand", row->brand);
	db_bind_int(query, ":strict", row->strict);
	db_bind_text(query, ":state", row->suspended ? "suspended" : "active");
	db_bind_int(query, ":version", row->version);
	db_bind_int(query, ":now", row->updated_ms);
}

enum store_status store_bindings_add(struct db *db, const struct binding_row *row)
{
	struct db_query *query = db_query(
		db,
		"INSERT INTO bindings (id, tenant, claim, number, brand, strict, state, version,"
		" created_at, updated_at) VALUES (:id, :tenant, :claim, :number, :brand,"
		" :strict, :state, :version, :now, :now) ON CONFLICT (number) DO NOTHING");

	bind_fields(query, row);
	db_bind_text(query, ":claim", row->claim);
	db_bind_text(query, ":number", row->number);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_CONFLICT : status;
}

static void read_row(struct db_query *query, void *magic)
{
	struct binding_row *row = magic;

	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->claim, sizeof row->claim);
	db_text(query, 4, row->number, sizeof row->number);
	db_text(query, 5, row->brand, sizeof row->brand);
	row->strict = db_int(query, 6) != 0;
	row->suspended = strcmp(db_text_borrow(query, 7), "active") != 0;
	row->version = db_int(query, 8);
	row->created_ms = db_int(query, 9);
	row->updated_ms = db_int(query, 10);
}

enum store_status store_bindings_get(struct db *db, const char *tenant, const char *id,
				     struct binding_row *row_out)
{
	struct db_query *query = db_query(db, SELECT " AND id = :id");

	db_bind_text(query, ":tenant", tenant);
	db_bind_text(query, ":id", id);
	return rows_one(query, read_row, row_out);
}

enum store_status store_bindings_find(struct db *db, const char *tenant, const char *number,
				      struct binding_row *row_out)
{
	struct db_query *query = db_query(db, FIND "number IN " BLOCK_IN BLOCK_TENANT);
	struct block keys[BLOCK_KEYS];
	struct binding_row row;
	enum store_status status;
	int64_t best = 0;

	db_bind_text(query, ":tenant", tenant);
	block_bind(query, number, keys);
	while ((status = db_step(query)) == STORE_OK) {
		read_row(query, &row);
		if (best != 0 && block_size(row.number) > best)
			continue;
		*row_out = row;
		best = block_size(row.number);
	}
	db_done(query);
	if (status != STORE_NONE)
		return status;
	return best != 0 ? STORE_OK : STORE_NONE;
}

static enum store_status list_all(struct db *db, const struct binding_filter *filter,
				  struct binding_row *rows_out, size_t *n_out)
{
	struct db_query *query = db_query(db, SELECT ROWS_PAGE);

	db_bind_text(query, ":tenant", filter->tenant);
	rows_bind_page(query, filter->after, filter->limit);
	return rows_all(query, read_row, sizeof *rows_out, filter->limit, rows_out, n_out);
}

/* A statement of its own: with "or all brands" in it no index of brands would serve. */
enum store_status store_bindings_list(struct db *db, const struct binding_filter *filter,
				      struct binding_row *rows_out, size_t *n_out)
{
	if (filter->brand[0] == 0)
		return list_all(db, filter, rows_out, n_out);
	struct db_query *query = db_query(db, SELECT " AND brand = :brand" ROWS_PAGE);
	db_bind_text(query, ":tenant", filter->tenant);
	db_bind_text(query, ":brand", filter->brand);
	rows_bind_page(query, filter->after, filter->limit);
	return rows_all(query, read_row, sizeof *rows_out, filter->limit, rows_out, n_out);
}

enum store_status store_bindings_put(struct db *db, struct binding_row *row)
{
	struct db_query *query =
		db_query(db, "UPDATE bindings SET brand = :brand, strict = :strict, state = :state,"
			     " updated_at = :now, version = version + 1"
			     " WHERE id = :id AND tenant = :tenant AND version = :version");

	bind_fields(query, row);
	enum store_status status = db_run(query);
	row->version += status == STORE_OK;
	return status;
}

enum store_status store_bindings_remove(struct db *db, const char *tenant, const char *id)
{
	struct db_query *query =
		db_query(db, "DELETE FROM bindings WHERE id = :id AND tenant = :tenant");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	return db_run(query);
}

static void read_number(struct db_query *query, void *magic)
{
	struct block *number = magic;

	db_text(query, 0, number->text, sizeof number->text);
}

enum store_status store_bindings_drop(struct db *db, const char *tenant, const char *claim,
				      int64_t now_ms)
{
	struct block numbers[OF_CLAIM_MAX];
	size_t n = 0;
	struct db_query *query = db_query(db, "SELECT number FROM bindings WHERE tenant = :tenant"
					      " AND claim = :claim ORDER BY serial LIMIT :limit");

	db_bind_text(query, ":tenant", tenant);
	db_bind_text(query, ":claim", claim);
	db_bind_int(query, ":limit", OF_CLAIM_MAX);
	enum store_status status =
		rows_all(query, read_number, sizeof numbers[0], OF_CLAIM_MAX, numbers, &n);
	if (status != STORE_OK || n == 0)
		return status;
	query = db_query(db, "DELETE FROM bindings WHERE tenant = :tenant AND claim = :claim");
	db_bind_text(query, ":tenant", tenant);
	db_bind_text(query, ":claim", claim);
	status = db_run(query);
	return status == STORE_OK ? store_directory_changed_all(db, numbers, n, now_ms) : status;
}
