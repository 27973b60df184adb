/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: the same tree as bencode, RFC 8259 and nothing else. */
#include "tests/unit/media/ng/value_kit.h"

#include <stdlib.h>

static const char offer[] =
	"{\"sdp\":\"v=0\\r\\no=- \",\"call-id\":\"a b\",\"flags\":[\"x\",\"y\"],"
	"\"flags\":\"z}\\\"\", \"TOS\": 184, \"on\":true,\"off\":false,"
	"\"no\":null,\"f\":-1.5e3,\"u\":\"\\u00e9\\ud83d\\ude00\"}";

static bool reads(const char *text, size_t len)
{
	return value_is_read(ng_read_json, text, len);
}

static void an_object_becomes_what_bencode_would_be(void **state)
{
	struct ng_tree *tree = ng_tree_new();
	const char *why;
	const struct ng_value *dict = ng_read_json(tree, offer, sizeof(offer) - 1, &why);
	int64_t number = 0;

	(void)state;
	assert_text(ng_get(dict, "sdp"), "v=0\r\no=- ");
	assert_text(ng_get(dict, "call id"), "a b");
	assert_int_equal(ng_count(ng_get(dict, "flags")), 2);
	assert_text(ng_next_named(dict, ng_get(dict, "flags")), "z}\"");
	assert_true(ng_int(ng_get(dict, "TOS"), &number) && number == 184);
	assert_true(ng_int(ng_get(dict, "on"), &number) && number == 1);
	assert_true(ng_int(ng_get(dict, "off"), &number) && number == 0);
	assert_text(ng_get(dict, "no"), "");
	assert_text(ng_get(dict, "f"), "-1.5e3");
	assert_text(ng_get(dict, "u"), "\xc3\xa9\xf0\x9f\x98\x80");
	ng_tree_free(tree);
}

static void an_object_cut_at_any_byte_is_refused_and_more_is_waited_for(void **state)
{
	struct ng_scan scan = {0};

	(void)state;
	for (size_t n = 0; n < sizeof(offer) - 1; n++) {
		assert_false(reads(offer, n));
		assert_int_equal(ng_json_frame(&scan, offer, n), 0);
	}
	assert_int_equal(ng_json_frame(&scan, offer, sizeof(offer) - 1), sizeof(offer) - 1);
}

static void a_frame_ends_with_its_object(void **state)
{
	static const struct {
		const char *text;
		long size;
	} rows[] = {
		{"{}x {}", 2}, {"{\"a\":\"}\"}{", 9}, {"{\"a\\\"}\":[{}]}", 13}, {"{\"a\\\\\"}", 7},
		{"[]", -1},    {" {}", -1},	      {"{[[[[[[[[[[[[[[[[", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ng_scan scan = {0};

		assert_int_equal(ng_json_frame(&scan, rows[i].text, strlen(rows[i].text)),
				 rows[i].size);
	}
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"{]",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{a:1}",
		"[1 2]",
		"[01]",
		"[1.]",
		"[1e]",
		"[-]",
		"[+1]",
		"[nul]",
		"\"a",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u0000\"",
		"[\"a\n\"]",
		"\"\\ud800\"",
		"\"\\udc00\"",
		"\"\\ud800\\u0041\"",
		"\"\xff\"",
		"\"\xc0\xaf\"",
		"\"\xed\xa0\x80\"",
		"\"\xf5\x80\x80\x80\"",
		"\"\xe2\x82\"",
		"{} {}",
		"\"\\",
		"\"\\\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (reads(bad[i], strlen(bad[i])))
			fail_msg("read: %s", bad[i]);
}

static void depth_and_values_are_bounded(void **state)
{
	static char text[2 * NG_VALUES_MAX + 4];

	(void)state;
	for (size_t depth = NG_DEPTH_MAX; depth <= NG_DEPTH_MAX + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(reads(text, 2 * depth), depth <= NG_DEPTH_MAX);
	}
	for (size_t n = NG_VALUES_MAX - 1; n <= NG_VALUES_MAX; n++) {
		memset(text, '1', sizeof(text));
		for (size_t i = 0; i < n; i++)
			text[2 * i] = i == 0 ? '[' : ',';
		text[2 * n] = ']';
		assert_int_equal(reads(text, 2 * n + 1), n + 1 <= NG_VALUES_MAX);
	}
}

static void what_is_written_is_text_and_reads_back(void **state)
{
	static const char odd[] = "\"\\/\b\f\n\r\t\x01\x7f \xc3\xa9 \xff\xc3";
	struct ng_tree *tree = ng_tree_new();
	struct ng_value *dict = ng_dict(tree);
	const struct ng_value *read;
	const char *why = NULL;
	char *text;
	size_t len;

	(void)state;
	ng_put_string(dict, "a", odd);
	ng_put_span(dict, "nul", "a\0b", 3);
	text = ng_write(dict, NG_JSON, &len);
	assert_non_null(text);
	read = ng_read_json(tree, text, len, &why);
	assert_null(why);
	assert_text(ng_get(read, "a"), "\"\\/\b\f\n\r\t\x01\x7f \xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd");
	assert_text(ng_get(read, "nul"), "a\xef\xbf\xbd"
					 "b");
	free(text);
	ng_tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_becomes_what_bencode_would_be),
		cmocka_unit_test(an_object_cut_at_any_byte_is_refused_and_more_is_waited_for),
		cmocka_unit_test(a_frame_ends_with_its_object),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(depth_and_values_are_bounded),
		cmocka_unit_test(what_is_written_is_text_and_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
