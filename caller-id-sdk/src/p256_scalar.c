/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic modulo the order of P-256's group in constant time. Of p256_field.h only the steps
 * between limbs are used (cid_add, cid_sub, cid_mul_add), which branch nowhere.
 */
#include "p256_scalar.h"

#include "p256_field.h"

#include <openssl/crypto.h>

#include <stddef.h>

#define LIMBS  4
#define WINDOW 4 /* bits of the exponent at a time */

const struct cid_scalar cid_scalar_order = {
	{0xf3b9cac2fc632551u, 0xbce6faada7179e84u, 0xffffffffffffffffu, 0xffffffff00000000u}};

/* 2^512 modulo n, and -1/n modulo 2^64. */
static const struct cid_scalar order_r2 = {
	{0x83244c95be79eea2u, 0x4699799c49bd6fa6u, 0x2845b2392b6bec59u, 0x66e12d94f3d95620u}};
#define ORDER_INVERSE 0xccd1c8aaee00bc4fu

void cid_scalar_read(const uint8_t in[CID_SCALAR_LEN], struct cid_scalar *out)
{
	for (size_t i = 0; i < LIMBS; i++) {
		uint64_t limb = 0;

		for (size_t j = 0; j < 8; j++)
			limb = limb << 8 | in[8 * (LIMBS - 1 - i) + j];
		out->v[i] = limb;
	}
}

void cid_scalar_write(const struct cid_scalar *a, uint8_t out[CID_SCALAR_LEN])
{
	for (size_t i = 0; i < CID_SCALAR_LEN; i++)
		out[CID_SCALAR_LEN - 1 - i] = (uint8_t)(a->v[i / 8] >> (8 * (i % 8)));
}

bool cid_scalar_in_range(const struct cid_scalar *a)
{
	uint64_t borrow = 0, any = 0;

	for (size_t i = 0; i < LIMBS; i++) {
		(void)cid_sub(a->v[i], cid_scalar_order.v[i], &borrow);
		any |= a->v[i];
	}
	/* One bit leaves: whether all is well, not where it was not. */
	return ((any | (0 - any)) >> 63 & borrow) == 1;
}

/* carry * 2^256 + t, below 2n, modulo n. */
static inline void once(const uint64_t t[LIMBS], uint64_t carry, struct cid_scalar *out)
{
	uint64_t d[LIMBS], borrow = 0, keep;

	CID_UNROLLED
	for (int i = 0; i < LIMBS; i++)
		d[i] = cid_sub(t[i], cid_scalar_order.v[i], &borrow);
	(void)cid_sub(carry, 0, &borrow);
	keep = 0 - borrow; /* all ones: t was below n */
	CID_UNROLLED
	for (int i = 0; i < LIMBS; i++)
		out->v[i] = (t[i] & keep) | (d[i] & ~keep);
}

void cid_scalar_reduce(struct cid_scalar *a)
{
	once(a->v, 0, a);
}

void cid_scalar_add(const struct cid_scalar *a, const struct cid_scalar *b, struct cid_scalar *out)
{
	uint64_t t[LIMBS], carry = 0;

	for (size_t i = 0; i < LIMBS; i++)
		t[i] = cid_add(a->v[i], b->v[i], &carry);
	once(t, carry, out);
}

/*
 * Montgomery's product. t < b + n at the head of the loop: (t + a_i*b + m*n) / 2^64 <
 * (b + n + (2^64 - 1)*(b + n)) / 2^64. a may be any 256 bits; b must be below n, since then t +
 * a_i*b < 2^64*b + n < 2^320 fits five limbs, and what comes out is below 2n.
 */
void cid_scalar_mul(const struct cid_scalar *a, const struct cid_scalar *b, struct cid_scalar *out)
{
	uint64_t t[LIMBS + 1] = {0};

	CID_UNROLLED
	for (int i = 0; i < LIMBS; i++) {
		uint64_t high = 0, carry = 0, m;

		CID_UNROLLED
		for (int j = 0; j < LIMBS; j++)
			t[j] = cid_mul_add(a->v[i], b->v[j], t[j], &high);
		t[LIMBS] += high; /* at most 0xffffffff00000001 */
		m = t[0] * ORDER_INVERSE;
		high = 0;
		(void)cid_mul_add(m, cid_scalar_order.v[0], t[0], &high);
		CID_UNROLLED
		for (int j = 1; j < LIMBS; j++)
			t[j - 1] = cid_mul_add(m, cid_scalar_order.v[j], t[j], &high);
		t[LIMBS - 1] = cid_add(t[LIMBS], high, &carry);
		t[LIMBS] = carry;
	}
	once(t, t[LIMBS], out);
}

void cid_scalar_to_mont(const struct cid_scalar *a, struct cid_scalar *out)
{
	cid_scalar_mul(a, &order_r2, out);
}

/* Fermat: a^(n-2), where all that steers is n, which everybody knows. */
void cid_scalar_inverse(const struct cid_scalar *a, struct cid_scalar *out)
{
	static const struct cid_scalar one = {{1, 0, 0, 0}};
	struct cid_scalar power[1 << WINDOW], sum;

	cid_scalar_to_mont(&one, &power[0]);
	for (size_t i = 1; i < sizeof(power) / sizeof(power[0]); i++)
		cid_scalar_mul(&power[i - 1], a, &power[i]);
	sum = power[0];
	for (int at = 256 - WINDOW; at >= 0; at -= WINDOW) {
		uint64_t limb = cid_scalar_order.v[at / 64] - (at / 64 == 0 ? 2 : 0);
		uint64_t digit = limb >> (at % 64) & ((1 << WINDOW) - 1);

		for (int i = 0; i < WINDOW; i++)
			cid_scalar_mul(&sum, &sum, &sum);
		if (digit != 0)
			cid_scalar_mul(&sum, &power[digit], &sum);
	}
	*out = sum;
	OPENSSL_cleanse(power, sizeof(power));
	OPENSSL_cleanse(&sum, sizeof(sum));
}
