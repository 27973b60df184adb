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

#endif
