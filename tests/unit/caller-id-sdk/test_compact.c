/* SPDX-License-Identifier: Apache-2.0 */
/* Compact PASSporTs: rebuilt from the call, good only when the call is the one that was signed. */
#include "tests/kit/scene.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINGERPRINT                                                                                \
	"a=fingerprint:sha-256 02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:"                   \
	"3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2\r\n"
#define SDP(line) "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n" line

static struct callerid_span span(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

static struct callerid_claims compact(const char *ppt)
{
	struct callerid_claims claims = kit_claims();

	memset(claims.ppt, 0, sizeof(claims.ppt));
	memcpy(claims.ppt, ppt, strlen(ppt));
	claims.attest = CALLERID_ATTEST_NONE;
	claims.origid[0] = '\0';
	claims.compact = true;
	return claims;
}

static enum callerid_status sign(struct scene *s, const struct callerid_claims *claims, char **text)
{
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	enum callerid_status status = callerid_signer_sign(signer, claims, text, NULL);

	callerid_signer_free(signer);
	return status;
}

static void add(struct scene *s, const struct callerid_claims *claims)
{
	char *text = NULL;

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	assert_int_equal(sign(s, claims, &text), CALLERID_OK);
	assert_memory_equal(text, "..", 2);
	assert_true(strlen(text) < 200);
	scene_add(s, text);
}

static void add_base(struct scene *s)
{
	struct callerid_claims claims = compact("");

	add(s, &claims);
}

static const struct callerid_passport_verdict *first(struct scene *s)
{
	return &scene_verify(s)->passport[0];
}

static void expect_first(struct scene *s, const char *reason)
{
	const struct callerid_passport_verdict *told = first(s);

	assert_string_equal(callerid_reason_info(told->reason)->name, reason);
	assert_true(told->compact);
}

static void test_PP11_a_base_passport_is_rebuilt_from_the_call(void **state)
{
	struct scene *s = *state;
	const struct callerid_passport_verdict *told;
	char *text;

	add_base(s);
	scene_expect_passed(s);
	told = first(s);
	assert_true(told->compact);
	assert_string_equal(told->claims.orig.text, KIT_FROM);
	assert_string_equal(told->claims.dest[0].text, KIT_TO);
	assert_int_equal(told->claims.iat, KIT_NOW);
	assert_int_equal(told->check[CALLERID_CHECK_SIGNATURE].result, CALLERID_RESULT_PASSED);
	text = callerid_verdict_json(callerid_verification_verdict(s->v));
	assert_non_null(strstr(text, "\"compact\":true"));
	free(text);
	text = callerid_verdict_explain(callerid_verification_verdict(s->v));
	assert_non_null(strstr(text, "form       compact"));
	free(text);
}

static void test_VS2_another_caller_is_a_bad_signature(void **state)
{
	struct scene *s = *state;

	add_base(s);
	s->call.orig[0] = kit_party("+12155559001"); /* the certificate covers it too */
	scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
}

static void test_VS2_another_called_party_is_a_bad_signature(void **state)
{
	struct scene *s = *state;

	add_base(s);
	s->call.dest = kit_party("+12155551299");
	scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
}

static void test_rfc8224_6_2_another_fresh_date_is_a_bad_signature(void **state)
{
	struct scene *s = *state;

	add_base(s);
	s->call.date = span("Fri, 15 Jan 2027 08:00:01 GMT");
	scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
}

static void test_rfc8224_6_2_a_stale_date_is_stale(void **state)
{
	struct scene *s = *state;

	add_base(s);
	s->call.now += 61;
	scene_expect(s, CALLERID_REASON_DATE_STALE, CALLERID_CHECK_DATE);
	s->policy.mode[CALLERID_CHECK_DATE] = CALLERID_MODE_OFF;
	scene_expect(s, CALLERID_REASON_IAT_STALE, CALLERID_CHECK_IAT);
}

static void test_rfc8224_6_2_no_date_or_a_broken_one_wants_the_full_form(void **state)
{
	struct scene *s = *state;

	add_base(s);
	s->call.date = (struct callerid_span){NULL, 0};
	scene_expect(s, CALLERID_REASON_COMPACT_FORM, CALLERID_CHECK_PASSPORT);
	s->call.date = span("yesterday");
	scene_expect(s, CALLERID_REASON_COMPACT_FORM, CALLERID_CHECK_PASSPORT);
	assert_int_equal(s->asked, 0);
}

static void test_a_call_without_caller_or_called_party_is_not_rebuilt(void **state)
{
	struct scene *s = *state;

	add_base(s);
	s->call.orig[0].kind = CALLERID_PARTY_NONE;
	scene_expect(s, CALLERID_REASON_NO_CALLER, CALLERID_CHECK_PASSPORT);
	s->call.orig[0] = kit_party("+" KIT_FROM);
	s->call.dest.kind = CALLERID_PARTY_NONE;
	scene_expect(s, CALLERID_REASON_COMPACT_FORM, CALLERID_CHECK_PASSPORT);
}

static void test_another_info_is_a_bad_signature(void **state)
{
	struct scene *s = *state;
	char *info;

	add_base(s);
	info = strstr(s->texts[0], "signer.pem");
	memcpy(info, "sagner.pem", 10);
	scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
}

static void test_another_signature_is_a_bad_signature(void **state)
{
	struct scene *s = *state;

	add_base(s);
	s->texts[0][10] = s->texts[0][10] == 'A' ? 'B' : 'A';
	scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
}

static void test_VS2_either_caller_of_the_call_may_have_been_signed(void **state)
{
	struct scene *s = *state;

	add_base(s);
	s->call.n_orig = 2;
	s->call.orig[1] = s->call.orig[0];
	s->call.orig[0] = kit_party("+12155559001");
	scene_expect_passed(s);
	assert_string_equal(first(s)->claims.orig.text, KIT_FROM);
	s->call.orig[0] = s->call.orig[1];
	s->call.orig[1] = kit_party("+12155559001");
	scene_expect_passed(s);
	assert_string_equal(first(s)->claims.orig.text, KIT_FROM);
	s->call.orig[0] = kit_party("+12155559002");
	scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
}

static void test_two_callers_cost_two_signatures(void **state)
{
	struct scene *s = *state;

	add_base(s);
	s->policy.max_signatures = 1;
	scene_expect_passed(s);
	s->call.n_orig = 2;
	s->call.orig[1] = kit_party("+12155559001");
	assert_string_equal(callerid_reason_info(scene_verify(s)->reason)->name, "limit");
}

/* What the second caller signed must not lend its signature to a full token about the first. */
static void test_a_full_token_does_not_share_what_the_second_caller_signed(void **state)
{
	struct scene *s = *state;
	struct callerid_claims forged = compact("");
	const struct callerid_verdict *verdict;
	char *full = NULL, *text = NULL;

	add_base(s);
	forged.orig = kit_party("+12155559001");
	forged.compact = false;
	assert_int_equal(sign(s, &forged, &full), CALLERID_OK);
	*strchr(strchr(full, '.') + 1, '.') = '\0';
	assert_true(asprintf(&text, "%s%s", full, s->texts[0] + 1) > 0);
	free(full);
	scene_add(s, text);
	s->call.n_orig = 2;
	s->call.orig[1] = s->call.orig[0];
	s->call.orig[0] = forged.orig;
	verdict = scene_verify(s);
	assert_int_equal(verdict->n_passports, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(callerid_reason_info(verdict->passport[i].reason)->name,
				    verdict->passport[i].compact ? "ok" : "bad_signature");
}

static void test_rfc8224_4_1_fingerprints_of_the_sdp_are_rebuilt_as_mky(void **state)
{
	struct scene *s = *state;
	struct callerid_claims claims = compact("");
	const char *sdp = SDP(FINGERPRINT);
	char *mky = NULL;

	assert_int_equal(callerid_mky_from_sdp(sdp, strlen(sdp), &mky, NULL), CALLERID_OK);
	claims.mky = mky;
	add(s, &claims);
	free(mky);
	s->call.sdp = span(sdp);
	scene_expect_passed(s);
	assert_non_null(first(s)->claims.mky);
	s->call.sdp = span(SDP(""));
	scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
	s->call.sdp = (struct callerid_span){NULL, 0};
	scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
	s->call.sdp = span(SDP("a=fingerprint:sha-256 02\r\n"));
	scene_expect(s, CALLERID_REASON_MEDIA_MISMATCH, CALLERID_CHECK_PASSPORT);
}

static void test_RC10_nam_is_the_display_name_and_crn_the_call_reason(void **state)
{
	struct scene *s = *state;
	struct callerid_claims claims = compact("rcd");

	claims.rcd = "{\"nam\":\"\xc5\xa0iauli\xc5\xb3 \\\"bankas\\\"\"}";
	claims.display_name = "\xc5\xa0iauli\xc5\xb3 \"bankas\"";
	claims.crn = "Your order";
	add(s, &claims);
	s->call.display_name = span("\xc5\xa0iauli\xc5\xb3 \"bankas\"");
	s->call.call_reason = span("Your order");
	expect_first(s, "ok");
	assert_string_equal(first(s)->claims.crn, "Your order");
	s->call.call_reason = span("Your orders");
	expect_first(s, "bad_signature");
	s->call.call_reason = (struct callerid_span){NULL, 0};
	expect_first(s, "bad_signature");
	s->call.call_reason = span("Your order");
	s->call.display_name = span("Another bank");
	expect_first(s, "bad_signature");
	s->call.display_name = span("\xff");
	expect_first(s, "compact_form");
	s->call.display_name = s->call.call_reason = (struct callerid_span){NULL, 0};
	expect_first(s, "compact_form");
}

static void test_RC10_either_of_nam_and_crn_suffices(void **state)
{
	struct scene *s = *state;
	struct callerid_claims claims = compact("rcd");

	claims.crn = "Your order";
	add(s, &claims);
	s->call.call_reason = span("Your order");
	expect_first(s, "ok");
}

static void test_AS12_types_without_compact_form_are_refused(void **state)
{
	static const char *const types[] = {"shaken", "div", "div-o", "rph", "msec", "rsp"};
	struct scene *s = *state;
	const char *good;
	char *text;

	add_base(s);
	good = s->texts[0];
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		assert_true(asprintf(&text, "%s;ppt=%s", good, types[i]) > 0);
		s->identity[0] = span(text);
		expect_first(s, "compact_form");
		assert_int_equal(s->asked, 0);
		free(text);
	}
}

static void test_PP11_what_a_request_cannot_say_is_not_signed_compact(void **state)
{
	struct scene *s = *state;
	struct callerid_claims claims = kit_claims();
	char *text = NULL;

	claims.compact = true; /* shaken */
	assert_int_equal(sign(s, &claims, &text), CALLERID_EINVAL);
	claims = compact("");
	claims.dest[1] = kit_party("+12155551299");
	claims.n_dest = 2;
	assert_int_equal(sign(s, &claims, &text), CALLERID_EINVAL);
	claims = compact("rcd");
	claims.rcd = "{\"icn\":\"https://media.example.org/i.png\",\"nam\":\"A\"}";
	assert_int_equal(sign(s, &claims, &text), CALLERID_EINVAL);
	claims.rcd = "{\"nam\":\"A\"}";
	claims.rcdi = "{\"/nam\":\"sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}";
	assert_int_equal(sign(s, &claims, &text), CALLERID_EINVAL);
	claims.rcdi = NULL;
	claims.display_name = "A";
	assert_int_equal(sign(s, &claims, &text), CALLERID_OK);
	free(text);
}

/* nam that is not the display name needs the full form. */
static void test_RC12_rfc9795_12_1_another_name_than_from_shows_is_not_signed_compact(void **state)
{
	static const struct {
		const char *rcd, *shown;
		enum callerid_status status;
	} rows[] = {
		{"{\"nam\":\"Your Bank\"}", "Your Bank", CALLERID_OK},
		{"{\"nam\":\"Your Bank\"}", NULL, CALLERID_EINVAL},
		{"{\"nam\":\"Your Bank\"}", "", CALLERID_EINVAL},
		{"{\"nam\":\"Your Bank\"}", "your bank", CALLERID_EINVAL},
		{"{\"nam\":\"Your Bank\"}", "Your  Bank", CALLERID_EINVAL},
		{"{\"nam\":\"Your Bank\"}", "Your Bank ", CALLERID_EINVAL},
		{"{\"nam\":\"\"}", "", CALLERID_EINVAL},
		{"{\"nam\":\"\"}", NULL, CALLERID_EINVAL},
		{NULL, NULL, CALLERID_OK}, /* crn alone */
	};
	struct scene *s = *state;
	struct callerid_claims claims = compact("rcd");

	claims.crn = "Your order";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = NULL;

		claims.rcd = rows[i].rcd;
		claims.display_name = rows[i].shown;
		claims.compact = true;
		if (sign(s, &claims, &text) != rows[i].status)
			fail_msg("row %zu", i);
		free(text);
		text = NULL;
		claims.compact = false; /* the full form takes any */
		assert_int_equal(sign(s, &claims, &text), CALLERID_OK);
		free(text);
	}
}

/* Of a file of vectors that are not part of this repository; without it the test is skipped. */
static FILE *open_vector(const char *name)
{
	const char *folder = getenv("ATTESTEL_VECTORS");
	char path[1024];
	FILE *file;

	if (folder == NULL || folder[0] == '\0')
		folder = "../shared/vectors";
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (file == NULL) {
		print_message("skipped: %s is not there (set ATTESTEL_VECTORS)\n", path);
		skip();
	}
	return file;
}

/* The published key stands at every URL: the leaf of the world, with that key in it. */
static EVP_PKEY *take_published_key(struct scene *s)
{
	FILE *file = open_vector("draft-passport-08/A1-priv.pem");
	EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);

	fclose(file);
	assert_non_null(key);
	assert_int_equal(X509_set_pubkey(s->world.leaf.x, key), 1);
	assert_true(X509_sign(s->world.leaf.x, s->world.inter.key, EVP_sha256()) > 0);
	s->own_chain = kit_pem(&s->world.leaf, &s->world.inter, NULL);
	s->chain = s->own_chain;
	return key;
}

/* The call of RFC 8224 §5.1, eleven years ago: the certificates are younger. */
static void take_published_call(struct scene *s)
{
	s->call.dest = kit_party("sip:alice@example.com");
	s->call.date = span("Fri, 25 Sep 2015 19:12:25 GMT");
	s->call.now = 1443208345;
	s->policy.mode[CALLERID_CHECK_CHAIN] = CALLERID_MODE_WARN;
	s->policy.mode[CALLERID_CHECK_VALIDITY] = CALLERID_MODE_WARN;
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
}

static void add_published(struct scene *s, const char *name)
{
	FILE *file = open_vector(name);
	char text[1024];
	size_t n = fread(text, 1, sizeof(text), file);

	fclose(file);
	scene_add(s, strndup(text, n));
}

/* "..signature" of a token over two texts, with this info. */
static void add_own(struct scene *s, EVP_PKEY *key, const char *header, const char *payload)
{
	char *token = kit_token(key, header, payload), *text = NULL;

	assert_true(asprintf(&text, "..%s;info=<https://cert.example.org/passport.cer>",
			     strrchr(token, '.') + 1) > 0);
	free(token);
	scene_add(s, text);
}

#define PUBLISHED_HEADER                                                                           \
	"{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"https://cert.example.org/"              \
	"passport.cer\"}"
#define PUBLISHED_PAYLOAD(iat)                                                                     \
	"{\"dest\":{\"uri\":[\"sip:alice@example.com\"]},\"iat\":" iat                             \
	",\"orig\":{\"tn\":\"12155551212\"}}"

/* The RFC's example was signed with iat as a JSON string, which RFC 8225 §5.1.1 does not allow. */
static void test_rfc8224_5_1_examples_do_not_verify_with_iat_as_a_number(void **state)
{
	static const char *const names[] = {"rfc8224/identity-1.txt", "rfc8224/identity-2.txt"};
	struct scene *s = *state;

	EVP_PKEY_free(take_published_key(s));
	take_published_call(s);
	for (size_t i = 0; i < 2; i++) {
		s->call.n_identity = 0;
		add_published(s, names[i]);
		s->identity[0] = span(s->texts[i]);
		scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
	}
}

/* The same call and key: what is signed over the numeric iat passes, over the string it fails. */
static void test_rfc8224_5_1_call_verifies_when_signed_with_iat_as_a_number(void **state)
{
	struct scene *s = *state;
	EVP_PKEY *key = take_published_key(s);

	take_published_call(s);
	add_own(s, key, PUBLISHED_HEADER, PUBLISHED_PAYLOAD("1443208345"));
	expect_first(s, "ok");
	s->call.n_identity = 0;
	add_own(s, key, PUBLISHED_HEADER, PUBLISHED_PAYLOAD("\"1443208345\""));
	expect_first(s, "bad_signature");
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(test_PP11_a_base_passport_is_rebuilt_from_the_call),
		SCENE_TEST(test_VS2_another_caller_is_a_bad_signature),
		SCENE_TEST(test_VS2_another_called_party_is_a_bad_signature),
		SCENE_TEST(test_rfc8224_6_2_another_fresh_date_is_a_bad_signature),
		SCENE_TEST(test_rfc8224_6_2_a_stale_date_is_stale),
		SCENE_TEST(test_rfc8224_6_2_no_date_or_a_broken_one_wants_the_full_form),
		SCENE_TEST(test_a_call_without_caller_or_called_party_is_not_rebuilt),
		SCENE_TEST(test_another_info_is_a_bad_signature),
		SCENE_TEST(test_another_signature_is_a_bad_signature),
		SCENE_TEST(test_VS2_either_caller_of_the_call_may_have_been_signed),
		SCENE_TEST(test_two_callers_cost_two_signatures),
		SCENE_TEST(test_a_full_token_does_not_share_what_the_second_caller_signed),
		SCENE_TEST(test_rfc8224_4_1_fingerprints_of_the_sdp_are_rebuilt_as_mky),
		SCENE_TEST(test_RC10_nam_is_the_display_name_and_crn_the_call_reason),
		SCENE_TEST(test_RC10_either_of_nam_and_crn_suffices),
		SCENE_TEST(test_AS12_types_without_compact_form_are_refused),
		SCENE_TEST(test_PP11_what_a_request_cannot_say_is_not_signed_compact),
		SCENE_TEST(
			test_RC12_rfc9795_12_1_another_name_than_from_shows_is_not_signed_compact),
		SCENE_TEST(test_rfc8224_5_1_examples_do_not_verify_with_iat_as_a_number),
		SCENE_TEST(test_rfc8224_5_1_call_verifies_when_signed_with_iat_as_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
