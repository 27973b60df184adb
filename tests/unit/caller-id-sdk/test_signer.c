/* SPDX-License-Identifier: Apache-2.0 */
/* Signing: what is written (AS4, AS5, AS9, PP9), and what is refused (RFC 8224 §6.1). */
#include "tests/kit/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

/* A world, its leaf's texts, and parameters that work. */
struct bed {
	struct kit_world world;
	char *key, *cert;
	struct callerid_signer_params params;
	struct callerid_error err;
};

static void make(struct bed *b)
{
	memset(b, 0, sizeof(*b));
	b->world = kit_world();
	b->key = kit_key_pem(b->world.leaf.key);
	b->cert = kit_pem(&b->world.leaf, &b->world.inter, NULL);
	b->params = (struct callerid_signer_params){
		.key_pem = b->key,
		.key_len = strlen(b->key),
		.cert_pem = b->cert,
		.cert_len = strlen(b->cert),
		.x5u = KIT_URL,
	};
}

static void unmake(struct bed *b)
{
	free(b->key);
	free(b->cert);
	kit_world_free(&b->world);
}

/* The parameters as they stand are refused with this status and a text. */
static void refused(struct bed *b, enum callerid_status status)
{
	struct callerid_signer *signer = NULL;

	memset(&b->err, 0, sizeof(b->err));
	assert_int_equal(callerid_signer_new(&b->params, &signer, &b->err), status);
	assert_null(signer);
	assert_string_not_equal(b->err.text, "");
}

static void use_key(struct bed *b, const char *kind)
{
	EVP_PKEY *key = kit_key(kind);

	free(b->key);
	b->key = kit_key_pem(key);
	EVP_PKEY_free(key);
	b->params.key_pem = b->key;
	b->params.key_len = strlen(b->key);
}

static void use_cert(struct bed *b, const struct kit_spec *spec)
{
	struct kit_cert cert = kit_cert(spec);

	free(b->key);
	free(b->cert);
	b->key = kit_key_pem(cert.key);
	b->cert = kit_pem(&cert, NULL, NULL);
	kit_cert_free(&cert);
	b->params.key_pem = b->key;
	b->params.key_len = strlen(b->key);
	b->params.cert_pem = b->cert;
	b->params.cert_len = strlen(b->cert);
}

TEST(as5_as9_the_value_has_token_info_alg_and_ppt)
{
	struct bed b;
	char *identity;
	const char *tail = ";info=<" KIT_URL ">;alg=ES256;ppt=shaken";
	struct callerid_identity parsed;

	(void)state;
	make(&b);
	identity = kit_identity(&b.world.leaf);
	assert_non_null(strstr(identity, tail));
	assert_string_equal(strstr(identity, tail), tail);
	assert_int_equal(callerid_identity_parse(identity, strlen(identity), &parsed, NULL),
			 CALLERID_OK);
	assert_int_equal(parsed.n_unknown, 0);
	/* {"alg":"ES256","ppt":"shaken","typ":"passport","x5u":...: PP9's order */
	assert_int_equal(strncmp(identity,
				 "eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiIsInR5cCI6InBhc3Nwb3J0Iiw",
				 63),
			 0);
	free(identity);
	unmake(&b);
}

TEST(as5_a_base_passport_has_no_ppt)
{
	struct bed b;
	struct callerid_signer *signer;
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;

	(void)state;
	make(&b);
	signer = kit_signer(&b.world.leaf, false);
	claims.ppt[0] = '\0';
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_OK);
	assert_null(strstr(identity, "ppt"));
	free(identity);
	callerid_signer_free(signer);
	unmake(&b);
}

TEST(as13_an_x5u_that_verifiers_refuse_is_refused)
{
	struct bed b;

	(void)state;
	make(&b);
	b.params.x5u = "http://cert.example.org/a.pem";
	refused(&b, CALLERID_EINVAL);
	b.params.x5u = "https://cert.example.org/a.pem?x";
	refused(&b, CALLERID_EINVAL);
	b.params.x5u = "https://cert.example.org:8080/a.pem";
	refused(&b, CALLERID_EINVAL);
	b.params.x5u = NULL;
	refused(&b, CALLERID_EINVAL);
	unmake(&b);
}

TEST(a_key_that_is_not_the_certificates_is_refused)
{
	struct bed b;

	(void)state;
	make(&b);
	use_key(&b, "P-256");
	refused(&b, CALLERID_ECRYPTO);
	unmake(&b);
}

TEST(ce1_a_key_that_is_not_p256_is_refused)
{
	static const char *const kinds[] = {"P-384", "RSA:2048", "secp256k1"};
	struct bed b;

	(void)state;
	make(&b);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		use_key(&b, kinds[i]);
		refused(&b, CALLERID_ECRYPTO);
	}
	unmake(&b);
}

TEST(keys_and_certificates_that_cannot_be_read_are_refused)
{
	struct bed b;

	(void)state;
	make(&b);
	b.params.key_pem = b.cert;
	b.params.key_len = strlen(b.cert);
	refused(&b, CALLERID_ESYNTAX);
	b.params.key_len = 0;
	refused(&b, CALLERID_ESYNTAX);
	b.params.key_pem = b.key;
	b.params.key_len = strlen(b.key);
	b.params.cert_pem = b.key;
	b.params.cert_len = strlen(b.key);
	refused(&b, CALLERID_ESYNTAX);
	unmake(&b);
}

TEST(a_certificate_that_verifiers_refuse_is_refused)
{
	struct bed b;
	struct kit_spec spec = {.cn = "x", .tnauth = kit_numbers, .n_tnauth = 2};

	(void)state;
	make(&b);
	spec.usage = "critical,keyEncipherment";
	use_cert(&b, &spec);
	refused(&b, CALLERID_EPERM);
	spec.usage = NULL;
	spec.extra_oid = "1.3.6.1.5.5.7.1.27"; /* AS19: constraints that we cannot obey */
	use_cert(&b, &spec);
	refused(&b, CALLERID_EPERM);
	spec = (struct kit_spec){
		.cn = "x", .basic = "critical,CA:FALSE", .usage = "critical,digitalSignature"};
	use_cert(&b, &spec);
	refused(&b, CALLERID_EPERM);
	unmake(&b);
}

TEST(as1_numbers_outside_the_tnauthlist_are_not_signed)
{
	struct bed b;
	struct callerid_signer *signer;
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;

	(void)state;
	make(&b);
	signer = kit_signer(&b.world.leaf, true);
	claims.orig = kit_party("+12155559010");
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, &b.err), CALLERID_EPERM);
	claims.orig = kit_party("sip:alice@example.com");
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, &b.err), CALLERID_EPERM);
	assert_null(identity);
	claims.orig = kit_party("+12155559000");
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, &b.err), CALLERID_OK);
	free(identity);
	callerid_signer_free(signer);
	unmake(&b);
}

TEST(as1_a_service_provider_code_signs_any_number_only_when_told)
{
	static const struct callerid_tnauth_entry spc = {.kind = CALLERID_TNAUTH_SPC,
							 .text = "1234"};
	struct kit_cert cert =
		kit_cert(&(struct kit_spec){.cn = "SHAKEN 1234", .tnauth = &spc, .n_tnauth = 1});
	struct callerid_signer *strict = kit_signer(&cert, false);
	struct callerid_signer *lax = kit_signer(&cert, true);
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;

	(void)state;
	assert_int_equal(callerid_signer_sign(strict, &claims, &identity, NULL), CALLERID_EPERM);
	assert_int_equal(callerid_signer_sign(lax, &claims, &identity, NULL), CALLERID_OK);
	free(identity);
	callerid_signer_free(strict);
	callerid_signer_free(lax);
	kit_cert_free(&cert);
}

TEST(as3_nothing_is_signed_outside_the_certificates_validity)
{
	struct bed b;
	struct callerid_signer *signer;
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;
	int64_t from, until;

	(void)state;
	make(&b);
	signer = kit_signer(&b.world.leaf, false);
	callerid_signer_validity(signer, &from, &until);
	assert_int_equal(from, KIT_NOW - 180 * KIT_DAY);
	assert_int_equal(until, KIT_NOW + 180 * KIT_DAY);
	claims.iat = until + 1;
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_EPERM);
	claims.iat = from - 1;
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_EPERM);
	claims.iat = until;
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_OK);
	free(identity);
	callerid_signer_free(signer);
	unmake(&b);
}

TEST(as9_a_missing_claim_is_the_programs_mistake)
{
	struct bed b;
	struct callerid_signer *signer;
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;

	(void)state;
	make(&b);
	signer = kit_signer(&b.world.leaf, false);
	claims.attest = CALLERID_ATTEST_NONE;
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_EINVAL);
	claims = kit_claims();
	claims.origid[0] = '\0';
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_EINVAL);
	claims = kit_claims();
	claims.n_dest = 0;
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_EINVAL);
	claims = kit_claims();
	memcpy(claims.ppt, "xyz", 4);
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_EINVAL);
	assert_null(identity);
	callerid_signer_free(signer);
	unmake(&b);
}

TEST(as11_origids_are_version_4_uuids_and_differ)
{
	char a[CALLERID_ORIGID_MAX + 1], b[CALLERID_ORIGID_MAX + 1];

	(void)state;
	assert_int_equal(callerid_origid_random(a), CALLERID_OK);
	assert_int_equal(callerid_origid_random(b), CALLERID_OK);
	assert_int_equal(strlen(a), 36);
	assert_int_equal(strspn(a, "0123456789abcdef-"), 36);
	assert_int_equal(a[14], '4');
	assert_non_null(strchr("89ab", a[19]));
	assert_true(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
	assert_string_not_equal(a, b);
}

/* A key that the library does not see. */
struct elsewhere {
	EVP_PKEY *key;
	int calls;
	bool broken; /* answers, but with nonsense */
	bool gone;   /* does not answer */
};

static enum callerid_status sign_elsewhere(void *magic, const uint8_t digest[32],
					   uint8_t raw_out[64], struct callerid_error *err)
{
	struct elsewhere *e = magic;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, e->key, NULL);
	unsigned char der[80];
	const unsigned char *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig;

	e->calls++;
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, der, &n, digest, 32), 1);
	EVP_PKEY_CTX_free(ctx);
	sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw_out, 32), 32);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw_out + 32, 32), 32);
	ECDSA_SIG_free(sig);
	raw_out[63] ^= e->broken ? 1 : 0;
	if (!e->gone)
		return CALLERID_OK;
	*err = (struct callerid_error){CALLERID_EIO, "elsewhere", "nobody is there"};
	return CALLERID_EIO;
}

TEST(a_key_kept_elsewhere_signs_and_no_signature_goes_out_unverified)
{
	struct bed b;
	struct elsewhere e = {0};
	struct callerid_signer *signer = NULL;
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;

	(void)state;
	make(&b);
	e.key = b.world.leaf.key;
	b.params.key_pem = NULL;
	b.params.sign = sign_elsewhere;
	b.params.magic = &e;
	assert_int_equal(callerid_signer_new(&b.params, &signer, &b.err), CALLERID_OK);
	assert_int_equal(e.calls, 1);
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, &b.err), CALLERID_OK);
	assert_int_equal(e.calls, 2);
	assert_non_null(strstr(identity, ";ppt=shaken"));
	free(identity);
	e.broken = true;
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, &b.err),
			 CALLERID_ECRYPTO);
	e.broken = false;
	e.gone = true;
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, &b.err), CALLERID_EIO);
	assert_string_equal(b.err.text, "nobody is there");
	callerid_signer_free(signer);
	unmake(&b);
}

TEST(a_key_kept_elsewhere_must_be_the_certificates_and_the_only_one)
{
	struct bed b;
	struct elsewhere e = {.key = kit_key("P-256")};

	(void)state;
	make(&b);
	b.params.sign = sign_elsewhere;
	b.params.magic = &e;
	refused(&b, CALLERID_EINVAL); /* beside a key */
	b.params.key_pem = NULL;
	refused(&b, CALLERID_ECRYPTO);
	b.params.sign = NULL;
	refused(&b, CALLERID_EINVAL); /* neither */
	EVP_PKEY_free(e.key);
	unmake(&b);
}

TEST(pp2_rfc6979_the_same_claims_give_the_same_token)
{
	struct bed b;
	struct callerid_signer *signer;
	struct callerid_claims claims = kit_claims();
	char *first = NULL, *second = NULL;

	(void)state;
	make(&b);
	signer = kit_signer(&b.world.leaf, false);
	assert_int_equal(callerid_signer_sign(signer, &claims, &first, NULL), CALLERID_OK);
	assert_int_equal(callerid_signer_sign(signer, &claims, &second, NULL), CALLERID_OK);
	assert_string_equal(first, second);
	free(first);
	free(second);
	callerid_signer_free(signer);
	unmake(&b);
}

/* What each type needs beside the shaken claims that are there. */
static void fill_type(struct callerid_claims *claims, const char *ppt, const char *opt)
{
	snprintf(claims->ppt, sizeof(claims->ppt), "%s", ppt);
	claims->div = claims->orig;
	claims->opt = opt;
	claims->mky = "[{\"alg\":\"sha-256\",\"dig\":\"021ACC5427ABEB9C533F3E4B652E7D463F5442CD"
		      "54F17A03A27DF9B07F4619B2\"}]";
	snprintf(claims->rph[0], sizeof(claims->rph[0]), "ets.0");
	claims->n_rph = 1;
	/* Rich Call Data may stand in two types only (RFC 9795 §8, §13). */
	if (strcmp(ppt, "rcd") == 0 || strcmp(ppt, "shaken") == 0)
		claims->rcd = "{\"nam\":\"Example\"}";
}

TEST(as9_as16_as18_every_type_of_passport_signs_under_its_name)
{
	static const char *const types[] = {"",	   "shaken", "div",  "div-o",
					    "rcd", "rph",    "msec", "rsp"};
	struct bed b;
	struct callerid_signer *signer = NULL;
	char *base;

	(void)state;
	make(&b);
	b.params.namespaces = "ets";
	assert_int_equal(callerid_signer_new(&b.params, &signer, &b.err), CALLERID_OK);
	base = kit_identity(&b.world.leaf);
	*strchr(base, ';') = '\0';
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct callerid_claims claims = kit_claims();
		struct callerid_identity parsed;
		char *identity = NULL;

		fill_type(&claims, types[i], base);
		if (callerid_signer_sign(signer, &claims, &identity, &b.err) != CALLERID_OK)
			fail_msg("%s: %s", types[i], b.err.text);
		assert_int_equal(callerid_identity_parse(identity, strlen(identity), &parsed, NULL),
				 CALLERID_OK);
		assert_int_equal(parsed.ppt.n, strlen(types[i]));
		assert_int_equal(
			strncmp(parsed.ppt.p == NULL ? "" : parsed.ppt.p, types[i], parsed.ppt.n),
			0);
		free(identity);
	}
	free(base);
	callerid_signer_free(signer);
	unmake(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as5_as9_the_value_has_token_info_alg_and_ppt),
		cmocka_unit_test(as5_a_base_passport_has_no_ppt),
		cmocka_unit_test(as13_an_x5u_that_verifiers_refuse_is_refused),
		cmocka_unit_test(a_key_that_is_not_the_certificates_is_refused),
		cmocka_unit_test(ce1_a_key_that_is_not_p256_is_refused),
		cmocka_unit_test(keys_and_certificates_that_cannot_be_read_are_refused),
		cmocka_unit_test(a_certificate_that_verifiers_refuse_is_refused),
		cmocka_unit_test(as1_numbers_outside_the_tnauthlist_are_not_signed),
		cmocka_unit_test(as1_a_service_provider_code_signs_any_number_only_when_told),
		cmocka_unit_test(as3_nothing_is_signed_outside_the_certificates_validity),
		cmocka_unit_test(as9_a_missing_claim_is_the_programs_mistake),
		cmocka_unit_test(as11_origids_are_version_4_uuids_and_differ),
		cmocka_unit_test(a_key_kept_elsewhere_signs_and_no_signature_goes_out_unverified),
		cmocka_unit_test(a_key_kept_elsewhere_must_be_the_certificates_and_the_only_one),
		cmocka_unit_test(as9_as16_as18_every_type_of_passport_signs_under_its_name),
		cmocka_unit_test(pp2_rfc6979_the_same_claims_give_the_same_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
