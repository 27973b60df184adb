/* SPDX-License-Identifier: Apache-2.0 */
/* Points of P-256, for verification only: time depends on them, and they are all public. */
#ifndef CID_P256_POINT_H
#define CID_P256_POINT_H

#include "p256_field.h"

#include <stddef.h>

/* Never the point at infinity. Coordinates in Montgomery's form. */
struct cid_affine {
	struct cid_fe x, y;
};

/* (x / zz, y / zzz) with zz^3 = zzz^2; the point at infinity has zz = 0. */
struct cid_point {
	struct cid_fe x, y, zz, zzz;
};

/* p + q for every p and q: equal, opposite, at infinity. */
void cid_point_add(struct cid_point *p, const struct cid_affine *q);
void cid_point_double(struct cid_point *p);

/* The affine form of n points, none at infinity; products is room for n numbers. */
void cid_points_affine(const struct cid_point *points, size_t n, struct cid_fe *products,
		       struct cid_affine *out);

/*
 * Two coordinates of 32 bytes, high byte first, as a key gives them. false: one is not below p, or
 * the point is not on the curve. (Every point of the curve but infinity is in the group.)
 */
bool cid_affine_read(const uint8_t xy[64], struct cid_affine *out);

/* 32 bytes, high byte first. */
static inline void cid_limbs_read(const uint8_t bytes[32], uint64_t out[4])
{
	for (int i = 0; i < 4; i++) {
		uint64_t limb = 0;

		for (int j = 0; j < 8; j++)
			limb = limb << 8 | bytes[24 - 8 * i + j];
		out[i] = limb;
	}
}

#endif
