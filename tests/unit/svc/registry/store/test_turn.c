/* SPDX-License-Identifier: Apache-2.0 */
/* A turn is one thread's at a time, and waiting for it ends. */
#include "svc/registry/store/turn.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define THREADS 4
#define EACH	2000

struct counted {
	struct turn turn;
	long value; /* guarded by turn alone */
};

static void *count(void *magic)
{
	struct counted *counted = magic;

	for (int i = 0; i < EACH; i++) {
		if (!turn_take(&counted->turn, 10000))
			return counted;
		counted->value++;
		turn_give(&counted->turn);
	}
	return NULL;
}

static void of_many_threads_one_has_it_and_all_get_it(void **state)
{
	struct counted counted = {.value = 0};
	pthread_t threads[THREADS];
	void *late;

	(void)state;
	turn_init(&counted.turn);
	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count, &counted);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &late);
		assert_null(late);
	}
	assert_int_equal(counted.value, THREADS * EACH);
	turn_clear(&counted.turn);
}

static void who_waits_in_vain_is_told_and_may_try_again(void **state)
{
	struct turn turn;

	(void)state;
	turn_init(&turn);
	assert_true(turn_take(&turn, 0));
	assert_false(turn_take(&turn, 0));
	assert_false(turn_take(&turn, 30));
	turn_give(&turn);
	assert_true(turn_take(&turn, 30));
	turn_give(&turn);
	turn_clear(&turn);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_many_threads_one_has_it_and_all_get_it),
		cmocka_unit_test(who_waits_in_vain_is_told_and_may_try_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
