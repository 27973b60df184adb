/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for tables: aligned, disjoint, used again, and counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pool.h"

#define ROOM  151616
#define ROOMS 40

static void test_rooms_are_whole_aligned_and_apart(void **state)
{
	struct cid_pool pool = {0};
	uint8_t *room[ROOMS];

	(void)state;
	for (int i = 0; i < ROOMS; i++) {
		room[i] = cid_pool_take(&pool, ROOM);
		assert_non_null(room[i]);
		assert_int_equal((uintptr_t)room[i] % 64, 0);
		memset(room[i], i, ROOM);
	}
	for (int i = 0; i < ROOMS; i++) {
		assert_int_equal(room[i][0], i);
		assert_int_equal(room[i][ROOM - 1], i);
		assert_memory_equal(room[i], room[i] + 1, ROOM - 1);
	}
	/* 13 fit 2 MB */
	assert_int_equal(pool.bytes, 4 * 2097152);
	cid_pool_clear(&pool);
	assert_int_equal(pool.bytes, 0);
}

static void test_a_room_given_back_is_taken_again_before_new_memory(void **state)
{
	struct cid_pool pool = {0};
	void *a = cid_pool_take_again(&pool, ROOM), *b = cid_pool_take_again(&pool, ROOM);
	size_t left = pool.left;

	(void)state;
	assert_ptr_not_equal(a, b);
	cid_pool_give(&pool, a);
	cid_pool_give(&pool, b);
	assert_ptr_equal(cid_pool_take_again(&pool, ROOM), b);
	assert_ptr_equal(cid_pool_take_again(&pool, ROOM), a);
	assert_int_equal(pool.left, left);
	cid_pool_clear(&pool);
}

static void test_a_room_over_1_mb_is_refused(void **state)
{
	struct cid_pool pool = {0};

	(void)state;
	assert_null(cid_pool_take(&pool, 1048576 + 64));
	assert_int_equal(pool.bytes, 0);
	assert_non_null(cid_pool_take(&pool, 1048576));
	cid_pool_clear(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rooms_are_whole_aligned_and_apart),
		cmocka_unit_test(test_a_room_given_back_is_taken_again_before_new_memory),
		cmocka_unit_test(test_a_room_over_1_mb_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
