/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about reasons and intents. */
#include "svc/registry/store/intents.h"

#include <string.h>

enum store_status store_reasons_add(struct db *db, const struct reason_row *row)
{
	struct db_query *query =
		db_query(db, "INSERT INTO reasons (id, tenant, brand, code, text, created_at)"
			     " SELECT :id, b.tenant, b.id, :code, :text, :now"
			     " FROM brands b WHERE b.id = :brand AND b.tenant = :tenant");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":brand", row->brand);
	db_bind_text(query, ":code", row->code);
	db_bind_text(query, ":text", row->text);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

enum store_status store_reasons_get(struct db *db, const char *tenant, const char *id,
				    struct reason_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT id, tenant, brand, code, text, created_at FROM reasons"
			     " WHERE id = :id AND tenant = :tenant");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		db_text(query, 0, row_out->id, sizeof row_out->id);
		db_text(query, 1, row_out->tenant, sizeof row_out->tenant);
		db_text(query, 2, row_out->brand, sizeof row_out->brand);
		db_text(query, 3, row_out->code, sizeof row_out->code);
		db_text(query, 4, row_out->text, sizeof row_out->text);
		row_out->created_ms = db_int(query, 5);
	}
	db_done(query);
	return status;
}

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
		db, "INSERT INTO intents (id, tenant, brand, caller, callee, code, text, state,"
		    " created_at, expires_at) VALUES (:id, :tenant, :brand, :caller, :callee,"
		    " :code, :text, :state, :now, :expires)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":brand", row->brand);
	db_bind_text(query, ":caller", row->caller);
	db_bind_blob(query, ":callee", row->callee, PAIRTAG_SIZE);
	db_bind_text(query, ":code", row->code);
	db_bind_text(query, ":text", row->text);
	db_bind_int(query, ":state", row->state);
	db_bind_int(query, ":now", row->created_ms);
	db_bind_int(query, ":expires", row->expires_ms);
	enum store_status status = db_run(query);
	return status == STORE_OK ? forget_old(db, row->created_ms) : status;
}

static enum store_status read_intent(struct db_query *query, struct intent_row *row)
{
	enum store_status status = db_step(query);

	if (status == STORE_OK) {
		memset(row, 0, sizeof *row);
		db_text(query, 0, row->id, sizeof row->id);
		db_text(query, 1, row->tenant, sizeof row->tenant);
		db_text(query, 2, row->brand, sizeof row->brand);
		db_text(query, 3, row->caller, sizeof row->caller);
		db_text(query, 4, row->code, sizeof row->code);
		db_text(query, 5, row->text, sizeof row->text);
		row->state = (enum intent_state)db_int(query, 6);
		row->created_ms = db_int(query, 7);
		row->expires_ms = db_int(query, 8);
	}
	db_done(query);
	return status;
}

#define INTENT_COLUMNS "id, tenant, brand, caller, code, text, state, created_at, expires_at"

enum store_status store_intents_get(struct db *db, const char *tenant, const char *id,
				    struct intent_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " INTENT_COLUMNS " FROM intents"
					      " WHERE id = :id AND tenant = :tenant");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	return read_intent(query, row_out);
}

enum store_status store_intents_cancel(struct db *db, const char *tenant, const char *id)
{
	struct db_query *query = db_query(db, "UPDATE intents SET state = :cancelled WHERE id = :id"
					      " AND tenant = :tenant AND state = :announced");

	db_bind_int(query, ":cancelled", INTENT_CANCELLED);
	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	db_bind_int(query, ":announced", INTENT_ANNOUNCED);
	return db_run(query);
}

enum store_status store_intents_of_call(struct db *db, const struct intent_key *key,
					struct intent_row *row_out)
{
	if (key->call == NULL)
		return STORE_NONE;
	struct db_query *query = db_query(db, "SELECT " INTENT_COLUMNS " FROM intents"
					      " WHERE callee = :callee AND state = :matched"
					      " AND call = :call AND brand = :brand");

	db_bind_blob(query, ":callee", key->callee, PAIRTAG_SIZE);
	db_bind_int(query, ":matched", INTENT_MATCHED);
	db_bind_blob(query, ":call", key->call, PAIRTAG_SIZE);
	db_bind_text(query, ":brand", key->brand);
	return read_intent(query, row_out);
}

enum store_status store_intents_announced(struct db *db, const struct intent_key *key,
					  struct intent_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " INTENT_COLUMNS " FROM intents"
					      " WHERE callee = :callee AND state = :announced"
					      " AND brand = :brand AND expires_at > :now"
					      " ORDER BY serial DESC LIMIT 1");

	db_bind_blob(query, ":callee", key->callee, PAIRTAG_SIZE);
	db_bind_int(query, ":announced", INTENT_ANNOUNCED);
	db_bind_text(query, ":brand", key->brand);
	db_bind_int(query, ":now", key->now_ms);
	return read_intent(query, row_out);
}

enum store_status store_intents_match(struct db *db, const char *id, const struct intent_key *key)
{
	struct db_query *query =
		db_query(db, "UPDATE intents SET state = :matched, matched_at = :now, call = :call"
			     " WHERE id = :id AND state = :announced AND callee = :callee"
			     " AND brand = :brand AND expires_at > :now");

	db_bind_int(query, ":matched", INTENT_MATCHED);
	db_bind_int(query, ":now", key->now_ms);
	db_bind_blob(query, ":call", key->call, key->call != NULL ? PAIRTAG_SIZE : 0);
	db_bind_text(query, ":id", id);
	db_bind_int(query, ":announced", INTENT_ANNOUNCED);
	db_bind_blob(query, ":callee", key->callee, PAIRTAG_SIZE);
	db_bind_text(query, ":brand", key->brand);
	return db_run(query);
}
