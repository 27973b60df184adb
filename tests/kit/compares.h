/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what is compared by bytes: a table compares a key with those of the same hash. For tests
 * that are linked with --wrap=memcmp,--wrap=bcmp (clang takes the one for the other). */
#ifndef KIT_COMPARES_H
#define KIT_COMPARES_H

#include <stddef.h>

static size_t compares;

int __real_memcmp(const void *a, const void *b, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n);
int __wrap_bcmp(const void *a, const void *b, size_t n);

int __wrap_memcmp(const void *a, const void *b, size_t n)
{
	compares++;
	return __real_memcmp(a, b, n);
}

int __wrap_bcmp(const void *a, const void *b, size_t n)
{
	compares++;
	return __real_memcmp(a, b, n);
}

#endif
