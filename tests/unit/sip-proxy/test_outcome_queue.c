/* SPDX-License-Identifier: Apache-2.0 */
/* Outcomes that wait: their bounds, their order, their pauses. */
#include "sip-proxy/outcome_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define AGE_MS 60000

static void take_and_tell(struct outcome_queue *queue, const char *receipt, int64_t now)
{
	struct outcome *outcome = outcome_queue_take(queue, now);

	assert_non_null(outcome);
	assert_string_equal(outcome->receipt, receipt);
	outcome_queue_end(queue, outcome);
	outcome_queue_heard(queue, now);
}

static void fail_one(struct outcome_queue *queue, int64_t now, int64_t wait)
{
	struct outcome *outcome = outcome_queue_take(queue, now);

	assert_non_null(outcome);
	outcome_queue_failed(queue, outcome, now, wait);
}

static void what_waits_is_told_in_its_order_and_at_once(void **state)
{
	struct outcome_queue queue;

	(void)state;
	outcome_queue_init(&queue, 3, AGE_MS);
	assert_int_equal(outcome_queue_wait(&queue, 0), -1);
	assert_true(outcome_queue_add(&queue, "a", 0));
	assert_true(outcome_queue_add(&queue, "b", 0));
	assert_int_equal(outcome_queue_wait(&queue, 0), 0);
	take_and_tell(&queue, "a", 0);
	take_and_tell(&queue, "b", 0);
	assert_null(outcome_queue_take(&queue, 0));
	assert_true(outcome_queue_add(&queue, "c", 1));
	take_and_tell(&queue, "c", 1);
	assert_int_equal(queue.n, 0);
}

static void the_bound_counts_those_that_are_being_told(void **state)
{
	struct outcome_queue queue;
	struct outcome *taken;

	(void)state;
	outcome_queue_init(&queue, 2, AGE_MS);
	assert_true(outcome_queue_add(&queue, "a", 0));
	assert_true(outcome_queue_add(&queue, "b", 0));
	assert_false(outcome_queue_add(&queue, "c", 0));
	taken = outcome_queue_take(&queue, 0);
	assert_false(outcome_queue_add(&queue, "c", 0));
	outcome_queue_end(&queue, taken);
	assert_true(outcome_queue_add(&queue, "c", 0));
	assert_int_equal(outcome_queue_clear(&queue), 2);
	assert_int_equal(queue.n, 0);
}

static void pauses_double_up_to_ten_seconds_and_end_with_the_first_answer(void **state)
{
	static const int64_t pauses[] = {100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000, 10000};
	struct outcome_queue queue;
	int64_t now = 0;

	(void)state;
	outcome_queue_init(&queue, 2, 10 * AGE_MS);
	assert_true(outcome_queue_add(&queue, "a", now));
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		fail_one(&queue, now, 0);
		assert_int_equal(outcome_queue_wait(&queue, now), pauses[i]);
		assert_null(outcome_queue_take(&queue, now + pauses[i] - 1));
		now += pauses[i];
	}
	take_and_tell(&queue, "a", now);
	assert_true(outcome_queue_add(&queue, "b", now));
	fail_one(&queue, now, 0);
	assert_int_equal(outcome_queue_wait(&queue, now), 100);
	(void)outcome_queue_clear(&queue);
}

static void the_registry_says_how_long_to_wait_but_not_for_longer_than_ten_seconds(void **state)
{
	struct outcome_queue queue;

	(void)state;
	outcome_queue_init(&queue, 2, AGE_MS);
	assert_true(outcome_queue_add(&queue, "a", 0));
	fail_one(&queue, 0, 3000);
	assert_int_equal(outcome_queue_wait(&queue, 0), 3000);
	fail_one(&queue, 3000, INT64_MAX / 2);
	assert_int_equal(outcome_queue_wait(&queue, 3000), OUTCOME_PAUSE_MAX_MS);
	(void)outcome_queue_clear(&queue);
}

static void one_that_always_fails_does_not_stand_before_the_others(void **state)
{
	struct outcome_queue queue;

	(void)state;
	outcome_queue_init(&queue, 3, AGE_MS);
	assert_true(outcome_queue_add(&queue, "bad", 0));
	assert_true(outcome_queue_add(&queue, "a", 0));
	assert_true(outcome_queue_add(&queue, "b", 0));
	fail_one(&queue, 0, 0);
	take_and_tell(&queue, "a", 100);
	take_and_tell(&queue, "b", 102);
	assert_int_equal(queue.n, 1);
	(void)outcome_queue_clear(&queue);
}

static void what_piled_up_is_told_at_a_pace_and_what_comes_after_it_at_once(void **state)
{
	struct outcome_queue queue;

	(void)state;
	outcome_queue_init(&queue, 3, AGE_MS);
	assert_true(outcome_queue_add(&queue, "a", 0));
	assert_true(outcome_queue_add(&queue, "b", 0));
	fail_one(&queue, 0, 0);
	take_and_tell(&queue, "b", 100);
	assert_null(outcome_queue_take(&queue, 100));
	assert_int_equal(outcome_queue_wait(&queue, 100), OUTCOME_PACE_MS);
	take_and_tell(&queue, "a", 100 + OUTCOME_PACE_MS);
	assert_true(outcome_queue_add(&queue, "c", 103));
	assert_int_equal(outcome_queue_wait(&queue, 103), 0);
	take_and_tell(&queue, "c", 103);
}

static void what_is_too_old_goes_wherever_it_stands(void **state)
{
	struct outcome_queue queue;

	(void)state;
	outcome_queue_init(&queue, 4, AGE_MS);
	assert_true(outcome_queue_add(&queue, "old", 0));
	assert_true(outcome_queue_add(&queue, "new", 50));
	fail_one(&queue, 50, 0); /* the old one stands behind the new one */
	assert_int_equal(outcome_queue_expire(&queue, AGE_MS - 1), 0);
	assert_int_equal(outcome_queue_expire(&queue, AGE_MS), 1);
	assert_true(outcome_queue_add(&queue, "next", AGE_MS));
	take_and_tell(&queue, "new", AGE_MS);
	assert_int_equal(outcome_queue_expire(&queue, 2 * AGE_MS), 1);
	assert_int_equal(queue.n, 0);
	assert_true(outcome_queue_add(&queue, "last", 2 * AGE_MS));
	take_and_tell(&queue, "last", 3 * AGE_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_is_told_in_its_order_and_at_once),
		cmocka_unit_test(the_bound_counts_those_that_are_being_told),
		cmocka_unit_test(pauses_double_up_to_ten_seconds_and_end_with_the_first_answer),
		cmocka_unit_test(
			the_registry_says_how_long_to_wait_but_not_for_longer_than_ten_seconds),
		cmocka_unit_test(one_that_always_fails_does_not_stand_before_the_others),
		cmocka_unit_test(what_piled_up_is_told_at_a_pace_and_what_comes_after_it_at_once),
		cmocka_unit_test(what_is_too_old_goes_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
