/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys get a table, when, and how many: the same answers with and without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include <openssl/ec.h>

#include "keytable.h"
#include "p256_scalar.h"
#include "p256_table.h"

#define KEYS 5

static const struct callerid_span data = {"header.payload", 14};

struct signer {
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *verifier;
	uint8_t point[CID_P256_POINT_LEN];
	uint8_t good[CID_ES256_LEN], bad[CID_ES256_LEN];
};

static int setup(void **state)
{
	static struct signer signers[KEYS];

	for (size_t i = 0; i < KEYS; i++) {
		struct signer *s = &signers[i];

		s->pkey = EVP_EC_gen("P-256");
		s->verifier = cid_es256_verifier(s->pkey);
		assert_non_null(s->verifier);
		assert_true(cid_p256_point(s->pkey, s->point));
		assert_int_equal(cid_es256_sign(s->pkey, data.p, data.n, s->good, NULL),
				 CALLERID_OK);
		memcpy(s->bad, s->good, sizeof(s->bad));
		s->bad[40] ^= 4;
	}
	*state = signers;
	return 0;
}

static int teardown(void **state)
{
	struct signer *signers = *state;

	for (size_t i = 0; i < KEYS; i++) {
		EVP_PKEY_CTX_free(signers[i].verifier);
		EVP_PKEY_free(signers[i].pkey);
	}
	return 0;
}

/* A good signature n times, and what must not pass each time. */
static void verify(struct cid_keytables *tables, const struct signer *s, int n)
{
	struct cid_signer_key key = {s->verifier, s->point};
	const struct callerid_span other = {"header.Payload", 14};

	for (int i = 0; i < n; i++) {
		assert_false(cid_keytables_verify(tables, &key, data, s->bad));
		assert_false(cid_keytables_verify(tables, &key, other, s->good));
		assert_true(cid_keytables_verify(tables, &key, data, s->good));
	}
}

static void maintain_all(struct cid_keytables *tables)
{
	int n = 0;

	while (cid_keytables_maintain(tables))
		assert_true(n++ < 100);
}

static void test_a_key_gets_its_table_after_its_second_use_when_there_is_time(void **state)
{
	const struct signer *s = *state;
	struct cid_keytables *tables = cid_keytables_new(4, 16);

	verify(tables, &s[0], 1);
	assert_false(cid_keytables_maintain(tables));
	assert_int_equal(cid_keytables_count(tables), 0);
	assert_int_equal(cid_keytables_bytes(tables), 0);
	verify(tables, &s[0], 1);
	assert_int_equal(cid_keytables_count(tables), 0); /* never while verifying */
	assert_false(cid_keytables_maintain(tables));
	assert_int_equal(cid_keytables_count(tables), 1);
	verify(tables, &s[0], 3);
	verify(tables, &s[1], 1);
	assert_false(cid_keytables_maintain(tables));
	assert_int_equal(cid_keytables_count(tables), 1);
	cid_keytables_free(tables);
}

static void test_one_call_builds_one_table_and_says_whether_more_wait(void **state)
{
	const struct signer *s = *state;
	struct cid_keytables *tables = cid_keytables_new(4, 16);

	for (size_t i = 0; i < 3; i++)
		verify(tables, &s[i], 2);
	assert_true(cid_keytables_maintain(tables));
	assert_int_equal(cid_keytables_count(tables), 1);
	assert_true(cid_keytables_maintain(tables));
	assert_false(cid_keytables_maintain(tables));
	assert_int_equal(cid_keytables_count(tables), 3);
	for (size_t i = 0; i < 3; i++)
		verify(tables, &s[i], 2);
	assert_false(cid_keytables_maintain(tables));
	cid_keytables_free(tables);
}

static void test_forgeries_in_a_keys_name_do_not_count(void **state)
{
	const struct signer *s = *state;
	struct cid_keytables *tables = cid_keytables_new(4, 16);
	struct cid_signer_key key = {s[0].verifier, s[0].point};

	for (int i = 0; i < 5; i++)
		assert_false(cid_keytables_verify(tables, &key, data, s[0].bad));
	verify(tables, &s[0], 1);
	assert_false(cid_keytables_maintain(tables));
	assert_int_equal(cid_keytables_count(tables), 0);
	cid_keytables_free(tables);
}

static void test_a_key_without_point_or_without_tables_verifies_as_ever(void **state)
{
	const struct signer *s = *state;
	struct cid_keytables *tables = cid_keytables_new(4, 16), *none = cid_keytables_new(0, 16);
	struct cid_signer_key key = {s[0].verifier, NULL};

	for (int i = 0; i < 3; i++) {
		assert_true(cid_keytables_verify(tables, &key, data, s[0].good));
		assert_false(cid_keytables_verify(tables, &key, data, s[0].bad));
	}
	assert_false(cid_keytables_maintain(tables));
	assert_int_equal(cid_keytables_count(tables), 0);
	verify(none, &s[0], 3);
	assert_false(cid_keytables_maintain(none));
	assert_int_equal(cid_keytables_bytes(none), 0);
	verify(NULL, &s[0], 3);
	cid_keytables_free(tables);
	cid_keytables_free(none);
	cid_keytables_free(NULL);
}

/* Which of the first three keys have a table: bit i for key i. */
static unsigned having(const struct cid_keytables *tables, const struct signer *s)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < 3; i++)
		mask |= cid_keytables_has(tables, s[i].point) ? 1u << i : 0;
	return mask;
}

static void test_the_table_longest_unused_gives_way_to_a_key_used_twice_since(void **state)
{
	const struct signer *s = *state;
	struct cid_keytables *tables = cid_keytables_new(2, 16);
	size_t bytes;

	verify(tables, &s[0], 2);
	verify(tables, &s[1], 2);
	maintain_all(tables);
	assert_int_equal(having(tables, s), 3);
	bytes = cid_keytables_bytes(tables);
	verify(tables, &s[2], 1);
	verify(tables, &s[1], 1);
	verify(tables, &s[0], 1); /* 1 is the oldest now, but used since 2 was first */
	verify(tables, &s[2], 1);
	maintain_all(tables);
	assert_int_equal(having(tables, s), 3);
	verify(tables, &s[2], 1);
	maintain_all(tables);
	assert_int_equal(having(tables, s), 5);
	assert_int_equal(cid_keytables_bytes(tables), bytes);
	for (size_t i = 0; i < 3; i++)
		verify(tables, &s[i], 1);
	cid_keytables_free(tables);
}

/* Else each of them would lose its table just before its turn, and all the building be in vain. */
static void test_keys_in_turn_with_too_few_places_do_not_push_each_other_out(void **state)
{
	const struct signer *s = *state;
	struct cid_keytables *tables = cid_keytables_new(2, 16);
	int maintained = 0;

	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < 3; i++) {
			verify(tables, &s[i], 1);
			while (cid_keytables_maintain(tables))
				maintained++;
		}
	}
	assert_int_equal(cid_keytables_count(tables), 2);
	assert_int_equal(maintained, 0);
	cid_keytables_free(tables);
}

static void test_the_keys_remembered_are_bounded_and_those_without_table_go_first(void **state)
{
	const struct signer *s = *state;
	struct cid_keytables *tables = cid_keytables_new(4, 2);

	verify(tables, &s[0], 2);
	maintain_all(tables);
	for (size_t i = 1; i < KEYS; i++)
		verify(tables, &s[i], 1);
	assert_int_equal(cid_keytables_count(tables), 1);
	verify(tables, &s[1], 1); /* was pushed out: this is its first use again */
	assert_false(cid_keytables_maintain(tables));
	assert_int_equal(cid_keytables_count(tables), 1);
	verify(tables, &s[1], 1);
	maintain_all(tables);
	assert_int_equal(cid_keytables_count(tables), 2);
	verify(tables, &s[2], 1); /* takes the place of the older table, 0's */
	assert_int_equal(cid_keytables_count(tables), 1);
	verify(tables, &s[0], 1);
	verify(tables, &s[1], 1);
	cid_keytables_free(tables);
}

#define ALIKE	  800
#define ALIKE_BIT 10 /* bits of x at which they are alike */
#define BATCH	  512

/* CPU time, in us, of looking each of n points up a few times. */
static double look_up(const struct cid_keytables *tables,
		      const uint8_t (*point)[CID_P256_POINT_LEN])
{
	struct timespec from, to;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < ALIKE; i++)
			assert_false(cid_keytables_has(tables, point[i]));
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	return (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
}

/* A table of keys that have signed once each. */
static struct cid_keytables *remember(const uint8_t (*point)[CID_P256_POINT_LEN],
				      const struct signer *s)
{
	struct cid_keytables *tables = cid_keytables_new(1, 2 * ALIKE);

	/* Whose point it is makes no difference to a key without a table. */
	for (size_t i = 0; i < ALIKE; i++) {
		struct cid_signer_key key = {s->verifier, point[i]};

		assert_true(cid_keytables_verify(tables, &key, data, s->good));
	}
	return tables;
}

static void write_number(const struct cid_fe *a, uint8_t out[32])
{
	static const struct cid_fe one = {{1, 0, 0, 0}};
	struct cid_scalar plain;
	struct cid_fe x;

	cid_fe_mul(&x, a, &one); /* out of Montgomery's form */
	memcpy(plain.v, x.v, sizeof(plain.v));
	cid_scalar_write(&plain, out);
}

/* The first n multiples of the generator, or those whose x ends in alike zero bits. */
static void make_points(unsigned alike, uint8_t (*out)[CID_P256_POINT_LEN])
{
	static struct cid_point sum[BATCH];
	static struct cid_affine affine[BATCH];
	static struct cid_fe product[BATCH];
	struct cid_p256_table *base = cid_p256_table_base();
	struct cid_point last = {0};
	size_t n = 0;

	while (n < ALIKE) {
		for (size_t i = 0; i < BATCH; i++) {
			cid_point_add(&last, &base->point[0]);
			sum[i] = last;
		}
		cid_points_affine(sum, BATCH, product, affine);
		for (size_t i = 0; i < BATCH && n < ALIKE; i++) {
			write_number(&affine[i].x, out[n]);
			write_number(&affine[i].y, out[n] + 32);
			if (((out[n][30] << 8 | out[n][31]) & ((1 << alike) - 1)) == 0)
				n++;
		}
	}
	cid_p256_table_free(base);
}

/* 800 keys in one bucket would cost the look-up of each fifty times what it costs now. */
static void test_keys_made_alike_by_one_who_may_certify_do_not_fill_one_bucket(void **state)
{
	static uint8_t any[ALIKE][CID_P256_POINT_LEN], alike[ALIKE][CID_P256_POINT_LEN];
	const struct signer *s = *state;
	struct cid_keytables *of_any, *of_alike;
	double any_us, alike_us;

	make_points(0, any);
	make_points(ALIKE_BIT, alike);
	of_any = remember(any, s);
	of_alike = remember(alike, s);
	any_us = look_up(of_any, any);
	alike_us = look_up(of_alike, alike);
	print_message("%.0f us, made alike %.0f us\n", any_us, alike_us);
	assert_true(alike_us < 10 * any_us);
	cid_keytables_free(of_any);
	cid_keytables_free(of_alike);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_gets_its_table_after_its_second_use_when_there_is_time),
		cmocka_unit_test(test_one_call_builds_one_table_and_says_whether_more_wait),
		cmocka_unit_test(test_forgeries_in_a_keys_name_do_not_count),
		cmocka_unit_test(test_a_key_without_point_or_without_tables_verifies_as_ever),
		cmocka_unit_test(test_the_table_longest_unused_gives_way_to_a_key_used_twice_since),
		cmocka_unit_test(test_keys_in_turn_with_too_few_places_do_not_push_each_other_out),
		cmocka_unit_test(
			test_the_keys_remembered_are_bounded_and_those_without_table_go_first),
		cmocka_unit_test(
			test_keys_made_alike_by_one_who_may_certify_do_not_fill_one_bucket),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
