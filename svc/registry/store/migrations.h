/* SPDX-License-Identifier: Apache-2.0 */
/* The schema as numbered steps forward. */
#ifndef REGISTRY_MIGRATIONS_H
#define REGISTRY_MIGRATIONS_H

#include "svc/registry/store/db.h"

extern const char schema_first[], schema_reviews[];

/* The version that this program needs, and the one that the database has (0: none; -1: the
 * database failed). Inside a transaction. */
int migrations_newest(void);
int migrations_version(struct db *db);

/* Brings the schema from any version up to date. Inside a DB_WRITE transaction of the owner. */
enum store_status migrations_apply(struct db *db, int *from_out);

#endif
