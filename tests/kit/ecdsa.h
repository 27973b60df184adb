/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA on P-256 with chosen numbers, and OpenSSL's answer beside that of the tables. */
#ifndef TESTS_KIT_ECDSA_H
#define TESTS_KIT_ECDSA_H

#include "p256.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <stdbool.h>
#include <stdint.h>

struct kit_ecdsa {
	BN_CTX *ctx;
	EC_GROUP *group;
	const BIGNUM *n; /* the order of the group */
	BIGNUM *p;	 /* the field's prime */
	struct cid_p256_table *base;
};

/* For cmocka's group set-up and its end; *state is a struct kit_ecdsa. */
int kit_ecdsa_setup(void **state);
int kit_ecdsa_teardown(void **state);

struct kit_es256 {
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *verifier, *signer; /* signer: NULL until it signs */
	struct cid_p256_table *table;
};

struct kit_es256 kit_es256_take(EVP_PKEY *pkey); /* pkey is its own from now on */
void kit_es256_free(struct kit_es256 *key);

/* The public key of any point of the group: infinity too, which gives a key but no table. */
EVP_PKEY *kit_es256_public(const struct kit_ecdsa *b, const EC_POINT *point);
struct kit_es256 kit_es256_of_point(const struct kit_ecdsa *b, const EC_POINT *point);

/* OpenSSL's answer, reached without any of our code: any two numbers as a DER signature. */
bool kit_es256_openssl(const struct kit_es256 *key, const uint8_t digest[32],
		       const uint8_t raw[64]);
/* Both answers, which must be one. */
bool kit_es256_verify(const struct kit_ecdsa *b, const struct kit_es256 *key,
		      const uint8_t digest[32], const uint8_t raw[64]);

/* A digest and a signature, r being x modulo n, of which a verifier finds just these u1 and u2. */
void kit_es256_of_scalars(const struct kit_ecdsa *b, const BIGNUM *const u[2], const BIGNUM *x,
			  uint8_t digest_out[32], uint8_t raw_out[64]);
/* u1*G + u2*Q: good when there is such a point, and never with another r. */
void kit_es256_try(const struct kit_ecdsa *b, const struct kit_es256 *key, const EC_POINT *q,
		   const BIGNUM *const u[2]);

#endif
