/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic modulo p of P-256, for verification only: every number here is public, so that time
 * may depend on it. Nothing secret may ever come through this code; the exception is the steps
 * between limbs (cid_add, cid_sub, cid_mul_add), which branch nowhere: p256_scalar.c has them too.
 */
#ifndef CID_P256_FIELD_H
#define CID_P256_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__) && !defined(CID_P256_PORTABLE)
#include <immintrin.h>
#endif

typedef unsigned __int128 cid_u128;

/* Before a loop over limbs: -O2 keeps such loops, and their carries go through memory then. */
#define CID_UNROLLED _Pragma("GCC unroll 8")

/*
 * A residue below p, four limbs, the lowest first. Most functions want Montgomery's form, x * 2^256
 * modulo p, in which a product needs no division.
 */
struct cid_fe {
	uint64_t v[4];
};

/* p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (SEC 2 §2.4.2). */
#define CID_P256_P3 0xffffffff00000001u
static const struct cid_fe cid_fe_p = {
	{0xffffffffffffffffu, 0x00000000ffffffffu, 0x0000000000000000u, CID_P256_P3}};
/* 1 and 2^256 in Montgomery's form. */
static const struct cid_fe cid_fe_one = {
	{0x0000000000000001u, 0xffffffff00000000u, 0xffffffffffffffffu, 0x00000000fffffffeu}};
static const struct cid_fe cid_fe_r2 = {
	{0x0000000000000003u, 0xfffffffbffffffffu, 0xfffffffffffffffeu, 0x00000004fffffffdu}};

static inline bool cid_fe_is_zero(const struct cid_fe *a)
{
	return (a->v[0] | a->v[1] | a->v[2] | a->v[3]) == 0;
}

/* a + b + *carry, *carry being 0 or 1 before and after; and the same downwards. */
#if defined(__x86_64__) && !defined(CID_P256_PORTABLE)
/* By the instructions for it, which gcc 12 does not find by itself: half the time of all below. */
static inline uint64_t cid_add(uint64_t a, uint64_t b, uint64_t *carry)
{
	unsigned long long sum;

	*carry = _addcarry_u64((unsigned char)*carry, a, b, &sum);
	return sum;
}

static inline uint64_t cid_sub(uint64_t a, uint64_t b, uint64_t *borrow)
{
	unsigned long long difference;

	*borrow = _subborrow_u64((unsigned char)*borrow, a, b, &difference);
	return difference;
}
#else
static inline uint64_t cid_add(uint64_t a, uint64_t b, uint64_t *carry)
{
	cid_u128 sum = (cid_u128)a + b + *carry;

	*carry = (uint64_t)(sum >> 64);
	return (uint64_t)sum;
}

static inline uint64_t cid_sub(uint64_t a, uint64_t b, uint64_t *borrow)
{
	cid_u128 difference = (cid_u128)a - b - *borrow;

	*borrow = (uint64_t)(difference >> 64) & 1;
	return (uint64_t)difference;
}
#endif

/* The number carry * 2^256 + t, below 2p (so that carry is 0 or 1), modulo p. */
static inline void cid_fe_once(struct cid_fe *r, const uint64_t t[4], uint64_t carry)
{
	uint64_t d[4], borrow = 0, keep;

	CID_UNROLLED
	for (int i = 0; i < 4; i++)
		d[i] = cid_sub(t[i], cid_fe_p.v[i], &borrow);
	(void)cid_sub(carry, 0, &borrow);
	keep = 0 - borrow; /* all ones: t was below p */
	CID_UNROLLED
	for (int i = 0; i < 4; i++)
		r->v[i] = (t[i] & keep) | (d[i] & ~keep);
}

static inline void cid_fe_sub(struct cid_fe *r, const struct cid_fe *a, const struct cid_fe *b)
{
	uint64_t d[4], borrow = 0, carry = 0, back;

	CID_UNROLLED
	for (int i = 0; i < 4; i++)
		d[i] = cid_sub(a->v[i], b->v[i], &borrow);
	back = 0 - borrow;
	CID_UNROLLED
	for (int i = 0; i < 4; i++)
		r->v[i] = cid_add(d[i], cid_fe_p.v[i] & back, &carry);
}

static inline void cid_fe_add(struct cid_fe *r, const struct cid_fe *a, const struct cid_fe *b)
{
	uint64_t t[4], carry = 0;

	CID_UNROLLED
	for (int i = 0; i < 4; i++)
		t[i] = cid_add(a->v[i], b->v[i], &carry);
	cid_fe_once(r, t, carry);
}

/*
 * t / 2^256 modulo p, for t below p * 2^256. Montgomery's reduction: four times the lowest limb m
 * is made zero by adding m * p, whose limbs p's form makes cheap, and then shifted away. (m is that
 * limb, as -1/p is 1 modulo 2^64.) The lower half, below 2^256, becomes (a + m*p) / 2^64, which is
 * at most p + 2^160, 2^96, 2^32 and p in the end; with an upper half below p that is below 2p.
 */
static inline void cid_fe_redc(struct cid_fe *r, const uint64_t t[8])
{
	uint64_t a[4] = {t[0], t[1], t[2], t[3]}, carry = 0;

	CID_UNROLLED
	for (int i = 0; i < 4; i++) {
		uint64_t m = a[0];
		cid_u128 top = (cid_u128)m * CID_P256_P3;

		carry = 0;
		a[0] = cid_add(a[1], m << 32, &carry);
		a[1] = cid_add(a[2], m >> 32, &carry);
		a[2] = cid_add(a[3], (uint64_t)top, &carry);
		a[3] = (uint64_t)(top >> 64) + carry; /* at most P3 */
	}
	carry = 0;
	CID_UNROLLED
	for (int i = 0; i < 4; i++)
		a[i] = cid_add(a[i], t[4 + i], &carry);
	cid_fe_once(r, a, carry);
}

/* a * b + c + *high, at most (2^64 - 1)^2 + 2(2^64 - 1) = 2^128 - 1; the upper limb goes to *high.
 */
static inline uint64_t cid_mul_add(uint64_t a, uint64_t b, uint64_t c, uint64_t *high)
{
	cid_u128 sum = (cid_u128)a * b + c + *high;

	*high = (uint64_t)(sum >> 64);
	return (uint64_t)sum;
}

static inline void cid_fe_mul(struct cid_fe *r, const struct cid_fe *a, const struct cid_fe *b)
{
	uint64_t t[8] = {0};

	CID_UNROLLED
	for (int i = 0; i < 4; i++) {
		uint64_t high = 0;

		CID_UNROLLED
		for (int j = 0; j < 4; j++)
			t[i + j] = cid_mul_add(a->v[i], b->v[j], t[i + j], &high);
		t[i + 4] = high;
	}
	cid_fe_redc(r, t);
}

static inline void cid_fe_sqr(struct cid_fe *r, const struct cid_fe *a)
{
	uint64_t t[8] = {0}, carry = 0;

	/* The products of two different limbs, below 2^448, doubled, and then the squares. The
	 * last carry is 0: a^2 has eight limbs. */
	CID_UNROLLED
	for (int i = 0; i < 3; i++) {
		uint64_t high = 0;

		CID_UNROLLED
		for (int j = i + 1; j < 4; j++)
			t[i + j] = cid_mul_add(a->v[i], a->v[j], t[i + j], &high);
		t[i + 4] = high;
	}
	CID_UNROLLED
	for (int i = 7; i > 0; i--)
		t[i] = t[i] << 1 | t[i - 1] >> 63;
	t[0] <<= 1;
	CID_UNROLLED
	for (int i = 0; i < 4; i++) {
		cid_u128 square = (cid_u128)a->v[i] * a->v[i];

		t[2 * i] = cid_add(t[2 * i], (uint64_t)square, &carry);
		t[2 * i + 1] = cid_add(t[2 * i + 1], (uint64_t)(square >> 64), &carry);
	}
	cid_fe_redc(r, t);
}

#endif
