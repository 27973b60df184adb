/* SPDX-License-Identifier: Apache-2.0 */
/* What PostgreSQL's codes mean to the store. */
#ifndef REGISTRY_POSTGRES_CODES_H
#define REGISTRY_POSTGRES_CODES_H

#include "svc/registry/store/driver.h"

/* *lost_out: the server has ended the connection, or will. */
enum store_status postgres_status(const char *sqlstate, bool *lost_out);

uint32_t postgres_type(enum db_kind kind); /* of a parameter; 0: the server shall find out */
bool postgres_kind(uint32_t type, enum db_kind *kind_out); /* false: a type that is not read */

/* Two, four or eight bytes in network order, or a boolean in one. */
int64_t postgres_integer(const unsigned char *bytes, size_t len);

/*
 * PQconnectStartParams()'s two lists, with their NULL. What is named before dbname the database's
 * text may change, what comes after it may not.
 */
#define POSTGRES_OPTIONS 9
extern const char *const postgres_option_names[POSTGRES_OPTIONS];
void postgres_options(const char *database, bool owner, const char *values_out[POSTGRES_OPTIONS]);

#endif
