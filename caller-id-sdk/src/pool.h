/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for many tables of one size, in huge pages where the kernel has them. */
#ifndef CID_POOL_H
#define CID_POOL_H

#include <stddef.h>

struct cid_slab;
struct cid_room;

/* All zero is an empty pool. One thread at a time. */
struct cid_pool {
	struct cid_slab *slabs;
	struct cid_room *given_back;
	size_t left;  /* bytes at the end of the first slab */
	size_t bytes; /* of all slabs */
};

/*
 * Room for bytes, a multiple of 64 and at most 1 MB, on a multiple of 64. It is the pool's until
 * given back, or cleared. NULL: no memory.
 */
void *cid_pool_take(struct cid_pool *pool, size_t bytes);
/* Only rooms of one size may be given back: the next cid_pool_take_again() of that size has it. */
void cid_pool_give(struct cid_pool *pool, void *room);
void *cid_pool_take_again(struct cid_pool *pool, size_t bytes);
void cid_pool_clear(struct cid_pool *pool);

#endif
