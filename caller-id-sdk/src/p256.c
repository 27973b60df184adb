/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ES256 verification from tables (FIPS 186-5 §6.4.2). Verification only: digest, signature and key
 * are public, so that branches and table look-ups may follow them. Nothing secret may pass here.
 */
#include "p256.h"

#include "p256_inverse.h"
#include "p256_scalar.h"
#include "p256_table.h"

#define LIMBS 4

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

/*
 * sum += k * the table's point. Whoever knows the private key can choose u1 and u2 so that the sum
 * so far is an entry, or its negative, at any window: cid_point_add() is right for those as well.
 */
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
		other[i] = cid_add(r[i], cid_scalar_order.v[i], &carry);
	for (int i = 0; i < LIMBS; i++)
		(void)cid_sub(other[i], cid_fe_p.v[i], &borrow);
	return carry == 0 && borrow == 1 && has_x(p, other);
}

bool cid_p256_verify(const struct cid_p256_table *base, const struct cid_p256_table *key,
		     const uint8_t digest[32], const uint8_t raw[64])
{
	struct cid_scalar r, s, e, w, u1, u2;
	struct cid_point sum = {0};

	cid_scalar_read(raw, &r);
	cid_scalar_read(raw + CID_SCALAR_LEN, &s);
	if (!cid_scalar_in_range(&r) || !cid_scalar_in_range(&s) ||
	    !cid_inverse(&cid_p256_n, s.v, w.v))
		return false;
	cid_scalar_read(digest, &e);
	cid_scalar_reduce(&e);
	cid_scalar_to_mont(&w, &w);
	cid_scalar_mul(&r, &w, &u2);
	fetch(key, u2.v);
	cid_scalar_mul(&e, &w, &u1);
	add_multiple(&sum, base, u1.v);
	add_multiple(&sum, key, u2.v);
	return matches(&sum, r.v);
}
