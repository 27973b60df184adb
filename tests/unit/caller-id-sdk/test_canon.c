/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8225 §9: one text for each JSON value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "canon.h"

static void expect(const char *in, const char *out)
{
	json_t *value = json_loads(in, JSON_DECODE_ANY, NULL);
	char *text = NULL;
	size_t n = 0;

	assert_non_null(value);
	assert_int_equal(cid_canon_text(value, 4096, &text, &n), CALLERID_OK);
	assert_string_equal(text, out);
	assert_int_equal(n, strlen(out));
	free(text);
	json_decref(value);
}

static void test_rfc8225_9_names_are_in_code_point_order_at_every_level(void **state)
{
	(void)state;
	expect("{\"b\":{\"z\":1,\"a\":[{\"d\":1,\"c\":2}]},\"a\":0,\"B\":3,\"aa\":4}",
	       "{\"B\":3,\"a\":0,\"aa\":4,\"b\":{\"a\":[{\"c\":2,\"d\":1}],\"z\":1}}");
	/* U+FF5E stands before U+1F600, though UTF-16 has them the other way round. */
	expect("{\"\\ud83d\\ude00\":1,\"\\uff5e\":2}",
	       "{\"\xef\xbd\x9e\":2,\"\xf0\x9f\x98\x80\":1}");
	expect("{}", "{}");
	expect("[]", "[]");
}

static void test_rfc8225_9_there_is_no_white_space_and_literals_are_lower_case(void **state)
{
	(void)state;
	expect(" [ true , false , null , \"a b\" ] ", "[true,false,null,\"a b\"]");
}

static void test_rfc8225_9_strings_are_utf8_with_the_shortest_escapes(void **state)
{
	(void)state;
	expect("\"\\u0160iauliai\\/\\u0001\\n\\\"\\\\\"", "\"\xc5\xa0iauliai/\\u0001\\n\\\"\\\\\"");
}

static void test_rfc8225_9_numbers_are_integers_unless_they_have_a_fraction(void **state)
{
	(void)state;
	expect("[1.0,-0.0,1e3,-2.50,0.1]", "[1,0,1000,-2.5,0.1]");
	expect("[9007199254740993,-9223372036854775808]",
	       "[9007199254740993,-9223372036854775808]");
	expect("[1e20,1e21,123456789012345680000.0]", "[100000000000000000000,1e+21,"
						      "123456789012345680000]");
	expect("[1e-6,1e-7,1.5e300,0.30000000000000004]",
	       "[0.000001,1e-7,1.5e+300,0.30000000000000004]");
	expect("[5e-324,1.7976931348623157e308,123.456]",
	       "[5e-324,1.7976931348623157e+308,123.456]");
}

static void test_the_depth_is_bounded(void **state)
{
	json_t *value = json_array();
	char *text = NULL;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < CID_JSON_DEPTH_MAX; i++) {
		json_t *outer = json_array();

		json_array_append_new(outer, value);
		value = outer;
	}
	assert_int_equal(cid_canon_text(value, 4096, &text, &n), CALLERID_OK);
	free(text);
	text = NULL;
	{
		json_t *outer = json_array();

		json_array_append_new(outer, value);
		assert_int_equal(cid_canon_text(outer, 4096, &text, &n), CALLERID_ELIMIT);
		json_decref(outer);
	}
	assert_null(text);
}

static void test_the_length_is_bounded(void **state)
{
	json_t *value = json_loads("{\"a\":[1,2,3]}", 0, NULL);
	char *text = NULL, buffer[13];
	struct cid_writer w;
	size_t n = 0;

	(void)state;
	assert_int_equal(cid_canon_text(value, 13, &text, &n), CALLERID_OK);
	free(text);
	for (size_t size = 0; size < 13; size++) {
		assert_int_equal(cid_canon_text(value, size, &text, &n), CALLERID_ELIMIT);
		cid_writer_init(&w, buffer, size);
		assert_int_equal(cid_canon_write(&w, value), CALLERID_ELIMIT);
		assert_true(w.full);
	}
	json_decref(value);
}

static void test_what_is_written_reads_back_as_the_same_value(void **state)
{
	static const char in[] = "{\"x\":[1,2.5,\"\\u20ac\",{\"y\":null}],\"a\":1e-9}";
	json_t *value = json_loads(in, 0, NULL), *again;
	char *text = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(cid_canon_text(value, 4096, &text, &n), CALLERID_OK);
	again = json_loads(text, 0, NULL);
	assert_true(json_equal(value, again));
	free(text);
	json_decref(value);
	json_decref(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc8225_9_names_are_in_code_point_order_at_every_level),
		cmocka_unit_test(
			test_rfc8225_9_there_is_no_white_space_and_literals_are_lower_case),
		cmocka_unit_test(test_rfc8225_9_strings_are_utf8_with_the_shortest_escapes),
		cmocka_unit_test(test_rfc8225_9_numbers_are_integers_unless_they_have_a_fraction),
		cmocka_unit_test(test_the_depth_is_bounded),
		cmocka_unit_test(test_the_length_is_bounded),
		cmocka_unit_test(test_what_is_written_reads_back_as_the_same_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
