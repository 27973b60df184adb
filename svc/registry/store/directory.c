/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about what is public of a number. */
#include "svc/registry/store/directory.h"

#include <stdio.h>

#include "svc/registry/store/block_bind.h"
#include "svc/registry/store/rows.h"

/* A binding, whether it is public or not, which the last column tells. SQLite keeps to the order of
 * a LEFT JOIN; by what it has counted of a small table it would begin with all brands. */
#define ANY(bindings)                                                                              \
	"SELECT n.serial, n.number, n.tenant, r.business, n.brand, v.name, v.logo, n.strict,"      \
	" CASE WHEN n.state = 'active' AND r.state = 'live' AND s.state = 'approved'"              \
	" AND v.name IS NOT NULL THEN 0 ELSE 1 END"                                                \
	" FROM " bindings " AS n LEFT JOIN brands r ON r.id = n.brand"                             \
	" LEFT JOIN brand_versions v ON v.brand = r.id AND v.number = r.live"                      \
	" LEFT JOIN businesses s ON s.id = r.business"

/* Bindings are chosen before they are joined, and their number is no parameter: a plan for any
 * number would read whole tables for each page. */
#define PAGE_OF(where)                                                                             \
	ANY("(SELECT * FROM bindings WHERE " where "serial > :after ORDER BY serial LIMIT 100)")   \
	" ORDER BY n.serial"
_Static_assert(DIRECTORY_PAGE == 100, "stands in the text");

static void read_row(struct db_query *query, void *magic)
{
	struct directory_row *row = magic;

	row->serial = db_int(query, 0);
	db_text(query, 1, row->number, sizeof row->number);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->business, sizeof row->business);
	db_text(query, 4, row->brand, sizeof row->brand);
	db_text(query, 5, row->name, sizeof row->name);
	db_text(query, 6, row->logo, sizeof row->logo);
	row->strict = db_int(query, 7) != 0;
	row->gone = db_int(query, 8) != 0;
}

/* The narrowest decides, whatever its state: a number that its owner took out of sight must not
 * show the brand of the block around it. */
enum store_status store_directory_find(struct db *db, const char *number,
				       struct directory_row *row_out)
{
	struct db_query *query = db_query(db, ANY("bindings") " WHERE n.number IN " BLOCK_IN);
	struct block keys[BLOCK_KEYS];
	struct directory_row row, narrowest = {.gone = true};
	enum store_status status;
	int64_t size = 0;

	block_bind(query, number, keys);
	while ((status = db_step(query)) == STORE_OK) {
		read_row(query, &row);
		if (size != 0 && block_size(row.number) > size)
			continue;
		narrowest = row;
		size = block_size(row.number);
	}
	db_done(query);
	if (status != STORE_NONE)
		return status;
	if (narrowest.gone)
		return STORE_NONE;
	*row_out = narrowest;
	return STORE_OK;
}

enum store_status store_directory_get(struct db *db, const char *number,
				      struct directory_row *row_out)
{
	struct db_query *query = db_query(db, ANY("bindings") " WHERE n.number = :number");

	*row_out = (struct directory_row){.gone = true};
	snprintf(row_out->number, sizeof row_out->number, "%s", number);
	db_bind_text(query, ":number", number);
	enum store_status status = db_step(query);
	if (status == STORE_OK)
		read_row(query, row_out);
	db_done(query);
	return status == STORE_NONE ? STORE_OK : status;
}

static enum store_status read_page(struct db_query *query, int64_t after,
				   struct directory_row rows_out[DIRECTORY_PAGE], size_t *n_out)
{
	enum store_status status;
	size_t n = 0;

	db_bind_int(query, ":after", after);
	while ((status = db_step(query)) == STORE_OK && n < DIRECTORY_PAGE)
		read_row(query, &rows_out[n++]);
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_directory_page(struct db *db, int64_t after,
				       struct directory_row rows_out[DIRECTORY_PAGE], size_t *n_out)
{
	return read_page(db_query(db, PAGE_OF("")), after, rows_out, n_out);
}

enum store_status store_directory_of_brand(struct db *db, const char *brand, int64_t after,
					   struct directory_row rows_out[DIRECTORY_PAGE],
					   size_t *n_out)
{
	struct db_query *query = db_query(db, PAGE_OF("brand = :brand AND "));

	db_bind_text(query, ":brand", brand);
	return read_page(query, after, rows_out, n_out);
}

enum store_status store_directory_knows(struct db *db, const char *business)
{
	struct db_query *query =
		db_query(db, "SELECT 1 FROM businesses WHERE id = :id AND state = 'approved'");

	db_bind_text(query, ":id", business);
	return rows_any(query);
}
