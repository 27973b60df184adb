/* SPDX-License-Identifier: Apache-2.0 */
/* Token buckets by source address. */
#include "sip-proxy/limit.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "svc/runtime/siphash.h"

#define SLOTS 16384

struct slot {
	int64_t last_ms;
	int64_t millitokens;
};

struct limiter {
	struct siphash_key secret; /* so that nobody outside can choose a neighbour */
	struct slot slots[SLOTS];
};

struct limiter *limiter_new(void)
{
	struct limiter *limiter = calloc(1, sizeof(*limiter));

	if (limiter != NULL && !siphash_key_make(&limiter->secret)) {
		free(limiter);
		return NULL;
	}
	return limiter;
}

void limiter_free(struct limiter *limiter)
{
	free(limiter);
}

static struct slot *find(struct limiter *limiter, const struct sockaddr *source)
{
	const uint8_t *bytes = NULL;
	size_t n = 0;

	if (source->sa_family == AF_INET) {
		bytes = (const uint8_t *)&((const struct sockaddr_in *)source)->sin_addr;
		n = 4;
	} else if (source->sa_family == AF_INET6) {
		/* A subscriber has a /64. */
		bytes = (const uint8_t *)&((const struct sockaddr_in6 *)source)->sin6_addr;
		n = 8;
	}
	return &limiter->slots[siphash(&limiter->secret, bytes, n) % SLOTS];
}

bool limiter_take(struct limiter *limiter, const struct sockaddr *source,
		  const struct limiter_rate *rate, int64_t now_ms)
{
	struct slot *slot = find(limiter, source);
	int64_t full = rate->burst * 1000;
	int64_t elapsed = now_ms - slot->last_ms;

	if (rate->per_second == 0)
		return true;
	/* A slot's first use, and any long silence, finds a full bucket. */
	if (slot->last_ms == 0 || elapsed > full / rate->per_second)
		slot->millitokens = full;
	else if (elapsed > 0)
		slot->millitokens += elapsed * rate->per_second;
	if (slot->millitokens > full)
		slot->millitokens = full;
	slot->last_ms = now_ms;
	if (slot->millitokens < 1000)
		return false;
	slot->millitokens -= 1000;
	return true;
}
