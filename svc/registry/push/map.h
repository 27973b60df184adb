/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From 64-bit keys to 64-bit values, 16 bytes each in one array: what a look-up asks without a
 * database. Keys are spread by a secret of the process, since strangers may choose them. No locks
 * of its own.
 */
#ifndef REGISTRY_PUSH_MAP_H
#define REGISTRY_PUSH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "svc/runtime/siphash.h"

struct map_slot {
	uint64_t key; /* 0: free */
	uint64_t value;
};

struct map {
	struct map_slot *slots;
	size_t n, size; /* size is 0 or a power of two */
	struct siphash_key secret;
};

void map_init(struct map *map, const struct siphash_key *secret);
void map_clear(struct map *map); /* empty; its memory is free */

/* Adds the key or changes its value. false: no memory. key is not 0. */
bool map_put(struct map *map, uint64_t key, uint64_t value);
bool map_get(const struct map *map, uint64_t key, uint64_t *value_out);
void map_remove(struct map *map, uint64_t key);
/* Only keys whose value is at least that stay. */
void map_keep(struct map *map, uint64_t least);

#endif
