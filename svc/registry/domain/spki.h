/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate known by its public key, so that it may be renewed with the same key. */
#ifndef REGISTRY_SPKI_H
#define REGISTRY_SPKI_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/x509.h>

#define SPKI_HASH 32

/* SHA-256 of the DER of SubjectPublicKeyInfo (RFC 5280 §4.1), as in RFC 7469. false: no memory. */
bool spki_hash(const X509 *x509, uint8_t hash_out[SPKI_HASH]);

#endif
