/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite driver: connections, prepared statements, transactions. */
#include "svc/registry/store/sqlite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#define BUSY_MS	   500 /* SQLite's own wait for another process's lock */
#define BUSY_TRIES 4

struct db_query {
	struct db *db;
	const char *sql; /* the literal; its address is the key */
	sqlite3_stmt *stmt;
	enum store_status status; /* of preparing and binding */
};

struct db_writer {
	pthread_mutex_t mutex;
};

struct db {
	sqlite3 *sqlite;
	struct db_writer *writer;
	bool writing; /* holds the writer's mutex */
	char error[DB_ERROR_MAX];
	struct db_query queries[DB_QUERIES_MAX];
	struct db_query none; /* answers when the table is full */
};

static const char open_sql[] = "PRAGMA synchronous=FULL;"
			       "PRAGMA foreign_keys=ON;"
			       "PRAGMA trusted_schema=OFF;";

static enum store_status failed(struct db *db, int code)
{
	snprintf(db->error, sizeof db->error, "%s", sqlite3_errmsg(db->sqlite));
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_BUSY;
	case SQLITE_CONSTRAINT:
		return STORE_CONFLICT;
	default:
		return STORE_FAILED;
	}
}

struct db_writer *db_writer_new(void)
{
	struct db_writer *writer = calloc(1, sizeof *writer);

	if (writer != NULL)
		pthread_mutex_init(&writer->mutex, NULL);
	return writer;
}

void db_writer_free(struct db_writer *writer)
{
	if (writer == NULL)
		return;
	pthread_mutex_destroy(&writer->mutex);
	free(writer);
}

struct db *db_open(const char *path, bool create, struct db_writer *writer, char *err, size_t size)
{
	struct db *db = calloc(1, sizeof *db);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);

	if (db == NULL) {
		snprintf(err, size, "no memory");
		return NULL;
	}
	db->writer = writer;
	db->none.db = db;
	db->none.status = STORE_FAILED;
	int code = sqlite3_open_v2(path, &db->sqlite, flags, NULL);
	if (code == SQLITE_OK) {
		sqlite3_extended_result_codes(db->sqlite, 1);
		sqlite3_busy_timeout(db->sqlite, BUSY_MS);
		sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		code = sqlite3_exec(db->sqlite, open_sql, NULL, NULL, NULL);
	}
	if (code != SQLITE_OK) {
		snprintf(err, size, "%s: %s", path,
			 db->sqlite != NULL ? sqlite3_errmsg(db->sqlite) : "no memory");
		db_close(db);
		return NULL;
	}
	return db;
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	for (size_t i = 0; i < DB_QUERIES_MAX; i++)
		sqlite3_finalize(db->queries[i].stmt);
	sqlite3_close(db->sqlite);
	free(db);
}

const char *db_error(const struct db *db)
{
	return db->error;
}

enum store_status db_exec(struct db *db, const char *sql)
{
	int code = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? STORE_OK : failed(db, code);
}

static void writer_lock(struct db *db)
{
	if (db->writer != NULL)
		pthread_mutex_lock(&db->writer->mutex);
	db->writing = true;
}

static void writer_unlock(struct db *db)
{
	db->writing = false;
	if (db->writer != NULL)
		pthread_mutex_unlock(&db->writer->mutex);
}

/* IMMEDIATE takes the write lock now: what is read inside cannot become stale, and the statements
 * that follow are never busy. */
enum store_status db_begin(struct db *db)
{
	enum store_status status = STORE_BUSY;

	writer_lock(db);
	for (int i = 0; i < BUSY_TRIES && status == STORE_BUSY; i++)
		status = db_exec(db, "BEGIN IMMEDIATE");
	if (status != STORE_OK)
		writer_unlock(db);
	return status;
}

enum store_status db_end(struct db *db, enum store_status status)
{
	enum store_status ended = STORE_BUSY;

	for (int i = 0; status == STORE_OK && i < BUSY_TRIES && ended == STORE_BUSY; i++)
		ended = db_exec(db, "COMMIT");
	if (status == STORE_OK)
		status = ended;
	/* a failed COMMIT may have rolled back by itself */
	if (status != STORE_OK && sqlite3_get_autocommit(db->sqlite) == 0)
		(void)sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	if (db->writing)
		writer_unlock(db);
	return status;
}

enum store_status db_begin_read(struct db *db)
{
	struct db_query *query = db_query(db, "BEGIN");
	enum store_status status = db_step(query);

	db_done(query);
	return status == STORE_NONE ? STORE_OK : status;
}

void db_end_read(struct db *db)
{
	struct db_query *query = db_query(db, "COMMIT");

	(void)db_step(query);
	db_done(query);
}

static struct db_query *find_slot(struct db *db, const char *sql)
{
	size_t start = ((uintptr_t)sql >> 3) * 31 % DB_QUERIES_MAX;

	for (size_t i = 0; i < DB_QUERIES_MAX; i++) {
		struct db_query *query = &db->queries[(start + i) % DB_QUERIES_MAX];
		if (query->sql == sql || query->sql == NULL)
			return query;
	}
	snprintf(db->error, sizeof db->error, "more than %d statements", DB_QUERIES_MAX);
	return &db->none;
}

struct db_query *db_query(struct db *db, const char *sql)
{
	struct db_query *query = find_slot(db, sql);

	if (query == &db->none)
		return query;
	query->status = STORE_OK;
	if (query->stmt != NULL)
		return query;
	query->db = db;
	int code = sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &query->stmt,
				      NULL);
	if (code == SQLITE_OK)
		query->sql = sql;
	else
		query->status = failed(db, code);
	return query;
}

/* SQLite numbers parameters by first appearance, so they are found by their names. */
static int parameter(struct db_query *query, const char *name)
{
	int i = query->stmt != NULL ? sqlite3_bind_parameter_index(query->stmt, name) : 0;

	if (i == 0 && query->status == STORE_OK) {
		snprintf(query->db->error, sizeof query->db->error, "no parameter %s", name);
		query->status = STORE_FAILED;
	}
	return i;
}

static void bound(struct db_query *query, int code)
{
	if (code != SQLITE_OK && query->status == STORE_OK)
		query->status = failed(query->db, code);
}

void db_bind_text(struct db_query *query, const char *name, const char *text)
{
	int i = parameter(query, name);

	if (i > 0)
		bound(query, sqlite3_bind_text(query->stmt, i, text, -1, SQLITE_STATIC));
}

void db_bind_blob(struct db_query *query, const char *name, const void *bytes, size_t len)
{
	int i = parameter(query, name);

	if (i > 0)
		bound(query, sqlite3_bind_blob64(query->stmt, i, bytes, len, SQLITE_STATIC));
}

void db_bind_int(struct db_query *query, const char *name, int64_t value)
{
	int i = parameter(query, name);

	if (i > 0)
		bound(query, sqlite3_bind_int64(query->stmt, i, value));
}

enum store_status db_step(struct db_query *query)
{
	if (query->status != STORE_OK)
		return query->status;
	int code = sqlite3_step(query->stmt);
	if (code == SQLITE_ROW)
		return STORE_OK;
	return code == SQLITE_DONE ? STORE_NONE : failed(query->db, code);
}

enum store_status db_run(struct db_query *query)
{
	enum store_status status;

	do {
		status = db_step(query);
	} while (status == STORE_OK);
	db_done(query);
	if (status == STORE_NONE)
		status = sqlite3_changes(query->db->sqlite) > 0 ? STORE_OK : STORE_NONE;
	return status;
}

void db_done(struct db_query *query)
{
	if (query->stmt == NULL)
		return;
	sqlite3_reset(query->stmt);
	sqlite3_clear_bindings(query->stmt);
}

int64_t db_int(struct db_query *query, int column)
{
	return sqlite3_column_int64(query->stmt, column);
}

bool db_is_null(struct db_query *query, int column)
{
	return sqlite3_column_type(query->stmt, column) == SQLITE_NULL;
}

void db_text(struct db_query *query, int column, char *text_out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(query->stmt, column);

	snprintf(text_out, size, "%s", text != NULL ? text : "");
}

const void *db_blob(struct db_query *query, int column, size_t *len_out)
{
	const void *bytes = sqlite3_column_blob(query->stmt, column);

	*len_out = (size_t)sqlite3_column_bytes(query->stmt, column);
	return bytes;
}

enum store_status db_blob_copy(struct db_query *query, int column, void **copy_out, size_t *len_out)
{
	size_t len;
	const void *bytes = db_blob(query, column, &len);
	void *copy = malloc(len + 1);

	if (copy == NULL)
		return STORE_FAILED;
	if (len > 0)
		memcpy(copy, bytes, len);
	*copy_out = copy;
	*len_out = len;
	return STORE_OK;
}
