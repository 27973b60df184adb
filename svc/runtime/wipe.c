/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator knows how long its pieces are: a length that is passed along can be wrong. */
#include "svc/runtime/wipe.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void wipe_free(void *memory)
{
	if (memory == NULL)
		return;
	explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

void *wipe_realloc(void *memory, size_t size)
{
	size_t had = memory != NULL ? malloc_usable_size(memory) : 0;
	void *grown = malloc(size);

	if (grown == NULL)
		return NULL;
	if (had > 0)
		memcpy(grown, memory, had < size ? had : size);
	wipe_free(memory);
	return grown;
}
