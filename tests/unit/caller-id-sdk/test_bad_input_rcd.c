/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: Rich Call Data whose jCards, digests and contents are hostile. */
#include "tests/kit/bounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define RCD_HEADER                                                                                 \
	"{\"alg\":\"ES256\",\"ppt\":\"rcd\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}"
#define RCD_PARAMETERS ";info=<" KIT_URL ">;alg=ES256;ppt=rcd"
#define PAYLOAD_START                                                                              \
	"{\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM "\"" \
	"}"
#define SHAKEN_START                                                                               \
	"{\"attest\":\"A\",\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,\"orig\":"        \
	"{\"tn\":\"" KIT_FROM "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\""

#define BAD	   CALLERID_REASON_BAD_CLAIMS, CALLERID_CHECK_CLAIMS
#define NAM	   "\"nam\":\"Q\""
#define DIGEST	   "sha256-RojgWwU6xUtI4q82+kHPyHm1JKbm7+663bMvzymhkl4"
#define ICN	   "\"icn\":\"https://example.com/q.png\""
#define VERSION	   "[\"version\",{},\"text\",\"4.0\"]"
#define FN	   "[\"fn\",{},\"text\",\"Q\"]"
#define CARD(more) "\"jcd\":[\"vcard\",[" VERSION "," FN more "]]"
#define JCL	   "https://example.com/q.json"

/* A PASSporT of type rcd: {rcd, and rcdi where there is one}. */
static void put_claims(struct scene *s, const char *rcd, const char *rcdi)
{
	char *payload = NULL;

	assert_true(asprintf(&payload, PAYLOAD_START ",\"rcd\":{%s}%s%s}", rcd,
			     rcdi != NULL ? ",\"rcdi\":" : "", rcdi != NULL ? rcdi : "") > 0);
	scene_add(s, scene_join(kit_token(s->world.leaf.key, RCD_HEADER, payload), RCD_PARAMETERS));
	free(payload);
}

/* row->payload is what rcd holds, row->header is rcdi. */
static void put_rcd(struct scene *s, const struct bad_row *row)
{
	put_claims(s, row->payload, row->header);
}

static const struct bad_row rcds[] = {
	{"nam_that_is_an_array", NULL, "\"nam\":[\"Q\"]", BAD, "rcd"},
	{"nam_that_is_an_object", NULL, "\"nam\":{}", BAD, "rcd"},
	{"icn_of_javascript", NULL, NAM ",\"icn\":\"javascript:alert(1)\"", BAD, "rcd icn"},
	{"icn_of_a_file", NULL, NAM ",\"icn\":\"file:///etc/passwd\"", BAD, "rcd icn"},
	{"icn_with_a_line_end", NULL, NAM ",\"icn\":\"https://example.com/\\r\\nX: y\"", BAD,
	 "rcd icn"},
	{"icn_that_is_an_object", NULL, NAM ",\"icn\":{\"a\":[]}", BAD, "rcd icn"},
	{"apn_that_is_an_array", NULL, NAM ",\"apn\":[\"12155551212\"]", BAD,
	 "rcd apn is not a canonical telephone number"},
	{"jcl_of_http", NULL, NAM ",\"jcl\":\"http://example.com/q.json\"", BAD, "rcd jcl"},
	{"jcl_and_jcd", NULL, NAM ",\"jcl\":\"" JCL "\"," CARD(""), BAD,
	 "rcd has both jcd and jcl"},
	{"jcard_that_is_an_object", NULL, NAM ",\"jcd\":{\"vcard\":[]}", BAD, "not a jCard"},
	{"jcard_without_properties", NULL, NAM ",\"jcd\":[\"vcard\"]", BAD, "not a jCard"},
	{"jcard_of_another_name", NULL, NAM ",\"jcd\":[\"vcalendar\",[]]", BAD, "not a jCard"},
	{"jcard_of_two_versions", NULL, NAM "," CARD("," VERSION), BAD,
	 "the jCard has not exactly one version"},
	{"jcard_of_version_5", NULL,
	 NAM ",\"jcd\":[\"vcard\",[[\"version\",{},\"text\",\"5.0\"]," FN "]]", BAD,
	 "the jCard is not of version 4.0"},
	{"jcard_without_a_name", NULL, NAM ",\"jcd\":[\"vcard\",[" VERSION "]]", BAD,
	 "the jCard has no fn"},
	{"jcard_property_that_is_an_object", NULL, NAM "," CARD(",{}"), BAD,
	 "a property of the jCard is not an array of 4 or more"},
	{"jcard_property_of_three", NULL, NAM "," CARD(",[\"note\",{},\"text\"]"), BAD,
	 "a property of the jCard is not an array of 4 or more"},
	{"jcard_property_whose_name_is_a_number", NULL, NAM "," CARD(",[1,{},\"text\",\"x\"]"), BAD,
	 "a property of the jCard has a malformed name or type"},
	{"jcard_property_whose_parameters_are_an_array", NULL,
	 NAM "," CARD(",[\"note\",[],\"text\",\"x\"]"), BAD,
	 "a property of the jCard has malformed parameters"},
	{"jcard_uri_that_is_a_number", NULL, NAM "," CARD(",[\"logo\",{},\"uri\",1]"), BAD,
	 "a uri of the jCard is not a URI of bounded length"},
	{"jcard_uri_of_http", NULL,
	 NAM "," CARD(",[\"logo\",{},\"uri\",\"http://169.254.169.254/\"]"), BAD,
	 "a uri of the jCard is http, which is never fetched: it has to be https"},
	{"jcard_that_doubles_a_name", NULL,
	 NAM "," CARD(",[\"note\",{\"a\":1,\"a\":2},\"text\",1]"), CALLERID_REASON_BAD_PASSPORT,
	 CALLERID_CHECK_CLAIMS, "the payload is not a JSON object"},
	{"rcdi_that_is_an_array", "[\"" DIGEST "\"]", NAM "," ICN, BAD, "rcdi is not an object"},
	{"rcdi_that_is_empty", "{}", NAM "," ICN, BAD, "rcdi has not 1 to 64 digests"},
	{"rcdi_without_its_icn", "{\"/nam\":\"" DIGEST "\"}", NAM "," ICN, BAD,
	 "rcdi has no digest of icn"},
	{"rcdi_of_a_pointer_that_leads_nowhere",
	 "{\"/icn\":\"" DIGEST "\",\"/jcd/1/99999999999999999999/3\":\"" DIGEST "\"}", NAM "," ICN,
	 BAD, "a pointer in rcdi leads nowhere"},
	{"rcdi_of_a_negative_index", "{\"/icn\":\"" DIGEST "\",\"/jcd/-1\":\"" DIGEST "\"}",
	 NAM "," ICN "," CARD(""), BAD, "a pointer in rcdi leads nowhere"},
	{"rcdi_of_a_name_that_is_no_pointer", "{\"icn\":\"" DIGEST "\"}", NAM "," ICN, BAD,
	 "a name in rcdi is not a JSON pointer"},
	{"rcdi_of_a_broken_escape", "{\"/icn~2\":\"" DIGEST "\"}", NAM "," ICN, BAD,
	 "a name in rcdi is not a JSON pointer"},
	{"rcdi_of_a_digest_that_is_too_short", "{\"/icn\":\"sha256-AAAA\"}", NAM "," ICN, BAD,
	 "a value in rcdi is not an algorithm"},
	{"rcdi_of_a_digest_that_is_an_object", "{\"/icn\":{}}", NAM "," ICN, BAD,
	 "a value in rcdi is not an algorithm"},
};

/* Rows that are long: rcd is start, n times what, end. */
static void expect_long(struct scene *s, char *rcd, const char *why)
{
	put_claims(s, rcd, NULL);
	free(rcd);
	bounded_expect(s, BAD, why);
}

TEST(jcard_of_500_properties)
{
	expect_long(*state,
		    bad_repeat(NAM ",\"jcd\":[\"vcard\",[" VERSION "," FN, ",[\"n\",{},\"t\",1]",
			       500, "]]"),
		    "the jCard has over 100 properties");
}

TEST(jcard_of_2000_values_of_a_property)
{
	expect_long(*state,
		    bad_repeat(NAM ",\"jcd\":[\"vcard\",[" VERSION ",[\"fn\",{},\"text\",\"Q\"",
			       ",\"x\"", 2000, "]]]"),
		    "a property of the jCard has over 32 values");
}

TEST(jcard_of_90_uris)
{
	expect_long(*state,
		    bad_repeat(NAM ",\"jcd\":[\"vcard\",[" VERSION "," FN,
			       ",[\"logo\",{},\"uri\",\"https://a.b/\"]", 90, "]]"),
		    "the jCard has over 16 URIs");
}

TEST(rcdi_of_110_digests)
{
	struct scene *s = *state;
	char *rcdi = calloc(1, 16384), *p = rcdi;

	p += snprintf(p, 64, "{\"/icn\":\"" DIGEST "\"");
	for (unsigned i = 0; i < 109; i++)
		p += snprintf(p, 128, ",\"/jcd/1/%u\":\"" DIGEST "\"", i);
	snprintf(p, 2, "}");
	put_claims(s, NAM "," ICN, rcdi);
	free(rcdi);
	bounded_expect(s, BAD, "rcdi has not 1 to 64 digests");
}

TEST(rcdi_of_a_pointer_of_9000_characters)
{
	struct scene *s = *state;
	char *rcdi = bad_repeat("{\"/icn\":\"" DIGEST "\",\"", "/0", 4500, "\":\"" DIGEST "\"}");

	put_claims(s, NAM "," ICN, rcdi);
	free(rcdi);
	bounded_expect(s, BAD, "a ");
}

/* Text that hides, turns and piles up: cleaned when it is shown, at a bounded price. */
TEST(nam_of_10_kilobytes_of_marks_passes)
{
	struct scene *s = *state;
	char *rcd = bad_repeat(SHAKEN_START ",\"rcd\":{\"nam\":\"Q", "\xcc\x81\xe2\x80\xae", 2000,
			       "\"}}");
	const struct callerid_verdict *verdict;
	struct callerid_rcd shown;

	scene_add_token(s, SCENE_HEADER, rcd);
	free(rcd);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(callerid_rcd_show(&verdict->passport[0], &shown), CALLERID_OK);
	assert_in_range(strlen(shown.name), 1, sizeof(shown.name) - 1);
	bounded_verify(s);
}

/* The digest of body as rcdi has it. */
static void digest_of(const void *body, size_t n, char text[64])
{
	uint8_t digest[32];
	unsigned len = 0;

	assert_int_equal(EVP_Digest(body, n, digest, &len, EVP_sha256(), NULL), 1);
	memcpy(text, "sha256-", 7);
	(void)EVP_EncodeBlock((unsigned char *)text + 7, digest, 32);
}

/* 64 KB behind a URL may take so much while they are read: an empty array of two bytes takes 140.
 */
#define FETCHED_HEAP_MAX (4 * KIT_HEAP_MAX)

/* A call whose jcl holds body, of which the signer says just that. It passes; the card does not. */
static void expect_fetched(struct scene *s, const void *body, size_t n,
			   enum callerid_rcd_state expected)
{
	struct callerid_content content = {JCL, body, n};
	const struct callerid_verdict *verdict;
	char digest[64] = "", *payload = NULL;

	digest_of(body, n, digest);
	assert_true(asprintf(&payload,
			     SHAKEN_START ",\"rcd\":{" NAM ",\"jcl\":\"" JCL
					  "\"},\"rcdi\":{\"/jcl\":\"%s\"}}",
			     digest) > 0);
	scene_add_token(s, SCENE_HEADER, payload);
	free(payload);
	s->call.contents = &content;
	s->call.n_contents = 1;
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(
		callerid_rcd_state_name(verdict->passport[0].rcd.part[CALLERID_RCD_JCARD]),
		callerid_rcd_state_name(expected));
	bounded_verify_within(s, FETCHED_HEAP_MAX);
}

TEST(fetched_jcard_of_10000_levels)
{
	char *open = bad_repeat("", "[", 10000, ""), *body = bad_repeat(open, "]", 10000, "");

	free(open);
	expect_fetched(*state, body, 20000, CALLERID_RCD_MISMATCH);
	free(body);
}

TEST(fetched_jcard_of_64_kilobytes_of_properties)
{
	char *body = bad_repeat("[\"vcard\",[" VERSION "," FN, ",[\"n\",{},\"t\",1]", 4000, "]]");

	expect_fetched(*state, body, strlen(body), CALLERID_RCD_MISMATCH);
	free(body);
}

/* The most that one may hold: 98 properties of 32 values. */
TEST(fetched_jcard_of_3000_values_passes)
{
	char *property = bad_repeat(",[\"n\",{},\"t\"", ",\"abcdefg\"", 32, "]");
	char *body = bad_repeat("[\"vcard\",[" VERSION "," FN, property, 98, "]]");

	assert_in_range(strlen(body), 30000, 65536);
	expect_fetched(*state, body, strlen(body), CALLERID_RCD_VERIFIED);
	free(property);
	free(body);
}

TEST(fetched_jcard_of_20000_empty_arrays)
{
	char *body = bad_repeat("[[]", ",[]", 20000, "]");

	expect_fetched(*state, body, strlen(body), CALLERID_RCD_MISMATCH);
	free(body);
}

TEST(fetched_jcard_of_256_kilobytes)
{
	char *body =
		bad_repeat("[\"vcard\",[" VERSION ",[\"fn\",{},\"text\",\"", "Q", 262000, "\"]]]");

	expect_fetched(*state, body, strlen(body), CALLERID_RCD_MISMATCH);
	free(body);
}

TEST(fetched_jcard_of_zeros)
{
	char *body = calloc(1, CALLERID_CONTENT_MAX);

	expect_fetched(*state, body, CALLERID_CONTENT_MAX, CALLERID_RCD_MISMATCH);
	free(body);
}

/* Over what is looked at: as if it had not been fetched. */
TEST(fetched_jcard_of_one_byte_too_many)
{
	char *body = calloc(1, CALLERID_CONTENT_MAX + 1);

	expect_fetched(*state, body, CALLERID_CONTENT_MAX + 1, CALLERID_RCD_NOT_FETCHED);
	free(body);
}

/* 16 pictures of 256 KB, each with its digest, inside an inline card. */
TEST(sixteen_pictures_of_256_kilobytes)
{
	static char urls[16][32];
	struct callerid_content contents[16];
	struct scene *s = *state;
	char *picture = calloc(1, CALLERID_CONTENT_MAX), *rcd = calloc(1, 8192);
	char *rcdi = calloc(1, 8192), *card = rcd, *list = rcdi, *payload = NULL;
	char digest[64] = "";

	digest_of(picture, CALLERID_CONTENT_MAX, digest);
	card += snprintf(card, 256, NAM ",\"jcd\":[\"vcard\",[" VERSION "," FN);
	for (unsigned i = 0; i < 16; i++) {
		snprintf(urls[i], sizeof(urls[i]), "https://example.com/%u.png", i);
		contents[i] = (struct callerid_content){urls[i], picture, CALLERID_CONTENT_MAX};
		card += snprintf(card, 128, ",[\"logo\",{},\"uri\",\"%s\"]", urls[i]);
		list += snprintf(list, 128, "%s\"/jcd/1/%u/3\":\"%s\"", i == 0 ? "" : ",", i + 2,
				 digest);
	}
	snprintf(card, 8, "]]");
	assert_true(asprintf(&payload, SHAKEN_START ",\"rcd\":{%s},\"rcdi\":{%s}}", rcd, rcdi) > 0);
	scene_add_token(s, SCENE_HEADER, payload);
	s->call.contents = contents;
	s->call.n_contents = 16;
	scene_expect_passed(s);
	bounded_verify(s);
	free(payload);
	free(rcdi);
	free(rcd);
	free(picture);
}

static const struct CMUnitTest single[] = {
	SCENE_TEST(jcard_of_500_properties),
	SCENE_TEST(jcard_of_2000_values_of_a_property),
	SCENE_TEST(jcard_of_90_uris),
	SCENE_TEST(rcdi_of_110_digests),
	SCENE_TEST(rcdi_of_a_pointer_of_9000_characters),
	SCENE_TEST(nam_of_10_kilobytes_of_marks_passes),
	SCENE_TEST(fetched_jcard_of_10000_levels),
	SCENE_TEST(fetched_jcard_of_64_kilobytes_of_properties),
	SCENE_TEST(fetched_jcard_of_3000_values_passes),
	SCENE_TEST(fetched_jcard_of_20000_empty_arrays),
	SCENE_TEST(fetched_jcard_of_256_kilobytes),
	SCENE_TEST(fetched_jcard_of_zeros),
	SCENE_TEST(fetched_jcard_of_one_byte_too_many),
	SCENE_TEST(sixteen_pictures_of_256_kilobytes),
};

int main(void)
{
	const struct bad_table tables[] = {BAD_TABLE(rcds, put_rcd)};

	return bad_run(tables, BAD_N_OF(tables), single, BAD_N_OF(single));
}
