/* SPDX-License-Identifier: Apache-2.0 */
/* Every check of one PASSporT through the public API, named after the rule it proves. */
#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

TEST(vs8_no_identity_header_is_428)
{
	struct scene *s = *state;

	scene_expect(s, CALLERID_REASON_NO_IDENTITY, CALLERID_CHECK_PRESENT);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 0);
}

TEST(pp12_only_unsupported_ppt_is_428_and_no_passport)
{
	struct scene *s = *state;

	scene_add(s, strdup("e30.e30.AAAA;info=<" KIT_URL ">;ppt=\"other\""));
	scene_expect(s, CALLERID_REASON_UNSUPPORTED_PPT, CALLERID_CHECK_PRESENT);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 0);
	assert_int_equal(s->asked, 0);
}

TEST(pp12_unsupported_ppt_in_the_token_alone_is_ignored_too)
{
	struct scene *s = *state;
	const char *header = "{\"alg\":\"ES256\",\"ppt\":\"msg\",\"typ\":\"passport\",\"x5u\":"
			     "\"" KIT_URL "\"}";

	scene_add(s, scene_join(kit_token(s->world.leaf.key, header, SCENE_PAYLOAD),
				";info=<" KIT_URL ">"));
	scene_expect(s, CALLERID_REASON_UNSUPPORTED_PPT, CALLERID_CHECK_PRESENT);
}

TEST(vs13_no_usable_caller_is_400)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->call.n_orig = 0;
	scene_expect(s, CALLERID_REASON_NO_CALLER, CALLERID_CHECK_ORIG);
	s->call.n_orig = 1;
	s->call.orig[0].kind = CALLERID_PARTY_NONE;
	scene_expect(s, CALLERID_REASON_NO_CALLER, CALLERID_CHECK_ORIG);
}

TEST(pp15_broken_grammar_is_438)
{
	static const char *const broken[] = {
		";info=<" KIT_URL ">",
		"a.b;info=<" KIT_URL ">",
		"a.b.c.d;info=<" KIT_URL ">",
		"a=.b.c;info=<" KIT_URL ">;ppt=shaken",
	};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct scene *s = *state;

		s->call.n_identity = 0;
		scene_add(s, strdup(broken[i]));
		scene_expect(s, CALLERID_REASON_BAD_HEADER, CALLERID_CHECK_HEADER);
	}
}

TEST(pp15_info_missing_or_no_https_url_is_436_and_is_not_asked_for)
{
	static const char *const bad[] = {
		";alg=ES256;ppt=shaken", ";info=<http://cert.example.org/signer.pem>;ppt=shaken",
		";info=<https:///x>;ppt=shaken", ";info=<ftp://a>;ppt=shaken"};
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		s->call.n_identity = 0;
		scene_add(s, scene_join(kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD),
					bad[i]));
		scene_expect(s, CALLERID_REASON_BAD_INFO, CALLERID_CHECK_HEADER);
		assert_int_equal(s->asked, 0);
	}
}

TEST(pp3_info_that_differs_from_x5u_by_one_byte_is_436)
{
	struct scene *s = *state;

	scene_add(s, scene_join(kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD),
				";info=<https://cert.example.org/Signer.pem>;ppt=shaken"));
	scene_expect(s, CALLERID_REASON_BAD_INFO, CALLERID_CHECK_PASSPORT);
	assert_int_equal(s->asked, 0);
}

TEST(vs13_a_jose_header_without_x5u_or_no_json_is_436)
{
	struct scene *s = *state;

	scene_add_token(s, "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\"}",
			SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_BAD_PASSPORT, CALLERID_CHECK_PASSPORT);
	s->call.n_identity = 0;
	scene_add_token(s, "not json", SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_BAD_PASSPORT, CALLERID_CHECK_PASSPORT);
}

TEST(pp1_pp2_other_typ_or_alg_is_437)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL
		"\"}",
		"{\"alg\":\"HS256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL
		"\"}",
		"{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"JWT\",\"x5u\":\"" KIT_URL "\"}",
	};
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		s->call.n_identity = 0;
		scene_add_token(s, headers[i], SCENE_PAYLOAD);
		scene_expect(s, CALLERID_REASON_BAD_ALG, CALLERID_CHECK_PASSPORT);
	}
	s->call.n_identity = 0;
	scene_add(s, scene_join(kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD),
				";info=<" KIT_URL ">;alg=RS256;ppt=shaken"));
	scene_expect(s, CALLERID_REASON_BAD_ALG, CALLERID_CHECK_HEADER);
}

TEST(pp11_compact_form_is_recognised_and_refused)
{
	struct scene *s = *state;
	char *full = kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD);
	char *compact = NULL;

	assert_true(asprintf(&compact, "..%s%s", strrchr(full, '.') + 1, SCENE_PARAMETERS) > 0);
	free(full);
	scene_add(s, compact);
	scene_expect(s, CALLERID_REASON_COMPACT_FORM, CALLERID_CHECK_PASSPORT);
}

TEST(pp4_ppt_of_header_and_token_must_be_the_same)
{
	struct scene *s = *state;

	scene_add(s, scene_join(kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD),
				";info=<" KIT_URL ">"));
	scene_expect(s, CALLERID_REASON_PPT_MISMATCH, CALLERID_CHECK_PASSPORT);
	s->call.n_identity = 0;
	scene_add_token(s, "{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}",
			SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_PPT_MISMATCH, CALLERID_CHECK_PASSPORT);
}

TEST(pp5_a_claim_missing_or_malformed_is_438)
{
	struct scene *s = *state;

	scene_add_token(s, SCENE_HEADER, SCENE_CLAIMS("\"1800000000\"", KIT_FROM, KIT_TO));
	scene_expect(s, CALLERID_REASON_BAD_CLAIMS, CALLERID_CHECK_CLAIMS);
	s->call.n_identity = 0;
	scene_add_token(s, SCENE_HEADER, "{\"dest\":{\"tn\":[\"1\"]},\"iat\":1800000000}");
	scene_expect(s, CALLERID_REASON_BAD_CLAIMS, CALLERID_CHECK_CLAIMS);
	assert_int_equal(s->asked, 0);
}

TEST(vs2_a_token_for_another_caller_is_438)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->call.orig[0] = kit_party("+12155550000");
	scene_expect(s, CALLERID_REASON_ORIG_MISMATCH, CALLERID_CHECK_ORIG);
	assert_int_equal(s->asked, 0);
}

TEST(vs2_a_token_for_another_callee_is_438)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->call.dest = kit_party("+12155550000");
	scene_expect(s, CALLERID_REASON_DEST_MISMATCH, CALLERID_CHECK_DEST);
	s->call.dest.kind = CALLERID_PARTY_NONE;
	scene_expect(s, CALLERID_REASON_DEST_MISMATCH, CALLERID_CHECK_DEST);
}

TEST(vs2_any_of_several_dest_may_match)
{
	struct scene *s = *state;

	scene_add_token(s, SCENE_HEADER,
			"{\"attest\":\"B\",\"dest\":{\"tn\":[\"1999\",\"" KIT_TO "\"],\"uri\":"
			"[\"sip:bob@example.com\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
			"\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}");
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->attest, CALLERID_ATTEST_B);
}

TEST(vs4_an_outdated_date_is_403_even_when_iat_is_fresh)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->call.date = (struct callerid_span){"Fri, 15 Jan 2027 07:58:59 GMT", CALLERID_DATE_LEN};
	scene_expect(s, CALLERID_REASON_DATE_STALE, CALLERID_CHECK_DATE);
	s->call.date = (struct callerid_span){"Fri, 15 Jan 2027 08:01:01 GMT", CALLERID_DATE_LEN};
	scene_expect(s, CALLERID_REASON_DATE_STALE, CALLERID_CHECK_DATE);
	s->call.date = (struct callerid_span){"yesterday", 9};
	scene_expect(s, CALLERID_REASON_DATE_STALE, CALLERID_CHECK_DATE);
}

TEST(vs4_a_date_that_differs_from_a_fresh_iat_does_not_matter)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->call.date = (struct callerid_span){"Fri, 15 Jan 2027 07:59:00 GMT", CALLERID_DATE_LEN};
	scene_expect_passed(s);
}

TEST(vs4_without_date_iat_alone_counts)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->call.date = (struct callerid_span){NULL, 0};
	scene_expect_passed(s);
}

TEST(vs4_iat_is_fresh_for_sixty_seconds_both_ways)
{
	struct scene *s = *state;

	s->call.date = (struct callerid_span){NULL, 0};
	scene_add_good(s);
	s->call.now = KIT_NOW + 61;
	scene_expect(s, CALLERID_REASON_IAT_STALE, CALLERID_CHECK_IAT);
	s->call.now = KIT_NOW - 61;
	scene_expect(s, CALLERID_REASON_IAT_FUTURE, CALLERID_CHECK_IAT);
	s->call.now = INT64_MAX;
	scene_expect(s, CALLERID_REASON_IAT_STALE, CALLERID_CHECK_IAT);
	s->call.now = INT64_MIN;
	scene_expect(s, CALLERID_REASON_IAT_FUTURE, CALLERID_CHECK_IAT);
	s->call.now = KIT_NOW + 60;
	scene_expect_passed(s);
	s->call.n_identity = 0;
	scene_add_token(s, SCENE_HEADER, SCENE_CLAIMS("1800000060", KIT_FROM, KIT_TO));
	s->call.now = KIT_NOW;
	scene_expect_passed(s);
}

TEST(vs4_the_freshness_can_be_set)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->policy.max_age_s = 10;
	s->call.date = (struct callerid_span){NULL, 0};
	s->call.now = KIT_NOW + 11;
	scene_expect(s, CALLERID_REASON_IAT_STALE, CALLERID_CHECK_IAT);
}

TEST(vs8_a_certificate_that_cannot_be_had_is_436)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	scene_add_good(s);
	s->chain = NULL;
	scene_expect(s, CALLERID_REASON_CERT_UNAVAILABLE, CALLERID_CHECK_CERT);
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(verdict->passport[0].check[CALLERID_CHECK_CERT].why,
			    "no answer in 500 ms");
	/* Nothing supplied at all counts the same; and neither is remembered. */
	callerid_verification_free(s->v);
	assert_int_equal(callerid_verification_new(s->ctx, &s->call, &s->v, NULL), CALLERID_OK);
	assert_int_equal(callerid_verification_verdict(s->v)->reason,
			 CALLERID_REASON_CERT_UNAVAILABLE);
	s->chain = s->world.chain;
	scene_expect_passed(s);
	assert_int_equal(s->asked, 1);
}

TEST(ce1_a_body_that_is_no_certificate_is_437)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->chain = "<html>login</html>";
	scene_expect(s, CALLERID_REASON_CERT_UNREADABLE, CALLERID_CHECK_CERT);
}

TEST(ce2_a_path_to_a_foreign_anchor_is_437)
{
	struct scene *s = *state;
	struct kit_cert web = kit_cert(&(struct kit_spec){.cn = "Some Web CA"});
	struct kit_cert leaf = kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 6666", .issuer = &web, .tnauth = kit_numbers, .n_tnauth = 2});
	char *chain = kit_pem(&leaf, &web, NULL);

	scene_add(s, kit_identity(&leaf));
	s->chain = chain;
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	free(chain);
	kit_cert_free(&leaf);
	kit_cert_free(&web);
}

TEST(ce2_an_expired_certificate_is_437)
{
	struct scene *s = *state;
	struct kit_cert old = kit_cert(&(struct kit_spec){.cn = "SHAKEN 1234",
							  .issuer = &s->world.inter,
							  .tnauth = kit_numbers,
							  .n_tnauth = 2,
							  .not_after = KIT_NOW - 30});
	char *chain = kit_pem(&old, &s->world.inter, NULL);

	scene_add(s, scene_join(kit_token(old.key, SCENE_HEADER,
					  SCENE_CLAIMS("1799999970", KIT_FROM, KIT_TO)),
				SCENE_PARAMETERS));
	s->chain = chain;
	scene_expect(s, CALLERID_REASON_CERT_EXPIRED, CALLERID_CHECK_CHAIN);
	free(chain);
	kit_cert_free(&old);
}

TEST(vs6_iat_before_the_certificate_is_437)
{
	struct scene *s = *state;
	struct kit_cert young = kit_cert(&(struct kit_spec){.cn = "SHAKEN 1234",
							    .issuer = &s->world.inter,
							    .tnauth = kit_numbers,
							    .n_tnauth = 2,
							    .not_before = KIT_NOW - 10});
	char *chain = kit_pem(&young, &s->world.inter, NULL);

	scene_add(s, scene_join(kit_token(young.key, SCENE_HEADER,
					  SCENE_CLAIMS("1799999980", KIT_FROM, KIT_TO)),
				SCENE_PARAMETERS));
	s->chain = chain;
	scene_expect(s, CALLERID_REASON_CERT_NOT_VALID_AT_IAT, CALLERID_CHECK_VALIDITY);
	free(chain);
	kit_cert_free(&young);
}

TEST(ce9_a_revoked_certificate_is_437_as_soon_as_its_crl_is_there)
{
	struct scene *s = *state;
	long serial = ASN1_INTEGER_get(X509_get0_serialNumber(s->world.leaf.x));
	char *crl = kit_crl(&s->world.inter, serial, KIT_NOW + KIT_DAY);

	scene_add_good(s);
	scene_expect_passed(s);
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	assert_int_equal(callerid_context_add_crl(s->ctx, crl, strlen(crl), NULL), CALLERID_OK);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	free(crl);
}

TEST(ce4_a_number_outside_the_tnauthlist_is_437)
{
	struct scene *s = *state;

	scene_add_token(s, SCENE_HEADER, SCENE_CLAIMS("1800000000", "12155559010", KIT_TO));
	s->call.orig[0] = kit_party("+12155559010");
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	s->call.n_identity = 0;
	scene_add_token(s, SCENE_HEADER, SCENE_CLAIMS("1800000000", "12155559009", KIT_TO));
	s->call.orig[0] = kit_party("+12155559009");
	scene_expect_passed(s);
}

TEST(ce4_a_service_provider_code_covers_numbers_only_by_policy)
{
	static const struct callerid_tnauth_entry spc = {.kind = CALLERID_TNAUTH_SPC,
							 .text = "1234"};
	struct scene *s = *state;
	struct kit_cert leaf = kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 1234", .issuer = &s->world.inter, .tnauth = &spc, .n_tnauth = 1});
	char *chain = kit_pem(&leaf, &s->world.inter, NULL);

	scene_add(s, kit_identity(&leaf));
	s->chain = chain;
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	s->policy.accept_spc = true;
	scene_expect_passed(s);
	free(chain);
	kit_cert_free(&leaf);
}

TEST(ce5_claim_constraints_that_cannot_be_read_are_437)
{
	static const char *const oids[] = {"1.3.6.1.5.5.7.1.27", "1.3.6.1.5.5.7.1.33"};
	struct scene *s = *state;

	for (size_t i = 0; i < 2; i++) {
		struct kit_cert leaf = kit_cert(&(struct kit_spec){.cn = "SHAKEN 1234",
								   .issuer = &s->world.inter,
								   .tnauth = kit_numbers,
								   .n_tnauth = 2,
								   .extra_oid = oids[i],
								   .extra_critical = i == 0});
		char *token = kit_token(leaf.key, SCENE_HEADER, SCENE_PAYLOAD);
		char *chain = kit_pem(&leaf, &s->world.inter, NULL);

		/* The bad certificate is remembered for a while: another time, another look. */
		s->call.now = KIT_NOW + (int64_t)i * 40;
		s->call.date = (struct callerid_span){NULL, 0};
		s->call.n_identity = 0;
		scene_add(s, scene_join(token, SCENE_PARAMETERS));
		s->chain = chain;
		scene_expect(s, CALLERID_REASON_NOT_PERMITTED, CALLERID_CHECK_CONSTRAINTS);
		assert_int_equal(s->asked, 1);
		free(chain);
		kit_cert_free(&leaf);
	}
}

TEST(pp10_one_changed_byte_of_what_was_signed_is_438_and_shown_as_failed)
{
	struct scene *s = *state;
	char *good = kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD);
	char *other = kit_token(s->world.leaf.key, SCENE_HEADER,
				"{\"attest\":\"A\",\"dest\":{\"tn\":[\"" KIT_TO
				"\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
				"\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174001\"}");

	/* The signature of one under the words of the other. */
	memcpy(strrchr(good, '.'), strrchr(other, '.'), strlen(strrchr(other, '.')));
	free(other);
	scene_add(s, scene_join(good, SCENE_PARAMETERS));
	scene_expect(s, CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE);
	assert_int_equal(callerid_verification_verdict(s->v)->verstat, CALLERID_VERSTAT_FAILED);
}

TEST(pp2_a_signature_that_is_not_64_bytes_is_438_and_asks_for_nothing)
{
	struct scene *s = *state;
	char *token = kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD);
	const struct callerid_verdict *verdict;

	token[strlen(token) - 4] = '\0';
	scene_add(s, scene_join(token, SCENE_PARAMETERS));
	verdict = scene_verify(s);
	assert_int_equal(verdict->reason, CALLERID_REASON_BAD_SIGNATURE);
	assert_int_equal(s->asked, 0);
	assert_string_equal(verdict->passport[0].signature, "");
}

TEST(pp10_the_received_bytes_count_however_the_signer_wrote_its_json)
{
	struct scene *s = *state;

	scene_add_token(
		s,
		"{ \"x5u\" : \"" KIT_URL "\", \"typ\":\"passport\", \"ppt\":\"shaken\" , "
		"\"alg\":\"ES256\", \"kid\":\"7\"}",
		"{ \"origid\":\"123e4567-e89b-42d3-a456-426614174000\", \"iat\":1800000000,\n"
		"\"orig\":{\"tn\":\"" KIT_FROM "\"},\"more\":[1],\"dest\":{\"tn\":[\"" KIT_TO
		"\"]},\"attest\":\"C\"}");
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->attest, CALLERID_ATTEST_C);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(vs8_no_identity_header_is_428),
		SCENE_TEST(pp12_only_unsupported_ppt_is_428_and_no_passport),
		SCENE_TEST(pp12_unsupported_ppt_in_the_token_alone_is_ignored_too),
		SCENE_TEST(vs13_no_usable_caller_is_400),
		SCENE_TEST(pp15_broken_grammar_is_438),
		SCENE_TEST(pp15_info_missing_or_no_https_url_is_436_and_is_not_asked_for),
		SCENE_TEST(pp3_info_that_differs_from_x5u_by_one_byte_is_436),
		SCENE_TEST(vs13_a_jose_header_without_x5u_or_no_json_is_436),
		SCENE_TEST(pp1_pp2_other_typ_or_alg_is_437),
		SCENE_TEST(pp11_compact_form_is_recognised_and_refused),
		SCENE_TEST(pp4_ppt_of_header_and_token_must_be_the_same),
		SCENE_TEST(pp5_a_claim_missing_or_malformed_is_438),
		SCENE_TEST(vs2_a_token_for_another_caller_is_438),
		SCENE_TEST(vs2_a_token_for_another_callee_is_438),
		SCENE_TEST(vs2_any_of_several_dest_may_match),
		SCENE_TEST(vs4_an_outdated_date_is_403_even_when_iat_is_fresh),
		SCENE_TEST(vs4_a_date_that_differs_from_a_fresh_iat_does_not_matter),
		SCENE_TEST(vs4_without_date_iat_alone_counts),
		SCENE_TEST(vs4_iat_is_fresh_for_sixty_seconds_both_ways),
		SCENE_TEST(vs4_the_freshness_can_be_set),
		SCENE_TEST(vs8_a_certificate_that_cannot_be_had_is_436),
		SCENE_TEST(ce1_a_body_that_is_no_certificate_is_437),
		SCENE_TEST(ce2_a_path_to_a_foreign_anchor_is_437),
		SCENE_TEST(ce2_an_expired_certificate_is_437),
		SCENE_TEST(vs6_iat_before_the_certificate_is_437),
		SCENE_TEST(ce9_a_revoked_certificate_is_437_as_soon_as_its_crl_is_there),
		SCENE_TEST(ce4_a_number_outside_the_tnauthlist_is_437),
		SCENE_TEST(ce4_a_service_provider_code_covers_numbers_only_by_policy),
		SCENE_TEST(ce5_claim_constraints_that_cannot_be_read_are_437),
		SCENE_TEST(pp10_one_changed_byte_of_what_was_signed_is_438_and_shown_as_failed),
		SCENE_TEST(pp2_a_signature_that_is_not_64_bytes_is_438_and_asks_for_nothing),
		SCENE_TEST(pp10_the_received_bytes_count_however_the_signer_wrote_its_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
