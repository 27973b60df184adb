/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about decisions. */
#include "svc/registry/store/decisions.h"

/* A few at a time, so that a decision stays quick whatever has piled up. */
static enum store_status forget_old(struct db *db, const struct decision_row *row)
{
	struct db_query *query =
		db_query(db, "DELETE FROM decisions WHERE serial IN (SELECT serial FROM decisions"
			     " WHERE tenant = :tenant AND created_at < :limit"
			     " ORDER BY created_at LIMIT 20)");

	db_bind_text(query, ":tenant", row->tenant);
	db_bind_int(query, ":limit", row->created_ms - DECISION_KEEP_MS);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_decisions_add(struct db *db, const struct decision_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO decisions (id, tenant, number, action, rule, evidence, created_at)"
		    " VALUES (:id, :tenant, :number, :action, :rule, :evidence, :now)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":number", row->number);
	db_bind_text(query, ":action", row->action);
	db_bind_text(query, ":rule", row->rule);
	db_bind_text(query, ":evidence", row->evidence);
	db_bind_int(query, ":now", row->created_ms);
	enum store_status status = db_run(query);
	return status == STORE_OK ? forget_old(db, row) : status;
}

enum store_status store_decisions_get(struct db *db, const char *tenant, const char *id,
				      int64_t now_ms, struct decision_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT serial, id, tenant, number, action, rule, evidence, created_at"
			     " FROM decisions WHERE id = :id AND tenant = :tenant"
			     " AND created_at >= :limit");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	db_bind_int(query, ":limit", now_ms - DECISION_KEEP_MS);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		row_out->serial = db_int(query, 0);
		db_text(query, 1, row_out->id, sizeof row_out->id);
		db_text(query, 2, row_out->tenant, sizeof row_out->tenant);
		db_text(query, 3, row_out->number, sizeof row_out->number);
		db_text(query, 4, row_out->action, sizeof row_out->action);
		db_text(query, 5, row_out->rule, sizeof row_out->rule);
		db_text(query, 6, row_out->evidence, sizeof row_out->evidence);
		row_out->created_ms = db_int(query, 7);
	}
	db_done(query);
	return status;
}
