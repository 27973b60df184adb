/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an engine has to do: one const table of functions each. db.c is their only caller, but for
 * db_open() and db_close(), which the pool, the migrations and tests call.
 */
#ifndef REGISTRY_DRIVER_H
#define REGISTRY_DRIVER_H

#include "svc/registry/store/db.h"
#include "svc/registry/store/turn.h"

enum db_kind { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };

/* A parameter or a column. bytes is borrowed; NULL stands for NULL; text ends with a NUL. */
struct db_value {
	enum db_kind kind; /* of a parameter that is NULL too: its type */
	int64_t integer;
	const void *bytes;
	size_t len;
};

struct db_target {
	const char *database; /* "/path", "sqlite:/path" or a postgresql:// URL */
	bool owner;	      /* to make the schema: creates what is missing */
	struct turn *writer;  /* SQLite: held while one of the process's connections writes;
				     NULL: it is the only one */
};

struct db_query {
	struct db *db;
	const char *sql;	  /* the literal; its address is the key. NULL: the slot is free */
	void *statement;	  /* the driver's */
	enum store_status status; /* of preparing and binding */
};

/* Words of the schema that the engines write differently, in pairs; the last is {NULL, NULL}. */
struct db_word {
	const char *word, *text;
};

/* All leave the reason for a failure in db->error. */
struct db_driver {
	enum db_engine engine;
	const struct db_word *words;
	enum store_status (*open)(struct db *db, const struct db_target *target);
	void (*close)(struct db *db); /* finalize() was called for each statement */
	/* The database may hold a registry; the role, when it is not the owner, may serve. */
	enum store_status (*check)(struct db *db);
	enum store_status (*exec)(struct db *db, const char *sql);
	enum store_status (*begin)(struct db *db, const struct db_scope *scope);
	enum store_status (*commit)(struct db *db);
	void (*rollback)(struct db *db);
	/* Both run inside the migration: found() before its first step, grant() after its last.
	 * role is the application's; "": it is the owner's own. */
	enum store_status (*found)(struct db *db);
	enum store_status (*grant)(struct db *db, const char *role);
	enum store_status (*lock)(struct db *db, const char *what);
	enum store_status (*await)(struct db *db, const char *channel, int wait_ms);

	enum store_status (*prepare)(struct db_query *query);
	void (*finalize)(struct db_query *query);
	enum store_status (*bind)(struct db_query *query, const char *name,
				  const struct db_value *value);
	enum store_status (*step)(struct db_query *query);
	bool (*changed)(struct db_query *query); /* the statement, stepped to its end, did */
	void (*done)(struct db_query *query);
	void (*column)(struct db_query *query, int column, struct db_value *value_out);
	/* Of a statement that was stepped. */
	int (*columns)(struct db_query *query);
	const char *(*column_name)(struct db_query *query, int column);
};

struct db {
	const struct db_driver *driver;
	void *link; /* the driver's */
	struct turn *writer;
	bool owner, open;	   /* open: inside a transaction */
	enum db_mode mode;	   /* of the transaction */
	bool directory;		   /* db_note_directory() */
	int64_t until_ms;	   /* db_limit() */
	bool silent;		   /* the server did not answer in time */
	enum store_status spoiled; /* the failure after which it can only be rolled back */
	uint64_t random;	   /* of the pauses between tries */
	char error[DB_ERROR_MAX];
	struct db_query queries[DB_QUERIES_MAX];
	struct db_query none; /* answers when the table is full */
};

extern const struct db_driver db_sqlite, db_postgres;

/* NULL and one line in err when it cannot be opened. target is borrowed for the call. */
struct db *db_open(const struct db_target *target, char *err, size_t size);
void db_close(struct db *db); /* NULL is fine */

/* For drivers: sets db->error to one line and returns status. */
enum store_status db_fail(struct db *db, enum store_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* For drivers: when to give up what is begun now and would last at most ms by itself. */
int64_t db_deadline_ms(const struct db *db, int64_t ms);

#endif
