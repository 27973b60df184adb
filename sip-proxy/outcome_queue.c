/* SPDX-License-Identifier: Apache-2.0 */
/* The order, the bounds and the pauses of outcomes that wait. */
#include "sip-proxy/outcome_queue.h"

#include <stdio.h>
#include <stdlib.h>

#define DOUBLINGS_MAX 7 /* 100 ms to more than OUTCOME_PAUSE_MAX_MS */

void outcome_queue_init(struct outcome_queue *queue, size_t max, int64_t age_ms)
{
	*queue = (struct outcome_queue){.last = &queue->first, .max = max, .age_ms = age_ms};
}

static void put(struct outcome_queue *queue, struct outcome *outcome)
{
	outcome->next = NULL;
	*queue->last = outcome;
	queue->last = &outcome->next;
}

bool outcome_queue_add(struct outcome_queue *queue, const char *receipt, int64_t now_ms)
{
	struct outcome *outcome;

	if (queue->n >= queue->max)
		return false;
	outcome = calloc(1, sizeof(*outcome));
	if (outcome == NULL)
		abort();
	outcome->added_ms = now_ms;
	snprintf(outcome->receipt, sizeof(outcome->receipt), "%s", receipt);
	put(queue, outcome);
	queue->n++;
	return true;
}

/* Takes the one out that *at points to. */
static struct outcome *cut(struct outcome_queue *queue, struct outcome **at)
{
	struct outcome *outcome = *at;

	*at = outcome->next;
	if (queue->last == &outcome->next)
		queue->last = at;
	return outcome;
}

struct outcome *outcome_queue_take(struct outcome_queue *queue, int64_t now_ms)
{
	if (queue->first == NULL || now_ms < queue->not_before_ms)
		return NULL;
	return cut(queue, &queue->first);
}

void outcome_queue_end(struct outcome_queue *queue, struct outcome *outcome)
{
	queue->n--;
	free(outcome);
}

/* The registry counts outcomes together with the questions that calls wait for: what has piled up
 * must not use up their share at once. */
void outcome_queue_heard(struct outcome_queue *queue, int64_t now_ms)
{
	queue->failures = 0;
	queue->behind = queue->behind && queue->first != NULL;
	queue->not_before_ms = queue->behind ? now_ms + OUTCOME_PACE_MS : 0;
}

void outcome_queue_failed(struct outcome_queue *queue, struct outcome *outcome, int64_t now_ms,
			  int64_t wait_ms)
{
	int64_t pause = (int64_t)OUTCOME_PAUSE_MIN_MS << queue->failures;

	put(queue, outcome);
	queue->behind = true;
	if (queue->failures < DOUBLINGS_MAX)
		queue->failures++;
	if (pause < wait_ms)
		pause = wait_ms;
	if (pause > OUTCOME_PAUSE_MAX_MS)
		pause = OUTCOME_PAUSE_MAX_MS;
	if (queue->not_before_ms < now_ms + pause)
		queue->not_before_ms = now_ms + pause;
}

size_t outcome_queue_expire(struct outcome_queue *queue, int64_t now_ms)
{
	struct outcome **at = &queue->first;
	size_t dropped = 0;

	while (*at != NULL) {
		if (now_ms - (*at)->added_ms < queue->age_ms) {
			at = &(*at)->next;
			continue;
		}
		outcome_queue_end(queue, cut(queue, at));
		dropped++;
	}
	return dropped;
}

int64_t outcome_queue_wait(const struct outcome_queue *queue, int64_t now_ms)
{
	if (queue->first == NULL)
		return -1;
	return queue->not_before_ms > now_ms ? queue->not_before_ms - now_ms : 0;
}

size_t outcome_queue_clear(struct outcome_queue *queue)
{
	size_t dropped = 0;

	for (; queue->first != NULL; dropped++)
		outcome_queue_end(queue, cut(queue, &queue->first));
	return dropped;
}
