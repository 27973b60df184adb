/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a message: how keys are found, what is an integer, and what is written. */
#include "tests/unit/media/ng/value_kit.h"

#include <stdlib.h>

static const struct ng_value *bencode(struct ng_tree *tree, const char *text)
{
	const char *why = NULL;
	const struct ng_value *value = ng_read_bencode(tree, text, strlen(text), &why);

	assert_true((value == NULL) == (why != NULL));
	return value;
}

static void a_key_is_found_with_space_hyphen_or_underscore(void **state)
{
	struct ng_tree *tree = ng_tree_new();
	const struct ng_value *dict = bencode(
		tree, "d13:received from1:a14:address-family1:b12:delete_delay1:c7:call-id1:de");

	(void)state;
	assert_text(ng_get(dict, "received from"), "a");
	assert_text(ng_get(dict, "received-from"), "a");
	assert_text(ng_get(dict, "received_from"), "a");
	assert_text(ng_get(dict, "address family"), "b");
	assert_text(ng_get(dict, "delete-delay"), "c");
	assert_null(ng_get(dict, "Call-ID"));
	assert_null(ng_get(dict, "call-i"));
	ng_tree_free(tree);
}

static void doubled_keys_are_found_in_the_order_in_which_they_came(void **state)
{
	struct ng_tree *tree = ng_tree_new();
	const struct ng_value *dict =
		bencode(tree, "d5:flagsl3:onee3:sdp1:x5:flags3:two5:flagsl5:threeee");
	const struct ng_value *one = ng_get(dict, "flags");
	const struct ng_value *two = ng_next_named(dict, one);
	const struct ng_value *three = ng_next_named(dict, two);

	(void)state;
	assert_int_equal(ng_type(one), NG_LIST);
	assert_text(ng_at(one, 0), "one");
	assert_text(two, "two");
	assert_text(ng_at(three, 0), "three");
	assert_null(ng_next_named(dict, three));
	ng_tree_free(tree);
}

static void an_integer_may_be_written_as_a_string(void **state)
{
	static const struct {
		const char *text;
		bool is;
		int64_t number;
	} rows[] = {
		{"i30e", true, 30},
		{"2:30", true, 30},
		{"3:-12", true, -12},
		{"19:9223372036854775807", true, INT64_MAX},
		{"20:-9223372036854775808", true, INT64_MIN},
		{"19:9223372036854775808", false, 0},
		{"0:", false, 0},
		{"1:-", false, 0},
		{"3:1 2", false, 0},
		{"3:12x", false, 0},
		{"le", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ng_tree *tree = ng_tree_new();
		const struct ng_value *value = bencode(tree, rows[i].text);
		int64_t number = 0;

		assert_non_null(value);
		assert_int_equal(ng_int(value, &number), rows[i].is);
		assert_true(number == rows[i].number);
		ng_tree_free(tree);
	}
}

static void nothing_is_found_in_what_is_absent_or_of_another_type(void **state)
{
	struct ng_tree *tree = ng_tree_new();
	const struct ng_value *list = bencode(tree, "l1:ae");
	size_t len = 9;
	int64_t number;

	(void)state;
	assert_null(ng_get(NULL, "a"));
	assert_null(ng_get(list, "a"));
	assert_null(ng_next_named(NULL, list));
	assert_null(ng_next_named(list, NULL));
	assert_null(ng_at(list, 1));
	assert_null(ng_at(NULL, 0));
	assert_int_equal(ng_count(NULL), 0);
	assert_string_equal(ng_string(list, &len), "");
	assert_int_equal(len, 0);
	assert_string_equal(ng_key_at(list, 0, &len), "");
	assert_false(ng_int(NULL, &number));
	ng_tree_free(tree);
	ng_tree_free(NULL);
}

static struct ng_value *reply(struct ng_tree *tree)
{
	struct ng_value *dict = ng_dict(tree);
	struct ng_value *totals = ng_put_dict(dict, "totals");
	struct ng_value *tags = ng_put_list(dict, "tags");
	char sdp[] = "v=0\r\n";

	ng_put_string(dict, "result", "ok");
	ng_put_span(dict, "sdp", sdp, 5);
	memset(sdp, 'x', sizeof(sdp)); /* it was copied */
	ng_put_int(totals, "packets", -3);
	ng_add_string(tags, "a\"b");
	ng_add_int(tags, 7);
	ng_put_int(ng_add_dict(tags), "index", 1);
	return dict;
}

static void assert_written(enum ng_format format, const char *expected)
{
	struct ng_tree *tree = ng_tree_new();
	size_t len = 0;
	char *text = ng_write(reply(tree), format, &len);

	assert_non_null(text);
	assert_string_equal(text, expected);
	assert_int_equal(len, strlen(expected));
	free(text);
	ng_tree_free(tree);
}

static void bencode_is_written_sorted_and_json_in_order(void **state)
{
	(void)state;
	assert_written(NG_BENCODE, "d6:result2:ok3:sdp5:v=0\r\n4:tagsl3:a\"bi7ed5:indexi1eee6:"
				   "totalsd7:packetsi-3eee");
	assert_written(NG_JSON,
		       "{\"totals\":{\"packets\":-3},\"tags\":[\"a\\\"b\",7,{\"index\":1}],"
		       "\"result\":\"ok\",\"sdp\":\"v=0\\r\\n\"}");
}

static void what_is_nested_too_deep_is_not_written(void **state)
{
	struct ng_tree *tree = ng_tree_new();
	struct ng_value *dict = ng_dict(tree), *inner = dict;
	size_t len;

	(void)state;
	for (int i = 0; i < NG_DEPTH_MAX; i++)
		inner = ng_put_dict(inner, "d");
	assert_null(ng_write(dict, NG_BENCODE, &len));
	assert_null(ng_write(dict, NG_JSON, &len));
	assert_null(ng_write(NULL, NG_JSON, &len));
	ng_tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_found_with_space_hyphen_or_underscore),
		cmocka_unit_test(doubled_keys_are_found_in_the_order_in_which_they_came),
		cmocka_unit_test(an_integer_may_be_written_as_a_string),
		cmocka_unit_test(nothing_is_found_in_what_is_absent_or_of_another_type),
		cmocka_unit_test(bencode_is_written_sorted_and_json_in_order),
		cmocka_unit_test(what_is_nested_too_deep_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
