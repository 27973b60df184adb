/* SPDX-License-Identifier: Apache-2.0 */
/* The JOSE header and the claims: PP1 to PP14, each with the spellings that break it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b64url.h"
#include "claims.h"

#define X5U   "\"x5u\":\"https://cert.example.org/p.cer\""
#define ORIG  "\"orig\":{\"tn\":\"12155551212\"}"
#define DEST  "\"dest\":{\"tn\":[\"12155551213\"]}"
#define IAT   "\"iat\":1443208345"
#define TOKEN (CALLERID_TOKEN_MAX + 8)

/* A token with the given header and payload and some signature. */
static struct cid_jws jws_of(const char *header, const char *payload, char text[TOKEN])
{
	size_t n = cid_b64url_encode(header, strlen(header), text), start;
	struct cid_jws jws = {.header = {text, n}};

	text[n++] = '.';
	start = n;
	n += cid_b64url_encode(payload, strlen(payload), text + n);
	jws.payload = (struct callerid_span){text + start, n - start};
	jws.signing_input = (struct callerid_span){text, n};
	return jws;
}

static enum callerid_reason header(const char *json, struct cid_token *token, char *why)
{
	char text[TOKEN];
	struct cid_jws jws = jws_of(json, "{}", text);

	return cid_token_parse(&jws, token, why, CALLERID_WHY_MAX + 1);
}

static enum callerid_reason claims(const char *ppt, const char *json, struct callerid_claims *out,
				   char *why)
{
	char text[TOKEN];
	struct cid_jws jws = jws_of("{}", json, text);

	return cid_claims_parse(&jws, ppt, out, why, CALLERID_WHY_MAX + 1);
}

static void refused(const char *ppt, const char *const *wrong, size_t n)
{
	static const struct callerid_claims zero;

	for (size_t i = 0; i < n; i++) {
		struct callerid_claims out;
		char why[CALLERID_WHY_MAX + 1] = "";

		if (claims(ppt, wrong[i], &out, why) != CALLERID_REASON_BAD_CLAIMS)
			fail_msg("not refused: %s", wrong[i]);
		if (why[0] == '\0')
			fail_msg("no why: %s", wrong[i]);
		assert_memory_equal(&out, &zero, sizeof(zero));
	}
}

#define REFUSED(ppt, wrong) refused(ppt, wrong, sizeof(wrong) / sizeof((wrong)[0]))

static void test_a_header_is_read(void **state)
{
	struct cid_token token;
	char why[CALLERID_WHY_MAX + 1] = "";

	(void)state;
	assert_int_equal(header("{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\"," X5U
				",\"unknown\":[1]}",
				&token, why),
			 CALLERID_REASON_OK);
	assert_string_equal(token.alg, "ES256");
	assert_string_equal(token.typ, "passport");
	assert_string_equal(token.ppt, "shaken");
	assert_string_equal(token.x5u, "https://cert.example.org/p.cer");
	assert_int_equal(header("{\"alg\":\"ES256\",\"typ\":\"passport\"," X5U "}", &token, why),
			 CALLERID_REASON_OK);
	assert_string_equal(token.ppt, "");
}

static void test_PP1_PP2_typ_and_alg_are_exactly_passport_and_ES256(void **state)
{
	static const struct {
		const char *json;
		enum callerid_reason reason;
	} rows[] = {
		{"{\"alg\":\"none\",\"typ\":\"passport\"," X5U "}", CALLERID_REASON_BAD_ALG},
		{"{\"alg\":\"HS256\",\"typ\":\"passport\"," X5U "}", CALLERID_REASON_BAD_ALG},
		{"{\"alg\":\"RS256\",\"typ\":\"passport\"," X5U "}", CALLERID_REASON_BAD_ALG},
		{"{\"alg\":\"ES256K\",\"typ\":\"passport\"," X5U "}", CALLERID_REASON_BAD_ALG},
		{"{\"alg\":\"ES384\",\"typ\":\"passport\"," X5U "}", CALLERID_REASON_BAD_ALG},
		{"{\"alg\":\"es256\",\"typ\":\"passport\"," X5U "}", CALLERID_REASON_BAD_ALG},
		{"{\"alg\":\"ES256\",\"typ\":\"JWT\"," X5U "}", CALLERID_REASON_BAD_ALG},
		{"{\"alg\":\"ES256\",\"typ\":\"PASSporT\"," X5U "}", CALLERID_REASON_BAD_ALG},
		{"{\"alg\":\"\",\"typ\":\"passport\"," X5U "}", CALLERID_REASON_BAD_PASSPORT},
		{"{\"alg\":[\"ES256\"],\"typ\":\"passport\"," X5U "}",
		 CALLERID_REASON_BAD_PASSPORT},
		{"{\"alg\":\"ES256\",\"typ\":1," X5U "}", CALLERID_REASON_BAD_PASSPORT},
		{"{\"typ\":\"passport\"," X5U "}", CALLERID_REASON_BAD_PASSPORT},
		{"{\"alg\":\"ES256\"," X5U "}", CALLERID_REASON_BAD_PASSPORT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cid_token token;
		char why[CALLERID_WHY_MAX + 1] = "";

		if (header(rows[i].json, &token, why) != rows[i].reason)
			fail_msg("%s: %s", rows[i].json, why);
		assert_true(why[0] != '\0');
	}
}

static void test_PP3_PP4_PP10_headers_that_are_refused(void **state)
{
	static const char *const wrong[] = {
		"{\"alg\":\"ES256\",\"typ\":\"passport\"}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"\"}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":[\"https://a/b\"]}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"https://a/ b\"}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"https://a/\\n\"}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"ppt\":\"\"," X5U "}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"ppt\":null," X5U "}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"ppt\":[\"shaken\"]," X5U "}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"crit\":[]," X5U "}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"crit\":[\"exp\"]," X5U "}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\",\"jwk\":{\"kty\":\"EC\"}," X5U "}",
		"{\"alg\":\"ES256\",\"alg\":\"ES256\",\"typ\":\"passport\"," X5U "}",
		"{\"alg\":\"ES256\",\"typ\":\"passport\"," X5U "," X5U "}",
		"[]",
		"not json",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct cid_token token;
		char why[CALLERID_WHY_MAX + 1] = "";
		enum callerid_reason want = wrong[i][0] == '\0' ? CALLERID_REASON_COMPACT_FORM
								: CALLERID_REASON_BAD_PASSPORT;

		if (header(wrong[i], &token, why) != want)
			fail_msg("%s: %s", wrong[i], why);
		assert_true(why[0] != '\0');
	}
}

static void test_x5u_is_at_most_512_bytes(void **state)
{
	char json[1024], url[514];
	struct cid_token token;
	char why[CALLERID_WHY_MAX + 1];

	(void)state;
	memset(url, 'a', sizeof(url));
	url[512] = '\0';
	snprintf(json, sizeof(json), "{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"%s\"}",
		 url);
	assert_int_equal(header(json, &token, why), CALLERID_REASON_OK);
	assert_string_equal(token.x5u, url);
	url[512] = 'a';
	url[513] = '\0';
	snprintf(json, sizeof(json), "{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"%s\"}",
		 url);
	assert_int_equal(header(json, &token, why), CALLERID_REASON_BAD_PASSPORT);
	assert_string_equal(token.x5u, "");
}

static void test_base_claims_are_read(void **state)
{
	struct callerid_claims out;
	char why[CALLERID_WHY_MAX + 1];

	(void)state;
	assert_int_equal(
		claims("",
		       "{\"dest\":{\"tn\":[\"1\",\"#2*\"],\"uri\":[\"sip:a@b\"]}," IAT
		       ",\"orig\":{\"uri\":\"sip:alice@example.com\"},\"extra\":{\"a\":[1]}}",
		       &out, why),
		CALLERID_REASON_OK);
	assert_int_equal(out.iat, 1443208345);
	assert_int_equal(out.orig.kind, CALLERID_PARTY_URI);
	assert_string_equal(out.orig.text, "sip:alice@example.com");
	assert_int_equal(out.n_dest, 3);
	assert_int_equal(out.dest[1].kind, CALLERID_PARTY_TN);
	assert_string_equal(out.dest[1].text, "#2*");
	assert_int_equal(out.dest[2].kind, CALLERID_PARTY_URI);
	assert_string_equal(out.ppt, "");
	assert_int_equal(out.attest, CALLERID_ATTEST_NONE);
}

static void test_PP5_iat_is_a_json_number_in_range(void **state)
{
	static const char *const wrong[] = {
		"{" DEST "," ORIG "}",
		"{" DEST "," ORIG ",\"iat\":\"1443208345\"}",
		"{" DEST "," ORIG ",\"iat\":null}",
		"{" DEST "," ORIG ",\"iat\":true}",
		"{" DEST "," ORIG ",\"iat\":[1]}",
		"{" DEST "," ORIG ",\"iat\":-1}",
		"{" DEST "," ORIG ",\"iat\":-0.5}",
		"{" DEST "," ORIG ",\"iat\":253402300800}",
		"{" DEST "," ORIG ",\"iat\":253402300800.0}",
		"{" DEST "," ORIG ",\"iat\":1e300}",
		"{" DEST "," ORIG ",\"iat\":9223372036854775807}",
	};
	static const struct {
		const char *number;
		int64_t iat;
	} good[] = {
		{"0", 0},
		{"253402300799", INT64_C(253402300799)},
		{"1443208345.0", 1443208345},
		{"1443208345.999", 1443208345},
		{"1.443208345e9", 1443208345},
	};

	(void)state;
	REFUSED("", wrong);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct callerid_claims out;
		char json[256], why[CALLERID_WHY_MAX + 1];

		snprintf(json, sizeof(json), "{" DEST "," ORIG ",\"iat\":%s}", good[i].number);
		assert_int_equal(claims("", json, &out, why), CALLERID_REASON_OK);
		assert_int_equal(out.iat, good[i].iat);
	}
}

static void test_PP6_PP8_orig_is_exactly_one_canonical_identity(void **state)
{
	static const char *const wrong[] = {
		"{" DEST "," IAT "}",
		"{" DEST "," IAT ",\"orig\":\"12155551212\"}",
		"{" DEST "," IAT ",\"orig\":[{\"tn\":\"12155551212\"}]}",
		"{" DEST "," IAT ",\"orig\":{}}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":[\"12155551212\"]}}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":12155551212}}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":\"\"}}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":null}}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":\"+12155551212\"}}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":\"1-215-555-1212\"}}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":\"1215555121a\"}}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":\"123456789012345678901234567890123\"}}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":\"1\",\"uri\":\"sip:a@b\"}}",
		"{" DEST "," IAT ",\"orig\":{\"uri\":\"\"}}",
		"{" DEST "," IAT ",\"orig\":{\"uri\":\"alice\"}}",
		"{" DEST "," IAT ",\"orig\":{\"uri\":\"sip:a b\"}}",
		"{" DEST "," IAT ",\"orig\":{\"uri\":[\"sip:a@b\"]}}",
		"{" DEST "," IAT ",\"orig\":{\"name\":\"alice\"}}",
	};

	(void)state;
	REFUSED("", wrong);
}

static void test_PP7_PP8_dest_is_arrays_of_canonical_identities(void **state)
{
	static const char *const wrong[] = {
		"{" ORIG "," IAT "}",
		"{" ORIG "," IAT ",\"dest\":{}}",
		"{" ORIG "," IAT ",\"dest\":[]}",
		"{" ORIG "," IAT ",\"dest\":\"1\"}",
		"{" ORIG "," IAT ",\"dest\":{\"tn\":\"12155551213\"}}",
		"{" ORIG "," IAT ",\"dest\":{\"uri\":\"sip:a@b\"}}",
		"{" ORIG "," IAT ",\"dest\":{\"tn\":[]}}",
		"{" ORIG "," IAT ",\"dest\":{\"tn\":[\"1\"],\"uri\":[]}}",
		"{" ORIG "," IAT ",\"dest\":{\"tn\":[\"1\"],\"uri\":\"sip:a@b\"}}",
		"{" ORIG "," IAT ",\"dest\":{\"tn\":[\"+1\"]}}",
		"{" ORIG "," IAT ",\"dest\":{\"tn\":[1]}}",
		"{" ORIG "," IAT ",\"dest\":{\"tn\":[\"1\",null]}}",
		"{" ORIG "," IAT ",\"dest\":{\"tn\":[[\"1\"]]}}",
		"{" ORIG "," IAT ",\"dest\":{\"tn\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\","
		"\"8\",\"9\",\"10\",\"11\"]}}",
		"{" ORIG "," IAT
		",\"dest\":{\"tn\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\"],"
		"\"uri\":[\"sip:a@b\"]}}",
	};
	struct callerid_claims out;
	char why[CALLERID_WHY_MAX + 1];

	(void)state;
	REFUSED("", wrong);
	assert_int_equal(claims("",
				"{" ORIG "," IAT ",\"dest\":{\"tn\":[\"1\",\"2\",\"3\",\"4\",\"5\","
				"\"6\",\"7\",\"8\",\"9\",\"10\"]}}",
				&out, why),
			 CALLERID_REASON_OK);
	assert_int_equal(out.n_dest, CALLERID_DEST_MAX);
}

static void test_a_uri_is_at_most_255_bytes(void **state)
{
	struct callerid_claims out;
	char json[512], uri[257], why[CALLERID_WHY_MAX + 1];

	(void)state;
	memset(uri, 'a', sizeof(uri));
	memcpy(uri, "sip:", 4);
	uri[255] = '\0';
	snprintf(json, sizeof(json), "{" DEST "," IAT ",\"orig\":{\"uri\":\"%s\"}}", uri);
	assert_int_equal(claims("", json, &out, why), CALLERID_REASON_OK);
	uri[255] = 'a';
	uri[256] = '\0';
	snprintf(json, sizeof(json), "{" DEST "," IAT ",\"orig\":{\"uri\":\"%s\"}}", uri);
	assert_int_equal(claims("", json, &out, why), CALLERID_REASON_BAD_CLAIMS);
}

static void test_PP10_duplicate_claims_and_broken_payloads_are_refused(void **state)
{
	static const char *const wrong[] = {
		"{" DEST "," ORIG "," IAT "," IAT "}",
		"{" DEST "," DEST "," ORIG "," IAT "}",
		"{" DEST "," IAT ",\"orig\":{\"tn\":\"1\",\"tn\":\"2\"}}",
		"[]",
		"{",
		"{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct callerid_claims out;
		char why[CALLERID_WHY_MAX + 1] = "";

		if (claims("", wrong[i], &out, why) != CALLERID_REASON_BAD_PASSPORT)
			fail_msg("%s: %s", wrong[i], why);
	}
}

static void test_parts_that_are_not_base64url_are_refused(void **state)
{
	struct cid_jws jws = {.header = {"e30=", 4}, .payload = {"e3", 2}};
	struct cid_token token;
	struct callerid_claims out;
	char why[CALLERID_WHY_MAX + 1];

	(void)state;
	assert_int_equal(cid_token_parse(&jws, &token, why, sizeof(why)),
			 CALLERID_REASON_BAD_PASSPORT);
	assert_int_equal(cid_claims_parse(&jws, "", &out, why, sizeof(why)),
			 CALLERID_REASON_BAD_PASSPORT);
}

static void test_PP11_PP12_compact_form_and_unknown_types(void **state)
{
	struct cid_jws jws = {.signature = {"abc", 3}};
	struct cid_token token;
	struct callerid_claims out;
	char why[CALLERID_WHY_MAX + 1];

	(void)state;
	assert_int_equal(cid_token_parse(&jws, &token, why, sizeof(why)),
			 CALLERID_REASON_COMPACT_FORM);
	assert_int_equal(cid_claims_parse(&jws, "", &out, why, sizeof(why)),
			 CALLERID_REASON_COMPACT_FORM);
	assert_int_equal(claims("nonsense", "{" DEST "," ORIG "," IAT "}", &out, why),
			 CALLERID_REASON_UNSUPPORTED_PPT);
}

static void test_what_is_a_uri(void **state)
{
	static const char *const good[] = {"sip:a", "urn:service:sos", "a+b-c.1:x"};
	static const char *const wrong[] = {"",	     "sip",  "sip:",  ":a",	"1a:b",
					    "s_p:a", "a:\t", "a:b c", "a:\x7f", "a:\xc3\xa9"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(cid_is_uri((struct callerid_span){good[i], strlen(good[i])}, 32));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(cid_is_uri((struct callerid_span){wrong[i], strlen(wrong[i])}, 32));
	assert_false(cid_is_uri((struct callerid_span){"sip:ab", 6}, 5));
}

static size_t allocations_left;

static void *failing_malloc(size_t size)
{
	if (allocations_left == 0)
		return NULL;
	allocations_left--;
	return malloc(size);
}

static void test_without_memory_nothing_is_said_of_the_token_and_nothing_leaks(void **state)
{
	static const char json[] = "{" DEST "," ORIG "," IAT ",\"x\":[1.5,{}]}";
	struct callerid_claims out;
	char why[CALLERID_WHY_MAX + 1];
	enum callerid_reason reason = CALLERID_REASON_NO_MEMORY;
	size_t step = 0;

	(void)state;
	json_set_alloc_funcs(failing_malloc, free);
	for (; reason == CALLERID_REASON_NO_MEMORY && step < 200; step++) {
		allocations_left = step;
		reason = claims("", json, &out, why);
	}
	json_set_alloc_funcs(malloc, free);
	assert_int_equal(reason, CALLERID_REASON_OK);
	assert_true(step > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_header_is_read),
		cmocka_unit_test(test_PP1_PP2_typ_and_alg_are_exactly_passport_and_ES256),
		cmocka_unit_test(test_PP3_PP4_PP10_headers_that_are_refused),
		cmocka_unit_test(test_x5u_is_at_most_512_bytes),
		cmocka_unit_test(test_base_claims_are_read),
		cmocka_unit_test(test_PP5_iat_is_a_json_number_in_range),
		cmocka_unit_test(test_PP6_PP8_orig_is_exactly_one_canonical_identity),
		cmocka_unit_test(test_PP7_PP8_dest_is_arrays_of_canonical_identities),
		cmocka_unit_test(test_a_uri_is_at_most_255_bytes),
		cmocka_unit_test(test_PP10_duplicate_claims_and_broken_payloads_are_refused),
		cmocka_unit_test(test_parts_that_are_not_base64url_are_refused),
		cmocka_unit_test(test_PP11_PP12_compact_form_and_unknown_types),
		cmocka_unit_test(test_what_is_a_uri),
		cmocka_unit_test(
			test_without_memory_nothing_is_said_of_the_token_and_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
