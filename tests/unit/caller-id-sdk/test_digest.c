/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9795 §6: digests and their base64 (RFC 4648 §4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "b64.h"
#include "digest.h"

/* Of "abc" (FIPS 180-2). */
#define ABC256 "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0"
#define ABC384 "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn"
#define ABC512                                                                                     \
	"3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw"

static bool parse(const char *text)
{
	struct cid_digest digest;

	return cid_digest_parse(text, strlen(text), &digest);
}

static void test_RC4_sha256_sha384_and_sha512_are_known(void **state)
{
	static const struct {
		const char *alg, *text;
	} rows[] = {{"sha256", "sha256-" ABC256},
		    {NULL, "sha256-" ABC256},
		    {"sha384", "sha384-" ABC384},
		    {"sha512", "sha512-" ABC512}};
	char text[CID_DIGEST_TEXT_MAX + 1];
	struct cid_digest digest;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(cid_digest_text(rows[i].alg, "abc", 3, text));
		assert_string_equal(text, rows[i].text);
		assert_true(cid_digest_parse(text, strlen(text), &digest));
		assert_int_equal(cid_digest_compare(&digest, "abc", 3), CID_DIGEST_SAME);
		assert_int_equal(cid_digest_compare(&digest, "abd", 3), CID_DIGEST_OTHER);
		assert_int_equal(cid_digest_compare(&digest, "abc", 2), CID_DIGEST_OTHER);
	}
	assert_false(cid_digest_text("sha1", "abc", 3, text));
	assert_false(cid_digest_text("SHA256", "abc", 3, text));
	assert_false(cid_digest_text("", "abc", 3, text));
}

static void test_RC4_base64_may_be_padded_or_not(void **state)
{
	(void)state;
	assert_true(parse("sha256-" ABC256));
	assert_true(parse("sha256-" ABC256 "="));
	assert_true(parse("sha384-" ABC384));
	assert_true(parse("sha512-" ABC512));
	assert_true(parse("sha512-" ABC512 "=="));
}

static void test_RC4_padding_is_all_of_it_or_none(void **state)
{
	(void)state;
	assert_false(parse("sha256-" ABC256 "=="));
	assert_false(parse("sha256-" ABC256 "==="));
	assert_false(parse("sha384-" ABC384 "="));
	assert_false(parse("sha384-" ABC384 "===="));
	assert_false(parse("sha512-" ABC512 "="));
	assert_false(parse("sha256-=" ABC256));
}

static void test_RC4_the_bits_that_no_byte_uses_are_zero(void **state)
{
	char text[] = "sha256-" ABC256;

	(void)state;
	/* The last of 43 characters holds 4 bits of the digest and 2 of nothing: "0" is 52. */
	for (char c = '1'; c <= '3'; c++) {
		text[sizeof(text) - 2] = c;
		assert_false(parse(text));
	}
}

static void test_RC4_the_name_is_lower_case_and_the_alphabet_standard(void **state)
{
	(void)state;
	assert_false(parse("SHA256-" ABC256));
	assert_false(parse("Sha256-" ABC256));
	assert_false(parse("sha-256-" ABC256));
	assert_false(parse("sha256:" ABC256));
	assert_false(parse("sha256" ABC256));
	assert_false(parse("sha224-" ABC256));
	assert_false(parse("md5-" ABC256));
	/* base64url */
	assert_false(parse("sha256-ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"));
	assert_false(parse("sha256- " ABC256));
	assert_false(parse("sha256-" ABC256 "\n"));
}

static void test_RC4_the_length_is_that_of_the_algorithm(void **state)
{
	(void)state;
	assert_false(parse("sha256-" ABC384));
	assert_false(parse("sha384-" ABC256));
	assert_false(parse("sha512-" ABC384));
	assert_false(parse("sha256-"));
	assert_false(parse("sha256-AAAA"));
	assert_false(parse(""));
	assert_false(parse("sha512-" ABC512 ABC512));
}

static enum cid_digest_kind kind(const char *text)
{
	return cid_digest_kind(text, strlen(text));
}

static void test_RC4_rfc9795_6_another_algorithm_is_unknown_and_not_malformed(void **state)
{
	static const char *const unknown[] = {
		"sha1-AAAA",	    "md5-AAAA==",	    "sha224-" ABC256,  "sha-256-" ABC256,
		"sha3-256-" ABC256, "blake2b-" ABC512 "==", "sha2567-" ABC256,
	};
	static const char *const bad[] = {
		"",
		"-",
		"-" ABC256,
		"sha1",
		"sha1-",
		"sha1-=",
		"sha1-AAAA===",
		"sha1-AA_A",
		"sha1-AA=A",
		"SHA1-AAAA",
		"SHA256-" ABC256,
		"sha1 -AAAA",
		/* One of the three that we know, with another length or alphabet behind it. */
		"sha256-",
		"sha256-AAAA",
		"sha256-" ABC384,
		"sha384-" ABC256,
		"sha512-" ABC256,
		"sha256-ab-" ABC256,
		"sha256-ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0",
	};
	char longest[CID_DIGEST_UNKNOWN_MAX + 2] = "sha1-";

	(void)state;
	assert_int_equal(kind("sha256-" ABC256), CID_DIGEST_KNOWN);
	assert_int_equal(kind("sha384-" ABC384), CID_DIGEST_KNOWN);
	assert_int_equal(kind("sha512-" ABC512 "=="), CID_DIGEST_KNOWN);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		if (kind(unknown[i]) != CID_DIGEST_UNKNOWN)
			fail_msg("not unknown: %s", unknown[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (kind(bad[i]) != CID_DIGEST_BAD)
			fail_msg("not bad: %s", bad[i]);
	}
	memset(longest + 5, 'A', CID_DIGEST_UNKNOWN_MAX - 5);
	assert_int_equal(kind(longest), CID_DIGEST_UNKNOWN);
	longest[CID_DIGEST_UNKNOWN_MAX] = 'A';
	assert_int_equal(cid_digest_kind(longest, sizeof(longest) - 1), CID_DIGEST_BAD);
}

static void test_base64_is_that_of_rfc4648(void **state)
{
	static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
	static const char *const coded[] = {"",		"Zg==",	    "Zm8=",    "Zm9v",
					    "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
	uint8_t out[16];
	char text[16];
	size_t n = 99;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		assert_true(cid_b64_decode(coded[i], strlen(coded[i]), out, sizeof(out), &n));
		assert_int_equal(n, i);
		assert_memory_equal(out, plain[i], i);
		n = cid_b64_encode(plain[i], i, text);
		assert_memory_equal(text, coded[i], n);
		assert_true(cid_b64_decode(coded[i], n, out, sizeof(out), &n));
		assert_int_equal(n, i);
	}
	assert_false(cid_b64_decode("Zm9vYmFy", 8, out, 5, &n));
	assert_false(cid_b64_decode("=", 1, out, sizeof(out), &n));
	assert_false(cid_b64_decode("====", 4, out, sizeof(out), &n));
}

static void test_base64_of_any_length_comes_back(void **state)
{
	uint8_t data[300], out[300];
	char text[CID_B64URL_LEN(300)];
	size_t n, got;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 151 + 7);
	for (size_t len = 0; len <= sizeof(data); len++) {
		n = cid_b64_encode(data, len, text);
		got = 999;
		assert_true(cid_b64_decode(text, n, out, len, &got));
		assert_int_equal(got, len);
		assert_memory_equal(out, data, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_RC4_sha256_sha384_and_sha512_are_known),
		cmocka_unit_test(test_RC4_base64_may_be_padded_or_not),
		cmocka_unit_test(test_RC4_padding_is_all_of_it_or_none),
		cmocka_unit_test(test_RC4_the_bits_that_no_byte_uses_are_zero),
		cmocka_unit_test(test_RC4_the_name_is_lower_case_and_the_alphabet_standard),
		cmocka_unit_test(test_RC4_the_length_is_that_of_the_algorithm),
		cmocka_unit_test(test_RC4_rfc9795_6_another_algorithm_is_unknown_and_not_malformed),
		cmocka_unit_test(test_base64_is_that_of_rfc4648),
		cmocka_unit_test(test_base64_of_any_length_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
