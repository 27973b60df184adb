/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of signers' certificates, by URL: bounded, the least recently used gives way. */
#include "certcache.h"

#include "fail.h"

#include <openssl/rand.h>

#include <stdlib.h>
#include <string.h>

/* Without memory a row is not kept; the program goes on (uthash would exit() otherwise). */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define BAD_AGE_S 30 /* a bad certificate is looked at again after this: its owner may mend it */

#define CACHE_LINE 64
#define PRIME	   ((UINT64_C(1) << 61) - 1)

struct row {
	UT_hash_handle hh;
	struct cid_cert *cert;
	int64_t looked_at;
	bool used; /* since it came last to the end of the order */
	char url[];
};

struct cid_certcache {
	uint64_t secret;
	struct row *rows; /* uthash keeps the order of insertion: the head is the oldest use */
	size_t max;
	int64_t max_age_s;
};

enum callerid_status cid_certcache_new(size_t max, int64_t max_age_s,
				       struct cid_certcache **cache_out, struct callerid_error *err)
{
	struct cid_certcache *cache = calloc(1, sizeof(*cache));

	if (cache == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "certcache", "no memory");
	if (RAND_bytes((unsigned char *)&cache->secret, sizeof(cache->secret)) != 1) {
		free(cache);
		return cid_fail(err, CALLERID_ECRYPTO, "certcache", "no randomness");
	}
	cache->secret %= PRIME;
	cache->max = max;
	cache->max_age_s = max_age_s;
	*cache_out = cache;
	return CALLERID_OK;
}

static void forget(struct cid_certcache *cache, struct row *row)
{
	HASH_DELETE(hh, cache->rows, row);
	cid_cert_release(row->cert);
	free(row);
}

void cid_certcache_flush(struct cid_certcache *cache)
{
	while (cache->rows != NULL)
		forget(cache, cache->rows);
}

void cid_certcache_free(struct cid_certcache *cache)
{
	if (cache == NULL)
		return;
	cid_certcache_flush(cache);
	free(cache);
}

/* now may lie before looked_at: a batch of old calls is verified at the time of each call. */
static bool is_current(const struct cid_certcache *cache, const struct row *row, int64_t now)
{
	int64_t age = now > row->looked_at ? now - row->looked_at : row->looked_at - now;
	int64_t limit = row->cert->good ? cache->max_age_s : BAD_AGE_S;

	return age < limit && now >= row->cert->same_from && now < row->cert->same_until;
}

/*
 * The URL as a polynomial at a secret point: strangers choose URLs, and must not be able to choose
 * many that fall into one bucket.
 */
static unsigned hash_of(const struct cid_certcache *cache, const char *url, size_t len)
{
	uint64_t h = len;

	for (size_t i = 0; i < len; i++) {
		unsigned __int128 x = (unsigned __int128)h * cache->secret + (uint8_t)url[i];

		/* 2^61 is 1 modulo PRIME: the upper half is added to the lower. */
		h = (uint64_t)(x & PRIME) + (uint64_t)(x >> 61);
		h -= h >= PRIME ? PRIME : 0;
	}
	return (unsigned)(h ^ (h >> 32));
}

static struct row *find(struct cid_certcache *cache, const char *url)
{
	size_t len = strlen(url);
	struct row *row = NULL;

	HASH_FIND_BYHASHVALUE(hh, cache->rows, url, len, hash_of(cache, url, len), row);
	return row;
}

/* The last place in the order of use. Without memory for the table the row is not in it. */
static bool append(struct cid_certcache *cache, struct row *row)
{
	size_t len = strlen(row->url);

	HASH_ADD_KEYPTR_BYHASHVALUE(hh, cache->rows, row->url, len, hash_of(cache, row->url, len),
				    row);
	return row->hh.tbl != NULL;
}

/* What a verification will look at comes at once, rather than line by line as it is come upon. */
static void fetch_ahead(const struct cid_cert *cert)
{
	const char *from = (const char *)cert;

	for (size_t at = 0; at < CID_CERT_HOT; at += CACHE_LINE)
		__builtin_prefetch(from + at);
}

struct cid_cert *cid_certcache_get(struct cid_certcache *cache, const char *url, int64_t now)
{
	struct row *row = find(cache, url);

	if (row == NULL)
		return NULL;
	fetch_ahead(row->cert);
	if (!is_current(cache, row, now)) {
		forget(cache, row);
		return NULL;
	}
	row->used = true;
	return cid_cert_hold(row->cert);
}

/*
 * The head gives way, unless it was used: then it goes to the end, and the next is looked at. To
 * keep the order at each use instead would touch its neighbours, far apart in memory.
 */
static void make_room(struct cid_certcache *cache)
{
	while (HASH_COUNT(cache->rows) >= cache->max) {
		struct row *row = cache->rows;

		if (!row->used) {
			forget(cache, row);
			continue;
		}
		row->used = false;
		HASH_DELETE(hh, cache->rows, row);
		if (!append(cache, row)) {
			cid_cert_release(row->cert);
			free(row);
		}
	}
}

void cid_certcache_put(struct cid_certcache *cache, const char *url, struct cid_cert *cert,
		       int64_t now)
{
	struct row *row = find(cache, url);
	size_t n = strlen(url);

	if (row != NULL)
		forget(cache, row);
	make_room(cache);
	row = calloc(1, sizeof(*row) + n + 1);
	if (row == NULL)
		return;
	memcpy(row->url, url, n + 1);
	row->cert = cid_cert_hold(cert);
	row->looked_at = now;
	if (!append(cache, row)) {
		cid_cert_release(cert);
		free(row);
	}
}
