/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nonce of a deterministic signature (RFC 6979 §3.2). HMAC on OpenSSL's SHA256_Update() family:
 * deprecated since 3.0, and used in this file alone, because EVP_MAC allocates, and looks its
 * algorithm up, for each of the five HMACs of a nonce: 5 us of a signature's 20.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "rfc6979.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <stddef.h>
#include <string.h>

#define LEN   CID_NONCE_LEN
#define BLOCK SHA256_CBLOCK

/* What HMAC hashes, in order: V, then a byte, key and digest, or some of them. */
struct parts {
	const uint8_t *p[4];
	size_t n[4];
};

/* HMAC-SHA256 (RFC 2104) under k of the parts; out may be k or one of the parts. */
static void hmac(const uint8_t k[LEN], const struct parts *parts, uint8_t out[LEN])
{
	uint8_t pad[BLOCK], inner[LEN];
	SHA256_CTX sha;

	memset(pad, 0x36, sizeof(pad));
	for (size_t i = 0; i < LEN; i++)
		pad[i] ^= k[i];
	SHA256_Init(&sha);
	SHA256_Update(&sha, pad, sizeof(pad));
	for (size_t i = 0; i < 4 && parts->p[i] != NULL; i++)
		SHA256_Update(&sha, parts->p[i], parts->n[i]);
	SHA256_Final(inner, &sha);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA256_Init(&sha);
	SHA256_Update(&sha, pad, sizeof(pad));
	SHA256_Update(&sha, inner, sizeof(inner));
	SHA256_Final(out, &sha);
	OPENSSL_cleanse(pad, sizeof(pad));
	OPENSSL_cleanse(inner, sizeof(inner));
	OPENSSL_cleanse(&sha, sizeof(sha));
}

/* V = HMAC_K(V) */
static void step_v(struct cid_rfc6979 *drbg)
{
	hmac(drbg->k, &(struct parts){{drbg->v}, {LEN}}, drbg->v);
}

void cid_rfc6979_init(struct cid_rfc6979 *drbg, const uint8_t key[LEN], const uint8_t digest[LEN])
{
	memset(drbg->v, 0x01, LEN); /* step b */
	memset(drbg->k, 0x00, LEN); /* step c */
	/* Steps d and e, then f and g: K = HMAC_K(V || 0x00 or 0x01 || key || digest). */
	for (uint8_t mark = 0; mark < 2; mark++) {
		hmac(drbg->k,
		     &(struct parts){{drbg->v, &mark, key, digest}, {LEN, sizeof(mark), LEN, LEN}},
		     drbg->k);
		step_v(drbg);
	}
}

void cid_rfc6979_next(struct cid_rfc6979 *drbg, uint8_t nonce_out[LEN])
{
	step_v(drbg); /* step h.2: one V is all the bits that are needed */
	memcpy(nonce_out, drbg->v, LEN);
}

void cid_rfc6979_reject(struct cid_rfc6979 *drbg)
{
	const uint8_t mark = 0;

	/* Step h.3: "K = HMAC_K(V || 0x00)", "V = HMAC_K(V)" */
	hmac(drbg->k, &(struct parts){{drbg->v, &mark}, {LEN, sizeof(mark)}}, drbg->k);
	step_v(drbg);
}
