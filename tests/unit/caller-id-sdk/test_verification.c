/* SPDX-License-Identifier: Apache-2.0 */
/* Whole verifications: several headers, replays, modes, certificates asked for and kept. */
#include "tests/kit/forward.h"
#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

TEST(vs1_a_signed_call_passes_every_check_with_its_attestation)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	scene_add_good(s);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_A);
	assert_int_equal(verdict->n_passports, 1);
	for (unsigned i = 0; i < CALLERID_CHECK_COUNT; i++)
		assert_int_equal(verdict->passport[0].check[i].result, CALLERID_RESULT_PASSED);
	assert_string_equal(verdict->passport[0].claims.origid,
			    "123e4567-e89b-42d3-a456-426614174000");
	assert_string_equal(verdict->passport[0].x5u, KIT_URL);
}

TEST(cn6_either_of_two_asserted_identities_may_match)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->call.orig[1] = s->call.orig[0];
	s->call.orig[0] = kit_party("sip:alice@example.com");
	s->call.n_orig = 2;
	scene_expect_passed(s);
}

TEST(vs5_the_same_passport_on_a_second_request_is_a_replay)
{
	struct scene *s = *state;

	scene_add_good(s);
	scene_expect_passed(s);
	/* Asking again for the verdict of the same request is not a second request. */
	assert_int_equal(callerid_verification_verdict(s->v)->reason, CALLERID_REASON_OK);
	scene_expect(s, CALLERID_REASON_REPLAYED, CALLERID_CHECK_REPLAY);
}

TEST(vs5_the_same_header_twice_in_one_request_is_no_replay)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	scene_add_good(s);
	scene_add(s, strdup(s->texts[0]));
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->n_passports, 1);
	assert_int_equal(verdict->passport[0].reason, CALLERID_REASON_OK);
}

TEST(vs5_an_invalid_passport_is_not_remembered)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->call.dest = kit_party("+12155550000");
	scene_expect(s, CALLERID_REASON_DEST_MISMATCH, CALLERID_CHECK_DEST);
	s->call.dest = kit_party("+" KIT_TO);
	scene_expect_passed(s);
}

TEST(vs7_values_joined_by_commas_and_folded_are_all_read)
{
	struct scene *s = *state;
	char *good = kit_identity(&s->world.leaf);
	char *text = NULL;

	assert_true(asprintf(&text, "a.b.c;info=<" KIT_URL ">;ppt=other,\r\n %s", good) > 0);
	free(good);
	scene_add(s, text);
	scene_expect_passed(s);
}

TEST(vs3_one_valid_header_among_invalid_ones_suffices)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	for (unsigned i = 0; i < 6; i++)
		scene_add(s, strdup("rubbish"));
	scene_add_good(s);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->n_passports, 2); /* the same rubbish is told once */
	assert_int_equal(verdict->passport[verdict->decided_by].reason, CALLERID_REASON_OK);
}

TEST(vs3_of_invalid_headers_the_one_that_got_furthest_is_told)
{
	struct scene *s = *state;

	scene_add(s, strdup("rubbish"));
	scene_add_token(s, SCENE_HEADER, SCENE_CLAIMS("1799990000", KIT_FROM, KIT_TO));
	scene_expect(s, CALLERID_REASON_IAT_STALE, CALLERID_CHECK_IAT);
	assert_true(callerid_verification_verdict(s->v)
			    ->passport[callerid_verification_verdict(s->v)->decided_by]
			    .has_claims);
}

TEST(vs7_more_headers_than_we_look_at_are_left_and_said)
{
	struct scene *s = *state;

	for (unsigned i = 0; i < CALLERID_IDENTITIES_MAX; i++)
		scene_add(s, strdup("a.b.c;info=<" KIT_URL ">;ppt=other"));
	scene_add_good(s);
	scene_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_PRESENT);
}

TEST(vs7_an_oversized_header_is_a_limit_not_a_crash)
{
	struct scene *s = *state;
	char *huge = malloc(65537);

	memset(huge, 'a', 65536);
	huge[65536] = '\0';
	scene_add(s, huge);
	scene_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_HEADER);
}

TEST(vs1_the_certificate_is_asked_for_once_and_kept)
{
	struct scene *s = *state;

	scene_add_good(s);
	scene_expect_passed(s);
	assert_int_equal(s->asked, 1);
	s->call.n_identity = 0;
	scene_add_token(s, SCENE_HEADER, SCENE_CLAIMS("1800000001", KIT_FROM, KIT_TO));
	scene_expect_passed(s);
	assert_int_equal(s->asked, 0);
}

TEST(vs14_new_anchors_take_effect_at_once)
{
	struct scene *s = *state;
	struct kit_world other = kit_world();

	scene_add(s, kit_identity(&other.leaf));
	s->chain = other.chain;
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	assert_int_equal(callerid_context_add_anchors(s->ctx, "other", other.anchors,
						      strlen(other.anchors), NULL),
			 CALLERID_OK);
	scene_expect_passed(s);
	assert_non_null(strstr(
		callerid_verification_verdict(s->v)->passport[0].check[CALLERID_CHECK_CHAIN].why,
		"(other)"));
	kit_world_free(&other);
}

TEST(a_warned_check_is_listed_and_decides_nothing)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	scene_add_good(s);
	s->policy.mode[CALLERID_CHECK_DEST] = CALLERID_MODE_WARN;
	s->call.dest = kit_party("+12155550000");
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->passport[0].check[CALLERID_CHECK_DEST].result,
			 CALLERID_RESULT_WARNED);
	assert_int_equal(verdict->passport[0].check[CALLERID_CHECK_DEST].reason,
			 CALLERID_REASON_DEST_MISMATCH);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_A);
}

TEST(a_check_that_is_off_is_skipped_and_says_so)
{
	struct scene *s = *state;
	const struct callerid_check_result *r;

	scene_add_good(s);
	s->policy.mode[CALLERID_CHECK_IAT] = CALLERID_MODE_OFF;
	s->policy.mode[CALLERID_CHECK_DATE] = CALLERID_MODE_OFF;
	s->call.now = KIT_NOW + KIT_DAY;
	scene_expect_passed(s);
	r = &callerid_verification_verdict(s->v)->passport[0].check[CALLERID_CHECK_IAT];
	assert_int_equal(r->result, CALLERID_RESULT_SKIPPED);
	assert_string_equal(r->why, "turned off");
}

TEST(no_mode_makes_a_forgery_look_proven)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	scene_add(s, scene_join(kit_token(s->world.inter.key, SCENE_HEADER, SCENE_PAYLOAD),
				SCENE_PARAMETERS));
	s->policy.mode[CALLERID_CHECK_SIGNATURE] = CALLERID_MODE_WARN;
	verdict = scene_verify(s);
	assert_int_equal(verdict->reason, CALLERID_REASON_OK);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_NONE);
	assert_int_equal(verdict->passport[0].check[CALLERID_CHECK_SIGNATURE].result,
			 CALLERID_RESULT_WARNED);
	for (unsigned i = 0; i < CALLERID_CHECK_COUNT; i++)
		s->policy.mode[i] = CALLERID_MODE_OFF;
	verdict = scene_verify(s);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	assert_int_equal(s->asked, 0);
}

TEST(a_failure_that_leaves_nothing_to_look_at_decides_in_every_mode)
{
	struct scene *s = *state;

	for (unsigned i = 0; i < CALLERID_CHECK_SIGNATURE; i++)
		s->policy.mode[i] = CALLERID_MODE_WARN;
	scene_add(s, strdup("rubbish"));
	scene_expect(s, CALLERID_REASON_BAD_HEADER, CALLERID_CHECK_HEADER);
	s->call.n_identity = 0;
	scene_add_good(s);
	s->chain = NULL;
	scene_expect(s, CALLERID_REASON_CERT_UNAVAILABLE, CALLERID_CHECK_CERT);
}

TEST(an_untrusted_chain_with_warn_still_has_its_signature_checked)
{
	struct scene *s = *state;
	struct kit_world other = kit_world();

	s->policy.mode[CALLERID_CHECK_CHAIN] = CALLERID_MODE_WARN;
	scene_add(s, scene_join(kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD),
				SCENE_PARAMETERS));
	s->chain = other.chain;
	(void)scene_verify(s);
	assert_int_equal(callerid_verification_verdict(s->v)->reason,
			 CALLERID_REASON_BAD_SIGNATURE);
	s->call.n_identity = 0;
	scene_add(s, kit_identity(&other.leaf));
	(void)scene_verify(s);
	assert_int_equal(callerid_verification_verdict(s->v)->reason, CALLERID_REASON_OK);
	kit_world_free(&other);
}

/* Whoever makes a key of his own makes good signatures: none of them is a label, nor shows a name,
 * nor hides a PASSporT that our anchors vouch for. */
TEST(rfc8224_6_2_step_3_no_mode_labels_what_no_anchor_vouches_for)
{
	static const enum callerid_mode modes[] = {CALLERID_MODE_WARN, CALLERID_MODE_OFF};
	struct scene *s = *state;
	struct kit_world other = kit_world();
	struct callerid_signer *signer = kit_signer(&other.leaf, false);
	struct callerid_claims claims = kit_claims();
	const struct callerid_verdict *verdict;
	char *identity = NULL;

	claims.rcd = "{\"nam\":\"Bank\"}";
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_OK);
	scene_add(s, identity);
	s->chain = other.chain;
	for (size_t i = 0; i < 2; i++) {
		s->policy.mode[CALLERID_CHECK_CHAIN] = modes[i];
		s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
		verdict = scene_verify(s);
		assert_int_equal(verdict->reason, CALLERID_REASON_OK);
		assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
		assert_int_equal(verdict->attest, CALLERID_ATTEST_NONE);
		assert_null(callerid_verdict_rcd(verdict));
	}
	callerid_signer_free(signer);
	kit_world_free(&other);
}

TEST(rfc8224_6_2_1_what_no_anchor_vouches_for_hides_no_good_passport)
{
	static const char payload[] =
		"{\"attest\":\"C\",\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,\"orig\":"
		"{\"tn\":\"" KIT_FROM "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}";
	static const char far[] = "https://far.example/x.pem";
	struct scene *s = *state;
	struct kit_world other = kit_world();
	struct callerid_signer *signer = kit_signer_at(&other.leaf, far);
	const struct callerid_verdict *verdict;
	const char *url;

	s->policy.mode[CALLERID_CHECK_CHAIN] = CALLERID_MODE_WARN;
	scene_add(s, kit_step(signer, &(struct kit_step){.dest = KIT_TO}));
	scene_add_token(s, SCENE_HEADER, payload);
	assert_int_equal(callerid_verification_new(s->ctx, &s->call, &s->v, NULL), CALLERID_OK);
	while ((url = callerid_verification_wants(s->v)) != NULL) {
		const char *chain = strcmp(url, far) == 0 ? other.chain : s->chain;

		callerid_verification_supply(s->v, url, chain, strlen(chain));
	}
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_C);
	callerid_signer_free(signer);
	kit_world_free(&other);
}

TEST(a_url_that_is_not_wanted_changes_nothing)
{
	struct scene *s = *state;

	scene_add_good(s);
	assert_int_equal(callerid_verification_new(s->ctx, &s->call, &s->v, NULL), CALLERID_OK);
	callerid_verification_supply(s->v, "https://else.example/", "x", 1);
	callerid_verification_unavailable(s->v, "https://else.example/", "no");
	assert_string_equal(callerid_verification_wants(s->v), KIT_URL);
	callerid_verification_supply(s->v, KIT_URL, s->chain, strlen(s->chain));
	assert_null(callerid_verification_wants(s->v));
	callerid_verification_supply(s->v, KIT_URL, "rubbish", 7);
	assert_int_equal(callerid_verification_verdict(s->v)->reason, CALLERID_REASON_OK);
}

TEST(vs7_four_are_verified_and_a_fifth_is_left)
{
	static const char *const iats[] = {
		SCENE_CLAIMS("1800000000", KIT_FROM, KIT_TO),
		SCENE_CLAIMS("1800000001", KIT_FROM, KIT_TO),
		SCENE_CLAIMS("1800000002", KIT_FROM, KIT_TO),
		SCENE_CLAIMS("1800000003", KIT_FROM, KIT_TO),
		SCENE_CLAIMS("1800000004", KIT_FROM, KIT_TO),
	};
	struct scene *s = *state;
	unsigned good = 0, left = 0;
	const struct callerid_verdict *verdict;

	for (size_t i = 0; i < sizeof(iats) / sizeof(iats[0]); i++)
		scene_add_token(s, SCENE_HEADER, iats[i]);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->n_passports, 5);
	for (size_t i = 0; i < 5; i++) {
		good += verdict->passport[i].reason == CALLERID_REASON_OK;
		left += verdict->passport[i].reason == CALLERID_REASON_LIMIT;
	}
	assert_int_equal(good, CALLERID_SIGNATURES_MAX);
	assert_int_equal(left, 1);
	assert_int_equal(s->asked, 1); /* one URL, however many tokens name it */
}

TEST(vs8_436_is_the_answer_only_when_no_certificate_could_be_had)
{
	static const char other[] = "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\","
				    "\"x5u\":\"https://a.example/b\"}";
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	/* The first cannot be had; the second is there and is a forgery. */
	scene_add(s, scene_join(kit_token(s->world.leaf.key, other, SCENE_PAYLOAD),
				";info=<https://a.example/b>;ppt=shaken"));
	scene_add(s, scene_join(kit_token(s->world.inter.key, SCENE_HEADER, SCENE_PAYLOAD),
				SCENE_PARAMETERS));
	assert_int_equal(callerid_verification_new(s->ctx, &s->call, &s->v, NULL), CALLERID_OK);
	callerid_verification_unavailable(s->v, "https://a.example/b", "no answer");
	callerid_verification_supply(s->v, KIT_URL, s->chain, strlen(s->chain));
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->passport[0].reason, CALLERID_REASON_CERT_UNAVAILABLE);
	assert_int_equal(verdict->reason, CALLERID_REASON_BAD_SIGNATURE);
	assert_int_equal(verdict->code, 438);
}

TEST(vs3_among_valid_ones_the_highest_attestation_is_told)
{
	struct scene *s = *state;
	const char *gateway = "{\"attest\":\"C\",\"dest\":{\"tn\":[\"" KIT_TO
			      "\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
			      "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}";

	scene_add_token(s, SCENE_HEADER, gateway);
	scene_add_good(s);
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->attest, CALLERID_ATTEST_A);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(vs1_a_signed_call_passes_every_check_with_its_attestation),
		SCENE_TEST(cn6_either_of_two_asserted_identities_may_match),
		SCENE_TEST(vs5_the_same_passport_on_a_second_request_is_a_replay),
		SCENE_TEST(vs5_the_same_header_twice_in_one_request_is_no_replay),
		SCENE_TEST(vs5_an_invalid_passport_is_not_remembered),
		SCENE_TEST(vs7_values_joined_by_commas_and_folded_are_all_read),
		SCENE_TEST(vs3_one_valid_header_among_invalid_ones_suffices),
		SCENE_TEST(vs3_of_invalid_headers_the_one_that_got_furthest_is_told),
		SCENE_TEST(vs7_more_headers_than_we_look_at_are_left_and_said),
		SCENE_TEST(vs7_an_oversized_header_is_a_limit_not_a_crash),
		SCENE_TEST(vs1_the_certificate_is_asked_for_once_and_kept),
		SCENE_TEST(vs14_new_anchors_take_effect_at_once),
		SCENE_TEST(a_warned_check_is_listed_and_decides_nothing),
		SCENE_TEST(a_check_that_is_off_is_skipped_and_says_so),
		SCENE_TEST(no_mode_makes_a_forgery_look_proven),
		SCENE_TEST(a_failure_that_leaves_nothing_to_look_at_decides_in_every_mode),
		SCENE_TEST(an_untrusted_chain_with_warn_still_has_its_signature_checked),
		SCENE_TEST(rfc8224_6_2_step_3_no_mode_labels_what_no_anchor_vouches_for),
		SCENE_TEST(rfc8224_6_2_1_what_no_anchor_vouches_for_hides_no_good_passport),
		SCENE_TEST(a_url_that_is_not_wanted_changes_nothing),
		SCENE_TEST(vs7_four_are_verified_and_a_fifth_is_left),
		SCENE_TEST(vs8_436_is_the_answer_only_when_no_certificate_could_be_had),
		SCENE_TEST(vs3_among_valid_ones_the_highest_attestation_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
