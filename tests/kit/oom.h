/* SPDX-License-Identifier: Apache-2.0 */
/* The n-th allocation fails: the library's, OpenSSL's and jansson's. For tests that are linked with
 * OOM_LIBS (tests/kit/module.mk). */
#ifndef TESTS_KIT_OOM_H
#define TESTS_KIT_OOM_H

#include <stdbool.h>

/* Before anything else allocates. */
bool kit_oom_start(void);

/*
 * Runs part with the n-th allocation failing, n = 0, 1, 2 ..., until it runs through without
 * reaching it. Returns how many allocations failed.
 */
long kit_oom_each(void (*part)(void *data), void *data);

bool kit_oom_failed(void); /* an allocation of this run has failed */

#endif
