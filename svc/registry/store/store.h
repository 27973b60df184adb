/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's database: its schema, and the connections that threads take from it. */
#ifndef REGISTRY_STORE_H
#define REGISTRY_STORE_H

#include "svc/registry/store/db.h"

/* Any number of threads take from one store; a connection belongs to who took it. */
struct store;

/*
 * A database is "/path" or "sqlite:/path", or PostgreSQL's "postgresql://role@host/name?..." with
 * libpq's parameters. A password in it is refused: it belongs in the file that passfile=/path or
 * the variable PGPASSFILE names.
 */
struct store_params {
	const char *database; /* as the application's role, which owns nothing */
	size_t connections;   /* 1 to 256 */
};

/*
 * Refuses a database that is no registry, a schema older or newer than ours, and on PostgreSQL a
 * role that row-level security does not bind. err is one line.
 */
struct store *store_open(const struct store_params *params, char *err, size_t size);
void store_close(struct store *store); /* all connections must have been given back */

/* NULL when none came free within wait_ms. */
#define STORE_WAIT_MS 1000
struct db *store_take(struct store *store, int wait_ms);
void store_give(struct store *store, struct db *db);

/* A connection beside the pool, for a thread of its own. NULL and one line in err. */
struct db *store_join(struct store *store, char *err, size_t size);
void store_leave(struct db *db); /* before store_close(); NULL is fine */

/* The database answers. why is one line when it does not. Any thread. */
bool store_ready(struct store *store, char *why, size_t size);

/*
 * Brings the schema up to date, and makes it first: SQLite's file (mode 0600) is created, a
 * PostgreSQL database must be there. *from_out is the version that was found, 0: none.
 */
struct store_owner {
	const char *database; /* on PostgreSQL as the owner of the schema */
	const char *role;     /* PostgreSQL: the application's, which must exist; else NULL */
};
bool store_migrate(const struct store_owner *owner, int *from_out, char *err, size_t size);

#endif
