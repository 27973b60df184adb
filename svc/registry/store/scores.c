/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about scores. */
#include "svc/registry/store/scores.h"

enum store_status store_scores_get(struct db *db, const char *number, struct score_row *row_out)
{
	struct db_query *query = db_query(
		db, "SELECT number, label, score_ppm, low_ppm, high_ppm, evidence, computed_at"
		    " FROM scores WHERE number = :number");

	db_bind_text(query, ":number", number);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		db_text(query, 0, row_out->number, sizeof row_out->number);
		db_text(query, 1, row_out->label, sizeof row_out->label);
		row_out->score_ppm = db_int(query, 2);
		row_out->low_ppm = db_int(query, 3);
		row_out->high_ppm = db_int(query, 4);
		db_text(query, 5, row_out->evidence, sizeof row_out->evidence);
		row_out->computed_ms = db_int(query, 6);
	}
	db_done(query);
	return status;
}

enum store_status store_scores_put(struct db *db, const struct score_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO scores (number, label, score_ppm, low_ppm, high_ppm, evidence,"
		    " computed_at) VALUES (:number, :label, :score, :low, :high, :evidence, :now)"
		    " ON CONFLICT (number) DO UPDATE SET label = excluded.label,"
		    " score_ppm = excluded.score_ppm, low_ppm = excluded.low_ppm,"
		    " high_ppm = excluded.high_ppm, evidence = excluded.evidence,"
		    " computed_at = excluded.computed_at");

	db_bind_text(query, ":number", row->number);
	db_bind_text(query, ":label", row->label);
	db_bind_int(query, ":score", row->score_ppm);
	db_bind_int(query, ":low", row->low_ppm);
	db_bind_int(query, ":high", row->high_ppm);
	db_bind_text(query, ":evidence", row->evidence);
	db_bind_int(query, ":now", row->computed_ms);
	return db_run(query);
}
