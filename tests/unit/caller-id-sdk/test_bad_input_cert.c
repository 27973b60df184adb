/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: certificates whose keys, extensions and names are wrong, or too many. */
#include "tests/kit/bounds.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define UNREADABLE CALLERID_REASON_CERT_UNREADABLE, CALLERID_CHECK_CERT
#define UNTRUSTED  CALLERID_REASON_CERT_UNTRUSTED, CALLERID_CHECK_CHAIN
#define NO_P256	   "its key is not on the named curve P-256, which ES256 needs"
#define NO_ISSUER  "an issuer's key is neither P-256, P-384 nor RSA of 2048 to 8192 bits"

/* An RSA public key that nobody has the other half of: making one of 16384 bits takes minutes. */
static EVP_PKEY *rsa_public(int bits, int e_bits)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_new(), *e = BN_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	assert_int_equal(BN_rand(n, bits, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD), 1);
	assert_int_equal(BN_rand(e, e_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n), 1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e), 1);
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	return key;
}

static void serve_leaf(struct scene *s, const struct kit_spec *spec)
{
	struct kit_cert leaf = kit_cert(spec);

	bad_serve(s, kit_pem(&leaf, &s->world.inter, NULL));
	kit_cert_free(&leaf);
}

/* row->payload: a kind of key for kit_key(), or RSA of so many bits that are all made up. */
static void put_key(struct scene *s, const struct bad_row *row)
{
	struct kit_spec spec = bad_leaf(&s->world.inter);
	EVP_PKEY *shown = NULL;

	if (strncmp(row->payload, "rsa ", 4) == 0) {
		shown = rsa_public((int)strtol(row->payload + 4, NULL, 10), 17);
		spec.shown = shown;
	} else {
		spec.key = row->payload;
	}
	serve_leaf(s, &spec);
	EVP_PKEY_free(shown);
}

/* RFC 8226 §4, RFC 7518 §3.4: ES256 is P-256; RFC 5480 §2.1.1: and a named curve. */
static const struct bad_row keys[] = {
	{"leaf_with_explicit_curve_parameters", NULL, "explicit", UNREADABLE, NO_P256},
	{"leaf_of_p384", NULL, "P-384", UNREADABLE, NO_P256},
	{"leaf_of_p521", NULL, "P-521", UNREADABLE, NO_P256},
	{"leaf_of_secp256k1", NULL, "secp256k1", UNREADABLE, NO_P256},
	{"leaf_of_rsa_2048", NULL, "rsa 2048", UNREADABLE, NO_P256},
	{"leaf_of_rsa_16384", NULL, "rsa 16384", UNREADABLE, NO_P256},
};

/* leaf, issued by a CA that shows another key; the CA's certificate is the root's own. */
static void put_issuer(struct scene *s, const struct bad_row *row)
{
	int bits = (int)strtol(row->payload, NULL, 10);
	EVP_PKEY *shown = rsa_public(bits, row->header == NULL ? 17 : 2000);
	struct kit_cert ca = kit_cert(
		&(struct kit_spec){.cn = "Big CA", .issuer = &s->world.root, .shown = shown});
	struct kit_spec spec = bad_leaf(&ca);
	struct kit_cert leaf = kit_cert(&spec);

	bad_serve(s, kit_pem(&leaf, &ca, NULL));
	kit_cert_free(&leaf);
	kit_cert_free(&ca);
	EVP_PKEY_free(shown);
}

static const struct bad_row issuers[] = {
	{"issuer_of_rsa_16384", NULL, "16384", UNTRUSTED, NO_ISSUER},
	{"issuer_of_rsa_8200", NULL, "8200", UNTRUSTED, NO_ISSUER},
	{"issuer_of_rsa_1024", NULL, "1024", UNTRUSTED, NO_ISSUER},
	{"issuer_of_rsa_with_an_exponent_of_2000_bits", "e", "2048", UNTRUSTED, NO_ISSUER},
};

/* The largest key that is taken, the largest exponent, and a signature of its length that is none:
 * all of it has to be computed to see that. */
TEST(issuer_of_rsa_8192_with_a_forged_signature)
{
	struct scene *s = *state;
	EVP_PKEY *shown = rsa_public(8192, 64), *small = kit_key("RSA:2048");
	struct kit_cert ca = kit_cert(
		&(struct kit_spec){.cn = "Big CA", .issuer = &s->world.root, .shown = shown});
	struct kit_spec spec = bad_leaf(&ca);
	struct kit_cert leaf = kit_cert(&spec);
	const ASN1_BIT_STRING *signature = NULL;
	uint8_t forged[1024];

	memset(forged, 0x5a, sizeof(forged));
	assert_true(X509_sign(leaf.x, small, EVP_sha256()) > 0);
	X509_get0_signature(&signature, NULL, leaf.x);
	assert_int_equal(
		ASN1_STRING_set((ASN1_BIT_STRING *)(uintptr_t)signature, forged, sizeof(forged)),
		1);
	bad_serve(s, kit_pem(&leaf, &ca, NULL));
	bounded_expect(s, UNTRUSTED, "certificate 1 of the path: certificate signature failure");
	kit_cert_free(&leaf);
	kit_cert_free(&ca);
	EVP_PKEY_free(shown);
	EVP_PKEY_free(small);
}

static void add_ext(X509 *x, const char *oid, bool critical, const uint8_t *der, size_t len)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	assert_int_equal(ASN1_OCTET_STRING_set(data, der, (int)len), 1);
	ext = X509_EXTENSION_create_by_OBJ(NULL, object, critical, data);
	assert_int_equal(X509_add_ext(x, ext, -1), 1);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(data);
	ASN1_OBJECT_free(object);
}

/* leaf once more under the signature of the scene's CA, and at the URL. */
static void serve_again(struct scene *s, struct kit_cert *leaf)
{
	assert_true(X509_sign(leaf->x, s->world.inter.key, EVP_sha256()) > 0);
	bad_serve(s, kit_pem(leaf, &s->world.inter, NULL));
	assert_true(strlen(s->chain) <= CALLERID_CERT_PEM_MAX);
}

TEST(certificate_of_800_extensions_passes)
{
	static const uint8_t null[] = {0x05, 0x00};
	struct scene *s = *state;

	for (unsigned i = 0; i < 800; i++) {
		char oid[32];

		snprintf(oid, sizeof(oid), "1.2.%u", i + 1);
		add_ext(s->world.leaf.x, oid, false, null, sizeof(null));
	}
	serve_again(s, &s->world.leaf);
	scene_expect_passed(s);
	bounded_verify(s);
}

TEST(certificate_of_600_critical_extensions)
{
	static const uint8_t null[] = {0x05, 0x00};
	struct scene *s = *state;

	for (unsigned i = 0; i < 600; i++) {
		char oid[32];

		snprintf(oid, sizeof(oid), "1.2.%u", i + 1);
		add_ext(s->world.leaf.x, oid, true, null, sizeof(null));
	}
	serve_again(s, &s->world.leaf);
	bounded_expect(s, UNTRUSTED, "certificate 1 of the path: unhandled critical extension");
}

TEST(certificate_of_600_names_passes)
{
	struct scene *s = *state;
	X509_NAME *name = X509_get_subject_name(s->world.leaf.x);

	for (unsigned i = 0; i < 600; i++)
		assert_int_equal(X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_ASC,
							    (const uint8_t *)"x", 1, -1, 0),
				 1);
	serve_again(s, &s->world.leaf);
	scene_expect_passed(s);
	bounded_verify(s);
}

/* n times what makes one element, inside a SEQUENCE, perhaps in [0]. */
static size_t fill(uint8_t *der, const uint8_t *one, size_t size, size_t n, bool tagged)
{
	size_t body = size * n, at = 0;

	if (tagged) {
		memcpy(der, "\x30\x82", 2);
		der[2] = (uint8_t)((body + 4) >> 8);
		der[3] = (uint8_t)(body + 4);
		at = 4;
	}
	der[at] = tagged ? 0xa0 : 0x30;
	der[at + 1] = 0x82;
	der[at + 2] = (uint8_t)(body >> 8);
	der[at + 3] = (uint8_t)body;
	for (size_t i = 0; i < n; i++)
		memcpy(der + at + 4 + i * size, one, size);
	return at + 4 + body;
}

/* RFC 5280 §4.2.1.10: each name is held against each constraint. */
TEST(certificate_of_900_names_below_600_constraints)
{
	static const uint8_t dns[] = {0x82, 0x02, 'a', 'a'}, tree[] = {0x30, 0x03, 0x82, 0x01, 'b'};
	struct scene *s = *state;
	struct kit_cert ca = kit_cert(&(struct kit_spec){.cn = "CA", .issuer = &s->world.root});
	struct kit_spec spec = bad_leaf(&ca);
	uint8_t der[8192];
	struct kit_cert leaf;
	size_t n;

	n = fill(der, tree, sizeof(tree), 600, true);
	add_ext(ca.x, "2.5.29.30", true, der, n);
	assert_true(X509_sign(ca.x, s->world.root.key, EVP_sha256()) > 0);
	leaf = kit_cert(&spec);
	n = fill(der, dns, sizeof(dns), 900, false);
	add_ext(leaf.x, "2.5.29.17", false, der, n);
	assert_true(X509_sign(leaf.x, ca.key, EVP_sha256()) > 0);
	kit_cert_free(&s->world.leaf);
	s->world.leaf = leaf;
	bad_serve(s, kit_pem(&leaf, &ca, NULL));
	assert_in_range(strlen(s->chain), 9000, CALLERID_CERT_PEM_MAX);
	bounded_expect(s, UNTRUSTED, "certificate 1 of the path: permitted subtree violation");
	kit_cert_free(&ca);
}

static const struct CMUnitTest single[] = {
	SCENE_TEST(issuer_of_rsa_8192_with_a_forged_signature),
	SCENE_TEST(certificate_of_800_extensions_passes),
	SCENE_TEST(certificate_of_600_critical_extensions),
	SCENE_TEST(certificate_of_600_names_passes),
	SCENE_TEST(certificate_of_900_names_below_600_constraints),
};

int main(void)
{
	const struct bad_table tables[] = {
		BAD_TABLE(keys, put_key),
		BAD_TABLE(issuers, put_issuer),
	};

	return bad_run(tables, BAD_N_OF(tables), single, BAD_N_OF(single));
}
