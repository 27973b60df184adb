/* SPDX-License-Identifier: Apache-2.0 */
/* Our certificate for DTLS-SRTP: self-signed ECDSA P-256, made at start and rotated (RFC 8827
 * §6.5). */
#ifndef MEDIA_DTLS_CERTIFICATE_H
#define MEDIA_DTLS_CERTIFICATE_H

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

#endif
