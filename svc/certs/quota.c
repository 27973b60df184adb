/* SPDX-License-Identifier: Apache-2.0 */
/* Token buckets: one for all fetches and one for each host that was asked lately. */
#include "svc/certs/quota.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "svc/runtime/siphash.h"

#define HOSTS_MAX 1024
#define TOKEN	  1000 /* a bucket counts thousandths, so that a millisecond adds whole numbers */

struct bucket {
	int64_t tokens;
	int64_t filled_ms;
};

struct host {
	UT_hash_handle hh;
	struct bucket bucket;
	char name[];
};

struct certs_quota {
	unsigned per_second, per_host;
	struct bucket all;
	struct siphash_key secret; /* of the hash: callers choose the hosts */
	struct host *hosts;	   /* the one that was asked longest ago first */
};

static int64_t full(unsigned rate)
{
	return (int64_t)rate * CERTS_QUOTA_BURST_S * TOKEN;
}

static void fill(struct bucket *bucket, unsigned rate, int64_t now_ms)
{
	int64_t passed_ms = now_ms - bucket->filled_ms;

	if (passed_ms > CERTS_QUOTA_BURST_S * 1000)
		passed_ms = CERTS_QUOTA_BURST_S * 1000;
	if (passed_ms > 0)
		bucket->tokens += passed_ms * rate * TOKEN / 1000;
	if (bucket->tokens > full(rate))
		bucket->tokens = full(rate);
	bucket->filled_ms = now_ms;
}

struct certs_quota *certs_quota_new(unsigned per_second, unsigned per_host)
{
	struct certs_quota *quota = calloc(1, sizeof(*quota));

	if (!quota || !siphash_key_make(&quota->secret)) {
		free(quota);
		return NULL;
	}
	quota->per_second = per_second;
	quota->per_host = per_host;
	quota->all.tokens = full(per_second);
	return quota;
}

void certs_quota_free(struct certs_quota *quota)
{
	struct host *host, *next;

	if (!quota)
		return;
	HASH_ITER (hh, quota->hosts, host, next) {
		HASH_DEL(quota->hosts, host);
		free(host);
	}
	free(quota);
}

/*
 * The host's bucket, moved to the end. Forgetting the oldest gives nothing away: while HOSTS_MAX
 * others were asked, its bucket has filled up again.
 */
static struct bucket *find_bucket(struct certs_quota *quota, const char *name, int64_t now_ms)
{
	size_t len = strlen(name);
	unsigned hash = (unsigned)siphash(&quota->secret, name, len);
	struct host *host, *oldest = quota->hosts;

	HASH_FIND_BYHASHVALUE(hh, quota->hosts, name, len, hash, host);
	if (host) {
		HASH_DEL(quota->hosts, host);
	} else {
		host = calloc(1, sizeof(*host) + len + 1);
		if (!host)
			return NULL;
		memcpy(host->name, name, len);
		host->bucket = (struct bucket){full(quota->per_host), now_ms};
		if (oldest && HASH_COUNT(quota->hosts) >= HOSTS_MAX) {
			HASH_DEL(quota->hosts, oldest);
			free(oldest);
		}
	}
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, quota->hosts, host->name, len, hash, host);
	return &host->bucket;
}

bool certs_quota_take(struct certs_quota *quota, const char *host, int64_t now_ms)
{
	char name[256] = "";
	struct bucket *bucket;

	/* Names are case-insensitive: one host, one bucket. */
	for (size_t i = 0; host[i] && i < sizeof(name) - 1; i++)
		name[i] = (char)tolower((unsigned char)host[i]);
	fill(&quota->all, quota->per_second, now_ms);
	if (quota->all.tokens < TOKEN)
		return false;
	bucket = find_bucket(quota, name, now_ms);
	if (!bucket)
		return false;
	fill(bucket, quota->per_host, now_ms);
	if (bucket->tokens < TOKEN)
		return false;
	bucket->tokens -= TOKEN;
	quota->all.tokens -= TOKEN;
	return true;
}
