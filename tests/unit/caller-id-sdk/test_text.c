/* SPDX-License-Identifier: Apache-2.0 */
/* RC15: a stranger's text is cleaned before it is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <callerid/rcd.h>

static void expect(const char *in, const char *out, unsigned found)
{
	char text[512];

	assert_int_equal(callerid_text_clean(in, strlen(in), 64, text, sizeof(text)), found);
	assert_string_equal(text, out);
}

static void test_RC15_ordinary_names_of_any_script_stay(void **state)
{
	static const char *const names[] = {
		"Q Branch",
		"\xc5\xa0iauliai",
		"Nguy\xe1\xbb\x85n",
		"\xd0\x90\xd0\xbf\xd1\x82\xd0\xb5\xd0\xba\xd0\xb0 24",
		"\xe6\x9d\xb1\xe4\xba\xac\xe9\x9b\xbb\xe5\x8a\x9b",
		"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
		"O'Neil & Sons \"Ltd\" \\ <x>",
		"\xf0\x9f\x8d\x95 Pizza",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		expect(names[i], names[i], 0);
	expect("", "", 0);
}

static void test_RC15_control_characters_go(void **state)
{
	char text[16];

	(void)state;
	expect("a\x1b[31mb\x07\x7f", "a[31mb", CALLERID_TEXT_CONTROL);
	expect("a\xc2\x9b"
	       "b",
	       "ab", CALLERID_TEXT_CONTROL);
	assert_int_equal(callerid_text_clean("a\0b", 3, 64, text, sizeof(text)),
			 CALLERID_TEXT_CONTROL);
	assert_string_equal(text, "ab");
}

static void test_RC15_white_space_of_every_kind_becomes_one_space(void **state)
{
	(void)state;
	expect("  a \t\r\n b\xc2\xa0\xe3\x80\x80"
	       "c\xe2\x80\xa8"
	       "d  ",
	       "a b c d", 0);
	expect(" \n\t ", "", 0);
}

static void test_RC15_marks_that_turn_the_direction_go(void **state)
{
	(void)state;
	expect("\xe2\x80\xaeknaB\xe2\x80\xac", "knaB", CALLERID_TEXT_BIDI);
	expect("a\xe2\x81\xa6"
	       "b\xe2\x81\xa9\xe2\x80\x8f\xd8\x9c",
	       "ab", CALLERID_TEXT_BIDI);
}

static void test_RC15_what_cannot_be_seen_goes(void **state)
{
	(void)state;
	expect("Ba\xe2\x80\x8bnk\xef\xbb\xbf\xc2\xad\xe2\x81\xa0", "Bank", CALLERID_TEXT_HIDDEN);
	/* Tag characters and private use. */
	expect("a\xf3\xa0\x81\x81\xee\x80\x80", "a", CALLERID_TEXT_HIDDEN);
	expect("\xe3\x85\xa4", "", CALLERID_TEXT_HIDDEN);
}

static void test_RC15_accents_do_not_pile_up(void **state)
{
	(void)state;
	expect("a\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86"
	       "b",
	       "a\xcc\x81\xcc\x82\xcc\x83\xcc\x84"
	       "b",
	       CALLERID_TEXT_HIDDEN);
	/* None without a letter below it. */
	expect("\xcc\x81"
	       "a \xcc\x81",
	       "a", CALLERID_TEXT_HIDDEN);
}

static void test_RC15_a_word_of_look_alike_scripts_is_flagged(void **state)
{
	(void)state;
	/* Cyrillic a in a Latin word. */
	expect("P\xd0\xb0ypal", "P\xd0\xb0ypal", CALLERID_TEXT_MIXED);
	expect("\xce\x91pple", "\xce\x91pple", CALLERID_TEXT_MIXED);
	/* Cyrillic and Greek; Armenian o, Cherokee A, Coptic O, a mathematical a; Latin with
	 * accents and small capitals is Latin. */
	expect("\xd0\x90\xce\x92", "\xd0\x90\xce\x92", CALLERID_TEXT_MIXED);
	expect("B\xd6\x85nk", "B\xd6\x85nk", CALLERID_TEXT_MIXED);
	expect("\xe1\x8e\xaapple", "\xe1\x8e\xaapple", CALLERID_TEXT_MIXED);
	expect("B\xe2\xb2\x9ess", "B\xe2\xb2\x9ess", CALLERID_TEXT_MIXED);
	expect("B\xf0\x9d\x90\x9ank", "B\xf0\x9d\x90\x9ank", CALLERID_TEXT_MIXED);
	expect("\xc5\xa0iauliai \xc9\xa2O", "\xc5\xa0iauliai \xc9\xa2O", 0);
	/* Two words of two scripts are nothing strange. */
	expect("Bank \xd0\x91\xd0\xb0\xd0\xbd\xd0\xba", "Bank \xd0\x91\xd0\xb0\xd0\xbd\xd0\xba", 0);
	/* A mark that hides between the scripts does not part the word. */
	expect("P\xe2\x80\x8b\xd0\xb0", "P\xd0\xb0", CALLERID_TEXT_MIXED | CALLERID_TEXT_HIDDEN);
}

static void test_RC15_bytes_that_are_not_utf8_are_shown_as_such(void **state)
{
	(void)state;
	expect("a\xff"
	       "b\xc5",
	       "a\xef\xbf\xbd"
	       "b\xef\xbf\xbd",
	       CALLERID_TEXT_INVALID);
	/* Overlong, a surrogate. */
	expect("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", CALLERID_TEXT_INVALID);
	expect("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", CALLERID_TEXT_INVALID);
}

static void test_RC15_over_long_text_is_cut_at_a_character(void **state)
{
	char text[64];

	(void)state;
	assert_int_equal(callerid_text_clean("abcdef", 6, 6, text, sizeof(text)), 0);
	assert_string_equal(text, "abcdef");
	assert_int_equal(callerid_text_clean("abcdefg", 7, 6, text, sizeof(text)),
			 CALLERID_TEXT_CUT);
	assert_string_equal(text, "abcde\xe2\x80\xa6");
	assert_int_equal(callerid_text_clean("abcd efg", 8, 6, text, sizeof(text)),
			 CALLERID_TEXT_CUT);
	assert_string_equal(text, "abcd\xe2\x80\xa6");
	/* Trailing space is no reason to cut. */
	assert_int_equal(callerid_text_clean("abcdef   ", 9, 6, text, sizeof(text)), 0);
}

static void test_RC15_64_KB_fit_any_buffer_and_stay_utf8(void **state)
{
	static char in[65536];
	char text[64], again[64];

	(void)state;
	for (size_t i = 0; i + 3 <= sizeof(in); i += 3)
		memcpy(in + i, "\xe2\x82\xac", 3);
	in[sizeof(in) - 1] = 'x';
	for (size_t size = 8; size <= sizeof(text); size++) {
		memset(text, 'Z', sizeof(text));
		assert_true(callerid_text_clean(in, sizeof(in), 1000, text, size) &
			    CALLERID_TEXT_CUT);
		assert_true(strlen(text) < size);
		assert_string_equal(text + strlen(text) - 3, "\xe2\x80\xa6");
		assert_int_equal(
			callerid_text_clean(text, strlen(text), 1000, again, sizeof(again)), 0);
		assert_string_equal(again, text);
	}
}

static void test_RC15_a_clean_text_stays_as_it_is(void **state)
{
	static const char in[] = " x\xe2\x80\xae\xcc\x81\xff\tP\xd0\xb0 \x01 ";
	char once[64], twice[64];

	(void)state;
	(void)callerid_text_clean(in, sizeof(in) - 1, 64, once, sizeof(once));
	(void)callerid_text_clean(once, strlen(once), 64, twice, sizeof(twice));
	assert_string_equal(once, twice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_RC15_ordinary_names_of_any_script_stay),
		cmocka_unit_test(test_RC15_control_characters_go),
		cmocka_unit_test(test_RC15_white_space_of_every_kind_becomes_one_space),
		cmocka_unit_test(test_RC15_marks_that_turn_the_direction_go),
		cmocka_unit_test(test_RC15_what_cannot_be_seen_goes),
		cmocka_unit_test(test_RC15_accents_do_not_pile_up),
		cmocka_unit_test(test_RC15_a_word_of_look_alike_scripts_is_flagged),
		cmocka_unit_test(test_RC15_bytes_that_are_not_utf8_are_shown_as_such),
		cmocka_unit_test(test_RC15_over_long_text_is_cut_at_a_character),
		cmocka_unit_test(test_RC15_64_KB_fit_any_buffer_and_stay_utf8),
		cmocka_unit_test(test_RC15_a_clean_text_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
