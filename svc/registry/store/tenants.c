/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about tenants. */
#include "svc/registry/store/tenants.h"

#include "svc/registry/store/rows.h"

#define COLUMNS "t.serial, t.id, t.parent, t.name, t.level, t.vouched, t.version, t.created_at"

enum store_status store_tenants_add(struct db *db, const struct tenant_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO tenants (id, parent, name, level, vouched, state, version,"
		    " created_at) VALUES (:id, :parent, :name, :level, :vouched, 'active',"
		    " :version, :now)");

	db_bind_text(query, ":id", row->id);
	rows_bind_text(query, ":parent", row->parent);
	db_bind_text(query, ":name", row->name);
	db_bind_int(query, ":level", row->level);
	db_bind_int(query, ":vouched", row->vouched);
	db_bind_int(query, ":version", row->version);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

static void read_row(struct db_query *query, void *magic)
{
	struct tenant_row *row = magic;

	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->parent, sizeof row->parent);
	db_text(query, 3, row->name, sizeof row->name);
	row->level = db_int(query, 4);
	row->vouched = db_int(query, 5) != 0;
	row->version = db_int(query, 6);
	row->created_ms = db_int(query, 7);
}

enum store_status store_tenants_get(struct db *db, const char *id, struct tenant_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS " FROM tenants t WHERE t.id = :id");

	db_bind_text(query, ":id", id);
	return rows_one(query, read_row, row_out);
}

enum store_status store_tenants_by_name(struct db *db, const char *name, struct tenant_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM tenants t WHERE t.name = :name");

	db_bind_text(query, ":name", name);
	return rows_one(query, read_row, row_out);
}

/* Three levels: a tenant, its parent, its parent's parent. */
#define BELOW                                                                                      \
	" LEFT JOIN tenants p ON p.id = t.parent"                                                  \
	" WHERE (t.id = :upper OR t.parent = :upper OR p.parent = :upper"

enum store_status store_tenants_is_below(struct db *db, const char *id, const char *upper)
{
	struct db_query *query = db_query(db, "SELECT 1 FROM tenants t" BELOW ") AND t.id = :id");

	db_bind_text(query, ":upper", upper);
	db_bind_text(query, ":id", id);
	return rows_any(query);
}

enum store_status store_tenants_list(struct db *db, const char *upper, int64_t after, size_t limit,
				     struct tenant_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM tenants t" BELOW " OR :upper = '')"
			     " AND t.serial > :after ORDER BY t.serial LIMIT :limit");

	db_bind_text(query, ":upper", upper);
	rows_bind_page(query, after, limit);
	return rows_all(query, read_row, sizeof *rows_out, limit, rows_out, n_out);
}
