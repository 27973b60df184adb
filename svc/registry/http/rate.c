/* SPDX-License-Identifier: Apache-2.0 */
/* Token buckets in a table of fixed size. */
#include "svc/registry/http/rate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svc/runtime/siphash.h"

#define SHARDS	    16
#define WAYS	    4 /* places that a caller may stand in */
#define SETS	    (RATE_SUBJECTS / WAYS)
#define SUBJECT_MAX 47 /* an IPv6 address, or an identifier */
#define MILLI	    1000

struct bucket {
	char subject[SUBJECT_MAX + 1]; /* "": empty */
	enum http_rate class;
	int64_t milli; /* thousandths of a request */
	int64_t at_ms; /* of the last visit */
};

struct rate {
	struct rate_settings settings;
	struct siphash_key secret; /* a stranger has a network of addresses to choose from */
	pthread_mutex_t mutexes[SHARDS];
	struct bucket buckets[SETS][WAYS];
};

const char *const rate_names[HTTP_RATES + 1] = {
	[RATE_RING] = "ring", [RATE_WRITE] = "write",	[RATE_READ] = "read",
	[RATE_BULK] = "bulk", [RATE_PUBLIC] = "public",
};

struct rate *rate_new(const struct rate_settings *settings)
{
	struct rate *rate = calloc(1, sizeof *rate);

	if (rate == NULL || !siphash_key_make(&rate->secret)) {
		free(rate);
		return NULL;
	}
	rate->settings = *settings;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&rate->mutexes[i], NULL);
	return rate;
}

void rate_free(struct rate *rate)
{
	if (rate == NULL)
		return;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_destroy(&rate->mutexes[i]);
	free(rate);
}

/* Classes of a subject stand apart. Who chose the set could push an empty bucket out of it. */
static size_t set_of(const struct rate *rate, enum http_rate class, const char *subject)
{
	return (siphash(&rate->secret, subject, strlen(subject)) + class) % SETS;
}

static struct bucket *find(struct bucket ways[WAYS], enum http_rate class, const char *subject)
{
	struct bucket *oldest = &ways[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (ways[i].class == class && strcmp(ways[i].subject, subject) == 0)
			return &ways[i];
		if (ways[i].at_ms < oldest->at_ms)
			oldest = &ways[i];
	}
	oldest->subject[0] = 0;
	return oldest;
}

static void fill(struct bucket *bucket, const struct rate_policy *policy, int64_t now_ms)
{
	int64_t passed = now_ms - bucket->at_ms, full = policy->burst * MILLI;

	/* one millisecond brings per_s thousandths; a clock set back brings nothing */
	if (passed > 0 && passed <= full / policy->per_s)
		bucket->milli += passed * policy->per_s;
	else if (passed > 0)
		bucket->milli = full;
	if (bucket->milli > full)
		bucket->milli = full;
	bucket->at_ms = now_ms;
}

static bool take(struct bucket *bucket, const struct rate_policy *policy,
		 struct rate_state *state_out)
{
	bool allowed = bucket->milli >= MILLI;

	if (allowed)
		bucket->milli -= MILLI;
	int64_t missing = MILLI - bucket->milli;
	*state_out = (struct rate_state){
		.limit = policy->burst,
		.remaining = bucket->milli / MILLI,
		.wait_ms = missing > 0 ? (missing + policy->per_s - 1) / policy->per_s : 0,
	};
	return allowed;
}

bool rate_take(struct rate *rate, enum http_rate class, const char *subject, int64_t now_ms,
	       struct rate_state *state_out)
{
	const struct rate_policy *policy = &rate->settings.policy[class];
	size_t set = set_of(rate, class, subject);

	*state_out = (struct rate_state){.limit = 0};
	if (policy->per_s == 0)
		return true;
	pthread_mutex_lock(&rate->mutexes[set % SHARDS]);
	struct bucket *bucket = find(rate->buckets[set], class, subject);
	if (bucket->subject[0] == 0) {
		*bucket = (struct bucket){
			.class = class, .milli = policy->burst * MILLI, .at_ms = now_ms};
		snprintf(bucket->subject, sizeof bucket->subject, "%s", subject);
	}
	fill(bucket, policy, now_ms);
	bool allowed = take(bucket, policy, state_out);
	pthread_mutex_unlock(&rate->mutexes[set % SHARDS]);
	return allowed;
}
