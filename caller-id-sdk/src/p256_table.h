/* SPDX-License-Identifier: Apache-2.0 */
/* What a table of multiples looks like, for p256.c and p256_table.c. */
#ifndef CID_P256_TABLE_H
#define CID_P256_TABLE_H

#include "p256.h"
#include "p256_point.h"

#define CID_P256_BITS 256

/*
 * A scalar is cut into windows of `bits` bits, each with a signed digit d from -2^(bits-1) to
 * 2^(bits-1). Window i has the points k * 2^(bits*i) * P for k = 1 .. 2^(bits-1), in this order.
 */
struct cid_p256_table {
	unsigned bits, windows;
	size_t bytes;		  /* of everything */
	struct cid_affine *point; /* each in one cache line */
};

/*
 * The digit of window i. The window's bits stand for 0 .. 2^bits - 1; a window in the upper half
 * takes 2^bits off itself and gives the next one 1, which that one sees as the bit below its own.
 */
static inline int cid_p256_digit(const uint64_t k[4], unsigned bits, unsigned i)
{
	unsigned at = bits * i, limb, shift;
	uint64_t word;
	unsigned value;

	/* bits + 1 bits from one below the window; there is a 0 below the first. i is at most
	 * 256 / bits, and so the limb at most 3. */
	if (i == 0) {
		word = k[0] << 1;
	} else {
		limb = (at - 1) / 64;
		shift = (at - 1) % 64;
		word = k[limb] >> shift;
		if (shift != 0 && limb < 3)
			word |= k[limb + 1] << (64 - shift);
	}
	value = (unsigned)word & ((2u << bits) - 1);
	return (int)((value + 1) >> 1) - (int)(value >> bits << bits);
}

#endif
