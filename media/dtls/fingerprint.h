/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of certificates: a=fingerprint (RFC 8122 §5) and mky of a PASSporT (RFC 8225 §5.2.2). */
#ifndef MEDIA_DTLS_FINGERPRINT_H
#define MEDIA_DTLS_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fingerprint {
	char hash[8]; /* "sha-256" "sha-384" "sha-512" */
	uint8_t digest[64];
	uint8_t len;
};

/* The value of a=fingerprint: "sha-256 4A:AD:...", in any case. sha-1 and md5 are refused. */
bool fingerprint_parse(const char *text, size_t len, struct fingerprint *out);
/* A member of mky: "sha256" and the digest in hex with or without colons. */
bool fingerprint_from_mky(const char *alg, size_t alg_len, const char *dig, size_t dig_len,
			  struct fingerprint *out);
bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b);

#endif
