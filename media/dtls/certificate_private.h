/* SPDX-License-Identifier: Apache-2.0 */
/* What certificate.c and dtls.c share. */
#ifndef MEDIA_DTLS_CERTIFICATE_PRIVATE_H
#define MEDIA_DTLS_CERTIFICATE_PRIVATE_H

#include "media/dtls/certificate.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <stdatomic.h>

struct dtls_certificate {
	atomic_uint references;
	SSL_CTX *context; /* holds certificate and key */
	BIO_METHOD *datagrams;
	char fingerprint[CERTIFICATE_FINGERPRINT_MAX];
};

/* Set up for DTLS-SRTP, but for what concerns one association. NULL: no memory. */
SSL_CTX *dtls_context_new(void);

struct dtls_certificate *dtls_certificate_of(X509 *x509, EVP_PKEY *key); /* NULL: no memory, or
									  * not its key */

#endif
