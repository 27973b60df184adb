/* SPDX-License-Identifier: Apache-2.0 */
/* A private P-256 key that signs deterministically (RFC 6979): same key, same digest, same bytes.
 */
#ifndef CID_SIGNING_KEY_H
#define CID_SIGNING_KEY_H

#include <openssl/evp.h>

#include <stdbool.h>
#include <stdint.h>

/* Immutable: any number of threads. */
struct cid_signing_key;

/* Copies the private half of key. NULL: not a P-256 key with both halves in range, or no memory. */
struct cid_signing_key *cid_signing_key_new(const EVP_PKEY *key);
void cid_signing_key_free(struct cid_signing_key *key); /* wipes it; NULL is fine */

/*
 * R||S over a SHA-256 digest. What is computed from the key and the nonce takes the same time for
 * all of them. false: no memory for OpenSSL's part of the work.
 */
bool cid_signing_key_sign(const struct cid_signing_key *key, const uint8_t digest[32],
			  uint8_t raw_out[64]);

#endif
