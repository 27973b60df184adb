/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates inside the token: x5c of the JOSE header (RFC 7515 §4.1.6), where a policy takes it.
 */
#include "x5c.h"

#include "b64url.h"
#include "certfile.h"
#include "fail.h"
#include "json.h"

#include <callerid/verification.h>

#include <openssl/err.h>
#include <openssl/sha.h>

#include <string.h>

#define B64_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define KEY_MAX	  (4 + 2 * SHA256_DIGEST_LENGTH + 1) /* "x5c:", hex, NUL: no URL looks so */

/* RFC 7515 §4.1.6: base64 "not base64url-encoded", padded, without line ends. */
static bool decode(const char *text, size_t n, uint8_t *out, size_t *len_out)
{
	size_t chars = strspn(text, B64_CHARS), pad = n - chars;
	int len;

	if (n == 0 || n > CALLERID_TOKEN_MAX || n % 4 != 0 || pad > 2 ||
	    strspn(text + chars, "=") != pad)
		return false;
	len = EVP_DecodeBlock(out, (const unsigned char *)text, (int)n);
	if (len < (int)pad)
		return false;
	*len_out = (size_t)len - pad;
	return true;
}

/* One certificate, and nothing behind it. */
static X509 *read_cert(const json_t *value)
{
	uint8_t der[CALLERID_TOKEN_MAX];
	const unsigned char *p = der;
	X509 *cert = NULL;
	size_t len = 0;

	if (!json_is_string(value) ||
	    !decode(json_string_value(value), json_string_length(value), der, &len))
		return NULL;
	cert = d2i_X509(NULL, &p, (long)len);
	if (cert != NULL && p == der + len)
		return cert;
	X509_free(cert);
	return NULL;
}

static STACK_OF(X509) * read_certs(const json_t *x5c)
{
	STACK_OF(X509) *certs = NULL;
	size_t n = json_array_size(x5c); /* 0 when it is no array */

	if (n == 0 || n > CALLERID_CERT_CHAIN_MAX)
		return NULL;
	certs = sk_X509_new_null();
	for (size_t i = 0; certs != NULL && i < n; i++) {
		X509 *cert = read_cert(json_array_get(x5c, i));

		if (cert != NULL && sk_X509_push(certs, cert) > 0)
			continue;
		X509_free(cert);
		cid_certs_free(certs);
		return NULL;
	}
	return certs;
}

STACK_OF(X509) * cid_x5c_read(const struct cid_jws *jws)
{
	uint8_t text[CID_B64URL_DECODED(CALLERID_TOKEN_MAX)];
	STACK_OF(X509) *certs = NULL;
	json_t *header = NULL;
	size_t n = 0;

	if (cid_b64url_decode(jws->header.p, jws->header.n, text, sizeof(text), &n))
		header = cid_json_load((const char *)text, n, NULL);
	certs = read_certs(json_object_get(header, "x5c"));
	json_decref(header);
	ERR_clear_error(); /* the queue belongs to the program's thread */
	return certs;
}

/* The name of these certificates in the cache: a digest of all of them, in their order. */
static bool name_of(STACK_OF(X509) * certs, char name_out[KEY_MAX])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t all[CALLERID_CERT_CHAIN_MAX * SHA256_DIGEST_LENGTH], digest[SHA256_DIGEST_LENGTH];
	size_t n = 0;
	char *out = name_out + 4;

	for (int i = 0; i < sk_X509_num(certs); i++, n += SHA256_DIGEST_LENGTH) {
		if (X509_digest(sk_X509_value(certs, i), EVP_sha256(), all + n, NULL) != 1)
			return false;
	}
	if (EVP_Digest(all, n, digest, NULL, EVP_sha256(), NULL) != 1)
		return false;
	memcpy(name_out, "x5c:", 4);
	for (size_t i = 0; i < sizeof(digest); i++) {
		*out++ = hex[digest[i] >> 4];
		*out++ = hex[digest[i] & 0x0f];
	}
	*out = '\0';
	return true;
}

struct cid_cert *cid_x5c_cert(struct callerid_context *ctx, const struct cid_jws *jws, int64_t now)
{
	STACK_OF(X509) *certs = cid_x5c_read(jws);
	struct cid_cert *cert = NULL;
	char name[KEY_MAX];

	if (certs != NULL && name_of(certs, name)) {
		cert = cid_certcache_get(ctx->certs, name, now);
		if (cert == NULL) {
			cert = cid_chain_check_certs(ctx->trust, certs, now);
			if (cert != NULL) {
				cert->from_x5c = true;
				cid_certcache_put(ctx->certs, name, cert, now);
			}
		}
	}
	cid_certs_free(certs);
	if (cert == NULL || (cert->key != NULL && !cert->is_incomplete))
		return cert;
	cid_cert_release(cert);
	return NULL;
}
