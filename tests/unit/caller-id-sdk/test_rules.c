/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that no single file keeps: the order of a verification, text of any script, diversions. */
#include "tests/kit/forwarded.h"

#include <stdio.h>

#define TEST(name) static void name(void **state)

#define OTHER_HEADER                                                                               \
	"{\"alg\":\"ES256\",\"ppt\":\"x-new\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}"
#define OLD_PAYLOAD SCENE_CLAIMS("1799999000", KIT_FROM, KIT_TO)

/* Everything that can be wrong with one call, and is until it is mended. */
struct trouble {
	struct kit_cert stranger, untrusted;
	const struct kit_cert *leaf;
	const char *payload;
	bool forged;
};

/* The verification that this call gets: reason, found by the check by, after asking for
 * certificates so many times. */
static void expect(struct scene *s, const struct trouble *t, enum callerid_reason reason,
		   enum callerid_check by)
{
	scene_signed_by(s, t->leaf, t->leaf == &s->world.leaf ? &s->world.inter : NULL, NULL,
			t->payload);
	if (t->forged)
		spoil(s, 0, true);
	scene_expect(s, reason, by);
	assert_int_equal(s->asked, by > CALLERID_CHECK_CERT ? 1 : 0);
}

/* RFC 8224 §6.2: (1) ppt, (2) the originator from the signalling, (3) the credential, (4) Date and
 * iat, (5) the signature. We look at what costs nothing first: (4) comes before (3). */
TEST(vs1_of_every_defect_of_a_call_the_steps_tell_one_by_one_in_their_order)
{
	struct scene *s = *state;
	const struct callerid_party caller = s->call.orig[0];
	const struct callerid_span date = s->call.date;
	struct trouble t = {.payload = OLD_PAYLOAD, .forged = true};

	t.stranger = kit_cert(&(struct kit_spec){.cn = "Foreign Root"});
	t.untrusted = kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 666", .issuer = &t.stranger, .tnauth = kit_numbers, .n_tnauth = 2});
	t.leaf = &t.untrusted;
	s->call.orig[0] = tn("12155559998");
	s->call.date = (struct callerid_span){"Fri, 15 Jan 2027 07:00:00 GMT", 29};
	s->call.dest = tn("12155559997");
	expect(s, &t, CALLERID_REASON_ORIG_MISMATCH, CALLERID_CHECK_ORIG);
	s->call.orig[0] = caller;
	expect(s, &t, CALLERID_REASON_DEST_MISMATCH, CALLERID_CHECK_DEST);
	s->call.dest = tn(KIT_TO);
	expect(s, &t, CALLERID_REASON_DATE_STALE, CALLERID_CHECK_DATE);
	s->call.date = date;
	expect(s, &t, CALLERID_REASON_IAT_STALE, CALLERID_CHECK_IAT);
	t.payload = SCENE_PAYLOAD;
	expect(s, &t, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	t.leaf = &s->world.leaf;
	expect(s, &t, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
	t.forged = false;
	scene_signed_by(s, t.leaf, &s->world.inter, NULL, t.payload);
	scene_expect_passed(s);
	kit_cert_free(&t.untrusted);
	kit_cert_free(&t.stranger);
}

TEST(vs1_pp12_a_type_that_is_not_known_is_left_before_anything_of_it_is_judged)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	scene_add(s, scene_join(kit_token(s->world.leaf.key, OTHER_HEADER, "no claims at all"),
				";info=<" KIT_URL ">;alg=ES256;ppt=x-new"));
	verdict = scene_verify(s);
	assert_int_equal(verdict->reason, CALLERID_REASON_UNSUPPORTED_PPT);
	assert_int_equal(verdict->n_passports, 0);
	assert_int_equal(s->asked, 0);
}

TEST(pp14_values_of_claims_are_text_of_any_script)
{
	static const char *const names[] = {"\xc5\xa0iauliai",
					    "\xe6\xb3\xa2\xe5\xa3\xab\xe9\xa1\xbf",
					    "\xd8\xa8\xd9\x86\xd9\x83", "\xf0\x9f\x93\x9e"};
	struct scene *s = *state;
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	struct callerid_claims claims = kit_claims();

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct callerid_verdict *verdict;
		char rcd[64], *identity = NULL;

		snprintf(rcd, sizeof(rcd), "{\"nam\":\"%s\"}", names[i]);
		claims.rcd = rcd;
		assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL),
				 CALLERID_OK);
		s->call.n_identity = 0;
		scene_add(s, identity);
		scene_expect_passed(s);
		verdict = callerid_verification_verdict(s->v);
		assert_string_equal(verdict->passport[0].claims.rcd, rcd);
	}
	callerid_signer_free(signer);
}

TEST(pp14_text_that_is_no_utf8_is_no_claim)
{
	struct scene *s = *state;

	scene_add_token(s, SCENE_HEADER,
			"{\"attest\":\"A\",\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,"
			"\"note\":\"\xc5\",\"orig\":{\"tn\":\"" KIT_FROM "\"},"
			"\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}");
	scene_expect(s, CALLERID_REASON_BAD_PASSPORT, CALLERID_CHECK_CLAIMS);
	assert_int_equal(s->asked, 0);
}

/* RFC 8224 §6.2 step 4 wants both inside the validity. */
TEST(vs6_a_date_before_the_certificate_is_437_even_when_iat_is_not)
{
	struct scene *s = *state;
	struct kit_cert young = kit_cert(&(struct kit_spec){.cn = "SHAKEN 1234",
							    .issuer = &s->world.inter,
							    .tnauth = kit_numbers,
							    .n_tnauth = 2,
							    .not_before = KIT_NOW - 10});

	scene_signed_by(s, &young, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s);
	s->call.date = (struct callerid_span){"Fri, 15 Jan 2027 07:59:30 GMT", 29};
	scene_expect(s, CALLERID_REASON_CERT_NOT_VALID_AT_IAT, CALLERID_CHECK_VALIDITY);
	assert_string_equal(
		callerid_verification_verdict(s->v)->passport[0].check[CALLERID_CHECK_VALIDITY].why,
		"Date lies outside the certificate's validity");
	kit_cert_free(&young);
}

TEST(vs10_a_forwarded_call_is_verified_by_its_diversions)
{
	struct scene *s = *state;

	forwarded(s, 2);
	retarget(s);
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 3);
}

TEST(vs10_a_forwarded_call_without_its_diversions_is_to_somebody_else)
{
	struct scene *s = *state;

	shaken(s, kit_hop[0]);
	s->call.request_uri = tn(kit_hop[2]);
	retarget(s);
	expect_reason(s, CALLERID_REASON_DEST_MISMATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(vs1_of_every_defect_of_a_call_the_steps_tell_one_by_one_in_their_order),
		SCENE_TEST(
			vs1_pp12_a_type_that_is_not_known_is_left_before_anything_of_it_is_judged),
		SCENE_TEST(pp14_values_of_claims_are_text_of_any_script),
		SCENE_TEST(pp14_text_that_is_no_utf8_is_no_claim),
		SCENE_TEST(vs6_a_date_before_the_certificate_is_437_even_when_iat_is_not),
		SCENE_TEST(vs10_a_forwarded_call_is_verified_by_its_diversions),
		SCENE_TEST(vs10_a_forwarded_call_without_its_diversions_is_to_somebody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
