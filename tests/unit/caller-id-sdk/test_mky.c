/* SPDX-License-Identifier: Apache-2.0 */
/* The "mky" claim (RFC 8225 §5.2.2) from SDP and from JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/passport.h>

#include "json.h"
#include "mky.h"

#define A20   "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD"
#define A20J  "AABBCCDDEEFF00112233445566778899AABBCCDD"
#define B20   "0A:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD"
#define B20J  "0ABBCCDDEEFF00112233445566778899AABBCCDD"
#define C32   A20 ":01:02:03:04:05:06:07:08:09:0a:0b:0c"
#define C32J  A20J "0102030405060708090A0B0C"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"

static char *of_sdp(const char *sdp)
{
	char *text = NULL;

	assert_int_equal(callerid_mky_from_sdp(sdp, strlen(sdp), &text, NULL), CALLERID_OK);
	return text;
}

static void expect(const char *sdp, const char *want)
{
	char *text = of_sdp(sdp);

	if (want == NULL)
		assert_null(text);
	else
		assert_string_equal(text, want);
	free(text);
}

static void test_PP13_every_fingerprint_of_session_and_media_is_read(void **state)
{
	static const char want[] =
		"[{\"alg\":\"sha-1\",\"dig\":\"" B20J "\"},{\"alg\":\"sha-1\",\"dig\":\"" A20J
		"\"},{\"alg\":\"sha-256\",\"dig\":\"" C32J "\"}]";

	(void)state;
	expect("v=0\r\na=fingerprint:sha-256 " C32 "\r\n" AUDIO "a=fingerprint:sha-1 " A20
	       "\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=fingerprint:sha-1 " B20 "\r\n",
	       want);
}

static void test_PP13_order_case_and_line_ends_of_the_sdp_make_no_difference(void **state)
{
	static const char want[] = "[{\"alg\":\"sha-1\",\"dig\":\"" A20J
				   "\"},{\"alg\":\"sha-256\",\"dig\":\"" C32J "\"}]";
	static const char *const same[] = {
		"a=fingerprint:sha-1 " A20 "\r\na=fingerprint:sha-256 " C32 "\r\n",
		"a=fingerprint:SHA-256 " C32 "\na=fingerprint:Sha-1 " A20,
		"a=fingerprint:sha-256  " C32 " \r\na=Fingerprint: sha-1 "
		"aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd\t\r\n",
		"a=fingerprint:sha-1 " A20 "\ra=fingerprint:sha-256 " C32 "\r",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		expect(same[i], want);
}

static void test_PP13_the_same_fingerprint_twice_stands_once(void **state)
{
	(void)state;
	expect("a=fingerprint:sha-1 " A20 "\r\n" AUDIO "a=fingerprint:SHA-1 " A20 "\r\n",
	       "[{\"alg\":\"sha-1\",\"dig\":\"" A20J "\"}]");
}

static void test_PP13_an_sdp_without_fingerprint_has_no_mky(void **state)
{
	(void)state;
	expect("", NULL);
	expect("v=0\r\n" AUDIO "a=fingerprints:x\r\n a=fingerprint:sha-1 " A20 "\r\n", NULL);
	expect("s=a=fingerprint:sha-1 " A20 "\r\n", NULL);
}

static void test_PP13_a_malformed_fingerprint_is_an_error(void **state)
{
	static const char *const bad[] = {
		"a=fingerprint:",
		"a=fingerprint:sha-1",
		"a=fingerprint:sha-1 ",
		"a=fingerprint:sha-1" A20,
		"a=fingerprint:sha-256 " A20,
		"a=fingerprint:sha-1 " C32,
		"a=fingerprint:sha-1 " A20J,
		"a=fingerprint:sha-1 " A20 ":",
		"a=fingerprint:sha-1 " A20 ":GG",
		"a=fingerprint:sha-1 A" A20,
		"a=fingerprint:md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
		"a=fingerprint:md2 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
		"a=fingerprint:sha_1 " A20,
		"a=fingerprint:sha-1-and-more-of-it " A20,
		"a=fingerprint:x " C32 ":" C32 ":00",
		"a=fingerprint:x AA::BB",
		"a=fingerprint:x AA BB",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct callerid_error err;
		char *text = NULL;

		if (callerid_mky_from_sdp(bad[i], strlen(bad[i]), &text, &err) != CALLERID_ESYNTAX)
			fail_msg("taken: %s", bad[i]);
		assert_null(text);
		assert_string_not_equal(err.text, "");
	}
}

static size_t many(char *sdp, size_t size, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(sdp + len, size - len, "a=fingerprint:x %02zX\n", i);
	return len;
}

static void test_PP13_size_and_number_are_bounded(void **state)
{
	char sdp[1024], *big = malloc(CALLERID_SDP_MAX + 1), *text = NULL;

	(void)state;
	assert_int_equal(callerid_mky_from_sdp(sdp, many(sdp, sizeof(sdp), 16), &text, NULL),
			 CALLERID_OK);
	free(text);
	text = NULL;
	assert_int_equal(callerid_mky_from_sdp(sdp, many(sdp, sizeof(sdp), 17), &text, NULL),
			 CALLERID_ELIMIT);
	memset(big, '\n', CALLERID_SDP_MAX + 1);
	assert_int_equal(callerid_mky_from_sdp(big, CALLERID_SDP_MAX, &text, NULL), CALLERID_OK);
	assert_int_equal(callerid_mky_from_sdp(big, CALLERID_SDP_MAX + 1, &text, NULL),
			 CALLERID_ELIMIT);
	assert_null(text);
	free(big);
}

static void test_PP13_a_claim_in_any_order_becomes_canonical(void **state)
{
	struct cid_mky mky;
	char *text;

	(void)state;
	assert_int_equal(CALLERID_OK,
			 cid_mky_of_text("[ {\"dig\":\"" C32J
					 "\",\"alg\":\"SHA-256\"}, {\"alg\":\"sha-1\","
					 "\"dig\":\"aabbccddeeff00112233445566778899aabbccdd\"} ]",
					 &mky, NULL));
	text = cid_mky_text(&mky);
	assert_string_equal(text, "[{\"alg\":\"sha-1\",\"dig\":\"" A20J
				  "\"},{\"alg\":\"sha-256\",\"dig\":\"" C32J "\"}]");
	free(text);
}

static void test_PP13_a_claim_that_is_no_list_of_fingerprints_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"\"x\"",
		"1",
		"[1]",
		"[\"x\"]",
		"[{}]",
		"[{\"alg\":\"sha-1\"}]",
		"[{\"alg\":\"sha-1\",\"dig\":1}]",
		"[{\"alg\":\"sha-1\",\"dig\":\"" A20 "\"}]",
		"[{\"alg\":\"sha-1\",\"dig\":\"" C32J "\"}]",
		"[{\"alg\":\"sha-1\",\"dig\":\"" A20J "\",\"x\":1}]",
		"[{\"alg\":\"sha-1\",\"dig\":\"\"}]",
		"[{\"alg\":\"\",\"dig\":\"" A20J "\"}]",
		"[{\"alg\":\"x\",\"dig\":\"ABC\"}]",
		"[{\"alg\":\"md5\",\"dig\":\"00112233445566778899AABBCCDDEEFF\"}]",
		"[{\"alg\":\"sha-1\",\"dig\":\"" A20J "\"}],\"x\":[1]",
		"[{\"alg\":\"sha-1\",\"dig\":\"" A20J "\"}]]",
	};
	struct cid_mky mky;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (cid_mky_of_text(bad[i], &mky, NULL) != CALLERID_EINVAL)
			fail_msg("taken: %s", bad[i]);
	}
}

/* Published; not part of this repository. */
static size_t load(const char *name, char *text, size_t size)
{
	const char *folder = getenv("ATTESTEL_VECTORS");
	char path[1024];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s",
		 folder != NULL && folder[0] != '\0' ? folder : "../shared/vectors", name);
	file = fopen(path, "r");
	if (file == NULL) {
		print_message("skipped: %s is not there (set ATTESTEL_VECTORS)\n", path);
		skip();
	}
	n = fread(text, 1, size - 1, file);
	fclose(file);
	text[n] = '\0';
	return n;
}

static void test_PP13_the_sdp_of_rfc8225_makes_the_claim_that_it_prints(void **state)
{
	char sdp[4096], payload[4096], *text = NULL;
	const char *from;
	size_t n = load("rfc8225/sec5.2.2-mky.sdp", sdp, sizeof(sdp));

	(void)state;
	load("rfc8225/sec5.2.2-mky.payload", payload, sizeof(payload));
	assert_int_equal(callerid_mky_from_sdp(sdp, n, &text, NULL), CALLERID_OK);
	from = strstr(payload, "\"mky\":") + 6;
	assert_memory_equal(from, text, strlen(text));
	assert_string_equal(from + strlen(text), ",\"orig\":{\"tn\":\"12155551212\"}}\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_PP13_every_fingerprint_of_session_and_media_is_read),
		cmocka_unit_test(test_PP13_order_case_and_line_ends_of_the_sdp_make_no_difference),
		cmocka_unit_test(test_PP13_the_same_fingerprint_twice_stands_once),
		cmocka_unit_test(test_PP13_an_sdp_without_fingerprint_has_no_mky),
		cmocka_unit_test(test_PP13_a_malformed_fingerprint_is_an_error),
		cmocka_unit_test(test_PP13_size_and_number_are_bounded),
		cmocka_unit_test(test_PP13_a_claim_in_any_order_becomes_canonical),
		cmocka_unit_test(test_PP13_a_claim_that_is_no_list_of_fingerprints_is_refused),
		cmocka_unit_test(test_PP13_the_sdp_of_rfc8225_makes_the_claim_that_it_prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
