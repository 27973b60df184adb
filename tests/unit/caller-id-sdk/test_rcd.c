/* SPDX-License-Identifier: Apache-2.0 */
/* RC1 to RC6: the syntax of rcd, rcdi, crn and iss, in PASSporTs read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "ppt.h"
#include "rcd.h"

#define D256 "sha256-RojgWwU6xUtI4q82+kHPyHm1JKbm7+663bMvzymhkl4"
#define ICN  "\"https://example.com/q.png\""
#define CARD "[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Q\"]]]"
#define CARD_UP                                                                                    \
	"[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Q\"],"                \
	"[\"logo\",{},\"uri\"," ICN "]]]"

static json_t *load(const char *text)
{
	json_t *value = cid_json_load_value(text, strlen(text), CID_JSON_MAX, NULL);

	if (value == NULL)
		fail_msg("no JSON: %s", text);
	return value;
}

static bool rcd_is_good(const char *text)
{
	json_t *rcd = load(text);
	bool good = cid_rcd_trouble(rcd) == NULL;

	json_decref(rcd);
	return good;
}

static bool rcdi_is_good(const char *rcdi_text, const char *rcd_text)
{
	json_t *rcdi = load(rcdi_text), *rcd = load(rcd_text);
	bool good;

	assert_null(cid_rcd_trouble(rcd));
	good = cid_rcdi_trouble(rcdi, rcd) == NULL;
	json_decref(rcdi);
	json_decref(rcd);
	return good;
}

static void test_RC1_nam_is_one_string_and_may_be_empty(void **state)
{
	(void)state;
	assert_true(rcd_is_good("{\"nam\":\"James Bond\"}"));
	assert_true(rcd_is_good("{\"nam\":\"\"}"));
	assert_true(rcd_is_good("{\"nam\":\"\xc5\xa0iauliai\",\"other\":[1]}"));
	assert_false(rcd_is_good("{}"));
	assert_false(rcd_is_good("{\"nam\":null}"));
	assert_false(rcd_is_good("{\"nam\":[\"a\",\"b\"]}"));
	assert_false(rcd_is_good("{\"nam\":1}"));
	assert_false(rcd_is_good("{\"Nam\":\"a\"}"));
}

static void test_RC1_rcd_is_an_object_and_no_array(void **state)
{
	(void)state;
	assert_false(rcd_is_good("[{\"nam\":\"a\"}]"));
	assert_false(rcd_is_good("\"a\""));
	assert_false(rcd_is_good("null"));
	assert_false(rcd_is_good("[]"));
}

static void test_RC1_two_nams_are_no_json_of_a_passport(void **state)
{
	static const char text[] = "{\"nam\":\"a\",\"nam\":\"b\"}";

	(void)state;
	assert_null(cid_json_load(text, strlen(text), NULL));
}

static void test_RC2_apn_is_a_canonical_number(void **state)
{
	(void)state;
	assert_true(rcd_is_good("{\"nam\":\"\",\"apn\":\"12025559990\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"apn\":\"+12025559990\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"apn\":\"1-202\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"apn\":\"\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"apn\":12025559990}"));
}

static void test_RC2_icn_is_an_https_or_data_uri_of_an_image(void **state)
{
	(void)state;
	assert_true(rcd_is_good("{\"nam\":\"\",\"icn\":" ICN "}"));
	assert_true(rcd_is_good("{\"nam\":\"\",\"icn\":\"https://example.com/q?w=5#a\"}"));
	assert_true(rcd_is_good("{\"nam\":\"\",\"icn\":\"data:image/png;base64,iVBORw0KGgo=\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"icn\":\"http://example.com/q.png\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"icn\":\"data:text/html,x\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"icn\":\"data:\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"icn\":\"file:///etc/passwd\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"icn\":\"https://\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"icn\":\"https://a b\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"icn\":\"\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"icn\":[" ICN "]}"));
}

static void test_RC3_jcd_is_a_jcard_and_jcl_an_https_url_but_not_both(void **state)
{
	(void)state;
	assert_true(rcd_is_good("{\"nam\":\"\",\"jcd\":" CARD_UP "}"));
	assert_true(rcd_is_good("{\"nam\":\"\",\"jcl\":\"https://example.com/q.json\"}"));
	assert_false(rcd_is_good(
		"{\"nam\":\"\",\"jcl\":\"https://example.com/q.json\",\"jcd\":" CARD "}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"jcd\":{}}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"jcd\":[\"vcard\",[]]}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"jcd\":\"https://example.com/q.json\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"jcl\":\"http://example.com/q.json\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"jcl\":\"data:application/json,[]\"}"));
	assert_false(rcd_is_good("{\"nam\":\"\",\"jcl\":" CARD "}"));
}

static void test_RC2_RC3_rfc9795_5_1_an_http_url_is_refused_and_the_reason_says_why(void **state)
{
	json_t *icn = load("{\"nam\":\"\",\"icn\":\"http://example.com/q.png\"}");
	json_t *jcl = load("{\"nam\":\"\",\"jcl\":\"Http://example.com/q.json\"}");

	(void)state;
	assert_string_equal(cid_rcd_trouble(icn),
			    "rcd icn is http, which is never fetched: it has to be https");
	assert_string_equal(cid_rcd_trouble(jcl),
			    "rcd jcl is http, which is never fetched: it has to be https");
	json_decref(icn);
	json_decref(jcl);
}

static void test_RC4_rcdi_holds_digests_by_pointers_that_lead_somewhere(void **state)
{
	static const char rcd[] = "{\"nam\":\"Q\",\"jcd\":" CARD "}";
	static const char *const wrong[] = {
		"[]",
		"{}",
		"\"" D256 "\"",
		"{\"nam\":\"" D256 "\"}",  /* not a pointer */
		"{\"\":\"" D256 "\"}",	   /* rcd itself is not what rcdi is about */
		"{\"/icn\":\"" D256 "\"}", /* leads nowhere */
		"{\"/jcl\":\"" D256 "\"}", /* nor does this */
		"{\"/jcl/1/3/3\":\"" D256 "\"}",
		"{\"/jcd/1/2/3\":\"" D256 "\"}",
		"{\"/jcd/1/1/03\":\"" D256 "\"}",
		"{\"/nam~\":\"" D256 "\"}",
		"{\"/nam\":\"sha256-AAAA\"}",
		"{\"/nam\":\"sha384-RojgWwU6xUtI4q82+kHPyHm1JKbm7+663bMvzymhkl4\"}",
		"{\"/nam\":\"SHA256-RojgWwU6xUtI4q82+kHPyHm1JKbm7+663bMvzymhkl4\"}",
		"{\"/nam\":\"\"}",
		"{\"/nam\":[\"" D256 "\"]}",
		"{\"/nam\":null}",
		"{\"/nam\":\"" D256 "\",\"/apn\":\"" D256 "\"}",
	};

	(void)state;
	assert_true(rcdi_is_good("{\"/nam\":\"" D256 "\"}", rcd));
	assert_true(rcdi_is_good("{\"/nam\":\"" D256 "=\"}", rcd));
	assert_true(rcdi_is_good("{\"/jcd\":\"" D256 "\",\"/jcd/1/1/3\":\"" D256 "\"}", rcd));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (rcdi_is_good(wrong[i], rcd))
			fail_msg("taken: %s", wrong[i]);
	}
}

static void test_RC4_rfc9795_6_another_algorithm_is_well_formed_and_not_signed(void **state)
{
	struct callerid_claims claims = {.rcd = "{\"nam\":\"Q\"}",
					 .rcdi = "{\"/nam\":\"sha1-AAAA\"}"};
	struct callerid_error err = {.text = ""};
	char text[256];
	struct cid_writer w;

	(void)state;
	assert_true(rcdi_is_good("{\"/nam\":\"sha1-AAAA\"}", claims.rcd));
	assert_true(rcdi_is_good("{\"/icn\":\"sha3-256-AAAA\",\"/nam\":\"" D256 "\"}",
				 "{\"nam\":\"Q\",\"icn\":" ICN "}"));
	/* What every verifier "MUST" support is what goes out in our name. */
	cid_writer_init(&w, text, sizeof(text));
	assert_int_equal(cid_rcd_write(&w, &claims, &err), CALLERID_EINVAL);
	assert_string_equal(err.text, "a digest in rcdi is not sha256, sha384 or sha512");
	claims.rcdi = "{\"/nam\":\"" D256 "\"}";
	cid_writer_init(&w, text, sizeof(text));
	assert_int_equal(cid_rcd_write(&w, &claims, &err), CALLERID_OK);
}

static void test_RC4_rcdi_needs_rcd(void **state)
{
	json_t *rcdi = load("{\"/nam\":\"" D256 "\"}");

	(void)state;
	assert_string_equal(cid_rcdi_trouble(rcdi, NULL), "rcdi without rcd");
	json_decref(rcdi);
}

static void test_RC4_the_number_of_digests_is_bounded(void **state)
{
	json_t *rcd = load("{\"nam\":\"\",\"x\":[]}"), *rcdi = json_object();
	char pointer[16];

	(void)state;
	for (int i = 0; i < CID_RCDI_MAX + 1; i++) {
		json_array_append_new(json_object_get(rcd, "x"), json_integer(i));
		snprintf(pointer, sizeof(pointer), "/x/%d", i);
		assert_true((cid_rcdi_trouble(rcdi, rcd) == NULL) == (i > 0));
		json_object_set_new(rcdi, pointer, json_string(D256));
	}
	assert_non_null(cid_rcdi_trouble(rcdi, rcd));
	json_decref(rcd);
	json_decref(rcdi);
}

static void test_RC6_icn_jcl_and_uris_in_jcd_need_a_digest_once_rcdi_is_used(void **state)
{
	(void)state;
	assert_false(rcdi_is_good("{\"/nam\":\"" D256 "\"}", "{\"nam\":\"\",\"icn\":" ICN "}"));
	assert_true(rcdi_is_good("{\"/icn\":\"" D256 "\"}", "{\"nam\":\"\",\"icn\":" ICN "}"));
	assert_false(rcdi_is_good("{\"/nam\":\"" D256 "\"}", "{\"nam\":\"\",\"jcl\":" ICN "}"));
	assert_true(rcdi_is_good("{\"/jcl\":\"" D256 "\",\"/jcl/1/3/3\":\"" D256 "\"}",
				 "{\"nam\":\"\",\"jcl\":" ICN "}"));
	assert_false(rcdi_is_good("{\"/jcd\":\"" D256 "\"}", "{\"nam\":\"\",\"jcd\":" CARD_UP "}"));
	assert_true(rcdi_is_good("{\"/jcd/1/2/3\":\"" D256 "\"}",
				 "{\"nam\":\"\",\"jcd\":" CARD_UP "}"));
}

/* "the "icn" data is incorporated directly in the "rcd" claim, and therefore separate integrity
 * protection is not required" (§8.3). */
static void test_rfc9795_6_1_2_an_icn_that_is_signed_with_the_rest_needs_no_digest(void **state)
{
	static const char rcd[] = "{\"nam\":\"Q\",\"icn\":\"data:image/png;base64,iVBORw0KGgo=\"}";

	(void)state;
	assert_true(rcdi_is_good("{\"/nam\":\"" D256 "\"}", rcd));
	assert_true(rcdi_is_good("{\"/icn\":\"" D256 "\"}", rcd)); /* and may have one */
}

/* The claims of payload in a PASSporT of type ppt. */
static enum callerid_reason parse(const struct cid_ppt *type, const char *payload,
				  struct callerid_claims *claims)
{
	json_t *root = load(payload);
	char why[CALLERID_WHY_MAX + 1] = "";
	enum callerid_reason reason;

	memset(claims, 0, sizeof(*claims));
	reason = type->parse(root, claims, why, sizeof(why));
	assert_int_equal(reason == CALLERID_REASON_OK, why[0] == '\0');
	json_decref(root);
	return reason;
}

static void test_RC7_ppt_rcd_has_rcd_or_crn(void **state)
{
	struct callerid_claims claims;

	(void)state;
	assert_ptr_equal(cid_ppt_find("rcd", 3), &cid_ppt_rcd);
	assert_int_equal(parse(&cid_ppt_rcd, "{\"rcd\":{\"nam\":\"Q\"}}", &claims),
			 CALLERID_REASON_OK);
	assert_string_equal(claims.rcd, "{\"nam\":\"Q\"}");
	assert_null(claims.rcdi);
	assert_null(claims.crn);
	cid_claims_clear(&claims);
	assert_null(claims.rcd);
	assert_int_equal(parse(&cid_ppt_rcd, "{\"crn\":\"your order\"}", &claims),
			 CALLERID_REASON_OK);
	assert_string_equal(claims.crn, "your order");
	cid_claims_clear(&claims);
	assert_int_equal(parse(&cid_ppt_rcd, "{\"x\":1}", &claims), CALLERID_REASON_BAD_CLAIMS);
	assert_int_equal(parse(&cid_ppt_rcd, "{\"rcdi\":{\"/nam\":\"" D256 "\"}}", &claims),
			 CALLERID_REASON_BAD_CLAIMS);
}

static void test_RC8_one_malformed_claim_spoils_a_ppt_rcd(void **state)
{
	static const char *const wrong[] = {
		"{\"rcd\":{},\"crn\":\"x\"}",
		"{\"rcd\":{\"nam\":\"\"},\"crn\":1}",
		"{\"rcd\":{\"nam\":\"\"},\"crn\":\"\"}",
		"{\"rcd\":{\"nam\":\"\"},\"rcdi\":{}}",
		"{\"crn\":\"x\",\"rcdi\":{\"/nam\":\"" D256 "\"}}",
		"{\"rcd\":{\"nam\":\"\"},\"iss\":1}",
		"{\"rcd\":{\"nam\":\"\"},\"iss\":\"\"}",
		"{\"rcd\":[]}",
		"{\"rcd\":null}",
	};
	struct callerid_claims claims;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse(&cid_ppt_rcd, wrong[i], &claims) != CALLERID_REASON_BAD_CLAIMS)
			fail_msg("taken: %s", wrong[i]);
		cid_claims_clear(&claims);
	}
}

static void test_RC11_iss_is_kept(void **state)
{
	struct callerid_claims claims;

	(void)state;
	assert_int_equal(
		parse(&cid_ppt_rcd, "{\"crn\":\"x\",\"iss\":\"Zorin Industries\"}", &claims),
		CALLERID_REASON_OK);
	assert_string_equal(claims.iss, "Zorin Industries");
	cid_claims_clear(&claims);
}

#define SHAKEN "\"attest\":\"A\",\"origid\":\"123e4567-e89b-12d3-a456-426655440000\""

static void test_RC7_rcd_rides_in_shaken(void **state)
{
	struct callerid_claims claims;

	(void)state;
	assert_int_equal(parse(&cid_ppt_shaken,
			       "{" SHAKEN
			       ",\"rcd\":{\"nam\":\"Q\"},\"crn\":\"x\",\"rcdi\":{\"/nam\":\"" D256
			       "\"}}",
			       &claims),
			 CALLERID_REASON_OK);
	assert_string_equal(claims.rcd, "{\"nam\":\"Q\"}");
	assert_string_equal(claims.rcdi, "{\"/nam\":\"" D256 "\"}");
	assert_string_equal(claims.crn, "x");
	assert_null(claims.rcd_fault);
	cid_claims_clear(&claims);
}

static void test_RC7_RC8_rfc9795_13_a_malformed_rcd_leaves_shaken_as_it_is(void **state)
{
	struct callerid_claims claims;

	(void)state;
	assert_int_equal(parse(&cid_ppt_shaken, "{" SHAKEN ",\"rcd\":{},\"crn\":\"x\"}", &claims),
			 CALLERID_REASON_OK);
	assert_int_equal(claims.attest, CALLERID_ATTEST_A);
	assert_null(claims.rcd);
	assert_null(claims.crn);
	assert_string_equal(claims.rcd_fault, "rcd has no nam");
	assert_int_equal(
		parse(&cid_ppt_shaken, "{" SHAKEN ",\"rcd\":{\"nam\":\"\"},\"crn\":[]}", &claims),
		CALLERID_REASON_OK);
	assert_null(claims.rcd);
	assert_string_equal(claims.rcd_fault, "crn is not a string");
}

/* The payload that claims become, canonical. */
static enum callerid_status build(struct callerid_claims claims, char *out, size_t size)
{
	const struct cid_ppt *type = cid_ppt_find(claims.ppt, strlen(claims.ppt));
	enum callerid_status status;
	struct cid_writer w;

	claims.iat = 1443208345;
	claims.orig.kind = CALLERID_PARTY_TN;
	memcpy(claims.orig.text, "12025551000", 12);
	claims.dest[0] = claims.orig;
	claims.n_dest = 1;
	claims.attest = CALLERID_ATTEST_A;
	memcpy(claims.origid, "123e4567-e89b-12d3-a456-426655440000", 37);
	cid_writer_init(&w, out, size);
	status = type->build(&w, &claims, NULL);
	cid_write(&w, "", 1);
	return status;
}

static void test_RC5_claims_are_written_canonically(void **state)
{
	struct callerid_claims claims = {.ppt = "rcd",
					 .rcd = " { \"nam\" : \"Q\", \"apn\":\"1\" } ",
					 .rcdi = "{\"/nam\":\"" D256 "\"}",
					 .crn = "a \"b\"",
					 .iss = "Zorin"};
	char text[1024];

	(void)state;
	assert_int_equal(build(claims, text, sizeof(text)), CALLERID_OK);
	assert_string_equal(
		text, "{\"crn\":\"a \\\"b\\\"\",\"dest\":{\"tn\":[\"12025551000\"]},"
		      "\"iat\":1443208345,\"iss\":\"Zorin\",\"orig\":{\"tn\":\"12025551000\"},"
		      "\"rcd\":{\"apn\":\"1\",\"nam\":\"Q\"},\"rcdi\":{\"/nam\":\"" D256 "\"}}");
	claims.iss = NULL;
	memcpy(claims.ppt, "shaken", 7);
	assert_int_equal(build(claims, text, sizeof(text)), CALLERID_OK);
	assert_string_equal(text, "{\"attest\":\"A\",\"crn\":\"a \\\"b\\\"\",\"dest\":{\"tn\":["
				  "\"12025551000\"]},\"iat\":1443208345,"
				  "\"orig\":{\"tn\":\"12025551000\"},"
				  "\"origid\":\"123e4567-e89b-12d3-a456-426655440000\","
				  "\"rcd\":{\"apn\":\"1\",\"nam\":\"Q\"},\"rcdi\":{\"/nam\":\"" D256
				  "\"}}");
}

static void test_malformed_claims_are_not_signed(void **state)
{
	static const struct callerid_claims wrong[] = {
		{.ppt = "rcd"},
		{.ppt = "rcd", .iss = "x"},
		{.ppt = "rcd", .rcd = "{}"},
		{.ppt = "rcd", .rcd = "{\"nam\":\"a\",\"nam\":\"b\"}"},
		{.ppt = "rcd", .rcd = "no JSON"},
		{.ppt = "rcd", .rcd = ""},
		{.ppt = "rcd", .crn = ""},
		{.ppt = "rcd", .crn = "x", .iss = ""},
		{.ppt = "rcd", .crn = "x", .rcdi = "{\"/nam\":\"" D256 "\"}"},
		{.ppt = "rcd",
		 .rcd = "{\"nam\":\"\",\"icn\":" ICN "}",
		 .rcdi = "{\"/nam\":\"" D256 "\"}"},
		{.ppt = "shaken", .rcd = "{}"},
		{.ppt = "shaken", .crn = ""},
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(build(wrong[i], text, sizeof(text)), CALLERID_EINVAL);
}

static void test_rich_claims_are_not_dropped_where_they_cannot_stand(void **state)
{
	struct callerid_claims claims = {.iat = 1443208345, .n_dest = 1};
	char text[2048];
	struct cid_writer w;

	(void)state;
	claims.orig.kind = CALLERID_PARTY_TN;
	memcpy(claims.orig.text, "12025551000", 12);
	claims.dest[0] = claims.orig;
	cid_writer_init(&w, text, sizeof(text));
	assert_int_equal(cid_claims_signing_input(&w, &claims, "https://e.com/c", NULL),
			 CALLERID_OK);
	claims.crn = "x";
	assert_int_equal(cid_claims_signing_input(&w, &claims, "https://e.com/c", NULL),
			 CALLERID_EINVAL);
	claims.crn = NULL;
	claims.iss = "x";
	assert_int_equal(cid_claims_signing_input(&w, &claims, "https://e.com/c", NULL),
			 CALLERID_EINVAL);
}

static void test_64_KB_of_rcd_are_a_limit(void **state)
{
	char *big = malloc(65536 + 16), text[1024];
	struct callerid_claims claims = {.ppt = "rcd", .rcd = big};

	(void)state;
	memset(big, 'x', 65536);
	memcpy(big, "{\"nam\":\"", 8);
	memcpy(big + 65536, "\"}", 3);
	assert_int_equal(build(claims, text, sizeof(text)), CALLERID_ELIMIT);
	free(big);
}

static void test_RC2_data_uris_are_decoded_strictly(void **state)
{
	static const struct {
		const char *uri, *bytes;
	} rows[] = {{"data:,a%20b", "a b"},	      {"DATA:image/png;base64,Zm9v", "foo"},
		    {"data:;base64,Zm8=", "fo"},      {"data:image/png;x=\"y\";base64,Zg", "f"},
		    {"data:text/plain,Zm9v", "Zm9v"}, {"data:,", ""}};
	static const char *const wrong[] = {
		"data:",     "http:,x",		 "data:,%",	     "data:,%4",
		"data:,%4g", "data:;base64,Zm9", "data:;base64,Zm-v"};
	uint8_t *bytes = NULL;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(cid_data_uri(rows[i].uri, &bytes, &n), CALLERID_OK);
		assert_int_equal(n, strlen(rows[i].bytes));
		assert_memory_equal(bytes, rows[i].bytes, n);
		free(bytes);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(cid_data_uri(wrong[i], &bytes, &n), CALLERID_ESYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_RC1_nam_is_one_string_and_may_be_empty),
		cmocka_unit_test(test_RC1_rcd_is_an_object_and_no_array),
		cmocka_unit_test(test_RC1_two_nams_are_no_json_of_a_passport),
		cmocka_unit_test(test_RC2_apn_is_a_canonical_number),
		cmocka_unit_test(test_RC2_icn_is_an_https_or_data_uri_of_an_image),
		cmocka_unit_test(test_RC3_jcd_is_a_jcard_and_jcl_an_https_url_but_not_both),
		cmocka_unit_test(
			test_RC2_RC3_rfc9795_5_1_an_http_url_is_refused_and_the_reason_says_why),
		cmocka_unit_test(test_RC4_rcdi_holds_digests_by_pointers_that_lead_somewhere),
		cmocka_unit_test(
			test_RC4_rfc9795_6_another_algorithm_is_well_formed_and_not_signed),
		cmocka_unit_test(test_RC4_rcdi_needs_rcd),
		cmocka_unit_test(test_RC4_the_number_of_digests_is_bounded),
		cmocka_unit_test(test_RC6_icn_jcl_and_uris_in_jcd_need_a_digest_once_rcdi_is_used),
		cmocka_unit_test(
			test_rfc9795_6_1_2_an_icn_that_is_signed_with_the_rest_needs_no_digest),
		cmocka_unit_test(test_RC7_ppt_rcd_has_rcd_or_crn),
		cmocka_unit_test(test_RC8_one_malformed_claim_spoils_a_ppt_rcd),
		cmocka_unit_test(test_RC11_iss_is_kept),
		cmocka_unit_test(test_RC7_rcd_rides_in_shaken),
		cmocka_unit_test(test_RC7_RC8_rfc9795_13_a_malformed_rcd_leaves_shaken_as_it_is),
		cmocka_unit_test(test_RC5_claims_are_written_canonically),
		cmocka_unit_test(test_malformed_claims_are_not_signed),
		cmocka_unit_test(test_rich_claims_are_not_dropped_where_they_cannot_stand),
		cmocka_unit_test(test_64_KB_of_rcd_are_a_limit),
		cmocka_unit_test(test_RC2_data_uris_are_decoded_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
