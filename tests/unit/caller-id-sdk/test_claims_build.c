/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a PASSporT: canonical to the byte, refused when a claim is missing, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "b64url.h"
#include "claims.h"

#define X5U "https://cert.example.org/passport.cer"

static struct callerid_claims good(void)
{
	return (struct callerid_claims){.ppt = "shaken",
					.iat = 1443208345,
					.orig = {CALLERID_PARTY_TN, "12155551212"},
					.dest = {{CALLERID_PARTY_TN, "12155551213"}},
					.n_dest = 1,
					.attest = CALLERID_ATTEST_B,
					.origid = "123e4567-e89b-12d3-a456-426655440000"};
}

/* Signing input, split again, both halves decoded; header "." payload. */
static void decoded(const struct callerid_claims *claims, char *out, size_t size)
{
	static char text[CALLERID_TOKEN_MAX];
	struct cid_writer w;
	const char *dot;
	size_t n = 0, m = 0;

	cid_writer_init(&w, text, sizeof(text));
	assert_int_equal(cid_claims_signing_input(&w, claims, X5U, NULL), CALLERID_OK);
	dot = memchr(text, '.', w.len);
	assert_non_null(dot);
	assert_true(cid_b64url_decode(text, (size_t)(dot - text), (uint8_t *)out, size, &n));
	out[n++] = '.';
	assert_true(cid_b64url_decode(dot + 1, w.len - (size_t)(dot - text) - 1, (uint8_t *)out + n,
				      size - n - 1, &m));
	out[n + m] = '\0';
}

static void test_PP9_shaken_is_written_in_code_point_order(void **state)
{
	struct callerid_claims claims = good();
	char text[1024];

	(void)state;
	decoded(&claims, text, sizeof(text));
	assert_string_equal(
		text,
		"{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" X5U
		"\"}.{\"attest\":\"B\",\"dest\":{\"tn\":[\"12155551213\"]},\"iat\":1443208345,"
		"\"orig\":{\"tn\":\"12155551212\"},"
		"\"origid\":\"123e4567-e89b-12d3-a456-426655440000\"}");
}

static void test_PP9_a_base_passport_has_no_ppt_and_tn_before_uri(void **state)
{
	struct callerid_claims claims = good();
	char text[1024];

	(void)state;
	claims.ppt[0] = '\0';
	claims.orig = (struct callerid_party){CALLERID_PARTY_URI, "sip:\"a\\@example.com"};
	claims.dest[0] = (struct callerid_party){CALLERID_PARTY_URI, "sip:alice@example.com"};
	claims.dest[1] = (struct callerid_party){CALLERID_PARTY_TN, "2"};
	claims.dest[2] = (struct callerid_party){CALLERID_PARTY_TN, "3"};
	claims.n_dest = 3;
	decoded(&claims, text, sizeof(text));
	assert_string_equal(text,
			    "{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"" X5U
			    "\"}.{\"dest\":{\"tn\":[\"2\",\"3\"],\"uri\":[\"sip:alice@example."
			    "com\"]},\"iat\":1443208345,\"orig\":{\"uri\":\"sip:\\\"a\\\\@"
			    "example.com\"}}");
	claims.n_dest = 1;
	decoded(&claims, text, sizeof(text));
	assert_non_null(strstr(text, "{\"dest\":{\"uri\":[\"sip:alice@example.com\"]},"));
}

/* "Within the "tn" and "uri" arrays, the identity strings should be put in lexicographical order,
 * including the scheme-specific portion of the URI characters." Of each once it says nothing. */
static void test_PP9_rfc8225_5_2_1_dest_is_written_in_lexicographical_order(void **state)
{
	static const struct callerid_party dest[] = {
		{CALLERID_PARTY_URI, "sips:alice@example.com"},
		{CALLERID_PARTY_TN, "2"},
		{CALLERID_PARTY_URI, "sip:bob@example.net"},
		{CALLERID_PARTY_TN, "12"},
		{CALLERID_PARTY_TN, "1"},
		{CALLERID_PARTY_URI, "sip:alice@example.org"},
		{CALLERID_PARTY_TN, "*1"},
		{CALLERID_PARTY_URI, "sip:alice@example.com"},
		{CALLERID_PARTY_TN, "2"},
		{CALLERID_PARTY_TN, "#1"},
	};
	struct callerid_claims claims = good(), before;
	char text[1024];

	(void)state;
	assert_int_equal(sizeof(dest) / sizeof(dest[0]), CALLERID_DEST_MAX);
	for (size_t turn = 0; turn < CALLERID_DEST_MAX; turn++) {
		for (size_t i = 0; i < CALLERID_DEST_MAX; i++)
			claims.dest[i] = dest[(i * 3 + turn) % CALLERID_DEST_MAX];
		claims.n_dest = CALLERID_DEST_MAX;
		before = claims;
		decoded(&claims, text, sizeof(text));
		assert_non_null(strstr(
			text, "\"dest\":{\"tn\":[\"#1\",\"*1\",\"1\",\"12\",\"2\",\"2\"],\"uri\":["
			      "\"sip:alice@example.com\",\"sip:alice@example.org\","
			      "\"sip:bob@example.net\",\"sips:alice@example.com\"]}"));
		assert_memory_equal(&claims, &before, sizeof(claims)); /* the caller's stay */
	}
}

static enum callerid_status build(const struct callerid_claims *claims, const char *x5u)
{
	char text[CALLERID_TOKEN_MAX];
	struct cid_writer w;

	cid_writer_init(&w, text, sizeof(text));
	return cid_claims_signing_input(&w, claims, x5u, NULL);
}

static void test_a_missing_or_malformed_claim_is_refused(void **state)
{
	struct callerid_claims claims = good();
	char url[CALLERID_X5U_MAX + 2];

	(void)state;
	assert_int_equal(build(&claims, X5U), CALLERID_OK);
	claims.iat = 0;
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims.iat = CID_IAT_MAX + 1;
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims = good();
	claims.orig.kind = CALLERID_PARTY_NONE;
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims = good();
	claims.orig.text[0] = '+';
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims = good();
	memset(claims.orig.text, '1', sizeof(claims.orig.text)); /* no NUL at all */
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims = good();
	claims.n_dest = 0;
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims.n_dest = CALLERID_DEST_MAX + 1;
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims = good();
	claims.dest[0].text[3] = ' ';
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims = good();
	claims.attest = CALLERID_ATTEST_NONE;
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims = good();
	claims.origid[0] = '\0';
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims = good();
	memcpy(claims.ppt, "rcd", 4);
	assert_int_equal(build(&claims, X5U), CALLERID_EINVAL);
	claims = good();
	assert_int_equal(build(&claims, ""), CALLERID_EINVAL);
	assert_int_equal(build(&claims, "https://a/\n"), CALLERID_EINVAL);
	memset(url, 'a', sizeof(url));
	url[sizeof(url) - 1] = '\0';
	assert_int_equal(build(&claims, url), CALLERID_EINVAL);
	url[CALLERID_X5U_MAX] = '\0';
	assert_int_equal(build(&claims, url), CALLERID_OK);
}

static void test_the_largest_passport_fits_and_a_small_buffer_is_refused(void **state)
{
	struct callerid_claims claims = good();
	struct callerid_party longest = {.kind = CALLERID_PARTY_URI};
	char text[CALLERID_TOKEN_MAX], url[CALLERID_X5U_MAX + 1];
	struct cid_writer w;

	(void)state;
	memset(longest.text, '"', CALLERID_URI_MAX);
	memcpy(longest.text, "sip:", 4);
	claims.orig = longest;
	for (claims.n_dest = 0; claims.n_dest < CALLERID_DEST_MAX; claims.n_dest++)
		claims.dest[claims.n_dest] = longest;
	memset(url, '"', CALLERID_X5U_MAX);
	url[CALLERID_X5U_MAX] = '\0';
	cid_writer_init(&w, text, sizeof(text) - 1 - CID_ES256_B64_LEN);
	assert_int_equal(cid_claims_signing_input(&w, &claims, url, NULL), CALLERID_OK);
	cid_writer_init(&w, text, w.len - 1);
	assert_int_equal(cid_claims_signing_input(&w, &claims, url, NULL), CALLERID_ELIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_PP9_shaken_is_written_in_code_point_order),
		cmocka_unit_test(test_PP9_a_base_passport_has_no_ppt_and_tn_before_uri),
		cmocka_unit_test(test_PP9_rfc8225_5_2_1_dest_is_written_in_lexicographical_order),
		cmocka_unit_test(test_a_missing_or_malformed_claim_is_refused),
		cmocka_unit_test(test_the_largest_passport_fits_and_a_small_buffer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
