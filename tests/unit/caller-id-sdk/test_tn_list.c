/* SPDX-License-Identifier: Apache-2.0 */
/* TNAuthLists that stand at a URL (RFC 8226 §10.1) and are supplied where the policy takes them. */
#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define LIST_URL "https://ca.example.org/tn/17"
#define ACCESS	 "1.3.6.1.5.5.7.48.14;URI:" LIST_URL

static const struct callerid_tnauth_entry from[] = {
	{.kind = CALLERID_TNAUTH_ONE, .text = KIT_FROM}};
static const struct callerid_tnauth_entry other[] = {
	{.kind = CALLERID_TNAUTH_ONE, .text = "12155550000"}};
static const struct callerid_tnauth_entry block[] = {
	{.kind = CALLERID_TNAUTH_RANGE, .text = "12155551000", .count = 1000}};

/* entry stands at LIST_URL; NULL: nothing can be had there. The caller's, free(). */
static uint8_t *put_list(struct scene *s, const struct callerid_tnauth_entry *entry)
{
	uint8_t *der = NULL;

	s->policy.accept_tn_list = true;
	s->list_url = LIST_URL;
	s->list = (struct callerid_span){NULL, 0};
	if (entry == NULL)
		return NULL;
	assert_int_equal(callerid_tnauthlist_encode(entry, 1, &der, &s->list.n, NULL), CALLERID_OK);
	s->list.p = (const char *)der;
	return der;
}

/* A signer without TNAuthList that names LIST_URL. */
static struct kit_cert signer_below(const struct kit_cert *issuer)
{
	return kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 1234",
		.issuer = issuer,
		.basic = "critical,CA:FALSE",
		.usage = "critical,digitalSignature",
		.access = ACCESS,
	});
}

static void signed_below_inter(struct scene *s)
{
	struct kit_cert leaf = signer_below(&s->world.inter);

	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	kit_cert_free(&leaf);
}

static const struct callerid_passport_verdict *told(const struct scene *s)
{
	return &callerid_verification_verdict(s->v)->passport[0];
}

static const char *why(const struct scene *s)
{
	return told(s)->check[CALLERID_CHECK_AUTHORITY].why;
}

TEST(ce7_a_list_that_is_supplied_speaks_for_its_numbers)
{
	struct scene *s = *state;
	uint8_t *der = put_list(s, from);
	char *text;

	signed_below_inter(s);
	scene_expect_passed(s);
	assert_int_equal(s->asked, 2);
	assert_true(told(s)->tn_list_supplied);
	assert_true(told(s)->number_listed);
	assert_string_equal(told(s)->tn_list_url, LIST_URL);
	text = callerid_verdict_explain(callerid_verification_verdict(s->v));
	assert_non_null(strstr(text, LIST_URL));
	assert_null(strstr(text, "not fetched"));
	free(text);
	free(der);
}

TEST(ce7_a_list_is_kept_with_its_certificate)
{
	struct scene *s = *state;
	uint8_t *der = put_list(s, from);

	signed_below_inter(s);
	scene_expect_passed(s);
	(void)scene_verify(s);
	assert_int_equal(s->asked, 0);
	scene_expect_passed(s);
	free(der);
}

TEST(ce7_a_certificate_known_without_its_list_is_asked_for_again)
{
	struct scene *s = *state;
	uint8_t *der = put_list(s, from);

	s->policy.accept_tn_list = false;
	signed_below_inter(s);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_int_equal(s->asked, 1);
	s->policy.accept_tn_list = true;
	scene_expect_passed(s);
	assert_int_equal(s->asked, 2);
	free(der);
}

/* Policies differ from trunk to trunk, what is known of certificates is one. */
TEST(ce7_a_list_that_one_policy_had_fetched_counts_for_no_other)
{
	struct scene *s = *state;
	uint8_t *der = put_list(s, from);

	signed_below_inter(s);
	scene_expect_passed(s);
	s->policy.accept_tn_list = false;
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_int_equal(s->asked, 0);
	assert_false(told(s)->tn_list_supplied);
	assert_string_equal(why(s), "the certificate has no TNAuthList but the URL of one, which "
				    "is not fetched");
	s->policy.accept_tn_list = true;
	scene_expect_passed(s);
	assert_int_equal(s->asked, 0);
	free(der);
}

TEST(ce7_a_list_without_the_number_or_that_is_no_list_gives_no_authority)
{
	struct scene *s = *state;
	uint8_t *der = put_list(s, other);

	signed_below_inter(s);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_string_equal(why(s), "the TNAuthList does not cover the number");
	/* RFC 8226 §10.1: the body is the DER of one TNAuthorizationList, and nothing else. */
	signed_below_inter(s);
	s->list.n--;
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_non_null(strstr(why(s), "the TNAuthList at the certificate's URL: "));
	signed_below_inter(s);
	s->list = (struct callerid_span){"", 0};
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	free(der);
}

TEST(ce7_a_list_that_cannot_be_had_is_told)
{
	struct scene *s = *state;

	(void)put_list(s, NULL);
	signed_below_inter(s);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_string_equal(why(s), "the TNAuthList at the certificate's URL: no answer in 500 ms");
	/* Next time it may be there. */
	free(put_list(s, from));
	s->list.p = NULL;
	(void)scene_verify(s);
	assert_int_equal(s->asked, 2);
}

TEST(ce7_ce6_a_delegates_list_from_its_url_lies_inside_its_parents)
{
	struct scene *s = *state;
	struct kit_cert ca = kit_cert(&(struct kit_spec){.cn = "Delegate CA",
							 .issuer = &s->world.inter,
							 .basic = "critical,CA:TRUE",
							 .usage = "critical,keyCertSign",
							 .tnauth = from,
							 .n_tnauth = 1});
	struct kit_cert leaf = signer_below(&ca);
	uint8_t *inside = put_list(s, from), *outside;

	scene_signed_by(s, &leaf, &ca, &s->world.inter, SCENE_PAYLOAD);
	scene_expect_passed(s);
	outside = put_list(s, block);
	scene_signed_by(s, &leaf, &ca, &s->world.inter, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_string_equal(
		why(s),
		"certificate 1 of the path lists what certificate 2 above it does not have");
	free(outside);
	free(inside);
	kit_cert_free(&leaf);
	kit_cert_free(&ca);
}

/* RFC 9060 §4 wants the child inside its parent; a parent that is not known has nothing to give. */
TEST(ce7_ce6_rfc9060_4_an_issuer_whose_list_stands_at_a_url_gives_nothing)
{
	static const char *const access[] = {ACCESS,
					     "1.3.6.1.5.5.7.48.14;URI:ftp://ca.example.org/tn/17"};
	struct scene *s = *state;

	for (size_t i = 0; i < 2; i++) {
		struct kit_cert ca = kit_cert(&(struct kit_spec){.cn = "Delegate CA",
								 .issuer = &s->world.inter,
								 .basic = "critical,CA:TRUE",
								 .usage = "critical,keyCertSign",
								 .access = access[i]});
		struct kit_cert leaf = kit_cert(&(struct kit_spec){
			.cn = "Enterprise", .issuer = &ca, .tnauth = from, .n_tnauth = 1});
		uint8_t *der = put_list(s, other);

		scene_signed_by(s, &leaf, &ca, &s->world.inter, SCENE_PAYLOAD);
		scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
		assert_string_equal(why(s),
				    "certificate 2 of the path has its TNAuthList at a URL, which "
				    "is not fetched for an issuer");
		assert_int_equal(s->asked, 1);
		free(der);
		kit_cert_free(&leaf);
		kit_cert_free(&ca);
	}
}

TEST(ce7_no_list_is_asked_for_by_a_certificate_that_nobody_trusts)
{
	struct scene *s = *state;
	struct kit_cert root = kit_cert(&(struct kit_spec){.cn = "Foreign Root"});
	struct kit_cert leaf = signer_below(&root);
	uint8_t *der = put_list(s, from);

	scene_signed_by(s, &leaf, NULL, NULL, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	assert_int_equal(s->asked, 1);
	free(der);
	kit_cert_free(&leaf);
	kit_cert_free(&root);
}

TEST(ce7_a_certificate_with_a_list_of_its_own_is_asked_for_no_other)
{
	struct scene *s = *state;
	struct kit_cert leaf = kit_cert(&(struct kit_spec){.cn = "SHAKEN 1234",
							   .issuer = &s->world.inter,
							   .tnauth = other,
							   .n_tnauth = 1,
							   .access = ACCESS});
	uint8_t *der = put_list(s, from);

	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_int_equal(s->asked, 1);
	free(der);
	kit_cert_free(&leaf);
}

TEST(ce7_two_passports_of_one_certificate_ask_for_its_list_once)
{
	static const char second[] =
		"{\"attest\":\"B\",\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,\"orig\":"
		"{\"tn\":\"" KIT_FROM "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}";
	struct scene *s = *state;
	struct kit_cert leaf = signer_below(&s->world.inter);
	uint8_t *der = put_list(s, from);

	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_add(s, scene_join(kit_token(leaf.key, SCENE_HEADER, second), SCENE_PARAMETERS));
	scene_expect_passed(s);
	assert_int_equal(s->asked, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(callerid_verification_verdict(s->v)->passport[i].reason,
				 CALLERID_REASON_OK);
	free(der);
	kit_cert_free(&leaf);
}

TEST(ce7_the_second_look_at_a_certificate_is_paid_for)
{
	struct scene *s = *state;
	uint8_t *der = put_list(s, from);

	signed_below_inter(s);
	s->policy.max_cost = 1 + 2 * CALLERID_COST_CERT;
	scene_expect_passed(s);
	signed_below_inter(s);
	s->policy.max_cost--;
	(void)scene_verify(s);
	assert_int_equal(told(s)->reason, CALLERID_REASON_LIMIT);
	assert_int_equal(s->asked, 0);
	free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(ce7_a_list_that_is_supplied_speaks_for_its_numbers),
		SCENE_TEST(ce7_a_list_is_kept_with_its_certificate),
		SCENE_TEST(ce7_a_certificate_known_without_its_list_is_asked_for_again),
		SCENE_TEST(ce7_a_list_that_one_policy_had_fetched_counts_for_no_other),
		SCENE_TEST(ce7_a_list_without_the_number_or_that_is_no_list_gives_no_authority),
		SCENE_TEST(ce7_a_list_that_cannot_be_had_is_told),
		SCENE_TEST(ce7_ce6_a_delegates_list_from_its_url_lies_inside_its_parents),
		SCENE_TEST(ce7_ce6_rfc9060_4_an_issuer_whose_list_stands_at_a_url_gives_nothing),
		SCENE_TEST(ce7_no_list_is_asked_for_by_a_certificate_that_nobody_trusts),
		SCENE_TEST(ce7_a_certificate_with_a_list_of_its_own_is_asked_for_no_other),
		SCENE_TEST(ce7_two_passports_of_one_certificate_ask_for_its_list_once),
		SCENE_TEST(ce7_the_second_look_at_a_certificate_is_paid_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
