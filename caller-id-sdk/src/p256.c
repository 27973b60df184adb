/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ES256 verification from tables (FIPS 186-5 §6.4.2). Verification only: digest, signature and key
 * are public, so that branches and table look-ups may follow them. Nothing secret may pass here.
 */
#include "p256.h"

#include "p256_inverse.h"
#include "p256_table.h"

#define LIMBS 4

/* n, the order of the group, and what Montgomery's form modulo n needs (SEC 2 §2.4.2). */
static const uint64_t order[LIMBS] = {0xf3b9cac2fc632551u, 0xbce6faada7179e84u, 0xffffffffffffffffu,
				      0xffffffff00000000u};
static const uint64_t order_r2[LIMBS] = {0x83244c95be79eea2u, 0x4699799c49bd6fa6u,
					 0x2845b2392b6bec59u, 0x66e12d94f3d95620u};
#define ORDER_INVERSE 0xccd1c8aaee00bc4fu /* -1/n modulo 2^64 */

/* carry * 2^256 + x, below 2n, modulo n. */
static void order_once(uint64_t x[LIMBS], uint64_t carry)
{
	uint64_t d[LIMBS], borrow = 0;

	for (int i = 0; i < LIMBS; i++)
		d[i] = cid_sub(x[i], order[i], &borrow);
	(void)cid_sub(carry, 0, &borrow);
	for (int i = 0; borrow == 0 && i < LIMBS; i++)
		x[i] = d[i];
}

/* a * b / 2^256 modulo n. */
static void order_mul(uint64_t r[LIMBS], const uint64_t a[LIMBS], const uint64_t b[LIMBS])
{
	uint64_t t[LIMBS + 1] = {0};

	for (int i = 0; i < LIMBS; i++) {
		uint64_t high = 0, carry = 0, m;

		for (int j = 0; j < LIMBS; j++)
			t[j] = cid_mul_add(a[i], b[j], t[j], &high);
		t[LIMBS] = cid_add(t[LIMBS], high, &carry);
		m = t[0] * ORDER_INVERSE;
		high = 0;
		(void)cid_mul_add(m, order[0], t[0], &high);
		for (int j = 1; j < LIMBS; j++)
			t[j - 1] = cid_mul_add(m, order[j], t[j], &high);
		t[LIMBS - 1] = cid_add(t[LIMBS], high, &carry);
		/* carry came from one of the two sums at most: the whole stays below 2n */
		t[LIMBS] = carry;
	}
	for (int i = 0; i < LIMBS; i++)
		r[i] = t[i];
	order_once(r, t[LIMBS]);
}

/* 0 < x < n */
static bool in_range(const uint64_t x[LIMBS])
{
	uint64_t borrow = 0;

	for (int i = 0; i < LIMBS; i++)
		(void)cid_sub(x[i], order[i], &borrow);
	return borrow == 1 && (x[0] | x[1] | x[2] | x[3]) != 0;
}

static const struct cid_affine *entry_of(const struct cid_p256_table *table, unsigned i, int digit)
{
	size_t k = (size_t)(digit < 0 ? -digit : digit);

	return &table->point[((size_t)i << (table->bits - 1)) + k - 1];
}

/*
 * Asks for every table entry that k needs. With hundreds of keys they come from far away: all at
 * once, while the generator's part is summed up, whose table is near. (Measured: one by one between
 * the additions each waits for its page by itself, which costs 7 us of 14.)
 */
static void fetch(const struct cid_p256_table *table, const uint64_t k[LIMBS])
{
	for (unsigned i = 0; i < table->windows; i++) {
		int digit = cid_p256_digit(k, table->bits, i);

		if (digit != 0)
			__builtin_prefetch(entry_of(table, i, digit));
	}
}

/* sum += k * the table's point */
static void add_multiple(struct cid_point *sum, const struct cid_p256_table *table,
			 const uint64_t k[LIMBS])
{
	static const struct cid_fe zero = {{0}};

	for (unsigned i = 0; i < table->windows; i++) {
		int digit = cid_p256_digit(k, table->bits, i);
		struct cid_affine entry;

		if (digit == 0)
			continue;
		entry = *entry_of(table, i, digit);
		if (digit < 0)
			cid_fe_sub(&entry.y, &zero, &entry.y);
		cid_point_add(sum, &entry);
	}
}

static bool has_x(const struct cid_point *p, const uint64_t x[LIMBS])
{
	struct cid_fe number = {{x[0], x[1], x[2], x[3]}}, product;

	/* x/zz = number without a division: number * zz = x, everything in Montgomery's form */
	cid_fe_mul(&number, &number, &cid_fe_r2);
	cid_fe_mul(&product, &number, &p->zz);
	cid_fe_sub(&product, &product, &p->x);
	return cid_fe_is_zero(&product);
}

/* The affine x of p, modulo n, is r. x is below p, hence r or r + n, if that is below p. */
static bool matches(const struct cid_point *p, const uint64_t r[LIMBS])
{
	uint64_t other[LIMBS], carry = 0, borrow = 0;

	if (cid_fe_is_zero(&p->zz))
		return false;
	if (has_x(p, r))
		return true;
	for (int i = 0; i < LIMBS; i++)
		other[i] = cid_add(r[i], order[i], &carry);
	for (int i = 0; i < LIMBS; i++)
		(void)cid_sub(other[i], cid_fe_p.v[i], &borrow);
	return carry == 0 && borrow == 1 && has_x(p, other);
}

bool cid_p256_verify(const struct cid_p256_table *base, const struct cid_p256_table *key,
		     const uint8_t digest[32], const uint8_t raw[64])
{
	uint64_t r[LIMBS], s[LIMBS], e[LIMBS], w[LIMBS], u1[LIMBS], u2[LIMBS];
	struct cid_point sum = {0};

	cid_limbs_read(raw, r);
	cid_limbs_read(raw + 32, s);
	if (!in_range(r) || !in_range(s) || !cid_inverse(&cid_p256_n, s, w))
		return false;
	cid_limbs_read(digest, e);
	order_once(e, 0);
	order_mul(w, w, order_r2);
	order_mul(u2, r, w);
	fetch(key, u2);
	order_mul(u1, e, w);
	add_multiple(&sum, base, u1);
	add_multiple(&sum, key, u2);
	return matches(&sum, r);
}
