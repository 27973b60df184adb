/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about intents, for the calls that come. */
#include "svc/registry/store/intent_row.h"

/* :callee finds few rows; the rest of the condition is looked at in each. */
#define LIVE                                                                                       \
	" WHERE callee = :callee AND state = 'announced' AND not_before <= :now"                   \
	" AND expires_at > :now"

enum store_status store_intents_of_call(struct db *db, const struct intent_key *key,
					struct intent_row *row_out)
{
	if (key->call == NULL)
		return STORE_NONE;
	struct db_query *query = db_query(db, "SELECT " INTENT_COLUMNS " FROM intents"
					      " WHERE callee = :callee AND call = :call"
					      " AND brand = :brand");

	db_bind_blob(query, ":callee", key->callee, PAIRTAG_SIZE);
	db_bind_blob(query, ":call", key->call, PAIRTAG_SIZE);
	db_bind_text(query, ":brand", key->brand);
	return intent_row_one(query, row_out);
}

enum store_status store_intents_announced(struct db *db, const struct intent_key *key,
					  struct intent_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " INTENT_COLUMNS " FROM intents" LIVE
					      " AND brand = :brand ORDER BY serial DESC LIMIT 1");

	db_bind_blob(query, ":callee", key->callee, PAIRTAG_SIZE);
	db_bind_text(query, ":brand", key->brand);
	db_bind_int(query, ":now", key->now_ms);
	return intent_row_one(query, row_out);
}

enum store_status store_intents_seek(struct db *db, const struct intent_key *key,
				     struct intent_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT " INTENT_COLUMNS " FROM intents WHERE callee = :callee"
			     " AND brand = :brand AND (call = :call OR (state = 'announced'"
			     " AND not_before <= :now AND expires_at > :now))"
			     " ORDER BY CASE WHEN call = :call THEN 0 ELSE 1 END, serial DESC"
			     " LIMIT 1");

	db_bind_blob(query, ":callee", key->callee, PAIRTAG_SIZE);
	db_bind_text(query, ":brand", key->brand);
	db_bind_blob(query, ":call", key->call, key->call != NULL ? PAIRTAG_SIZE : 0);
	db_bind_int(query, ":now", key->now_ms);
	return intent_row_one(query, row_out);
}

enum store_status store_intents_match(struct db *db, const char *id, const struct intent_key *key)
{
	struct db_query *query =
		db_query(db, "UPDATE intents SET state = 'matched', matched_at = :now,"
			     " call = :call" LIVE " AND id = :id AND brand = :brand");

	db_bind_int(query, ":now", key->now_ms);
	if (key->call != NULL)
		db_bind_blob(query, ":call", key->call, PAIRTAG_SIZE);
	else
		db_bind_null(query, ":call");
	db_bind_text(query, ":id", id);
	db_bind_blob(query, ":callee", key->callee, PAIRTAG_SIZE);
	db_bind_text(query, ":brand", key->brand);
	return db_run(query);
}

enum store_status store_intents_rivals(struct db *db, const struct intent_key *key, size_t limit,
				       struct intent_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " INTENT_COLUMNS " FROM intents WHERE callee = :callee"
			     " AND state = 'announced' AND expires_at > :now AND brand <> :brand"
			     " ORDER BY serial LIMIT :limit");

	db_bind_blob(query, ":callee", key->callee, PAIRTAG_SIZE);
	db_bind_int(query, ":now", key->now_ms);
	db_bind_text(query, ":brand", key->brand);
	db_bind_int(query, ":limit", (int64_t)limit);
	return intent_row_all(query, limit, rows_out, n_out);
}

enum store_status store_intents_mismatch(struct db *db, const struct intent_key *key,
					 struct intent_row *row_out)
{
	enum store_status status = store_intents_announced(db, key, row_out);

	if (status != STORE_OK)
		return status;
	struct db_query *query =
		db_query(db, "UPDATE intents SET mismatches = mismatches + 1 WHERE id = :id"
			     " AND state = 'announced' AND mismatches < :max");
	db_bind_text(query, ":id", row_out->id);
	db_bind_int(query, ":max", INTENT_MISMATCHES_MAX);
	return db_run(query);
}
