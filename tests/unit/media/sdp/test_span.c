/* SPDX-License-Identifier: Apache-2.0 */
/* Words and numbers of a line. */
#include "media/sdp/span.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static void check_span(struct span span, const char *text)
{
	assert_int_equal(span.n, strlen(text));
	assert_memory_equal(span.p, text, span.n);
}

static void test_words_come_off_the_front(void **state)
{
	struct span rest = span_of(" a \tbc  ");

	(void)state;
	check_span(span_word(&rest), "a");
	check_span(span_word(&rest), "bc");
	check_span(span_word(&rest), "");
	assert_int_equal(rest.n, 0);
}

static void test_words_come_off_the_end(void **state)
{
	struct span rest = span_of("a b\tc ");

	(void)state;
	check_span(span_last_word(&rest), "c");
	check_span(span_last_word(&rest), "b");
	check_span(span_last_word(&rest), "a");
	check_span(span_last_word(&rest), "");
}

static void test_until_takes_the_separator_with_it(void **state)
{
	struct span rest = span_of("a//b");

	(void)state;
	check_span(span_until(&rest, '/'), "a");
	check_span(span_until(&rest, '/'), "");
	check_span(span_until(&rest, '/'), "b");
	check_span(span_until(&rest, '/'), "");
}

static void test_numbers_are_digits_up_to_the_maximum(void **state)
{
	uint32_t n = 7;

	(void)state;
	assert_true(span_number(span_of("65535"), 65535, &n));
	assert_int_equal(n, 65535);
	assert_true(span_number(span_of("4294967295"), UINT32_MAX, &n));
	assert_true(n == UINT32_MAX);
	assert_false(span_number(span_of("65536"), 65535, &n));
	assert_false(span_number(span_of("4294967296"), UINT32_MAX, &n));
	assert_false(span_number(span_of("00000000001"), 65535, &n));
	assert_false(span_number(span_of("-1"), 65535, &n));
	assert_false(span_number(span_of("1x"), 65535, &n));
	assert_false(span_number(span_of(""), 65535, &n));
	assert_true(n == UINT32_MAX);
}

static void test_names_are_compared_without_case_and_in_full(void **state)
{
	(void)state;
	assert_true(span_is(span_of("RtpMap"), "rtpmap"));
	assert_false(span_is(span_of("rtpmap"), "rtpmaps"));
	assert_false(span_is(span_of("rtpmaps"), "rtpmap"));
	assert_true(span_starts(span_of("rtpmaps"), "RTPMAP"));
	assert_false(span_starts(span_of("rtp"), "rtpmap"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_come_off_the_front),
		cmocka_unit_test(test_words_come_off_the_end),
		cmocka_unit_test(test_until_takes_the_separator_with_it),
		cmocka_unit_test(test_numbers_are_digits_up_to_the_maximum),
		cmocka_unit_test(test_names_are_compared_without_case_and_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
