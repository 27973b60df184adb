/* SPDX-License-Identifier: Apache-2.0 */
/* Two hash tables that take turns. */
#include "media/ng/cookie.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "svc/runtime/wipe.h"

#define BUCKETS 16384 /* a power of two */

struct generation {
	struct cookie **buckets;
	size_t count, bytes;
};

struct cookies {
	struct cookie_limits limits;
	struct generation young, old;
	int64_t swap_at_ms;
	uint64_t seed[2]; /* so that nobody chooses cookies of one bucket */
	size_t early;
};

static bool generation_init(struct generation *generation)
{
	generation->buckets = calloc(BUCKETS, sizeof(struct cookie *));
	return generation->buckets != NULL;
}

struct cookies *cookies_new(const struct cookie_limits *limits, int64_t now_ms)
{
	struct cookies *cookies = calloc(1, sizeof(*cookies));

	if (cookies == NULL)
		return NULL;
	cookies->limits = *limits;
	cookies->swap_at_ms = now_ms + COOKIE_GENERATION_MS;
	if (!generation_init(&cookies->young) || !generation_init(&cookies->old) ||
	    getrandom(cookies->seed, sizeof(cookies->seed), 0) != (ssize_t)sizeof(cookies->seed)) {
		cookies_free(cookies);
		return NULL;
	}
	return cookies;
}

static size_t size_of(const struct cookie *cookie)
{
	return sizeof(*cookie) + cookie->key_len + cookie->reply_len;
}

static void cookie_free(struct cookie *cookie)
{
	wipe_free((char *)(uintptr_t)cookie->reply); /* an SDP with its keys */
	free(cookie);
}

static void put(struct generation *generation, struct cookie *cookie)
{
	struct cookie **bucket = &generation->buckets[cookie->hash & (BUCKETS - 1)];

	cookie->next = *bucket;
	*bucket = cookie;
	generation->count++;
	generation->bytes += size_of(cookie);
}

/* Takes cookie out of the generation, if it is in it. */
static bool take_out(struct generation *generation, const struct cookie *cookie)
{
	struct cookie **at = &generation->buckets[cookie->hash & (BUCKETS - 1)];

	while (*at != NULL && *at != cookie)
		at = &(*at)->next;
	if (*at == NULL)
		return false;
	*at = cookie->next;
	generation->count--;
	generation->bytes -= size_of(cookie);
	return true;
}

/* Frees what is finished; what runs moves to where it is kept, NULL: it is freed too. */
static void empty(struct generation *generation, struct generation *to)
{
	for (size_t i = 0; i < BUCKETS && generation->buckets != NULL; i++) {
		struct cookie *cookie = generation->buckets[i], *next;

		generation->buckets[i] = NULL;
		for (; cookie != NULL; cookie = next) {
			next = cookie->next;
			if (cookie->reply == NULL && to != NULL)
				put(to, cookie);
			else
				cookie_free(cookie);
		}
	}
	generation->count = generation->bytes = 0;
}

void cookies_free(struct cookies *cookies)
{
	if (cookies == NULL)
		return;
	empty(&cookies->young, NULL);
	empty(&cookies->old, NULL);
	free(cookies->young.buckets);
	free(cookies->old.buckets);
	free(cookies);
}

static void swap(struct cookies *cookies, int64_t now_ms)
{
	struct generation young = cookies->young;

	cookies->young = cookies->old;
	cookies->old = young;
	/* What ran in the old one is kept in the one that was young until now. */
	empty(&cookies->young, &cookies->old);
	cookies->swap_at_ms = now_ms + COOKIE_GENERATION_MS;
}

void cookies_tick(struct cookies *cookies, int64_t now_ms)
{
	bool both = now_ms >= cookies->swap_at_ms + COOKIE_GENERATION_MS;

	if (now_ms < cookies->swap_at_ms)
		return;
	swap(cookies, now_ms);
	if (both) /* nothing came for so long that the young are old too */
		swap(cookies, now_ms);
}

static void age(struct cookies *cookies, int64_t now_ms)
{
	cookies_tick(cookies, now_ms);
	if (cookies->young.count < cookies->limits.count_max &&
	    cookies->young.bytes < cookies->limits.bytes_max)
		return;
	cookies->early++;
	swap(cookies, now_ms);
}

static uint64_t hash_of(const struct cookies *cookies, const char *key, size_t len)
{
	uint64_t hash = cookies->seed[0];

	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ (unsigned char)key[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	hash = (hash ^ cookies->seed[1]) * 0xbf58476d1ce4e5b9u;
	return hash ^ hash >> 32;
}

static struct cookie *find(const struct generation *generation, const char *key, size_t len,
			   uint64_t hash)
{
	struct cookie *cookie = generation->buckets[hash & (BUCKETS - 1)];

	while (cookie != NULL && (cookie->hash != hash || cookie->key_len != len ||
				  memcmp(cookie->key, key, len) != 0))
		cookie = cookie->next;
	return cookie;
}

struct cookie *cookies_look(struct cookies *cookies, const char *key, size_t len, int64_t now_ms,
			    bool *new_out)
{
	uint64_t hash = hash_of(cookies, key, len);
	struct cookie *cookie;

	age(cookies, now_ms);
	cookie = find(&cookies->young, key, len, hash);
	if (cookie == NULL)
		cookie = find(&cookies->old, key, len, hash);
	*new_out = cookie == NULL;
	if (cookie != NULL)
		return cookie;
	cookie = calloc(1, sizeof(*cookie) + len);
	if (cookie == NULL)
		return NULL;
	cookie->hash = hash;
	cookie->key_len = len;
	memcpy(cookie->key, key, len);
	put(&cookies->young, cookie);
	return cookie;
}

void cookies_done(struct cookies *cookies, struct cookie *cookie, char *reply, size_t len)
{
	/* The reply's time begins now: it goes among the young, however long it took. */
	if (!take_out(&cookies->young, cookie))
		take_out(&cookies->old, cookie);
	cookie->reply = reply;
	cookie->reply_len = len;
	cookie->magic = NULL;
	put(&cookies->young, cookie);
}

void cookies_drop(struct cookies *cookies, struct cookie *cookie)
{
	if (!take_out(&cookies->young, cookie))
		take_out(&cookies->old, cookie);
	cookie_free(cookie);
}

size_t cookies_count(const struct cookies *cookies)
{
	return cookies->young.count + cookies->old.count;
}

size_t cookies_early(const struct cookies *cookies)
{
	return cookies->early;
}
