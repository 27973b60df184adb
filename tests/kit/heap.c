/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's allocator with a counter in front of it. */
#include "tests/kit/heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_OWN_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_OWN_ALLOCATOR 1
#endif
#endif

static size_t used, mark, most;

#ifndef HAS_OWN_ALLOCATOR

#define OVERHEAD sizeof(size_t) /* of a block, before it */

/* For the shared libraries too: the build hides what is not marked. */
#pragma GCC visibility push(default)

/* glibc's own names for what is replaced here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

static void *add(void *p)
{
	if (p != NULL)
		used += malloc_usable_size(p) + OVERHEAD;
	if (used > most)
		most = used;
	return p;
}

static void take(void *p)
{
	if (p != NULL)
		used -= malloc_usable_size(p) + OVERHEAD;
}

void *malloc(size_t size)
{
	return add(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
	return add(__libc_calloc(n, size));
}

/* While it moves both blocks are there; the larger figure is the honest one. */
void *realloc(void *p, size_t size)
{
	size_t before = p != NULL ? malloc_usable_size(p) + OVERHEAD : 0;
	void *q = add(__libc_realloc(p, size));

	if (q != NULL || size == 0)
		used -= before;
	return q;
}

void *memalign(size_t alignment, size_t size)
{
	return add(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **p_out, size_t alignment, size_t size)
{
	void *p = memalign(alignment, size);

	if (p == NULL)
		return ENOMEM;
	*p_out = p;
	return 0;
}

void free(void *p)
{
	take(p);
	__libc_free(p);
}

#pragma GCC visibility pop

bool kit_heap_is_counted(void)
{
	return true;
}

#else

bool kit_heap_is_counted(void)
{
	return false;
}

#endif

size_t kit_heap_used(void)
{
	return used;
}

void kit_heap_mark(void)
{
	mark = most = used;
}

size_t kit_heap_rise(void)
{
	return most - mark;
}
