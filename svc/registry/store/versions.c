/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about the versions of brands. */
#include "svc/registry/store/brands.h"

#include "svc/registry/store/reviews.h"
#include "svc/registry/store/rows.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"brand, number, tenant, name, logo, state, editor, approver, findings, created_at,"        \
	" decided_at"

static void bind_decision(struct db_query *query, const struct version_row *row)
{
	db_bind_text(query, ":brand", row->brand);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_int(query, ":number", row->number);
	db_bind_text(query, ":state", version_state_names[row->state]);
	rows_bind_text(query, ":approver", row->approver);
	rows_bind_text(query, ":findings", row->findings);
	rows_bind_time(query, ":decided", row->decided_ms);
}

enum store_status store_versions_add(struct db *db, const struct version_row *row)
{
	int64_t place;
	enum store_status status =
		store_reviews_place(db, review_version_waits(row->state), &place);

	if (status != STORE_OK)
		return status;
	struct db_query *query = db_query(
		db, "INSERT INTO brand_versions (brand, number, tenant, name, logo, state, editor,"
		    " approver, findings, created_at, decided_at, review) VALUES (:brand, :number,"
		    " :tenant, :name, :logo, :state, :editor, :approver, :findings, :now, :decided,"
		    " :place)");

	bind_decision(query, row);
	db_bind_text(query, ":name", row->name);
	rows_bind_text(query, ":logo", row->logo);
	db_bind_text(query, ":editor", row->editor);
	db_bind_int(query, ":now", row->created_ms);
	rows_bind_time(query, ":place", place);
	return db_run(query);
}

static void read_row(struct db_query *query, void *magic)
{
	struct version_row *row = magic;

	db_text(query, 0, row->brand, sizeof row->brand);
	row->number = db_int(query, 1);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->name, sizeof row->name);
	db_text(query, 4, row->logo, sizeof row->logo);
	row->state = (enum version_state)rows_name(query, 5, version_state_names, VERSION_REJECTED);
	db_text(query, 6, row->editor, sizeof row->editor);
	db_text(query, 7, row->approver, sizeof row->approver);
	db_text(query, 8, row->findings, sizeof row->findings);
	row->created_ms = db_int(query, 9);
	row->decided_ms = db_int(query, 10);
}

enum store_status store_versions_get(struct db *db, const struct brand_row *brand, int64_t number,
				     struct version_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM brand_versions WHERE brand = :brand"
			     " AND tenant = :tenant AND number = :number");

	db_bind_text(query, ":brand", brand->id);
	db_bind_text(query, ":tenant", brand->tenant);
	db_bind_int(query, ":number", number);
	return rows_one(query, read_row, row_out);
}

enum store_status store_versions_waiting(struct db *db, const struct brand_row *brand,
					 struct version_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM brand_versions WHERE brand = :brand"
			     " AND tenant = :tenant AND number > :live"
			     " AND state IN ('in_review', 'approved')"
			     " ORDER BY number DESC LIMIT 1");

	db_bind_text(query, ":brand", brand->id);
	db_bind_text(query, ":tenant", brand->tenant);
	db_bind_int(query, ":live", brand->live);
	return rows_one(query, read_row, row_out);
}

enum store_status store_versions_list(struct db *db, const struct brand_row *brand, size_t limit,
				      struct version_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM brand_versions WHERE brand = :brand"
			     " AND tenant = :tenant ORDER BY number DESC LIMIT :limit");

	db_bind_text(query, ":brand", brand->id);
	db_bind_text(query, ":tenant", brand->tenant);
	db_bind_int(query, ":limit", (int64_t)limit);
	return rows_all(query, read_row, sizeof *rows_out, limit, rows_out, n_out);
}

enum store_status store_versions_decide(struct db *db, const struct version_row *row)
{
	int64_t place;
	enum store_status status =
		store_reviews_place(db, review_version_waits(row->state), &place);

	if (status != STORE_OK)
		return status;
	struct db_query *query =
		db_query(db, "UPDATE brand_versions SET state = :state, approver = :approver,"
			     " findings = :findings, decided_at = :decided, review = " REVIEWS_PLACE
			     " WHERE brand = :brand AND tenant = :tenant AND number = :number");

	bind_decision(query, row);
	db_bind_int(query, ":place", place);
	return db_run(query);
}
