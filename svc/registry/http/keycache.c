/* SPDX-License-Identifier: Apache-2.0 */
/* A table of rows by a part of their name. */
#include "svc/registry/http/keycache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define SHARDS 16 /* locks; threads seldom meet at one */
#define WAYS   4

struct entry {
	uint8_t name[KEY_HASH];
	int64_t until_ms; /* 0: empty */
	struct key_row row;
};

struct keycache {
	pthread_mutex_t mutexes[SHARDS];
	struct entry entries[KEYCACHE_ROWS];
	_Atomic uint32_t known[KEYCACHE_KNOWN][WAYS]; /* a part of each name; 0: empty */
};

struct keycache *keycache_new(void)
{
	struct keycache *cache = calloc(1, sizeof *cache);

	for (size_t i = 0; cache != NULL && i < SHARDS; i++)
		pthread_mutex_init(&cache->mutexes[i], NULL);
	return cache;
}

void keycache_free(struct keycache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_destroy(&cache->mutexes[i]);
	OPENSSL_cleanse(cache->entries, sizeof cache->entries);
	free(cache);
}

/* The name is a hash: its first bytes are as good as any. */
static size_t place_of(const uint8_t name[KEY_HASH])
{
	return ((size_t)name[0] << 8 | name[1]) % KEYCACHE_ROWS;
}

bool keycache_get(struct keycache *cache, const uint8_t name[KEY_HASH], int64_t now_ms,
		  struct key_row *row_out)
{
	size_t place = place_of(name);
	const struct entry *entry = &cache->entries[place];

	pthread_mutex_lock(&cache->mutexes[place % SHARDS]);
	/* a clock that was set back must not make a row live longer */
	bool found = entry->until_ms > now_ms && entry->until_ms <= now_ms + KEYCACHE_MS &&
		     CRYPTO_memcmp(entry->name, name, KEY_HASH) == 0;
	if (found)
		*row_out = entry->row;
	pthread_mutex_unlock(&cache->mutexes[place % SHARDS]);
	return found;
}

/* Other bytes than place_of() uses. */
static size_t known_set(const uint8_t name[KEY_HASH])
{
	return ((size_t)name[2] << 16 | (size_t)name[3] << 8 | name[4]) % KEYCACHE_KNOWN;
}

static uint32_t known_part(const uint8_t name[KEY_HASH])
{
	uint32_t part;

	memcpy(&part, name + KEY_HASH - sizeof part, sizeof part);
	return part | 1;
}

bool keycache_knew(const struct keycache *cache, const uint8_t name[KEY_HASH])
{
	const _Atomic uint32_t *set = cache->known[known_set(name)];
	uint32_t part = known_part(name);
	bool known = false;

	for (size_t i = 0; i < WAYS; i++)
		known = known || atomic_load_explicit(&set[i], memory_order_relaxed) == part;
	return known;
}

/* Two threads that write at once may lose one name, which is then one that was never here. */
static void know(struct keycache *cache, const uint8_t name[KEY_HASH])
{
	_Atomic uint32_t *set = cache->known[known_set(name)];
	size_t at = 0;

	if (keycache_knew(cache, name))
		return;
	while (at < WAYS && atomic_load_explicit(&set[at], memory_order_relaxed) != 0)
		at++;
	at = at < WAYS ? at : name[0] % WAYS;
	atomic_store_explicit(&set[at], known_part(name), memory_order_relaxed);
}

void keycache_put(struct keycache *cache, const uint8_t name[KEY_HASH], int64_t now_ms,
		  const struct key_row *row)
{
	size_t place = place_of(name);
	struct entry *entry = &cache->entries[place];

	know(cache, name);
	pthread_mutex_lock(&cache->mutexes[place % SHARDS]);
	memcpy(entry->name, name, KEY_HASH);
	entry->until_ms = now_ms + KEYCACHE_MS;
	entry->row = *row;
	pthread_mutex_unlock(&cache->mutexes[place % SHARDS]);
}

void keycache_clear(struct keycache *cache)
{
	for (size_t i = 0; i < KEYCACHE_ROWS; i++) {
		pthread_mutex_lock(&cache->mutexes[i % SHARDS]);
		cache->entries[i].until_ms = 0;
		pthread_mutex_unlock(&cache->mutexes[i % SHARDS]);
	}
}
