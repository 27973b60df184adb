/* SPDX-License-Identifier: Apache-2.0 */
/* Timers of one worker, the next one due first: a binary heap that knows where each timer lies. */
#ifndef MEDIA_PATH_HEAP_H
#define MEDIA_PATH_HEAP_H

#include "media/path/worker.h"

/* Zeroed it is empty. */
struct timer_heap {
	struct worker_timer **at; /* from 1: place 0 is that of an idle timer */
	size_t n, room;
};

void timer_heap_free(struct timer_heap *heap);
/* Moves it when it is there already. false: no memory. */
bool timer_heap_put(struct timer_heap *heap, struct worker_timer *timer, uint64_t due);
void timer_heap_remove(struct timer_heap *heap, struct worker_timer *timer);
/* NULL: none. */
struct worker_timer *timer_heap_first(const struct timer_heap *heap);

#endif
