/* SPDX-License-Identifier: Apache-2.0 */
/* How much a program has on its heap: its own, the C library's, OpenSSL's and jansson's. */
#ifndef TESTS_KIT_HEAP_H
#define TESTS_KIT_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* For tests that are linked with heap.c (HEAP_TESTS of tests/kit/module.mk), of one thread. A
 * sanitizer has an allocator of its own: there nothing is counted, and all of it is 0. */
bool kit_heap_is_counted(void);

size_t kit_heap_used(void); /* bytes that are allocated now */

/* How far kit_heap_used() rose above its value at the last kit_heap_mark(). */
void kit_heap_mark(void);
size_t kit_heap_rise(void);

#endif
