/* SPDX-License-Identifier: Apache-2.0 */
/* What all our DTLS associations have in common: versions, ciphers, cookies, profiles of SRTP. */
#include "media/dtls/association.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define COOKIE_LEN 32

/* Self-signed, both of them: what a certificate has to be is asked of its fingerprint afterwards
 * (RFC 5763 §5), when SDP may have come. */
static int accept_any(X509_STORE_CTX *store, void *magic)
{
	(void)magic;
	X509_STORE_CTX_set_error(store, X509_V_OK);
	return 1;
}

/* RFC 6347 §4.2.1: HMAC over the address that the ClientHello came from. */
static bool cookie_of(SSL *ssl, unsigned char *cookie)
{
	const struct dtls *dtls = SSL_get_app_data(ssl);
	unsigned n = 0;

	return HMAC(EVP_sha256(), dtls->cookie_key, sizeof(dtls->cookie_key), dtls->peer,
		    dtls->peer_len, cookie, &n) &&
	       n == COOKIE_LEN;
}

static int make_cookie(SSL *ssl, unsigned char *cookie, unsigned *len)
{
	*len = COOKIE_LEN;
	return cookie_of(ssl, cookie);
}

static int check_cookie(SSL *ssl, const unsigned char *cookie, unsigned len)
{
	unsigned char ours[COOKIE_LEN];

	return len == COOKIE_LEN && cookie_of(ssl, ours) &&
	       CRYPTO_memcmp(ours, cookie, COOKIE_LEN) == 0;
}

/* "SUITE_AEAD_AES_128_GCM:..." of the table, in its order. */
static bool offer_profiles(SSL_CTX *context)
{
	char names[256];
	size_t at = 0;

	for (enum srtp_suite i = SUITE_NONE + 1; i < SUITE_COUNT; i++) {
		const char *name = srtp_suite_info(i)->openssl;
		size_t n = strlen(name);
		if (at + n + 2 > sizeof(names))
			return false;
		if (at)
			names[at++] = ':';
		memcpy(names + at, name, n + 1);
		at += n;
	}
	return SSL_CTX_set_tlsext_use_srtp(context, names) == 0; /* 0 is its success */
}

SSL_CTX *dtls_context_new(void)
{
	SSL_CTX *context = SSL_CTX_new(DTLS_method());

	if (!context)
		return NULL;
	SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET |
					     SSL_OP_NO_RENEGOTIATION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(context, accept_any, NULL);
	SSL_CTX_set_cookie_generate_cb(context, make_cookie);
	SSL_CTX_set_cookie_verify_cb(context, check_cookie);
	/* RFC 8827 §6.5: DTLS 1.2 and ECDHE with AES-GCM have to be there. */
	if (SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES") == 1 &&
	    SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 && offer_profiles(context))
		return context;
	SSL_CTX_free(context);
	return NULL;
}
