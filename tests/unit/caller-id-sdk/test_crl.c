/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists (CE9): complete and indirect, current and stale, missing, huge, forged. */
#include "tests/kit/scene.h"

#include "crl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEST(name) static void name(void **state)

#define CRL_URL	 "https://crl.example.org/all.crl"
#define INDIRECT "critical,indirectCRL:TRUE"

static enum callerid_status add(struct scene *s, const struct kit_crl_spec *spec)
{
	char *text = kit_crl_of(spec);
	enum callerid_status status = callerid_context_add_crl(s->ctx, text, strlen(text), NULL);

	free(text);
	return status;
}

static void add_signer(struct scene *s, const struct kit_cert *issuer)
{
	char *pem = kit_pem(issuer, NULL, NULL);

	assert_int_equal(callerid_context_add_crl_issuers(s->ctx, pem, strlen(pem), NULL),
			 CALLERID_OK);
	free(pem);
}

/* Someone apart from the path who signs CRLs, as a policy administrator does. */
static struct kit_cert administrator(void)
{
	return kit_cert(&(struct kit_spec){.cn = "Administrator CRL", .usage = "critical,cRLSign"});
}

/* A signer's certificate whose distribution point names issuer. */
static struct kit_cert pointed(const struct kit_cert *by, const struct kit_cert *issuer,
			       const char *cn)
{
	return kit_cert(&(struct kit_spec){.cn = cn,
					   .issuer = by,
					   .tnauth = kit_numbers,
					   .n_tnauth = 2,
					   .crl_url = CRL_URL,
					   .crl_issuer = issuer});
}

TEST(ce9_an_indirect_crl_of_an_issuer_outside_the_path_revokes)
{
	struct scene *s = *state;
	struct kit_cert sti_pa = administrator();
	struct kit_cert leaf = pointed(&s->world.inter, &sti_pa, "SHAKEN 1234");
	struct kit_revoked list = {&leaf, true};
	struct kit_crl_spec spec = {
		.issuer = &sti_pa, .revoked = &list, .n_revoked = 1, .idp = INDIRECT};

	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s);
	/* Nobody has named its signer yet. */
	assert_int_equal(add(s, &spec), CALLERID_OK);
	scene_expect_passed(s);
	add_signer(s, &sti_pa);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	kit_cert_free(&leaf);
	kit_cert_free(&sti_pa);
}

TEST(ce9_an_entry_of_an_indirect_crl_is_about_one_issuers_certificate)
{
	struct scene *s = *state;
	struct kit_cert sti_pa = administrator();
	struct kit_cert other =
		kit_cert(&(struct kit_spec){.cn = "Other CA", .issuer = &s->world.root});
	struct kit_cert twin = kit_cert(&(struct kit_spec){
		.cn = "Twin",
		.issuer = &other,
		.tnauth = kit_numbers,
		.n_tnauth = 2,
		.serial = ASN1_INTEGER_get(X509_get0_serialNumber(s->world.leaf.x))});
	struct kit_revoked list = {&twin, true};

	add_signer(s, &sti_pa);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &sti_pa,
						       .revoked = &list,
						       .n_revoked = 1,
						       .idp = INDIRECT}),
			 CALLERID_OK);
	scene_signed_by(s, &s->world.leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s); /* the same serial number, of another issuer */
	scene_signed_by(s, &twin, &other, NULL, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	kit_cert_free(&twin);
	kit_cert_free(&other);
	kit_cert_free(&sti_pa);
}

TEST(ce9_a_crl_without_the_mark_of_an_indirect_one_is_about_its_own_issuer_only)
{
	struct scene *s = *state;
	struct kit_cert sti_pa = administrator();
	struct kit_revoked list = {&s->world.leaf, true};

	add_signer(s, &sti_pa);
	assert_int_equal(
		add(s, &(struct kit_crl_spec){.issuer = &sti_pa, .revoked = &list, .n_revoked = 1}),
		CALLERID_OK);
	scene_signed_by(s, &s->world.leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s);
	kit_cert_free(&sti_pa);
}

TEST(ce9_who_may_not_sign_crls_revokes_nothing)
{
	struct scene *s = *state;
	struct kit_cert no_crl_sign = kit_cert(
		&(struct kit_spec){.cn = "Administrator", .usage = "critical,digitalSignature"});
	struct kit_cert expired = kit_cert(&(struct kit_spec){
		.cn = "Late", .usage = "critical,cRLSign", .not_after = KIT_NOW - 1});
	struct kit_revoked list = {&s->world.leaf, true};

	add_signer(s, &no_crl_sign);
	add_signer(s, &expired);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &no_crl_sign,
						       .revoked = &list,
						       .n_revoked = 1,
						       .idp = INDIRECT}),
			 CALLERID_OK);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &expired,
						       .revoked = &list,
						       .n_revoked = 1,
						       .idp = INDIRECT}),
			 CALLERID_OK);
	scene_signed_by(s, &s->world.leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s);
	kit_cert_free(&expired);
	kit_cert_free(&no_crl_sign);
}

TEST(ce9_a_crl_issuer_is_no_anchor)
{
	struct scene *s = *state;
	struct kit_cert root = kit_cert(&(struct kit_spec){.cn = "CRL Root"});
	struct kit_cert leaf = kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 1", .issuer = &root, .tnauth = kit_numbers, .n_tnauth = 2});

	add_signer(s, &root);
	scene_signed_by(s, &leaf, NULL, NULL, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	kit_cert_free(&leaf);
	kit_cert_free(&root);
}

/* Current complete CRLs of both issuers of the world's path, with nobody listed. */
static void cover_world(struct scene *s)
{
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &s->world.root}), CALLERID_OK);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &s->world.inter}), CALLERID_OK);
}

TEST(ce9_without_a_current_crl_hard_fail_fails_and_soft_fail_passes)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	scene_expect_passed(s);
	s->policy.require_crl = true;
	scene_expect(s, CALLERID_REASON_CRL_MISSING, CALLERID_CHECK_CHAIN);
	/* Every certificate but the anchor has to be covered. */
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &s->world.inter}), CALLERID_OK);
	scene_expect(s, CALLERID_REASON_CRL_MISSING, CALLERID_CHECK_CHAIN);
	cover_world(s);
	scene_expect_passed(s);
	/* As soon as one of them is out of date, cached or not. */
	s->call.date = (struct callerid_span){NULL, 0};
	s->policy.mode[CALLERID_CHECK_IAT] = CALLERID_MODE_OFF;
	s->call.now = KIT_NOW + 30 * KIT_DAY;
	scene_expect_passed(s);
	s->call.now = KIT_NOW + 30 * KIT_DAY + 1;
	scene_expect(s, CALLERID_REASON_CRL_MISSING, CALLERID_CHECK_CHAIN);
	s->policy.require_crl = false;
	scene_expect_passed(s);
	assert_non_null(strstr(
		callerid_verification_verdict(s->v)->passport[0].check[CALLERID_CHECK_CHAIN].why,
		"out of date"));
}

TEST(ce9_an_indirect_crl_covers_who_names_its_issuer)
{
	struct scene *s = *state;
	struct kit_cert sti_pa = administrator();
	struct kit_cert named = pointed(&s->world.inter, &sti_pa, "Named");
	struct kit_cert not_named = pointed(&s->world.inter, NULL, "Not named");

	s->policy.require_crl = true;
	add_signer(s, &sti_pa);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &s->world.root}), CALLERID_OK);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &sti_pa, .idp = INDIRECT}),
			 CALLERID_OK);
	scene_signed_by(s, &named, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s);
	scene_signed_by(s, &not_named, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_CRL_MISSING, CALLERID_CHECK_CHAIN);
	kit_cert_free(&not_named);
	kit_cert_free(&named);
	kit_cert_free(&sti_pa);
}

TEST(ce9_a_part_of_a_crl_covers_its_part_only)
{
	static const struct {
		const char *idp;
		bool covers;
	} rows[] = {
		{"critical,fullname:URI:" CRL_URL, true},
		{"critical,fullname:URI:https://crl.example.org/other.crl", false},
		{"critical,onlyuser:TRUE", true},
		{"critical,onlyCA:TRUE", false},
		{"critical,onlyAA:TRUE", false},
		{"critical,onlysomereasons:keyCompromise", false},
	};
	struct scene *s = *state;
	struct kit_cert leaf = pointed(&s->world.inter, NULL, "Pointed");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_crl_spec spec = {.issuer = &s->world.inter, .idp = rows[i].idp};
		struct cid_crl_query query = {.cert = leaf.x,
					      .issuer = s->world.inter.x,
					      .anchor = s->world.root.x,
					      .now = KIT_NOW};
		struct cid_crl_answer answer;
		struct cid_crls *crls = NULL;
		char *text = kit_crl_of(&spec);

		assert_int_equal(cid_crls_new(&crls, NULL), CALLERID_OK);
		assert_int_equal(cid_crls_add(crls, text, strlen(text), NULL), CALLERID_OK);
		cid_crls_look_up(crls, &query, &answer);
		if (answer.is_covered != rows[i].covers || answer.is_revoked)
			fail_msg("%s", rows[i].idp);
		cid_crls_free(crls);
		free(text);
	}
	kit_cert_free(&leaf);
}

TEST(ce9_a_newer_crl_takes_the_place_of_an_older_one)
{
	struct scene *s = *state;
	struct kit_revoked list = {&s->world.leaf, false};
	struct kit_crl_spec with = {.issuer = &s->world.inter, .revoked = &list, .n_revoked = 1};
	struct kit_crl_spec without = {.issuer = &s->world.inter, .this_update = KIT_NOW - KIT_DAY};

	scene_add_good(s);
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	assert_int_equal(add(s, &with), CALLERID_OK);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	assert_int_equal(add(s, &without), CALLERID_OK); /* a hold was lifted */
	scene_expect_passed(s);
	assert_int_equal(add(s, &with), CALLERID_OK); /* an old one does not undo it ... */
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN); /* ... but is heeded */
}

TEST(ce9_an_older_crl_does_not_take_the_place_of_a_newer_one)
{
	struct scene *s = *state;
	struct kit_revoked list = {&s->world.leaf, false};

	scene_add_good(s);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &s->world.inter,
						       .revoked = &list,
						       .n_revoked = 1,
						       .this_update = KIT_NOW - 100}),
			 CALLERID_OK);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &s->world.inter,
						       .this_update = KIT_NOW - 101}),
			 CALLERID_OK);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
}

TEST(ce9_a_forged_newer_crl_does_not_take_the_place_of_a_good_one)
{
	struct scene *s = *state;
	struct kit_cert forger = kit_cert(&(struct kit_spec){.cn = "Test CA"});
	struct kit_revoked list = {&s->world.leaf, false};

	scene_add_good(s);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &s->world.inter,
						       .revoked = &list,
						       .n_revoked = 1}),
			 CALLERID_OK);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	assert_int_equal(
		add(s, &(struct kit_crl_spec){.issuer = &forger, .this_update = KIT_NOW - 1}),
		CALLERID_OK);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	kit_cert_free(&forger);
}

TEST(ce9_delta_crls_and_crls_signed_with_sha1_are_refused)
{
	struct scene *s = *state;

	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &s->world.inter, .delta = true}),
			 CALLERID_ESYNTAX);
	assert_int_equal(add(s, &(struct kit_crl_spec){.issuer = &s->world.inter, .sha1 = true}),
			 CALLERID_ESYNTAX);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

TEST(ce9_ten_megabytes_of_crl_take_milliseconds_and_over_sixteen_are_refused)
{
	struct scene *s = *state;
	struct kit_revoked list = {&s->world.leaf, false};
	struct kit_crl_spec spec = {
		.issuer = &s->world.inter, .revoked = &list, .n_revoked = 1, .n_more = 300000};
	char *text = kit_crl_of(&spec), *big = calloc(1, CALLERID_CRL_MAX + 2);
	int64_t spent;

	assert_in_range(strlen(text), 10000000, CALLERID_CRL_MAX);
	assert_int_equal(callerid_context_add_crl(s->ctx, text, strlen(text), NULL), CALLERID_OK);
	scene_add_good(s);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	/* test_bad_input_crl.c has the bound of the first look; this is a later one. */
	assert_int_equal(callerid_context_add_anchors(s->ctx, "test-list", s->world.anchors,
						      strlen(s->world.anchors), NULL),
			 CALLERID_OK);
	spent = now_us();
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	spent = now_us() - spent;
	print_message("a verdict with %zu bytes of CRL: %lld us\n", strlen(text), (long long)spent);
	assert_in_range(spent, 0, 100000);
	memset(big, '\n', CALLERID_CRL_MAX + 1);
	assert_int_equal(callerid_context_add_crl(s->ctx, big, CALLERID_CRL_MAX + 1, NULL),
			 CALLERID_ELIMIT);
	free(big);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(ce9_an_indirect_crl_of_an_issuer_outside_the_path_revokes),
		SCENE_TEST(ce9_an_entry_of_an_indirect_crl_is_about_one_issuers_certificate),
		SCENE_TEST(
			ce9_a_crl_without_the_mark_of_an_indirect_one_is_about_its_own_issuer_only),
		SCENE_TEST(ce9_who_may_not_sign_crls_revokes_nothing),
		SCENE_TEST(ce9_a_crl_issuer_is_no_anchor),
		SCENE_TEST(ce9_without_a_current_crl_hard_fail_fails_and_soft_fail_passes),
		SCENE_TEST(ce9_an_indirect_crl_covers_who_names_its_issuer),
		SCENE_TEST(ce9_a_part_of_a_crl_covers_its_part_only),
		SCENE_TEST(ce9_a_newer_crl_takes_the_place_of_an_older_one),
		SCENE_TEST(ce9_an_older_crl_does_not_take_the_place_of_a_newer_one),
		SCENE_TEST(ce9_a_forged_newer_crl_does_not_take_the_place_of_a_good_one),
		SCENE_TEST(ce9_delta_crls_and_crls_signed_with_sha1_are_refused),
		SCENE_TEST(ce9_ten_megabytes_of_crl_take_milliseconds_and_over_sixteen_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
