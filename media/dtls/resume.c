/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and associations, taken over a restart of the process. */
#include "media/dtls/association.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <string.h>

void dtls_save(const struct dtls *dtls, struct dtls_saved *out)
{
	*out = (struct dtls_saved){.role = dtls->role, .state = DTLS_NEW};
	if (dtls->state == DTLS_CLOSED)
		out->state = DTLS_CLOSED;
	if ((dtls->state != DTLS_CONNECTED && dtls->state != DTLS_UNVERIFIED) ||
	    dtls->shown_len > DTLS_SHOWN_MAX)
		return;
	out->state = dtls->state;
	out->keys = dtls->keys;
	out->shown_len = dtls->shown_len;
	memcpy(out->shown, dtls->shown, dtls->shown_len);
}

bool dtls_resume(struct dtls *dtls, const struct dtls_saved *saved)
{
	if (saved->state == DTLS_NEW)
		return true;
	if (saved->state == DTLS_CLOSED) {
		dtls->state = DTLS_CLOSED;
		dtls->why = "the peer closed the association";
		return true;
	}
	if (saved->shown_len == 0 || saved->shown_len > DTLS_SHOWN_MAX ||
	    saved->keys.suite == SUITE_NONE ||
	    !(dtls->shown = OPENSSL_memdup(saved->shown, saved->shown_len)))
		return false;
	dtls->shown_len = saved->shown_len;
	dtls->state = DTLS_UNVERIFIED;
	dtls->keys = saved->keys;
	dtls->keys.serial = ++dtls->serial;
	dtls_judge(dtls);
	return true;
}

bool dtls_certificate_save(const struct dtls_certificate *certificate,
			   struct dtls_certificate_saved *out)
{
	X509 *x509 = SSL_CTX_get0_certificate(certificate->context);
	EVP_PKEY *key = SSL_CTX_get0_privatekey(certificate->context);
	const int x509_len = i2d_X509(x509, NULL), key_len = i2d_PrivateKey(key, NULL);
	unsigned char *at = out->x509, *key_at = out->key;

	*out = (struct dtls_certificate_saved){.x509_len = 0};
	if (x509_len <= 0 || key_len <= 0 || (size_t)x509_len > sizeof(out->x509) ||
	    (size_t)key_len > sizeof(out->key))
		return false;
	out->x509_len = (size_t)i2d_X509(x509, &at);
	out->key_len = (size_t)i2d_PrivateKey(key, &key_at);
	return true;
}

struct dtls_certificate *dtls_certificate_resume(const struct dtls_certificate_saved *saved)
{
	const unsigned char *at = saved->x509, *key_at = saved->key;
	X509 *x509 = d2i_X509(NULL, &at, (long)saved->x509_len);
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &key_at, (long)saved->key_len);
	struct dtls_certificate *certificate = x509 && key ? dtls_certificate_of(x509, key) : NULL;

	X509_free(x509);
	EVP_PKEY_free(key);
	return certificate;
}
