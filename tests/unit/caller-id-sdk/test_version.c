/* SPDX-License-Identifier: Apache-2.0 */
/* The version of the library that runs. */
#include <callerid/version.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* SemVer 2.0.0 §2: three numbers without leading zeros. */
static void the_version_is_three_numbers_and_the_one_of_the_build(void **state)
{
	const char *p = callerid_version();

	(void)state;
	assert_string_equal(p, ATTESTEL_VERSION);
	for (int i = 0; i < 3; i++) {
		const char *from = p;
		char *end = NULL;

		assert_in_range(strtol(from, &end, 10), 0, 9999);
		assert_true(end > from && (*from != '0' || end == from + 1));
		assert_int_equal(*end, i < 2 ? '.' : '\0');
		p = end + 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_version_is_three_numbers_and_the_one_of_the_build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
