/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone numbers apart from URIs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tn.h"

static struct callerid_span span(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

static void test_PP8_a_canonical_number_is_1_to_32_digits_hashes_and_stars(void **state)
{
	static const char *const wrong[] = {"", "+1", "1-2", "1 2", "1a", "A", "1.2", "\xd9\xa1"};

	(void)state;
	assert_true(callerid_tn_is_canonical("0123456789#*", 12));
	assert_true(callerid_tn_is_canonical("12345678901234567890123456789012", 32));
	assert_false(callerid_tn_is_canonical("123456789012345678901234567890123", 33));
	assert_false(callerid_tn_is_canonical("1\0002", 3));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(callerid_tn_is_canonical(wrong[i], strlen(wrong[i])));
}

static void test_rfc3966_visual_separators(void **state)
{
	(void)state;
	assert_int_equal(cid_tn_dialable_digits(span("(215) 555-12.12")), 10);
	assert_int_equal(cid_tn_dialable_digits(span("1")), 1);
	assert_int_equal(cid_tn_dialable_digits(span("()-. ")), 0);
	assert_int_equal(cid_tn_dialable_digits(span("")), 0);
	assert_int_equal(cid_tn_dialable_digits(span("+1")), 0);
	assert_int_equal(cid_tn_dialable_digits(span("1*")), 0);
	assert_int_equal(cid_tn_dialable_digits(span("1a")), 0);
}

static void test_the_longer_prefix_is_the_one_that_was_dialled(void **state)
{
	static const struct callerid_dialplan uk = {"44", "0", "00", 0};
	static const struct callerid_dialplan odd = {"7", "810", "8", 0};
	char tn[CALLERID_TN_MAX + 1];

	(void)state;
	assert_int_equal(cid_tn_canonical(span("0033140000000"), span(""), &uk, tn), CID_TN_OK);
	assert_string_equal(tn, "33140000000");
	assert_int_equal(cid_tn_canonical(span("8105551212"), span(""), &odd, tn), CID_TN_OK);
	assert_string_equal(tn, "75551212");
	assert_int_equal(cid_tn_canonical(span("844555"), span(""), &odd, tn), CID_TN_OK);
	assert_string_equal(tn, "44555");
}

static void test_a_prefix_alone_is_not_a_number_behind_it(void **state)
{
	static const struct callerid_dialplan plan = {"44", "0000", "00000", 0};
	char tn[CALLERID_TN_MAX + 1];

	(void)state;
	assert_int_equal(cid_tn_canonical(span("0000"), span(""), &plan, tn), CID_TN_OK);
	assert_string_equal(tn, "440000");
}

static void test_out_is_untouched_on_failure(void **state)
{
	char tn[CALLERID_TN_MAX + 1] = "before";

	(void)state;
	assert_int_equal(cid_tn_canonical(span("1x"), span(""), NULL, tn), CID_TN_NOT);
	assert_int_equal(cid_tn_canonical(span("+"), span(""), NULL, tn), CID_TN_NOT);
	assert_int_equal(
		cid_tn_canonical(span("123456789012345678901234567890123"), span(""), NULL, tn),
		CID_TN_LONG);
	assert_int_equal(
		cid_tn_canonical(span("12345678901234567890123456789012"), span("+1"), NULL, tn),
		CID_TN_LONG);
	assert_string_equal(tn, "before");
}

static void test_plans_are_digits(void **state)
{
	static const struct callerid_dialplan good = {"1", "", NULL, 0}, bad = {"1", "+", NULL, 0};

	(void)state;
	assert_true(cid_dialplan_is_valid(NULL));
	assert_true(cid_dialplan_is_valid(&good));
	assert_false(cid_dialplan_is_valid(&bad));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_PP8_a_canonical_number_is_1_to_32_digits_hashes_and_stars),
		cmocka_unit_test(test_rfc3966_visual_separators),
		cmocka_unit_test(test_the_longer_prefix_is_the_one_that_was_dialled),
		cmocka_unit_test(test_a_prefix_alone_is_not_a_number_behind_it),
		cmocka_unit_test(test_out_is_untouched_on_failure),
		cmocka_unit_test(test_plans_are_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
