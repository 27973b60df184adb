/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's own ES256 key: what it signs, anybody can check with its public half. */
#ifndef REGISTRY_SIGNATURE_H
#define REGISTRY_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct signature;

#define SIGNATURE_JWS_MAX 256 /* characters of a detached JWS */
#define SIGNATURE_PEM_MAX 512 /* characters of a new key */

/* A new P-256 key as PEM (PKCS#8). false: OpenSSL refused. */
bool signature_make_key(char pem_out[SIGNATURE_PEM_MAX + 1]);

/* NULL and one line in err: it is no P-256 key. */
struct signature *signature_new(const char *private_pem, char *err, size_t size);
void signature_free(struct signature *signature); /* NULL is fine; wipes the key */

const char *signature_private_pem(const struct signature *signature);
const char *signature_public_pem(const struct signature *signature);

/* RFC 7515 appendix F: the JWS of bytes with its payload left out, "header..signature". Any
 * thread. */
bool signature_detached(const struct signature *signature, const void *bytes, size_t len,
			char jws_out[SIGNATURE_JWS_MAX + 1]);

/* RFC 7517: {"keys":[...]} with the public key; kid is its RFC 7638 thumbprint. */
json_t *signature_jwks(const struct signature *signature);

#endif
