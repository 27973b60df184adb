/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: too many Identity headers, and other headers that are too long or broken. */
#include "tests/kit/bounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define MANY 100

/* MANY values for one call; the scene's array is shorter. */
struct values {
	char *text[MANY];
	struct callerid_span span[MANY];
};

static struct values *new_values(void)
{
	struct values *values = calloc(1, sizeof(*values));

	assert_non_null(values);
	return values;
}

static void set(struct values *values, size_t i, char *text)
{
	values->text[i] = text;
	values->span[i] = (struct callerid_span){text, strlen(text)};
}

static void use(struct scene *s, const struct values *values)
{
	s->call.identity = values->span;
	s->call.n_identity = MANY;
}

static void free_values(struct values *values)
{
	for (size_t i = 0; i < MANY; i++)
		free(values->text[i]);
	free(values);
}

/* A good one whose origid, and perhaps URL, is its own. */
static char *good(struct scene *s, size_t i, bool own_url)
{
	char url[64] = KIT_URL, header[256], payload[256], parameters[128];

	if (own_url)
		snprintf(url, sizeof(url), "https://cert.example.org/%zu.pem", i);
	snprintf(header, sizeof(header),
		 "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"%s\"}", url);
	snprintf(payload, sizeof(payload),
		 "{\"attest\":\"A\",\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,"
		 "\"orig\":{\"tn\":\"" KIT_FROM
		 "\"},\"origid\":\"123e4567-e89b-42d3-a456-4266141740%02zu\"}",
		 i);
	snprintf(parameters, sizeof(parameters), ";info=<%s>;alg=ES256;ppt=shaken", url);
	return scene_join(kit_token(s->world.leaf.key, header, payload), parameters);
}

TEST(identity_headers_100_that_are_good_and_differ_pass)
{
	struct values *values = new_values();
	struct scene *s = *state;

	for (size_t i = 0; i < MANY; i++)
		set(values, i, good(s, i, false));
	use(s, values);
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, CALLERID_IDENTITIES_MAX);
	bounded_verify(s);
	free_values(values);
}

TEST(identity_headers_100_each_with_a_certificate_of_its_own_pass)
{
	struct values *values = new_values();
	struct scene *s = *state;

	for (size_t i = 0; i < MANY; i++)
		set(values, i, good(s, i, true));
	use(s, values);
	scene_expect_passed(s);
	assert_int_equal(s->asked, CALLERID_SIGNATURES_MAX);
	bounded_verify(s);
	free_values(values);
}

TEST(identity_headers_100_of_one_text_are_one)
{
	struct values *values = new_values();
	struct scene *s = *state;

	set(values, 0, good(s, 1, false));
	for (size_t i = 1; i < MANY; i++)
		set(values, i, strdup(values->text[0]));
	use(s, values);
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 1);
	bounded_verify(s);
	free_values(values);
}

/* Each with another signature that is wrong; what fits in the budget is tried. */
TEST(identity_headers_100_with_forged_signatures)
{
	struct values *values = new_values();
	struct scene *s = *state;
	struct kit_cert stranger = kit_cert(&(struct kit_spec){.cn = "Stranger"});

	kit_cert_free(&s->world.leaf);
	s->world.leaf = stranger;
	for (size_t i = 0; i < MANY; i++)
		set(values, i, good(s, i, false));
	use(s, values);
	bounded_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE,
		       "it is not the certificate's over these bytes");
	free_values(values);
}

TEST(identity_headers_100_of_64_kilobytes_of_junk)
{
	struct values *values = new_values();
	struct scene *s = *state;

	for (size_t i = 0; i < MANY; i++)
		set(values, i, bad_repeat("", "ab.;", 16384, i % 2 == 0 ? "" : "\""));
	use(s, values);
	bounded_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_HEADER, "over 20480 bytes");
	free_values(values);
}

/* One place in the call for each, whatever comes after them: a good one behind is not found. */
TEST(identity_headers_99_of_junk_and_a_good_one)
{
	struct values *values = new_values();
	struct scene *s = *state;

	for (size_t i = 0; i < MANY - 1; i++)
		set(values, i, bad_repeat("", "!", i + 1, ""));
	set(values, MANY - 1, good(s, 1, false));
	use(s, values);
	bounded_expect(s, CALLERID_REASON_BAD_HEADER, CALLERID_CHECK_HEADER,
		       "a character that is not base64url");
	free_values(values);
}

TEST(identity_values_100_in_one_header_pass)
{
	struct scene *s = *state;
	char *all = calloc(1, 65536);
	size_t n = 0;

	for (size_t i = 0; i < MANY; i++) {
		char *one = good(s, i, false);

		n += (size_t)snprintf(all + n, 65536 - n, "%s%s", i == 0 ? "" : ",", one);
		free(one);
	}
	assert_true(n < 65536);
	scene_add(s, all);
	scene_expect_passed(s);
	bounded_verify(s);
}

TEST(identity_of_60000_commas)
{
	struct scene *s = *state;

	scene_add(s, bad_repeat("", " ,", 30000, ""));
	bounded_expect(s, CALLERID_REASON_NO_IDENTITY, CALLERID_CHECK_PRESENT, "");
}

TEST(identity_of_64_kilobytes_in_a_quote_that_does_not_end)
{
	struct scene *s = *state;

	scene_add(s, bad_repeat("e30.e30.AA;info=<https://a.b/>;x=\"", "\\\"", 32768, ""));
	bounded_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_HEADER, "over 20480 bytes");
}

TEST(identity_of_5000_parameters)
{
	struct scene *s = *state;

	scene_add(s, bad_repeat("e30.e30.AA;info=<https://a.b/>", ";a=b", 5000, ""));
	bounded_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_HEADER, "over 16 parameters");
}

TEST(identity_of_20_kilobytes_of_folding)
{
	struct scene *s = *state;

	scene_add(s, bad_repeat("e30.e30.AA", "\r\n ", 6800, ";info"));
	bounded_expect(s, CALLERID_REASON_BAD_INFO, CALLERID_CHECK_HEADER, "info");
}

TEST(identity_whose_info_has_10000_characters)
{
	struct scene *s = *state;

	scene_add(s, bad_repeat("e30.e30.AA;info=<https://", "a", 10000, ">"));
	bounded_expect(s, CALLERID_REASON_BAD_INFO, CALLERID_CHECK_HEADER,
		       "info is not an absolute URI");
}

/* A good Identity, beside another header that is not. */
TEST(date_of_64_kilobytes)
{
	struct scene *s = *state;
	char *date = bad_repeat("", " ", 65536, SCENE_DATE);

	scene_add_good(s);
	s->call.date = (struct callerid_span){date, strlen(date)};
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	(void)scene_verify(s);
	bounded_verify(s);
	s->call.date.n -= 5;
	bounded_expect(s, CALLERID_REASON_DATE_STALE, CALLERID_CHECK_DATE, "Date is not a date");
	free(date);
}

#define MKY_PAYLOAD                                                                                \
	"{\"attest\":\"A\",\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,\"mky\":[{"       \
	"\"alg\":\"sha-256\",\"dig\":\"021ACC5427ABEB9C533F3E4B652E7D463F5442CD54F17A03A27DF9B0"   \
	"7F4619B2\"}],\"orig\":{\"tn\":\"" KIT_FROM                                                \
	"\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}"
#define FINGERPRINT                                                                                \
	"a=fingerprint:sha-256 02:1A:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:" \
	"7A:03:A2:7D:F9:B0:7F:46:19:B2\r\n"

static void expect_sdp(struct scene *s, char *sdp, const char *why)
{
	scene_add_token(s, SCENE_HEADER, MKY_PAYLOAD);
	s->call.sdp = (struct callerid_span){sdp, strlen(sdp)};
	bounded_expect(s, CALLERID_REASON_MEDIA_MISMATCH, CALLERID_CHECK_MEDIA, why);
	free(sdp);
}

TEST(sdp_of_64_kilobytes_and_one)
{
	expect_sdp(*state, bad_repeat("v=0\r\n", "a", 65532, ""), "");
}

TEST(sdp_of_600_fingerprints_of_one_key_passes)
{
	struct scene *s = *state;
	char *sdp = bad_repeat("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", FINGERPRINT, 550, "");

	scene_add_token(s, SCENE_HEADER, MKY_PAYLOAD);
	s->call.sdp = (struct callerid_span){sdp, strlen(sdp)};
	assert_in_range(s->call.sdp.n, 60000, CALLERID_SDP_MAX);
	scene_expect_passed(s);
	bounded_verify(s);
	free(sdp);
}

TEST(sdp_of_2000_fingerprints_that_are_broken)
{
	expect_sdp(*state, bad_repeat("v=0\r\n", "a=fingerprint:sha-256 0:\r\n", 2000, ""), "");
}

TEST(sdp_of_30000_line_ends)
{
	expect_sdp(*state, bad_repeat("v=0", "\r\n", 30000, ""), "");
}

/* Each PASSporT of a call is held against the same header: MANY times what it costs for one. */
static struct values *new_tokens(struct scene *s, const char *ppt, const char *payload)
{
	struct values *values = new_values();
	char header[256], parameters[128];

	snprintf(header, sizeof(header),
		 "{\"alg\":\"ES256\",\"ppt\":\"%s\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}",
		 ppt);
	snprintf(parameters, sizeof(parameters), ";info=<" KIT_URL ">;alg=ES256;ppt=%s", ppt);
	for (size_t i = 0; i < MANY; i++)
		set(values, i,
		    scene_join(kit_token(s->world.leaf.key, header, payload), parameters));
	use(s, values);
	return values;
}

TEST(identity_headers_100_with_mky_and_an_sdp_of_64_kilobytes)
{
	struct scene *s = *state;
	struct values *values = new_tokens(s, "shaken", MKY_PAYLOAD);
	char *sdp = bad_repeat("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", FINGERPRINT, 550, "");

	s->call.sdp = (struct callerid_span){sdp, strlen(sdp)};
	scene_expect_passed(s);
	bounded_verify(s);
	free(sdp);
	free_values(values);
}

#define RPH_HEADER                                                                                 \
	"{\"alg\":\"ES256\",\"ppt\":\"rph\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}"
#define RPH_PAYLOAD                                                                                \
	"{\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM      \
	"\"},\"rph\":{\"auth\":[\"ets.0\"]}}"

/* Resource-Priority, a hundred times 64 KB: none of it is what rph says. */
TEST(resource_priorities_100_of_64_kilobytes)
{
	struct values *values = new_values();
	struct scene *s = *state;

	for (size_t i = 0; i < MANY; i++)
		set(values, i, bad_repeat("", "wps.1,", 11000, "x"));
	scene_add(s, scene_join(kit_token(s->world.leaf.key, RPH_HEADER, RPH_PAYLOAD),
				";info=<" KIT_URL ">;alg=ES256;ppt=rph"));
	s->call.resource_priority = values->span;
	s->call.n_resource_priority = MANY;
	bounded_expect(s, CALLERID_REASON_PRIORITY_MISMATCH, CALLERID_CHECK_PRIORITY, "");
	free_values(values);
}

#define EIGHT "\"ets.0\",\"ets.1\",\"ets.2\",\"ets.3\",\"ets.4\",\"wps.0\",\"wps.2\",\"wps.3\""

TEST(identity_headers_100_with_rph_and_resource_priorities_of_64_kilobytes)
{
	struct scene *s = *state;
	struct values *asked = new_values();
	struct values *values =
		new_tokens(s, "rph",
			   "{\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,"
			   "\"orig\":{\"tn\":\"" KIT_FROM "\"},\"rph\":{\"auth\":[" EIGHT "]}}");

	for (size_t i = 0; i < MANY; i++)
		set(asked, i, bad_repeat("", "wps.1,", 11000, "x"));
	s->call.resource_priority = asked->span;
	s->call.n_resource_priority = MANY;
	bounded_expect(s, CALLERID_REASON_PRIORITY_MISMATCH, CALLERID_CHECK_PRIORITY, "");
	free_values(values);
	free_values(asked);
}

#define NAM_PAYLOAD                                                                                \
	"{\"attest\":\"A\",\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,\"orig\":"        \
	"{\"tn\":\"" KIT_FROM "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\",\"rcd\":"   \
	"{\"nam\":\"Q\"}}"

TEST(display_name_of_64_kilobytes_passes)
{
	struct scene *s = *state;
	char *name = bad_repeat("", "\xcc\x81", 32768, "");

	scene_add_token(s, SCENE_HEADER, NAM_PAYLOAD);
	s->call.display_name = (struct callerid_span){name, strlen(name)};
	scene_expect_passed(s);
	bounded_verify(s);
	free(name);
}

TEST(identity_headers_100_with_nam_and_a_display_name_of_64_kilobytes)
{
	struct scene *s = *state;
	struct values *values = new_tokens(s, "shaken", NAM_PAYLOAD);
	char *name = bad_repeat("", "\xcc\x81", 32768, "");

	s->call.display_name = (struct callerid_span){name, strlen(name)};
	scene_expect_passed(s);
	bounded_verify(s);
	free(name);
	free_values(values);
}

static const struct CMUnitTest single[] = {
	SCENE_TEST(identity_headers_100_that_are_good_and_differ_pass),
	SCENE_TEST(identity_headers_100_each_with_a_certificate_of_its_own_pass),
	SCENE_TEST(identity_headers_100_of_one_text_are_one),
	SCENE_TEST(identity_headers_100_with_forged_signatures),
	SCENE_TEST(identity_headers_100_of_64_kilobytes_of_junk),
	SCENE_TEST(identity_headers_99_of_junk_and_a_good_one),
	SCENE_TEST(identity_values_100_in_one_header_pass),
	SCENE_TEST(identity_of_60000_commas),
	SCENE_TEST(identity_of_64_kilobytes_in_a_quote_that_does_not_end),
	SCENE_TEST(identity_of_5000_parameters),
	SCENE_TEST(identity_of_20_kilobytes_of_folding),
	SCENE_TEST(identity_whose_info_has_10000_characters),
	SCENE_TEST(date_of_64_kilobytes),
	SCENE_TEST(sdp_of_64_kilobytes_and_one),
	SCENE_TEST(sdp_of_600_fingerprints_of_one_key_passes),
	SCENE_TEST(sdp_of_2000_fingerprints_that_are_broken),
	SCENE_TEST(sdp_of_30000_line_ends),
	SCENE_TEST(resource_priorities_100_of_64_kilobytes),
	SCENE_TEST(display_name_of_64_kilobytes_passes),
	SCENE_TEST(identity_headers_100_with_mky_and_an_sdp_of_64_kilobytes),
	SCENE_TEST(identity_headers_100_with_rph_and_resource_priorities_of_64_kilobytes),
	SCENE_TEST(identity_headers_100_with_nam_and_a_display_name_of_64_kilobytes),
};

int main(void)
{
	return bad_run(NULL, 0, single, BAD_N_OF(single));
}
