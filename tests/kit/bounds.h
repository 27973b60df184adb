/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: what it may cost, in CPU and in memory, and what is said of it. */
#ifndef TESTS_KIT_BOUNDS_H
#define TESTS_KIT_BOUNDS_H

#include "tests/kit/scene.h"

/* What one call may cost, whatever is in it. */
#define KIT_CPU_US_MAX 10000
#define KIT_HEAP_MAX   ((size_t)1024 * 1024)

/*
 * Runs part(data) five times, and more while all were too slow, before(data) ahead of each (NULL:
 * nothing; it is not counted). Prints the CPU time of the quickest, so that a busy machine fails no
 * test, and the most heap that one of them took. Fails over us or bytes. Under sanitizers it runs
 * once and measures nothing, which it says.
 */
struct kit_bounds {
	int64_t us;
	size_t bytes;
};
void kit_bounded(struct kit_bounds bounds, void (*part)(void *data), void (*before)(void *data),
		 void *data);

/* A verification from headers to the verdict as JSON, with nothing known of its certificates,
 * within the bounds of one call; and within those, but for bytes of heap. */
void bounded_verify(struct scene *s);
void bounded_verify_within(struct scene *s, size_t bytes);

/* scene_expect(), its check's why beginning with why; and bounded_verify(). */
void bounded_expect(struct scene *s, enum callerid_reason reason, enum callerid_check by,
		    const char *why);

/* start, n times what, end; the caller's. */
char *bad_repeat(const char *start, const char *what, size_t n, const char *end);

/* What stands at the URL from now on, the scene's. The token is the scene's signer's, unless the
 * call has one. */
void bad_serve(struct scene *s, char *chain);

/* A signer's certificate with nothing wrong. */
struct kit_spec bad_leaf(const struct kit_cert *issuer);

/* A test that is a row of a table. */
struct bad_row {
	const char *name;
	const char *header, *payload; /* JSON; NULL: as they should be. A put may take them so */
	enum callerid_reason reason;
	enum callerid_check by;
	const char *why; /* how the check's begins; NULL: it passes */
};

/* Puts what the row is about into the scene. */
typedef void bad_put(struct scene *s, const struct bad_row *row);
bad_put bad_put_token; /* a token of header and payload, signed by the scene's signer */

struct bad_table {
	const struct bad_row *row;
	size_t n;
	bad_put *put;
};

#define BAD_N_OF(array) (sizeof(array) / sizeof((array)[0]))
#define BAD_TABLE(rows, put)                                                                       \
	{                                                                                          \
		rows, BAD_N_OF(rows), put                                                          \
	}

/* One test a row (a scene of its own, put(), bounded_expect()), then the others. Returns what
 * cmocka does. */
#define BAD_TESTS_MAX 512
int bad_run(const struct bad_table *tables, size_t n_tables, const struct CMUnitTest *more,
	    size_t n_more);

#endif
