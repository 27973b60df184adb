/* SPDX-License-Identifier: Apache-2.0 */
/* What is the same for both engines: the statement table, the rules of a transaction, retries. */
#include "svc/registry/store/db.h"

#include "svc/registry/store/driver.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define TRIES	 5
#define TRIES_MS 2000
#define PAUSE_MS 8 /* before the second try; it doubles */

int64_t db_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t db_deadline_ms(const struct db *db, int64_t ms)
{
	int64_t at_ms = db_clock_ms() + ms;

	return db->until_ms != 0 && db->until_ms < at_ms ? db->until_ms : at_ms;
}

void db_limit(struct db *db, int64_t until_ms)
{
	db->until_ms = until_ms;
}

enum store_status db_fail(struct db *db, enum store_status status, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(db->error, sizeof db->error, format, list);
	va_end(list);
	for (char *p = db->error; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return status;
}

static const struct db_driver *driver_of(const char *database)
{
	static const char *const postgres[] = {"postgresql://", "postgres://"};

	for (size_t i = 0; i < sizeof postgres / sizeof postgres[0]; i++)
		if (strncmp(database, postgres[i], strlen(postgres[i])) == 0)
			return &db_postgres;
	return &db_sqlite;
}

struct db *db_open(const struct db_target *target, char *err, size_t size)
{
	struct db *db = calloc(1, sizeof *db);

	if (db == NULL) {
		snprintf(err, size, "no memory");
		return NULL;
	}
	db->driver = driver_of(target->database);
	db->writer = target->writer;
	db->owner = target->owner;
	db->none.db = db;
	db->none.status = STORE_FAILED;
	/* only the pauses between tries are made from it: a seed that is missing does no harm */
	if (getrandom(&db->random, sizeof db->random, GRND_NONBLOCK) < 0 || db->random == 0)
		db->random = (uintptr_t)db | 1;
	if (db->driver->open(db, target) == STORE_OK)
		return db;
	snprintf(err, size, "%s", db->error);
	db_close(db);
	return NULL;
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	for (size_t i = 0; i < DB_QUERIES_MAX; i++)
		if (db->queries[i].sql != NULL)
			db->driver->finalize(&db->queries[i]);
	db->driver->close(db);
	free(db);
}

enum db_engine db_engine(const struct db *db)
{
	return db->driver->engine;
}

const char *db_error(const struct db *db)
{
	return db->error;
}

enum store_status db_exec(struct db *db, const char *sql)
{
	enum store_status status = db->driver->exec(db, sql);

	if (status != STORE_OK && db->open)
		db->spoiled = status;
	return status;
}

enum store_status db_begin(struct db *db, const struct db_scope *scope)
{
	enum store_status status;

	if (db->open)
		return db_fail(db, STORE_FAILED, "a transaction within a transaction");
	status = db->driver->begin(db, scope);
	db->open = status == STORE_OK;
	db->mode = scope->mode;
	db->spoiled = STORE_OK;
	return status;
}

enum store_status db_end(struct db *db, enum store_status status)
{
	if (!db->open)
		return db_fail(db, STORE_FAILED, "no transaction");
	if (status == STORE_OK)
		status = db->spoiled;
	if (status == STORE_OK)
		status = db->driver->commit(db);
	else
		db->driver->rollback(db);
	db->open = false;
	return status;
}

void db_note_directory(struct db *db)
{
	db->directory = true;
}

bool db_noted_directory(struct db *db)
{
	bool noted = db->directory;

	db->directory = false;
	return noted;
}

enum store_status db_lock(struct db *db, const char *what)
{
	if (!db->open || db->mode != DB_WRITE)
		return db_fail(db, STORE_FAILED, "a lock outside a transaction that writes");
	if (db->spoiled != STORE_OK)
		return STORE_FAILED;
	db->spoiled = db->driver->lock(db, what);
	return db->spoiled;
}

enum store_status db_await(struct db *db, const char *channel, int wait_ms)
{
	if (db->open)
		return db_fail(db, STORE_FAILED, "a wait inside a transaction");
	return db->driver->await(db, channel, wait_ms);
}

/* Two that met once shall not meet again: half of the pause is chance (xorshift64). */
static bool pause_before(struct db *db, int tries, int64_t deadline_ms)
{
	int64_t most = (int64_t)PAUSE_MS << tries;

	db->random ^= db->random << 13;
	db->random ^= db->random >> 7;
	db->random ^= db->random << 17;
	int64_t until = db_clock_ms() + most / 2 + (int64_t)(db->random % (uint64_t)(most / 2));
	if (until >= deadline_ms)
		return false;
	const struct timespec at = {until / 1000, until % 1000 * 1000000};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
	return true;
}

enum store_status db_transact(struct db *db, const struct db_scope *scope, db_work *work,
			      void *magic)
{
	int64_t deadline_ms = db_deadline_ms(db, TRIES_MS);
	enum store_status status;

	for (int tries = 0;;) {
		status = db_begin(db, scope);
		if (status == STORE_OK)
			status = db_end(db, work(db, magic));
		if (status != STORE_BUSY || ++tries == TRIES ||
		    !pause_before(db, tries, deadline_ms))
			return status;
	}
}

static struct db_query *find_slot(struct db *db, const char *sql)
{
	size_t start = ((uintptr_t)sql >> 3) * 31 % DB_QUERIES_MAX;

	for (size_t i = 0; i < DB_QUERIES_MAX; i++) {
		struct db_query *query = &db->queries[(start + i) % DB_QUERIES_MAX];
		if (query->sql == sql || query->sql == NULL)
			return query;
	}
	db_fail(db, STORE_FAILED, "more than %d statements", DB_QUERIES_MAX);
	return &db->none;
}

/* Why nothing may run now; STORE_OK when it may. The first failure's text is kept. */
static enum store_status refusal(struct db *db)
{
	if (!db->open)
		return db_fail(db, STORE_FAILED, "a statement outside a transaction");
	return db->spoiled == STORE_OK ? STORE_OK : STORE_FAILED;
}

struct db_query *db_query(struct db *db, const char *sql)
{
	struct db_query *query;

	db->none.status = STORE_FAILED;
	if (refusal(db) != STORE_OK)
		return &db->none;
	query = find_slot(db, sql);
	if (query == &db->none || query->sql == sql) {
		query->status = query == &db->none ? STORE_FAILED : STORE_OK;
		return query;
	}
	query->db = db;
	query->sql = sql;
	query->status = db->driver->prepare(query);
	if (query->status == STORE_OK)
		return query;
	db->none.status = query->status;
	*query = (struct db_query){.sql = NULL};
	return &db->none;
}

static void bind(struct db_query *query, const char *name, const struct db_value *value)
{
	if (query->status == STORE_OK)
		query->status = query->db->driver->bind(query, name, value);
}

void db_bind_text(struct db_query *query, const char *name, const char *text)
{
	bind(query, name, &(struct db_value){DB_TEXT, 0, text, text != NULL ? strlen(text) : 0});
}

void db_bind_blob(struct db_query *query, const char *name, const void *bytes, size_t len)
{
	bind(query, name, &(struct db_value){DB_BLOB, 0, bytes, len});
}

void db_bind_int(struct db_query *query, const char *name, int64_t value)
{
	bind(query, name, &(struct db_value){DB_INT, value, NULL, 0});
}

void db_bind_null(struct db_query *query, const char *name)
{
	bind(query, name, &(struct db_value){DB_NULL, 0, NULL, 0});
}

enum store_status db_step(struct db_query *query)
{
	struct db *db = query->db;
	enum store_status status = query->status;

	if (query != &db->none && refusal(db) != STORE_OK)
		return STORE_FAILED;
	if (status == STORE_OK)
		status = db->driver->step(query);
	if (status != STORE_OK && status != STORE_NONE && db->spoiled == STORE_OK)
		db->spoiled = status;
	return status;
}

enum store_status db_run(struct db_query *query)
{
	enum store_status status;

	do {
		status = db_step(query);
	} while (status == STORE_OK);
	if (status == STORE_NONE && query->db->driver->changed(query))
		status = STORE_OK;
	db_done(query);
	return status;
}

void db_done(struct db_query *query)
{
	if (query != &query->db->none)
		query->db->driver->done(query);
}

static struct db_value column_of(struct db_query *query, int column)
{
	struct db_value value = {DB_NULL, 0, NULL, 0};

	if (query != &query->db->none)
		query->db->driver->column(query, column, &value);
	return value;
}

int64_t db_int(struct db_query *query, int column)
{
	return column_of(query, column).integer;
}

bool db_is_null(struct db_query *query, int column)
{
	return column_of(query, column).kind == DB_NULL;
}

const char *db_text_borrow(struct db_query *query, int column)
{
	const struct db_value value = column_of(query, column);

	return value.kind == DB_TEXT ? value.bytes : "";
}

void db_text(struct db_query *query, int column, char *text_out, size_t size)
{
	const char *text = db_text_borrow(query, column);
	size_t len = strlen(text);

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(text_out, text, len);
	text_out[len] = '\0';
}

const void *db_blob(struct db_query *query, int column, size_t *len_out)
{
	const struct db_value value = column_of(query, column);

	*len_out = value.len;
	return value.bytes;
}

enum store_status db_blob_copy(struct db_query *query, int column, void **copy_out, size_t *len_out)
{
	size_t len;
	const void *bytes = db_blob(query, column, &len);
	void *copy = malloc(len + 1);

	if (copy == NULL)
		return db_fail(query->db, STORE_FAILED, "no memory");
	if (len > 0)
		memcpy(copy, bytes, len);
	*copy_out = copy;
	*len_out = len;
	return STORE_OK;
}
