/* SPDX-License-Identifier: Apache-2.0 */
/* What export and import share. */
#ifndef REGISTRY_STORE_TRANSFER_TABLES_H
#define REGISTRY_STORE_TRANSFER_TABLES_H

#include "svc/registry/store/db.h"

#include <jansson.h>

#define TRANSFER_FORMAT	 "attestel_registry" /* the first line's first name */
#define TRANSFER_VERSION 1
#define TRANSFER_TABLES	 23

struct transfer_table {
	const char *name;
	bool has_serial; /* that the database gives */
	const char *any, *select, *declare, *fetch;
};

/* A table stands after those that it refers to; the last name is NULL. */
extern const struct transfer_table transfer_tables[TRANSFER_TABLES + 1];

/* The owner's connection inside a transaction over all tenants, the schema being ours. NULL: err.
 */
struct db *transfer_open(const char *database, enum db_mode mode, char *err, size_t size);

#endif
