/* SPDX-License-Identifier: Apache-2.0 */
/* Deterministic signatures: the values of RFC 6979 §A.2.5, and OpenSSL's opinion of ours. */
#include "signing_key.h"

#include "jws.h"
#include "rfc6979.h"
#include "tests/kit/pki.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 300

/* A P-256 key of these halves; point with its leading 04. */
static EVP_PKEY *key_of(const char *private_hex, const char *point_hex)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	BIGNUM *d = NULL;
	long n = 0;
	unsigned char *point = OPENSSL_hexstr2buf(point_hex, &n);
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;

	assert_true(BN_hex2bn(&d, private_hex) > 0);
	assert_int_equal(
		OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0), 1);
	assert_int_equal(
		OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, (size_t)n),
		1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, d), 1);
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	OPENSSL_free(point);
	BN_free(d);
	return key;
}

static void signature_is(const char *message, const char *r_and_s)
{
	EVP_PKEY *pkey = key_of("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
				"0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
				"7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
	struct cid_signing_key *key = cid_signing_key_new(pkey);
	long n = 0;
	unsigned char *right = OPENSSL_hexstr2buf(r_and_s, &n);
	uint8_t digest[32], raw[64];

	assert_non_null(key);
	assert_int_equal(n, sizeof(raw));
	assert_non_null(SHA256((const uint8_t *)message, strlen(message), digest));
	assert_true(cid_signing_key_sign(key, digest, raw));
	assert_memory_equal(raw, right, sizeof(raw));
	assert_true(cid_es256_verify(pkey, message, strlen(message), raw));
	OPENSSL_free(right);
	cid_signing_key_free(key);
	EVP_PKEY_free(pkey);
}

static void test_rfc6979_a_2_5_signature_of_sample_with_sha256(void **state)
{
	(void)state;
	signature_is("sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
			       "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
}

static void test_rfc6979_a_2_5_signature_of_test_with_sha256(void **state)
{
	(void)state;
	signature_is("test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
			     "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083");
}

static void test_openssl_accepts_every_signature_and_the_same_digest_gives_the_same(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		EVP_PKEY *pkey = kit_key("P-256");
		struct cid_signing_key *key = cid_signing_key_new(pkey);
		uint8_t data[24], digest[32], raw[64], again[64];

		assert_int_equal(RAND_bytes(data, sizeof(data)), 1);
		assert_non_null(SHA256(data, sizeof(data), digest));
		assert_true(cid_signing_key_sign(key, digest, raw));
		assert_true(cid_es256_verify(pkey, data, sizeof(data), raw));
		assert_true(cid_signing_key_sign(key, digest, again));
		assert_memory_equal(raw, again, sizeof(raw));
		digest[31] ^= 1;
		assert_true(cid_signing_key_sign(key, digest, again));
		assert_memory_not_equal(raw, again, 32); /* another nonce, another r */
		cid_signing_key_free(key);
		EVP_PKEY_free(pkey);
	}
}

/* bits2octets takes n from such a digest once: what is above n is not cut off. */
static void test_rfc6979_2_3_4_a_digest_above_the_order_is_taken_modulo_it(void **state)
{
	EVP_PKEY *pkey = kit_key("P-256");
	struct cid_signing_key *key = cid_signing_key_new(pkey);
	EVP_PKEY_CTX *verifier = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	uint8_t digest[32], raw[64], der[72];
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char *p = der;
	int n;

	(void)state;
	memset(digest, 0xff, sizeof(digest));
	assert_true(cid_signing_key_sign(key, digest, raw));
	assert_int_equal(
		ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL)), 1);
	n = i2d_ECDSA_SIG(sig, &p);
	assert_in_range(n, 8, sizeof(der));
	assert_int_equal(EVP_PKEY_verify_init(verifier), 1);
	assert_int_equal(EVP_PKEY_verify(verifier, der, (size_t)n, digest, sizeof(digest)), 1);
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(verifier);
	cid_signing_key_free(key);
	EVP_PKEY_free(pkey);
}

/* The first digest, counted up, whose nonce under d starts with two zero bytes. */
static void digest_of_short_nonce(const uint8_t d[32], uint8_t digest_out[32])
{
	uint8_t nonce[CID_NONCE_LEN] = {1};
	uint32_t count = 0;

	memset(digest_out, 0, 32);
	while (nonce[0] != 0 || nonce[1] != 0) {
		struct cid_rfc6979 drbg;

		assert_true(++count < 1 << 22);
		memcpy(digest_out, &count, sizeof(count));
		cid_rfc6979_init(&drbg, d, digest_out);
		cid_rfc6979_next(&drbg, nonce);
	}
}

static void test_rfc6979_3_2_a_nonce_with_zeros_at_its_head_signs_like_any(void **state)
{
	EVP_PKEY *pkey = kit_key("P-256");
	struct cid_signing_key *key = cid_signing_key_new(pkey);
	EVP_PKEY_CTX *verifier = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	uint8_t d[32], digest[32], raw[64], der[72];
	unsigned char *p = der;
	BIGNUM *number = NULL;
	int n;

	(void)state;
	assert_int_equal(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number), 1);
	assert_int_equal(BN_bn2binpad(number, d, sizeof(d)), sizeof(d));
	digest_of_short_nonce(d, digest);
	assert_true(cid_signing_key_sign(key, digest, raw));
	ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
	n = i2d_ECDSA_SIG(sig, &p);
	assert_int_equal(EVP_PKEY_verify_init(verifier), 1);
	assert_int_equal(EVP_PKEY_verify(verifier, der, (size_t)n, digest, sizeof(digest)), 1);
	BN_free(number);
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(verifier);
	cid_signing_key_free(key);
	EVP_PKEY_free(pkey);
}

static void test_CE1_a_key_that_is_not_a_private_p256_key_does_not_sign(void **state)
{
	static const char *const kinds[] = {"P-384", "P-521", "RSA:2048"};
	EVP_PKEY *whole = kit_key("P-256"), *public_half;
	unsigned char *der = NULL;
	const unsigned char *p;
	int n = i2d_PUBKEY(whole, &der);

	(void)state;
	p = der;
	public_half = d2i_PUBKEY(NULL, &p, n);
	assert_non_null(public_half);
	assert_null(cid_signing_key_new(NULL));
	assert_null(cid_signing_key_new(public_half));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		EVP_PKEY *key = kit_key(kinds[i]);

		assert_null(cid_signing_key_new(key));
		EVP_PKEY_free(key);
	}
	cid_signing_key_free(NULL);
	OPENSSL_free(der);
	EVP_PKEY_free(public_half);
	EVP_PKEY_free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc6979_a_2_5_signature_of_sample_with_sha256),
		cmocka_unit_test(test_rfc6979_a_2_5_signature_of_test_with_sha256),
		cmocka_unit_test(
			test_openssl_accepts_every_signature_and_the_same_digest_gives_the_same),
		cmocka_unit_test(test_rfc6979_2_3_4_a_digest_above_the_order_is_taken_modulo_it),
		cmocka_unit_test(test_rfc6979_3_2_a_nonce_with_zeros_at_its_head_signs_like_any),
		cmocka_unit_test(test_CE1_a_key_that_is_not_a_private_p256_key_does_not_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
