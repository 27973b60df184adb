/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The newest changes, read from the database once for all who follow. It holds every change
 * between its floor and its newest; the oldest goes when it is full. No locks of its own.
 */
#ifndef REGISTRY_PUSH_RING_H
#define REGISTRY_PUSH_RING_H

#include "svc/registry/store/follow.h"

#define RING_CHANGES 1024

struct ring {
	int64_t floor;	/* changes up to this serial are not here (any more) */
	int64_t newest; /* all up to this serial that there are were added */
	size_t first, n;
	struct change changes[RING_CHANGES];
};

void ring_init(struct ring *ring, int64_t serial); /* empty: nothing before serial is of interest */
void ring_clear(struct ring *ring);
/* Later than all before. Its data become the ring's. */
void ring_add(struct ring *ring, const struct change *take);
/* The first one after the serial that scope hears of; NULL: none. */
const struct change *ring_find(const struct ring *ring, int64_t after,
			       const struct follow_scope *scope);

#endif
