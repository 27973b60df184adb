/* SPDX-License-Identifier: Apache-2.0 */
/* What became of announced calls and is still to be told: bounded in entries and in age, tried
 * again ever more rarely while nobody listens. No clock, no sockets: the loop's thread only. */
#ifndef PROXY_OUTCOME_QUEUE_H
#define PROXY_OUTCOME_QUEUE_H

#include "sip-proxy/call.h"

#define OUTCOME_PAUSE_MIN_MS 100
#define OUTCOME_PAUSE_MAX_MS 10000
#define OUTCOME_PACE_MS	     2 /* between two, when those are told that had to wait */

struct outcome {
	struct outcome *next;
	int64_t added_ms;
	char receipt[REGISTRY_RECEIPT_MAX + 1];
};

struct outcome_queue {
	struct outcome *first, **last;
	size_t n; /* those that were taken included */
	size_t max;
	int64_t age_ms;
	int64_t not_before_ms; /* nothing is taken until then */
	unsigned failures;     /* in a row */
	bool behind;	       /* there was a failure, and what waited then is not told yet */
};

void outcome_queue_init(struct outcome_queue *queue, size_t max, int64_t age_ms);

/* false: it is full; nothing was taken. */
bool outcome_queue_add(struct outcome_queue *queue, const char *receipt, int64_t now_ms);

/* The next one to be told, which is the caller's until it is ended or put back. NULL: nothing
 * waits, or it is too early. */
struct outcome *outcome_queue_take(struct outcome_queue *queue, int64_t now_ms);

/* One that was taken is told, or will never be. */
void outcome_queue_end(struct outcome_queue *queue, struct outcome *outcome);

/* The registry has answered: the others need not wait. */
void outcome_queue_heard(struct outcome_queue *queue, int64_t now_ms);

/* One that was taken could not be told: it goes behind the others, since it may be the only one
 * that fails; all wait, twice as long each time and at least for wait_ms. */
void outcome_queue_failed(struct outcome_queue *queue, struct outcome *outcome, int64_t now_ms,
			  int64_t wait_ms);

/* Drops what is too old, but what was taken. Returns how many. */
size_t outcome_queue_expire(struct outcome_queue *queue, int64_t now_ms);

/* Milliseconds until one may be taken; -1: nothing waits. */
int64_t outcome_queue_wait(const struct outcome_queue *queue, int64_t now_ms);

/* Drops all that wait. Returns how many. */
size_t outcome_queue_clear(struct outcome_queue *queue);

#endif
