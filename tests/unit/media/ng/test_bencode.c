/* SPDX-License-Identifier: Apache-2.0 */
/* Bencode: what is read, what is refused, and where a value ends in a stream. */
#include "tests/unit/media/ng/value_kit.h"

#include <stdio.h>

static const char offer[] = "d3:sdp9:v=0\r\no=- 7:call-id3:a b8:from-tag1:f7:command5:offer"
			    "5:flagsl13:trust-addresse5:flags12:loop-protect3:TOSi184ee";

static bool reads(const char *text, size_t len)
{
	return value_is_read(ng_read_bencode, text, len);
}

static long frame(const char *text, size_t len)
{
	struct ng_scan scan = {0};

	return ng_bencode_frame(&scan, text, len);
}

static void a_message_may_be_unsorted_and_double_its_keys(void **state)
{
	struct ng_tree *tree = ng_tree_new();
	const char *why;
	const struct ng_value *dict = ng_read_bencode(tree, offer, sizeof(offer) - 1, &why);
	size_t len;

	(void)state;
	assert_int_equal(ng_count(dict), 7);
	assert_memory_equal(ng_key_at(dict, 0, &len), "sdp", 3);
	assert_memory_equal(ng_key_at(dict, 6, &len), "TOS", 3);
	assert_int_equal(ng_type(ng_next_named(dict, ng_get(dict, "flags"))), NG_STRING);
	ng_tree_free(tree);
}

static void a_message_cut_at_any_byte_is_refused_and_more_is_waited_for(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(offer) - 1; n++) {
		assert_false(reads(offer, n));
		assert_int_equal(frame(offer, n), 0);
	}
	assert_true(reads(offer, sizeof(offer) - 1));
}

static void a_stream_read_byte_by_byte_yields_the_same_frames(void **state)
{
	char two[2 * sizeof(offer)];
	int len = snprintf(two, sizeof(two), "%s%s", offer, offer);
	struct ng_scan scan = {0};
	size_t start = 0, found = 0;

	(void)state;
	for (size_t n = 1; n <= (size_t)len; n++) {
		long size = ng_bencode_frame(&scan, two + start, n - start);

		assert_in_range(size, 0, len);
		if (size == 0)
			continue;
		assert_int_equal(size, sizeof(offer) - 1);
		start += (size_t)size;
		scan = (struct ng_scan){0};
		found++;
	}
	assert_int_equal(found, 2);
}

static void what_is_no_bencode_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"i",
		"ie",
		"i-e",
		"i-0e",
		"i01e",
		"i1",
		"i 1e",
		"i1.0e",
		"01:a",
		"-1:a",
		"5:abcd",
		"99999999:a",
		"65537:a",
		"d1:ae",
		"di1ei2e",
		"di1ei2ee",
		"l",
		"d",
		"e",
		"de1:x",
		"i1ei2e",
		"d1:a1:b",
		"i99999999999999999999e",
		"i9223372036854775808e",
		"d1:aee",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (reads(bad[i], strlen(bad[i])))
			fail_msg("read: %s", bad[i]);
}

static void a_frame_that_can_never_end_is_known_at_once(void **state)
{
	static const char *const never[] = {
		"x", "ix", "i-0", "i01", "01", "999999", "65537:", "e", "i11111111111111111111"};

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_int_equal(frame(never[i], strlen(never[i])), -1);
}

static void depth_is_bounded(void **state)
{
	char text[2 * NG_DEPTH_MAX + 3];

	(void)state;
	for (size_t depth = 1; depth <= NG_DEPTH_MAX + 1; depth++) {
		memset(text, 'l', depth);
		memset(text + depth, 'e', depth);
		assert_int_equal(reads(text, 2 * depth), depth <= NG_DEPTH_MAX);
		assert_int_equal(frame(text, 2 * depth),
				 depth <= NG_DEPTH_MAX ? (long)(2 * depth) : -1);
	}
}

static void the_number_of_values_is_bounded(void **state)
{
	char text[2 * NG_VALUES_MAX + 4];

	(void)state;
	for (size_t n = NG_VALUES_MAX - 1; n <= NG_VALUES_MAX; n++) {
		size_t at = 0;

		text[at++] = 'l';
		for (size_t i = 0; i < n; i++) {
			text[at++] = '0';
			text[at++] = ':';
		}
		text[at++] = 'e';
		assert_int_equal(reads(text, at), n + 1 <= NG_VALUES_MAX);
	}
}

static void the_size_is_bounded(void **state)
{
	static char text[NG_MESSAGE_MAX + 16];
	int head = snprintf(text, sizeof(text), "%d:", NG_MESSAGE_MAX - 6);

	(void)state;
	memset(text + head, 'a', sizeof(text) - (size_t)head);
	assert_true(reads(text, NG_MESSAGE_MAX));
	head = snprintf(text, sizeof(text), "%d:", NG_MESSAGE_MAX - 5);
	text[head] = 'a';
	assert_false(reads(text, NG_MESSAGE_MAX + 1));
}

static void a_line_end_behind_a_message_is_forgiven(void **state)
{
	(void)state;
	assert_true(reads("d7:command4:pinge\r\n", 19));
	assert_false(reads("d7:command4:pinge\r\nx", 20));
	assert_false(reads("d7:command4:pinge\0", 18));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_may_be_unsorted_and_double_its_keys),
		cmocka_unit_test(a_message_cut_at_any_byte_is_refused_and_more_is_waited_for),
		cmocka_unit_test(a_stream_read_byte_by_byte_yields_the_same_frames),
		cmocka_unit_test(what_is_no_bencode_is_refused),
		cmocka_unit_test(a_frame_that_can_never_end_is_known_at_once),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(the_number_of_values_is_bounded),
		cmocka_unit_test(the_size_is_bounded),
		cmocka_unit_test(a_line_end_behind_a_message_is_forgiven),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
