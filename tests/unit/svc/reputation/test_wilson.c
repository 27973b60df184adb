/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of Wilson's interval. */
#include "svc/reputation/wilson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define EXACT 1e-4

static void nothing_observed_says_nothing(void **state)
{
	struct wilson bounds = wilson_bounds(0, 0);

	(void)state;
	assert_true(bounds.low == 0 && bounds.high == 1);
	bounds = wilson_bounds(-0.0, -1);
	assert_true(bounds.low == 0 && bounds.high == 1);
}

/* Worked out by hand from the formula with z = 1.96. */
static void known_shares_have_their_bounds(void **state)
{
	static const struct {
		double hits, n, low, high;
	} rows[] = {
		{1, 1, 0.20654, 1},	   {0, 1, 0, 0.79346},	 {4, 4, 0.51010, 1},
		{5, 10, 0.23659, 0.76341}, {50, 50, 0.92865, 1}, {8, 10, 0.49016, 0.94332},
		{0.5, 0.5, 0.11516, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct wilson bounds = wilson_bounds(rows[i].hits, rows[i].n);
		assert_float_equal(bounds.low, rows[i].low, EXACT);
		assert_float_equal(bounds.high, rows[i].high, EXACT);
	}
}

static void the_share_is_always_inside_and_more_observations_narrow_it(void **state)
{
	(void)state;
	for (int share = 0; share <= 20; share++) {
		double before = 2;
		for (double n = 0.25; n < 5000; n *= 2) {
			double hits = n * share / 20;
			struct wilson bounds = wilson_bounds(hits, n);
			assert_true(bounds.low >= 0 && bounds.high <= 1);
			assert_true(bounds.low <= hits / n && hits / n <= bounds.high);
			assert_true(bounds.high - bounds.low < before);
			before = bounds.high - bounds.low;
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_observed_says_nothing),
		cmocka_unit_test(known_shares_have_their_bounds),
		cmocka_unit_test(the_share_is_always_inside_and_more_observations_narrow_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
