/* SPDX-License-Identifier: Apache-2.0 */
/* Queries that add changes; push/ reads them. */
#include "svc/registry/store/events.h"

/* The counter's row stays locked until COMMIT, so that serials are seen in their order. */
static enum store_status take_serials(struct db *db, size_t n, int64_t *first_out)
{
	struct db_query *query = db_query(db, "UPDATE counters SET value = value + :n"
					      " WHERE name = 'events' RETURNING value");

	db_bind_int(query, ":n", (int64_t)n);
	enum store_status status = db_step(query);
	if (status == STORE_OK)
		*first_out = db_int(query, 0) - (int64_t)n + 1;
	db_done(query);
	return status == STORE_NONE ? STORE_FAILED : status;
}

/* PostgreSQL tells the other processes at COMMIT; SQLite's look for themselves (push/feed.c). */
static enum store_status notify(struct db *db)
{
	if (db_engine(db) != DB_POSTGRES)
		return STORE_OK;
	struct db_query *query = db_query(db, "SELECT pg_notify('attestel_events', '')");
	enum store_status status = db_step(query);
	db_done(query);
	return status;
}

enum store_status store_events_add(struct db *db, struct event_row *row)
{
	enum store_status status = take_serials(db, 1, &row->serial);

	if (status != STORE_OK)
		return status;
	struct db_query *query =
		db_query(db, "INSERT INTO events (serial, tenant, callee, kind, object, body, at)"
			     " VALUES (:serial, :tenant, :callee, :kind, :object, :body, :at)");
	db_bind_int(query, ":serial", row->serial);
	db_bind_text(query, ":tenant", row->tenant);
	if (row->has_callee)
		db_bind_blob(query, ":callee", row->callee, PAIRTAG_SIZE);
	else
		db_bind_null(query, ":callee");
	db_bind_text(query, ":kind", row->kind);
	db_bind_text(query, ":object", row->object);
	db_bind_text(query, ":body", row->body);
	db_bind_int(query, ":at", row->at_ms);
	status = db_run(query);
	return status == STORE_OK ? notify(db) : status;
}

static enum store_status add_change(struct db *db, int64_t serial, const char *number,
				    int64_t now_ms)
{
	struct db_query *query = db_query(db, "INSERT INTO directory_log (serial, number, at)"
					      " VALUES (:serial, :number, :at)");

	db_note_directory(db);
	db_bind_int(query, ":serial", serial);
	db_bind_text(query, ":number", number);
	db_bind_int(query, ":at", now_ms);
	return db_run(query);
}

enum store_status store_directory_changed(struct db *db, const char *number, int64_t now_ms)
{
	int64_t serial;
	enum store_status status = take_serials(db, 1, &serial);

	if (status == STORE_OK)
		status = add_change(db, serial, number, now_ms);
	return status == STORE_OK ? notify(db) : status;
}

enum store_status store_directory_changed_all(struct db *db, const struct block *numbers, size_t n,
					      int64_t now_ms)
{
	int64_t first = 0;
	enum store_status status = n > 0 ? take_serials(db, n, &first) : STORE_OK;

	for (size_t i = 0; i < n && status == STORE_OK; i++)
		status = add_change(db, first + (int64_t)i, numbers[i].text, now_ms);
	return status == STORE_OK && n > 0 ? notify(db) : status;
}

enum store_status store_events_serial(struct db *db, int64_t *serial_out)
{
	struct db_query *query = db_query(db, "SELECT value FROM counters WHERE name = 'events'");
	enum store_status status = db_step(query);

	if (status == STORE_OK)
		*serial_out = db_int(query, 0);
	db_done(query);
	return status;
}
