/* SPDX-License-Identifier: Apache-2.0 */
/* One line for a person, never two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "fail.h"

static void test_fail_fills_and_returns_the_status(void **state)
{
	struct callerid_error err;

	(void)state;
	assert_int_equal(cid_fail(&err, CALLERID_ELIMIT, "here", "over %d", 7), CALLERID_ELIMIT);
	assert_int_equal(err.status, CALLERID_ELIMIT);
	assert_string_equal(err.where, "here");
	assert_string_equal(err.text, "over 7");
	assert_int_equal(cid_fail(NULL, CALLERID_EIO, "here", "x"), CALLERID_EIO);
}

static void test_a_strangers_bytes_never_break_a_line(void **state)
{
	struct callerid_error err;
	char why[16];

	(void)state;
	cid_fail(&err, CALLERID_ESYNTAX, "here", "%s", "a\r\nforged=1\x1b[0m\x7f");
	assert_string_equal(err.text, "a??forged=1?[0m?");
	cid_say(why, sizeof(why), "%s", "a\nb");
	assert_string_equal(why, "a?b");
}

static void test_long_texts_are_cut(void **state)
{
	struct callerid_error err;
	char big[1000], why[8];

	(void)state;
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	cid_fail(&err, CALLERID_ESYNTAX, "here", "%s", big);
	assert_int_equal(strlen(err.text), CALLERID_ERROR_TEXT_MAX - 1);
	cid_say(why, sizeof(why), "%s", big);
	assert_string_equal(why, "xxxxxxx");
	cid_say(NULL, 0, "%s", big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fail_fills_and_returns_the_status),
		cmocka_unit_test(test_a_strangers_bytes_never_break_a_line),
		cmocka_unit_test(test_long_texts_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
