/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate paths, good and bad: CE1, CE2, CE3, CE5 and CE9 through the public API. */
#include "tests/kit/ecdsa.h"
#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#define TEST(name) static void name(void **state)

/* The world's call, signed with leaf, whose path is issuer and above. Frees leaf. */
static void try(struct scene *s, struct kit_cert leaf, const struct kit_cert *issuer,
		const struct kit_cert *above)
{
	char *chain = kit_pem(&leaf, issuer, above);

	s->call.n_identity = 0;
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	scene_add(s,
		  scene_join(kit_token(leaf.key, SCENE_HEADER, SCENE_PAYLOAD), SCENE_PARAMETERS));
	s->chain = chain;
	/* Forget what stands at the URL: the same anchors again. */
	assert_int_equal(callerid_context_add_anchors(s->ctx, "test-list", s->world.anchors,
						      strlen(s->world.anchors), NULL),
			 CALLERID_OK);
	kit_cert_free(&leaf);
}

static void done(struct scene *s)
{
	free((char *)(uintptr_t)s->chain);
	s->chain = NULL;
}

/* A leaf that is as it should be, but for what the caller adds. */
static struct kit_spec leaf_of(const struct kit_cert *issuer)
{
	return (struct kit_spec){
		.cn = "SHAKEN 1234", .issuer = issuer, .tnauth = kit_numbers, .n_tnauth = 2};
}

static void expect_leaf(struct scene *s, const struct kit_spec *spec, enum callerid_reason reason,
			enum callerid_check by)
{
	try(s, kit_cert(spec), &s->world.inter, NULL);
	if (reason == CALLERID_REASON_OK)
		scene_expect_passed(s);
	else
		scene_expect(s, reason, by);
	done(s);
}

TEST(ce1_the_signers_key_must_be_on_the_named_curve_p256)
{
	struct scene *s = *state;
	struct kit_spec spec = leaf_of(&s->world.inter);
	static const char *const kinds[] = {"P-384", "explicit", "secp256k1", "RSA:2048"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct kit_cert leaf;
		char *chain;

		spec.key = kinds[i];
		leaf = kit_cert(&spec);
		chain = kit_pem(&leaf, &s->world.inter, NULL);
		s->call.n_identity = 0;
		scene_add_token(s, SCENE_HEADER, SCENE_PAYLOAD);
		s->call.now = KIT_NOW + 40 * (int64_t)i; /* past the memory for bad ones */
		s->call.date = (struct callerid_span){NULL, 0};
		s->policy.max_age_s = 1000;
		s->chain = chain;
		scene_expect(s, CALLERID_REASON_CERT_UNREADABLE, CALLERID_CHECK_CERT);
		free(chain);
		kit_cert_free(&leaf);
	}
}

TEST(ce1_issuers_may_be_p384_or_rsa)
{
	struct scene *s = *state;
	static const char *const kinds[] = {"P-384", "RSA:2048", "RSA:4096"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct kit_cert root =
			kit_cert(&(struct kit_spec){.cn = kinds[i], .key = kinds[i]});
		struct kit_spec spec = leaf_of(&root);
		char *anchor = kit_pem(&root, NULL, NULL);

		assert_int_equal(
			callerid_context_add_anchors(s->ctx, "more", anchor, strlen(anchor), NULL),
			CALLERID_OK);
		try(s, kit_cert(&spec), NULL, NULL);
		scene_expect_passed(s);
		done(s);
		free(anchor);
		kit_cert_free(&root);
	}
}

TEST(ce1_issuers_with_weak_or_odd_keys_are_refused)
{
	struct scene *s = *state;
	static const char *const kinds[] = {"P-521", "RSA:1024", "explicit", "secp256k1"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct kit_cert inter = kit_cert(&(struct kit_spec){
			.cn = "Odd CA", .key = kinds[i], .issuer = &s->world.root});
		struct kit_spec spec = leaf_of(&inter);

		try(s, kit_cert(&spec), &inter, NULL);
		scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
		done(s);
		kit_cert_free(&inter);
	}
}

/* The signature that whoever likes can make for the point at infinity: x of e*G, and 1. */
static void sign_for_infinity(const struct kit_ecdsa *b, X509 *x)
{
	const ASN1_BIT_STRING *signature;
	unsigned char *tbs = NULL, *der = NULL, digest[32];
	int n = i2d_re_X509_tbs(x, &tbs), len;
	BIGNUM *e = BN_new(), *r = BN_new();
	EC_POINT *point = EC_POINT_new(b->group);
	ECDSA_SIG *sig = ECDSA_SIG_new();

	assert_non_null(SHA256(tbs, (size_t)n, digest));
	assert_non_null(BN_bin2bn(digest, sizeof(digest), e));
	assert_int_equal(EC_POINT_mul(b->group, point, e, NULL, NULL, b->ctx), 1);
	assert_int_equal(EC_POINT_get_affine_coordinates(b->group, point, r, NULL, b->ctx), 1);
	assert_int_equal(BN_nnmod(r, r, b->n, b->ctx), 1);
	assert_int_equal(ECDSA_SIG_set0(sig, r, BN_dup(BN_value_one())), 1);
	len = i2d_ECDSA_SIG(sig, &der);
	X509_get0_signature(&signature, NULL, x);
	assert_int_equal(ASN1_STRING_set((ASN1_STRING *)(uintptr_t)signature, der, len), 1);
	ECDSA_SIG_free(sig);
	EC_POINT_free(point);
	BN_free(e);
	OPENSSL_free(der);
	OPENSSL_free(tbs);
}

TEST(ce1_an_issuer_with_the_point_at_infinity_as_key_vouches_for_nobody)
{
	struct scene *s = *state;
	void *made = NULL;
	const struct kit_ecdsa *b;
	EC_POINT *infinity;
	struct kit_cert inter, leaf;
	struct kit_spec spec;
	EVP_PKEY *nobody;

	assert_int_equal(kit_ecdsa_setup(&made), 0);
	b = made;
	infinity = EC_POINT_new(b->group);
	EC_POINT_set_to_infinity(b->group, infinity);
	nobody = kit_es256_public(b, infinity);
	inter = kit_cert(
		&(struct kit_spec){.cn = "No CA", .issuer = &s->world.root, .shown = nobody});
	spec = leaf_of(&inter);
	leaf = kit_cert(&spec);
	sign_for_infinity(b, leaf.x);
	try(s, leaf, &inter, NULL);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	done(s);
	kit_cert_free(&inter);
	EVP_PKEY_free(nobody);
	EC_POINT_free(infinity);
	kit_ecdsa_teardown(&made);
}

TEST(ce1_an_anchor_with_an_odd_key_vouches_for_nobody)
{
	struct scene *s = *state;
	struct kit_cert root = kit_cert(&(struct kit_spec){.cn = "Odd Root", .key = "P-521"});
	struct kit_spec spec = leaf_of(&root);
	char *anchor = kit_pem(&root, NULL, NULL);

	assert_int_equal(callerid_context_add_anchors(s->ctx, "odd", anchor, strlen(anchor), NULL),
			 CALLERID_OK);
	try(s, kit_cert(&spec), NULL, NULL);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	done(s);
	free(anchor);
	kit_cert_free(&root);
}

TEST(ce2_a_missing_intermediate_is_no_path)
{
	struct scene *s = *state;
	struct kit_spec spec = leaf_of(&s->world.inter);

	try(s, kit_cert(&spec), NULL, NULL);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	done(s);
}

TEST(ce2_an_intermediate_among_the_anchors_is_no_end_of_a_path)
{
	struct scene *s = *state;
	struct callerid_context *ctx = NULL;
	char *pem = kit_pem(&s->world.inter, NULL, NULL);

	assert_int_equal(
		callerid_context_new(&(struct callerid_limits){.replay_entries = 16}, &ctx, NULL),
		CALLERID_OK);
	assert_int_equal(callerid_context_add_anchors(ctx, "partial", pem, strlen(pem), NULL),
			 CALLERID_OK);
	callerid_context_free(s->ctx);
	s->ctx = ctx;
	scene_add_good(s);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	free(pem);
}

TEST(ce2_an_issuer_must_be_a_ca)
{
	struct scene *s = *state;
	static const struct {
		const char *basic, *usage;
	} bad[] = {
		{"critical,CA:FALSE", NULL},
		{"", NULL},
		{NULL, "critical,digitalSignature"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct kit_cert inter = kit_cert(&(struct kit_spec){.cn = "No CA",
								    .issuer = &s->world.root,
								    .basic = bad[i].basic,
								    .usage = bad[i].usage});
		struct kit_spec spec = leaf_of(&inter);

		try(s, kit_cert(&spec), &inter, NULL);
		scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
		done(s);
		kit_cert_free(&inter);
	}
}

TEST(ce2_what_only_looks_like_a_ca_is_none)
{
	/* Netscape's certificate type sslCA, which X509_check_ca() answers 5 to. */
	static const uint8_t ssl_ca[] = {0x03, 0x02, 0x02, 0x04};
	struct scene *s = *state;
	struct kit_cert by_usage = kit_cert(
		&(struct kit_spec){.cn = "By keyUsage", .issuer = &s->world.root, .basic = ""});
	struct kit_cert by_type = kit_cert(&(struct kit_spec){.cn = "By nsCertType",
							      .issuer = &s->world.root,
							      .basic = "",
							      .usage = "",
							      .extra_oid = "2.16.840.1.113730.1.1",
							      .extra_der = ssl_ca,
							      .extra_len = sizeof(ssl_ca)});
	struct kit_spec spec = leaf_of(&by_usage);

	assert_int_equal(X509_check_ca(by_usage.x), 4);
	assert_int_equal(X509_check_ca(by_type.x), 5);
	try(s, kit_cert(&spec), &by_usage, NULL);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	done(s);
	spec = leaf_of(&by_type);
	try(s, kit_cert(&spec), &by_type, NULL);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	done(s);
	kit_cert_free(&by_type);
	kit_cert_free(&by_usage);
}

TEST(ce2_the_last_second_of_every_certificate_is_a_valid_one)
{
	struct scene *s = *state;
	struct kit_cert inter = kit_cert(&(struct kit_spec){
		.cn = "Ending CA", .issuer = &s->world.root, .not_after = KIT_NOW});
	struct kit_spec spec = leaf_of(&inter);
	struct kit_cert leaf;

	spec.not_after = KIT_NOW;
	leaf = kit_cert(&spec);
	scene_signed_by(s, &leaf, &inter, NULL, SCENE_PAYLOAD);
	scene_expect_passed(s);
	/* And the next one is not, whatever was remembered of the URL. */
	s->call.now = KIT_NOW + 1;
	scene_expect(s, CALLERID_REASON_CERT_EXPIRED, CALLERID_CHECK_CHAIN);
	kit_cert_free(&leaf);
	kit_cert_free(&inter);
}

TEST(ce2_path_length_is_obeyed)
{
	struct scene *s = *state;
	struct kit_cert first = kit_cert(&(struct kit_spec){
		.cn = "CA 1", .issuer = &s->world.root, .basic = "critical,CA:TRUE,pathlen:0"});
	struct kit_cert second = kit_cert(&(struct kit_spec){.cn = "CA 2", .issuer = &first});
	struct kit_spec spec = leaf_of(&first);

	try(s, kit_cert(&spec), &first, NULL);
	scene_expect_passed(s);
	done(s);
	spec = leaf_of(&second);
	try(s, kit_cert(&spec), &second, &first);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	done(s);
	kit_cert_free(&first);
	kit_cert_free(&second);
}

TEST(ce2_key_usage_of_the_signer_must_have_digital_signature)
{
	struct scene *s = *state;
	struct kit_spec spec = leaf_of(&s->world.inter);

	spec.usage = "critical,keyEncipherment";
	expect_leaf(s, &spec, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	spec.usage = "";
	expect_leaf(s, &spec, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	spec.usage = "critical,digitalSignature,nonRepudiation";
	expect_leaf(s, &spec, CALLERID_REASON_OK, CALLERID_CHECK_CHAIN);
}

TEST(ce2_an_extended_key_usage_for_something_else_is_refused)
{
	struct scene *s = *state;
	struct kit_spec spec = leaf_of(&s->world.inter);

	spec.extended = "serverAuth,clientAuth";
	expect_leaf(s, &spec, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	spec.extended = "anyExtendedKeyUsage";
	expect_leaf(s, &spec, CALLERID_REASON_OK, CALLERID_CHECK_CHAIN);
}

TEST(ce2_dates_of_every_certificate_of_the_path_count)
{
	struct scene *s = *state;
	struct kit_cert old = kit_cert(&(struct kit_spec){
		.cn = "Old CA", .issuer = &s->world.root, .not_after = KIT_NOW - 1});
	struct kit_spec spec = leaf_of(&old);

	try(s, kit_cert(&spec), &old, NULL);
	scene_expect(s, CALLERID_REASON_CERT_EXPIRED, CALLERID_CHECK_CHAIN);
	done(s);
	spec = leaf_of(&s->world.inter);
	spec.not_before = KIT_NOW + 1;
	expect_leaf(s, &spec, CALLERID_REASON_CERT_EXPIRED, CALLERID_CHECK_CHAIN);
	spec.not_before = KIT_NOW;
	expect_leaf(s, &spec, CALLERID_REASON_OK, CALLERID_CHECK_CHAIN);
	kit_cert_free(&old);
}

TEST(ce2_unknown_critical_extensions_are_refused_and_others_are_not)
{
	struct scene *s = *state;
	struct kit_spec spec = leaf_of(&s->world.inter);

	spec.extra_oid = "1.3.6.1.4.1.99999.1";
	expect_leaf(s, &spec, CALLERID_REASON_OK, CALLERID_CHECK_CHAIN);
	spec.extra_critical = true;
	expect_leaf(s, &spec, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
}

TEST(ce2_sha1_signatures_are_refused)
{
	struct scene *s = *state;
	struct kit_spec spec = leaf_of(&s->world.inter);

	spec.sha1 = true;
	expect_leaf(s, &spec, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
}

TEST(ce2_a_certificate_signed_by_another_key_of_the_same_name_is_refused)
{
	struct scene *s = *state;
	struct kit_cert twin =
		kit_cert(&(struct kit_spec){.cn = "Test CA", .issuer = &s->world.root});
	struct kit_spec spec = leaf_of(&twin);

	try(s, kit_cert(&spec), &s->world.inter, NULL);
	scene_expect(s, CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN);
	done(s);
	kit_cert_free(&twin);
}

TEST(ce3_no_tnauthlist_gives_no_authority)
{
	struct scene *s = *state;
	struct kit_spec spec = leaf_of(&s->world.inter);

	spec.n_tnauth = 0;
	spec.basic = "critical,CA:FALSE";
	spec.usage = "critical,digitalSignature";
	expect_leaf(s, &spec, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
}

TEST(ce3_a_malformed_or_doubled_tnauthlist_gives_no_authority)
{
	struct scene *s = *state;
	struct kit_spec spec = leaf_of(&s->world.inter);

	spec.extra_oid = "1.3.6.1.5.5.7.1.26"; /* the second one, holding NULL */
	expect_leaf(s, &spec, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	spec.n_tnauth = 0;
	spec.basic = "critical,CA:FALSE";
	spec.usage = "critical,digitalSignature";
	expect_leaf(s, &spec, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	spec.extra_critical = true; /* known to us: critical is no reason to refuse the path */
	expect_leaf(s, &spec, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
}

TEST(ce9_a_crl_of_an_intermediate_revokes_it_and_a_stale_one_still_does)
{
	struct scene *s = *state;
	long serial = ASN1_INTEGER_get(X509_get0_serialNumber(s->world.inter.x));
	char *crl = kit_crl(&s->world.root, serial, KIT_NOW - KIT_DAY);

	assert_int_equal(callerid_context_add_crl(s->ctx, crl, strlen(crl), NULL), CALLERID_OK);
	scene_add_good(s);
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	free(crl);
}

TEST(ce9_a_stale_crl_that_does_not_list_it_is_told_and_passes)
{
	struct scene *s = *state;
	char *crl = kit_crl(&s->world.inter, 77, KIT_NOW - KIT_DAY);

	assert_int_equal(callerid_context_add_crl(s->ctx, crl, strlen(crl), NULL), CALLERID_OK);
	scene_add_good(s);
	scene_expect_passed(s);
	assert_non_null(strstr(
		callerid_verification_verdict(s->v)->passport[0].check[CALLERID_CHECK_CHAIN].why,
		"out of date"));
	free(crl);
}

TEST(ce9_a_crl_forged_in_the_issuers_name_revokes_nothing_by_itself)
{
	struct scene *s = *state;
	struct kit_cert forger = kit_cert(&(struct kit_spec){.cn = "Test CA"});
	long serial = ASN1_INTEGER_get(X509_get0_serialNumber(s->world.leaf.x));
	char *crl = kit_crl(&forger, serial, KIT_NOW + KIT_DAY);
	enum callerid_reason reason;

	assert_int_equal(callerid_context_add_crl(s->ctx, crl, strlen(crl), NULL), CALLERID_OK);
	scene_add_good(s);
	reason = scene_verify(s)->reason;
	assert_int_not_equal(reason, CALLERID_REASON_CERT_REVOKED);
	free(crl);
	kit_cert_free(&forger);
}

TEST(ce6_der_is_read_and_bytes_behind_it_are_not)
{
	struct scene *s = *state;
	struct callerid_verification *v = NULL;
	unsigned char der[2048], *p = der;
	int n;

	struct kit_spec spec = leaf_of(&s->world.root);
	struct kit_cert leaf = kit_cert(&spec);

	n = i2d_X509(leaf.x, &p);
	assert_true(n > 0 && n < (int)sizeof(der));
	der[n] = 0;
	scene_add(s,
		  scene_join(kit_token(leaf.key, SCENE_HEADER, SCENE_PAYLOAD), SCENE_PARAMETERS));
	for (size_t more = 2; more-- > 0;) {
		assert_int_equal(callerid_verification_new(s->ctx, &s->call, &v, NULL),
				 CALLERID_OK);
		callerid_verification_supply(v, KIT_URL, der, (size_t)n + more);
		assert_int_equal(callerid_verification_verdict(v)->reason,
				 more ? CALLERID_REASON_CERT_UNREADABLE : CALLERID_REASON_OK);
		callerid_verification_free(v);
		assert_int_equal(callerid_context_add_anchors(s->ctx, "again", s->world.anchors,
							      strlen(s->world.anchors), NULL),
				 CALLERID_OK);
	}
	kit_cert_free(&leaf);
}

TEST(ce6_more_than_four_certificates_or_16_kb_are_a_limit)
{
	struct scene *s = *state;
	char *three = kit_pem(&s->world.leaf, &s->world.inter, &s->world.inter);
	char *six = NULL, *big = malloc(16385 + 1);

	assert_true(asprintf(&six, "%s%s", three, three) > 0);
	scene_add_good(s);
	s->chain = six;
	scene_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_CERT);
	memset(big, '\n', 16385);
	big[16385] = '\0';
	s->chain = big;
	s->call.now += 40;
	scene_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_CERT);
	free(three);
	free(six);
	free(big);
}

TEST(ce6_an_encrypted_or_cut_off_block_fails_without_asking_for_a_password)
{
	static const char *const bodies[] = {
		("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
		 "AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END "
		 "CERTIFICATE-----\n"),
		"-----BEGIN CERTIFICATE-----\nMIIB\n",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
	};
	struct scene *s = *state;

	s->call.date = (struct callerid_span){NULL, 0};
	s->policy.max_age_s = 1000;
	scene_add_good(s);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		s->call.now = KIT_NOW + 40 * (int64_t)i;
		s->chain = bodies[i];
		scene_expect(s, CALLERID_REASON_CERT_UNREADABLE, CALLERID_CHECK_CERT);
	}
}

TEST(anchors_and_crls_that_cannot_be_read_are_errors_and_add_nothing)
{
	struct scene *s = *state;
	struct callerid_error err;

	assert_int_equal(callerid_context_add_anchors(s->ctx, "x", "rubbish", 7, &err),
			 CALLERID_ESYNTAX);
	assert_int_equal(callerid_context_add_anchors(s->ctx, "x", "", 0, &err), CALLERID_ESYNTAX);
	assert_int_equal(callerid_context_add_anchors(s->ctx, NULL, s->world.anchors, 1, &err),
			 CALLERID_EINVAL);
	assert_int_equal(callerid_context_add_crl(s->ctx, "rubbish", 7, &err), CALLERID_ESYNTAX);
	assert_int_equal(
		callerid_context_add_crl(s->ctx, s->world.anchors, strlen(s->world.anchors), &err),
		CALLERID_ESYNTAX);
	scene_add_good(s);
	scene_expect_passed(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(ce1_the_signers_key_must_be_on_the_named_curve_p256),
		SCENE_TEST(ce1_issuers_may_be_p384_or_rsa),
		SCENE_TEST(ce1_issuers_with_weak_or_odd_keys_are_refused),
		SCENE_TEST(ce1_an_issuer_with_the_point_at_infinity_as_key_vouches_for_nobody),
		SCENE_TEST(ce1_an_anchor_with_an_odd_key_vouches_for_nobody),
		SCENE_TEST(ce2_a_missing_intermediate_is_no_path),
		SCENE_TEST(ce2_an_intermediate_among_the_anchors_is_no_end_of_a_path),
		SCENE_TEST(ce2_an_issuer_must_be_a_ca),
		SCENE_TEST(ce2_what_only_looks_like_a_ca_is_none),
		SCENE_TEST(ce2_the_last_second_of_every_certificate_is_a_valid_one),
		SCENE_TEST(ce2_path_length_is_obeyed),
		SCENE_TEST(ce2_key_usage_of_the_signer_must_have_digital_signature),
		SCENE_TEST(ce2_an_extended_key_usage_for_something_else_is_refused),
		SCENE_TEST(ce2_dates_of_every_certificate_of_the_path_count),
		SCENE_TEST(ce2_unknown_critical_extensions_are_refused_and_others_are_not),
		SCENE_TEST(ce2_sha1_signatures_are_refused),
		SCENE_TEST(ce2_a_certificate_signed_by_another_key_of_the_same_name_is_refused),
		SCENE_TEST(ce3_no_tnauthlist_gives_no_authority),
		SCENE_TEST(ce3_a_malformed_or_doubled_tnauthlist_gives_no_authority),
		SCENE_TEST(ce9_a_crl_of_an_intermediate_revokes_it_and_a_stale_one_still_does),
		SCENE_TEST(ce9_a_stale_crl_that_does_not_list_it_is_told_and_passes),
		SCENE_TEST(ce9_a_crl_forged_in_the_issuers_name_revokes_nothing_by_itself),
		SCENE_TEST(ce6_der_is_read_and_bytes_behind_it_are_not),
		SCENE_TEST(ce6_more_than_four_certificates_or_16_kb_are_a_limit),
		SCENE_TEST(ce6_an_encrypted_or_cut_off_block_fails_without_asking_for_a_password),
		SCENE_TEST(anchors_and_crls_that_cannot_be_read_are_errors_and_add_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
