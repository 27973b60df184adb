/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about what is public of a number. */
#include "svc/registry/store/directory.h"

#include "svc/registry/store/block_bind.h"

#define ENTRY                                                                                      \
	"SELECT n.serial, n.number, n.tenant, r.business, n.brand, v.name, v.logo, n.strict"       \
	" FROM bindings n JOIN brands r ON r.id = n.brand AND r.state = 'live'"                    \
	" JOIN brand_versions v ON v.brand = r.id AND v.number = r.live"                           \
	" JOIN businesses s ON s.id = r.business AND s.state = 'approved'"                         \
	" WHERE n.state = 'active'"

static void read_row(struct db_query *query, struct directory_row *row)
{
	row->serial = db_int(query, 0);
	db_text(query, 1, row->number, sizeof row->number);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->business, sizeof row->business);
	db_text(query, 4, row->brand, sizeof row->brand);
	db_text(query, 5, row->name, sizeof row->name);
	db_text(query, 6, row->logo, sizeof row->logo);
	row->strict = db_int(query, 7) != 0;
}

enum store_status store_directory_find(struct db *db, const char *number,
				       struct directory_row *row_out)
{
	struct db_query *query = db_query(db, ENTRY " AND n.number IN " BLOCK_IN);
	struct block keys[BLOCK_KEYS];
	struct directory_row row;
	enum store_status status;
	int64_t size = 0;

	block_bind(query, number, keys);
	while ((status = db_step(query)) == STORE_OK) {
		read_row(query, &row);
		if (size != 0 && block_size(row.number) > size)
			continue;
		*row_out = row;
		size = block_size(row.number);
	}
	db_done(query);
	if (status != STORE_NONE)
		return status;
	return size != 0 ? STORE_OK : STORE_NONE;
}

enum store_status store_directory_knows(struct db *db, const char *business)
{
	struct db_query *query =
		db_query(db, "SELECT 1 FROM businesses WHERE id = :id AND state = 'approved'");

	db_bind_text(query, ":id", business);
	enum store_status status = db_step(query);
	db_done(query);
	return status;
}
