/* SPDX-License-Identifier: Apache-2.0 */
/* Base64url: every byte string has one text, and no other text is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "b64url.h"

static void test_rfc4648_10_values_without_padding(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},	    {"f", "Zg"},	  {"fo", "Zm8"},	  {"foo", "Zm9v"},
		{"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[16];
		uint8_t data[16];
		size_t n = cid_b64url_encode(rows[i][0], strlen(rows[i][0]), text), len = 99;

		assert_int_equal(n, strlen(rows[i][1]));
		assert_int_equal(n, CID_B64URL_LEN(strlen(rows[i][0])));
		assert_memory_equal(text, rows[i][1], n);
		assert_true(cid_b64url_decode(text, n, data, sizeof(data), &len));
		assert_int_equal(len, strlen(rows[i][0]));
		assert_memory_equal(data, rows[i][0], len);
	}
}

static void test_all_byte_values_and_lengths_come_back(void **state)
{
	uint8_t in[260], out[260];
	char text[CID_B64URL_LEN(260)];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 167 + 13);
	for (size_t len = 0; len <= sizeof(in); len++) {
		size_t n = cid_b64url_encode(in, len, text), back = 0;

		assert_int_equal(n, CID_B64URL_LEN(len));
		assert_int_equal(CID_B64URL_DECODED(n), len);
		assert_true(cid_b64url_decode(text, n, out, len, &back));
		assert_int_equal(back, len);
		assert_memory_equal(in, out, len);
	}
}

static void test_every_character_outside_the_alphabet_is_refused_at_every_place(void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	(void)state;
	for (int c = 0; c < 256; c++) {
		for (size_t at = 0; at < 8; at++) {
			char text[8] = "AAAAAAAA";
			uint8_t out[6];
			size_t len;

			text[at] = (char)c;
			assert_int_equal(cid_b64url_decode(text, 8, out, sizeof(out), &len),
					 c != 0 && strchr(alphabet, c) != NULL);
		}
	}
}

static void test_padding_white_space_and_impossible_lengths_are_refused(void **state)
{
	static const char *const wrong[] = {"Zg==",  "Zm8=",  "Zg=",	"=",
					    "A",     "AAAAA", "Zm 9v",	"Zm9v\n",
					    "Zm9v ", " Zm9v", "Zm9v+w", "Zm9v/w"};
	uint8_t out[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (cid_b64url_decode(wrong[i], strlen(wrong[i]), out, sizeof(out), &len))
			fail_msg("read %s", wrong[i]);
	}
}

static void test_stray_bits_in_the_last_character_are_refused(void **state)
{
	uint8_t out[4];
	size_t len;

	(void)state;
	assert_true(cid_b64url_decode("Zg", 2, out, sizeof(out), &len));
	assert_false(cid_b64url_decode("Zh", 2, out, sizeof(out), &len));
	assert_true(cid_b64url_decode("Zm8", 3, out, sizeof(out), &len));
	assert_false(cid_b64url_decode("Zm9", 3, out, sizeof(out), &len));
}

static void test_what_does_not_fit_is_refused(void **state)
{
	uint8_t out[3] = {1, 2, 3};
	size_t len = 77;

	(void)state;
	assert_false(cid_b64url_decode("Zm9v", 4, out, 2, &len));
	assert_int_equal(len, 77);
	assert_int_equal(out[2], 3);
	assert_true(cid_b64url_decode("Zm9v", 4, out, 3, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc4648_10_values_without_padding),
		cmocka_unit_test(test_all_byte_values_and_lengths_come_back),
		cmocka_unit_test(
			test_every_character_outside_the_alphabet_is_refused_at_every_place),
		cmocka_unit_test(test_padding_white_space_and_impossible_lengths_are_refused),
		cmocka_unit_test(test_stray_bits_in_the_last_character_are_refused),
		cmocka_unit_test(test_what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
