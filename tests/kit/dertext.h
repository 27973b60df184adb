/* SPDX-License-Identifier: Apache-2.0 */
/* DER written by hand: a short notation for the bytes of a certificate, right or wrong. */
#ifndef TESTS_KIT_DERTEXT_H
#define TESTS_KIT_DERTEXT_H

#include <openssl/evp.h>

#include <stddef.h>
#include <stdint.h>

#define KIT_DER_MAX 4096

struct kit_der {
	size_t n;
	uint8_t p[KIT_DER_MAX];
};

/* The keys that letters stand for. */
struct kit_der_keys {
	EVP_PKEY *own, *issuer, *other;
};

/* A mistake in the notation, or more than KIT_DER_MAX bytes, ends the program. */
void kit_der_put(struct kit_der *to, const void *p, size_t n);
void kit_der_put_tlv(struct kit_der *to, uint8_t tag, const struct kit_der *content);

/*
 * Adds what text says: bytes in hexadecimal; tag{...} gets its DER length; 'text' is text; K is the
 * point of the certificate's key, S and A are SHA-1 of that and of the issuer's point, P is another
 * key whole, as a SubjectPublicKeyInfo.
 */
void kit_der_compile(const char *text, const struct kit_der_keys *keys, struct kit_der *to);

#endif
