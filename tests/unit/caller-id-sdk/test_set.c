/* SPDX-License-Identifier: Apache-2.0 */
/* Several PASSporTs of one request: forwarded calls, budgets, and that their order is nothing. */
#include "tests/kit/forward.h"
#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define OTHER_URL "https://other.example.org/signer.pem"

/* One more Identity field, signed by the world's leaf. */
static void step(struct scene *s, struct kit_step what)
{
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);

	scene_add(s, kit_step(signer, &what));
	callerid_signer_free(signer);
}

static void shaken(struct scene *s, const char *dest)
{
	step(s, (struct kit_step){.dest = dest});
}

static void divert(struct scene *s, const char *from, const char *to)
{
	step(s, (struct kit_step){.div = from, .dest = to});
}

static struct callerid_party tn(const char *digits)
{
	struct callerid_party party = {.kind = CALLERID_PARTY_TN};

	memcpy(party.text, digits, strlen(digits) + 1);
	return party;
}

/* A call from KIT_FROM to hop 0 that was forwarded n times. To is what it was. */
static void forwarded(struct scene *s, size_t n)
{
	shaken(s, kit_hop[0]);
	for (size_t i = 0; i < n; i++)
		divert(s, kit_hop[i], kit_hop[i + 1]);
	s->call.dest = tn(kit_hop[0]);
	s->call.request_uri = tn(kit_hop[n]);
}

/* To was rewritten: only the chain proves that the call is the caller's. */
static void retarget(struct scene *s)
{
	s->call.dest = s->call.request_uri;
}

static const char *reason_of(const struct callerid_passport_verdict *passport)
{
	return callerid_reason_info(passport->reason)->name;
}

/* The PASSporT whose first dest is this; div or not. */
static const struct callerid_passport_verdict *to(const struct callerid_verdict *verdict,
						  const char *dest)
{
	for (size_t i = 0; i < verdict->n_passports; i++) {
		if (strcmp(verdict->passport[i].claims.dest[0].text, dest) == 0)
			return &verdict->passport[i];
	}
	fail_msg("no PASSporT to %s", dest);
	return NULL;
}

static void expect_reason(struct scene *s, enum callerid_reason reason)
{
	const struct callerid_verdict *verdict = scene_verify(s);

	assert_string_equal(callerid_reason_info(verdict->reason)->name,
			    callerid_reason_info(reason)->name);
	assert_int_not_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_NONE);
}

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

/* The last character of the signature before the parameters, or one in the payload, is changed. */
static void spoil(struct scene *s, size_t i, bool signature)
{
	char *end = strchr(s->texts[i], ';');

	if (!signature) {
		end = strchr(s->texts[i], '.') + 40;
		*end = *end == 'A' ? 'B' : 'A';
		return;
	}
	end -= 20;
	*end = *end == 'A' ? 'B' : 'A';
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

/* A chain of n div-o, each around the one before; only the last is sent. */
static void nested(struct scene *s, size_t n)
{
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	char *inner = kit_step(signer, &(struct kit_step){.dest = kit_hop[0]});

	for (size_t i = 0; i < n; i++) {
		struct kit_step next = {.div = kit_hop[i], .dest = kit_hop[i + 1], .inner = inner};
		char *outer = kit_step(signer, &next);

		free(inner);
		inner = outer;
	}
	scene_add(s, inner);
	callerid_signer_free(signer);
	s->call.dest = s->call.request_uri = tn(kit_hop[n]);
	s->policy.max_signatures = CALLERID_PASSPORTS_MAX;
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

TEST(dv8_a_fork_to_two_targets_carries_neither)
{
	struct scene *s = *state;

	shaken(s, kit_hop[0]);
	divert(s, kit_hop[0], kit_hop[1]);
	divert(s, kit_hop[0], kit_hop[2]);
	s->call.dest = s->call.request_uri = tn(kit_hop[1]);
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

TEST(vs1_the_same_token_in_two_headers_is_verified_once)
{
	struct scene *s = *state;
	char *again = NULL;

	scene_add_good(s);
	assert_true(asprintf(&again, "%s;x=y", s->texts[0]) > 0);
	scene_add(s, again);
	s->policy.max_signatures = 1;
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(reason_of(&callerid_verification_verdict(s->v)->passport[i]),
				    "ok");
}

/* A shaken PASSporT of the world's signer that names another URL. */
static void at_url(struct scene *s, const char *url)
{
	struct callerid_signer *signer = kit_signer_at(&s->world.leaf, url);

	scene_add(s, kit_step(signer, &(struct kit_step){.dest = KIT_TO}));
	callerid_signer_free(signer);
}

TEST(vs1_all_missing_certificates_are_told_at_once_each_url_once)
{
	struct scene *s = *state;
	const char *urls[4] = {NULL};

	at_url(s, "https://a.example/1");
	at_url(s, "https://b.example/2");
	at_url(s, "https://a.example/1");
	assert_int_equal(callerid_verification_new(s->ctx, &s->call, &s->v, NULL), CALLERID_OK);
	assert_int_equal(callerid_verification_wants_all(s->v, urls, 4), 2);
	assert_string_not_equal(urls[0], urls[1]);
	assert_null(urls[2]);
	assert_string_equal(urls[0], callerid_verification_wants(s->v));
	assert_int_equal(callerid_verification_wants_all(s->v, NULL, 0), 2);
	for (size_t i = 0; i < 2; i++) {
		char *url = strdup(urls[i]);

		callerid_verification_supply(s->v, url, s->chain, strlen(s->chain));
		free(url);
	}
	assert_int_equal(callerid_verification_wants_all(s->v, urls, 4), 0);
	assert_int_equal(callerid_verification_verdict(s->v)->verstat, CALLERID_VERSTAT_PASSED);
}

TEST(vs3_the_cost_of_certificates_is_bounded_too)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	unsigned good = 0, left = 0;

	at_url(s, "https://a.example/1");
	at_url(s, "https://b.example/2");
	at_url(s, "https://c.example/3");
	s->policy.max_cost = 2 * (1 + CALLERID_COST_CERT) + 1;
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	for (size_t i = 0; i < 3; i++) {
		good += verdict->passport[i].reason == CALLERID_REASON_OK;
		left += verdict->passport[i].reason == CALLERID_REASON_LIMIT;
	}
	assert_int_equal(good, 2);
	assert_int_equal(left, 1);
	assert_int_equal(s->asked, 2);
}

TEST(vs3_no_money_at_all_is_a_limit_not_a_pass)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->policy.max_cost = 1;
	expect_reason(s, CALLERID_REASON_LIMIT);
	assert_int_equal(s->asked, 0);
}

TEST(a_policy_over_the_maximum_is_the_maximum)
{
	struct scene *s = *state;

	forwarded(s, 9);
	retarget(s);
	s->policy.max_signatures = 4000000000u;
	scene_expect_passed(s);
}

/* The verdict in a context of its own: nothing is remembered from another order. */
static char *json_alone(struct scene *s, const struct callerid_span *identity, size_t n)
{
	struct callerid_context *ctx = NULL;
	struct callerid_verification *v = NULL;
	struct callerid_call call = s->call;
	const char *url;
	char *text;

	assert_int_equal(
		callerid_context_new(&(struct callerid_limits){.replay_entries = 16}, &ctx, NULL),
		CALLERID_OK);
	assert_int_equal(callerid_context_add_anchors(ctx, "test", s->world.anchors,
						      strlen(s->world.anchors), NULL),
			 CALLERID_OK);
	call.identity = identity;
	call.n_identity = n;
	assert_int_equal(callerid_verification_new(ctx, &call, &v, NULL), CALLERID_OK);
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, s->chain, strlen(s->chain));
	text = callerid_verdict_json(callerid_verification_verdict(v));
	assert_non_null(text);
	callerid_verification_free(v);
	callerid_context_free(ctx);
	return text;
}

struct property {
	struct scene *s;
	struct callerid_span order[5];
	size_t n;
	char *json; /* of the first order */
};

static void permute(struct property *p, size_t n)
{
	if (n <= 1) {
		char *text = json_alone(p->s, p->order, p->n);

		if (p->json == NULL)
			p->json = strdup(text);
		assert_string_equal(text, p->json);
		free(text);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		size_t j = n % 2 == 0 ? i : 0;
		struct callerid_span kept;

		permute(p, n - 1);
		kept = p->order[j];
		p->order[j] = p->order[n - 1];
		p->order[n - 1] = kept;
	}
}

/* All orders of what stands in the scene. */
static void expect_same_in_every_order(struct scene *s)
{
	struct property p = {.s = s, .n = s->call.n_identity};

	assert_in_range(p.n, 2, 5);
	memcpy(p.order, s->identity, p.n * sizeof(p.order[0]));
	permute(&p, p.n);
	free(p.json);
	s->call.n_identity = 0;
}

TEST(vs7_the_order_of_headers_never_changes_the_verdict_good_ones)
{
	struct scene *s = *state;

	forwarded(s, 3);
	retarget(s);
	expect_same_in_every_order(s);
	forwarded(s, 4); /* one too many for four signatures */
	expect_same_in_every_order(s);
	for (size_t i = 0; i < 5; i++)
		step(s, (struct kit_step){.dest = KIT_TO, .iat = KIT_NOW - (int64_t)i});
	s->call.dest = tn(KIT_TO);
	expect_same_in_every_order(s);
}

TEST(vs7_the_order_of_headers_never_changes_the_verdict_bad_ones)
{
	struct scene *s = *state;

	forwarded(s, 3);
	spoil(s, 2, true);
	scene_add(s, strdup("rubbish"));
	expect_same_in_every_order(s);
	shaken(s, kit_hop[0]);
	divert(s, kit_hop[0], kit_hop[1]);
	divert(s, kit_hop[0], kit_hop[2]);
	scene_add(s, strdup("e30.e30.AAAA;info=<" KIT_URL ">;ppt=other"));
	step(s, (struct kit_step){.dest = kit_hop[0], .iat = KIT_NOW - 100});
	expect_same_in_every_order(s);
	nested(s, 2);
	divert(s, kit_hop[2], kit_hop[1]);
	scene_add(s, strdup(s->texts[s->n_texts - 1]));
	scene_add(s, strdup("..AAAA;info=<" KIT_URL ">;ppt=shaken"));
	expect_same_in_every_order(s);
}

TEST(dv8_an_explanation_draws_the_forwards_as_a_tree)
{
	struct scene *s = *state;
	char *text;

	forwarded(s, 2);
	text = callerid_verdict_explain(scene_verify(s));
	assert_non_null(strstr(text, "PASSporTs (* decided)\n"
				     "* shaken  " KIT_FROM " -> 12155559000  ok\n"
				     "     `- div  12155559000 -> 12155559001  ok\n"
				     "        `- div  12155559001 -> 12155559002  ok\n"));
	free(text);
}

TEST(dv8_a_loop_is_drawn_once_and_ends)
{
	struct scene *s = *state;
	char *text;

	divert(s, kit_hop[0], kit_hop[1]);
	divert(s, kit_hop[1], kit_hop[0]);
	s->call.dest = tn(kit_hop[0]);
	text = callerid_verdict_explain(scene_verify(s));
	assert_non_null(strstr(text, "12155559000 -> 12155559001  diversion_loop"));
	assert_non_null(strstr(text, "12155559001 -> 12155559000  diversion_loop"));
	free(text);
}

TEST(dv8_json_lists_each_passport_with_its_links)
{
	struct scene *s = *state;
	char *text;

	forwarded(s, 1);
	text = callerid_verdict_json(scene_verify(s));
	assert_non_null(strstr(text,
			       "\"passports\":[{\"ppt\":\"shaken\",\"reason\":\"ok\","
			       "\"code\":0,\"x5u\":\"" KIT_URL "\",\"inner\":false,\"links\":[]"));
	assert_non_null(strstr(text,
			       "{\"ppt\":\"div\",\"reason\":\"ok\",\"code\":0,\"x5u\":\"" KIT_URL
			       "\",\"inner\":false,\"links\":[0]"));
	assert_non_null(strstr(text, "\"div\":{\"tn\":\"12155559000\"}"));
	free(text);
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
		SCENE_TEST(dv6_a_forward_of_a_type_that_is_not_known_is_ignored),
		SCENE_TEST(dv7_what_a_div_o_carries_is_verified_and_proves_the_call),
		SCENE_TEST(dv7_what_a_div_o_carries_is_nothing_without_its_chain),
		SCENE_TEST(dv7_a_forged_passport_inside_fails_the_call),
		SCENE_TEST(dv7_as_many_div_o_as_a_token_can_hold_are_looked_into),
		SCENE_TEST(dv7_what_stands_inside_and_in_a_header_is_one_passport),
		SCENE_TEST(dv8_a_loop_is_a_reason_of_its_own),
		SCENE_TEST(dv8_a_fork_to_two_targets_carries_neither),
		SCENE_TEST(vs5_a_call_forwarded_through_us_again_brings_its_first_passport_again),
		SCENE_TEST(vs9_every_failed_passport_has_its_own_reason_header),
		SCENE_TEST(vs3_a_valid_diversion_is_no_answer_to_a_forged_shaken),
		SCENE_TEST(vs1_the_same_token_in_two_headers_is_verified_once),
		SCENE_TEST(vs1_all_missing_certificates_are_told_at_once_each_url_once),
		SCENE_TEST(vs3_the_cost_of_certificates_is_bounded_too),
		SCENE_TEST(vs3_no_money_at_all_is_a_limit_not_a_pass),
		SCENE_TEST(a_policy_over_the_maximum_is_the_maximum),
		SCENE_TEST(vs7_the_order_of_headers_never_changes_the_verdict_good_ones),
		SCENE_TEST(vs7_the_order_of_headers_never_changes_the_verdict_bad_ones),
		SCENE_TEST(dv8_an_explanation_draws_the_forwards_as_a_tree),
		SCENE_TEST(dv8_a_loop_is_drawn_once_and_ends),
		SCENE_TEST(dv8_json_lists_each_passport_with_its_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
