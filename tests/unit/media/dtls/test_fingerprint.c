/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints as SDP and as mky write them. */
#include "media/dtls/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PLAIN "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"
#define COLONS                                                                                     \
	"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                                         \
	"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"

static bool parse(const char *text, struct fingerprint *out)
{
	return fingerprint_parse(text, strlen(text), out);
}

static bool mky(const char *alg, const char *dig, struct fingerprint *out)
{
	return fingerprint_from_mky(alg, strlen(alg), dig, strlen(dig), out);
}

static void sdp_and_mky_name_the_same_certificate(void **state)
{
	(void)state;
	struct fingerprint sdp, signed_;

	assert_true(parse("sha-256 " COLONS, &sdp));
	assert_true(mky("sha256", PLAIN, &signed_));
	assert_true(fingerprint_equal(&sdp, &signed_));
	assert_true(parse("SHA-256  " COLONS " ", &sdp));
	assert_true(fingerprint_equal(&sdp, &signed_));
	assert_true(mky("sha-256", COLONS, &signed_));
	assert_true(fingerprint_equal(&sdp, &signed_));
	signed_.digest[31] ^= 1;
	assert_false(fingerprint_equal(&sdp, &signed_));
}

static void weak_hashes_and_broken_digests_are_refused(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"",
		"sha-256",
		"sha-256 ",
		"sha-256 " PLAIN "00",
		"sha-256 00:11",
		"sha-256 " COLONS ":00",
		"sha-256 0" COLONS,
		"sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33",
		"md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
		"sha-384 " COLONS,
	};
	struct fingerprint out;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (parse(refused[i], &out))
			fail_msg("accepted: %s", refused[i]);
	char text[] = "sha-256 " COLONS;
	for (size_t n = 0; n < sizeof(text) - 1; n++)
		assert_false(fingerprint_parse(text, n, &out));
	for (size_t at = 8; at < sizeof(text) - 1; at++) {
		char kept = text[at];
		text[at] = 'g';
		assert_false(parse(text, &out));
		text[at] = kept;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sdp_and_mky_name_the_same_certificate),
		cmocka_unit_test(weak_hashes_and_broken_digests_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
