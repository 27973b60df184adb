/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for many tables of one size. A verification reads 37 places far apart of one of hundreds
 * of tables; with pages of 4 KB the look-ups of the pages cost more than the reads, so the tables
 * lie in slabs of the size of a huge page. Where the kernel has none, nothing changes but the time.
 */
#include "pool.h"

#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>

#define SLAB ((size_t)1 << 21)
#define LINE 64

struct cid_slab {
	struct cid_slab *next;
};

struct cid_room {
	struct cid_room *next;
};

/* A slab more, as the first. What was left of the one before is lost: less than one room. */
static int add_slab(struct cid_pool *pool)
{
	struct cid_slab *slab = aligned_alloc(SLAB, SLAB);

	if (slab == NULL)
		return 0;
	(void)madvise(slab, SLAB, MADV_HUGEPAGE);
	slab->next = pool->slabs;
	pool->slabs = slab;
	pool->left = SLAB - LINE;
	pool->bytes += SLAB;
	return 1;
}

void *cid_pool_take(struct cid_pool *pool, size_t bytes)
{
	uint8_t *room;

	if (bytes > SLAB / 2 || (pool->left < bytes && !add_slab(pool)))
		return NULL;
	room = (uint8_t *)pool->slabs + SLAB - pool->left;
	pool->left -= bytes;
	return room;
}

void cid_pool_give(struct cid_pool *pool, void *room)
{
	struct cid_room *back = room;

	back->next = pool->given_back;
	pool->given_back = back;
}

void *cid_pool_take_again(struct cid_pool *pool, size_t bytes)
{
	struct cid_room *room = pool->given_back;

	if (room == NULL)
		return cid_pool_take(pool, bytes);
	pool->given_back = room->next;
	return room;
}

void cid_pool_clear(struct cid_pool *pool)
{
	while (pool->slabs != NULL) {
		struct cid_slab *slab = pool->slabs;

		pool->slabs = slab->next;
		free(slab);
	}
	*pool = (struct cid_pool){0};
}
