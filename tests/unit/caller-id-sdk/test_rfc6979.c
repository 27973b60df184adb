/* SPDX-License-Identifier: Apache-2.0 */
/* The nonces of RFC 6979 §3.2, beside the values of its §A.2.5 and beside OpenSSL's HMAC. */
#include "rfc6979.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LEN CID_NONCE_LEN

static void bytes(const char *hex, uint8_t out[LEN])
{
	long n = 0;
	unsigned char *made = OPENSSL_hexstr2buf(hex, &n);

	assert_non_null(made);
	assert_int_equal(n, LEN);
	memcpy(out, made, LEN);
	OPENSSL_free(made);
}

/* The private key of §A.2.5. */
#define KEY "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"

static void nonce_is(const char *message, const char *expected)
{
	struct cid_rfc6979 drbg;
	uint8_t key[LEN], digest[LEN], nonce[LEN], right[LEN];

	bytes(KEY, key);
	bytes(expected, right);
	assert_non_null(SHA256((const uint8_t *)message, strlen(message), digest));
	cid_rfc6979_init(&drbg, key, digest);
	cid_rfc6979_next(&drbg, nonce);
	assert_memory_equal(nonce, right, LEN);
}

static void test_PP2_rfc6979_a_2_5_nonce_for_sample_with_sha256(void **state)
{
	(void)state;
	nonce_is("sample", "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60");
}

static void test_PP2_rfc6979_a_2_5_nonce_for_test_with_sha256(void **state)
{
	(void)state;
	nonce_is("test", "D16B6AE827F17175E040871A1C7EC3500192C4C92677336EC2537ACAEE0008E0");
}

/* out = HMAC of v, and of mark when it is not negative. */
static void hmac(const uint8_t k[LEN], const uint8_t v[LEN], int mark, uint8_t out[LEN])
{
	uint8_t text[LEN + 1];
	unsigned n = 0;

	memcpy(text, v, LEN);
	text[LEN] = (uint8_t)mark;
	assert_non_null(HMAC(EVP_sha256(), k, LEN, text, mark < 0 ? LEN : LEN + 1, out, &n));
	assert_int_equal(n, LEN);
}

/* No message is known whose first candidate is n or above: the step itself is tested. */
static void test_PP2_rfc6979_3_2_h_3_another_candidate_follows_a_rejected_one(void **state)
{
	struct cid_rfc6979 drbg;
	uint8_t k[LEN], v[LEN], next[LEN], nonce[LEN];

	(void)state;
	memset(k, 0x11, LEN);
	memset(v, 0x22, LEN);
	cid_rfc6979_init(&drbg, k, v);
	cid_rfc6979_next(&drbg, nonce);
	memcpy(k, drbg.k, LEN);
	memcpy(v, drbg.v, LEN);
	assert_memory_equal(v, nonce, LEN);
	cid_rfc6979_reject(&drbg);
	cid_rfc6979_next(&drbg, nonce);
	hmac(k, v, 0x00, next); /* K = HMAC_K(V || 0x00) */
	hmac(next, v, -1, v);	/* V = HMAC_K(V) */
	hmac(next, v, -1, v);	/* and step h.2 again */
	assert_memory_equal(nonce, v, LEN);
	assert_memory_not_equal(nonce, next, LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_PP2_rfc6979_a_2_5_nonce_for_sample_with_sha256),
		cmocka_unit_test(test_PP2_rfc6979_a_2_5_nonce_for_test_with_sha256),
		cmocka_unit_test(test_PP2_rfc6979_3_2_h_3_another_candidate_follows_a_rejected_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
