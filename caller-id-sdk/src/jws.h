/* SPDX-License-Identifier: Apache-2.0 */
/* JWS compact serialization (RFC 7515 §7.1) and ES256 (RFC 7518 §3.4), and nothing else of JOSE. */
#ifndef CID_JWS_H
#define CID_JWS_H

#include <callerid/identity.h>
#include <callerid/passport.h>

#include <openssl/evp.h>

#include <stdint.h>

#define CID_ES256_LEN	  64 /* bytes of R||S */
#define CID_ES256_B64_LEN 86 /* characters of its base64url form */

/* A token's parts, all inside the token that was split. Compact form: only signature is there. */
struct cid_jws {
	struct callerid_span signing_input; /* header.payload as received: what is signed */
	struct callerid_span header;	    /* base64url */
	struct callerid_span payload;	    /* base64url */
	struct callerid_span signature;	    /* base64url */
};

/*
 * Exactly three parts of base64url characters. Header and payload are both empty (RFC 8225 §7,
 * compact form) or neither is. CALLERID_ESYNTAX, or CALLERID_ELIMIT over CALLERID_TOKEN_MAX.
 */
enum callerid_status cid_jws_split(struct callerid_span token, struct cid_jws *jws_out,
				   struct callerid_error *err);

/* The raw signature. false: not the base64url form of exactly 64 bytes (a DER one is not). */
bool cid_jws_signature(const struct cid_jws *jws, uint8_t raw_out[CID_ES256_LEN]);

/* SEC 1 §4.1.4 step 1: without R and S from 1 to n - 1 it is nobody's signature. */
bool cid_es256_in_range(const uint8_t raw[CID_ES256_LEN]);

/* NO_MEMORY says nothing about the signature. */
enum cid_verified { CID_NOT_VERIFIED = 0, CID_VERIFIED = 1, CID_VERIFY_NO_MEMORY = -1 };

/* key is a P-256 key. NOT: any other key, R or S 0 or not below the group order, or a forgery. */
enum cid_verified cid_es256_verify(EVP_PKEY *key, const void *data, size_t len,
				   const uint8_t raw[CID_ES256_LEN]);

/* CALLERID_EINVAL: not a P-256 key. CALLERID_ECRYPTO: OpenSSL could not sign. */
enum callerid_status cid_es256_sign(EVP_PKEY *key, const void *data, size_t len,
				    uint8_t raw_out[CID_ES256_LEN], struct callerid_error *err);

/*
 * The same for a key that is used often: preparing it once saves OpenSSL's look-ups of algorithms,
 * 2 of 25 us a signature. The context is the caller's, EVP_PKEY_CTX_free(); it keeps key alive, and
 * is never changed by its use, so that threads may share it. NULL: not a P-256 key, no point to
 * verify by, or no memory.
 */
EVP_PKEY_CTX *cid_es256_verifier(EVP_PKEY *key);
EVP_PKEY_CTX *cid_es256_signer(EVP_PKEY *key);
enum cid_verified cid_es256_verify_with(const EVP_PKEY_CTX *verifier, const void *data, size_t len,
					const uint8_t raw[CID_ES256_LEN]);
enum callerid_status cid_es256_sign_with(const EVP_PKEY_CTX *signer, const void *data, size_t len,
					 uint8_t raw_out[CID_ES256_LEN],
					 struct callerid_error *err);

/* An EC key on the curve P-256 (prime256v1), private or public. */
bool cid_es256_key(const EVP_PKEY *key);

#endif
