/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver: a database behind a few functions, the same for both engines. One connection belongs
 * to one thread at a time; all text is UTF-8; parameters are bound by name (":name" in the text).
 */
#ifndef REGISTRY_DB_H
#define REGISTRY_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_status {
	STORE_OK = 0,
	STORE_NONE = -1,     /* no such row, or not the tenant's */
	STORE_CONFLICT = -2, /* it exists already, or its state does not allow it */
	STORE_BUSY = -3,     /* a soft error: the transaction may be run again */
	STORE_FAILED = -4,   /* the database failed; db_error() says how */
	STORE_UNSURE = -5,   /* the connection was lost while COMMIT was under way */
};

enum db_engine { DB_SQLITE, DB_POSTGRES };

struct db;
struct db_query;

#define DB_ERROR_MAX 200

enum db_engine db_engine(const struct db *db);
const char *db_error(const struct db *db); /* of the last failure; one line, "" when none */

/* Several statements without parameters. */
enum store_status db_exec(struct db *db, const char *sql);

/*
 * Whose rows the next transaction may see. Row-level security enforces it on PostgreSQL; SQLite
 * keeps the same rule by the tenant in every statement. tenant is "" with DB_ACROSS. DB_REVIEW is
 * DB_TENANT that may also read what vetters decide on, of all tenants: tenants, businesses, brands,
 * their versions, claims.
 */
enum db_view { DB_TENANT, DB_ACROSS, DB_REVIEW };

/* What a transaction does; DB_READ sees one state and holds no lock. */
enum db_mode { DB_READ, DB_WRITE };

struct db_scope {
	enum db_mode mode;
	enum db_view view;
	const char *tenant;
};

/*
 * The moment of db_clock_ms() after which the server's answers are not waited for any more: what
 * waits then gives STORE_BUSY. It holds until the connection goes back to the pool; 0: the driver's
 * own bounds are the only ones.
 */
void db_limit(struct db *db, int64_t until_ms);
int64_t db_clock_ms(void); /* CLOCK_MONOTONIC */

/*
 * BEGIN. Statements run inside a transaction only, and those of DB_READ change nothing.
 *
 * DB_WRITE takes SQLite's write lock now (it is waited for two seconds in all), so that what is
 * read inside cannot become stale. On PostgreSQL it is READ COMMITTED: a state is changed by one
 * compare-and-set (UPDATE ... WHERE state = :expected), which waits for a row that another
 * transaction holds and then compares again, so that one of any number of racers wins and none has
 * to be run again; a rule over several rows is held by a constraint or by db_lock() before the rows
 * are read. SERIALIZABLE would fail all but one of the writers that wait for the row in counters,
 * which each write takes.
 */
enum store_status db_begin(struct db *db, const struct db_scope *scope);
/*
 * COMMIT when status is STORE_OK, ROLLBACK otherwise. Returns status, or why COMMIT failed. After a
 * statement that failed (STORE_CONFLICT too: write ON CONFLICT DO NOTHING to go on) the transaction
 * can only be rolled back: further statements give STORE_FAILED, and db_end(STORE_OK) gives that
 * first failure.
 */
enum store_status db_end(struct db *db, enum store_status status);

/* That the transaction changes what is public of a number; told to whoever asks after it, once. */
void db_note_directory(struct db *db);
bool db_noted_directory(struct db *db);

/* Until the transaction (DB_WRITE) ends no other has a lock of that name. */
enum store_status db_lock(struct db *db, const char *what);

/*
 * Outside a transaction: waits until another connection has committed pg_notify(channel, ...), or
 * until wait_ms are over (STORE_NONE). The connection hears what was committed since the first
 * call; after STORE_BUSY it was lost and may have missed some. SQLite knows no channels: it waits
 * until another connection has committed anything.
 */
enum store_status db_await(struct db *db, const char *channel, int wait_ms);

/*
 * work inside a transaction, run again after STORE_BUSY, at most 5 times within 2 s. It must have
 * no effect outside the database but on what it is given, which it sets anew each time.
 */
typedef enum store_status db_work(struct db *db, void *magic);
enum store_status db_transact(struct db *db, const struct db_scope *scope, db_work *work,
			      void *magic);

/*
 * The prepared statement of sql, which must be a literal: it is kept for its address. Never NULL;
 * a failure shows in db_step(). At most DB_QUERIES_MAX texts a connection.
 */
#define DB_QUERIES_MAX 256
struct db_query *db_query(struct db *db, const char *sql);

/*
 * What is bound is borrowed until db_done(). text or bytes NULL bind NULL. A name (":name") that
 * the statement has twice is one parameter, and always of one type. "IS NULL" says nothing about a
 * type: write CAST(:name AS BIGINT) IS NULL, or bind it with db_bind_text or db_bind_blob.
 */
void db_bind_text(struct db_query *query, const char *name, const char *text);
void db_bind_blob(struct db_query *query, const char *name, const void *bytes, size_t len);
void db_bind_int(struct db_query *query, const char *name, int64_t value);
void db_bind_null(struct db_query *query, const char *name);

/* STORE_OK: a row; STORE_NONE: no (more) row. */
enum store_status db_step(struct db_query *query);
/* Runs it to its end: STORE_OK when at least one row changed, STORE_NONE when none did. */
enum store_status db_run(struct db_query *query);
void db_done(struct db_query *query); /* ends the statement's read; after it columns are gone */

/*
 * Columns of the row that db_step() gave: 64-bit integers, text and bytes. PostgreSQL's sum() of a
 * BIGINT is none of these: write CAST(sum(x) AS BIGINT). An integer that is NULL reads 0.
 */
int64_t db_int(struct db_query *query, int column);
bool db_is_null(struct db_query *query, int column);
/* Copied, cut to size - 1 bytes at a character's end; "" for NULL. */
void db_text(struct db_query *query, int column, char *text_out, size_t size);
const char *db_text_borrow(struct db_query *query, int column); /* until db_done(); "" for NULL */
const void *db_blob(struct db_query *query, int column,
		    size_t *len_out); /* borrowed; may be NULL */
/* malloc'ed; the caller frees it. STORE_FAILED: no memory. */
enum store_status db_blob_copy(struct db_query *query, int column, void **copy_out,
			       size_t *len_out);

#endif
