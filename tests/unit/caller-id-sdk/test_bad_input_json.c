/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: JSON of headers and claims that is doubled, of the wrong kind, deep or long. */
#include "tests/kit/bounds.h"

#include "tests/kit/heap.h"

#include <openssl/bio.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define HEADER(more)                                                                               \
	"{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"" more  \
	"}"
#define CLAIMS(iat, orig, dest, more)                                                              \
	"{\"attest\":\"A\",\"dest\":" dest ",\"iat\":" iat ",\"orig\":" orig                       \
	",\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"" more "}"
#define IAT  "1800000000"
#define ORIG "{\"tn\":\"" KIT_FROM "\"}"
#define DEST "{\"tn\":[\"" KIT_TO "\"]}"
#define REST                                                                                       \
	"\"attest\":\"A\",\"dest\":" DEST ",\"iat\":" IAT ",\"orig\":" ORIG                        \
	",\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}"
#define MORE(more) CLAIMS(IAT, ORIG, DEST, more)

#define IN_HEADER  CALLERID_REASON_BAD_PASSPORT, CALLERID_CHECK_PASSPORT
#define IN_PAYLOAD CALLERID_REASON_BAD_PASSPORT, CALLERID_CHECK_CLAIMS
#define IN_CLAIMS  CALLERID_REASON_BAD_CLAIMS, CALLERID_CHECK_CLAIMS
#define TOO_LONG   CALLERID_REASON_LIMIT, CALLERID_CHECK_HEADER
#define NO_HEADER  "the JOSE header is not a JSON object: "
#define NO_PAYLOAD "the payload is not a JSON object: "
#define BAD_IAT	   "iat is not a number in range"

/* RFC 8225 §9 and RFC 7515 §4: names must be unique, at whatever level and however they are spelt.
 */
static const struct bad_row doubled[] = {
	{"doubled_alg_of_two_values", HEADER(",\"alg\":\"none\""), NULL, IN_HEADER, NO_HEADER},
	{"doubled_alg_of_one_value", HEADER(",\"alg\":\"ES256\""), NULL, IN_HEADER, NO_HEADER},
	{"doubled_alg_in_an_escape", HEADER(",\"\\u0061lg\":\"none\""), NULL, IN_HEADER, NO_HEADER},
	{"doubled_typ", HEADER(",\"typ\":\"passport\""), NULL, IN_HEADER, NO_HEADER},
	{"doubled_x5u", HEADER(",\"x5u\":\"https://evil.example.org/\""), NULL, IN_HEADER,
	 NO_HEADER},
	{"doubled_ppt", HEADER(",\"ppt\":\"rcd\""), NULL, IN_HEADER, NO_HEADER},
	{"doubled_name_that_nobody_knows", HEADER(",\"q\":1,\"q\":2"), NULL, IN_HEADER, NO_HEADER},
	{"doubled_name_inside_what_nobody_knows", HEADER(",\"q\":[{\"a\":1,\"\\u0061\":2}]"), NULL,
	 IN_HEADER, NO_HEADER},
	{"doubled_iat", NULL, MORE(",\"iat\":1"), IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_iat_in_an_escape", NULL, MORE(",\"\\u0069\\u0061t\":1"), IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_orig", NULL, MORE(",\"orig\":{\"tn\":\"12155559999\"}"), IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_dest", NULL, MORE(",\"dest\":" DEST), IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_attest", NULL, MORE(",\"attest\":\"A\""), IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_origid_in_an_escape", NULL, MORE(",\"origi\\u0064\":\"x\""), IN_PAYLOAD,
	 NO_PAYLOAD},
	{"doubled_tn_inside_orig", NULL,
	 CLAIMS(IAT, "{\"tn\":\"" KIT_FROM "\",\"tn\":\"" KIT_FROM "\"}", DEST, ""), IN_PAYLOAD,
	 NO_PAYLOAD},
	{"doubled_tn_inside_orig_in_an_escape", NULL,
	 CLAIMS(IAT, "{\"tn\":\"" KIT_FROM "\",\"\\u0074n\":\"12155559999\"}", DEST, ""),
	 IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_tn_inside_dest", NULL,
	 CLAIMS(IAT, ORIG, "{\"tn\":[\"" KIT_TO "\"],\"t\\u006e\":[\"12155559999\"]}", ""),
	 IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_name_inside_a_claim_that_nobody_knows", NULL, MORE(",\"x\":{\"a\":1,\"a\":1}"),
	 IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_name_three_levels_down", NULL,
	 MORE(",\"x\":[[{\"y\":{\"\\/\":1,\"\\u002f\":1}}]]"), IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_name_of_two_units_and_of_one_character", NULL,
	 MORE(",\"x\":{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}"), IN_PAYLOAD, NO_PAYLOAD},
	{"doubled_empty_name", NULL, MORE(",\"x\":{\"\":1,\"\":1}"), IN_PAYLOAD, NO_PAYLOAD},
};

/* RFC 8225 §5.1.1: iat is a NumericDate, a JSON number of seconds. */
static const struct bad_row iats[] = {
	{"iat_is_a_string", NULL, CLAIMS("\"1800000000\"", ORIG, DEST, ""), IN_CLAIMS,
	 "iat is a string, not a number"},
	{"iat_is_negative", NULL, CLAIMS("-1800000000", ORIG, DEST, ""), IN_CLAIMS, BAD_IAT},
	{"iat_is_minus_a_fraction", NULL, CLAIMS("-0.5", ORIG, DEST, ""), IN_CLAIMS, BAD_IAT},
	{"iat_is_over_the_year_9999", NULL, CLAIMS("253402300800", ORIG, DEST, ""), IN_CLAIMS,
	 BAD_IAT},
	{"iat_is_the_largest_64_bit_number", NULL, CLAIMS("9223372036854775807", ORIG, DEST, ""),
	 IN_CLAIMS, BAD_IAT},
	{"iat_is_over_64_bits", NULL, CLAIMS("9223372036854775808", ORIG, DEST, ""), IN_PAYLOAD,
	 NO_PAYLOAD},
	{"iat_is_a_huge_real", NULL, CLAIMS("1e300", ORIG, DEST, ""), IN_CLAIMS, BAD_IAT},
	{"iat_is_over_all_reals", NULL, CLAIMS("1e999999999", ORIG, DEST, ""), IN_PAYLOAD,
	 NO_PAYLOAD},
	{"iat_has_a_leading_zero", NULL, CLAIMS("01800000000", ORIG, DEST, ""), IN_PAYLOAD,
	 NO_PAYLOAD},
	{"iat_has_a_plus", NULL, CLAIMS("+1800000000", ORIG, DEST, ""), IN_PAYLOAD, NO_PAYLOAD},
	{"iat_is_hexadecimal", NULL, CLAIMS("0x6b49d200", ORIG, DEST, ""), IN_PAYLOAD, NO_PAYLOAD},
	{"iat_is_nan", NULL, CLAIMS("NaN", ORIG, DEST, ""), IN_PAYLOAD, NO_PAYLOAD},
	{"iat_is_infinite", NULL, CLAIMS("Infinity", ORIG, DEST, ""), IN_PAYLOAD, NO_PAYLOAD},
	{"iat_is_null", NULL, CLAIMS("null", ORIG, DEST, ""), IN_CLAIMS, BAD_IAT},
	{"iat_is_true", NULL, CLAIMS("true", ORIG, DEST, ""), IN_CLAIMS, BAD_IAT},
	{"iat_is_an_array", NULL, CLAIMS("[1800000000]", ORIG, DEST, ""), IN_CLAIMS, BAD_IAT},
	{"iat_is_an_object", NULL, CLAIMS("{\"iat\":1800000000}", ORIG, DEST, ""), IN_CLAIMS,
	 BAD_IAT},
	{"iat_is_zero", NULL, CLAIMS("0", ORIG, DEST, ""), CALLERID_REASON_IAT_STALE,
	 CALLERID_CHECK_IAT, "iat is 1800000000 s old"},
	{"iat_is_the_end_of_9999", NULL, CLAIMS("253402300799", ORIG, DEST, ""),
	 CALLERID_REASON_IAT_FUTURE, CALLERID_CHECK_IAT, "iat is 251602300799 s ahead"},
};

/* Arrays for objects, objects for arrays, and both for what is neither. */
static const struct bad_row kinds[] = {
	{"header_is_an_array", "[\"ES256\",\"shaken\",\"passport\"]", NULL, IN_HEADER, NO_HEADER},
	{"header_is_a_string", "\"ES256\"", NULL, IN_HEADER, NO_HEADER},
	{"header_is_empty", "{}", NULL, IN_HEADER, "typ is missing or not a name"},
	{"alg_is_an_array",
	 "{\"alg\":[\"ES256\"],\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}",
	 NULL, IN_HEADER, "alg is missing or not a name"},
	{"x5u_is_an_array",
	 "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":[\"" KIT_URL "\"]}",
	 NULL, IN_HEADER, "x5u is missing"},
	{"ppt_is_an_object",
	 "{\"alg\":\"ES256\",\"ppt\":{},\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}", NULL,
	 IN_HEADER, "ppt is not a name"},
	{"payload_is_an_array", NULL, "[" MORE("") "]", IN_PAYLOAD, NO_PAYLOAD},
	{"payload_is_a_number", NULL, IAT, IN_PAYLOAD, NO_PAYLOAD},
	{"payload_is_null", NULL, "null", IN_PAYLOAD, NO_PAYLOAD},
	{"payload_is_empty", NULL, "{}", IN_CLAIMS, "no iat"},
	{"payload_has_something_behind_it", NULL, MORE("") "{}", IN_PAYLOAD, NO_PAYLOAD},
	{"payload_does_not_end", NULL, "{\"iat\":1800000000", IN_PAYLOAD, NO_PAYLOAD},
	{"payload_is_not_utf8", NULL, MORE(",\"x\":\"\xc3\x28\""), IN_PAYLOAD, NO_PAYLOAD},
	{"payload_has_half_a_surrogate_pair", NULL, MORE(",\"x\":\"\\ud83d\""), IN_PAYLOAD,
	 NO_PAYLOAD},
	{"payload_has_an_escaped_nul", NULL,
	 CLAIMS(IAT, "{\"tn\":\"" KIT_FROM "\\u0000\"}", DEST, ""), IN_PAYLOAD, NO_PAYLOAD},
	{"orig_is_an_array", NULL, CLAIMS(IAT, "[\"" KIT_FROM "\"]", DEST, ""), IN_CLAIMS,
	 "orig is not an object"},
	{"orig_is_an_array_of_an_object", NULL, CLAIMS(IAT, "[" ORIG "]", DEST, ""), IN_CLAIMS,
	 "orig is not an object"},
	{"orig_tn_is_an_array", NULL, CLAIMS(IAT, "{\"tn\":[\"" KIT_FROM "\"]}", DEST, ""),
	 IN_CLAIMS, "orig tn is not a string of digits"},
	{"orig_tn_is_a_number", NULL, CLAIMS(IAT, "{\"tn\":" KIT_FROM "}", DEST, ""), IN_CLAIMS,
	 "orig tn is not a string of digits"},
	{"dest_is_an_array", NULL, CLAIMS(IAT, ORIG, "[\"" KIT_TO "\"]", ""), IN_CLAIMS,
	 "dest is not an object"},
	{"dest_tn_is_a_string", NULL, CLAIMS(IAT, ORIG, "{\"tn\":\"" KIT_TO "\"}", ""), IN_CLAIMS,
	 "dest tn is not an array of 1 to 10 strings of digits"},
	{"dest_tn_is_an_object", NULL, CLAIMS(IAT, ORIG, "{\"tn\":{\"0\":\"" KIT_TO "\"}}", ""),
	 IN_CLAIMS, "dest tn is not an array of 1 to 10 strings of digits"},
	{"dest_tn_is_an_array_of_arrays", NULL,
	 CLAIMS(IAT, ORIG, "{\"tn\":[[\"" KIT_TO "\"]]}", ""), IN_CLAIMS,
	 "dest tn is not an array of 1 to 10 strings of digits"},
	{"dest_tn_is_empty", NULL, CLAIMS(IAT, ORIG, "{\"tn\":[]}", ""), IN_CLAIMS,
	 "dest tn is not an array of 1 to 10 strings of digits"},
	{"attest_is_an_array", NULL,
	 "{\"attest\":[\"A\"],\"dest\":" DEST ",\"iat\":" IAT ",\"orig\":" ORIG
	 ",\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}",
	 IN_CLAIMS, "attest"},
	{"origid_is_an_object", NULL,
	 "{\"attest\":\"A\",\"dest\":" DEST ",\"iat\":" IAT ",\"orig\":" ORIG ",\"origid\":{}}",
	 IN_CLAIMS, "origid"},
	{"mky_is_an_object", NULL, MORE(",\"mky\":{\"alg\":\"sha-256\",\"dig\":\"00\"}"), IN_CLAIMS,
	 "mky"},
};

/* An Identity of the scene's signer over text of length n between two parts. */
static void add_filled(struct scene *s, bool in_header, const char *start, char fill, size_t n,
		       const char *end)
{
	size_t from = strlen(start);
	char *text = calloc(1, from + n + strlen(end) + 1);

	memcpy(text, start, from);
	memset(text + from, fill, n);
	memcpy(text + from + n, end, strlen(end));
	scene_add_token(s, in_header ? text : SCENE_HEADER, in_header ? SCENE_PAYLOAD : text);
	free(text);
}

TEST(ten_thousand_levels_open_in_the_payload)
{
	add_filled(*state, false, "{\"x\":", '[', 10000, "");
	bounded_expect(*state, IN_PAYLOAD, NO_PAYLOAD "over 16 levels deep");
}

TEST(ten_thousand_levels_open_in_the_header)
{
	add_filled(*state, true, "{\"x\":", '[', 10000, "");
	bounded_expect(*state, IN_HEADER, NO_HEADER "over 16 levels deep");
}

/* What is in a string is no level; what comes behind it is. */
TEST(ten_thousand_brackets_in_a_string_and_then_one_level_too_many)
{
	add_filled(*state, false, "{\"x\":\"", '[', 10000,
		   "\\\"[\",\"y\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}");
	bounded_expect(*state, IN_PAYLOAD, NO_PAYLOAD "over 16 levels deep");
}

TEST(sixteen_levels_of_a_claim_that_nobody_knows_pass)
{
	struct scene *s = *state;

	scene_add_token(s, SCENE_HEADER, MORE(",\"x\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]"));
	scene_expect_passed(s);
	bounded_verify(s);
}

TEST(five_thousand_levels_that_close)
{
	struct scene *s = *state;
	char *text = calloc(1, 12000);

	memcpy(text, "{\"x\":", 5);
	memset(text + 5, '[', 5000);
	memset(text + 5005, ']', 5000);
	text[10005] = '}';
	scene_add_token(s, SCENE_HEADER, text);
	free(text);
	bounded_expect(s, IN_PAYLOAD, NO_PAYLOAD "over 16 levels deep");
}

TEST(claims_of_64_kilobytes)
{
	add_filled(*state, false, "{\"x\":\"", 'a', 65536, "\"}");
	bounded_expect(*state, TOO_LONG, "over 20480 bytes");
}

TEST(a_header_of_64_kilobytes)
{
	add_filled(*state, true, "{\"x\":\"", 'a', 65536, "\"}");
	bounded_expect(*state, TOO_LONG, "over 20480 bytes");
}

TEST(claims_of_13_kilobytes_that_make_too_long_a_token)
{
	add_filled(*state, false, "{\"x\":\"", 'a', 13000, "\"}");
	bounded_expect(*state, TOO_LONG, "token over 16384 bytes");
}

/* As long as a token may be, and right: it passes. */
TEST(claims_of_12_kilobytes_pass)
{
	struct scene *s = *state;

	add_filled(s, false, "{\"x\":\"", 'a', 11500, "\"," REST);
	scene_expect_passed(s);
	bounded_verify(s);
}

/* Names enough to try the reader's search for a second one. */
static void add_names(struct scene *s, size_t n, const char *end)
{
	char *text = calloc(1, 16 * n + 64);
	size_t at = (size_t)snprintf(text, 8, "{");

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, 16, "\"%zx\":0,", i);
	memcpy(text + at, end, strlen(end));
	scene_add_token(s, SCENE_HEADER, text);
	free(text);
}

TEST(fifteen_hundred_names_and_the_first_of_them_again)
{
	add_names(*state, 1500, "\"0\":0}");
	bounded_expect(*state, IN_PAYLOAD, NO_PAYLOAD);
}

TEST(fifteen_hundred_names_and_nothing_that_is_a_claim)
{
	add_names(*state, 1500, "\"end\":0}");
	bounded_expect(*state, IN_CLAIMS, "no iat");
}

TEST(two_thousand_and_five_hundred_elements_of_an_array)
{
	struct scene *s = *state;
	char *text = calloc(1, 12000);
	size_t at = (size_t)snprintf(text, 8, "{\"x\":[");

	for (size_t i = 0; i < 2500; i++, at += 3)
		memcpy(text + at, "{},", 3);
	memcpy(text + at, "0]}", 3);
	scene_add_token(s, SCENE_HEADER, text);
	free(text);
	bounded_expect(s, IN_CLAIMS, "no iat");
}

TEST(eleven_destinations)
{
	struct scene *s = *state;

	scene_add_token(s, SCENE_HEADER,
			CLAIMS(IAT, ORIG,
			       "{\"tn\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\","
			       "\"10\",\"11\"]}",
			       ""));
	bounded_expect(s, IN_CLAIMS, "dest tn is not an array of 1 to 10 strings of digits");
}

/* Without this the bounds of all these tests would prove nothing. */
TEST(what_shared_libraries_allocate_is_counted)
{
	size_t before = kit_heap_used();
	BIO *bio;

	(void)state;
	if (!kit_heap_is_counted())
		skip();
	kit_heap_mark();
	bio = BIO_new(BIO_s_mem());
	assert_int_equal(BIO_puts(bio, "some text"), 9);
	assert_in_range(kit_heap_rise(), 64, 4096);
	BIO_free(bio);
	assert_int_equal(kit_heap_used(), before);
}

static const struct CMUnitTest single[] = {
	cmocka_unit_test(what_shared_libraries_allocate_is_counted),
	SCENE_TEST(ten_thousand_levels_open_in_the_payload),
	SCENE_TEST(ten_thousand_levels_open_in_the_header),
	SCENE_TEST(ten_thousand_brackets_in_a_string_and_then_one_level_too_many),
	SCENE_TEST(sixteen_levels_of_a_claim_that_nobody_knows_pass),
	SCENE_TEST(five_thousand_levels_that_close),
	SCENE_TEST(claims_of_64_kilobytes),
	SCENE_TEST(a_header_of_64_kilobytes),
	SCENE_TEST(claims_of_13_kilobytes_that_make_too_long_a_token),
	SCENE_TEST(claims_of_12_kilobytes_pass),
	SCENE_TEST(fifteen_hundred_names_and_the_first_of_them_again),
	SCENE_TEST(fifteen_hundred_names_and_nothing_that_is_a_claim),
	SCENE_TEST(two_thousand_and_five_hundred_elements_of_an_array),
	SCENE_TEST(eleven_destinations),
};

int main(void)
{
	const struct bad_table tables[] = {
		BAD_TABLE(doubled, bad_put_token),
		BAD_TABLE(iats, bad_put_token),
		BAD_TABLE(kinds, bad_put_token),
	};

	return bad_run(tables, BAD_N_OF(tables), single, BAD_N_OF(single));
}
