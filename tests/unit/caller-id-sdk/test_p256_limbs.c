/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of P-256 at the ends of its limbs, where carries run through and the last
 * subtraction turns: every number whose limbs are of a few hard ones, beside OpenSSL's BN.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "p256_field.h"
#include "p256_inverse.h"
#include "p256_scalar.h"

#define LIMBS 6				      /* hard ones */
#define HARD  (LIMBS * LIMBS * LIMBS * LIMBS) /* numbers made of them */

struct bed {
	BN_CTX *ctx;
	EC_GROUP *group;
	BIGNUM *p, *n, *r, *per_p, *per_n; /* r = 2^256, and its inverses */
	BIGNUM *x, *y, *z;
};

static int setup(void **state)
{
	static struct bed b;

	b.ctx = BN_CTX_new();
	b.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	b.p = BN_new();
	assert_int_equal(EC_GROUP_get_curve(b.group, b.p, NULL, NULL, b.ctx), 1);
	b.n = BN_dup(EC_GROUP_get0_order(b.group));
	b.r = BN_new();
	BN_set_bit(b.r, 256);
	b.per_p = BN_mod_inverse(NULL, b.r, b.p, b.ctx);
	b.per_n = BN_mod_inverse(NULL, b.r, b.n, b.ctx);
	b.x = BN_new();
	b.y = BN_new();
	b.z = BN_new();
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	struct bed *b = *state;
	BIGNUM *all[] = {b->p, b->n, b->r, b->per_p, b->per_n, b->x, b->y, b->z};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		BN_free(all[i]);
	EC_GROUP_free(b->group);
	BN_CTX_free(b->ctx);
	return 0;
}

static void number_of(const uint64_t *limbs, size_t n, BIGNUM *out)
{
	BN_zero(out);
	while (n > 0) {
		BN_lshift(out, out, 64);
		BN_add_word(out, limbs[--n]);
	}
}

static void limbs_of(const BIGNUM *x, uint64_t out[4])
{
	uint8_t bytes[32];
	struct cid_scalar s;

	assert_int_equal(BN_bn2binpad(x, bytes, sizeof(bytes)), sizeof(bytes));
	cid_scalar_read(bytes, &s);
	memcpy(out, s.v, sizeof(s.v));
}

/* The i-th number whose limbs are all hard. */
static void hard(size_t i, uint64_t out[4])
{
	static const uint64_t limbs[LIMBS] = {
		0, UINT64_MAX, 1, UINT64_MAX - 1, 0xffffffff00000000u, 0x00000000ffffffffu};

	for (size_t k = 0; k < 4; k++, i /= LIMBS)
		out[k] = limbs[i % LIMBS];
}

static void is(const uint64_t got[4], const BIGNUM *right)
{
	uint64_t limbs[4];

	limbs_of(right, limbs);
	assert_memory_equal(got, limbs, sizeof(limbs));
}

/* The i-th hard number, and the j-th, each modulo m. */
static void pick(const struct bed *b, size_t i, size_t j, const BIGNUM *m, uint64_t out[2][4])
{
	hard(i % HARD, out[0]);
	hard(j % HARD, out[1]);
	number_of(out[0], 4, b->x);
	number_of(out[1], 4, b->y);
	BN_nnmod(b->x, b->x, m, b->ctx);
	BN_nnmod(b->y, b->y, m, b->ctx);
	limbs_of(b->x, out[0]);
	limbs_of(b->y, out[1]);
}

static void field(const struct bed *b, size_t i, size_t j)
{
	uint64_t xy[2][4];
	struct cid_fe x, y, out;

	pick(b, i, j, b->p, xy);
	memcpy(x.v, xy[0], sizeof(x.v));
	memcpy(y.v, xy[1], sizeof(y.v));
	cid_fe_add(&out, &x, &y);
	BN_mod_add(b->z, b->x, b->y, b->p, b->ctx);
	is(out.v, b->z);
	cid_fe_sub(&out, &x, &y);
	BN_mod_sub(b->z, b->x, b->y, b->p, b->ctx);
	is(out.v, b->z);
	cid_fe_mul(&out, &x, &y);
	BN_mod_mul(b->z, b->x, b->y, b->p, b->ctx);
	BN_mod_mul(b->z, b->z, b->per_p, b->p, b->ctx);
	is(out.v, b->z);
	cid_fe_mul(&y, &x, &x);
	cid_fe_sqr(&out, &x);
	assert_memory_equal(&out, &y, sizeof(y));
}

static void test_the_field_is_right_for_every_number_of_hard_limbs(void **state)
{
	for (size_t i = 0; i < HARD; i++) {
		field(*state, i, i);
		for (size_t j = 1; j < 12; j++)
			field(*state, i, i * 7 + j * 109);
	}
}

/* A product never reaches p * 2^256 - 1; the reduction is right up to it all the same. */
static void test_the_reduction_is_right_up_to_its_bound(void **state)
{
	const struct bed *b = *state;
	uint64_t t[8], least[4] = {0};

	for (size_t i = 0; i < 2 * HARD + 2; i++) {
		struct cid_fe out;

		hard(i % HARD, t);
		if (i >= 2 * HARD) /* of which the lower half's reduction is p itself */
			memcpy(t, cid_fe_p.v, sizeof(cid_fe_p.v));
		memcpy(t + 4, i % 2 == 0 ? cid_fe_p.v : least, sizeof(least));
		if (i % 2 == 0)
			t[4]--;
		number_of(t, 8, b->x);
		cid_fe_redc(&out, t);
		BN_mod_mul(b->z, b->x, b->per_p, b->p, b->ctx);
		is(out.v, b->z);
	}
}

/* One factor may be n or above. */
static void scalars(const struct bed *b, size_t i, size_t j)
{
	struct cid_scalar x, y, out;
	uint64_t xy[2][4];

	pick(b, i, j, b->n, xy);
	memcpy(x.v, xy[0], sizeof(x.v));
	memcpy(y.v, xy[1], sizeof(y.v));
	cid_scalar_add(&x, &y, &out);
	BN_mod_add(b->z, b->x, b->y, b->n, b->ctx);
	is(out.v, b->z);
	hard(i % HARD, x.v);
	cid_scalar_mul(&x, &y, &out);
	BN_mod_mul(b->z, b->x, b->y, b->n, b->ctx);
	BN_mod_mul(b->z, b->z, b->per_n, b->n, b->ctx);
	is(out.v, b->z);
	cid_scalar_reduce(&x);
	is(x.v, b->x);
}

static void test_scalars_are_right_for_every_number_of_hard_limbs(void **state)
{
	const struct bed *b = *state;
	struct cid_scalar all = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}}, y, out;

	for (size_t i = 0; i < HARD; i++) {
		scalars(b, i, i);
		for (size_t j = 1; j < 12; j++)
			scalars(b, i, i * 7 + j * 109);
	}
	/* The largest of all: (2^256 - 1)(n - 1). */
	y = cid_scalar_order;
	y.v[0]--;
	cid_scalar_mul(&all, &y, &out);
	BN_sub(b->x, b->r, BN_value_one());
	BN_sub(b->y, b->n, BN_value_one());
	BN_mod_mul(b->z, b->x, b->y, b->n, b->ctx);
	BN_mod_mul(b->z, b->z, b->per_n, b->n, b->ctx);
	is(out.v, b->z);
}

static void invert(const struct bed *b, const struct cid_modulus *m, const BIGNUM *modulus)
{
	uint64_t x[4], out[4];

	BN_nnmod(b->x, b->x, modulus, b->ctx);
	if (BN_is_zero(b->x))
		return;
	limbs_of(b->x, x);
	assert_true(cid_inverse(m, x, out));
	assert_non_null(BN_mod_inverse(b->z, b->x, modulus, b->ctx));
	is(out, b->z);
}

/* The quotients of Euclid's algorithm are longest beside m / phi, and shortest beside powers of 2.
 */
static void test_inverses_are_right_where_the_steps_are_most_and_fewest(void **state)
{
	const struct bed *b = *state;
	const struct cid_modulus *const m[] = {&cid_p256_p, &cid_p256_n};
	BIGNUM *const modulus[] = {b->p, b->n};

	for (int k = 0; k < 2; k++) {
		BIGNUM *f = BN_dup(BN_value_one()), *g = BN_dup(BN_value_one());

		for (int i = 0; i < 370; i++) { /* of Fibonacci, to 2^256 */
			BN_mul(b->x, modulus[k], f, b->ctx);
			BN_div(b->x, NULL, b->x, g, b->ctx);
			invert(b, m[k], modulus[k]);
			BN_copy(b->x, g);
			invert(b, m[k], modulus[k]);
			BN_add(f, f, g);
			BN_swap(f, g);
		}
		for (int i = 0; i < 3 * 256; i++) {
			BN_rshift(b->x, modulus[k], i / 3);
			BN_add_word(b->x, (BN_ULONG)(i % 3));
			invert(b, m[k], modulus[k]);
			BN_zero(b->x);
			BN_set_bit(b->x, i / 3);
			BN_sub(b->x, i % 3 == 1 ? modulus[k] : b->r, b->x);
			invert(b, m[k], modulus[k]);
		}
		for (size_t i = 0; i < HARD; i++) {
			uint64_t limbs[4];

			hard(i, limbs);
			number_of(limbs, 4, b->x);
			invert(b, m[k], modulus[k]);
		}
		BN_free(f);
		BN_free(g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_field_is_right_for_every_number_of_hard_limbs),
		cmocka_unit_test(test_the_reduction_is_right_up_to_its_bound),
		cmocka_unit_test(test_scalars_are_right_for_every_number_of_hard_limbs),
		cmocka_unit_test(test_inverses_are_right_where_the_steps_are_most_and_fewest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
