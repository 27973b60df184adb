/* SPDX-License-Identifier: Apache-2.0 */
/* The n-th allocation fails: the library's, OpenSSL's and jansson's. For tests that are linked with
 * OOM_LIBS (tests/kit/module.mk). */
#ifndef TESTS_KIT_OOM_H
#define TESTS_KIT_OOM_H

#include <callerid/error.h>

#include <stdbool.h>

/* Before anything else allocates. */
bool kit_oom_start(void);

/*
 * Runs part with the n-th allocation failing, n = 0, 1, 2 ..., until it runs through without
 * reaching it. Returns how many allocations failed.
 */
long kit_oom_each(void (*part)(void *data), void *data);

/* Inside a part: what is done between them is not counted, and does not fail. */
long kit_oom_pause(void);
void kit_oom_resume(long before);

bool kit_oom_failed(void); /* an allocation of this run has failed */

/* Fails the test, and prints from where the allocation was called that failed, for addr2line. */
void kit_oom_wrong(const char *what);

/* A status without a failed allocation is OK, and with one ENOMEM or, where it changed nothing, OK.
 */
void kit_oom_status(enum callerid_status status);

#endif
