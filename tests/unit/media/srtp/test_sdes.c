/* SPDX-License-Identifier: Apache-2.0 */
/* a=crypto: what is taken, what is refused, and that what we write reads back. */
#include "media/srtp/sdes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool parse(const char *value, struct sdes *out)
{
	return sdes_parse(value, strlen(value), out);
}

#define KEY30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"

static void a_line_of_ours_reads_back_the_same(void **state)
{
	(void)state;
	for (enum srtp_suite suite = SUITE_NONE + 1; suite < SUITE_COUNT; suite++) {
		struct sdes made, read;
		char text[SDES_LINE_MAX];
		assert_true(sdes_make(7, suite, &made));
		assert_true(parse(sdes_format(&made, text), &read));
		assert_int_equal(read.tag, 7);
		assert_int_equal(read.suite, suite);
		assert_int_equal(read.key.len, made.key.len);
		assert_memory_equal(read.key.bytes, made.key.bytes, made.key.len);
	}
}

static void lifetime_and_window_are_accepted(void **state)
{
	(void)state;
	struct sdes sdes;

	assert_true(parse("1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30, &sdes));
	assert_true(parse("1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|2^48", &sdes));
	assert_true(parse("1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|1048576", &sdes));
	assert_true(parse("1  AES_CM_128_HMAC_SHA1_32  inline:" KEY30 " WSH=64", &sdes));
	assert_memory_equal(sdes.key.bytes, "\x00\x01\x02\x03", 4);
	assert_memory_equal(sdes.key.bytes + 26, "\x1a\x1b\x1c\x1d", 4);
}

static void padding_that_was_left_out_is_added(void **state)
{
	(void)state;
	struct sdes with, without;

	assert_true(
		parse("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==", &with));
	assert_true(parse("1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw",
			  &without));
	assert_memory_equal(with.key.bytes, without.key.bytes, 28);
}

static void what_we_do_not_do_is_refused(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"",
		"1",
		"0 AES_CM_128_HMAC_SHA1_80 inline:" KEY30,
		"x AES_CM_128_HMAC_SHA1_80 inline:" KEY30,
		"1234567890 AES_CM_128_HMAC_SHA1_80 inline:" KEY30,
		"1 F8_128_HMAC_SHA1_80 inline:" KEY30,
		"1 aes_cm_128_hmac_sha1_80 inline:" KEY30,
		"1 AES_CM_128_HMAC_SHA1_80 uri:" KEY30,
		"1 AES_CM_128_HMAC_SHA1_80 inline:",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "AAAA",
		"1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxw=",
		"1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka!xwd",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|2^20|1:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|1:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 ";inline:" KEY30,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 " UNENCRYPTED_SRTP",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 " UNAUTHENTICATED_SRTP",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 " KDR=1",
		"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 " FEC_ORDER=FEC_SRTP",
		"1 AEAD_AES_128_GCM inline:" KEY30,
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct sdes sdes;
		if (parse(refused[i], &sdes))
			fail_msg("accepted: %s", refused[i]);
	}
}

static void a_line_cut_anywhere_is_refused_or_whole(void **state)
{
	(void)state;
	static const char line[] = "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|2^31 WSH=128";
	const size_t whole = sizeof("1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30) - 1;

	for (size_t n = 0; n < whole; n++) {
		struct sdes sdes;
		assert_false(sdes_parse(line, n, &sdes));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_ours_reads_back_the_same),
		cmocka_unit_test(lifetime_and_window_are_accepted),
		cmocka_unit_test(padding_that_was_left_out_is_added),
		cmocka_unit_test(what_we_do_not_do_is_refused),
		cmocka_unit_test(a_line_cut_anywhere_is_refused_or_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
