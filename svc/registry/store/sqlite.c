/* SPDX-License-Identifier: Apache-2.0 */
/* The driver of SQLite. */
#include "svc/registry/store/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#define BUSY_MS	       500 /* SQLite's own wait for another process's lock */
#define BUSY_TRIES     4
#define LOOK_MS	       20	  /* between two looks at what others committed */
#define WRITER_MS      2000	  /* the wait for another thread of this process */
#define APPLICATION_ID 0x41545254 /* "ATRT": the file is a registry's */
#define PREFIX	       "sqlite:"

/* What every transaction says, prepared once. */
enum word { WORD_BEGIN, WORD_BEGIN_WRITE, WORD_COMMIT, WORDS };

static const char *const word_sql[WORDS] = {"BEGIN", "BEGIN IMMEDIATE", "COMMIT"};

struct link {
	sqlite3 *sqlite;
	sqlite3_stmt *words[WORDS]; /* NULL: not used yet */
	int data_version;	    /* when it was looked at last; 0: it never was */
};

static const struct db_word words[] = {
	{"@int@", "INTEGER"},
	{"@text@", "TEXT"},
	{"@serial@", "INTEGER PRIMARY KEY AUTOINCREMENT"},
	{"@blob@", "BLOB"},
	{"@strict@", " STRICT"},
	{NULL, NULL},
};

/* mmap_size: else a look-up in a large file spends its time in pread(). */
static const char open_sql[] = "PRAGMA synchronous=FULL;"
			       "PRAGMA foreign_keys=ON;"
			       "PRAGMA trusted_schema=OFF;"
			       "PRAGMA mmap_size=1073741824;";

static sqlite3 *handle(const struct db *db)
{
	return ((const struct link *)db->link)->sqlite;
}

static enum store_status failed(struct db *db, int code)
{
	static const struct {
		int code;
		enum store_status status;
	} table[] = {
		{SQLITE_BUSY, STORE_BUSY},
		{SQLITE_LOCKED, STORE_BUSY},
		{SQLITE_CONSTRAINT, STORE_CONFLICT},
	};
	enum store_status status = STORE_FAILED;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if ((code & 0xff) == table[i].code)
			status = table[i].status;
	return db_fail(db, status, "%s",
		       handle(db) != NULL ? sqlite3_errmsg(handle(db)) : sqlite3_errstr(code));
}

static enum store_status sqlite_exec(struct db *db, const char *sql)
{
	int code = sqlite3_exec(handle(db), sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? STORE_OK : failed(db, code);
}

static enum store_status say(struct db *db, enum word word)
{
	struct link *link = db->link;
	sqlite3_stmt **stmt = &link->words[word];
	int code = SQLITE_OK;

	if (*stmt == NULL)
		code = sqlite3_prepare_v3(link->sqlite, word_sql[word], -1,
					  SQLITE_PREPARE_PERSISTENT, stmt, NULL);
	if (code == SQLITE_OK) {
		(void)sqlite3_step(*stmt);
		code = sqlite3_reset(*stmt);
	}
	return code == SQLITE_OK ? STORE_OK : failed(db, code);
}

/*
 * The file is made here and not by SQLite, which would let others read it. One that is there is not
 * opened: closing it would drop all POSIX locks that this process has on it, and the next process
 * to end would take itself for the last and remove the log from under us.
 */
static enum store_status find_file(struct db *db, const char *path)
{
	if (access(path, F_OK) == 0)
		return STORE_OK;
	int fd = db->owner ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	if (fd < 0 && errno == EEXIST) /* another process made it meanwhile */
		return STORE_OK;
	if (fd < 0)
		return db_fail(db, STORE_FAILED, "%s: %m%s", path,
			       db->owner ? "" : " (--migrate creates it)");
	close(fd);
	return STORE_OK;
}

static enum store_status sqlite_open(struct db *db, const struct db_target *target)
{
	const char *path = target->database;
	struct link *link;

	if (strncmp(path, PREFIX, strlen(PREFIX)) == 0)
		path += strlen(PREFIX);
	enum store_status status = find_file(db, path);
	if (status != STORE_OK)
		return status;
	db->link = link = calloc(1, sizeof *link);
	if (link == NULL)
		return db_fail(db, STORE_FAILED, "no memory");
	int code = sqlite3_open_v2(path, &link->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
				   NULL);
	if (code != SQLITE_OK)
		return failed(db, code);
	sqlite3_extended_result_codes(link->sqlite, 1);
	sqlite3_busy_timeout(link->sqlite, BUSY_MS);
	sqlite3_db_config(link->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return sqlite_exec(db, open_sql);
}

static void sqlite_close(struct db *db)
{
	struct link *link = db->link;

	if (link == NULL)
		return;
	for (int i = 0; i < WORDS; i++)
		sqlite3_finalize(link->words[i]);
	sqlite3_close(link->sqlite);
	free(link);
}

static int number_of(struct db *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int number = -1;

	if (sqlite3_prepare_v2(handle(db), sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return number;
}

/* A file that is new and empty, or a registry's. WAL, which the file remembers: readers never wait
 * for the writer. */
static enum store_status sqlite_check(struct db *db)
{
	int application = number_of(db, "PRAGMA application_id");
	int tables = number_of(db, "SELECT count(*) FROM sqlite_schema");

	if (application < 0 || tables < 0)
		return failed(db, sqlite3_errcode(handle(db)));
	if (application != APPLICATION_ID && (application != 0 || tables != 0))
		return db_fail(db, STORE_FAILED, "this is not a registry's database");
	enum store_status status = db->owner ? STORE_BUSY : STORE_OK;
	for (int i = 0; i < BUSY_TRIES && status == STORE_BUSY; i++)
		status = sqlite_exec(db, "PRAGMA journal_mode=WAL");
	return status;
}

static void writer_unlock(struct db *db)
{
	if (db->writer != NULL)
		turn_give(db->writer);
}

static enum store_status begin_write(struct db *db)
{
	enum store_status status = STORE_BUSY;

	if (db->writer != NULL && !turn_take(db->writer, WRITER_MS))
		return db_fail(db, STORE_BUSY, "another thread writes");
	for (int i = 0; i < BUSY_TRIES && status == STORE_BUSY; i++)
		status = say(db, WORD_BEGIN_WRITE);
	if (status != STORE_OK)
		writer_unlock(db);
	return status;
}

static enum store_status sqlite_begin(struct db *db, const struct db_scope *scope)
{
	return scope->mode == DB_WRITE ? begin_write(db) : say(db, WORD_BEGIN);
}

static void sqlite_rollback(struct db *db)
{
	/* a failed COMMIT may have rolled back by itself */
	if (sqlite3_get_autocommit(handle(db)) == 0)
		(void)sqlite3_exec(handle(db), "ROLLBACK", NULL, NULL, NULL);
	if (db->mode == DB_WRITE)
		writer_unlock(db);
}

static enum store_status sqlite_commit(struct db *db)
{
	enum store_status status = STORE_BUSY;

	for (int i = 0; i < BUSY_TRIES && status == STORE_BUSY; i++)
		status = say(db, WORD_COMMIT);
	if (status != STORE_OK)
		sqlite_rollback(db);
	else if (db->mode == DB_WRITE)
		writer_unlock(db);
	return status;
}

static enum store_status sqlite_found(struct db *db)
{
	char sql[64];

	snprintf(sql, sizeof sql, "PRAGMA application_id = %d", APPLICATION_ID);
	return sqlite_exec(db, sql);
}

/* Who may open the file may do anything. */
static enum store_status sqlite_grant(struct db *db, const char *role)
{
	if (role[0] == '\0')
		return STORE_OK;
	return db_fail(db, STORE_FAILED, "SQLite has no roles");
}

/* The transaction has the write lock of the whole file. */
static enum store_status sqlite_lock(struct db *db, const char *what)
{
	(void)db;
	(void)what;
	return STORE_OK;
}

/* data_version differs from what this connection read before when another one has committed. */
static enum store_status sqlite_await(struct db *db, const char *channel, int wait_ms)
{
	int64_t until_ms = db_clock_ms() + wait_ms;
	int *seen = &((struct link *)db->link)->data_version;

	(void)channel;
	for (;;) {
		int version = number_of(db, "PRAGMA data_version");
		bool changed = *seen != 0 && version != *seen;
		*seen = version;
		if (changed)
			return STORE_OK;
		if (db_clock_ms() >= until_ms)
			return STORE_NONE;
		const struct timespec pause = {0, LOOK_MS * 1000000L};
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
}

static enum store_status sqlite_prepare(struct db_query *query)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v3(handle(query->db), query->sql, -1, SQLITE_PREPARE_PERSISTENT,
				      &stmt, NULL);

	query->statement = stmt;
	return code == SQLITE_OK ? STORE_OK : failed(query->db, code);
}

static void sqlite_finalize(struct db_query *query)
{
	sqlite3_finalize(query->statement);
}

static int bind_bytes(sqlite3_stmt *stmt, int i, const struct db_value *value)
{
	if (value->bytes == NULL)
		return sqlite3_bind_null(stmt, i);
	if (value->kind == DB_TEXT)
		return sqlite3_bind_text64(stmt, i, value->bytes, value->len, SQLITE_STATIC,
					   SQLITE_UTF8);
	return sqlite3_bind_blob64(stmt, i, value->bytes, value->len, SQLITE_STATIC);
}

/* SQLite numbers parameters by first appearance, so they are found by their names. */
static enum store_status sqlite_bind(struct db_query *query, const char *name,
				     const struct db_value *value)
{
	int i = sqlite3_bind_parameter_index(query->statement, name);

	if (i == 0)
		return db_fail(query->db, STORE_FAILED, "no parameter %s", name);
	int code = value->kind == DB_INT ? sqlite3_bind_int64(query->statement, i, value->integer)
					 : bind_bytes(query->statement, i, value);
	return code == SQLITE_OK ? STORE_OK : failed(query->db, code);
}

static enum store_status sqlite_step(struct db_query *query)
{
	/* PostgreSQL refuses this, too */
	if (query->db->mode == DB_READ && sqlite3_stmt_readonly(query->statement) == 0)
		return db_fail(query->db, STORE_FAILED, "a write in a transaction that reads");
	int code = sqlite3_step(query->statement);
	if (code == SQLITE_ROW)
		return STORE_OK;
	return code == SQLITE_DONE ? STORE_NONE : failed(query->db, code);
}

static bool sqlite_changed(struct db_query *query)
{
	return sqlite3_stmt_readonly(query->statement) == 0 &&
	       sqlite3_changes(handle(query->db)) > 0;
}

static void sqlite_done(struct db_query *query)
{
	sqlite3_reset(query->statement);
	sqlite3_clear_bindings(query->statement);
}

static void sqlite_column(struct db_query *query, int column, struct db_value *value_out)
{
	sqlite3_stmt *stmt = query->statement;

	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER:
		value_out->kind = DB_INT;
		value_out->integer = sqlite3_column_int64(stmt, column);
		return;
	case SQLITE_TEXT:
		value_out->kind = DB_TEXT;
		value_out->bytes = sqlite3_column_text(stmt, column);
		break;
	case SQLITE_BLOB:
		value_out->kind = DB_BLOB;
		value_out->bytes = sqlite3_column_blob(stmt, column);
		break;
	default: /* NULL; STRICT tables hold no other type */
		return;
	}
	value_out->len = (size_t)sqlite3_column_bytes(stmt, column);
}

static int sqlite_columns(struct db_query *query)
{
	return sqlite3_column_count(query->statement);
}

static const char *sqlite_column_name(struct db_query *query, int column)
{
	return sqlite3_column_name(query->statement, column);
}

const struct db_driver db_sqlite = {
	.engine = DB_SQLITE,
	.words = words,
	.open = sqlite_open,
	.close = sqlite_close,
	.check = sqlite_check,
	.exec = sqlite_exec,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.found = sqlite_found,
	.grant = sqlite_grant,
	.lock = sqlite_lock,
	.await = sqlite_await,
	.prepare = sqlite_prepare,
	.finalize = sqlite_finalize,
	.bind = sqlite_bind,
	.step = sqlite_step,
	.changed = sqlite_changed,
	.done = sqlite_done,
	.column = sqlite_column,
	.columns = sqlite_columns,
	.column_name = sqlite_column_name,
};
