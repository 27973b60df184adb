/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates inside the token: x5c of the JOSE header (RFC 7515 §4.1.6), where a policy takes it.
 */
#include "x5c.h"

#include "b64url.h"
#include "certfile.h"
#include "fail.h"
#include "json.h"

#include <callerid/verification.h>

#include <openssl/sha.h>

#include <string.h>

#define B64_CHARS    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define DER_SEQUENCE 0x30
#define KEY_MAX	     (4 + 2 * SHA256_DIGEST_LENGTH + 1) /* "x5c:", hex, NUL: no URL looks so */

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

/* One certificate in DER, and nothing behind it, to the end of certs. */
static enum callerid_status read_cert(const json_t *value, STACK_OF(X509) * certs)
{
	STACK_OF(X509) *one = NULL;
	uint8_t der[CALLERID_TOKEN_MAX];
	enum callerid_status status;
	size_t len = 0;

	if (!json_is_string(value) ||
	    !decode(json_string_value(value), json_string_length(value), der, &len) ||
	    der[0] != DER_SEQUENCE)
		return CALLERID_ESYNTAX;
	status = cid_certfile_read(der, len, 1, &one, NULL);
	if (status != CALLERID_OK)
		return status;
	if (sk_X509_push(certs, sk_X509_value(one, 0)) <= 0)
		status = CALLERID_ENOMEM;
	else
		(void)sk_X509_shift(one); /* it is certs' now */
	cid_certs_free(one);
	return status;
}

/* Signer first, at most CALLERID_CERT_CHAIN_MAX; *certs_out stays NULL when it is malformed. */
static enum callerid_status read_certs(const json_t *x5c, STACK_OF(X509) * *certs_out)
{
	enum callerid_status status = CALLERID_OK;
	STACK_OF(X509) *certs = NULL;
	size_t n = json_array_size(x5c); /* 0 when it is no array */

	if (n == 0 || n > CALLERID_CERT_CHAIN_MAX)
		return CALLERID_OK;
	certs = sk_X509_new_null();
	if (certs == NULL)
		return CALLERID_ENOMEM;
	for (size_t i = 0; status == CALLERID_OK && i < n; i++)
		status = read_cert(json_array_get(x5c, i), certs);
	if (status == CALLERID_OK) {
		*certs_out = certs;
		return CALLERID_OK;
	}
	cid_certs_free(certs);
	return status == CALLERID_ENOMEM ? status : CALLERID_OK;
}

static enum callerid_status read_x5c(const struct cid_jws *jws, STACK_OF(X509) * *certs_out)
{
	uint8_t text[CID_B64URL_DECODED(CALLERID_TOKEN_MAX)];
	struct callerid_error err = {.status = CALLERID_OK};
	enum callerid_status status;
	json_t *header = NULL;
	size_t n = 0;

	if (cid_b64url_decode(jws->header.p, jws->header.n, text, sizeof(text), &n))
		header = cid_json_load((const char *)text, n, &err);
	if (err.status == CALLERID_ENOMEM)
		return CALLERID_ENOMEM;
	status = read_certs(json_object_get(header, "x5c"), certs_out);
	json_decref(header);
	return status;
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

/* As it was found before, or looked at now. NULL: no memory. */
static struct cid_cert *look_up(struct callerid_context *ctx, STACK_OF(X509) * certs, int64_t now)
{
	struct cid_cert *cert;
	char name[KEY_MAX];

	if (!name_of(certs, name))
		return NULL;
	cert = cid_certcache_get(ctx->certs, name, now);
	if (cert != NULL)
		return cert;
	cert = cid_chain_check_certs(ctx->trust, certs, now);
	if (cert == NULL)
		return NULL;
	cert->from_x5c = true;
	cid_certcache_put(ctx->certs, name, cert, now);
	return cert;
}

enum callerid_status cid_x5c_cert(struct callerid_context *ctx, const struct cid_jws *jws,
				  int64_t now, struct cid_cert **cert_out)
{
	STACK_OF(X509) *certs = NULL;
	enum callerid_status status = read_x5c(jws, &certs);
	struct cid_cert *cert;

	if (status != CALLERID_OK || certs == NULL)
		return status;
	cert = look_up(ctx, certs, now);
	cid_certs_free(certs);
	if (cert == NULL)
		return CALLERID_ENOMEM;
	if (cert->key != NULL && !cert->is_incomplete)
		*cert_out = cert;
	else
		cid_cert_release(cert);
	return CALLERID_OK;
}
