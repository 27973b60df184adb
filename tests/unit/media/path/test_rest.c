/* SPDX-License-Identifier: Apache-2.0 */
/* A worker rests where packets come thick, and nowhere else. */
#include "media/path/rest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define US 1000ULL

/* Rounds of so many sockets, one every so often, for 100 ms. true: rests in the end. */
static bool rests(struct rest *rest, uint64_t *now, uint64_t every, unsigned events)
{
	const uint64_t end = *now + 100000 * US;
	bool worth = false;
	uint64_t until;

	for (; *now < end; *now += every)
		worth = rest_after(rest, *now, events, &until);
	return worth;
}

static void thick_traffic_rests_and_thin_does_not(void **state)
{
	(void)state;
	struct rest rest = {.length = 500 * US};
	uint64_t now = 1;

	assert_false(rests(&rest, &now, 20000 * US, 1)); /* a call: 50 packets a second */
	assert_false(rests(&rest, &now, 200 * US, 1));	 /* 2.5 in a rest */
	assert_true(rests(&rest, &now, 100 * US, 1));	 /* 5 in a rest */
	assert_true(rests(&rest, &now, 500 * US, 10));	 /* the same in fewer rounds */
	assert_false(rests(&rest, &now, 20000 * US, 1));
}

static void a_rest_ends_when_it_should(void **state)
{
	(void)state;
	struct rest rest = {.length = 500 * US};
	uint64_t now = 1, until;

	assert_true(rests(&rest, &now, 50 * US, 1));
	rest_after(&rest, now, 1, &until);
	assert_int_equal(until, now + 500 * US);
}

static void without_a_length_nothing_rests(void **state)
{
	(void)state;
	struct rest rest = {0};
	uint64_t now = 1;

	assert_false(rests(&rest, &now, 10 * US, 100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thick_traffic_rests_and_thin_does_not),
		cmocka_unit_test(a_rest_ends_when_it_should),
		cmocka_unit_test(without_a_length_nothing_rests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
