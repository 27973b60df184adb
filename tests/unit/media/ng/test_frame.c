/* SPDX-License-Identifier: Apache-2.0 */
/* A message on the wire: its parts, its end, its signature. */
#include "media/ng/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct frame_key key = {(const uint8_t *)"0123456789abcdef", 16, 1000};
/* HMAC-SHA256 of "c 1700000000 d7:command4:pinge" and of "c d6:result4:ponge", by Python's hmac. */
#define MAC_HEX	  "5d890b4a94f081fa74ef942600fc0b3f9d3da047474bafbdfd0299b8abd83cfa"
#define REPLY_HEX "9b5bc5c781324e83a652abb3395fc3882f4e7f5c4dcd9052e6bec662442e26bc"

static void assert_part(const char *p, size_t n, const char *expected)
{
	assert_int_equal(n, strlen(expected));
	if (n > 0)
		assert_memory_equal(p, expected, n);
}

static void a_message_has_a_cookie_a_dictionary_and_perhaps_a_signature(void **state)
{
	struct frame frame;

	(void)state;
	assert_true(frame_split("1_2 d1:a1:be", 12, &frame));
	assert_part(frame.cookie, frame.cookie_len, "1_2");
	assert_part(frame.body, frame.body_len, "d1:a1:be");
	assert_null(frame.auth);
	assert_true(frame_split("c 12:ab {}", 10, &frame));
	assert_part(frame.auth, frame.auth_len, "12:ab");
	assert_part(frame.body, frame.body_len, "{}");
	assert_true(frame_split("c ", 2, &frame));
	assert_int_equal(frame.body_len, 0);
}

static void without_a_cookie_of_bounded_length_it_is_none(void **state)
{
	char text[FRAME_COOKIE_MAX + 8];
	struct frame frame;

	(void)state;
	assert_false(frame_split("", 0, &frame));
	assert_false(frame_split("de", 2, &frame));
	assert_false(frame_split(" de", 3, &frame));
	memset(text, 'c', sizeof(text));
	text[FRAME_COOKIE_MAX] = ' ';
	assert_true(frame_split(text, sizeof(text), &frame));
	text[FRAME_COOKIE_MAX] = 'c';
	text[FRAME_COOKIE_MAX + 1] = ' ';
	assert_false(frame_split(text, sizeof(text), &frame));
}

static void a_message_of_a_stream_ends_at_the_same_byte_however_it_comes(void **state)
{
	static const char *const texts[] = {"c d1:ai1ee", "c {\"a\":[1]}", "c 123:abcdef d1:ai1ee",
					    "c 1:a {\"}\":\"{\"}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct frame_scan scan = {0}, whole = {0};
		size_t len = strlen(texts[i]);
		char twice[100];

		snprintf(twice, sizeof(twice), "%s%s", texts[i], texts[i]);
		for (size_t n = 0; n < len; n++)
			assert_int_equal(frame_size(&scan, twice, n), 0);
		assert_int_equal(frame_size(&scan, twice, len), len);
		assert_int_equal(frame_size(&whole, twice, 2 * len), len);
	}
}

static void only_these_bytes_with_this_key_at_this_time_are_signed(void **state)
{
	static const char text[] = "c 1700000000:" MAC_HEX " d7:command4:pinge";
	struct frame_key other = key, late = key;
	struct frame frame;
	char changed[sizeof(text)];

	(void)state;
	assert_true(frame_split(text, sizeof(text) - 1, &frame));
	assert_null(frame_check(&frame, &key, 1700000000));
	assert_null(frame_check(&frame, &key, 1700000014));
	assert_null(frame_check(&frame, &key, 1699999986));
	assert_string_equal(frame_check(&frame, &key, 1700000015), "stale");
	assert_string_equal(frame_check(&frame, &key, 1699999985), "stale");
	late.started = 1700000001;
	assert_string_equal(frame_check(&frame, &late, 1700000001), "stale");
	other.bytes = (const uint8_t *)"0123456789abcdeF";
	assert_string_equal(frame_check(&frame, &other, 1700000000), "signature");
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		memcpy(changed, text, sizeof(text));
		changed[i] ^= 1;
		if (frame_split(changed, sizeof(text) - 1, &frame))
			assert_non_null(frame_check(&frame, &key, 1700000000));
	}
}

static void a_signature_of_another_form_is_none(void **state)
{
	static const char *const bad[] = {
		"c d7:command4:pinge",	  "c 1 de", "c 1: de", "c :1 de", "c 1700000000:abc de",
		"c 17000000000000:abc de"};
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(frame_split(bad[i], strlen(bad[i]), &frame));
		assert_string_equal(frame_check(&frame, &key, 1700000000),
				    frame.auth == NULL ? "unsigned" : "signature");
	}
}

static void a_reply_is_signed_with_its_cookie(void **state)
{
	struct frame reply = {
		.cookie = "c", .cookie_len = 1, .body = "d6:result4:ponge", .body_len = 16};
	char one[FRAME_MAC_LEN + 1], two[FRAME_MAC_LEN + 1];

	(void)state;
	assert_true(frame_sign(&reply, &key, one));
	assert_string_equal(one, REPLY_HEX);
	reply.cookie = "d";
	assert_true(frame_sign(&reply, &key, two));
	assert_string_not_equal(one, two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_has_a_cookie_a_dictionary_and_perhaps_a_signature),
		cmocka_unit_test(without_a_cookie_of_bounded_length_it_is_none),
		cmocka_unit_test(a_message_of_a_stream_ends_at_the_same_byte_however_it_comes),
		cmocka_unit_test(only_these_bytes_with_this_key_at_this_time_are_signed),
		cmocka_unit_test(a_signature_of_another_form_is_none),
		cmocka_unit_test(a_reply_is_signed_with_its_cookie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
