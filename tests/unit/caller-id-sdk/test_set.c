/* SPDX-License-Identifier: Apache-2.0 */
/* Several PASSporTs of one request: forwarded calls (RFC 8946). */
#include "tests/kit/forwarded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define OTHER_URL "https://other.example.org/signer.pem"

TEST(dv3_dv4_a_forwarded_call_is_the_callers_to_the_end)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	forwarded(s, 1);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_A);
	assert_int_equal(verdict->n_passports, 2);
	assert_int_equal(verdict->passport[0].follows, 0);
	assert_int_equal(verdict->passport[1].follows, 1);
	assert_string_equal(verdict->passport[1].check[CALLERID_CHECK_DIVERSION].why,
			    "forward 1 of 1");
	for (size_t i = 0; i < 2; i++) {
		for (unsigned k = 0; k < CALLERID_CHECK_COUNT; k++)
			assert_int_equal(verdict->passport[i].check[k].result,
					 CALLERID_RESULT_PASSED);
	}
}

TEST(dv3_a_whole_chain_proves_a_call_whose_to_was_rewritten)
{
	struct scene *s = *state;

	forwarded(s, 3);
	retarget(s);
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->attest, CALLERID_ATTEST_A);
}

TEST(dv8_five_forwards_pass_when_six_signatures_may_be_spent)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	forwarded(s, 5);
	retarget(s);
	s->policy.max_signatures = 6;
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->n_passports, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(reason_of(&verdict->passport[i]), "ok");
	assert_string_equal(to(verdict, kit_hop[5])->check[CALLERID_CHECK_DIVERSION].why,
			    "forward 5 of 5");
	assert_int_equal(s->asked, 1);
}

TEST(dv8_five_forwards_are_cut_by_the_default_of_four_signatures_and_said)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	forwarded(s, 5);
	retarget(s);
	expect_reason(s, CALLERID_REASON_LIMIT);
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(reason_of(to(verdict, kit_hop[0])), "limit");
	for (size_t i = 1; i <= 5; i++)
		assert_string_equal(reason_of(to(verdict, kit_hop[i])), "limit");
	assert_non_null(strstr(to(verdict, kit_hop[1])->check[CALLERID_CHECK_SIGNATURE].why,
			       "4 signatures"));
	/* RFC 8946 §4.2: against To the first PASSporT may still be used. */
	s->call.dest = tn(kit_hop[0]);
	scene_expect_passed(s);
	assert_string_equal(reason_of(to(callerid_verification_verdict(s->v), kit_hop[1])),
			    "limit");
}

TEST(dv3_an_incomplete_chain_fails_and_the_first_passport_counts_against_to)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	shaken(s, kit_hop[0]);
	divert(s, kit_hop[1], kit_hop[2]);
	s->call.dest = tn(kit_hop[0]);
	s->call.request_uri = tn(kit_hop[2]);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(reason_of(to(verdict, kit_hop[2])), "diversion_broken");
	retarget(s);
	expect_reason(s, CALLERID_REASON_DEST_MISMATCH);
}

TEST(dv3_a_diversion_alone_proves_nobody)
{
	struct scene *s = *state;

	divert(s, kit_hop[0], kit_hop[1]);
	s->call.dest = tn(kit_hop[1]);
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
	assert_int_equal(callerid_verification_verdict(s->v)->verstat, CALLERID_VERSTAT_NONE);
	assert_int_equal(callerid_verification_verdict(s->v)->code, 438);
	assert_int_equal(s->asked, 0); /* nothing is fetched for a chain that cannot hold */
}

TEST(dv4_the_outermost_dest_is_the_request_uri_not_to)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	forwarded(s, 2);
	s->call.request_uri = tn(kit_hop[5]);
	scene_expect_passed(s); /* against To */
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(reason_of(to(verdict, kit_hop[2])), "dest_mismatch");
	assert_string_equal(reason_of(to(verdict, kit_hop[1])), "diversion_broken");
	retarget(s);
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(dv4_without_a_request_uri_to_stands_for_it)
{
	struct scene *s = *state;

	forwarded(s, 2);
	s->call.request_uri = (struct callerid_party){.kind = CALLERID_PARTY_NONE};
	s->call.dest = tn(kit_hop[2]);
	scene_expect_passed(s);
	assert_string_equal(reason_of(to(callerid_verification_verdict(s->v), kit_hop[2])), "ok");
}

/* Verifies with two signers, each at its own URL. */
static const struct callerid_verdict *verify_two(struct scene *s, const char *other_chain)
{
	const char *url;

	callerid_verification_free(s->v);
	s->v = NULL;
	assert_int_equal(callerid_verification_new(s->ctx, &s->call, &s->v, NULL), CALLERID_OK);
	while ((url = callerid_verification_wants(s->v)) != NULL) {
		const char *pem = strcmp(url, OTHER_URL) == 0 ? other_chain : s->chain;

		callerid_verification_supply(s->v, url, pem, strlen(pem));
	}
	return callerid_verification_verdict(s->v);
}

/* A certificate for one number below the world's CA; its chain in *pem_out. */
static struct kit_cert cert_for(struct scene *s, const char *digits, char **pem_out)
{
	struct callerid_tnauth_entry one = {.kind = CALLERID_TNAUTH_ONE};
	struct kit_cert cert;

	memcpy(one.text, digits, strlen(digits) + 1);
	cert = kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 1", .issuer = &s->world.inter, .tnauth = &one, .n_tnauth = 1});
	*pem_out = kit_pem(&cert, &s->world.inter, NULL);
	return cert;
}

/* hop 0 -> hop 1 by the owner of digits, whatever that owner may do. */
static void divert_by(struct scene *s, struct kit_cert *cert)
{
	char *header = strdup("{\"alg\":\"ES256\",\"ppt\":\"div\",\"typ\":\"passport\","
			      "\"x5u\":\"" OTHER_URL "\"}");
	char *payload = NULL;

	assert_true(asprintf(&payload,
			     "{\"dest\":{\"tn\":[\"%s\"]},\"div\":{\"tn\":\"%s\"},"
			     "\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM "\"}}",
			     kit_hop[1], kit_hop[0]) > 0);
	scene_add(s, scene_join(kit_token(cert->key, header, payload),
				";info=<" OTHER_URL ">;alg=ES256;ppt=div"));
	free(header);
	free(payload);
}

static void try_owner(struct scene *s, const char *owner, enum callerid_reason of_div)
{
	const struct callerid_verdict *verdict;
	char *pem;
	struct kit_cert cert = cert_for(s, owner, &pem);

	shaken(s, kit_hop[0]);
	divert_by(s, &cert);
	s->call.dest = s->call.request_uri = tn(kit_hop[1]);
	verdict = verify_two(s, pem);
	assert_string_equal(reason_of(to(verdict, kit_hop[1])), callerid_reason_info(of_div)->name);
	assert_string_equal(callerid_reason_info(verdict->reason)->name,
			    of_div == CALLERID_REASON_OK ? "ok" : "diversion_broken");
	kit_cert_free(&cert);
	free(pem);
}

TEST(dv5_the_signer_of_a_diversion_answers_for_the_number_called_before)
{
	try_owner(*state, kit_hop[0], CALLERID_REASON_OK);
}

TEST(dv5_authority_over_the_caller_is_none_over_the_diversion)
{
	try_owner(*state, KIT_FROM, CALLERID_REASON_NOT_AUTHORIZED);
}

TEST(dv5_another_orig_in_one_link_makes_the_whole_chain_invalid)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	shaken(s, kit_hop[0]);
	divert(s, kit_hop[0], kit_hop[1]);
	step(s, (struct kit_step){.orig = kit_hop[9], .div = kit_hop[1], .dest = kit_hop[2]});
	s->call.dest = s->call.request_uri = tn(kit_hop[2]);
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(reason_of(to(verdict, kit_hop[2])), "orig_mismatch");
	assert_int_equal(s->asked, 0);
}

TEST(dv5_one_orig_through_the_chain_still_has_to_be_the_caller)
{
	struct scene *s = *state;

	forwarded(s, 2);
	s->call.orig[0] = tn(kit_hop[9]);
	expect_reason(s, CALLERID_REASON_ORIG_MISMATCH);
}

/* An original and one forward, made at these times. */
static void aged(struct scene *s, int64_t first, int64_t last)
{
	s->call.n_identity = 0;
	step(s, (struct kit_step){.dest = kit_hop[0], .iat = KIT_NOW - first});
	step(s, (struct kit_step){.div = kit_hop[0], .dest = kit_hop[1], .iat = KIT_NOW - last});
	s->call.dest = tn(kit_hop[0]);
	s->call.request_uri = tn(kit_hop[1]);
}

TEST(dv6_the_innermost_may_be_three_hours_old_the_outermost_60_seconds)
{
	struct scene *s = *state;

	aged(s, 10800, 60);
	scene_expect_passed(s);
	aged(s, 10801, 0);
	expect_reason(s, CALLERID_REASON_IAT_STALE);
	aged(s, 10, 61);
	scene_expect_passed(s); /* the first PASSporT is fresh and names To */
	assert_string_equal(reason_of(to(callerid_verification_verdict(s->v), kit_hop[1])),
			    "iat_stale");
	aged(s, 11, 61);
	retarget(s);
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
	aged(s, 100, 61);
	expect_reason(s, CALLERID_REASON_IAT_STALE);
}

TEST(dv6_the_age_of_what_was_forwarded_is_policy)
{
	struct scene *s = *state;

	s->policy.max_diverted_age_s = 300;
	aged(s, 301, 0);
	expect_reason(s, CALLERID_REASON_IAT_STALE);
	aged(s, 300, 0);
	scene_expect_passed(s);
}

TEST(dv6_an_old_passport_without_its_forward_is_old)
{
	struct scene *s = *state;

	step(s, (struct kit_step){.dest = kit_hop[0], .iat = KIT_NOW - 61});
	s->call.dest = tn(kit_hop[0]);
	expect_reason(s, CALLERID_REASON_IAT_STALE);
}

TEST(dv6_an_old_passport_with_a_forged_forward_is_old)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	aged(s, 7200, 0);
	spoil(s, 1, true);
	expect_reason(s, CALLERID_REASON_IAT_STALE);
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(reason_of(to(verdict, kit_hop[1])), "bad_signature");
}

TEST(dv6_every_signature_of_the_chain_has_to_pass)
{
	for (size_t i = 0; i < 4; i++) {
		struct scene *s;

		scene_teardown(state);
		scene_setup(state);
		s = *state;
		forwarded(s, 3);
		retarget(s);
		spoil(s, i, true);
		expect_reason(s, i == 0 ? CALLERID_REASON_BAD_SIGNATURE
					: CALLERID_REASON_DIVERSION_BROKEN);
		for (size_t k = 1; k < 4; k++)
			assert_string_equal(
				reason_of(to(callerid_verification_verdict(s->v), kit_hop[k])),
				k == i ? "bad_signature" : "diversion_broken");
	}
}

TEST(dv6_no_mode_makes_a_forged_forward_carry_a_call)
{
	struct scene *s = *state;

	forwarded(s, 1);
	retarget(s);
	spoil(s, 1, true);
	s->policy.mode[CALLERID_CHECK_DIVERSION] = CALLERID_MODE_OFF;
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
	s->policy.mode[CALLERID_CHECK_DIVERSION] = CALLERID_MODE_WARN;
	s->policy.mode[CALLERID_CHECK_SIGNATURE] = CALLERID_MODE_WARN;
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
	for (unsigned i = 0; i < CALLERID_CHECK_COUNT; i++)
		s->policy.mode[i] = CALLERID_MODE_OFF;
	assert_int_not_equal(scene_verify(s)->verstat, CALLERID_VERSTAT_PASSED);
}

/* Nor one that is signed well, by a certificate that no anchor vouches for. */
TEST(dv6_no_mode_makes_a_strangers_forward_carry_a_call)
{
	static const char far[] = "https://far.example/x.pem";
	struct scene *s = *state;
	struct kit_world other = kit_world();
	struct callerid_signer *signer = kit_signer_at(&other.leaf, far);
	const struct callerid_verdict *verdict;
	const char *url;

	shaken(s, kit_hop[0]);
	scene_add(s, kit_step(signer, &(struct kit_step){.div = kit_hop[0], .dest = kit_hop[1]}));
	s->call.dest = s->call.request_uri = tn(kit_hop[1]);
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	for (unsigned mode = CALLERID_MODE_WARN; mode <= CALLERID_MODE_OFF; mode++) {
		s->policy.mode[CALLERID_CHECK_CHAIN] = mode;
		assert_int_equal(callerid_verification_new(s->ctx, &s->call, &s->v, NULL),
				 CALLERID_OK);
		while ((url = callerid_verification_wants(s->v)) != NULL) {
			const char *chain = strcmp(url, far) == 0 ? other.chain : s->chain;

			callerid_verification_supply(s->v, url, chain, strlen(chain));
		}
		verdict = callerid_verification_verdict(s->v);
		assert_string_equal(callerid_reason_info(verdict->reason)->name,
				    "diversion_broken");
		assert_int_not_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
		callerid_verification_free(s->v);
		s->v = NULL;
	}
	callerid_signer_free(signer);
	kit_world_free(&other);
}

TEST(dv6_a_forward_of_a_type_that_is_not_known_is_ignored)
{
	static const char header[] = "{\"alg\":\"ES256\",\"ppt\":\"other\",\"typ\":\"passport\","
				     "\"x5u\":\"" KIT_URL "\"}";
	struct scene *s = *state;
	char *payload = NULL;

	assert_true(asprintf(&payload,
			     "{\"dest\":{\"tn\":[\"%s\"]},\"iat\":1800000000,\"orig\":{\"tn\":"
			     "\"" KIT_FROM "\"}}",
			     kit_hop[0]) > 0);
	scene_add(s, scene_join(kit_token(s->world.leaf.key, header, payload),
				";info=<" KIT_URL ">;ppt=other"));
	free(payload);
	divert(s, kit_hop[0], kit_hop[1]);
	s->call.dest = s->call.request_uri = tn(kit_hop[1]);
	expect_reason(s, CALLERID_REASON_UNSUPPORTED_PPT);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 0);
	assert_int_equal(callerid_verification_verdict(s->v)->code, 428);
	assert_int_equal(s->asked, 0);
}

TEST(dv7_what_a_div_o_carries_is_verified_and_proves_the_call)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	nested(s, 3);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->n_passports, 4);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_A);
	assert_false(to(verdict, kit_hop[3])->inner);
	for (size_t i = 0; i < 3; i++) {
		assert_true(to(verdict, kit_hop[i])->inner);
		assert_string_equal(reason_of(to(verdict, kit_hop[i])), "ok");
	}
}

TEST(dv7_what_a_div_o_carries_is_nothing_without_its_chain)
{
	struct scene *s = *state;

	nested(s, 1);
	/* It names To, but was never sent as a header of this call. */
	s->call.dest = tn(kit_hop[0]);
	s->call.request_uri = tn(kit_hop[5]);
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
	assert_int_equal(s->asked, 0);
}

TEST(dv7_a_forged_passport_inside_fails_the_call)
{
	struct scene *s = *state;
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	struct kit_step outer = {.div = kit_hop[0], .dest = kit_hop[1]};
	char *inner = kit_step(signer, &(struct kit_step){.dest = kit_hop[0]});
	char *end = strchr(inner, ';') - 20;

	*end = *end == 'A' ? 'B' : 'A';
	outer.inner = inner;
	scene_add(s, kit_step(signer, &outer));
	free(inner);
	callerid_signer_free(signer);
	s->call.dest = s->call.request_uri = tn(kit_hop[1]);
	expect_reason(s, CALLERID_REASON_BAD_SIGNATURE);
	assert_string_equal(reason_of(to(callerid_verification_verdict(s->v), kit_hop[1])),
			    "diversion_broken");
}

TEST(dv7_as_many_div_o_as_a_token_can_hold_are_looked_into)
{
	struct scene *s = *state;

	nested(s, 7);
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 8);
}

TEST(dv7_what_stands_inside_and_in_a_header_is_one_passport)
{
	struct scene *s = *state;
	struct kit_step outer = {.div = kit_hop[0], .dest = kit_hop[1]};

	shaken(s, kit_hop[0]);
	outer.inner = s->texts[0];
	step(s, outer);
	s->call.dest = s->call.request_uri = tn(kit_hop[1]);
	s->policy.max_signatures = 2;
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 2);
}

TEST(dv8_a_loop_is_a_reason_of_its_own)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	shaken(s, kit_hop[0]);
	divert(s, kit_hop[0], kit_hop[1]);
	divert(s, kit_hop[1], kit_hop[0]);
	s->call.dest = tn(kit_hop[5]);
	s->call.request_uri = tn(kit_hop[0]);
	expect_reason(s, CALLERID_REASON_DIVERSION_LOOP);
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(reason_of(to(verdict, kit_hop[1])), "diversion_loop");
	assert_int_equal(s->asked, 0);
}

TEST(dv8_of_a_fork_the_branch_to_the_called_party_carries_the_call)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	shaken(s, kit_hop[0]);
	divert(s, kit_hop[0], kit_hop[1]);
	divert(s, kit_hop[0], kit_hop[2]);
	s->call.dest = s->call.request_uri = tn(kit_hop[1]);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(reason_of(to(verdict, kit_hop[1])), "ok");
	assert_string_equal(reason_of(to(verdict, kit_hop[2])), "dest_mismatch");
	/* To neither: the reason is what is missing. */
	s->call.dest = s->call.request_uri = tn(kit_hop[5]);
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(vs5_a_call_forwarded_through_us_again_brings_its_first_passport_again)
{
	struct scene *s = *state;

	shaken(s, kit_hop[0]);
	s->call.dest = s->call.request_uri = tn(kit_hop[0]);
	scene_expect_passed(s);
	divert(s, kit_hop[0], kit_hop[1]);
	s->call.request_uri = tn(kit_hop[1]);
	scene_expect_passed(s);
	divert(s, kit_hop[1], kit_hop[2]);
	s->call.request_uri = tn(kit_hop[2]);
	scene_expect_passed(s);
	/* The same last forward on another request is a replay, and carries nothing. */
	(void)scene_verify(s);
	assert_string_equal(reason_of(to(callerid_verification_verdict(s->v), kit_hop[2])),
			    "replayed");
	assert_int_equal(callerid_verification_verdict(s->v)->reason, CALLERID_REASON_REPLAYED);
	retarget(s);
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(vs9_every_failed_passport_has_its_own_reason_header)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	char text[512];
	size_t told = 0;

	forwarded(s, 2);
	spoil(s, 2, true);
	(void)scene_verify(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->reason, CALLERID_REASON_OK); /* against To */
	for (size_t i = 0; i < verdict->n_passports; i++) {
		const struct callerid_passport_verdict *passport = &verdict->passport[i];

		if (callerid_verdict_reason_header(passport, text, sizeof(text)) == 0)
			continue;
		told++;
		assert_non_null(strstr(text, "STIR ;cause=438"));
		assert_non_null(strstr(text, passport->signature));
	}
	assert_int_equal(told, 2);
}

TEST(vs3_a_valid_diversion_is_no_answer_to_a_forged_shaken)
{
	struct scene *s = *state;

	forwarded(s, 1);
	spoil(s, 0, true);
	expect_reason(s, CALLERID_REASON_BAD_SIGNATURE);
	assert_int_equal(callerid_verification_verdict(s->v)->verstat, CALLERID_VERSTAT_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(dv3_dv4_a_forwarded_call_is_the_callers_to_the_end),
		SCENE_TEST(dv3_a_whole_chain_proves_a_call_whose_to_was_rewritten),
		SCENE_TEST(dv8_five_forwards_pass_when_six_signatures_may_be_spent),
		SCENE_TEST(dv8_five_forwards_are_cut_by_the_default_of_four_signatures_and_said),
		SCENE_TEST(dv3_an_incomplete_chain_fails_and_the_first_passport_counts_against_to),
		SCENE_TEST(dv3_a_diversion_alone_proves_nobody),
		SCENE_TEST(dv4_the_outermost_dest_is_the_request_uri_not_to),
		SCENE_TEST(dv4_without_a_request_uri_to_stands_for_it),
		SCENE_TEST(dv5_the_signer_of_a_diversion_answers_for_the_number_called_before),
		SCENE_TEST(dv5_authority_over_the_caller_is_none_over_the_diversion),
		SCENE_TEST(dv5_another_orig_in_one_link_makes_the_whole_chain_invalid),
		SCENE_TEST(dv5_one_orig_through_the_chain_still_has_to_be_the_caller),
		SCENE_TEST(dv6_the_innermost_may_be_three_hours_old_the_outermost_60_seconds),
		SCENE_TEST(dv6_the_age_of_what_was_forwarded_is_policy),
		SCENE_TEST(dv6_an_old_passport_without_its_forward_is_old),
		SCENE_TEST(dv6_an_old_passport_with_a_forged_forward_is_old),
		SCENE_TEST(dv6_every_signature_of_the_chain_has_to_pass),
		SCENE_TEST(dv6_no_mode_makes_a_forged_forward_carry_a_call),
		SCENE_TEST(dv6_no_mode_makes_a_strangers_forward_carry_a_call),
		SCENE_TEST(dv6_a_forward_of_a_type_that_is_not_known_is_ignored),
		SCENE_TEST(dv7_what_a_div_o_carries_is_verified_and_proves_the_call),
		SCENE_TEST(dv7_what_a_div_o_carries_is_nothing_without_its_chain),
		SCENE_TEST(dv7_a_forged_passport_inside_fails_the_call),
		SCENE_TEST(dv7_as_many_div_o_as_a_token_can_hold_are_looked_into),
		SCENE_TEST(dv7_what_stands_inside_and_in_a_header_is_one_passport),
		SCENE_TEST(dv8_a_loop_is_a_reason_of_its_own),
		SCENE_TEST(dv8_of_a_fork_the_branch_to_the_called_party_carries_the_call),
		SCENE_TEST(vs5_a_call_forwarded_through_us_again_brings_its_first_passport_again),
		SCENE_TEST(vs9_every_failed_passport_has_its_own_reason_header),
		SCENE_TEST(vs3_a_valid_diversion_is_no_answer_to_a_forged_shaken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
