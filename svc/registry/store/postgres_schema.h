/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's roles: who may make the schema, who may serve it, and whose rows each one sees. */
#ifndef REGISTRY_POSTGRES_SCHEMA_H
#define REGISTRY_POSTGRES_SCHEMA_H

#include "svc/registry/store/driver.h"

extern const struct db_word postgres_words[];

/* The functions of struct db_driver with these names. */
enum store_status postgres_check(struct db *db);
enum store_status postgres_found(struct db *db);
enum store_status postgres_grant(struct db *db, const char *role);

#endif
