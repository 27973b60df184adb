/* SPDX-License-Identifier: Apache-2.0 */
/* The inverse modulo an odd prime of 256 bits, in time that depends on the (public) numbers. */
#ifndef CID_P256_INVERSE_H
#define CID_P256_INVERSE_H

#include <stdbool.h>
#include <stdint.h>

#define CID_LIMBS62 5 /* of 62 bits each, the lowest first; the last has the sign */

struct cid_modulus {
	int64_t v[CID_LIMBS62];
	uint64_t inverse62; /* of the modulus itself, modulo 2^62 */
};

extern const struct cid_modulus cid_p256_p; /* of the field */
extern const struct cid_modulus cid_p256_n; /* of the group */

/* 1/x modulo m for 0 < x < m; limbs of 64 bits, the lowest first. false: x has no inverse. */
bool cid_inverse(const struct cid_modulus *m, const uint64_t x[4], uint64_t out[4]);

#endif
