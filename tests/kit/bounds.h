/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: what it may cost, in CPU and in memory, and what is said of it. */
#ifndef TESTS_KIT_BOUNDS_H
#define TESTS_KIT_BOUNDS_H

#include "tests/kit/scene.h"

/* What one call may cost, whatever is in it. */
#define KIT_CPU_US_MAX 10000
#define KIT_HEAP_MAX   ((size_t)1024 * 1024)

/*
 * Runs part(data) five times, before(data) ahead of each (NULL: nothing; it is not counted), and
 * prints the CPU time of the quickest, so that a busy machine fails no test, and the most heap that
 * one of them took. Fails over us or bytes. Under sanitizers nothing is measured, which it says.
 */
struct kit_bounds {
	int64_t us;
	size_t bytes;
};
void kit_bounded(struct kit_bounds bounds, void (*part)(void *data), void (*before)(void *data),
		 void *data);

/* A verification from headers to the verdict as JSON, with nothing known of its certificates,
 * within the bounds of one call. */
void bounded_verify(struct scene *s);

/* scene_expect(), its check's why beginning with why; and bounded_verify(). */
void bounded_expect(struct scene *s, enum callerid_reason reason, enum callerid_check by,
		    const char *why);

/* A test that is a row of a table: its name and one PASSporT. */
struct bad_token {
	const char *name;
	const char *header, *payload; /* JSON; NULL: as they should be */
	enum callerid_reason reason;
	enum callerid_check by;
	const char *why;
};

/* cmocka's entry for a row: a scene, and the row's token signed by its signer. */
struct CMUnitTest bad_token_test(const struct bad_token *row);

#endif
