/* SPDX-License-Identifier: Apache-2.0 */
/* A circle of changes in the order of their serials. */
#include "svc/registry/push/ring.h"

void ring_init(struct ring *ring, int64_t serial)
{
	*ring = (struct ring){.floor = serial, .newest = serial};
}

static struct change *at(struct ring *ring, size_t i)
{
	return &ring->changes[(ring->first + i) % RING_CHANGES];
}

void ring_clear(struct ring *ring)
{
	while (ring->n > 0)
		change_clear(at(ring, --ring->n));
}

void ring_add(struct ring *ring, const struct change *take)
{
	if (ring->n == RING_CHANGES) {
		ring->floor = at(ring, 0)->serial;
		change_clear(at(ring, 0));
		ring->first = (ring->first + 1) % RING_CHANGES;
		ring->n--;
	}
	*at(ring, ring->n++) = *take;
	ring->newest = take->serial;
}

/* How many of them are not after the serial. */
static size_t count_until(const struct ring *ring, int64_t serial)
{
	size_t low = 0, high = ring->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ring->changes[(ring->first + middle) % RING_CHANGES].serial <= serial)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct change *ring_find(const struct ring *ring, int64_t after,
			       const struct follow_scope *scope)
{
	for (size_t i = count_until(ring, after); i < ring->n; i++) {
		const struct change *change = &ring->changes[(ring->first + i) % RING_CHANGES];
		if (change_is_for(change, scope))
			return change;
	}
	return NULL;
}
