/* SPDX-License-Identifier: Apache-2.0 */
/* The checks "media" and "priority", and what an rph PASSporT authorises, through the public API.
 */
#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define DIG(x)	    "AABBCCDDEEFF00112233445566778899AABBCC" x
#define LINE(x)	    "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:" x
#define SDP(x)	    "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=fingerprint:sha-1 " LINE(x) "\r\n"
#define MKY(x)	    "\"mky\":[{\"alg\":\"sha-1\",\"dig\":\"" DIG(x) "\"}],"
#define PLAIN	    "v=0\r\nm=audio 4000 RTP/AVP 0\r\n"
#define HEADER(ppt) "{\"alg\":\"ES256\"," ppt "\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}"
#define PAYLOAD(mky)                                                                               \
	"{\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000," mky                              \
	"\"orig\":{\"tn\":\"" KIT_FROM "\"}}"
#define RPH(auth, more)                                                                            \
	"{\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM      \
	"\"},\"rph\":{\"auth\":[" auth "]}" more "}"

static void add(struct scene *s, const char *ppt, const char *header, const char *payload)
{
	char parameters[128];

	snprintf(parameters, sizeof(parameters), ";info=<" KIT_URL ">;alg=ES256%s%s",
		 ppt[0] != '\0' ? ";ppt=" : "", ppt);
	scene_add(s, scene_join(kit_token(s->world.leaf.key, header, payload), parameters));
}

static void add_base(struct scene *s, const char *payload)
{
	add(s, "", HEADER(""), payload);
}

static void add_rph(struct scene *s, const char *payload)
{
	add(s, "rph", HEADER("\"ppt\":\"rph\","), payload);
}

static void set_sdp(struct scene *s, const char *sdp)
{
	s->call.sdp = (struct callerid_span){sdp, strlen(sdp)};
}

static const struct callerid_check_result *result_of(struct scene *s, enum callerid_check check)
{
	const struct callerid_verdict *verdict = callerid_verification_verdict(s->v);

	return &verdict->passport[verdict->decided_by].check[check];
}

/* Once more, as if nobody had seen it: the replay window would stop the second time. */
static void forget(struct scene *s)
{
	callerid_verification_free(s->v);
	s->v = NULL;
	callerid_context_free(s->ctx);
	assert_int_equal(callerid_context_new(&(struct callerid_limits){.replay_entries = 16},
					      &s->ctx, NULL),
			 CALLERID_OK);
	assert_int_equal(callerid_context_add_anchors(s->ctx, "test-list", s->world.anchors,
						      strlen(s->world.anchors), NULL),
			 CALLERID_OK);
}

TEST(VS16_mky_that_is_the_sdps_passes)
{
	struct scene *s = *state;

	add_base(s, PAYLOAD(MKY("01")));
	set_sdp(s, SDP("01"));
	scene_expect_passed(s);
	assert_int_equal(result_of(s, CALLERID_CHECK_MEDIA)->result, CALLERID_RESULT_PASSED);
	assert_string_equal(callerid_verification_verdict(s->v)->passport[0].claims.mky,
			    "[{\"alg\":\"sha-1\",\"dig\":\"" DIG("01") "\"}]");
}

TEST(VS16_mky_of_another_sdp_is_438_before_any_certificate)
{
	static const char *const others[] = {
		SDP("02"),
		SDP("01") "a=fingerprint:sha-1 " LINE("02") "\r\n",
		PLAIN,
		"",
		"a=fingerprint:sha-1 AA\r\n",
	};
	struct scene *s = *state;

	add_base(s, PAYLOAD(MKY("01")));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		set_sdp(s, others[i]);
		scene_expect(s, CALLERID_REASON_MEDIA_MISMATCH, CALLERID_CHECK_MEDIA);
		assert_int_equal(s->asked, 0);
	}
}

TEST(VS16_mky_in_a_shaken_passport_counts_too)
{
	struct scene *s = *state;
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	struct callerid_claims claims = kit_claims();
	char *mky = NULL, *identity = NULL;

	assert_int_equal(callerid_mky_from_sdp(SDP("01"), strlen(SDP("01")), &mky, NULL),
			 CALLERID_OK);
	claims.mky = mky;
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_OK);
	callerid_signer_free(signer);
	free(mky);
	scene_add(s, identity);
	set_sdp(s, SDP("02"));
	scene_expect(s, CALLERID_REASON_MEDIA_MISMATCH, CALLERID_CHECK_MEDIA);
	set_sdp(s, SDP("01"));
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->attest, CALLERID_ATTEST_A);
}

TEST(VS16_without_an_sdp_mky_is_not_compared_and_says_so)
{
	struct scene *s = *state;

	add_base(s, PAYLOAD(MKY("01")));
	scene_expect_passed(s);
	assert_int_equal(result_of(s, CALLERID_CHECK_MEDIA)->result, CALLERID_RESULT_SKIPPED);
	assert_string_equal(result_of(s, CALLERID_CHECK_MEDIA)->why,
			    "no SDP was given to compare with");
}

TEST(VS16_media_can_warn_or_be_turned_off)
{
	struct scene *s = *state;

	add_base(s, PAYLOAD(MKY("01")));
	set_sdp(s, SDP("02"));
	s->policy.mode[CALLERID_CHECK_MEDIA] = CALLERID_MODE_WARN;
	scene_expect_passed(s);
	assert_int_equal(result_of(s, CALLERID_CHECK_MEDIA)->result, CALLERID_RESULT_WARNED);
	forget(s);
	s->policy.mode[CALLERID_CHECK_MEDIA] = CALLERID_MODE_OFF;
	scene_expect_passed(s);
	assert_int_equal(result_of(s, CALLERID_CHECK_MEDIA)->result, CALLERID_RESULT_SKIPPED);
}

TEST(VS16_an_sdp_with_keys_needs_no_mky)
{
	struct scene *s = *state;

	add_base(s, PAYLOAD(""));
	set_sdp(s, SDP("01"));
	scene_expect_passed(s);
	assert_string_equal(result_of(s, CALLERID_CHECK_MEDIA)->why, "it binds no media keys");
}

TEST(PP13_a_malformed_mky_is_438)
{
	static const char *const bad[] = {
		PAYLOAD("\"mky\":[],"), PAYLOAD("\"mky\":{},"),
		PAYLOAD("\"mky\":[{\"alg\":\"sha-1\",\"dig\":\"" LINE("01") "\"}],"),
		PAYLOAD("\"mky\":\"sha-1 " LINE("01") "\",")};
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		s->call.n_identity = 0;
		add_base(s, bad[i]);
		scene_expect(s, CALLERID_REASON_BAD_CLAIMS, CALLERID_CHECK_CLAIMS);
	}
}

TEST(VS18_msec_without_secured_media_is_refused_by_name)
{
	struct scene *s = *state;

	add(s, "msec", HEADER("\"ppt\":\"msec\","), PAYLOAD(""));
	set_sdp(s, PLAIN);
	scene_expect(s, CALLERID_REASON_MEDIA_NOT_SECURE, CALLERID_CHECK_MEDIA);
	assert_string_equal(result_of(s, CALLERID_CHECK_MEDIA)->why,
			    "media security required by the PASSporT and not offered");
	set_sdp(s, PLAIN "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n");
	scene_expect_passed(s);
	forget(s);
	set_sdp(s, SDP("01"));
	scene_expect_passed(s);
	forget(s);
	/* RFC 3264: an INVITE without SDP asks for an offer; there is nothing to refuse yet. */
	set_sdp(s, "");
	scene_expect_passed(s);
}

TEST(VS18_msec_with_mky_is_held_against_it)
{
	struct scene *s = *state;

	add(s, "msec", HEADER("\"ppt\":\"msec\","), PAYLOAD(MKY("01")));
	set_sdp(s, SDP("02"));
	scene_expect(s, CALLERID_REASON_MEDIA_MISMATCH, CALLERID_CHECK_MEDIA);
	set_sdp(s, SDP("01"));
	scene_expect_passed(s);
}

TEST(VS18_rsp_is_listed_and_proves_nothing)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	char text[256];

	add(s, "rsp", HEADER("\"ppt\":\"rsp\","), PAYLOAD(""));
	verdict = scene_verify(s);
	assert_int_equal(verdict->n_passports, 1);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	assert_int_equal(verdict->reason, CALLERID_REASON_UNSUPPORTED_PPT);
	assert_true(verdict->passport[0].has_claims);
	assert_string_equal(verdict->passport[0].claims.ppt, "rsp");
	assert_int_equal(callerid_verdict_reason_header(&verdict->passport[0], text, sizeof(text)),
			 0);
	assert_int_equal(s->asked, 0);
	scene_add_good(s);
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 2);
}

static const struct callerid_namespace ets = {"test-list", "ETS"};
static const struct callerid_namespace esnet = {"test-list", "esnet"};

static void ask(struct scene *s, const struct callerid_span *values, size_t n,
		const struct callerid_namespace *granted)
{
	s->call.resource_priority = values;
	s->call.n_resource_priority = n;
	s->policy.namespaces = granted;
	s->policy.n_namespaces = granted == NULL ? 0 : 1;
}

TEST(VS15_rph_authorises_what_is_asked_signed_and_granted)
{
	static const struct callerid_span asked[] = {{"WPS.0, ets.2", 12}, {"ets.0", 5}};
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	add_rph(s, RPH("\"ets.0\",\"wps.0\",\"ets.1\"", ""));
	ask(s, asked, 2, &ets);
	verdict = scene_verify(s);
	assert_int_equal(verdict->n_priority, 1);
	assert_string_equal(verdict->priority[0], "ets.0");
	assert_false(verdict->psap_callback);
	assert_int_equal(verdict->passport[0].reason, CALLERID_REASON_OK);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	assert_int_equal(verdict->reason, CALLERID_REASON_NO_PROOF);
	assert_int_equal(verdict->code, 428);
}

TEST(VS15_by_default_no_namespace_is_authorised)
{
	static const struct callerid_namespace elsewhere = {"other-list", "ets"};
	static const struct callerid_span asked[] = {{"ets.0", 5}};
	struct scene *s = *state;
	const struct callerid_namespace *const grants[] = {NULL, &elsewhere, &esnet};
	char *text;

	add_rph(s, RPH("\"ets.0\"", ""));
	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
		const struct callerid_verdict *verdict;

		ask(s, asked, 1, grants[i]);
		verdict = scene_verify(s);
		assert_int_equal(verdict->n_priority, 0);
		assert_int_equal(verdict->passport[0].reason, CALLERID_REASON_NOT_AUTHORIZED);
		assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	}
	text = callerid_verdict_explain(callerid_verification_verdict(s->v));
	assert_non_null(strstr(text, "priority   not authorized"));
	free(text);
	/* Nor when that check only warns: priority is taken from others. */
	s->policy.mode[CALLERID_CHECK_AUTHORITY] = CALLERID_MODE_WARN;
	assert_int_equal(scene_verify(s)->n_priority, 0);
	forget(s);
	s->policy.mode[CALLERID_CHECK_AUTHORITY] = CALLERID_MODE_OFF;
	assert_int_equal(scene_verify(s)->n_priority, 0);
}

TEST(VS15_rph_without_a_trusted_path_or_signature_authorises_nothing)
{
	static const struct callerid_span asked[] = {{"ets.0", 5}};
	struct scene *s = *state;
	struct kit_world stranger = kit_world();

	ask(s, asked, 1, &ets);
	add_rph(s, RPH("\"ets.0\"", ""));
	s->chain = stranger.chain;
	s->policy.mode[CALLERID_CHECK_CHAIN] = CALLERID_MODE_WARN;
	s->policy.mode[CALLERID_CHECK_SIGNATURE] = CALLERID_MODE_WARN;
	assert_int_equal(scene_verify(s)->n_priority, 0);
	s->chain = NULL;
	assert_int_equal(scene_verify(s)->n_priority, 0);
	kit_world_free(&stranger);
}

TEST(VS15_rph_never_says_who_calls)
{
	static const struct callerid_span asked[] = {{"ets.0", 5}};
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	ask(s, asked, 1, &ets);
	add_rph(s, RPH("\"ets.0\"", ""));
	scene_add_token(s, SCENE_HEADER, SCENE_CLAIMS("1800000000", KIT_FROM, "12155550000"));
	verdict = scene_verify(s);
	assert_int_equal(verdict->reason, CALLERID_REASON_DEST_MISMATCH);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	assert_int_equal(verdict->n_priority, 1);
}

TEST(VS15_a_failed_rph_leaves_the_caller_proven)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	scene_add_good(s);
	add_rph(s, RPH("\"ets.0\"", ""));
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_A);
	assert_int_equal(verdict->n_priority, 0);
	assert_int_equal(verdict->passport[1].reason, CALLERID_REASON_PRIORITY_MISMATCH);
}

static void expect_priority_mismatch(struct scene *s, const char *why)
{
	const struct callerid_verdict *verdict = scene_verify(s);
	const struct callerid_check_result *r =
		&verdict->passport[0].check[CALLERID_CHECK_PRIORITY];

	assert_int_equal(r->result, CALLERID_RESULT_FAILED);
	assert_int_equal(r->reason, CALLERID_REASON_PRIORITY_MISMATCH);
	assert_string_equal(r->why, why);
	assert_int_equal(verdict->n_priority, 0);
	assert_false(verdict->psap_callback);
	assert_int_equal(s->asked, 0);
}

TEST(AS16_rph_goes_only_with_a_resource_priority_that_it_lists)
{
	static const struct callerid_span asked[] = {{"ets.1", 5}};
	struct scene *s = *state;

	add_rph(s, RPH("\"ets.0\"", ""));
	ask(s, NULL, 0, &ets);
	expect_priority_mismatch(s, "the request has no Resource-Priority");
	ask(s, asked, 1, &ets);
	expect_priority_mismatch(s, "no value of Resource-Priority is one of rph");
}

TEST(AS17_sph_is_what_priority_says)
{
	static const struct callerid_span asked[] = {{"esnet.0", 7}};
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	add_rph(s, RPH("\"esnet.0\"", ",\"sph\":\"psap-callback\""));
	ask(s, asked, 1, &esnet);
	expect_priority_mismatch(s, "sph is psap-callback, and Priority is not");
	s->call.priority = (struct callerid_span){"emergency", 9};
	expect_priority_mismatch(s, "sph is psap-callback, and Priority is not");
	s->call.priority = (struct callerid_span){" PSAP-callback ", 15};
	verdict = scene_verify(s);
	assert_true(verdict->psap_callback);
	assert_int_equal(verdict->n_priority, 1);
}

TEST(AS17_a_callback_is_not_authorised_by_rph_alone)
{
	static const struct callerid_span asked[] = {{"esnet.0", 7}};
	struct scene *s = *state;

	add_rph(s, RPH("\"esnet.0\"", ""));
	ask(s, asked, 1, &esnet);
	s->call.priority = (struct callerid_span){"psap-callback", 13};
	assert_int_equal(scene_verify(s)->n_priority, 1);
	assert_false(callerid_verification_verdict(s->v)->psap_callback);
}

TEST(AS17_an_emergency_call_has_a_service_urn_or_911_as_dest)
{
	static const struct callerid_span asked[] = {{"esnet.1", 7}};
	static const struct {
		struct callerid_party dest;
		const char *claim;
	} rows[] = {
		{{CALLERID_PARTY_URI, "urn:service:sos"}, "{\"uri\":[\"urn:service:sos\"]}"},
		{{CALLERID_PARTY_TN, "911"}, "{\"tn\":[\"911\"]}"},
		{{CALLERID_PARTY_TN, "112"}, "{\"tn\":[\"112\"]}"},
	};
	struct scene *s = *state;

	ask(s, asked, 1, &esnet);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char payload[512];

		snprintf(payload, sizeof(payload),
			 "{\"dest\":%s,\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
			 "\"},\"rph\":{\"auth\":[\"esnet.1\"]}}",
			 rows[i].claim);
		s->call.n_identity = 0;
		s->call.dest = rows[i].dest;
		add_rph(s, payload);
		assert_int_equal(scene_verify(s)->n_priority, 1);
		assert_string_equal(callerid_verification_verdict(s->v)->priority[0], "esnet.1");
	}
}

TEST(VS15_json_tells_priority_apart)
{
	static const struct callerid_span asked[] = {{"ets.0", 5}};
	struct scene *s = *state;
	char *text;

	add_rph(s, RPH("\"ets.0\"", ""));
	ask(s, asked, 1, &ets);
	text = callerid_verdict_json(scene_verify(s));
	assert_non_null(strstr(text, "\"priority\":{\"authorized\":[\"ets.0\"],"
				     "\"psap_callback\":false}"));
	assert_non_null(strstr(text, "\"rph\":{\"auth\":[\"ets.0\"]}"));
	free(text);
	text = callerid_verdict_explain(callerid_verification_verdict(s->v));
	assert_non_null(strstr(text, "priority   ets.0, authorized"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(VS16_mky_that_is_the_sdps_passes),
		SCENE_TEST(VS16_mky_of_another_sdp_is_438_before_any_certificate),
		SCENE_TEST(VS16_mky_in_a_shaken_passport_counts_too),
		SCENE_TEST(VS16_without_an_sdp_mky_is_not_compared_and_says_so),
		SCENE_TEST(VS16_media_can_warn_or_be_turned_off),
		SCENE_TEST(VS16_an_sdp_with_keys_needs_no_mky),
		SCENE_TEST(PP13_a_malformed_mky_is_438),
		SCENE_TEST(VS18_msec_without_secured_media_is_refused_by_name),
		SCENE_TEST(VS18_msec_with_mky_is_held_against_it),
		SCENE_TEST(VS18_rsp_is_listed_and_proves_nothing),
		SCENE_TEST(VS15_rph_authorises_what_is_asked_signed_and_granted),
		SCENE_TEST(VS15_by_default_no_namespace_is_authorised),
		SCENE_TEST(VS15_rph_without_a_trusted_path_or_signature_authorises_nothing),
		SCENE_TEST(VS15_rph_never_says_who_calls),
		SCENE_TEST(VS15_a_failed_rph_leaves_the_caller_proven),
		SCENE_TEST(AS16_rph_goes_only_with_a_resource_priority_that_it_lists),
		SCENE_TEST(AS17_sph_is_what_priority_says),
		SCENE_TEST(AS17_a_callback_is_not_authorised_by_rph_alone),
		SCENE_TEST(AS17_an_emergency_call_has_a_service_urn_or_911_as_dest),
		SCENE_TEST(VS15_json_tells_priority_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
