/* SPDX-License-Identifier: Apache-2.0 */
/* The memory cache: a uthash table, whose insertion order serves as the order of use. */
#include "svc/certs/cache.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "svc/runtime/siphash.h"

struct entry {
	UT_hash_handle hh;
	struct certs_cache_item item;
	char text[]; /* url NUL why NUL body */
};

struct certs_cache {
	struct entry *entries;
	struct siphash_key secret; /* of the hash: callers choose the URLs */
	size_t max;
	certs_cache_evicted *evicted;
	void *magic;
};

struct certs_cache *certs_cache_new(size_t max, certs_cache_evicted *evicted, void *magic)
{
	struct certs_cache *cache = calloc(1, sizeof(*cache));

	if (!cache || !siphash_key_make(&cache->secret)) {
		free(cache);
		return NULL;
	}
	cache->max = max;
	cache->evicted = evicted;
	cache->magic = magic;
	return cache;
}

static void remove_entry(struct certs_cache *cache, struct entry *entry)
{
	HASH_DEL(cache->entries, entry);
	free(entry);
}

void certs_cache_free(struct certs_cache *cache)
{
	struct entry *entry, *next;

	if (!cache)
		return;
	HASH_ITER (hh, cache->entries, entry, next)
		remove_entry(cache, entry);
	free(cache);
}

static unsigned hash_of(const struct certs_cache *cache, const char *url)
{
	return (unsigned)siphash(&cache->secret, url, strlen(url));
}

static struct entry *find(struct certs_cache *cache, const char *url)
{
	struct entry *entry;

	HASH_FIND_BYHASHVALUE(hh, cache->entries, url, strlen(url), hash_of(cache, url), entry);
	return entry;
}

static void append(struct certs_cache *cache, struct entry *entry)
{
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, cache->entries, entry->text, strlen(entry->text),
				    hash_of(cache, entry->text), entry);
}

const struct certs_cache_item *certs_cache_find(struct certs_cache *cache, const char *url)
{
	struct entry *entry = find(cache, url);

	if (!entry)
		return NULL;
	HASH_DEL(cache->entries, entry);
	append(cache, entry);
	return &entry->item;
}

static struct entry *entry_new(const char *url, const struct certs_cache_item *item)
{
	size_t url_size = strlen(url) + 1;
	size_t why_size = strlen(item->why) + 1;
	struct entry *entry = calloc(1, sizeof(*entry) + url_size + why_size + item->len);

	if (!entry)
		return NULL;
	entry->item = *item;
	memcpy(entry->text, url, url_size);
	entry->item.why = memcpy(entry->text + url_size, item->why, why_size);
	if (item->body)
		entry->item.body = memcpy(entry->text + url_size + why_size, item->body, item->len);
	return entry;
}

bool certs_cache_put(struct certs_cache *cache, const char *url,
		     const struct certs_cache_item *item)
{
	/* Made before the old one goes: url and item may point into it. */
	struct entry *made = entry_new(url, item);
	struct entry *old = find(cache, url);

	if (old)
		remove_entry(cache, old);
	if (!made)
		return false;
	/* The head of a uthash list is its oldest entry. */
	if (cache->entries && HASH_COUNT(cache->entries) >= cache->max) {
		if (cache->evicted)
			cache->evicted(cache->magic, cache->entries->text);
		remove_entry(cache, cache->entries);
	}
	append(cache, made);
	return true;
}

void certs_cache_drop(struct certs_cache *cache, const char *url)
{
	struct entry *entry = find(cache, url);

	if (entry)
		remove_entry(cache, entry);
}
