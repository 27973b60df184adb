/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: what stands at x5u, from junk to paths of certificates that cost too much. */
#include "tests/kit/bounds.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define UNREADABLE CALLERID_REASON_CERT_UNREADABLE, CALLERID_CHECK_CERT
#define TOO_MUCH   CALLERID_REASON_LIMIT, CALLERID_CHECK_CERT
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

static struct kit_spec leaf_of(const struct kit_cert *issuer)
{
	return (struct kit_spec){
		.cn = "SHAKEN 1234", .issuer = issuer, .tnauth = kit_numbers, .n_tnauth = 2};
}

/* What stands at the URL, the scene's from now on. The token is the scene's signer's. */
static void serve(struct scene *s, char *chain)
{
	free(s->own_chain);
	s->own_chain = chain;
	s->chain = chain;
	if (s->call.n_identity == 0)
		scene_add_token(s, SCENE_HEADER, SCENE_PAYLOAD);
}

static void serve_leaf(struct scene *s, const struct kit_spec *spec)
{
	struct kit_cert leaf = kit_cert(spec);

	serve(s, kit_pem(&leaf, &s->world.inter, NULL));
	kit_cert_free(&leaf);
}

/* row->payload: a kind of key for kit_key(), or RSA of so many bits that are all made up. */
static void put_key(struct scene *s, const struct bad_row *row)
{
	struct kit_spec spec = leaf_of(&s->world.inter);
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
	struct kit_spec spec = leaf_of(&ca);
	struct kit_cert leaf = kit_cert(&spec);

	serve(s, kit_pem(&leaf, &ca, NULL));
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
	struct kit_spec spec = leaf_of(&ca);
	struct kit_cert leaf = kit_cert(&spec);
	const ASN1_BIT_STRING *signature = NULL;
	uint8_t forged[1024];

	memset(forged, 0x5a, sizeof(forged));
	assert_true(X509_sign(leaf.x, small, EVP_sha256()) > 0);
	X509_get0_signature(&signature, NULL, leaf.x);
	assert_int_equal(
		ASN1_STRING_set((ASN1_BIT_STRING *)(uintptr_t)signature, forged, sizeof(forged)),
		1);
	serve(s, kit_pem(&leaf, &ca, NULL));
	bounded_expect(s, UNTRUSTED, "certificate 1 of the path: certificate signature failure");
	kit_cert_free(&leaf);
	kit_cert_free(&ca);
	EVP_PKEY_free(shown);
	EVP_PKEY_free(small);
}

/* count copies of text; the caller's. */
static char *repeat(const char *text, size_t count)
{
	size_t n = strlen(text);
	char *all = calloc(count, n + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(all + i * n, text, n);
	return all;
}

/* row->payload so many times that 16 KB are full, or row->header times. */
static void put_text(struct scene *s, const struct bad_row *row)
{
	size_t count = row->header != NULL ? strtoul(row->header, NULL, 10)
					   : CALLERID_CERT_PEM_MAX / strlen(row->payload);

	serve(s, repeat(row->payload, count));
}

#define BEGIN	 "-----BEGIN CERTIFICATE-----\n"
#define END	 "-----END CERTIFICATE-----\n"
#define LINE	 "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2Np\n"
#define NO_CERT	 UNREADABLE, "no readable certificate in it"
#define OVER_16K TOO_MUCH, "more than 16384 bytes"

static const struct bad_row texts[] = {
	{"16_kilobytes_of_junk_in_one_block", "1", BEGIN LINE LINE LINE LINE END, NO_CERT},
	{"16_kilobytes_of_junk_blocks", NULL, BEGIN LINE END, NO_CERT},
	{"16_kilobytes_of_empty_blocks", NULL, BEGIN END, NO_CERT},
	{"16_kilobytes_of_beginnings", NULL, BEGIN, NO_CERT},
	{"16_kilobytes_of_ends", NULL, END, NO_CERT},
	{"16_kilobytes_of_lines", NULL, LINE, NO_CERT},
	{"16_kilobytes_of_dashes", NULL, "-", NO_CERT},
	{"16_kilobytes_of_line_ends", NULL, "\n", NO_CERT},
	{"16_kilobytes_of_keys", NULL,
	 "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", NO_CERT},
	{"16_kilobytes_of_headers", NULL,
	 BEGIN "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\n" LINE END, NO_CERT},
	{"16_kilobytes_of_der_headers", NULL, "0\x80", NO_CERT},
	{"16_kilobytes_of_nested_der", NULL, "0\x84\x7f\xff\xff\xff", NO_CERT},
	{"64_kilobytes_of_lines", "1008", LINE, OVER_16K},
	{"one_megabyte_of_junk_blocks", "8738", BEGIN LINE END, OVER_16K},
	{"an_empty_body", "0", "", UNREADABLE, "it is empty"},
};

/* PEM of n certificates, each issued by the one behind it, the last by the root; the caller's.
 * key: of the issuers. The first is a signer's. */
static char *long_chain(struct scene *s, size_t n, const char *key, const char *cn)
{
	struct kit_cert *all = calloc(n, sizeof(*all));
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL, *text;
	long len;

	for (size_t i = n; i-- > 0;) {
		char name[64];
		struct kit_spec spec = {.cn = name, .key = key, .no_key_ids = key == NULL};

		snprintf(name, sizeof(name), "%s %zu", cn, i);
		spec.issuer = i == n - 1 ? &s->world.root : &all[i + 1];
		if (i == 0) {
			spec = leaf_of(spec.issuer);
			spec.no_key_ids = key == NULL;
		}
		all[i] = kit_cert(&spec);
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(PEM_write_bio_X509(bio, all[i].x), 1);
	len = BIO_get_mem_data(bio, &data);
	text = strndup(data, (size_t)len);
	/* The scene's signer is the leaf from now on. */
	kit_cert_free(&s->world.leaf);
	s->world.leaf = all[0];
	for (size_t i = 1; i < n; i++)
		kit_cert_free(&all[i]);
	free(all);
	BIO_free(bio);
	return text;
}

TEST(chain_of_20_certificates)
{
	struct scene *s = *state;
	char *chain = long_chain(s, 20, NULL, "C");

	assert_in_range(strlen(chain), 8000, CALLERID_CERT_PEM_MAX);
	serve(s, chain);
	bounded_expect(s, TOO_MUCH, "more than 4 certificates");
}

TEST(chain_of_24_certificates_over_16_kilobytes)
{
	struct scene *s = *state;

	serve(s, long_chain(s, 24, "P-384",
			    "A name of nearly the sixty-four characters that X.520 allows"));
	assert_true(strlen(s->chain) > CALLERID_CERT_PEM_MAX);
	bounded_expect(s, OVER_16K);
}

TEST(chain_of_one_certificate_20_times)
{
	struct scene *s = *state;
	char *pem = kit_pem(&s->world.leaf, NULL, NULL);

	serve(s, repeat(pem, 20));
	free(pem);
	bounded_expect(s, TOO_MUCH, "more than 4 certificates");
}

/* As a P-384 root with a P-384 CA: the dearest that is taken. */
TEST(chain_of_3_certificates_of_p384_passes)
{
	struct scene *s = *state;

	serve(s, long_chain(s, 3, "P-384", "CA"));
	scene_expect_passed(s);
	bounded_verify(s);
}

TEST(chain_of_4_certificates_of_p384)
{
	struct scene *s = *state;

	serve(s, long_chain(s, 4, "P-384", "CA"));
	bounded_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_CHAIN,
		       "the path has over 2 issuers whose keys are P-384 or large RSA");
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
	serve(s, kit_pem(leaf, &s->world.inter, NULL));
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
	struct kit_spec spec = leaf_of(&ca);
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
	serve(s, kit_pem(&leaf, &ca, NULL));
	assert_in_range(strlen(s->chain), 9000, CALLERID_CERT_PEM_MAX);
	bounded_expect(s, UNTRUSTED, "certificate 1 of the path: permitted subtree violation");
	kit_cert_free(&ca);
}

/* One byte more of it each time; none of them is a certificate. */
TEST(der_certificate_cut_at_every_byte)
{
	struct scene *s = *state;
	unsigned char *der = NULL;
	int n = i2d_X509(s->world.leaf.x, &der);

	scene_add_token(s, SCENE_HEADER, SCENE_PAYLOAD);
	for (int i = 0; i < n; i++) {
		struct callerid_verification *v = NULL;
		const struct callerid_verdict *verdict;
		uint8_t *part = malloc((size_t)i + 1);

		memcpy(part, der, (size_t)i);
		assert_int_equal(callerid_context_add_anchors(s->ctx, "test-list", s->world.anchors,
							      strlen(s->world.anchors), NULL),
				 CALLERID_OK);
		assert_int_equal(callerid_verification_new(s->ctx, &s->call, &v, NULL), 0);
		callerid_verification_supply(v, KIT_URL, part, (size_t)i);
		verdict = callerid_verification_verdict(v);
		assert_int_equal(verdict->reason, CALLERID_REASON_CERT_UNREADABLE);
		callerid_verification_free(v);
		free(part);
	}
	OPENSSL_free(der);
}

/* As many signers as one call may have, each with a path of its own that costs what it can. */
TEST(four_signers_with_paths_of_p384_pass)
{
	struct scene *s = *state;
	serve(s, long_chain(s, 3, "P-384", "CA"));
	for (unsigned i = 0; i < 16; i++) {
		char header[256], parameters[256];

		snprintf(header, sizeof(header),
			 "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\","
			 "\"x5u\":\"https://cert.example.org/%u.pem\"}",
			 i);
		snprintf(parameters, sizeof(parameters),
			 ";info=<https://cert.example.org/%u.pem>;alg=ES256;ppt=shaken", i);
		scene_add(s, scene_join(kit_token(s->world.leaf.key, header, SCENE_PAYLOAD),
					parameters));
	}
	s->call.identity++; /* without the one that serve() added */
	s->call.n_identity--;
	scene_expect_passed(s);
	assert_int_equal(s->asked, 4);
	bounded_verify(s);
	s->call.identity--;
}

static const struct CMUnitTest single[] = {
	SCENE_TEST(issuer_of_rsa_8192_with_a_forged_signature),
	SCENE_TEST(chain_of_20_certificates),
	SCENE_TEST(chain_of_24_certificates_over_16_kilobytes),
	SCENE_TEST(chain_of_one_certificate_20_times),
	SCENE_TEST(chain_of_3_certificates_of_p384_passes),
	SCENE_TEST(chain_of_4_certificates_of_p384),
	SCENE_TEST(certificate_of_800_extensions_passes),
	SCENE_TEST(certificate_of_600_critical_extensions),
	SCENE_TEST(certificate_of_600_names_passes),
	SCENE_TEST(certificate_of_900_names_below_600_constraints),
	SCENE_TEST(der_certificate_cut_at_every_byte),
	SCENE_TEST(four_signers_with_paths_of_p384_pass),
};

int main(void)
{
	const struct bad_table tables[] = {
		BAD_TABLE(keys, put_key),
		BAD_TABLE(issuers, put_issuer),
		BAD_TABLE(texts, put_text),
	};

	return bad_run(tables, BAD_N_OF(tables), single, BAD_N_OF(single));
}
