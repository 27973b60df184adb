/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic modulo p, inverses and points of P-256, each against OpenSSL's numbers and points. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "p256_field.h"
#include "p256_inverse.h"
#include "p256_point.h"
#include "p256_table.h"

#define EDGES 15

struct bed {
	BN_CTX *ctx;
	EC_GROUP *group;
	BIGNUM *p, *n, *r; /* r = 2^256 */
	BIGNUM *edge[EDGES];
};

static BIGNUM *near(const BIGNUM *base, long by)
{
	BIGNUM *x = BN_dup(base);

	assert_int_equal(by < 0 ? BN_sub_word(x, (BN_ULONG)-by) : BN_add_word(x, (BN_ULONG)by), 1);
	return x;
}

static BIGNUM *power_of_two(int bit)
{
	BIGNUM *x = BN_new();

	assert_int_equal(BN_set_bit(x, bit), 1);
	return x;
}

static BIGNUM *of_hex(const char *hex)
{
	BIGNUM *x = NULL;

	assert_true(BN_hex2bn(&x, hex) > 0);
	return x;
}

/* Numbers below p at which carries, borrows and the last subtraction turn. */
static void fill_edges(struct bed *b)
{
	size_t i = 0;

	for (long k = 0; k < 3; k++)
		b->edge[i++] = near(BN_value_one(), k - 1);
	for (long k = 1; k < 3; k++)
		b->edge[i++] = near(b->p, -k);
	b->edge[i++] = near(b->n, 0);
	b->edge[i++] = near(b->n, -1);
	for (int bit = 32; bit < 256; bit += 64)
		b->edge[i++] = power_of_two(bit);
	b->edge[i++] = of_hex("ffffffffffffffff");
	b->edge[i++] = of_hex("ffffffff00000000ffffffffffffffffffffffffffffffffffffffffffffffff");
	b->edge[i++] = of_hex("00000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
	b->edge[i++] = of_hex("fffffffeffffffffffffffffffffffffffffffff000000000000000000000001");
	assert_int_equal(i, EDGES);
}

static int setup(void **state)
{
	static struct bed b;

	b.ctx = BN_CTX_new();
	b.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	b.p = BN_new();
	assert_int_equal(EC_GROUP_get_curve(b.group, b.p, NULL, NULL, b.ctx), 1);
	b.n = BN_dup(EC_GROUP_get0_order(b.group));
	b.r = power_of_two(256);
	fill_edges(&b);
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	struct bed *b = *state;

	for (size_t i = 0; i < EDGES; i++)
		BN_free(b->edge[i]);
	BN_free(b->p);
	BN_free(b->n);
	BN_free(b->r);
	EC_GROUP_free(b->group);
	BN_CTX_free(b->ctx);
	return 0;
}

static void limbs_of(const BIGNUM *x, uint64_t out[4])
{
	uint8_t bytes[32];

	assert_int_equal(BN_bn2binpad(x, bytes, 32), 32);
	cid_limbs_read(bytes, out);
}

static void is_number(const uint64_t x[4], const BIGNUM *expected)
{
	uint64_t limbs[4];

	limbs_of(expected, limbs);
	assert_memory_equal(x, limbs, sizeof(limbs));
}

/* All four operations on two numbers below p. */
static void compare(const struct bed *b, const BIGNUM *x, const BIGNUM *y)
{
	struct cid_fe a, c, out;
	BIGNUM *expected = BN_new(), *inverse_r = BN_mod_inverse(NULL, b->r, b->p, b->ctx);

	limbs_of(x, a.v);
	limbs_of(y, c.v);
	BN_mod_add(expected, x, y, b->p, b->ctx);
	cid_fe_add(&out, &a, &c);
	is_number(out.v, expected);
	BN_mod_sub(expected, x, y, b->p, b->ctx);
	cid_fe_sub(&out, &a, &c);
	is_number(out.v, expected);
	BN_mod_mul(expected, x, y, b->p, b->ctx);
	BN_mod_mul(expected, expected, inverse_r, b->p, b->ctx);
	cid_fe_mul(&out, &a, &c);
	is_number(out.v, expected);
	cid_fe_mul(&a, &a, &c); /* into its own operand */
	is_number(a.v, expected);
	limbs_of(x, a.v);
	BN_mod_mul(expected, x, x, b->p, b->ctx);
	BN_mod_mul(expected, expected, inverse_r, b->p, b->ctx);
	cid_fe_sqr(&out, &a);
	is_number(out.v, expected);
	BN_free(expected);
	BN_free(inverse_r);
}

static void test_field_operations_are_those_modulo_p_at_every_edge(void **state)
{
	const struct bed *b = *state;

	for (size_t i = 0; i < EDGES; i++) {
		for (size_t j = 0; j < EDGES; j++)
			compare(b, b->edge[i], b->edge[j]);
	}
}

static void test_field_operations_are_those_modulo_p_for_random_numbers(void **state)
{
	const struct bed *b = *state;
	BIGNUM *x = BN_new(), *y = BN_new();

	for (int i = 0; i < 2000; i++) {
		assert_int_equal(BN_rand_range(x, b->p), 1);
		assert_int_equal(BN_rand_range(y, b->p), 1);
		compare(b, x, y);
	}
	BN_free(x);
	BN_free(y);
}

static void invert(const struct bed *b, const struct cid_modulus *m, const BIGNUM *modulus,
		   const BIGNUM *x)
{
	uint64_t limbs[4], out[4] = {0};
	BIGNUM *expected;

	if (BN_cmp(x, modulus) >= 0)
		return;
	limbs_of(x, limbs);
	if (BN_is_zero(x)) {
		assert_false(cid_inverse(m, limbs, out));
		return;
	}
	expected = BN_mod_inverse(NULL, x, modulus, b->ctx);
	assert_true(cid_inverse(m, limbs, out));
	is_number(out, expected);
	BN_free(expected);
}

static void test_inverses_modulo_p_and_n_are_those_of_openssl_and_zero_has_none(void **state)
{
	const struct bed *b = *state;
	BIGNUM *x = BN_new();

	for (size_t i = 0; i < EDGES; i++) {
		invert(b, &cid_p256_p, b->p, b->edge[i]);
		invert(b, &cid_p256_n, b->n, b->edge[i]);
	}
	for (int bit = 0; bit < 256; bit++) {
		BIGNUM *power = power_of_two(bit), *below = near(power, -1);

		invert(b, &cid_p256_p, b->p, power);
		invert(b, &cid_p256_n, b->n, power);
		invert(b, &cid_p256_n, b->n, below);
		BN_free(power);
		BN_free(below);
	}
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(BN_rand_range(x, b->n), 1);
		invert(b, &cid_p256_p, b->p, x);
		invert(b, &cid_p256_n, b->n, x);
	}
	BN_free(x);
}

static void bytes_of(const struct bed *b, const EC_POINT *point, uint8_t xy[64])
{
	uint8_t encoded[65];

	assert_int_equal(EC_POINT_point2oct(b->group, point, POINT_CONVERSION_UNCOMPRESSED, encoded,
					    sizeof(encoded), b->ctx),
			 65);
	memcpy(xy, encoded + 1, 64);
}

static void is_point(const struct bed *b, const struct cid_affine *point, const EC_POINT *expected)
{
	struct cid_affine other;
	uint8_t xy[64];

	bytes_of(b, expected, xy);
	assert_true(cid_affine_read(xy, &other));
	assert_memory_equal(point, &other, sizeof(other));
}

static void is_sum(const struct bed *b, const struct cid_point *sum, const EC_POINT *expected)
{
	struct cid_affine affine;
	struct cid_fe product;

	if (EC_POINT_is_at_infinity(b->group, expected)) {
		assert_true(cid_fe_is_zero(&sum->zz));
		return;
	}
	assert_false(cid_fe_is_zero(&sum->zz));
	cid_points_affine(sum, 1, &product, &affine);
	is_point(b, &affine, expected);
}

/* i*G + j*G for small i and j: unlike, equal, opposite, at infinity. */
static void test_adding_is_right_for_unlike_equal_and_opposite_points(void **state)
{
	const struct bed *b = *state;
	EC_POINT *p = EC_POINT_new(b->group), *q = EC_POINT_new(b->group);
	BIGNUM *k = BN_new();

	for (long i = -5; i <= 5; i++) {
		for (long j = -5; j <= 5; j++) {
			struct cid_point sum = {0};
			struct cid_affine step, start;
			uint8_t xy[64];

			if (i == 0 || j == 0)
				continue;
			assert_int_equal(BN_set_word(k, (BN_ULONG)labs(i)), 1);
			BN_set_negative(k, i < 0);
			EC_POINT_mul(b->group, p, k, NULL, NULL, b->ctx);
			bytes_of(b, p, xy);
			assert_true(cid_affine_read(xy, &start));
			BN_set_word(k, (BN_ULONG)labs(j));
			BN_set_negative(k, j < 0);
			EC_POINT_mul(b->group, q, k, NULL, NULL, b->ctx);
			bytes_of(b, q, xy);
			assert_true(cid_affine_read(xy, &step));
			cid_point_add(&sum, &start);
			for (int n = 0; n < 6; n++) {
				cid_point_add(&sum, &step);
				EC_POINT_add(b->group, p, p, q, b->ctx);
				is_sum(b, &sum, p);
			}
			cid_point_double(&sum);
			EC_POINT_dbl(b->group, p, p, b->ctx);
			is_sum(b, &sum, p);
		}
	}
	BN_free(k);
	EC_POINT_free(p);
	EC_POINT_free(q);
}

static void test_a_point_off_the_curve_or_not_below_p_is_refused(void **state)
{
	const struct bed *b = *state;
	BIGNUM *x = BN_new(), *y = BN_new(), *moved = BN_new();
	EC_POINT *p = EC_POINT_new(b->group);
	struct cid_affine out;
	uint8_t xy[64] = {0};
	BN_ULONG small = 0;

	assert_false(cid_affine_read(xy, &out));
	bytes_of(b, EC_GROUP_get0_generator(b->group), xy);
	assert_true(cid_affine_read(xy, &out));
	for (size_t i = 0; i < 64; i++) {
		xy[i] ^= 0x40;
		assert_false(cid_affine_read(xy, &out));
		xy[i] ^= 0x40;
	}
	memset(xy, 0xff, 64);
	assert_false(cid_affine_read(xy, &out));
	/* The same residue, but written as x + p, which still has 32 bytes. */
	do {
		BN_set_word(x, ++small);
	} while (EC_POINT_set_compressed_coordinates(b->group, p, x, 0, b->ctx) != 1);
	EC_POINT_get_affine_coordinates(b->group, p, x, y, b->ctx);
	BN_add(moved, x, b->p);
	BN_bn2binpad(x, xy, 32);
	BN_bn2binpad(y, xy + 32, 32);
	assert_true(cid_affine_read(xy, &out));
	assert_int_equal(BN_bn2binpad(moved, xy, 32), 32);
	assert_false(cid_affine_read(xy, &out));
	BN_free(x);
	BN_free(y);
	BN_free(moved);
	EC_POINT_free(p);
}

/* Sum of digit * 2^(bits * i). */
static void is_sum_of_digits(const BIGNUM *k, unsigned bits)
{
	BIGNUM *sum = BN_new(), *part = BN_new();
	uint64_t limbs[4];

	limbs_of(k, limbs);
	for (unsigned i = 0; i < CID_P256_BITS / bits + 1; i++) {
		int digit = cid_p256_digit(limbs, bits, i);

		assert_true(abs(digit) <= 1 << (bits - 1));
		BN_set_word(part, (BN_ULONG)abs(digit));
		BN_lshift(part, part, (int)(bits * i));
		BN_set_negative(part, digit < 0);
		BN_add(sum, sum, part);
	}
	assert_int_equal(BN_cmp(sum, k), 0);
	BN_free(sum);
	BN_free(part);
}

static void test_the_signed_digits_of_a_scalar_sum_up_to_it(void **state)
{
	const struct bed *b = *state;
	BIGNUM *x = BN_new(), *all = near(b->r, -1);

	for (unsigned bits = 4; bits <= 10; bits++) {
		for (size_t i = 0; i < EDGES; i++)
			is_sum_of_digits(b->edge[i], bits);
		is_sum_of_digits(all, bits);
		for (int i = 0; i < 200; i++) {
			assert_int_equal(BN_rand_range(x, b->n), 1);
			is_sum_of_digits(x, bits);
		}
	}
	BN_free(x);
	BN_free(all);
}

static void has_all_multiples(const struct bed *b, const struct cid_p256_table *table,
			      const EC_POINT *start)
{
	EC_POINT *first = EC_POINT_dup(start, b->group), *p = EC_POINT_new(b->group);
	size_t half = (size_t)1 << (table->bits - 1);

	for (unsigned i = 0; i < table->windows; i++) {
		EC_POINT_copy(p, first);
		for (size_t k = 0; k < half; k++) {
			is_point(b, &table->point[half * i + k], p);
			EC_POINT_add(b->group, p, p, first, b->ctx);
		}
		for (unsigned j = 0; j < table->bits; j++)
			EC_POINT_dbl(b->group, first, first, b->ctx);
	}
	EC_POINT_free(first);
	EC_POINT_free(p);
}

static void test_every_entry_of_a_table_is_the_multiple_that_openssl_finds(void **state)
{
	const struct bed *b = *state;
	EC_POINT *q = EC_POINT_new(b->group);
	struct cid_p256_table *table;
	BIGNUM *k = BN_new();
	uint8_t xy[64];

	assert_int_equal(BN_rand_range(k, b->n), 1);
	EC_POINT_mul(b->group, q, k, NULL, NULL, b->ctx);
	bytes_of(b, q, xy);
	table = cid_p256_table_new(xy);
	assert_non_null(table);
	has_all_multiples(b, table, q);
	assert_in_range(cid_p256_table_bytes(table), 100000, 160000);
	cid_p256_table_free(table);
	table = cid_p256_table_base();
	assert_non_null(table);
	has_all_multiples(b, table, EC_GROUP_get0_generator(b->group));
	cid_p256_table_free(table);
	cid_p256_table_free(NULL);
	BN_free(k);
	EC_POINT_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field_operations_are_those_modulo_p_at_every_edge),
		cmocka_unit_test(test_field_operations_are_those_modulo_p_for_random_numbers),
		cmocka_unit_test(
			test_inverses_modulo_p_and_n_are_those_of_openssl_and_zero_has_none),
		cmocka_unit_test(test_adding_is_right_for_unlike_equal_and_opposite_points),
		cmocka_unit_test(test_a_point_off_the_curve_or_not_below_p_is_refused),
		cmocka_unit_test(test_the_signed_digits_of_a_scalar_sum_up_to_it),
		cmocka_unit_test(test_every_entry_of_a_table_is_the_multiple_that_openssl_finds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
