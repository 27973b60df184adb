/* SPDX-License-Identifier: Apache-2.0 */
/* Named lists of anchors (CE10), and certificates inside the token (CE12). */
#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define TEST(name) static void name(void **state)

static enum callerid_status set(struct scene *s, const char *list, const char *version,
				const char *pem)
{
	return callerid_context_set_anchors(s->ctx, list, version, pem, strlen(pem), NULL);
}

static const struct callerid_passport_verdict *passport_of(const struct scene *s)
{
	return &callerid_verification_verdict(s->v)->passport[0];
}

static void begin(struct scene *s)
{
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	scene_add_good(s);
}

TEST(ce10_a_verdict_names_the_list_and_the_version_that_its_path_ends_in)
{
	struct scene *s = *state;
	struct kit_cert other = kit_cert(&(struct kit_spec){.cn = "Other Root"});
	char *pem = kit_pem(&other, NULL, NULL), *text;
	json_t *root, *trust;

	begin(s);
	assert_int_equal(set(s, "test-list", NULL, ""), CALLERID_OK);
	assert_int_equal(set(s, "fr-man", "2026-10-01", pem), CALLERID_OK);
	assert_int_equal(set(s, "us-sti-pa", "#417 of 2026-11-22", s->world.anchors), CALLERID_OK);
	scene_expect_passed(s);
	assert_string_equal(passport_of(s)->anchor_list, "us-sti-pa");
	assert_string_equal(passport_of(s)->anchor_version, "#417 of 2026-11-22");
	text = callerid_verdict_json(callerid_verification_verdict(s->v));
	root = json_loads(text, 0, NULL);
	trust = json_object_get(root, "trust");
	assert_string_equal(json_string_value(json_object_get(trust, "list")), "us-sti-pa");
	assert_string_equal(json_string_value(json_object_get(trust, "version")),
			    "#417 of 2026-11-22");
	json_decref(root);
	free(text);
	text = callerid_verdict_explain(callerid_verification_verdict(s->v));
	assert_non_null(strstr(text, "us-sti-pa, version #417 of 2026-11-22"));
	free(text);
	free(pem);
	kit_cert_free(&other);
}

TEST(ce10_a_removed_anchor_vouches_for_nobody_from_the_next_call_on)
{
	struct scene *s = *state;
	struct kit_cert other = kit_cert(&(struct kit_spec){.cn = "Other Root"});
	char *pem = kit_pem(&other, NULL, NULL);

	begin(s);
	scene_expect_passed(s);
	assert_int_equal(set(s, "test-list", "2", pem), CALLERID_OK);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	assert_string_equal(passport_of(s)->anchor_list, "");
	assert_int_equal(set(s, "test-list", "3", s->world.anchors), CALLERID_OK);
	scene_expect_passed(s);
	assert_string_equal(passport_of(s)->anchor_version, "3");
	free(pem);
	kit_cert_free(&other);
}

TEST(ce10_a_verification_under_way_sees_the_new_list)
{
	struct scene *s = *state;
	struct callerid_verification *v = NULL;

	begin(s);
	assert_int_equal(callerid_verification_new(s->ctx, &s->call, &v, NULL), CALLERID_OK);
	assert_non_null(callerid_verification_wants(v));
	assert_int_equal(set(s, "test-list", "2", ""), CALLERID_OK);
	callerid_verification_supply(v, KIT_URL, s->chain, strlen(s->chain));
	assert_int_equal(callerid_verification_verdict(v)->reason, CALLERID_REASON_CERT_UNTRUSTED);
	callerid_verification_free(v);
}

TEST(ce10_a_list_that_cannot_be_read_leaves_the_old_one)
{
	struct scene *s = *state;
	char *half = NULL;

	begin(s);
	assert_true(asprintf(&half, "%s-----BEGIN CERTIFICATE-----\nMIIB\n", s->world.anchors) > 0);
	assert_int_equal(set(s, "test-list", "1", s->world.anchors), CALLERID_OK);
	assert_int_equal(set(s, "test-list", "2", "rubbish"), CALLERID_ESYNTAX);
	assert_int_equal(set(s, "test-list", "2", half), CALLERID_ESYNTAX);
	scene_expect_passed(s);
	assert_string_equal(passport_of(s)->anchor_version, "1");
	free(half);
}

TEST(ce10_a_list_stands_apart_from_the_others)
{
	struct scene *s = *state;

	begin(s);
	assert_int_equal(set(s, "b", "9", s->world.anchors), CALLERID_OK);
	scene_expect_passed(s);
	assert_string_equal(passport_of(s)->anchor_list, "test-list"); /* the first that has it */
	assert_int_equal(set(s, "test-list", NULL, ""), CALLERID_OK);
	scene_expect_passed(s);
	assert_string_equal(passport_of(s)->anchor_list, "b");
	assert_int_equal(set(s, "b", NULL, ""), CALLERID_OK);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	assert_int_equal(set(s, "b", NULL, ""), CALLERID_OK); /* away already */
}

TEST(ce10_names_and_numbers_of_lists_are_bounded)
{
	struct scene *s = *state;
	char name[CALLERID_LIST_NAME_MAX + 2];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(set(s, name, "1", s->world.anchors), CALLERID_EINVAL);
	assert_int_equal(set(s, "n", name, s->world.anchors), CALLERID_EINVAL);
	assert_int_equal(set(s, NULL, "1", s->world.anchors), CALLERID_EINVAL);
	assert_int_equal(set(s, name + 1, name + 1, s->world.anchors), CALLERID_OK);
	for (unsigned i = 2; i < CALLERID_LISTS_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		assert_int_equal(set(s, name, "1", s->world.anchors), CALLERID_OK);
	}
	assert_int_equal(set(s, "one more", "1", s->world.anchors), CALLERID_ELIMIT);
	assert_int_equal(set(s, "2", "2", s->world.anchors), CALLERID_OK); /* there already */
}

/* x5c of up to two certificates, as the JOSE header's member. */
static char *x5c_of(const struct kit_cert *a, const struct kit_cert *b)
{
	const struct kit_cert *all[] = {a, b};
	char *text = strdup("\"x5c\":[");

	for (size_t i = 0; i < 2 && all[i] != NULL; i++) {
		unsigned char *der = NULL;
		int n = i2d_X509(all[i]->x, &der);
		unsigned char b64[8192];
		char *more = NULL;

		assert_in_range(n, 1, 4096);
		(void)EVP_EncodeBlock(b64, der, n);
		assert_true(asprintf(&more, "%s%s\"%s\"", text, i > 0 ? "," : "", (char *)b64) > 0);
		free(text);
		text = more;
		OPENSSL_free(der);
	}
	return text;
}

/* The call's Identity, signed by the world's leaf, with this member in its JOSE header. */
static void add_with(struct scene *s, const char *member)
{
	char *header = NULL;

	assert_true(asprintf(&header,
			     "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",%s,"
			     "\"x5u\":\"%s\"}",
			     member, KIT_URL) > 0);
	s->call.n_identity = 0;
	scene_add_token(s, header, SCENE_PAYLOAD);
	free(header);
}

/* Adds x5c of a and b and takes it back when its text has been used. */
static void add_x5c(struct scene *s, const struct kit_cert *a, const struct kit_cert *b)
{
	char *x5c = x5c_of(a, b), *member = NULL;

	assert_true(asprintf(&member, "%s]", x5c) > 0);
	add_with(s, member);
	free(member);
	free(x5c);
}

TEST(ce12_a_complete_x5c_is_taken_and_nothing_is_fetched)
{
	struct scene *s = *state;

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	add_x5c(s, &s->world.leaf, &s->world.inter);
	s->policy.accept_x5c = true;
	s->chain = NULL;
	scene_expect_passed(s);
	assert_int_equal(s->asked, 0);
	assert_string_equal(passport_of(s)->check[CALLERID_CHECK_CERT].why, "from the token's x5c");
	assert_string_equal(passport_of(s)->anchor_list, "test-list");
	scene_expect_passed(s); /* remembered */
	assert_int_equal(s->asked, 0);
	/* It is forgotten with the anchors like any other. */
	assert_int_equal(set(s, "test-list", "2", ""), CALLERID_OK);
	assert_int_not_equal(scene_verify(s)->reason, CALLERID_REASON_OK);
}

TEST(vs3_certificates_in_tokens_are_paid_for_like_any_other)
{
	static const char *const payloads[] = {
		SCENE_CLAIMS("1800000000", KIT_FROM, KIT_TO),
		SCENE_CLAIMS("1799999999", KIT_FROM, KIT_TO),
		SCENE_CLAIMS("1799999998", KIT_FROM, KIT_TO),
	};
	struct scene *s = *state;
	char *x5c = x5c_of(&s->world.leaf, &s->world.inter), *header = NULL;

	s->policy.accept_x5c = true;
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	assert_true(asprintf(&header,
			     "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",%s],"
			     "\"x5u\":\"%s\"}",
			     x5c, KIT_URL) > 0);
	for (size_t i = 0; i < 3; i++)
		scene_add_token(s, header, payloads[i]);
	for (unsigned afford = 0; afford <= 3; afford++) {
		const struct callerid_verdict *verdict;
		unsigned good = 0, left = 0;

		s->policy.max_cost = afford * (1 + CALLERID_COST_CERT) + 1;
		s->chain = NULL;
		verdict = scene_verify(s);
		for (size_t i = 0; i < 3; i++) {
			good += verdict->passport[i].reason == CALLERID_REASON_OK;
			left += verdict->passport[i].reason == CALLERID_REASON_LIMIT;
		}
		assert_int_equal(good, afford);
		assert_int_equal(left, 3 - afford);
		assert_int_equal(s->asked, 0);
	}
	free(header);
	free(x5c);
}

TEST(ce12_x5c_counts_for_nothing_unless_the_policy_takes_it)
{
	struct scene *s = *state;

	add_x5c(s, &s->world.leaf, &s->world.inter);
	scene_expect_passed(s);
	assert_int_equal(s->asked, 1);
}

TEST(ce12_an_incomplete_or_malformed_x5c_is_as_if_it_were_absent)
{
	static const char *const members[] = {
		"\"x5c\":[]",	      "\"x5c\":{}",	    "\"x5c\":\"MIIB\"",
		"\"x5c\":[1]",	      "\"x5c\":[\"\"]",	    "\"x5c\":[\"====\"]",
		"\"x5c\":[\"MIIB\"]", "\"x5c\":[\"MI B\"]", "\"x5c\":[\"MII-\"]",
	};
	struct scene *s = *state;

	s->policy.accept_x5c = true;
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		add_with(s, members[i]);
		assert_int_equal(set(s, "test-list", "2", s->world.anchors), CALLERID_OK);
		scene_expect_passed(s);
		assert_int_equal(s->asked, 1);
	}
	add_x5c(s, &s->world.leaf, NULL); /* its issuer is missing */
	assert_int_equal(set(s, "test-list", "3", s->world.anchors), CALLERID_OK);
	scene_expect_passed(s);
	assert_int_equal(s->asked, 1);
}

TEST(ce12_x5c_follows_the_same_rules_of_paths_and_numbers)
{
	struct scene *s = *state;
	struct kit_cert root = kit_cert(&(struct kit_spec){.cn = "Forged Root"});
	struct kit_cert forged = kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 1234", .issuer = &root, .tnauth = kit_numbers, .n_tnauth = 2});
	long serial = ASN1_INTEGER_get(X509_get0_serialNumber(s->world.leaf.x));
	char *crl = kit_crl(&s->world.inter, serial, KIT_NOW + KIT_DAY);

	s->policy.accept_x5c = true;
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	/* A complete path to an anchor that is not ours; a good one stands at x5u, and does not
	 * help. */
	add_x5c(s, &forged, &root);
	assert_int_not_equal(scene_verify(s)->verstat, CALLERID_VERSTAT_PASSED);
	/* Another's certificate does not bear out the signature. */
	add_x5c(s, &s->world.inter, NULL);
	assert_int_not_equal(scene_verify(s)->verstat, CALLERID_VERSTAT_PASSED);
	/* Revoked at once, though remembered. */
	add_x5c(s, &s->world.leaf, &s->world.inter);
	scene_expect_passed(s);
	assert_int_equal(callerid_context_add_crl(s->ctx, crl, strlen(crl), NULL), CALLERID_OK);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	assert_int_equal(s->asked, 0);
	free(crl);
	kit_cert_free(&forged);
	kit_cert_free(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(ce10_a_verdict_names_the_list_and_the_version_that_its_path_ends_in),
		SCENE_TEST(ce10_a_removed_anchor_vouches_for_nobody_from_the_next_call_on),
		SCENE_TEST(ce10_a_verification_under_way_sees_the_new_list),
		SCENE_TEST(ce10_a_list_that_cannot_be_read_leaves_the_old_one),
		SCENE_TEST(ce10_a_list_stands_apart_from_the_others),
		SCENE_TEST(ce10_names_and_numbers_of_lists_are_bounded),
		SCENE_TEST(ce12_a_complete_x5c_is_taken_and_nothing_is_fetched),
		SCENE_TEST(vs3_certificates_in_tokens_are_paid_for_like_any_other),
		SCENE_TEST(ce12_x5c_counts_for_nothing_unless_the_policy_takes_it),
		SCENE_TEST(ce12_an_incomplete_or_malformed_x5c_is_as_if_it_were_absent),
		SCENE_TEST(ce12_x5c_follows_the_same_rules_of_paths_and_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
