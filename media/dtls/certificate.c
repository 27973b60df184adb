/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's own certificate. Its name says nothing: a fingerprint in SDP is what vouches for it.
 */
#include "media/dtls/bio.h"
#include "media/dtls/certificate_private.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define VALID_DAYS 30
#define DAY	   86400L

static bool write_fingerprint(X509 *x509, char *text, size_t size)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n;

	if (!X509_digest(x509, EVP_sha256(), digest, &n))
		return false;
	size_t at = (size_t)snprintf(text, size, "sha-256 ");
	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, size - at, i ? ":%02X" : "%02X", digest[i]);
	return at < size;
}

/* Begins a day ago: a peer's clock may be late. */
static bool fill(X509 *x509, EVP_PKEY *key)
{
	unsigned char serial[8];

	if (RAND_bytes(serial, sizeof(serial)) != 1)
		return false;
	serial[0] &= 0x7f;
	BIGNUM *number = BN_bin2bn(serial, sizeof(serial), NULL);
	X509_NAME *name = X509_get_subject_name(x509);
	bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) &&
		  X509_set_version(x509, X509_VERSION_3) &&
		  X509_gmtime_adj(X509_getm_notBefore(x509), -DAY) &&
		  X509_gmtime_adj(X509_getm_notAfter(x509), VALID_DAYS * DAY) &&
		  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					     (const unsigned char *)"media", -1, -1, 0) &&
		  X509_set_issuer_name(x509, name) && X509_set_pubkey(x509, key) &&
		  X509_sign(x509, key, EVP_sha256()) > 0;

	BN_free(number);
	return ok;
}

struct dtls_certificate *dtls_certificate_of(X509 *x509, EVP_PKEY *key)
{
	struct dtls_certificate *certificate = calloc(1, sizeof(*certificate));

	if (!certificate)
		return NULL;
	atomic_init(&certificate->references, 1);
	if (write_fingerprint(x509, certificate->fingerprint, sizeof(certificate->fingerprint)) &&
	    (certificate->datagrams = datagrams_method()) != NULL &&
	    (certificate->context = dtls_context_new()) != NULL &&
	    SSL_CTX_use_certificate(certificate->context, x509) == 1 &&
	    SSL_CTX_use_PrivateKey(certificate->context, key) == 1)
		return certificate;
	dtls_certificate_unref(certificate);
	return NULL;
}

struct dtls_certificate *dtls_certificate_new(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	struct dtls_certificate *certificate =
		key && x509 && fill(x509, key) ? dtls_certificate_of(x509, key) : NULL;

	X509_free(x509);
	EVP_PKEY_free(key);
	return certificate;
}

struct dtls_certificate *dtls_certificate_ref(struct dtls_certificate *certificate)
{
	atomic_fetch_add(&certificate->references, 1);
	return certificate;
}

void dtls_certificate_unref(struct dtls_certificate *certificate)
{
	if (!certificate || atomic_fetch_sub(&certificate->references, 1) != 1)
		return;
	SSL_CTX_free(certificate->context);
	BIO_meth_free(certificate->datagrams);
	free(certificate);
}

const char *dtls_certificate_fingerprint(const struct dtls_certificate *certificate)
{
	return certificate->fingerprint;
}
