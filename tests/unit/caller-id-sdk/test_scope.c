/* SPDX-License-Identifier: Apache-2.0 */
/* Delegate certificates (RFC 9060), service provider codes, TNAuthLists that stand elsewhere. */
#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define CA_BASIC "critical,CA:TRUE"
#define CA_USAGE "critical,digitalSignature,keyCertSign,cRLSign"
#define ONE(tn)                                                                                    \
	{                                                                                          \
		.kind = CALLERID_TNAUTH_ONE, .text = tn                                            \
	}
#define SPC(spc)                                                                                   \
	{                                                                                          \
		.kind = CALLERID_TNAUTH_SPC, .text = spc                                           \
	}

static const struct callerid_tnauth_entry from[] = {ONE(KIT_FROM)};
static const struct callerid_tnauth_entry other[] = {ONE("12155550000")};
static const struct callerid_tnauth_entry code[] = {SPC("1234")};
static const struct callerid_tnauth_entry other_code[] = {SPC("5678")};
static const struct callerid_tnauth_entry block[] = {
	{.kind = CALLERID_TNAUTH_RANGE, .text = "12155551000", .count = 1000}};

/* A delegate CA below issuer. */
static struct kit_cert delegate_ca(const char *cn, const struct kit_cert *issuer,
				   const struct callerid_tnauth_entry *entry)
{
	return kit_cert(&(struct kit_spec){.cn = cn,
					   .issuer = issuer,
					   .basic = CA_BASIC,
					   .usage = CA_USAGE,
					   .tnauth = entry,
					   .n_tnauth = 1});
}

static struct kit_cert end_entity(const struct kit_cert *issuer,
				  const struct callerid_tnauth_entry *entry)
{
	return kit_cert(&(struct kit_spec){
		.cn = "Enterprise", .issuer = issuer, .tnauth = entry, .n_tnauth = 1});
}

/* root -> inter -> delegate CA -> end entity, with these lists; expects reason of AUTHORITY. */
static void delegated(struct scene *s, const struct callerid_tnauth_entry *above,
		      const struct callerid_tnauth_entry *below, enum callerid_reason reason)
{
	struct kit_cert ca = delegate_ca("Delegate CA", &s->world.inter, above);
	struct kit_cert leaf = end_entity(&ca, below);

	scene_signed_by(s, &leaf, &ca, &s->world.inter, SCENE_PAYLOAD);
	if (reason == CALLERID_REASON_OK)
		scene_expect_passed(s);
	else
		scene_expect(s, reason, CALLERID_CHECK_AUTHORITY);
	kit_cert_free(&leaf);
	kit_cert_free(&ca);
}

static const char *why(const struct scene *s)
{
	return callerid_verification_verdict(s->v)->passport[0].check[CALLERID_CHECK_AUTHORITY].why;
}

TEST(ce6_ce11_a_delegate_inside_its_parent_speaks_for_its_number)
{
	struct scene *s = *state;

	delegated(s, from, from, CALLERID_REASON_OK);
	delegated(s, block, from, CALLERID_REASON_OK);
	delegated(s, block, block, CALLERID_REASON_OK);
}

TEST(ce6_ce11_a_delegate_outside_its_parent_speaks_for_nothing)
{
	struct scene *s = *state;

	delegated(s, other, from, CALLERID_REASON_NOT_AUTHORIZED);
	assert_string_equal(
		why(s),
		"certificate 1 of the path lists what certificate 2 above it does not have");
	delegated(s, from, block, CALLERID_REASON_NOT_AUTHORIZED);
	delegated(s, from, code, CALLERID_REASON_NOT_AUTHORIZED);
	s->policy.accept_spc = true; /* no setting mends it */
	delegated(s, from, code, CALLERID_REASON_NOT_AUTHORIZED);
	delegated(s, code, other_code, CALLERID_REASON_NOT_AUTHORIZED);
}

TEST(ce6_a_delegate_may_itself_sign_as_a_ca)
{
	struct scene *s = *state;
	struct kit_cert ca = delegate_ca("Delegate CA", &s->world.inter, from);

	scene_signed_by(s, &ca, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s);
	kit_cert_free(&ca);
}

TEST(ce6_the_certificate_that_oversteps_is_named)
{
	struct scene *s = *state;
	struct kit_cert first = delegate_ca("Delegate 1", &s->world.root, from);
	struct kit_cert second = delegate_ca("Delegate 2", &first, block);
	struct kit_cert leaf = end_entity(&second, from);

	scene_signed_by(s, &leaf, &second, &first, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_string_equal(
		why(s),
		"certificate 2 of the path lists what certificate 3 above it does not have");
	kit_cert_free(&leaf);
	kit_cert_free(&second);
	kit_cert_free(&first);
}

TEST(ce6_a_ca_without_a_list_limits_nothing_and_is_skipped_over)
{
	struct scene *s = *state;
	struct kit_cert first = delegate_ca("Delegate 1", &s->world.root, from);
	struct kit_cert plain = kit_cert(&(struct kit_spec){.cn = "Plain CA", .issuer = &first});
	struct kit_cert leaf = end_entity(&plain, from);
	struct kit_cert over = end_entity(&plain, block);

	scene_signed_by(s, &leaf, &plain, &first, SCENE_PAYLOAD);
	scene_expect_passed(s);
	scene_signed_by(s, &over, &plain, &first, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_string_equal(
		why(s),
		"certificate 1 of the path lists what certificate 3 above it does not have");
	kit_cert_free(&over);
	kit_cert_free(&leaf);
	kit_cert_free(&plain);
	kit_cert_free(&first);
}

TEST(ce6_an_anchor_with_a_list_limits_what_is_below_it)
{
	struct scene *s = *state;
	struct kit_cert root = delegate_ca("Carrier Root", NULL, other);
	struct kit_cert leaf = end_entity(&root, from);
	char *anchor = kit_pem(&root, NULL, NULL);

	assert_int_equal(callerid_context_add_anchors(s->ctx, "own", anchor, strlen(anchor), NULL),
			 CALLERID_OK);
	scene_signed_by(s, &leaf, NULL, NULL, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	free(anchor);
	kit_cert_free(&leaf);
	kit_cert_free(&root);
}

TEST(ce6_a_malformed_list_of_an_issuer_gives_no_authority)
{
	static const uint8_t empty[] = {0x30, 0x00};
	struct scene *s = *state;
	struct kit_cert ca = kit_cert(&(struct kit_spec){.cn = "Delegate CA",
							 .issuer = &s->world.inter,
							 .extra_oid = "1.3.6.1.5.5.7.1.26",
							 .extra_der = empty,
							 .extra_len = sizeof(empty)});
	struct kit_cert leaf = end_entity(&ca, from);

	scene_signed_by(s, &leaf, &ca, &s->world.inter, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_non_null(strstr(why(s), "certificate 2 of the path"));
	kit_cert_free(&leaf);
	kit_cert_free(&ca);
}

TEST(ce6_delegates_stand_in_the_order_of_their_path)
{
	struct scene *s = *state;
	struct kit_cert first = delegate_ca("Delegate 1", &s->world.root, from);
	struct kit_cert second = delegate_ca("Delegate 2", &first, from);
	struct kit_cert leaf = end_entity(&second, from);

	scene_signed_by(s, &leaf, &first, &second, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_non_null(strstr(why(s), "order of its path"));
	scene_signed_by(s, &leaf, &second, &first, SCENE_PAYLOAD);
	scene_expect_passed(s);
	kit_cert_free(&leaf);
	kit_cert_free(&second);
	kit_cert_free(&first);
}

TEST(ce6_delegates_name_their_issuers_by_key_identifier)
{
	struct scene *s = *state;
	struct kit_cert ca = delegate_ca("Delegate CA", &s->world.inter, from);
	struct kit_cert leaf = kit_cert(&(struct kit_spec){.cn = "Enterprise",
							   .issuer = &ca,
							   .tnauth = from,
							   .n_tnauth = 1,
							   .no_key_ids = true});

	scene_signed_by(s, &leaf, &ca, &s->world.inter, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_non_null(strstr(why(s), "key identifier"));
	kit_cert_free(&leaf);
	/* Without a delegation nothing hangs on it. */
	leaf = kit_cert(&(struct kit_spec){.cn = "SHAKEN 1234",
					   .issuer = &s->world.inter,
					   .tnauth = from,
					   .n_tnauth = 1,
					   .no_key_ids = true});
	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s);
	kit_cert_free(&leaf);
	kit_cert_free(&ca);
}

TEST(ce6_numbers_below_a_code_pass_only_by_policy)
{
	struct scene *s = *state;

	delegated(s, code, from, CALLERID_REASON_NOT_AUTHORIZED);
	assert_non_null(
		strstr(why(s), "certificate 2 of the path has only a service provider code"));
	s->policy.accept_spc = true;
	delegated(s, code, from, CALLERID_REASON_OK);
	assert_string_equal(why(s), "by service provider code");
	assert_true(callerid_verification_verdict(s->v)->passport[0].number_listed);
}

/* What the mapping answers, and what it was asked. */
struct mapping {
	const char *tn, *spc;
	unsigned asked;
};

static bool spc_of(void *data, const char *tn, char spc_out[CALLERID_SPC_MAX + 1])
{
	struct mapping *mapping = data;

	mapping->asked++;
	if (strcmp(mapping->tn, tn) != 0)
		return false;
	snprintf(spc_out, CALLERID_SPC_MAX + 1, "%s", mapping->spc);
	return true;
}

TEST(ce4_a_code_covers_the_numbers_that_the_mapping_gives_its_provider)
{
	struct mapping mapping = {KIT_FROM, "1234", 0};
	struct scene *s = *state;
	struct kit_cert leaf = end_entity(&s->world.inter, code);

	s->policy.spc_of = spc_of;
	s->policy.spc_data = &mapping;
	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s);
	assert_string_equal(why(s), "by service provider code 1234, whose number it is");
	assert_false(callerid_verification_verdict(s->v)->passport[0].number_listed);
	assert_int_equal(mapping.asked, 1);
	/* What it knows better than accept_spc decides. */
	mapping.spc = "5678";
	s->policy.accept_spc = true;
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_non_null(strstr(why(s), "5678"));
	/* What it does not know is left to accept_spc. */
	mapping.tn = "1";
	scene_expect_passed(s);
	s->policy.accept_spc = false;
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	kit_cert_free(&leaf);
}

TEST(ce4_the_mapping_is_not_asked_about_numbers_that_are_listed)
{
	struct mapping mapping = {KIT_FROM, "5678", 0};
	struct scene *s = *state;

	s->policy.spc_of = spc_of;
	s->policy.spc_data = &mapping;
	scene_add_good(s);
	scene_expect_passed(s);
	assert_int_equal(mapping.asked, 0);
}

TEST(ce6_the_mapping_proves_a_delegation_below_a_code)
{
	struct mapping mapping = {KIT_FROM, "1234", 0};
	struct scene *s = *state;

	s->policy.spc_of = spc_of;
	s->policy.spc_data = &mapping;
	delegated(s, code, from, CALLERID_REASON_OK);
	assert_int_equal(mapping.asked, 1);
	mapping.spc = "5678";
	delegated(s, code, from, CALLERID_REASON_NOT_AUTHORIZED);
	assert_string_equal(why(s), "the number belongs to service provider code 5678, which "
				    "certificate 2 of the path does not have");
}

/* Three lists below a CA that has none: first, second, leaf; expects reason of AUTHORITY. */
static void three_levels(struct scene *s, const struct callerid_tnauth_entry *first,
			 const struct callerid_tnauth_entry *second, enum callerid_reason reason)
{
	struct kit_cert top = delegate_ca("Delegate 1", &s->world.root, first);
	struct kit_cert middle = delegate_ca("Delegate 2", &top, second);
	struct kit_cert leaf = end_entity(&middle, from);

	scene_signed_by(s, &leaf, &middle, &top, SCENE_PAYLOAD);
	if (reason == CALLERID_REASON_OK)
		scene_expect_passed(s);
	else
		scene_expect(s, reason, CALLERID_CHECK_AUTHORITY);
	kit_cert_free(&leaf);
	kit_cert_free(&middle);
	kit_cert_free(&top);
}

TEST(ce6_ce11_of_three_levels_each_lies_inside_the_one_above)
{
	struct scene *s = *state;

	three_levels(s, block, block, CALLERID_REASON_OK);
	three_levels(s, block, from, CALLERID_REASON_OK);
	three_levels(s, from, block, CALLERID_REASON_NOT_AUTHORIZED);
	assert_string_equal(
		why(s),
		"certificate 2 of the path lists what certificate 3 above it does not have");
	three_levels(s, block, other, CALLERID_REASON_NOT_AUTHORIZED);
	assert_string_equal(
		why(s),
		"certificate 1 of the path lists what certificate 2 above it does not have");
}

TEST(ce6_ce11_of_three_levels_below_a_code_the_mapping_proves_the_topmost)
{
	struct mapping mapping = {KIT_FROM, "1234", 0};
	struct scene *s = *state;

	three_levels(s, code, block, CALLERID_REASON_NOT_AUTHORIZED);
	assert_string_equal(why(s), "certificate 3 of the path has only a service provider code "
				    "for the number, which the policy does not take");
	s->policy.spc_of = spc_of;
	s->policy.spc_data = &mapping;
	three_levels(s, code, block, CALLERID_REASON_OK);
	assert_int_equal(mapping.asked, 1); /* numbers below are listed, and need no mapping */
	three_levels(s, code, code, CALLERID_REASON_OK);
	assert_int_equal(mapping.asked, 3);
	/* A code is no part of another, whatever the mapping says. */
	three_levels(s, other_code, code, CALLERID_REASON_NOT_AUTHORIZED);
	assert_string_equal(
		why(s),
		"certificate 2 of the path lists what certificate 3 above it does not have");
	mapping.spc = "5678";
	three_levels(s, code, block, CALLERID_REASON_NOT_AUTHORIZED);
	assert_non_null(strstr(why(s), "5678"));
}

TEST(ce7_the_url_of_a_tnauthlist_is_told_and_not_fetched)
{
	static const char url[] = "https://ca.example.org/tn/17";
	struct scene *s = *state;
	struct kit_spec spec = {
		.cn = "SHAKEN 1234",
		.issuer = &s->world.inter,
		.basic = "critical,CA:FALSE",
		.usage = "critical,digitalSignature",
		.access = "1.3.6.1.5.5.7.48.14;URI:https://ca.example.org/tn/17",
	};
	struct kit_cert leaf = kit_cert(&spec);
	const struct callerid_verdict *verdict;
	char *text;

	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(s->asked, 1);
	assert_string_equal(verdict->passport[0].tn_list_url, url);
	assert_non_null(strstr(why(s), "not fetched"));
	text = callerid_verdict_explain(verdict);
	assert_non_null(strstr(text, url));
	free(text);
	kit_cert_free(&leaf);
	/* Another access method, another scheme: nothing to tell. */
	spec.access = "OCSP;URI:https://ca.example.org/ocsp,"
		      "1.3.6.1.5.5.7.48.14;URI:http://ca.example.org/tn";
	leaf = kit_cert(&spec);
	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	assert_string_equal(scene_verify(s)->passport[0].tn_list_url, "");
	kit_cert_free(&leaf);
}

/* A signer of leaf with what x5u serves; the status of making it. */
static enum callerid_status make_signer(const struct kit_cert *leaf, const struct kit_cert *issuer,
					const struct kit_cert *above)
{
	char *key = kit_key_pem(leaf->key), *pem = kit_pem(leaf, issuer, above);
	struct callerid_signer_params params = {
		.key_pem = key,
		.key_len = strlen(key),
		.cert_pem = pem,
		.cert_len = strlen(pem),
		.x5u = KIT_URL,
	};
	struct callerid_signer *signer = NULL;
	enum callerid_status status = callerid_signer_new(&params, &signer, NULL);

	callerid_signer_free(signer);
	free(key);
	free(pem);
	return status;
}

TEST(as20_a_delegate_outside_its_parent_signs_nothing)
{
	struct scene *s = *state;
	struct kit_cert narrow = delegate_ca("Delegate CA", &s->world.inter, other);
	struct kit_cert wide = delegate_ca("Delegate CA", &s->world.inter, block);
	struct kit_cert under_narrow = end_entity(&narrow, from);
	struct kit_cert under_wide = end_entity(&wide, from);

	assert_int_equal(make_signer(&under_narrow, &narrow, &s->world.inter), CALLERID_EPERM);
	assert_int_equal(make_signer(&under_wide, &wide, &s->world.inter), CALLERID_OK);
	/* RFC 9060 §5: x5u has the whole path. */
	assert_int_equal(make_signer(&under_wide, &wide, NULL), CALLERID_EPERM);
	kit_cert_free(&under_wide);
	kit_cert_free(&under_narrow);
	kit_cert_free(&wide);
	kit_cert_free(&narrow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(ce6_ce11_a_delegate_inside_its_parent_speaks_for_its_number),
		SCENE_TEST(ce6_ce11_a_delegate_outside_its_parent_speaks_for_nothing),
		SCENE_TEST(ce6_a_delegate_may_itself_sign_as_a_ca),
		SCENE_TEST(ce6_the_certificate_that_oversteps_is_named),
		SCENE_TEST(ce6_a_ca_without_a_list_limits_nothing_and_is_skipped_over),
		SCENE_TEST(ce6_an_anchor_with_a_list_limits_what_is_below_it),
		SCENE_TEST(ce6_a_malformed_list_of_an_issuer_gives_no_authority),
		SCENE_TEST(ce6_delegates_stand_in_the_order_of_their_path),
		SCENE_TEST(ce6_delegates_name_their_issuers_by_key_identifier),
		SCENE_TEST(ce6_numbers_below_a_code_pass_only_by_policy),
		SCENE_TEST(ce4_a_code_covers_the_numbers_that_the_mapping_gives_its_provider),
		SCENE_TEST(ce4_the_mapping_is_not_asked_about_numbers_that_are_listed),
		SCENE_TEST(ce6_the_mapping_proves_a_delegation_below_a_code),
		SCENE_TEST(ce6_ce11_of_three_levels_each_lies_inside_the_one_above),
		SCENE_TEST(ce6_ce11_of_three_levels_below_a_code_the_mapping_proves_the_topmost),
		SCENE_TEST(ce7_the_url_of_a_tnauthlist_is_told_and_not_fetched),
		SCENE_TEST(as20_a_delegate_outside_its_parent_signs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
