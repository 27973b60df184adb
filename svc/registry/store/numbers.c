/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about numbers and their bindings. */
#include "svc/registry/store/numbers.h"

enum store_status store_numbers_add(struct db *db, const struct number_row *row)
{
	struct db_query *query =
		db_query(db, "INSERT INTO numbers (id, tenant, number, brand, created_at)"
			     " SELECT :id, b.tenant, :number, b.id, :now"
			     " FROM brands b WHERE b.id = :brand AND b.tenant = :tenant");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":number", row->number);
	db_bind_text(query, ":brand", row->brand);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

enum store_status store_numbers_remove(struct db *db, const char *tenant, const char *id)
{
	struct db_query *query =
		db_query(db, "DELETE FROM numbers WHERE id = :id AND tenant = :tenant");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	return db_run(query);
}

static enum store_status read_binding(struct db_query *query, struct binding_row *row)
{
	enum store_status status = db_step(query);

	if (status == STORE_OK) {
		db_text(query, 0, row->brand, sizeof row->brand);
		db_text(query, 1, row->business, sizeof row->business);
		db_text(query, 2, row->name, sizeof row->name);
		db_text(query, 3, row->logo, sizeof row->logo);
	}
	db_done(query);
	return status;
}

enum store_status store_bindings_own(struct db *db, const char *tenant, const char *number,
				     struct binding_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT b.id, b.business, b.name, b.logo"
					      " FROM numbers n JOIN brands b ON b.id = n.brand"
					      " WHERE n.number = :number AND n.tenant = :tenant");

	db_bind_text(query, ":number", number);
	db_bind_text(query, ":tenant", tenant);
	return read_binding(query, row_out);
}

enum store_status store_bindings_public(struct db *db, const char *number,
					struct binding_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT b.id, b.business, b.name, b.logo"
					      " FROM numbers n JOIN brands b ON b.id = n.brand"
					      " WHERE n.number = :number");

	db_bind_text(query, ":number", number);
	return read_binding(query, row_out);
}

enum store_status store_businesses_known(struct db *db, const char *id)
{
	struct db_query *query = db_query(db, "SELECT 1 FROM businesses WHERE id = :id");

	db_bind_text(query, ":id", id);
	enum store_status status = db_step(query);
	db_done(query);
	return status;
}
