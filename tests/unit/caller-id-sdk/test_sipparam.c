/* SPDX-License-Identifier: Apache-2.0 */
/* White space, tokens, quoted strings and parameters of SIP header fields (RFC 3261 §25.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sipparam.h"

static struct callerid_span span(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

static void is(struct callerid_span got, const char *want)
{
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static void test_rfc3261_25_1_a_line_end_is_white_space_only_where_it_folds(void **state)
{
	static const struct {
		const char *text, *rest;
	} rows[] = {{" \t x", "x"},    {"\r\n x", "x"},	 {"\n\tx", "x"}, {"\r\nx", "\r\nx"},
		    {" \r\n", "\r\n"}, {"\r x", "\r x"}, {"\n", "\n"},	 {"", ""}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct callerid_span rest = span(rows[i].text);

		cid_sip_lws(&rest);
		is(rest, rows[i].rest);
	}
}

static void test_rfc3261_25_1_a_quoted_string_ends_at_a_quote_without_backslash(void **state)
{
	static const char *const open[] = {"\"",  "\"a", "\"a\\\"",    "\"a\\",
					   "a\"", "",	 "\"a\\\rb\"", "\"a\\\nb\""};
	struct callerid_span rest = span("\"a\\\"b\\\\\"c"), inside;

	(void)state;
	assert_true(cid_sip_quoted(&rest, &inside));
	is(inside, "a\\\"b\\\\");
	is(rest, "c");
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		rest = span(open[i]);
		assert_false(cid_sip_quoted(&rest, &inside));
		is(rest, open[i]);
	}
}

static void test_rfc3261_25_1_what_is_refused_takes_nothing(void **state)
{
	struct callerid_span rest = span("<a"), out;
	struct cid_param param;

	(void)state;
	assert_false(cid_sip_angle(&rest, &out));
	is(rest, "<a");
	assert_false(cid_sip_token(&rest, &out));
	assert_false(cid_sip_char(&rest, ';'));
	is(rest, "<a");
	rest = span(" ; a = ");
	assert_int_equal(cid_sip_param(&rest, &param), CID_PARAM_BROKEN);
	is(rest, " ; a = ");
	rest = span(" \t");
	assert_int_equal(cid_sip_param(&rest, &param), CID_PARAM_END);
}

static void test_rfc3261_25_1_parameters_with_and_without_values(void **state)
{
	struct callerid_span rest = span(" ; a ;b = [::1]:5 ; c=\"x;y\"");
	struct cid_param param;

	(void)state;
	assert_int_equal(cid_sip_param(&rest, &param), CID_PARAM_ONE);
	is(param.name, "a");
	assert_null(param.value.p);
	assert_int_equal(cid_sip_param(&rest, &param), CID_PARAM_ONE);
	is(param.value, "[::1]:5");
	assert_false(param.quoted);
	assert_int_equal(cid_sip_param(&rest, &param), CID_PARAM_ONE);
	is(param.value, "x;y");
	assert_true(param.quoted);
	assert_int_equal(cid_sip_param(&rest, &param), CID_PARAM_END);
}

static void test_rfc3261_7_3_1_commas_split_outside_quotes_and_brackets(void **state)
{
	static const char *const want[] = {"a;x=\"1,\\\",2\"", "<b,c>;d", "e"};
	struct callerid_span rest = span(" a;x=\"1,\\\",2\" , ,\r\n <b,c>;d,e,"), value;
	size_t n = 0;

	(void)state;
	for (; cid_sip_next(&rest, &value); n++) {
		assert_true(n < 3);
		is(value, want[n]);
	}
	assert_int_equal(n, 3);
	assert_int_equal(rest.n, 0);
}

static void test_names_compare_without_case(void **state)
{
	(void)state;
	assert_true(cid_span_is(span("STIR"), "stir"));
	assert_false(cid_span_is(span("STIRS"), "stir"));
	assert_true(cid_span_is((struct callerid_span){NULL, 0}, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc3261_25_1_a_line_end_is_white_space_only_where_it_folds),
		cmocka_unit_test(
			test_rfc3261_25_1_a_quoted_string_ends_at_a_quote_without_backslash),
		cmocka_unit_test(test_rfc3261_25_1_what_is_refused_takes_nothing),
		cmocka_unit_test(test_rfc3261_25_1_parameters_with_and_without_values),
		cmocka_unit_test(test_rfc3261_7_3_1_commas_split_outside_quotes_and_brackets),
		cmocka_unit_test(test_names_compare_without_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
