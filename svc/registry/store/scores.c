/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about scores. */
#include "svc/registry/store/scores.h"

#include "svc/registry/store/rows.h"

#define COLUMNS                                                                                    \
	"number, label, score_ppm, low_ppm, high_ppm, worst, unwanted_ppm, wanted_ppm,"            \
	" unproven_ppm, evidence, computed_at, fades_at"

static void read_row(struct db_query *query, void *magic)
{
	struct score_row *row = magic;

	db_text(query, 0, row->number, sizeof row->number);
	db_text(query, 1, row->label, sizeof row->label);
	row->score_ppm = db_int(query, 2);
	row->low_ppm = db_int(query, 3);
	row->high_ppm = db_int(query, 4);
	db_text(query, 5, row->worst, sizeof row->worst);
	row->unwanted_ppm = db_int(query, 6);
	row->wanted_ppm = db_int(query, 7);
	row->unproven_ppm = db_int(query, 8);
	db_text(query, 9, row->evidence, sizeof row->evidence);
	row->computed_ms = db_int(query, 10);
	row->fades_ms = db_int(query, 11);
}

enum store_status store_scores_get(struct db *db, const char *number, struct score_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM scores WHERE number = :number");

	db_bind_text(query, ":number", number);
	return rows_one(query, read_row, row_out);
}

enum store_status store_scores_put(struct db *db, const struct score_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO scores (" COLUMNS ") VALUES (:number, :label, :score, :low, :high,"
		    " :worst, :unwanted, :wanted, :unproven, :evidence, :now, :fades)"
		    " ON CONFLICT (number) DO UPDATE SET label = excluded.label,"
		    " score_ppm = excluded.score_ppm, low_ppm = excluded.low_ppm,"
		    " high_ppm = excluded.high_ppm, worst = excluded.worst,"
		    " unwanted_ppm = excluded.unwanted_ppm, wanted_ppm = excluded.wanted_ppm,"
		    " unproven_ppm = excluded.unproven_ppm, evidence = excluded.evidence,"
		    " computed_at = excluded.computed_at, fades_at = excluded.fades_at");

	db_bind_text(query, ":number", row->number);
	db_bind_text(query, ":label", row->label);
	db_bind_int(query, ":score", row->score_ppm);
	db_bind_int(query, ":low", row->low_ppm);
	db_bind_int(query, ":high", row->high_ppm);
	db_bind_text(query, ":worst", row->worst);
	db_bind_int(query, ":unwanted", row->unwanted_ppm);
	db_bind_int(query, ":wanted", row->wanted_ppm);
	db_bind_int(query, ":unproven", row->unproven_ppm);
	db_bind_text(query, ":evidence", row->evidence);
	db_bind_int(query, ":now", row->computed_ms);
	rows_bind_time(query, ":fades", row->fades_ms);
	return db_run(query);
}

enum store_status store_scores_faded(struct db *db, int64_t now_ms, size_t limit,
				     struct score_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM scores WHERE fades_at <= :now"
			     " ORDER BY fades_at, number LIMIT :limit");
	enum store_status status;
	size_t n = 0;

	db_bind_int(query, ":now", now_ms);
	db_bind_int(query, ":limit", (int64_t)limit);
	while ((status = db_step(query)) == STORE_OK && n < limit)
		read_row(query, &rows_out[n++]);
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}
