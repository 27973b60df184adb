/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often one caller may ask: a token bucket for each caller and class of requests, so that bulk
 * work never starves look-ups at ring time. Any thread.
 */
#ifndef REGISTRY_RATE_H
#define REGISTRY_RATE_H

#include "svc/registry/http/router.h"

#define RATE_SUBJECTS                                                                              \
	16384 /* callers remembered; one that comes beside takes the oldest's place                \
	       */

struct rate_policy {
	int64_t per_s; /* requests a second in the long run; 0: no limit */
	int64_t burst;
};

struct rate_settings {
	struct rate_policy policy[HTTP_RATES];
};

extern const char *const rate_names[HTTP_RATES + 1]; /* "ring"; NULL-terminated */

struct rate;

struct rate *rate_new(const struct rate_settings *settings); /* NULL: no memory */
void rate_free(struct rate *rate);			     /* NULL is fine */

/* What the RateLimit headers say. */
struct rate_state {
	int64_t limit;	   /* the burst */
	int64_t remaining; /* whole requests that may come now */
	int64_t wait_ms;   /* until the next may come; 0: now */
};

/* subject is a key's identifier or an address. false: too often; state says how long to wait. */
bool rate_take(struct rate *rate, enum http_rate class, const char *subject, int64_t now_ms,
	       struct rate_state *state_out);

#endif
