/* SPDX-License-Identifier: Apache-2.0 */
/* What was freed by wipe_free() is nowhere in the process any more, and by free() it is. */
#include "svc/runtime/wipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/memory.h"

#define SECRET_LEN 24
#define SIZE	   4000 /* in the heap, and in no list of small pieces whose links lie over it */
#define SPREAD	   100

/* Never the secret itself: this program's own text must not be what is found. */
static void make_secret(char *out)
{
	for (int i = 0; i < SECRET_LEN; i++)
		out[i] = (char)('!' + (i * 7 + 3) % 90);
}

static void fill(char *memory, size_t size)
{
	for (size_t at = 0; at + SECRET_LEN <= size; at += SPREAD)
		make_secret(memory + at);
}

/* Byte by byte: a copy of the secret to compare with would be found too. */
static bool is_secret(const char *at)
{
	for (int i = 0; i < SECRET_LEN; i++)
		if (at[i] != (char)('!' + (i * 7 + 3) % 90))
			return false;
	return true;
}

static size_t count(void)
{
	return memory_count(is_secret);
}

static void what_is_freed_by_free_is_still_there(void **state)
{
	char *memory = malloc(SIZE), *behind = malloc(SIZE); /* the heap does not shrink */

	(void)state;
	fill(memory, SIZE);
	assert_int_equal(count(), SIZE / SPREAD);
	free(memory);
	assert_true(count() > 0);
	free(behind);
}

static void what_is_freed_by_wipe_free_is_gone(void **state)
{
	char *memory = malloc(SIZE), *behind = malloc(SIZE);

	(void)state;
	fill(memory, SIZE);
	wipe_free(memory);
	assert_int_equal(count(), 0);
	wipe_free(NULL);
	free(behind);
}

static void what_moves_is_not_left_where_it_was(void **state)
{
	char *memory = malloc(SIZE), *moved;

	(void)state;
	fill(memory, SIZE);
	moved = wipe_realloc(memory, (size_t)3 * SIZE);
	assert_non_null(moved);
	assert_int_equal(count(), SIZE / SPREAD);
	assert_true(is_secret(moved) && is_secret(moved + SIZE - SPREAD));
	memory = wipe_realloc(moved, SPREAD);
	assert_true(is_secret(memory) && count() == 1);
	wipe_free(memory);
	assert_int_equal(count(), 0);
	moved = wipe_realloc(NULL, 10);
	assert_non_null(moved);
	wipe_free(moved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_freed_by_wipe_free_is_gone),
		cmocka_unit_test(what_moves_is_not_left_where_it_was),
		cmocka_unit_test(what_is_freed_by_free_is_still_there), /* last: it stays */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
