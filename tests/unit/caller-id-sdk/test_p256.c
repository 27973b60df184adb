/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification from tables answers what OpenSSL answers: on signatures made to reach the edges of
 * the arithmetic, and on random and mutated ones. ATTESTEL_LONG=1 tries a million of these.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/rand.h>

#include "tests/kit/ecdsa.h"

#define SHORT_RUN 20000
#define LONG_RUN  1000000
#define KEYS	  16

/* around modulo n, from -range to range but 0; at least 2*range places. */
static size_t neighbours(const struct kit_ecdsa *b, const BIGNUM *around, long range, BIGNUM **out)
{
	size_t n = 0;

	for (long k = -range; k <= range; k++) {
		BIGNUM *x = BN_dup(around);

		if (k < 0)
			BN_sub_word(x, (BN_ULONG)-k);
		else
			BN_add_word(x, (BN_ULONG)k);
		BN_nnmod(x, x, b->n, b->ctx);
		if (BN_is_zero(x))
			BN_free(x);
		else
			out[n++] = x;
	}
	return n;
}

#define SCALARS_MAX 80

/* Small ones, their negatives, and both sides of many ends of windows. */
static size_t make_scalars(const struct kit_ecdsa *b, BIGNUM **out)
{
	static const int bits[] = {6, 7, 9, 14, 63, 64, 128, 192, 224, 252, 255};
	BIGNUM *zero = BN_new(), *power = BN_new();
	size_t n;

	BN_zero(zero);
	n = neighbours(b, zero, 4, out);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		BN_zero(power);
		BN_set_bit(power, bits[i]);
		n += neighbours(b, power, 1, out + n);
	}
	BN_rshift1(power, b->n);
	n += neighbours(b, power, 1, out + n);
	out[n] = BN_new();
	BN_rand_range(out[n++], b->n);
	assert_true(n < SCALARS_MAX);
	BN_free(zero);
	BN_free(power);
	return n;
}

/*
 * With d small, too, the sums meet themselves on the way: u1*G = u2*Q, which takes a doubling,
 * u1*G = -u2*Q, which is infinity, and the same in the middle of the sum.
 */
static void test_PP2_every_pair_of_edge_scalars_gives_openssls_answer(void **state)
{
	static const long ds[] = {1, -1, 2, -2, 3, 127, 128, -64};
	const struct kit_ecdsa *b = *state;
	BIGNUM *scalar[SCALARS_MAX], *d = BN_new(), *zero = BN_new();
	EC_POINT *q = EC_POINT_new(b->group);
	size_t n = make_scalars(b, scalar);

	BN_zero(zero);
	for (size_t k = 0; k < sizeof(ds) / sizeof(ds[0]); k++) {
		struct kit_es256 key;

		BN_set_word(d, (BN_ULONG)labs(ds[k]));
		BN_set_negative(d, ds[k] < 0);
		EC_POINT_mul(b->group, q, d, NULL, NULL, b->ctx);
		key = kit_es256_of_point(b, q);
		for (size_t j = 0; j < n; j++) {
			kit_es256_try(b, &key, q, (const BIGNUM *const[2]){zero, scalar[j]});
			for (size_t i = k % 2; i < n; i += 2)
				kit_es256_try(b, &key, q,
					      (const BIGNUM *const[2]){scalar[i], scalar[j]});
		}
		kit_es256_free(&key);
	}
	for (size_t i = 0; i < n; i++)
		BN_free(scalar[i]);
	BN_free(d);
	BN_free(zero);
	EC_POINT_free(q);
}

/* The first point with x = from, from + 1 ... (step 1) or downwards; x_out is its x. */
static EC_POINT *point_near(const struct kit_ecdsa *b, const BIGNUM *from, long step, BIGNUM *x_out)
{
	EC_POINT *point = EC_POINT_new(b->group);

	BN_copy(x_out, from);
	while (EC_POINT_set_compressed_coordinates(b->group, point, x_out, 0, b->ctx) != 1) {
		if (step > 0)
			BN_add_word(x_out, 1);
		else
			BN_sub_word(x_out, 1);
	}
	return point;
}

/* A key Q with u1*G + u2*Q = sum, for chosen u1, u2 and sum. */
static struct kit_es256 key_for_sum(const struct kit_ecdsa *b, const BIGNUM *const u[2],
				    const EC_POINT *sum)
{
	BIGNUM *inverse = BN_mod_inverse(NULL, u[1], b->n, b->ctx);
	EC_POINT *q = EC_POINT_new(b->group);
	struct kit_es256 key;

	EC_POINT_mul(b->group, q, u[0], NULL, NULL, b->ctx);
	EC_POINT_invert(b->group, q, b->ctx);
	EC_POINT_add(b->group, q, sum, q, b->ctx);
	EC_POINT_mul(b->group, q, NULL, q, inverse, b->ctx);
	key = kit_es256_of_point(b, q);
	EC_POINT_free(q);
	BN_free(inverse);
	return key;
}

/* x of u1*G + u2*Q is chosen; r is x modulo n, and then claimed, which must be good or not. */
static void claim(const struct kit_ecdsa *b, const BIGNUM *from, long step,
		  const BIGNUM *claimed_more, bool expected)
{
	BIGNUM *x = BN_new(), *u1 = BN_new(), *u2 = BN_new();
	EC_POINT *sum = point_near(b, from, step, x);
	const BIGNUM *const u[2] = {u1, u2};
	uint8_t digest[32], raw[64];
	struct kit_es256 key;

	BN_rand_range(u1, b->n);
	BN_rand_range(u2, b->n);
	key = key_for_sum(b, u, sum);
	if (claimed_more != NULL)
		BN_add(x, x, claimed_more);
	kit_es256_of_scalars(b, u, x, digest, raw);
	assert_int_equal(kit_es256_verify(b, &key, digest, raw), expected);
	if (claimed_more == NULL && BN_cmp(x, b->n) >= 0) {
		BN_bn2binpad(x, raw, 32); /* the true x, but no r below n */
		assert_false(kit_es256_verify(b, &key, digest, raw));
	}
	kit_es256_free(&key);
	BN_free(x);
	BN_free(u1);
	BN_free(u2);
	EC_POINT_free(sum);
}

static void test_PP2_an_x_of_n_or_more_is_taken_modulo_n(void **state)
{
	const struct kit_ecdsa *b = *state;
	BIGNUM *last = BN_dup(b->p), *one = BN_new(), *gap = BN_new(), *below_n = BN_dup(b->n);

	BN_sub_word(last, 1);
	BN_set_word(one, 1);
	BN_sub(gap, b->p, b->n);
	BN_sub_word(below_n, 1);
	for (int round = 0; round < 5; round++) {
		claim(b, b->n, 1, NULL, true);	/* r is small, x = r + n */
		claim(b, last, -1, NULL, true); /* x is just below p */
		claim(b, below_n, -1, NULL, true);
		claim(b, one, 1, NULL, true); /* r is small, x = r */
		claim(b, gap, 1, NULL, true); /* r + n would not be below p */
		/* r + n = x + p, which has the residue x but is not the number x */
		claim(b, one, 1, gap, false);
		claim(b, one, 1, one, false);
	}
	BN_free(last);
	BN_free(one);
	BN_free(gap);
	BN_free(below_n);
}

/* Everything around 0, n, p, 2^256 for r and s, with a key and a digest of which one is good. */
static void test_PP2_r_and_s_at_every_bound_give_openssls_answer(void **state)
{
	const struct kit_ecdsa *b = *state;
	struct kit_es256 key = kit_es256_take(EVP_EC_gen("P-256"));
	BIGNUM *bound[24], *zero = BN_new(), *top = BN_new();
	uint8_t digest[32], raw[64];
	size_t n = 0;

	BN_zero(zero);
	BN_zero(top);
	BN_set_bit(top, 256);
	for (unsigned long k = 0; k < 3; k++) {
		const BIGNUM *const around[3] = {b->n, b->p, top};

		bound[n] = BN_dup(zero);
		BN_add_word(bound[n++], k);
		for (size_t i = 0; i < 3; i++) {
			bound[n] = BN_dup(around[i]);
			BN_sub_word(bound[n++], k + (i == 2));
			if (i == 2)
				continue;
			bound[n] = BN_dup(around[i]);
			BN_add_word(bound[n++], k + 1);
		}
	}
	assert_int_equal(RAND_bytes(digest, sizeof(digest)), 1);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			BN_bn2binpad(bound[i], raw, 32);
			BN_bn2binpad(bound[j], raw + 32, 32);
			assert_false(kit_es256_verify(b, &key, digest, raw));
		}
	}
	for (size_t i = 0; i < n; i++)
		BN_free(bound[i]);
	BN_free(zero);
	BN_free(top);
	kit_es256_free(&key);
}

static void sign_digest(struct kit_es256 *key, const uint8_t digest[32], uint8_t raw_out[64])
{
	uint8_t der[80];
	const uint8_t *at = der;
	size_t len = sizeof(der);
	ECDSA_SIG *sig;

	if (key->signer == NULL) {
		key->signer = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
		assert_int_equal(EVP_PKEY_sign_init(key->signer), 1);
	}
	assert_int_equal(EVP_PKEY_sign(key->signer, der, &len, digest, 32), 1);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	assert_non_null(sig);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw_out, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw_out + 32, 32);
	ECDSA_SIG_free(sig);
}

static void test_digests_of_zero_n_and_above_are_taken_modulo_n(void **state)
{
	const struct kit_ecdsa *b = *state;
	struct kit_es256 key = kit_es256_take(EVP_EC_gen("P-256"));
	uint8_t digest[32], raw[64], other[32];

	memset(digest, 0, 32);
	sign_digest(&key, digest, raw);
	assert_true(kit_es256_verify(b, &key, digest, raw));
	BN_bn2binpad(b->n, other, 32); /* the same modulo n */
	assert_true(kit_es256_verify(b, &key, other, raw));
	other[31] += 1;
	assert_false(kit_es256_verify(b, &key, other, raw));
	memset(digest, 0xff, 32);
	sign_digest(&key, digest, raw);
	assert_true(kit_es256_verify(b, &key, digest, raw));
	kit_es256_free(&key);
}

static void negate(const struct kit_ecdsa *b, uint8_t number[32])
{
	BIGNUM *x = BN_bin2bn(number, 32, NULL);

	BN_sub(x, b->n, x);
	if (!BN_is_negative(x))
		BN_bn2binpad(x, number, 32);
	BN_free(x);
}

/* Changes a good signature in one of many ways, some of which leave it good. */
static void mutate(const struct kit_ecdsa *b, uint8_t digest[32], uint8_t raw[64],
		   const uint8_t dice[4])
{
	uint8_t swap[32];

	switch (dice[0] % 10) {
	case 0:
		raw[dice[1] % 64] ^= (uint8_t)(1 << dice[2] % 8);
		break;
	case 1:
		digest[dice[1] % 32] ^= (uint8_t)(1 << dice[2] % 8);
		break;
	case 2:
		negate(b, raw + 32); /* (r, -s) is good whenever (r, s) is */
		break;
	case 3:
		negate(b, raw);
		break;
	case 4:
		memcpy(swap, raw, 32);
		memcpy(raw, raw + 32, 32);
		memcpy(raw + 32, swap, 32);
		break;
	case 5:
		memset(raw + dice[1] % 64, dice[2] % 2 == 0 ? 0 : 0xff, (64u - dice[1] % 64) / 4);
		break;
	case 6:
		assert_int_equal(RAND_bytes(raw + (dice[1] & 32), 32), 1);
		break;
	default:
		break; /* as it was made */
	}
}

static void test_PP2_random_and_mutated_signatures_give_openssls_answer(void **state)
{
	const struct kit_ecdsa *b = *state;
	const char *is_long = getenv("ATTESTEL_LONG");
	long runs = is_long != NULL && strcmp(is_long, "1") == 0 ? LONG_RUN : SHORT_RUN;
	long good = 0;
	struct kit_es256 key[KEYS];

	for (size_t i = 0; i < KEYS; i++)
		key[i] = kit_es256_take(EVP_EC_gen("P-256"));
	for (long i = 0; i < runs; i++) {
		struct kit_es256 *k = &key[i % KEYS];
		uint8_t digest[32], raw[64], dice[4];

		assert_int_equal(RAND_bytes(digest, sizeof(digest)), 1);
		assert_int_equal(RAND_bytes(dice, sizeof(dice)), 1);
		sign_digest(k, digest, raw);
		mutate(b, digest, raw, dice);
		if (dice[3] == 0)
			k = &key[(i + 1) % KEYS]; /* somebody else's */
		good += kit_es256_verify(b, k, digest, raw);
	}
	print_message("%ld signatures, %ld of them good\n", runs, good);
	assert_in_range(good, runs / 4, runs / 2);
	for (size_t i = 0; i < KEYS; i++)
		kit_es256_free(&key[i]);
}

static void test_PP2_only_keys_on_p256_have_a_point(void **state)
{
	EVP_PKEY *keys[] = {EVP_EC_gen("P-384"), EVP_EC_gen("secp256k1"),
			    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
	uint8_t point[CID_P256_POINT_LEN] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_non_null(keys[i]);
		assert_false(cid_p256_point(keys[i], point));
		EVP_PKEY_free(keys[i]);
	}
	assert_false(cid_p256_point(NULL, point));
	assert_null(cid_p256_table_new(point)); /* (0, 0) is not on the curve */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_PP2_every_pair_of_edge_scalars_gives_openssls_answer),
		cmocka_unit_test(test_PP2_an_x_of_n_or_more_is_taken_modulo_n),
		cmocka_unit_test(test_PP2_r_and_s_at_every_bound_give_openssls_answer),
		cmocka_unit_test(test_digests_of_zero_n_and_above_are_taken_modulo_n),
		cmocka_unit_test(test_PP2_random_and_mutated_signatures_give_openssls_answer),
		cmocka_unit_test(test_PP2_only_keys_on_p256_have_a_point),
	};

	return cmocka_run_group_tests(tests, kit_ecdsa_setup, kit_ecdsa_teardown);
}
