/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver: SQLite behind a few functions. Nothing else includes sqlite3.h. One connection
 * belongs to one thread at a time; all text is UTF-8; parameters are bound by name.
 */
#ifndef REGISTRY_SQLITE_H
#define REGISTRY_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_status {
	STORE_OK = 0,
	STORE_NONE = -1,     /* no such row, or not the tenant's */
	STORE_CONFLICT = -2, /* it exists already, or its state does not allow it */
	STORE_BUSY = -3,     /* another process holds the database; try again */
	STORE_FAILED = -4,   /* the database failed; db_error() says how */
};

struct db;
struct db_query;
struct db_writer; /* lets one thread of the process write at a time; shared by its connections */

#define DB_ERROR_MAX 200

struct db_writer *db_writer_new(void); /* NULL: no memory */
void db_writer_free(struct db_writer *writer);

/* NULL and one line in err when it cannot be opened. writer is borrowed; NULL: none. */
struct db *db_open(const char *path, bool create, struct db_writer *writer, char *err, size_t size);
void db_close(struct db *db);		   /* NULL is fine */
const char *db_error(const struct db *db); /* of the last failure; one line, "" when none */

/* Several statements without parameters. */
enum store_status db_exec(struct db *db, const char *sql);

/* BEGIN IMMEDIATE, tried again while another process writes, for two seconds in all. */
enum store_status db_begin(struct db *db);
/* COMMIT when status is STORE_OK, ROLLBACK otherwise. Returns status, or why COMMIT failed. */
enum store_status db_end(struct db *db, enum store_status status);

/* BEGIN and COMMIT of a read: the statements between them see one state. */
enum store_status db_begin_read(struct db *db);
void db_end_read(struct db *db);

/*
 * The prepared statement of sql, which must be a literal: it is kept for its address. Never NULL;
 * a failure shows in db_step(). At most DB_QUERIES_MAX texts a connection.
 */
#define DB_QUERIES_MAX 128
struct db_query *db_query(struct db *db, const char *sql);

/* What is bound is borrowed until db_done(). text NULL binds NULL. */
void db_bind_text(struct db_query *query, const char *name, const char *text);
void db_bind_blob(struct db_query *query, const char *name, const void *bytes, size_t len);
void db_bind_int(struct db_query *query, const char *name, int64_t value);

/* STORE_OK: a row; STORE_NONE: no (more) row. */
enum store_status db_step(struct db_query *query);
/* Runs it to its end: STORE_OK when at least one row changed, STORE_NONE when none did. */
enum store_status db_run(struct db_query *query);
void db_done(struct db_query *query); /* ends the statement's read; after it columns are gone */

int64_t db_int(struct db_query *query, int column);
bool db_is_null(struct db_query *query, int column);
/* Copied, cut to size - 1 bytes; "" for NULL. */
void db_text(struct db_query *query, int column, char *text_out, size_t size);
const void *db_blob(struct db_query *query, int column,
		    size_t *len_out); /* borrowed; may be NULL */
/* malloc'ed; the caller frees it. STORE_FAILED: no memory. */
enum store_status db_blob_copy(struct db_query *query, int column, void **copy_out,
			       size_t *len_out);

#endif
