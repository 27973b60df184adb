/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points of P-256 with zz and zzz in place of z, which makes adding an affine point cheapest: eight
 * products and two squares. Formulas: the Explicit-Formulas Database, short Weierstrass curves,
 * "XYZZ coordinates" (madd-2008-s, mdbl-2008-s-1, dbl-2008-s-1 with a = -3).
 */
#include "p256_point.h"

#include "p256_inverse.h"

static const struct cid_fe curve_b = {
	{0xd89cdf6229c4bddfu, 0xacf005cd78843090u, 0xe5a220abf7212ed6u, 0xdc30061d04874834u}};

void cid_point_double(struct cid_point *p)
{
	struct cid_fe u, v, w, s, m, t;

	if (cid_fe_is_zero(&p->zz))
		return;
	cid_fe_add(&u, &p->y, &p->y);
	cid_fe_sqr(&v, &u);
	cid_fe_mul(&w, &u, &v);
	cid_fe_mul(&s, &p->x, &v);
	/* 3x^2 - 3zz^2 */
	cid_fe_add(&m, &p->x, &p->zz);
	cid_fe_sub(&t, &p->x, &p->zz);
	cid_fe_mul(&m, &m, &t);
	cid_fe_add(&t, &m, &m);
	cid_fe_add(&m, &t, &m);
	cid_fe_sqr(&p->x, &m);
	cid_fe_sub(&p->x, &p->x, &s);
	cid_fe_sub(&p->x, &p->x, &s);
	cid_fe_sub(&s, &s, &p->x);
	cid_fe_mul(&m, &m, &s);
	cid_fe_mul(&t, &w, &p->y);
	cid_fe_sub(&p->y, &m, &t);
	cid_fe_mul(&p->zz, &p->zz, &v);
	cid_fe_mul(&p->zzz, &p->zzz, &w);
}

static void from_affine(struct cid_point *p, const struct cid_affine *q)
{
	*p = (struct cid_point){q->x, q->y, cid_fe_one, cid_fe_one};
}

void cid_point_add(struct cid_point *p, const struct cid_affine *q)
{
	struct cid_fe dx, dy, d2, d3, v, t;

	if (cid_fe_is_zero(&p->zz)) {
		from_affine(p, q);
		return;
	}
	cid_fe_mul(&dx, &q->x, &p->zz);
	cid_fe_mul(&dy, &q->y, &p->zzz);
	cid_fe_sub(&dx, &dx, &p->x);
	cid_fe_sub(&dy, &dy, &p->y);
	if (cid_fe_is_zero(&dx)) {
		/* The formula below holds for different x only. */
		if (cid_fe_is_zero(&dy))
			cid_point_double(p);
		else
			*p = (struct cid_point){.x = cid_fe_one, .y = cid_fe_one};
		return;
	}
	cid_fe_sqr(&d2, &dx);
	cid_fe_mul(&d3, &dx, &d2);
	cid_fe_mul(&v, &p->x, &d2);
	cid_fe_mul(&p->zz, &p->zz, &d2);
	cid_fe_mul(&p->zzz, &p->zzz, &d3);
	cid_fe_sqr(&p->x, &dy);
	cid_fe_sub(&p->x, &p->x, &d3);
	cid_fe_sub(&p->x, &p->x, &v);
	cid_fe_sub(&p->x, &p->x, &v);
	cid_fe_sub(&v, &v, &p->x);
	cid_fe_mul(&t, &p->y, &d3);
	cid_fe_mul(&v, &v, &dy);
	cid_fe_sub(&p->y, &v, &t);
}

/* 1/a, both in Montgomery's form, for a that is not 0. */
static void invert(struct cid_fe *r, const struct cid_fe *a)
{
	struct cid_fe x = cid_fe_one;

	(void)cid_inverse(&cid_p256_p, a->v, x.v);
	cid_fe_mul(&x, &x, &cid_fe_r2);
	cid_fe_mul(r, &x, &cid_fe_r2);
}

void cid_points_affine(const struct cid_point *points, size_t n, struct cid_fe *products,
		       struct cid_affine *out)
{
	struct cid_fe inverse, one, t;

	/* Montgomery's trick: one inversion, of the product of all. */
	products[0] = points[0].zzz;
	for (size_t i = 1; i < n; i++)
		cid_fe_mul(&products[i], &products[i - 1], &points[i].zzz);
	invert(&inverse, &products[n - 1]);
	for (size_t i = n; i-- > 0;) {
		one = inverse; /* becomes 1/zzz of this point */
		if (i > 0)
			cid_fe_mul(&one, &inverse, &products[i - 1]);
		cid_fe_mul(&inverse, &inverse, &points[i].zzz);
		cid_fe_mul(&out[i].y, &points[i].y, &one);
		/* zz/zzz is 1/z, its square 1/zz */
		cid_fe_mul(&t, &points[i].zz, &one);
		cid_fe_sqr(&t, &t);
		cid_fe_mul(&out[i].x, &points[i].x, &t);
	}
}

static bool is_below_p(const struct cid_fe *a)
{
	uint64_t borrow = 0;

	for (int i = 0; i < 4; i++)
		(void)cid_sub(a->v[i], cid_fe_p.v[i], &borrow);
	return borrow == 1;
}

bool cid_affine_read(const uint8_t xy[64], struct cid_affine *out)
{
	struct cid_fe x, y, left, right, three_x;

	cid_limbs_read(xy, x.v);
	cid_limbs_read(xy + 32, y.v);
	if (!is_below_p(&x) || !is_below_p(&y))
		return false;
	cid_fe_mul(&x, &x, &cid_fe_r2);
	cid_fe_mul(&y, &y, &cid_fe_r2);
	/* y^2 = x^3 - 3x + b */
	cid_fe_sqr(&left, &y);
	cid_fe_sqr(&right, &x);
	cid_fe_mul(&right, &right, &x);
	cid_fe_add(&three_x, &x, &x);
	cid_fe_add(&three_x, &three_x, &x);
	cid_fe_sub(&right, &right, &three_x);
	cid_fe_add(&right, &right, &curve_b);
	cid_fe_sub(&left, &left, &right);
	*out = (struct cid_affine){x, y};
	return cid_fe_is_zero(&left);
}
