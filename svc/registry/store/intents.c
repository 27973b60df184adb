/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about intents, for those who announce them. */
#include "svc/registry/store/intent_row.h"

/* A few at a time, so that an announcement stays quick whatever has piled up. */
static enum store_status forget_old(struct db *db, int64_t now_ms)
{
	struct db_query *query =
		db_query(db, "DELETE FROM intents WHERE serial IN (SELECT serial FROM intents"
			     " WHERE created_at < :limit ORDER BY created_at LIMIT 20)");

	db_bind_int(query, ":limit", now_ms - INTENT_KEEP_MS);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_intents_add(struct db *db, const struct intent_row *row)
{
	struct db_query *query = db_query(
		db,
		"INSERT INTO intents (id, tenant, brand, key, caller, callee, callee_only, code,"
		" text, lang, state, mismatches, created_at, not_before, expires_at)"
		" VALUES (:id, :tenant, :brand, :key, :caller, :callee, :only, :code, :text,"
		" :lang, :state, 0, :now, :begin, :expires)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":brand", row->brand);
	db_bind_text(query, ":key", row->key);
	db_bind_text(query, ":caller", row->caller);
	db_bind_blob(query, ":callee", row->callee, PAIRTAG_SIZE);
	db_bind_blob(query, ":only", row->callee_only, PAIRTAG_SIZE);
	db_bind_text(query, ":code", row->code);
	db_bind_text(query, ":text", row->text);
	db_bind_text(query, ":lang", row->lang);
	db_bind_text(query, ":state", intent_state_names[row->life.stored]);
	db_bind_int(query, ":now", row->created_ms);
	db_bind_int(query, ":begin", row->not_before_ms);
	db_bind_int(query, ":expires", row->life.expires_ms);
	enum store_status status = db_run(query);
	return status == STORE_OK ? forget_old(db, row->created_ms) : status;
}

enum store_status store_intents_get(struct db *db, const char *tenant, const char *id,
				    struct intent_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT " INTENT_COLUMNS " FROM intents WHERE id = :id"
			     " AND (tenant = :tenant OR :tenant = '')");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant != NULL ? tenant : "");
	return intent_row_one(query, row_out);
}

enum store_status store_intents_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				     struct intent_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " INTENT_COLUMNS " FROM intents WHERE tenant = :tenant"
			     " AND serial > :after ORDER BY serial LIMIT :limit");

	db_bind_text(query, ":tenant", tenant);
	db_bind_int(query, ":after", after);
	db_bind_int(query, ":limit", (int64_t)limit);
	return intent_row_all(query, limit, rows_out, n_out);
}

enum store_status store_intents_become(struct db *db, const struct intent_row *row,
				       enum intent_state state, int64_t now_ms)
{
	struct db_query *query =
		db_query(db, "UPDATE intents SET state = :state, outcome_at = :now WHERE id = :id"
			     " AND tenant = :tenant AND state = :from");

	db_bind_text(query, ":state", intent_state_names[state]);
	db_bind_int(query, ":now", now_ms);
	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":from", intent_state_names[row->life.stored]);
	return db_run(query);
}
