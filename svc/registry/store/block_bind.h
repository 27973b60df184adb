/* SPDX-License-Identifier: Apache-2.0 */
/* Binding the four texts that a number's entry may stand under. */
#ifndef REGISTRY_STORE_BLOCK_BIND_H
#define REGISTRY_STORE_BLOCK_BIND_H

#include "svc/registry/domain/block.h"
#include "svc/registry/store/db.h"

/* For "number IN " BLOCK_IN */
#define BLOCK_IN "(:one, :ten, :hundred, :thousand)"

/* Compares the tenant so that no planner goes by it, but by the four numbers. */
#define BLOCK_TENANT " AND tenant || '' = :tenant"

/* number is a number or a block, of which the first number counts. keys is filled and borrowed by
 * the statement until db_done(). */
void block_bind(struct db_query *query, const char *number, struct block keys[BLOCK_KEYS]);

#endif
