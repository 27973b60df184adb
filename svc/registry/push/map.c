/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probes; what is removed leaves no mark, those behind it move up. */
#include "svc/registry/push/map.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_MIN 1024

void map_init(struct map *map, const struct siphash_key *secret)
{
	*map = (struct map){.secret = *secret};
}

void map_clear(struct map *map)
{
	free(map->slots);
	*map = (struct map){.secret = map->secret};
}

/* Where the key belongs. */
static size_t home_of(const struct map *map, uint64_t key)
{
	return (size_t)siphash(&map->secret, &key, sizeof key) & (map->size - 1);
}

/* The key's slot, or the free one where it would stand. There is always a free one. */
static size_t find(const struct map *map, uint64_t key)
{
	size_t at = home_of(map, key);

	while (map->slots[at].key != 0 && map->slots[at].key != key)
		at = (at + 1) & (map->size - 1);
	return at;
}

static bool grow(struct map *map)
{
	struct map bigger = {.size = map->size > 0 ? 2 * map->size : SIZE_MIN,
			     .n = map->n,
			     .secret = map->secret};

	bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
	if (bigger.slots == NULL)
		return false;
	for (size_t i = 0; i < map->size; i++) {
		if (map->slots[i].key != 0)
			bigger.slots[find(&bigger, map->slots[i].key)] = map->slots[i];
	}
	free(map->slots);
	*map = bigger;
	return true;
}

bool map_put(struct map *map, uint64_t key, uint64_t value)
{
	/* two of three at most are taken */
	if (3 * (map->n + 1) > 2 * map->size && !grow(map))
		return false;
	struct map_slot *slot = &map->slots[find(map, key)];
	map->n += slot->key == 0;
	*slot = (struct map_slot){key, value};
	return true;
}

bool map_get(const struct map *map, uint64_t key, uint64_t *value_out)
{
	if (map->n == 0)
		return false;
	const struct map_slot *slot = &map->slots[find(map, key)];
	if (slot->key == 0)
		return false;
	*value_out = slot->value;
	return true;
}

void map_remove(struct map *map, uint64_t key)
{
	const size_t mask = map->size - 1;
	size_t hole = map->n > 0 ? find(map, key) : 0;

	if (map->n == 0 || map->slots[hole].key == 0)
		return;
	map->n--;
	for (size_t at = (hole + 1) & mask; map->slots[at].key != 0; at = (at + 1) & mask) {
		/* one that belongs behind the hole must not move before its place */
		size_t home = home_of(map, map->slots[at].key);
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		map->slots[hole] = map->slots[at];
		hole = at;
	}
	map->slots[hole].key = 0;
}

void map_keep(struct map *map, uint64_t least)
{
	for (size_t i = 0; i < map->size;) {
		uint64_t key = map->slots[i].key;
		if (key != 0 && map->slots[i].value < least)
			map_remove(map, key); /* another may have moved here */
		else
			i++;
	}
}
