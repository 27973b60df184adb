/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deterministic ECDSA (FIPS 186-5 §6.4.1, RFC 6979). OpenSSL 3.0 takes no nonce of ours, nor one of
 * RFC 6979 by itself; so k*G is OpenSSL's, whose multiples of the generator take constant time, and
 * the few steps modulo n around it are p256_scalar.c's.
 */
#include "signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>

#include <stdlib.h>
#include <string.h>

#include "jws.h"
#include "p256_scalar.h"
#include "rfc6979.h"

#define LEN	  CID_SCALAR_LEN
#define TRIES_MAX 16 /* candidates; even the second is needed once in 2^32 */

struct cid_signing_key {
	EC_GROUP *group;
	uint8_t bytes[LEN];	/* d, as RFC 6979 hashes it */
	struct cid_scalar mont; /* d in Montgomery's form */
};

/* What a signature's making leaves behind, in one place to be wiped. */
struct work {
	struct cid_rfc6979 drbg;
	uint8_t bytes[LEN];
	struct cid_scalar k, e, r, s;
};

/* The private half of key as bytes. */
static bool private_half(const EVP_PKEY *key, uint8_t out[LEN])
{
	BIGNUM *d = NULL;
	bool ok = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
		  BN_bn2binpad(d, out, LEN) == LEN;

	BN_clear_free(d);
	return ok;
}

struct cid_signing_key *cid_signing_key_new(const EVP_PKEY *key)
{
	struct cid_signing_key *made;
	struct cid_scalar d;
	bool ok;

	if (!cid_es256_key(key))
		return NULL;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return NULL;
	made->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	ok = made->group != NULL && private_half(key, made->bytes);
	cid_scalar_read(made->bytes, &d);
	if (ok && cid_scalar_in_range(&d)) {
		cid_scalar_to_mont(&d, &made->mont);
	} else {
		cid_signing_key_free(made);
		made = NULL;
	}
	OPENSSL_cleanse(&d, sizeof(d));
	return made;
}

void cid_signing_key_free(struct cid_signing_key *key)
{
	if (key == NULL)
		return;
	EC_GROUP_free(key->group);
	OPENSSL_cleanse(key, sizeof(*key));
	free(key);
}

/*
 * BN_bin2bn() skips the zero bytes at the head, and its time would tell how many a nonce has, which
 * is what lattices find a key from. So it gets a byte before them, and the bit goes after.
 */
static bool read_nonce(const uint8_t nonce[LEN], BIGNUM *k)
{
	uint8_t padded[1 + LEN] = {1};
	bool ok;

	memcpy(padded + 1, nonce, LEN);
	ok = BN_bin2bn(padded, sizeof(padded), k) != NULL && BN_clear_bit(k, 8 * LEN) == 1;
	OPENSSL_cleanse(padded, sizeof(padded));
	return ok;
}

/* x of k*G as bytes, k being those of nonce. */
static bool multiply(const EC_GROUP *group, const uint8_t nonce[LEN], uint8_t x_out[LEN])
{
	EC_POINT *point = EC_POINT_new(group);
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *k = BN_new(), *x = BN_new();
	bool ok = point != NULL && ctx != NULL && k != NULL && x != NULL && read_nonce(nonce, k);

	if (ok) {
		BN_set_flags(k, BN_FLG_CONSTTIME);
		ok = EC_POINT_mul(group, point, k, NULL, NULL, ctx) == 1 &&
		     EC_POINT_get_affine_coordinates(group, point, x, NULL, ctx) == 1 &&
		     BN_bn2binpad(x, x_out, LEN) == LEN;
	}
	BN_clear_free(k);
	BN_free(x);
	BN_CTX_free(ctx);
	EC_POINT_clear_free(point); /* its Jacobian form tells of k */
	return ok;
}

/* r and s of one nonce, 32 bytes each. false: OpenSSL had no memory. */
static bool sign_with(const struct cid_signing_key *key, struct work *w, uint8_t raw[2 * LEN])
{
	if (!multiply(key->group, w->bytes, raw))
		return false;
	cid_scalar_read(raw, &w->r);
	cid_scalar_reduce(&w->r); /* x is below p, which is below 2n */
	cid_scalar_to_mont(&w->k, &w->k);
	cid_scalar_inverse(&w->k, &w->k);
	/* s = (e + r*d) / k */
	cid_scalar_mul(&w->r, &key->mont, &w->s);
	cid_scalar_add(&w->s, &w->e, &w->s);
	cid_scalar_mul(&w->s, &w->k, &w->s);
	cid_scalar_write(&w->r, raw);
	cid_scalar_write(&w->s, raw + LEN);
	return true;
}

bool cid_signing_key_sign(const struct cid_signing_key *key, const uint8_t digest[LEN],
			  uint8_t raw_out[2 * LEN])
{
	uint8_t raw[2 * LEN];
	struct work w;
	bool ok = true, found = false;

	cid_scalar_read(digest, &w.e);
	cid_scalar_reduce(&w.e);
	cid_scalar_write(&w.e, w.bytes);
	cid_rfc6979_init(&w.drbg, key->bytes, w.bytes);
	/* A candidate may be n or above; and FIPS 186-5 §6.4.1 step 10 wants r and s not 0. */
	for (int i = 0; ok && !found && i < TRIES_MAX; i++) {
		cid_rfc6979_next(&w.drbg, w.bytes);
		cid_scalar_read(w.bytes, &w.k);
		if (cid_scalar_in_range(&w.k)) {
			ok = sign_with(key, &w, raw);
			found = ok && cid_scalar_in_range(&w.r) && cid_scalar_in_range(&w.s);
		}
		if (!found)
			cid_rfc6979_reject(&w.drbg);
	}
	for (size_t i = 0; found && i < sizeof(raw); i++)
		raw_out[i] = raw[i];
	OPENSSL_cleanse(&w, sizeof(w));
	return found;
}
