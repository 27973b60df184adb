/* SPDX-License-Identifier: Apache-2.0 */
/* The whole registry as lines of JSON, and back: how it moves from one engine to the other. */
#ifndef REGISTRY_STORE_TRANSFER_H
#define REGISTRY_STORE_TRANSFER_H

#include <stddef.h>

/* Every table but schema_version; a table stands after those that it refers to. */
extern const char *const transfer_tables[];
extern const size_t transfer_tables_count;

#endif
