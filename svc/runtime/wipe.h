/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that held a secret is given back without it. */
#ifndef RUNTIME_WIPE_H
#define RUNTIME_WIPE_H

#include <stddef.h>

/* free() for what malloc(), calloc(), realloc() or strdup() gave: all of it is zero before, the
 * room behind its contents too, so that nobody has to know how much of it was used. NULL is fine.
 */
void wipe_free(void *memory);

/*
 * realloc() that leaves nothing behind: where the memory moves, the old place is zero. NULL: none,
 * and the old is as it was.
 */
void *wipe_realloc(void *memory, size_t size);

#endif
