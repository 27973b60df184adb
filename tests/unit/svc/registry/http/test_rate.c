/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets of callers: their classes stand apart, and nobody chooses who stands beside whom. */
#include "svc/registry/http/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/kit/collide.h"

#define BURST	 5
#define SETS	 4096
#define OTHERS	 8 /* twice as many as stand in a set */
#define NOW_MS	 INT64_C(1000000)
#define ATTACKER "2001:db8::1"

static const struct rate_settings settings = {
	.policy = {[RATE_READ] = {1, BURST}, [RATE_PUBLIC] = {1, BURST}},
};

static int take(struct rate *rate, enum http_rate class, const char *subject, int n, int64_t now_ms)
{
	struct rate_state state;
	int taken = 0;

	for (int i = 0; i < n; i++)
		taken += rate_take(rate, class, subject, now_ms, &state);
	return taken;
}

static void a_burst_passes_then_the_rate_for_each_class_apart(void **state)
{
	struct rate *rate = rate_new(&settings);

	(void)state;
	assert_int_equal(take(rate, RATE_PUBLIC, ATTACKER, 100, NOW_MS), BURST);
	assert_int_equal(take(rate, RATE_PUBLIC, ATTACKER, 100, NOW_MS + 2000), 2);
	assert_int_equal(take(rate, RATE_READ, ATTACKER, 100, NOW_MS + 2000), BURST);
	assert_int_equal(take(rate, RATE_WRITE, ATTACKER, 100, NOW_MS), 100); /* no limit */
	rate_free(rate);
	rate_free(NULL);
}

static uint32_t fnv_set(const char *subject)
{
	return collide_fnv(COLLIDE_BASE ^ RATE_PUBLIC, subject, strlen(subject)) % SETS;
}

static void addresses_that_fnv_puts_together_push_no_empty_bucket_out(void **state)
{
	struct rate *rate = rate_new(&settings);
	char other[48];

	(void)state;
	assert_int_equal(take(rate, RATE_PUBLIC, ATTACKER, 100, NOW_MS), BURST);
	for (unsigned i = 2, n = 0; n < OTHERS; i++) {
		snprintf(other, sizeof other, "2001:db8::%x:%x", i >> 16, i & 0xffff);
		if (fnv_set(other) != fnv_set(ATTACKER))
			continue;
		assert_int_equal(take(rate, RATE_PUBLIC, other, 1, NOW_MS + 1), 1);
		n++;
	}
	assert_int_equal(take(rate, RATE_PUBLIC, ATTACKER, 100, NOW_MS + 2), 0);
	rate_free(rate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_then_the_rate_for_each_class_apart),
		cmocka_unit_test(addresses_that_fnv_puts_together_push_no_empty_bucket_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
