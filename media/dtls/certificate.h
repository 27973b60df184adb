/* SPDX-License-Identifier: Apache-2.0 */
/* Our certificate for DTLS-SRTP: self-signed ECDSA P-256, made at start and rotated (RFC 8827
 * §6.5). */
#ifndef MEDIA_DTLS_CERTIFICATE_H
#define MEDIA_DTLS_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CERTIFICATE_FINGERPRINT_MAX 112 /* "sha-256 " and 32 pairs with colons, NUL */

/* Immutable, counted: a handshake keeps the certificate that its SDP named. Any thread. */
struct dtls_certificate;

struct dtls_certificate *dtls_certificate_new(void); /* valid 30 days; NULL: no memory */
struct dtls_certificate *dtls_certificate_ref(struct dtls_certificate *certificate);
void dtls_certificate_unref(struct dtls_certificate *certificate);
/* The value of a=fingerprint (RFC 8122 §5): "sha-256 4A:AD:...". */
const char *dtls_certificate_fingerprint(const struct dtls_certificate *certificate);

/* Ours and its key, for calls that a restart is not to end. */
struct dtls_certificate_saved {
	uint8_t x509[1024], key[256]; /* DER */
	size_t x509_len, key_len;
};
bool dtls_certificate_save(const struct dtls_certificate *certificate,
			   struct dtls_certificate_saved *out);
/* NULL: no memory, or the two do not belong together. */
struct dtls_certificate *dtls_certificate_resume(const struct dtls_certificate_saved *saved);

#endif
