/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic modulo the order of P-256's group, beside OpenSSL's BN, at the edges and at random. */
#include "p256_scalar.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 2000
#define EDGES  7

struct bed {
	EC_GROUP *group;
	const BIGNUM *n;
	BN_CTX *ctx;
	BIGNUM *a, *b, *out;
};

static int make(void **state)
{
	static struct bed bed;

	bed.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	bed.n = EC_GROUP_get0_order(bed.group);
	bed.ctx = BN_CTX_new();
	bed.a = BN_new();
	bed.b = BN_new();
	bed.out = BN_new();
	*state = &bed;
	return bed.n == NULL || bed.out == NULL;
}

static int unmake(void **state)
{
	struct bed *b = *state;

	BN_free(b->a);
	BN_free(b->b);
	BN_free(b->out);
	BN_CTX_free(b->ctx);
	EC_GROUP_free(b->group);
	return 0;
}

/* The i-th number of 256 bits to try: n - 2 to n + 1, 0, 1, 2^256 - 1, then random ones. */
static void pick(const struct bed *b, int i, BIGNUM *out)
{
	uint8_t random[CID_SCALAR_LEN];

	if (i < 4) {
		assert_non_null(BN_copy(out, b->n));
		assert_int_equal(BN_sub_word(out, 2), 1);
		assert_int_equal(BN_add_word(out, (BN_ULONG)i), 1);
	} else if (i < 6) {
		assert_int_equal(BN_set_word(out, (BN_ULONG)(i - 4)), 1);
	} else {
		assert_int_equal(RAND_bytes(random, sizeof(random)), 1);
		if (i == 6)
			memset(random, 0xff, sizeof(random));
		assert_non_null(BN_bin2bn(random, sizeof(random), out));
	}
}

static struct cid_scalar scalar(const BIGNUM *x)
{
	uint8_t bytes[CID_SCALAR_LEN];
	struct cid_scalar out;

	assert_int_equal(BN_bn2binpad(x, bytes, sizeof(bytes)), sizeof(bytes));
	cid_scalar_read(bytes, &out);
	return out;
}

static void is(const struct cid_scalar *got, const BIGNUM *right)
{
	uint8_t bytes[CID_SCALAR_LEN], expected[CID_SCALAR_LEN];

	cid_scalar_write(got, bytes);
	assert_int_equal(BN_bn2binpad(right, expected, sizeof(expected)), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(bytes));
}

static void test_fips186_5_a_scalar_is_in_range_from_1_to_n_less_1(void **state)
{
	struct bed *b = *state;

	for (int i = 0; i < ROUNDS; i++) {
		struct cid_scalar a;

		pick(b, i, b->a);
		a = scalar(b->a);
		assert_int_equal(cid_scalar_in_range(&a),
				 !BN_is_zero(b->a) && BN_cmp(b->a, b->n) < 0);
	}
}

static void test_reduction_is_that_of_openssl(void **state)
{
	struct bed *b = *state;

	for (int i = 0; i < ROUNDS; i++) {
		struct cid_scalar a;

		pick(b, i, b->a);
		a = scalar(b->a);
		cid_scalar_reduce(&a);
		assert_int_equal(BN_nnmod(b->out, b->a, b->n, b->ctx), 1);
		is(&a, b->out);
	}
}

/* One pair: sum and product. */
static void pair(struct bed *b, int i, int j)
{
	struct cid_scalar x, y, out;

	pick(b, i, b->a);
	pick(b, j, b->b);
	assert_int_equal(BN_nnmod(b->a, b->a, b->n, b->ctx), 1);
	assert_int_equal(BN_nnmod(b->b, b->b, b->n, b->ctx), 1);
	x = scalar(b->a);
	y = scalar(b->b);
	cid_scalar_add(&x, &y, &out);
	assert_int_equal(BN_mod_add(b->out, b->a, b->b, b->n, b->ctx), 1);
	is(&out, b->out);
	cid_scalar_to_mont(&y, &y);
	cid_scalar_mul(&x, &y, &out);
	assert_int_equal(BN_mod_mul(b->out, b->a, b->b, b->n, b->ctx), 1);
	is(&out, b->out);
}

static void test_sums_and_products_are_those_of_openssl(void **state)
{
	for (int i = 0; i < EDGES; i++)
		for (int j = 0; j < EDGES; j++)
			pair(*state, i, j);
	for (int i = 0; i < ROUNDS; i++)
		pair(*state, EDGES, EDGES);
}

static void test_inverses_are_those_of_openssl(void **state)
{
	static const struct cid_scalar one = {{1, 0, 0, 0}};
	struct bed *b = *state;

	for (int i = 0; i < ROUNDS; i++) {
		struct cid_scalar a;

		pick(b, i, b->a);
		assert_int_equal(BN_nnmod(b->a, b->a, b->n, b->ctx), 1);
		a = scalar(b->a);
		cid_scalar_to_mont(&a, &a);
		cid_scalar_inverse(&a, &a);
		cid_scalar_mul(&a, &one, &a); /* out of Montgomery's form */
		if (BN_is_zero(b->a))
			BN_zero(b->out);
		else
			assert_non_null(BN_mod_inverse(b->out, b->a, b->n, b->ctx));
		is(&a, b->out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fips186_5_a_scalar_is_in_range_from_1_to_n_less_1),
		cmocka_unit_test(test_reduction_is_that_of_openssl),
		cmocka_unit_test(test_sums_and_products_are_those_of_openssl),
		cmocka_unit_test(test_inverses_are_those_of_openssl),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
