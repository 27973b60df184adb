/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inverse modulo an odd prime of 256 bits, by division steps: Bernstein and Yang, "Fast
 * constant-time gcd computation and modular inversion" (2019), taken 62 steps at a time. Ours is
 * the variable-time form: the numbers are parts of a signature, which is public.
 */
#include "p256_inverse.h"

#define BITS   62
#define MASK   ((UINT64_C(1) << BITS) - 1)
#define ROUNDS 12 /* 741 steps bring any two numbers of 256 bits to g = 0 (theorem 11.2) */

typedef __int128 int128;

/* Two rows: what 62 steps make of (f, g), times 2^62. */
struct steps {
	int64_t u, v, q, r;
};

const struct cid_modulus cid_p256_p = {
	{0x3fffffffffffffff, 0x3ffffffff, 0, 0x3fffffc000000040, 0xff}, 0x3fffffffffffffff};
const struct cid_modulus cid_p256_n = {
	{0x33b9cac2fc632551, 0x339beab69c5e7a13, 0x3ffffffffffffffb, 0x3fffffc00000003f, 0xff},
	0x332e375511ff43b1};

/*
 * 62 division steps on the low limbs of f (odd) and g; returns the new eta, which is -delta of the
 * paper. Zeros at the end of g are shifted out at once, and w cancels up to six bits of g: f(2-ff)
 * is 1/f modulo 64 for every odd f. |u| + |v| and |q| + |r| at most double in a step: 2^62 is their
 * bound, and what wraps here as unsigned is right as signed. |eta| grows by one a step.
 */
static int64_t make_steps(int64_t eta, uint64_t f, uint64_t g, struct steps *out)
{
	uint64_t u = 1, v = 0, q = 0, r = 1;
	int left = BITS;

	for (;;) {
		int zeros = __builtin_ctzll(g | UINT64_MAX << left), limit;
		uint64_t w;

		g >>= zeros;
		u <<= zeros;
		v <<= zeros;
		eta -= zeros;
		left -= zeros;
		if (left == 0)
			break;
		if (eta < 0) {
			uint64_t old_f = f, old_u = u, old_v = v;

			eta = -eta;
			f = g;
			g = 0 - old_f;
			u = q;
			q = 0 - old_u;
			v = r;
			r = 0 - old_v;
		}
		limit = eta + 1 < left ? (int)eta + 1 : left;
		w = (g * f * (f * f - 2)) & (UINT64_MAX >> (64 - (limit < 6 ? limit : 6)));
		g += f * w;
		q += u * w;
		r += v * w;
	}
	*out = (struct steps){(int64_t)u, (int64_t)v, (int64_t)q, (int64_t)r};
	return eta;
}

/*
 * (f, g) := steps * (f, g) / 2^62, exactly. Limbs are below 2^62 in amount, so that each sum stays
 * within 2^124 and what is carried; f and g stay within the modulus.
 */
static void apply(const struct steps *t, int64_t f[CID_LIMBS62], int64_t g[CID_LIMBS62])
{
	int128 cf = 0, cg = 0;

	for (int i = 0; i < CID_LIMBS62; i++) {
		int64_t fi = f[i], gi = g[i];

		cf += (int128)t->u * fi + (int128)t->v * gi;
		cg += (int128)t->q * fi + (int128)t->r * gi;
		if (i > 0) {
			f[i - 1] = (int64_t)((uint64_t)cf & MASK);
			g[i - 1] = (int64_t)((uint64_t)cg & MASK);
		}
		cf >>= BITS;
		cg >>= BITS;
	}
	f[CID_LIMBS62 - 1] = (int64_t)cf;
	g[CID_LIMBS62 - 1] = (int64_t)cg;
}

/*
 * One row: (a*d + b*e + k*m) / 2^62, with the k that makes the division exact. d and e lie in
 * (-2m, m), and so does what comes out: m is first added to a negative one, |a| + |b| <= 2^62, and
 * at most (2^62 - 1)m is taken away. So k lies from -2^63 + 1 to 2^62, and every sum below within
 * 2^124 + 2^125 and what is carried.
 */
static void apply_row(const struct cid_modulus *m, const int64_t ab[2],
		      const int64_t d[CID_LIMBS62], const int64_t e[CID_LIMBS62],
		      int64_t out[CID_LIMBS62])
{
	int64_t a = ab[0], b = ab[1];
	int64_t k = (a & (d[CID_LIMBS62 - 1] >> 63)) + (b & (e[CID_LIMBS62 - 1] >> 63));
	int128 c = (int128)a * d[0] + (int128)b * e[0];

	k -= (int64_t)((m->inverse62 * (uint64_t)c + (uint64_t)k) & MASK);
	c += (int128)k * m->v[0];
	c >>= BITS;
	for (int i = 1; i < CID_LIMBS62; i++) {
		c += (int128)a * d[i] + (int128)b * e[i] + (int128)k * m->v[i];
		out[i - 1] = (int64_t)((uint64_t)c & MASK);
		c >>= BITS;
	}
	out[CID_LIMBS62 - 1] = (int64_t)c;
}

/* x := sign * x + k * m, with all limbs but the last in [0, 2^62) again. For sign -1 k is 0: a sum
 * is at most 2(2^62 - 1) + 1, which is INT64_MAX. */
static void adjust(int64_t x[CID_LIMBS62], int64_t sign, const struct cid_modulus *m, int64_t k)
{
	int64_t carry = 0;

	for (int i = 0; i < CID_LIMBS62 - 1; i++) {
		carry += sign * x[i] + k * m->v[i];
		x[i] = (int64_t)((uint64_t)carry & MASK);
		carry >>= BITS;
	}
	x[CID_LIMBS62 - 1] = carry + sign * x[CID_LIMBS62 - 1] + k * m->v[CID_LIMBS62 - 1];
}

static bool is_zero(const int64_t x[CID_LIMBS62])
{
	return (x[0] | x[1] | x[2] | x[3] | x[4]) == 0;
}

/* 1 or -1 when x is that, else 0. */
static int64_t unit(const int64_t x[CID_LIMBS62])
{
	const int64_t ones = (int64_t)MASK;

	if (x[0] == 1 && (x[1] | x[2] | x[3] | x[4]) == 0)
		return 1;
	return x[0] == ones && x[1] == ones && x[2] == ones && x[3] == ones && x[4] == -1 ? -1 : 0;
}

static void to62(const uint64_t x[4], int64_t out[CID_LIMBS62])
{
	out[0] = (int64_t)(x[0] & MASK);
	out[1] = (int64_t)((x[0] >> 62 | x[1] << 2) & MASK);
	out[2] = (int64_t)((x[1] >> 60 | x[2] << 4) & MASK);
	out[3] = (int64_t)((x[2] >> 58 | x[3] << 6) & MASK);
	out[4] = (int64_t)(x[3] >> 56);
}

static void from62(const int64_t x[CID_LIMBS62], uint64_t out[4])
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint64_t)x[i] >> (2 * i) | (uint64_t)x[i + 1] << (62 - 2 * i);
}

bool cid_inverse(const struct cid_modulus *m, const uint64_t x[4], uint64_t out[4])
{
	int64_t f[CID_LIMBS62], g[CID_LIMBS62], d[CID_LIMBS62] = {0}, e[CID_LIMBS62] = {1};
	int64_t eta = -1, sign;

	for (int i = 0; i < CID_LIMBS62; i++)
		f[i] = m->v[i];
	to62(x, g);
	/* Throughout, f = d*x and g = e*x modulo m. */
	for (int round = 0; round < ROUNDS && !is_zero(g); round++) {
		int64_t new_d[CID_LIMBS62], new_e[CID_LIMBS62];
		struct steps t;

		eta = make_steps(eta, (uint64_t)f[0] | (uint64_t)f[1] << BITS,
				 (uint64_t)g[0] | (uint64_t)g[1] << BITS, &t);
		apply(&t, f, g);
		apply_row(m, (const int64_t[2]){t.u, t.v}, d, e, new_d);
		apply_row(m, (const int64_t[2]){t.q, t.r}, d, e, new_e);
		for (int i = 0; i < CID_LIMBS62; i++) {
			d[i] = new_d[i];
			e[i] = new_e[i];
		}
	}
	sign = unit(f);
	if (sign == 0 || !is_zero(g))
		return false;
	adjust(d, 1, m, d[CID_LIMBS62 - 1] < 0 ? 1 : 0); /* in (-m, m) */
	adjust(d, sign, m, 0);
	adjust(d, 1, m, d[CID_LIMBS62 - 1] < 0 ? 1 : 0); /* in [0, m) */
	from62(d, out);
	return true;
}
