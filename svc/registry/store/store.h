/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's database: its schema, and the connections that threads take from it. */
#ifndef REGISTRY_STORE_H
#define REGISTRY_STORE_H

#include "svc/registry/store/sqlite.h"

/* Any number of threads take from one store; a connection belongs to who took it. */
struct store;

struct store_params {
	const char *path;
	size_t connections; /* 1 to 256; who finds none waits */
};

/* Refuses a file that is no registry, and a schema older or newer than ours. err is one line. */
struct store *store_open(const struct store_params *params, char *err, size_t size);
void store_close(struct store *store); /* all connections must have been given back */

struct db *store_take(struct store *store);
void store_give(struct store *store, struct db *db);

/* The database answers. why is one line when it does not. Any thread. */
bool store_ready(struct store *store, char *why, size_t size);

/* Creates the file (mode 0600) if there is none and brings its schema up to date. *from_out is
 * the version that was found. */
bool store_migrate(const char *path, int *from_out, char *err, size_t size);

#define STORE_SCHEMA_VERSION 1

#endif
