/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a forger who knows the arithmetic would try: sums that meet a table's entries on the way,
 * numbers at the ends of limbs, scalars and digests at the ends of the group, keys that are none.
 * Everything is made here from OpenSSL's numbers, and the answer is OpenSSL's each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include "jws.h"
#include "keytable.h"
#include "p256_point.h"
#include "p256_table.h"
#include "tests/kit/ecdsa.h"

static BIGNUM *small(const struct kit_ecdsa *b, long k)
{
	BIGNUM *x = BN_new();

	assert_int_equal(BN_set_word(x, (BN_ULONG)(k < 0 ? -k : k)), 1);
	BN_set_negative(x, k < 0);
	assert_int_equal(BN_nnmod(x, x, b->n, b->ctx), 1);
	return x;
}

/* 2^bit modulo n; bit may be negative. */
static BIGNUM *power(const struct kit_ecdsa *b, int bit)
{
	BIGNUM *x = BN_new();

	assert_int_equal(BN_set_bit(x, bit < 0 ? -bit : bit), 1);
	if (bit < 0)
		assert_non_null(BN_mod_inverse(x, x, b->n, b->ctx));
	assert_int_equal(BN_nnmod(x, x, b->n, b->ctx), 1);
	return x;
}

static BIGNUM *random_scalar(const struct kit_ecdsa *b)
{
	BIGNUM *x = BN_new();

	do
		assert_int_equal(BN_rand_range(x, b->n), 1);
	while (BN_is_zero(x));
	return x;
}

static EC_POINT *multiple(const struct kit_ecdsa *b, const BIGNUM *d)
{
	EC_POINT *q = EC_POINT_new(b->group);

	assert_int_equal(EC_POINT_mul(b->group, q, d, NULL, NULL, b->ctx), 1);
	return q;
}

static void limbs_of(const BIGNUM *x, uint64_t out[4])
{
	uint8_t bytes[32];

	assert_int_equal(BN_bn2binpad(x, bytes, sizeof(bytes)), sizeof(bytes));
	cid_limbs_read(bytes, out);
}

/* A private key with everything that belongs to it. */
struct owner {
	BIGNUM *d;
	EC_POINT *q;
	struct kit_es256 key;
};

static struct owner owner_take(const struct kit_ecdsa *b, BIGNUM *d)
{
	EC_POINT *q = multiple(b, d);

	return (struct owner){d, q, kit_es256_of_point(b, q)};
}

static void owner_free(struct owner *o)
{
	kit_es256_free(&o->key);
	EC_POINT_free(o->q);
	BN_free(o->d);
}

/* u1 = (sign * digit * 2^(bits*i) - what the windows below give) * d, both 0: no digit there. */
static bool meeting(const struct kit_ecdsa *b, const struct owner *o, const BIGNUM *u2, unsigned i,
		    BIGNUM *u1_out, int sign)
{
	unsigned bits = o->key.table->bits;
	BIGNUM *part = BN_new();
	uint64_t k[4];
	int digit = 0;

	limbs_of(u2, k);
	BN_zero(u1_out);
	for (unsigned j = 0; j <= i; j++) {
		digit = cid_p256_digit(k, bits, j);
		BN_set_word(part, (BN_ULONG)(digit < 0 ? -digit : digit));
		BN_set_negative(part, j < i ? digit > 0 : digit * sign < 0);
		BN_lshift(part, part, (int)(bits * j));
		BN_add(u1_out, u1_out, part);
	}
	BN_mod_mul(u1_out, u1_out, o->d, b->n, b->ctx);
	BN_free(part);
	return digit != 0;
}

/* A number whose window i has this digit, if that window can, random elsewhere or 0 above. */
static BIGNUM *with_digit(const struct kit_ecdsa *b, unsigned bits, unsigned i, int digit,
			  bool last)
{
	int at = (int)(bits * i), window = digit < 0 ? digit + (1 << bits) : digit;
	BIGNUM *x = random_scalar(b);

	if (window == 1 << (bits - 1) && digit > 0)
		window--; /* and the carry of the window below */
	for (int bit = 0; bit < (int)bits && at + bit < 255; bit++) {
		if (window >> bit & 1)
			BN_set_bit(x, at + bit);
		else
			BN_clear_bit(x, at + bit);
	}
	if (at > 0 && window != digit && digit > 0)
		BN_set_bit(x, at - 1);
	else if (at > 0)
		BN_clear_bit(x, at - 1);
	if (last)
		BN_mask_bits(x, at + (int)bits < 256 ? at + (int)bits : 255);
	BN_nnmod(x, x, b->n, b->ctx);
	return x;
}

static unsigned meet_at(const struct kit_ecdsa *b, const struct owner *o, unsigned i)
{
	static const int digits[] = {1, -1, 2, 63, 64, -63, -64};
	unsigned met = 0;

	for (size_t k = 0; k < 2 * sizeof(digits) / sizeof(digits[0]); k++) {
		BIGNUM *u2 = with_digit(b, o->key.table->bits, i, digits[k / 2], k % 2),
		       *u1 = BN_new();

		for (int sign = -1; sign <= 1 && !BN_is_zero(u2); sign += 2) {
			if (!meeting(b, o, u2, i, u1, sign))
				continue;
			kit_es256_try(b, &o->key, o->q, (const BIGNUM *const[2]){u1, u2});
			met++;
		}
		BN_free(u1);
		BN_free(u2);
	}
	return met;
}

/* Just before window i is added the sum is its entry, which takes a doubling, or that entry's
 * negative, which gives infinity, from which the sum goes on or which it ends in. */
static void test_PP2_sums_that_meet_the_next_entry_or_its_negative_at_every_window(void **state)
{
	const struct kit_ecdsa *b = *state;
	struct owner owners[] = {owner_take(b, random_scalar(b)), owner_take(b, small(b, 1)),
				 owner_take(b, small(b, -1))};

	for (size_t k = 0; k < sizeof(owners) / sizeof(owners[0]); k++) {
		for (unsigned i = 0; i < owners[k].key.table->windows; i++)
			assert_true(meet_at(b, &owners[k], i) >= 8);
		owner_free(&owners[k]);
	}
}

/* Keys in whose tables the generator's entries stand again, and u1*G = u2*Q or -u2*Q or 0. */
static void test_PP2_keys_that_are_multiples_of_the_generator_have_no_special_answer(void **state)
{
	static const int bits[] = {7, 9, 63, 252, -1, -7, -9, -252};
	const struct kit_ecdsa *b = *state;
	BIGNUM *u1 = BN_new();

	for (size_t k = 0; k < 2 * sizeof(bits) / sizeof(bits[0]); k++) {
		BIGNUM *d = power(b, bits[k / 2]);
		struct owner o;

		if (k % 2 == 1)
			BN_sub(d, b->n, d);
		o = owner_take(b, d);
		for (int j = -9; j <= 255; j += j < 9 ? 1 : 41) {
			BIGNUM *u2 = j < 9 ? small(b, j == 0 ? 64 : j) : power(b, j);

			BN_mod_mul(u1, u2, d, b->n, b->ctx);
			kit_es256_try(b, &o.key, o.q, (const BIGNUM *const[2]){u1, u2});
			BN_sub(u1, b->n, u1);
			kit_es256_try(b, &o.key, o.q, (const BIGNUM *const[2]){u1, u2});
			BN_zero(u1);
			kit_es256_try(b, &o.key, o.q, (const BIGNUM *const[2]){u1, u2});
			BN_free(u2);
		}
		owner_free(&o);
	}
	BN_free(u1);
}

/* 0, 1, n - 1, n, n + 1, p - 1 and 2^256 - 1. */
static void digest_at(const struct kit_ecdsa *b, int i, uint8_t out[32])
{
	BIGNUM *x = i < 5 ? BN_dup(b->n) : BN_dup(b->p);

	memset(out, 0, 32);
	if (i > 1 && i < 5)
		BN_add_word(x, (BN_ULONG)(i - 2));
	BN_sub_word(x, 1);
	if (i < 2)
		out[31] = (uint8_t)i;
	else if (i < 6)
		assert_int_equal(BN_bn2binpad(x, out, 32), 32);
	else
		memset(out, 0xff, 32);
	BN_free(x);
}

#define DIGESTS 7

/* r and s for the nonce k; false: s is 0. */
static bool sign(const struct kit_ecdsa *b, const struct owner *o, const BIGNUM *k,
		 const uint8_t digest[32], uint8_t raw_out[64])
{
	EC_POINT *point = multiple(b, k);
	BIGNUM *r = BN_new(), *s = BN_bin2bn(digest, 32, NULL), *inverse, *rd = BN_new();
	bool good;

	EC_POINT_get_affine_coordinates(b->group, point, r, NULL, b->ctx);
	BN_nnmod(r, r, b->n, b->ctx);
	BN_mod_mul(rd, r, o->d, b->n, b->ctx);
	BN_mod_add(s, s, rd, b->n, b->ctx);
	inverse = BN_mod_inverse(NULL, k, b->n, b->ctx);
	BN_mod_mul(s, s, inverse, b->n, b->ctx);
	good = !BN_is_zero(s);
	BN_bn2binpad(r, raw_out, 32);
	BN_bn2binpad(s, raw_out + 32, 32);
	BN_free(r);
	BN_free(s);
	BN_free(rd);
	BN_free(inverse);
	EC_POINT_free(point);
	return good;
}

/* number := sign * number + k * n, if that has 32 bytes. */
static bool shift(const struct kit_ecdsa *b, uint8_t number[32], int sign, bool add_n)
{
	BIGNUM *x = BN_bin2bn(number, 32, NULL);
	bool fits;

	BN_set_negative(x, sign < 0);
	if (add_n)
		BN_add(x, x, b->n);
	fits = !BN_is_negative(x) && BN_num_bits(x) <= 256;
	if (fits)
		BN_bn2binpad(x, number, 32);
	BN_free(x);
	return fits;
}

/*
 * RFC 7518 §3.4 bounds neither half but by n, and neither does RFC 8225: s and n - s are both good
 * (the replay window therefore leaves s out). The same residues written as n or more are not.
 */
static unsigned judge(const struct kit_ecdsa *b, const struct owner *o, const uint8_t digest[32],
		      const uint8_t raw[64])
{
	uint8_t other[64];
	unsigned written = 0;

	assert_true(kit_es256_verify(b, &o->key, digest, raw));
	memcpy(other, raw, 64);
	assert_true(shift(b, other + 32, -1, true));
	assert_true(kit_es256_verify(b, &o->key, digest, other));
	memcpy(other, raw, 64);
	assert_true(shift(b, other, -1, true)); /* n - r */
	assert_false(kit_es256_verify(b, &o->key, digest, other));
	for (size_t half = 0; half < 64; half += 32) {
		memcpy(other, raw, 64);
		if (!shift(b, other + half, 1, true))
			continue;
		assert_false(kit_es256_verify(b, &o->key, digest, other));
		written++;
	}
	return written;
}

static void test_PP2_digests_keys_and_nonces_at_every_end_and_both_signs_of_s(void **state)
{
	static const long ends[] = {1, 2, -1, -2, 0x7fffffff};
	const struct kit_ecdsa *b = *state;
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct owner o = owner_take(b, small(b, ends[i]));

		for (size_t j = 0; j < sizeof(ends) / sizeof(ends[0]) + 2; j++) {
			BIGNUM *k = j < 5 ? small(b, ends[j]) : power(b, j == 5 ? -1 : 128);

			for (int m = 0; m < DIGESTS; m++) {
				uint8_t digest[32], raw[64];

				digest_at(b, m, digest);
				if (!sign(b, &o, k, digest, raw))
					continue;
				(void)judge(b, &o, digest, raw);
				n++;
			}
			BN_free(k);
		}
		owner_free(&o);
	}
	assert_true(n > 200);
}

/* A key for which s is a chosen number: d = (s*k - e) / r. s + n has 32 bytes when s is small. */
static void test_PP2_an_s_of_any_size_is_good_and_the_same_written_above_n_is_not(void **state)
{
	const struct kit_ecdsa *b = *state;
	unsigned written = 0;

	for (int i = 0; i < 12; i++) {
		BIGNUM *s = i < 4 ? small(b, i < 2 ? i + 1 : 1 - i) : power(b, (i - 4) * 32 + 31);
		BIGNUM *k = random_scalar(b), *d = BN_new(), *r = BN_new(), *e;
		EC_POINT *point = multiple(b, k);
		uint8_t digest[32], raw[64];
		struct owner o;

		digest_at(b, i % DIGESTS, digest);
		e = BN_bin2bn(digest, 32, NULL);
		EC_POINT_get_affine_coordinates(b->group, point, r, NULL, b->ctx);
		BN_nnmod(r, r, b->n, b->ctx);
		BN_bn2binpad(r, raw, 32);
		BN_bn2binpad(s, raw + 32, 32);
		BN_mod_mul(d, s, k, b->n, b->ctx);
		BN_mod_sub(d, d, e, b->n, b->ctx);
		assert_non_null(BN_mod_inverse(r, r, b->n, b->ctx));
		BN_mod_mul(d, d, r, b->n, b->ctx);
		o = owner_take(b, d);
		written += judge(b, &o, digest, raw);
		owner_free(&o);
		BN_free(s);
		BN_free(k);
		BN_free(r);
		BN_free(e);
		EC_POINT_free(point);
	}
	assert_true(written >= 8);
}

/* The first x of a point from x on, upwards or downwards; y is odd or even. */
static struct kit_es256 key_near(const struct kit_ecdsa *b, BIGNUM *x, bool up, int odd,
				 EC_POINT *q)
{
	while (EC_POINT_set_compressed_coordinates(b->group, q, x, odd, b->ctx) != 1) {
		if (up)
			BN_add_word(x, 1);
		else
			BN_sub_word(x, 1);
	}
	return kit_es256_of_point(b, q);
}

/* x = 0 has a point, and is the first of all. */
static void test_PP2_keys_with_x_at_every_end_verify_and_points_beside_do_not(void **state)
{
	const struct kit_ecdsa *b = *state;
	BIGNUM *x = BN_new(), *u1 = random_scalar(b), *u2 = random_scalar(b);
	EC_POINT *q = EC_POINT_new(b->group);

	for (int i = 0; i < 4 * 9; i++) {
		uint8_t encoded[65];
		struct kit_es256 key;

		BN_sub(x, b->p, BN_value_one());
		if (i / 4 < 8) {
			BN_zero(x);
			BN_set_bit(x, i / 4 * 32);
		}
		key = key_near(b, x, i % 4 < 2 && i / 4 < 8, i % 2, q);
		kit_es256_try(b, &key, q, (const BIGNUM *const[2]){u1, u2});
		EC_POINT_point2oct(b->group, q, POINT_CONVERSION_UNCOMPRESSED, encoded, 65, b->ctx);
		for (size_t at = 32; at <= 64; at += 32) {
			encoded[at] ^= 1;
			assert_null(cid_p256_table_new(encoded + 1));
			encoded[at] ^= 1;
		}
		kit_es256_free(&key);
	}
	EC_POINT_free(q);
	BN_free(x);
	BN_free(u1);
	BN_free(u2);
}

/* Anybody can sign for infinity: u2*Q is nothing, whatever u2 is. OpenSSL alone takes it. */
static void test_PP2_the_point_at_infinity_is_no_key(void **state)
{
	const struct kit_ecdsa *b = *state;
	static const char text[] = "header.payload";
	EC_POINT *infinity = EC_POINT_new(b->group), *sum;
	BIGNUM *u = BN_new(), *s = small(b, 7777);
	uint8_t point[CID_P256_POINT_LEN], digest[32], raw[64];
	struct kit_es256 forged;

	EC_POINT_set_to_infinity(b->group, infinity);
	forged = (struct kit_es256){.pkey = kit_es256_public(b, infinity)};
	assert_non_null(SHA256((const uint8_t *)text, sizeof(text), digest));
	assert_non_null(BN_bin2bn(digest, 32, u));
	assert_non_null(BN_bn2binpad(s, raw + 32, 32) == 32 ? s : NULL);
	assert_non_null(BN_mod_inverse(s, s, b->n, b->ctx));
	BN_mod_mul(u, u, s, b->n, b->ctx);
	sum = multiple(b, u);
	EC_POINT_get_affine_coordinates(b->group, sum, u, NULL, b->ctx);
	BN_nnmod(u, u, b->n, b->ctx);
	BN_bn2binpad(u, raw, 32);
	forged.verifier = EVP_PKEY_CTX_new_from_pkey(NULL, forged.pkey, NULL);
	assert_int_equal(EVP_PKEY_verify_init(forged.verifier), 1);
	assert_true(kit_es256_openssl(&forged, digest, raw));
	assert_false(cid_es256_verify(forged.pkey, text, sizeof(text), raw));
	assert_null(cid_es256_verifier(forged.pkey));
	assert_false(cid_p256_point(forged.pkey, point));
	kit_es256_free(&forged);
	EC_POINT_free(infinity);
	EC_POINT_free(sum);
	BN_free(u);
	BN_free(s);
}

/* With a generator of one's own choice every public key is one's own. */
static void test_CE1_a_p256_with_another_generator_is_not_p256(void **state)
{
	const struct kit_ecdsa *b = *state;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	BIGNUM *a = BN_new(), *c = BN_new(), *two = small(b, 2);
	EC_POINT *generator = multiple(b, two);
	uint8_t encoded[65], point[CID_P256_POINT_LEN];
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;

	EC_GROUP_get_curve(b->group, NULL, a, c, b->ctx);
	EC_POINT_point2oct(b->group, generator, POINT_CONVERSION_UNCOMPRESSED, encoded, 65, b->ctx);
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_EC_FIELD_TYPE, "prime-field", 0);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_EC_P, b->p);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_EC_A, a);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_EC_B, c);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_EC_ORDER, b->n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_EC_COFACTOR, BN_value_one());
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_EC_GENERATOR, encoded, 65);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, encoded, 65);
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	assert_false(cid_es256_key(key));
	assert_false(cid_p256_point(key, point));
	assert_null(cid_es256_verifier(key));
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EC_POINT_free(generator);
	BN_free(a);
	BN_free(c);
	BN_free(two);
}

#define THREADS 3
#define TURNS	40

/* One thread's: tables of its own that come and go, and two that all of them read. */
struct reader {
	const struct kit_ecdsa *b;
	const struct owner *shared;
	uint8_t digest[32], raw[64];
	struct cid_signer_key own[2];
	uint8_t point[2][CID_P256_POINT_LEN], good[2][CID_ES256_LEN];
	pthread_t thread;
	unsigned wrong;
};

static const struct callerid_span data = {"header.payload", 14};

/* One place for two keys: each table goes when the other key was used twice since. */
static void *read_and_build(void *magic)
{
	struct reader *r = magic;
	struct cid_keytables *tables = cid_keytables_new(1, 4);

	for (int turn = 0; turn < TURNS; turn++) {
		for (int k = 0; k < 4; k++)
			r->wrong += !cid_keytables_verify(tables, &r->own[turn % 2], data,
							  r->good[turn % 2]);
		while (cid_keytables_maintain(tables))
			;
		r->wrong += !cid_keytables_has(tables, r->point[turn % 2]);
		r->wrong += !cid_p256_verify(r->b->base, r->shared->key.table, r->digest, r->raw);
		r->wrong += cid_p256_verify(r->b->base, r->shared->key.table, r->raw, r->raw);
	}
	cid_keytables_free(tables);
	return NULL;
}

static void test_threads_read_shared_tables_while_each_builds_and_evicts_its_own(void **state)
{
	const struct kit_ecdsa *b = *state;
	struct owner shared = owner_take(b, random_scalar(b));
	struct reader readers[THREADS];
	struct kit_es256 keys[2] = {kit_es256_take(EVP_EC_gen("P-256")),
				    kit_es256_take(EVP_EC_gen("P-256"))};
	BIGNUM *k = random_scalar(b);

	for (size_t i = 0; i < THREADS; i++) {
		struct reader *r = &readers[i];

		*r = (struct reader){.b = b, .shared = &shared};
		digest_at(b, 6, r->digest);
		assert_true(sign(b, &shared, k, r->digest, r->raw));
		for (size_t j = 0; j < 2; j++) {
			assert_true(cid_p256_point(keys[j].pkey, r->point[j]));
			assert_int_equal(
				cid_es256_sign(keys[j].pkey, data.p, data.n, r->good[j], NULL),
				CALLERID_OK);
			r->own[j] = (struct cid_signer_key){keys[j].verifier, r->point[j]};
		}
		assert_int_equal(pthread_create(&r->thread, NULL, read_and_build, r), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
		assert_int_equal(readers[i].wrong, 0);
	}
	for (size_t j = 0; j < 2; j++)
		kit_es256_free(&keys[j]);
	owner_free(&shared);
	BN_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_PP2_sums_that_meet_the_next_entry_or_its_negative_at_every_window),
		cmocka_unit_test(
			test_PP2_keys_that_are_multiples_of_the_generator_have_no_special_answer),
		cmocka_unit_test(test_PP2_digests_keys_and_nonces_at_every_end_and_both_signs_of_s),
		cmocka_unit_test(
			test_PP2_an_s_of_any_size_is_good_and_the_same_written_above_n_is_not),
		cmocka_unit_test(test_PP2_keys_with_x_at_every_end_verify_and_points_beside_do_not),
		cmocka_unit_test(test_PP2_the_point_at_infinity_is_no_key),
		cmocka_unit_test(test_CE1_a_p256_with_another_generator_is_not_p256),
		cmocka_unit_test(
			test_threads_read_shared_tables_while_each_builds_and_evicts_its_own),
	};

	return cmocka_run_group_tests(tests, kit_ecdsa_setup, kit_ecdsa_teardown);
}
