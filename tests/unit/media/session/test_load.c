/* SPDX-License-Identifier: Apache-2.0 */
/* Limits, and what those who are refused are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/session/load.h"

static void test_each_limit_refuses_from_its_value_on(void **state)
{
	static const struct {
		struct session_limits limits;
		struct load_facts facts;
		const char *limit, *message, *error; /* NULL: it may begin */
	} rows[] = {
		{{0, 0, 0}, {100000, 100, 100, false}, NULL, NULL, NULL},
		{{10, 0, 0}, {9, 0, 0, false}, NULL, NULL, NULL},
		{{10, 0, 0},
		 {10, 0, 0, false},
		 "calls",
		 "Parallel session limit reached",
		 "Parallel session limit reached"},
		{{0, 90, 0}, {1, 89, 0, false}, NULL, NULL, NULL},
		{{0, 90, 0},
		 {1, 90, 0, false},
		 "cpu",
		 "CPU usage limit exceeded",
		 "Parallel session limit reached"},
		{{0, 0, 80}, {1, 0, 79, false}, NULL, NULL, NULL},
		{{0, 0, 80}, {1, 0, 80, false}, "ports", "Load limit exceeded", "Ran out of ports"},
		{{0, 0, 0},
		 {0, 0, 0, true},
		 "drain",
		 "Parallel session limit reached",
		 "Parallel session limit reached"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct load_refusal *refusal = load_decide(&rows[i].limits, &rows[i].facts);

		if (!rows[i].limit) {
			assert_null(refusal);
			continue;
		}
		assert_non_null(refusal);
		assert_string_equal(refusal->limit, rows[i].limit);
		assert_string_equal(refusal->message, rows[i].message);
		assert_string_equal(refusal->error, rows[i].error);
	}
}

static void test_idle_and_waiting_for_disks_is_not_busy(void **state)
{
	uint64_t busy, all;

	(void)state;
	assert_true(load_read("cpu  10 1 2 100 30 3 4 5 6 7\n", &busy, &all));
	assert_int_equal(all, 155);
	assert_int_equal(busy, 25);
	assert_false(load_read("cpu0 1 2 3 4 5 6 7 8\n", &busy, &all));
	assert_false(load_read("cpu  1 2 3\n", &busy, &all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_limit_refuses_from_its_value_on),
		cmocka_unit_test(test_idle_and_waiting_for_disks_is_not_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
