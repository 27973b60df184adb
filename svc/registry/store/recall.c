/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about announced intents and scored numbers. */
#include "svc/registry/store/recall.h"

#include "svc/registry/store/rows.h"

#include <string.h>

static void read_intent(struct db_query *query, void *magic)
{
	struct recall_intent *row = magic;
	size_t len = 0;
	const void *callee = db_blob(query, 1, &len);

	memset(row, 0, sizeof *row);
	row->serial = db_int(query, 0);
	if (callee != NULL && len == PAIRTAG_SIZE)
		memcpy(row->callee, callee, PAIRTAG_SIZE);
	row->created_ms = db_int(query, 2);
}

static void read_number(struct db_query *query, void *magic)
{
	struct recall_number *row = magic;

	row->serial = db_int(query, 0);
	db_text(query, 1, row->number, sizeof row->number);
}

enum store_status store_recall_intents(struct db *db, int64_t after, size_t limit,
				       struct recall_intent *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT serial, callee, created_at FROM intents"
			     " WHERE serial > :after ORDER BY serial LIMIT :limit");

	rows_bind_page(query, after, limit);
	return rows_all(query, read_intent, sizeof *rows_out, limit, rows_out, n_out);
}

enum store_status store_recall_announced(struct db *db, int64_t after, size_t limit,
					 struct recall_intent *rows_out, size_t *n_out)
{
	/* CROSS JOIN keeps SQLite to this order */
	struct db_query *query = db_query(
		db, "SELECT e.serial, i.callee, i.created_at FROM events e CROSS JOIN intents i"
		    " WHERE e.serial > :after AND e.kind = 'intent.announced' AND i.id = e.object"
		    " ORDER BY e.serial LIMIT :limit");

	rows_bind_page(query, after, limit);
	return rows_all(query, read_intent, sizeof *rows_out, limit, rows_out, n_out);
}

enum store_status store_recall_newest(struct db *db, int64_t *serial_out)
{
	struct db_query *query = db_query(db, "SELECT max(serial) FROM reports");
	enum store_status status = db_step(query);

	if (status == STORE_OK)
		*serial_out = db_int(query, 0);
	db_done(query);
	return status;
}

enum store_status store_recall_scores(struct db *db, const char *after, size_t limit,
				      struct recall_number *rows_out, size_t *n_out)
{
	struct db_query *query = db_query(db, "SELECT 0, number FROM scores WHERE number > :after"
					      " ORDER BY number LIMIT :limit");

	db_bind_text(query, ":after", after);
	db_bind_int(query, ":limit", (int64_t)limit);
	return rows_all(query, read_number, sizeof *rows_out, limit, rows_out, n_out);
}

enum store_status store_recall_reports(struct db *db, int64_t after, size_t limit,
				       struct recall_number *rows_out, size_t *n_out)
{
	struct db_query *query = db_query(db, "SELECT serial, number FROM reports"
					      " WHERE serial > :after ORDER BY serial"
					      " LIMIT :limit");

	rows_bind_page(query, after, limit);
	return rows_all(query, read_number, sizeof *rows_out, limit, rows_out, n_out);
}
