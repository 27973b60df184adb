/* SPDX-License-Identifier: Apache-2.0 */
/* The nonce of a deterministic signature (RFC 6979 §3.2) for P-256 and SHA-256. */
#ifndef CID_RFC6979_H
#define CID_RFC6979_H

#include <stdint.h>

#define CID_NONCE_LEN 32

/* HMAC_DRBG's K and V: as secret as the key. The caller wipes it. */
struct cid_rfc6979 {
	uint8_t k[CID_NONCE_LEN], v[CID_NONCE_LEN];
};

/*
 * Steps b to g. key is the private key (int2octets), digest the message's, modulo n (bits2octets);
 * both 32 bytes, high byte first. Time does not depend on what they hold.
 */
void cid_rfc6979_init(struct cid_rfc6979 *drbg, const uint8_t key[CID_NONCE_LEN],
		      const uint8_t digest[CID_NONCE_LEN]);

/* Step h: the next candidate. The caller takes the first that lies between 1 and n - 1, and before
 * it asks for another one calls cid_rfc6979_reject(). */
void cid_rfc6979_next(struct cid_rfc6979 *drbg, uint8_t nonce_out[CID_NONCE_LEN]);
void cid_rfc6979_reject(struct cid_rfc6979 *drbg);

#endif
