/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of signers' certificates, by URL: bounded, the least recently used gives way. */
#ifndef CID_CERTCACHE_H
#define CID_CERTCACHE_H

#include "chain.h"

#include <stddef.h>

struct cid_certcache; /* one thread at a time */

enum callerid_status cid_certcache_new(size_t max, int64_t max_age_s,
				       struct cid_certcache **cache_out,
				       struct callerid_error *err);
void cid_certcache_free(struct cid_certcache *cache); /* NULL is fine */

/* What is known of url and still true at now, held for the caller; NULL: look at it anew. */
struct cid_cert *cid_certcache_get(struct cid_certcache *cache, const char *url, int64_t now);

/* Keeps cert (taking a reference of its own) under the whole url. Without memory it is not kept. */
void cid_certcache_put(struct cid_certcache *cache, const char *url, struct cid_cert *cert,
		       int64_t now);

/* Forgets everything: anchors or CRLs have changed. */
void cid_certcache_flush(struct cid_certcache *cache);

#endif
