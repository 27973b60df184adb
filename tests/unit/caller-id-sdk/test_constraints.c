/* SPDX-License-Identifier: Apache-2.0 */
/* Claim constraints (RFC 8226 §8, RFC 9118 §3): strict DER, every claim, both sides of a call. */
#include "tests/kit/scene.h"

#include "constraints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#define TEST(name) static void name(void **state)

#define OID_PLAIN    "1.3.6.1.5.5.7.1.27"
#define OID_ENHANCED "1.3.6.1.5.5.7.1.33"

/* DER under construction: each call wraps what stands from a place on. */
struct der {
	uint8_t p[24000];
	size_t n;
};

static void wrap(struct der *d, size_t from, uint8_t tag)
{
	size_t len = d->n - from, head = len < 0x80 ? 2 : len < 0x100 ? 3 : 4;

	memmove(d->p + from + head, d->p + from, len);
	d->p[from] = tag;
	d->p[from + 1] = (uint8_t)(head == 2 ? len : 0x80 + head - 2);
	if (head == 3)
		d->p[from + 2] = (uint8_t)len;
	if (head == 4) {
		d->p[from + 2] = (uint8_t)(len >> 8);
		d->p[from + 3] = (uint8_t)len;
	}
	d->n += head;
}

static void text(struct der *d, uint8_t tag, const char *s)
{
	size_t from = d->n;

	memcpy(d->p + d->n, s, strlen(s));
	d->n += strlen(s);
	wrap(d, from, tag);
}

/* The notation of these tests: "+name" mustInclude, "-name" mustExclude, "name=a|b"
 * permittedValues; rules between spaces, in the order of the members. */
static void member(struct der *d, const char *rules, char kind)
{
	char copy[512], *rest = NULL, *rule;
	size_t from = d->n;

	snprintf(copy, sizeof(copy), "%s", rules);
	for (rule = strtok_r(copy, " ", &rest); rule != NULL; rule = strtok_r(NULL, " ", &rest)) {
		char *values = strchr(rule, '='), *more = NULL;
		size_t one = d->n, list;

		if (kind != '=' && rule[0] == kind)
			text(d, 0x16, rule + 1);
		if (kind != '=' || values == NULL)
			continue;
		*values++ = '\0';
		text(d, 0x16, rule);
		list = d->n;
		for (values = strtok_r(values, "|", &more); values != NULL;
		     values = strtok_r(NULL, "|", &more))
			text(d, 0x0c, values);
		wrap(d, list, 0x30);
		wrap(d, one, 0x30);
	}
	if (d->n == from)
		return;
	wrap(d, from, 0x30);
	wrap(d, from, (uint8_t)(0xa0 + (kind == '+' ? 0 : kind == '=' ? 1 : 2)));
}

static struct der der_of(const char *rules)
{
	struct der d = {.n = 0};

	member(&d, rules, '+');
	member(&d, rules, '=');
	member(&d, rules, '-');
	wrap(&d, 0, 0x30);
	return d;
}

static enum callerid_reason check(const char *rules, const char *payload, char *why)
{
	struct der d = der_of(rules);
	struct cid_constraints *c = NULL;
	json_t *claims = json_loads(payload, 0, NULL);
	enum callerid_reason reason = CALLERID_REASON_OK;

	assert_non_null(claims);
	assert_int_equal(cid_constraints_parse(d.p, d.n, true, &c, NULL), CALLERID_OK);
	if (c != NULL)
		reason = cid_constraints_check(c, claims, why, CALLERID_WHY_MAX + 1);
	cid_constraints_free(c);
	json_decref(claims);
	return reason;
}

TEST(ce5_every_claim_is_held_against_every_rule)
{
	static const struct {
		const char *rules, *payload;
		bool good;
	} rows[] = {
		{"+attest", "{\"attest\":\"A\"}", true},
		{"+attest", "{\"origid\":\"A\"}", false},
		{"+attest +origid", "{\"attest\":\"A\"}", false},
		{"+attest", "{\"attest\":null}", true},
		{"attest=A|B", "{\"attest\":\"A\"}", true},
		{"attest=A|B", "{\"attest\":\"B\"}", true},
		{"attest=A|B", "{\"attest\":\"C\"}", false},
		{"attest=A|B", "{\"attest\":\"\"}", false},
		{"attest=A", "{\"attest\":\"AA\"}", false},
		{"attest=AA", "{\"attest\":\"A\"}", false},
		{"attest=A", "{\"attest\":\"a\"}", false},
		{"attest=A", "{\"origid\":\"A\"}", true}, /* only what is there */
		{"attest=A", "{\"attest\":[\"A\"]}", false},
		{"attest=A origid=1|2", "{\"attest\":\"A\",\"origid\":\"3\"}", false},
		{"attest=A origid=1|2", "{\"attest\":\"A\",\"origid\":\"2\"}", true},
		/* A claim with two lists has to satisfy both. */
		{"attest=A|B attest=B|C", "{\"attest\":\"A\"}", false},
		{"attest=A|B attest=B|C", "{\"attest\":\"B\"}", true},
		{"-rph", "{\"attest\":\"A\"}", true},
		{"-rph", "{\"rph\":{}}", false},
		{"-rph", "{\"rph\":null}", false},
		{"+rph -rph", "{\"rph\":1}", false},
		/* Not strings: by the deterministic form. */
		{"n=17", "{\"n\":17}", true},
		{"n=17", "{\"n\":\"17\"}", true},
		{"n=17", "{\"n\":170}", false},
		{"n=17", "{\"n\":17.0}", true}, /* one number, however written */
		{"n=1.5", "{\"n\":1.50}", true},
		{"n=true", "{\"n\":true}", true},
		{"n=null", "{\"n\":null}", true},
		{"o={\"a\":1,\"b\":[\"x\",2]}", "{\"o\":{\"b\":[\"x\",2],\"a\":1}}", true},
		{"o={\"a\":1,\"b\":[\"x\",2]}", "{\"o\":{ \"a\" : 1, \"b\" : [\"x\", 2]}}", true},
		{"o={\"b\":[\"x\",2],\"a\":1}", "{\"o\":{\"b\":[\"x\",2],\"a\":1}}", false},
		{"o={\"a\":1}", "{\"o\":{\"a\":1,\"b\":2}}", false},
		{"o={\"a\":1,\"b\":2}", "{\"o\":{\"a\":1}}", false},
		{"o={\"\xc3\x84\":1}", "{\"o\":{\"\\u00c4\":1}}", true},
		{"o=\"A\"", "{\"o\":\"A\"}", false}, /* a string is compared without quotes */
	};
	char why[CALLERID_WHY_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum callerid_reason reason = check(rows[i].rules, rows[i].payload, why);

		if (reason != (rows[i].good ? CALLERID_REASON_OK : CALLERID_REASON_NOT_PERMITTED))
			fail_msg("%s on %s", rows[i].rules, rows[i].payload);
	}
	(void)check("attest=A", "{\"attest\":\"C\"}", why);
	assert_non_null(strstr(why, "attest"));
}

TEST(ce5_iat_orig_or_dest_in_must_exclude_is_as_if_the_extension_were_absent)
{
	static const char *const rules[] = {"+x -iat", "+x -orig", "x=1 -rph -dest"};
	char why[CALLERID_WHY_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		assert_int_equal(check(rules[i], "{\"rph\":1,\"x\":2}", why), CALLERID_REASON_OK);
}

TEST(ce5_what_is_not_strict_der_is_refused)
{
	static const struct {
		size_t n;
		uint8_t der[24];
	} bad[] = {
		{0, {0}},
		{2, {0x30, 0x00}},
		{2, {0x31, 0x00}},
		{4, {0x30, 0x02, 0xa0, 0x00}},
		{6, {0x30, 0x04, 0xa0, 0x02, 0x30, 0x00}},		    /* SIZE (1..MAX) */
		{8, {0x30, 0x06, 0xa0, 0x04, 0x30, 0x02, 0x16, 0x00}},	    /* an empty name */
		{9, {0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x0c, 0x01, 'x'}}, /* not an IA5String */
		{9, {0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x16, 0x01, 0}},
		{9, {0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x16, 0x01, 0x80}},
		{9, {0x30, 0x07, 0xa3, 0x05, 0x30, 0x03, 0x16, 0x01, 'x'}},	/* no [3] */
		{10, {0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x16, 0x01, 'x', 0}}, /* bytes behind */
		{10, {0x30, 0x08, 0xa0, 0x06, 0x30, 0x03, 0x16, 0x01, 'x', 0}},
		{10, {0x30, 0x81, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x16, 0x01, 'x'}}, /* long length */
		{7, {0x30, 0x05, 0x80, 0x03, 0x16, 0x01, 'x'}}, /* implicit tags */
		/* [0] twice; [1] before [0]. */
		{16,
		 {0x30, 0x0e, 0xa0, 0x05, 0x30, 0x03, 0x16, 0x01, 'x', 0xa0, 0x05, 0x30, 0x03, 0x16,
		  0x01, 'y'}},
		{21, {0x30, 0x13, 0xa1, 0x0a, 0x30, 0x08, 0x30, 0x06, 0x16, 0x01, 'x',
		      0x30, 0x01, 'y',	0xa0, 0x05, 0x30, 0x03, 0x16, 0x01, 'x'}},
		/* Values: none; not UTF-8. */
		{13, {0x30, 0x0b, 0xa1, 0x09, 0x30, 0x07, 0x30, 0x05, 0x16, 0x01, 'x', 0x30, 0x00}},
		{16,
		 {0x30, 0x0e, 0xa1, 0x0c, 0x30, 0x0a, 0x30, 0x08, 0x16, 0x01, 'x', 0x30, 0x03, 0x0c,
		  0x01, 0xff}},
		{16,
		 {0x30, 0x0e, 0xa1, 0x0c, 0x30, 0x0a, 0x30, 0x08, 0x16, 0x01, 'x', 0x30, 0x03, 0x0c,
		  0x01, 0x00}},
	};
	struct cid_constraints *c = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *copy = malloc(bad[i].n + 1); /* of its size, for the sanitizer */

		memcpy(copy + 1, bad[i].der, bad[i].n);
		if (cid_constraints_parse(copy + 1, bad[i].n, true, &c, NULL) != CALLERID_ESYNTAX)
			fail_msg("row %zu", i);
		assert_null(c);
		free(copy);
	}
}

TEST(ce5_must_exclude_is_of_the_enhanced_extension_only)
{
	struct der d = der_of("-rph");
	struct cid_constraints *c = NULL;

	(void)state;
	assert_int_equal(cid_constraints_parse(d.p, d.n, false, &c, NULL), CALLERID_ESYNTAX);
	assert_int_equal(cid_constraints_parse(d.p, d.n, true, &c, NULL), CALLERID_OK);
	cid_constraints_free(c);
}

TEST(ce5_names_and_values_are_bounded)
{
	static struct der d;
	struct cid_constraints *c = NULL;

	(void)state;
	for (size_t n = 256; n <= 257; n++) {
		d.n = 0;
		for (size_t i = 0; i < n; i++)
			text(&d, 0x16, "x");
		wrap(&d, 0, 0x30);
		wrap(&d, 0, 0xa0);
		wrap(&d, 0, 0x30);
		assert_int_equal(cid_constraints_parse(d.p, d.n, false, &c, NULL),
				 n == 256 ? CALLERID_OK : CALLERID_ELIMIT);
	}
	cid_constraints_free(c);
	c = NULL;
	assert_int_equal(cid_constraints_parse(d.p, CID_CONSTRAINTS_DER_MAX + 1, false, &c, NULL),
			 CALLERID_ELIMIT);
	assert_null(c);
}

/* A certificate of the world's CA with this extension. */
static struct kit_cert constrained(const struct scene *s, const char *oid, const struct der *d)
{
	return kit_cert(&(struct kit_spec){.cn = "SHAKEN 1234",
					   .issuer = &s->world.inter,
					   .tnauth = kit_numbers,
					   .n_tnauth = 2,
					   .extra_oid = oid,
					   .extra_der = d->p,
					   .extra_len = d->n,
					   .extra_critical = true});
}

static void verdict_under(struct scene *s, const char *oid, const char *rules,
			  enum callerid_reason reason)
{
	struct der d = der_of(rules);
	struct kit_cert leaf = constrained(s, oid, &d);

	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	if (reason == CALLERID_REASON_OK)
		scene_expect_passed(s);
	else
		scene_expect(s, reason, CALLERID_CHECK_CONSTRAINTS);
	kit_cert_free(&leaf);
}

TEST(ce5_a_verdict_keeps_to_the_constraints_of_the_certificate)
{
	struct scene *s = *state;

	verdict_under(s, OID_PLAIN, "+attest attest=A|B", CALLERID_REASON_OK);
	verdict_under(s, OID_PLAIN, "attest=B|C", CALLERID_REASON_NOT_PERMITTED);
	verdict_under(s, OID_PLAIN, "+rcd", CALLERID_REASON_NOT_PERMITTED);
	verdict_under(s, OID_ENHANCED, "-rph -rcd", CALLERID_REASON_OK);
	verdict_under(s, OID_ENHANCED, "-attest", CALLERID_REASON_NOT_PERMITTED);
	verdict_under(s, OID_ENHANCED, "orig={\"tn\":\"" KIT_FROM "\"}", CALLERID_REASON_OK);
	verdict_under(s, OID_ENHANCED, "orig={\"tn\":\"12155559999\"}",
		      CALLERID_REASON_NOT_PERMITTED);
	verdict_under(s, OID_ENHANCED, "+rcd -iat", CALLERID_REASON_OK);
}

TEST(ce5_a_certificate_with_two_such_extensions_is_refused)
{
	struct scene *s = *state;
	struct der d = der_of("+attest");
	struct kit_cert leaf = constrained(s, OID_PLAIN, &d);
	ASN1_OBJECT *oid = OBJ_txt2obj(OID_ENHANCED, 1);
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	assert_int_equal(ASN1_OCTET_STRING_set(data, d.p, (int)d.n), 1);
	ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, data);
	assert_int_equal(X509_add_ext(leaf.x, ext, -1), 1);
	assert_true(X509_sign(leaf.x, s->world.inter.key, EVP_sha256()) > 0);
	scene_signed_by(s, &leaf, &s->world.inter, NULL, SCENE_PAYLOAD);
	scene_expect(s, CALLERID_REASON_NOT_PERMITTED, CALLERID_CHECK_CONSTRAINTS);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(data);
	ASN1_OBJECT_free(oid);
	kit_cert_free(&leaf);
}

/* root -> a CA with claim constraints that no call of ours keeps -> a signer without any. */
static void verify_below(struct scene *s, const char *oid, bool critical)
{
	struct der d = der_of("+rcd attest=C");
	struct kit_cert ca = kit_cert(&(struct kit_spec){.cn = "Constrained CA",
							 .issuer = &s->world.root,
							 .extra_oid = oid,
							 .extra_der = d.p,
							 .extra_len = d.n,
							 .extra_critical = critical});
	struct kit_cert leaf = kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 1234", .issuer = &ca, .tnauth = kit_numbers, .n_tnauth = 2});

	scene_signed_by(s, &leaf, &ca, NULL, SCENE_PAYLOAD);
	(void)scene_verify(s);
	kit_cert_free(&leaf);
	kit_cert_free(&ca);
}

TEST(ce5_constraints_of_an_issuer_constrain_nobody_below_it)
{
	struct scene *s = *state;

	verify_below(s, OID_PLAIN, false);
	scene_expect_passed(s);
	verify_below(s, OID_ENHANCED, false);
	scene_expect_passed(s);
}

TEST(ce5_ce2_critical_constraints_of_an_issuer_mean_nothing_that_we_can_process)
{
	struct scene *s = *state;

	verify_below(s, OID_PLAIN, true);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	verify_below(s, OID_ENHANCED, true);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
}

TEST(ce5_the_check_can_be_turned_to_a_warning_and_off)
{
	struct scene *s = *state;

	s->policy.mode[CALLERID_CHECK_CONSTRAINTS] = CALLERID_MODE_WARN;
	verdict_under(s, OID_PLAIN, "attest=B", CALLERID_REASON_OK);
	assert_int_equal(callerid_verification_verdict(s->v)
				 ->passport[0]
				 .check[CALLERID_CHECK_CONSTRAINTS]
				 .result,
			 CALLERID_RESULT_WARNED);
	s->policy.mode[CALLERID_CHECK_CONSTRAINTS] = CALLERID_MODE_OFF;
	verdict_under(s, OID_PLAIN, "attest=B", CALLERID_REASON_OK);
}

static enum callerid_status sign_under(const struct scene *s, const char *rules,
				       enum callerid_attest attest)
{
	struct der d = der_of(rules);
	struct kit_cert leaf = constrained(s, OID_ENHANCED, &d);
	struct callerid_signer *signer = kit_signer(&leaf, false);
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;
	enum callerid_status status;

	claims.attest = attest;
	status = callerid_signer_sign(signer, &claims, &identity, NULL);
	free(identity);
	callerid_signer_free(signer);
	kit_cert_free(&leaf);
	return status;
}

TEST(as19_the_signer_keeps_to_its_own_certificates_constraints)
{
	const struct scene *s = *state;

	assert_int_equal(sign_under(s, "+attest attest=A", CALLERID_ATTEST_A), CALLERID_OK);
	assert_int_equal(sign_under(s, "+attest attest=A", CALLERID_ATTEST_B), CALLERID_EPERM);
	assert_int_equal(sign_under(s, "+rcd", CALLERID_ATTEST_A), CALLERID_EPERM);
	assert_int_equal(sign_under(s, "-attest", CALLERID_ATTEST_A), CALLERID_EPERM);
	assert_int_equal(sign_under(s, "-rph", CALLERID_ATTEST_A), CALLERID_OK);
	assert_int_equal(sign_under(s, "+rcd -iat", CALLERID_ATTEST_A), CALLERID_OK);
}

/* Signing and verifying an rcd PASSporT with this reason and these digests. */
static void rich_under(struct scene *s, const char *rules, const char *crn, const char *rcdi,
		       bool permitted)
{
	struct der d = der_of(rules);
	struct kit_cert strict = constrained(s, OID_PLAIN, &d);
	const struct kit_cert *const cert[] = {&strict, &s->world.leaf};
	struct callerid_claims claims = kit_claims();

	claims.rcd = "{\"nam\":\"Example\"}";
	claims.crn = crn;
	claims.rcdi = rcdi;
	for (size_t i = 0; i < 2; i++) {
		struct callerid_signer *signer = kit_signer(cert[i], false);
		char *identity = NULL;
		bool good = permitted || cert[i] != &strict;

		assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL),
				 good ? CALLERID_OK : CALLERID_EPERM);
		free(identity);
		callerid_signer_free(signer);
	}
	kit_cert_free(&strict);
}

/* RFC 9795 §6.3 and §7.1. */
TEST(rc13_the_signer_makes_what_its_certificate_permits_of_reasons_and_digests)
{
	static const char digests[] =
		"{\"/nam\":\"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\"}";
	struct scene *s = *state;

	rich_under(s, "crn=Delivery|Return", "Delivery", NULL, true);
	rich_under(s, "crn=Delivery|Return", "Your bank", NULL, false);
	rich_under(s, "+crn", NULL, NULL, false);
	rich_under(s, "+rcdi", NULL, NULL, false);
	rich_under(s, "+rcdi", NULL, digests, true);
}

TEST(rc13_a_verdict_refuses_call_reasons_that_the_certificate_does_not_permit)
{
#define WITH_CRN(crn)                                                                              \
	"{\"attest\":\"A\",\"crn\":\"" crn "\",\"dest\":{\"tn\":[\"" KIT_TO                        \
	"\"]},\"iat\":1800000000,"                                                                 \
	"\"orig\":{\"tn\":\"" KIT_FROM "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}"
	struct scene *s = *state;
	struct der d = der_of("crn=Delivery|Return");
	struct der digests = der_of("+rcdi");
	struct kit_cert leaf = constrained(s, OID_PLAIN, &d);
	struct kit_cert wants = constrained(s, OID_PLAIN, &digests);

	scene_signed_by(s, &leaf, &s->world.inter, NULL, WITH_CRN("Return"));
	scene_expect_passed(s);
	scene_signed_by(s, &leaf, &s->world.inter, NULL, WITH_CRN("Your bank"));
	scene_expect(s, CALLERID_REASON_NOT_PERMITTED, CALLERID_CHECK_CONSTRAINTS);
	scene_signed_by(s, &wants, &s->world.inter, NULL, WITH_CRN("Return"));
	scene_expect(s, CALLERID_REASON_NOT_PERMITTED, CALLERID_CHECK_CONSTRAINTS);
	kit_cert_free(&wants);
	kit_cert_free(&leaf);
}

/* The example certificate of RFC 9118's appendix, as published. */
static X509 *example(void)
{
	const char *folder = getenv("ATTESTEL_VECTORS");
	char path[512];
	FILE *file;
	X509 *cert;

	snprintf(path, sizeof(path), "%s/rfc9118/ejwtcc-cert.pem",
		 folder != NULL && folder[0] != '\0' ? folder : "../shared/vectors");
	file = fopen(path, "r");
	if (file == NULL) {
		print_message("skipped: %s is not there\n", path);
		skip();
		return NULL;
	}
	cert = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(cert);
	return cert;
}

TEST(ce5_the_example_of_rfc9118_constrains_what_it_says)
{
	static const struct {
		const char *payload;
		enum callerid_reason reason;
	} rows[] = {
		{"{\"confidence\":\"high\"}", CALLERID_REASON_OK},
		{"{\"confidence\":\"medium\"}", CALLERID_REASON_OK},
		{"{\"confidence\":\"low\"}", CALLERID_REASON_NOT_PERMITTED},
		{"{}", CALLERID_REASON_NOT_PERMITTED},
		{"{\"confidence\":\"high\",\"priority\":1}", CALLERID_REASON_NOT_PERMITTED},
	};
	X509 *cert = example();
	struct cid_constraints *c = NULL;
	ASN1_OBJECT *oid = OBJ_txt2obj(OID_ENHANCED, 1);
	const ASN1_OCTET_STRING *data;
	char why[CALLERID_WHY_MAX + 1];

	(void)state;
	data = X509_EXTENSION_get_data(X509_get_ext(cert, X509_get_ext_by_OBJ(cert, oid, -1)));
	assert_int_equal(cid_constraints_parse(ASN1_STRING_get0_data(data),
					       (size_t)ASN1_STRING_length(data), true, &c, NULL),
			 CALLERID_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *payload = json_loads(rows[i].payload, 0, NULL);

		assert_int_equal(cid_constraints_check(c, payload, why, sizeof(why)),
				 rows[i].reason);
		json_decref(payload);
	}
	cid_constraints_free(c);
	ASN1_OBJECT_free(oid);
	X509_free(cert);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ce5_every_claim_is_held_against_every_rule),
		cmocka_unit_test(
			ce5_iat_orig_or_dest_in_must_exclude_is_as_if_the_extension_were_absent),
		cmocka_unit_test(ce5_what_is_not_strict_der_is_refused),
		cmocka_unit_test(ce5_must_exclude_is_of_the_enhanced_extension_only),
		cmocka_unit_test(ce5_names_and_values_are_bounded),
		SCENE_TEST(ce5_a_verdict_keeps_to_the_constraints_of_the_certificate),
		SCENE_TEST(ce5_a_certificate_with_two_such_extensions_is_refused),
		SCENE_TEST(ce5_constraints_of_an_issuer_constrain_nobody_below_it),
		SCENE_TEST(
			ce5_ce2_critical_constraints_of_an_issuer_mean_nothing_that_we_can_process),
		SCENE_TEST(ce5_the_check_can_be_turned_to_a_warning_and_off),
		SCENE_TEST(as19_the_signer_keeps_to_its_own_certificates_constraints),
		SCENE_TEST(
			rc13_the_signer_makes_what_its_certificate_permits_of_reasons_and_digests),
		SCENE_TEST(
			rc13_a_verdict_refuses_call_reasons_that_the_certificate_does_not_permit),
		cmocka_unit_test(ce5_the_example_of_rfc9118_constrains_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
