/* SPDX-License-Identifier: Apache-2.0 */
/* Timers in a binary heap: a transport has one or two, and sets them anew with most packets of
 * ICE and DTLS, so setting and taking out are logarithmic and need no search. */
#include "media/path/heap.h"

#include <stdlib.h>

static void lay(struct timer_heap *heap, struct worker_timer *timer, size_t place)
{
	heap->at[place] = timer;
	timer->place = place;
}

static void rise(struct timer_heap *heap, struct worker_timer *timer, size_t place)
{
	while (place > 1 && heap->at[place / 2]->at > timer->at) {
		lay(heap, heap->at[place / 2], place);
		place /= 2;
	}
	lay(heap, timer, place);
}

static void sink(struct timer_heap *heap, struct worker_timer *timer, size_t place)
{
	while (2 * place <= heap->n) {
		size_t child = 2 * place;

		if (child < heap->n && heap->at[child + 1]->at < heap->at[child]->at)
			child++;
		if (heap->at[child]->at >= timer->at)
			break;
		lay(heap, heap->at[child], place);
		place = child;
	}
	lay(heap, timer, place);
}

static bool grow(struct timer_heap *heap)
{
	size_t room = heap->room ? 2 * heap->room : 64;
	struct worker_timer **at = reallocarray(heap->at, room, sizeof(struct worker_timer *));

	if (!at)
		return false;
	heap->at = at;
	heap->room = room;
	return true;
}

void timer_heap_free(struct timer_heap *heap)
{
	free(heap->at);
	*heap = (struct timer_heap){.at = NULL};
}

bool timer_heap_put(struct timer_heap *heap, struct worker_timer *timer, uint64_t due)
{
	uint64_t before = timer->at;

	if (timer->place == 0 && heap->n + 1 >= heap->room && !grow(heap))
		return false;
	timer->at = due;
	if (timer->place == 0)
		rise(heap, timer, ++heap->n);
	else if (due < before)
		rise(heap, timer, timer->place);
	else
		sink(heap, timer, timer->place);
	return true;
}

void timer_heap_remove(struct timer_heap *heap, struct worker_timer *timer)
{
	size_t place = timer->place;
	struct worker_timer *last;

	if (place == 0)
		return;
	last = heap->at[heap->n--];
	timer->place = 0;
	if (last != timer && place > 1 && heap->at[place / 2]->at > last->at)
		rise(heap, last, place);
	else if (last != timer)
		sink(heap, last, place);
	timer->at = 0;
}

struct worker_timer *timer_heap_first(const struct timer_heap *heap)
{
	return heap->n > 0 ? heap->at[1] : NULL;
}
