/* SPDX-License-Identifier: Apache-2.0 */
/* Only processors that we may run on are counted and named. */
#include "media/path/cpu.h"

#include <sched.h>

#include "path_kit.h"

static void test_processors_are_those_of_the_affinity(void **state)
{
	cpu_set_t before, one;
	int last;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(cpu_count(), CPU_COUNT(&before));
	assert_int_equal(cpu_at(cpu_count()), -1);
	last = cpu_at(cpu_count() - 1);
	assert_true(CPU_ISSET((unsigned)last, &before));
	CPU_ZERO(&one);
	CPU_SET((unsigned)last, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(cpu_count(), 1);
	assert_int_equal(cpu_at(0), last);
	assert_int_equal(cpu_at(1), -1);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processors_are_those_of_the_affinity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
