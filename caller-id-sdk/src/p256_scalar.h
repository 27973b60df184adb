/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic modulo n, the order of P-256's group. In signing the numbers are a private key and
 * nonces, so that neither a branch nor an address nor the number of steps depends on them.
 */
#ifndef CID_P256_SCALAR_H
#define CID_P256_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

#define CID_SCALAR_LEN 32

/* A number of 256 bits, the lowest limb first; below n unless said otherwise. */
struct cid_scalar {
	uint64_t v[4];
};

extern const struct cid_scalar cid_scalar_order; /* n (SEC 2 §2.4.2) */

/* 32 bytes, high byte first. What is read may be n or above: reduce it, or ask for its range. */
void cid_scalar_read(const uint8_t in[CID_SCALAR_LEN], struct cid_scalar *out);
void cid_scalar_write(const struct cid_scalar *a, uint8_t out[CID_SCALAR_LEN]);

bool cid_scalar_in_range(const struct cid_scalar *a); /* 0 < a < n */
void cid_scalar_reduce(struct cid_scalar *a);	      /* any 256 bits, modulo n */

void cid_scalar_add(const struct cid_scalar *a, const struct cid_scalar *b, struct cid_scalar *out);
/* a * b / 2^256: the product, when one of the two is in Montgomery's form. a may be n or above. */
void cid_scalar_mul(const struct cid_scalar *a, const struct cid_scalar *b, struct cid_scalar *out);
void cid_scalar_to_mont(const struct cid_scalar *a, struct cid_scalar *out); /* a * 2^256 */
/* 1/a, both in Montgomery's form; 0 for 0. */
void cid_scalar_inverse(const struct cid_scalar *a, struct cid_scalar *out);

#endif
