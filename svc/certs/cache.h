/* SPDX-License-Identifier: Apache-2.0 */
/* What is known about URLs, in memory: the least recently used goes first. */
#ifndef CERTS_CACHE_H
#define CERTS_CACHE_H

#include "svc/certs/certs.h"

#include <stdbool.h>

struct certs_cache_item {
	enum certs_status status;
	const char *why;  /* static text or copied; "" when CERTS_OK */
	const char *body; /* NULL unless CERTS_OK */
	size_t len;
	int64_t expires_ms; /* the owner's clock; the cache itself never looks at it */
	unsigned failures;  /* in a row */
};

/* Called before the oldest goes because a new one needs its place. */
typedef void certs_cache_evicted(void *magic, const char *url);

struct certs_cache;

struct certs_cache *certs_cache_new(size_t max, certs_cache_evicted *evicted, void *magic);
void certs_cache_free(struct certs_cache *cache); /* NULL is fine; evicted is not called */

/* Expired or not; NULL: unknown. Marks it as used. Valid until the next put or drop. */
const struct certs_cache_item *certs_cache_find(struct certs_cache *cache, const char *url);
/* Copies url and item; replaces what stood there. false: no memory, nothing is known now. */
bool certs_cache_put(struct certs_cache *cache, const char *url,
		     const struct certs_cache_item *item);
void certs_cache_drop(struct certs_cache *cache, const char *url);

#endif
