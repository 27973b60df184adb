/* SPDX-License-Identifier: Apache-2.0 */
/* Compact JWS and ES256: what verifies, and above all what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "b64url.h"
#include "jws.h"

static struct callerid_span span(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

static void is_span(struct callerid_span s, const char *text)
{
	assert_int_equal(s.n, strlen(text));
	assert_memory_equal(s.p, text, s.n);
}

static void test_rfc7515_7_1_three_parts(void **state)
{
	struct cid_jws jws;

	(void)state;
	assert_int_equal(cid_jws_split(span("ab.c-d.e_f"), &jws, NULL), CALLERID_OK);
	is_span(jws.signing_input, "ab.c-d");
	is_span(jws.header, "ab");
	is_span(jws.payload, "c-d");
	is_span(jws.signature, "e_f");
}

static void test_rfc8225_7_compact_form_has_only_a_signature(void **state)
{
	struct cid_jws jws;

	(void)state;
	assert_int_equal(cid_jws_split(span("..ef"), &jws, NULL), CALLERID_OK);
	assert_int_equal(jws.header.n + jws.payload.n + jws.signing_input.n, 0);
	is_span(jws.signature, "ef");
}

static void test_anything_but_three_parts_of_base64url_is_refused(void **state)
{
	static const char *const wrong[] = {"",	       ".",	 "..",	   "...",    "a",
					    "a.b",     "a.b.",	 "a..c",   ".b.c",   "a.b.c.",
					    "a.b.c.d", ".a.b.c", "a=.b.c", "a.b.c=", "a+.b.c",
					    "a/.b.c",  "a. b.c", "a.b.c\n"};
	struct cid_jws jws;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (cid_jws_split(span(wrong[i]), &jws, NULL) != CALLERID_ESYNTAX)
			fail_msg("split \"%s\"", wrong[i]);
	}
	assert_int_equal(cid_jws_split((struct callerid_span){"a.\0.c", 5}, &jws, NULL),
			 CALLERID_ESYNTAX);
	assert_int_equal(cid_jws_split((struct callerid_span){NULL, 0}, &jws, NULL),
			 CALLERID_ESYNTAX);
}

static void test_a_token_is_bounded(void **state)
{
	static char text[CALLERID_TOKEN_MAX + 1];
	struct cid_jws jws;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[10] = text[20] = '.';
	assert_int_equal(
		cid_jws_split((struct callerid_span){text, CALLERID_TOKEN_MAX}, &jws, NULL),
		CALLERID_OK);
	assert_int_equal(
		cid_jws_split((struct callerid_span){text, CALLERID_TOKEN_MAX + 1}, &jws, NULL),
		CALLERID_ELIMIT);
}

static void test_PP2_a_signature_is_64_bytes_raw_and_never_der(void **state)
{
	uint8_t raw[CID_ES256_LEN] = {0}, out[CID_ES256_LEN], der[70] = {0x30, 0x44, 0x02, 0x20};
	char text[128] = "a.b.";
	struct cid_jws jws;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (uint8_t)i;
	n = 4 + cid_b64url_encode(raw, sizeof(raw), text + 4);
	assert_int_equal(cid_jws_split((struct callerid_span){text, n}, &jws, NULL), CALLERID_OK);
	assert_true(cid_jws_signature(&jws, out));
	assert_memory_equal(out, raw, sizeof(raw));
	jws.signature.n--;
	assert_false(cid_jws_signature(&jws, out));
	n = 4 + cid_b64url_encode(der, sizeof(der), text + 4);
	assert_int_equal(cid_jws_split((struct callerid_span){text, n}, &jws, NULL), CALLERID_OK);
	assert_false(cid_jws_signature(&jws, out));
}

static void test_what_we_sign_verifies_and_nothing_near_it_does(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	static const char data[] = "header.payload";
	uint8_t raw[CID_ES256_LEN];

	(void)state;
	for (int round = 0; round < 300; round++) { /* short R and S come up too */
		assert_int_equal(cid_es256_sign(key, data, 14, raw, NULL), CALLERID_OK);
		assert_true(cid_es256_verify(key, data, 14, raw));
	}
	assert_false(cid_es256_verify(other, data, 14, raw));
	assert_false(cid_es256_verify(key, data, 13, raw));
	assert_false(cid_es256_verify(key, "Header.payload", 14, raw));
	for (size_t i = 0; i < sizeof(raw); i++) {
		raw[i] ^= 1;
		assert_false(cid_es256_verify(key, data, 14, raw));
		raw[i] ^= 1;
	}
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void test_PP2_r_or_s_zero_or_not_below_the_order_is_refused(void **state)
{
	static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0,	0,    0,    0,
					  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					  0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
					  0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	uint8_t good[CID_ES256_LEN], raw[CID_ES256_LEN];

	(void)state;
	assert_int_equal(cid_es256_sign(key, "x", 1, good, NULL), CALLERID_OK);
	for (size_t half = 0; half < 64; half += 32) {
		memcpy(raw, good, 64);
		memset(raw + half, 0, 32);
		assert_false(cid_es256_verify(key, "x", 1, raw));
		memcpy(raw + half, order, 32);
		assert_false(cid_es256_verify(key, "x", 1, raw));
		memset(raw + half, 0xff, 32);
		assert_false(cid_es256_verify(key, "x", 1, raw));
	}
	memset(raw, 0, 64);
	assert_false(cid_es256_verify(key, "x", 1, raw));
	EVP_PKEY_free(key);
}

static void test_PP2_keys_of_other_kinds_neither_sign_nor_verify(void **state)
{
	EVP_PKEY *keys[] = {EVP_EC_gen("P-384"), EVP_EC_gen("secp256k1"), EVP_RSA_gen(2048),
			    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
	uint8_t raw[CID_ES256_LEN];

	(void)state;
	memset(raw, 1, sizeof(raw));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_non_null(keys[i]);
		assert_false(cid_es256_key(keys[i]));
		assert_int_equal(cid_es256_sign(keys[i], "x", 1, raw, NULL), CALLERID_EINVAL);
		assert_false(cid_es256_verify(keys[i], "x", 1, raw));
		EVP_PKEY_free(keys[i]);
	}
	assert_false(cid_es256_key(NULL));
	assert_false(cid_es256_verify(NULL, "x", 1, raw));
}

static void test_a_prepared_key_does_the_same_and_outlives_its_owner(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *rsa = EVP_RSA_gen(2048);
	EVP_PKEY_CTX *signer = cid_es256_signer(key), *verifier = cid_es256_verifier(key);
	uint8_t raw[CID_ES256_LEN];

	(void)state;
	assert_non_null(signer);
	assert_non_null(verifier);
	assert_null(cid_es256_signer(rsa));
	assert_null(cid_es256_verifier(rsa));
	assert_null(cid_es256_verifier(NULL));
	assert_false(cid_es256_verify_with(NULL, "x", 1, raw));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cid_es256_sign_with(signer, "abc", 3, raw, NULL), CALLERID_OK);
		assert_true(cid_es256_verify_with(verifier, "abc", 3, raw));
		assert_false(cid_es256_verify_with(verifier, "abd", 3, raw));
	}
	assert_true(cid_es256_verify(key, "abc", 3, raw));
	EVP_PKEY_free(key);
	assert_true(cid_es256_verify_with(verifier, "abc", 3, raw));
	EVP_PKEY_CTX_free(signer);
	EVP_PKEY_CTX_free(verifier);
	EVP_PKEY_free(rsa);
}

/* The other implementation at hand: OpenSSL's own digest-and-sign, which speaks DER. */
static void test_openssl_accepts_what_we_sign(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	uint8_t raw[CID_ES256_LEN], *der = NULL;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int n;

	(void)state;
	assert_int_equal(cid_es256_sign(key, "abc", 3, raw, NULL), CALLERID_OK);
	assert_int_equal(
		ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL)), 1);
	n = i2d_ECDSA_SIG(sig, &der);
	assert_true(n > 0);
	assert_int_equal(EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestVerify(md, der, (size_t)n, (const uint8_t *)"abc", 3), 1);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7515_7_1_three_parts),
		cmocka_unit_test(test_rfc8225_7_compact_form_has_only_a_signature),
		cmocka_unit_test(test_anything_but_three_parts_of_base64url_is_refused),
		cmocka_unit_test(test_a_token_is_bounded),
		cmocka_unit_test(test_PP2_a_signature_is_64_bytes_raw_and_never_der),
		cmocka_unit_test(test_what_we_sign_verifies_and_nothing_near_it_does),
		cmocka_unit_test(test_PP2_r_or_s_zero_or_not_below_the_order_is_refused),
		cmocka_unit_test(test_PP2_keys_of_other_kinds_neither_sign_nor_verify),
		cmocka_unit_test(test_a_prepared_key_does_the_same_and_outlives_its_owner),
		cmocka_unit_test(test_openssl_accepts_what_we_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
