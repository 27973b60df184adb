/* SPDX-License-Identifier: Apache-2.0 */
/* Splitting a compact JWS; ES256 with signatures as R||S. */
#include "jws.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/sha.h>

#include <string.h>

#include "b64url.h"
#include "fail.h"

#define HALF	(CID_ES256_LEN / 2)
#define DER_MAX 72 /* SEQUENCE of two INTEGERs of at most 33 bytes */

/* n, the order of P-256's group (SEC 2 §2.4.2). */
static const uint8_t ORDER[HALF] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
	0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

static bool is_b64url_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

enum callerid_status cid_jws_split(struct callerid_span token, struct cid_jws *jws_out,
				   struct callerid_error *err)
{
	size_t dot[2] = {0, 0}, n_dots = 0;

	if (token.n > CALLERID_TOKEN_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "jws", "token over %d bytes",
				CALLERID_TOKEN_MAX);
	for (size_t i = 0; i < token.n; i++) {
		if (token.p[i] == '.' && n_dots < 2)
			dot[n_dots++] = i;
		else if (!is_b64url_char(token.p[i]))
			return cid_fail(err, CALLERID_ESYNTAX, "jws", "%s",
					token.p[i] == '.' ? "more than three parts"
							  : "a character that is not base64url");
	}
	if (n_dots < 2)
		return cid_fail(err, CALLERID_ESYNTAX, "jws", "fewer than three parts");
	if ((dot[0] == 0) != (dot[1] == dot[0] + 1) || dot[1] + 1 == token.n)
		return cid_fail(err, CALLERID_ESYNTAX, "jws", "an empty part");
	*jws_out = (struct cid_jws){.signature = {token.p + dot[1] + 1, token.n - dot[1] - 1}};
	if (dot[0] == 0)
		return CALLERID_OK;
	jws_out->signing_input = (struct callerid_span){token.p, dot[1]};
	jws_out->header = (struct callerid_span){token.p, dot[0]};
	jws_out->payload = (struct callerid_span){token.p + dot[0] + 1, dot[1] - dot[0] - 1};
	return CALLERID_OK;
}

bool cid_jws_signature(const struct cid_jws *jws, uint8_t raw_out[CID_ES256_LEN])
{
	uint8_t raw[CID_ES256_LEN];
	size_t n = 0;

	/* The length first: a decoder may write before it finds a bad character. */
	if (jws->signature.n != CID_ES256_B64_LEN)
		return false;
	if (!cid_b64url_decode(jws->signature.p, jws->signature.n, raw, sizeof(raw), &n))
		return false;
	memcpy(raw_out, raw, sizeof(raw));
	return true;
}

bool cid_es256_key(const EVP_PKEY *key)
{
	char group[32];
	size_t n = 0;

	if (key == NULL || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
		return false;
	if (EVP_PKEY_get_group_name(key, group, sizeof(group), &n) != 1)
		return false;
	return strcmp(group, "prime256v1") == 0;
}

/* 0 < number < n, compared as big-endian bytes. A signature is public: no secret to time. */
static bool in_range(const uint8_t number[HALF])
{
	uint8_t any = 0;
	int order = 0;

	for (size_t i = 0; i < HALF; i++) {
		any |= number[i];
		if (order == 0)
			order = (number[i] > ORDER[i]) - (number[i] < ORDER[i]);
	}
	return any != 0 && order < 0;
}

bool cid_es256_in_range(const uint8_t raw[CID_ES256_LEN])
{
	return in_range(raw) && in_range(raw + HALF);
}

/* The shortest DER INTEGER of a positive number; returns its length. */
static size_t put_integer(const uint8_t number[HALF], uint8_t *out)
{
	size_t skip = 0, pad;

	while (skip < HALF - 1 && number[skip] == 0)
		skip++;
	pad = number[skip] >> 7;
	out[0] = 0x02;
	out[1] = (uint8_t)(HALF - skip + pad);
	out[2] = 0;
	memcpy(out + 2 + pad, number + skip, HALF - skip);
	return 2 + pad + HALF - skip;
}

/* One DER INTEGER at *at into 32 bytes; false when it is not one that fits. */
static bool get_integer(const uint8_t *der, size_t len, size_t *at, uint8_t out[HALF])
{
	size_t n, from;

	if (len - *at < 3 || der[*at] != 0x02)
		return false;
	n = der[*at + 1];
	from = *at + 2;
	if (n == 0 || n > HALF + 1 || n > len - from)
		return false;
	*at = from + n;
	if (n == HALF + 1) {
		if (der[from] != 0)
			return false;
		from++;
		n--;
	}
	memset(out, 0, HALF - n);
	memcpy(out + HALF - n, der + from, n);
	return true;
}

/* What EVP_PKEY_sign() gave as R||S. */
static bool raw_of_der(const uint8_t *der, size_t len, uint8_t raw[CID_ES256_LEN])
{
	size_t at = 2;

	if (len < 8 || der[0] != 0x30 || der[1] != len - 2)
		return false;
	return get_integer(der, len, &at, raw) && get_integer(der, len, &at, raw + HALF) &&
	       at == len;
}

/* A context on which init has run; NULL when key is not P-256 or OpenSSL refuses. */
static EVP_PKEY_CTX *prepare(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx;

	if (!cid_es256_key(key))
		return NULL;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (ctx != NULL && init(ctx) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/*
 * SEC 1 §3.2.2.1: a public key is not the point at infinity. OpenSSL reads such a key, a point of
 * one octet, and then takes signatures that anybody can make. Points off the curve it does not
 * read.
 */
static bool is_at_infinity(const EVP_PKEY *key)
{
	uint8_t point[1 + CID_ES256_LEN];
	size_t n = 0;

	return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					       &n) != 1 ||
	       n <= 1;
}

EVP_PKEY_CTX *cid_es256_verifier(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = prepare(key, EVP_PKEY_verify_init);

	if (ctx == NULL || !is_at_infinity(key))
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

EVP_PKEY_CTX *cid_es256_signer(EVP_PKEY *key)
{
	return prepare(key, EVP_PKEY_sign_init);
}

/* OpenSSL's 0 is a wrong signature. Below are its own troubles: what is told to it here is a
 * signature in range over a digest, by a key that was found good. */
static enum cid_verified verified(int result)
{
	if (result == 1)
		return CID_VERIFIED;
	ERR_clear_error();
	return result == 0 ? CID_NOT_VERIFIED : CID_VERIFY_NO_MEMORY;
}

enum cid_verified cid_es256_verify_with(const EVP_PKEY_CTX *verifier, const void *data, size_t len,
					const uint8_t raw[CID_ES256_LEN])
{
	uint8_t der[DER_MAX], digest[SHA256_DIGEST_LENGTH];
	EVP_PKEY_CTX *ctx;
	size_t n = 2;
	int result = -1;

	/* PP2: 0, or n and above, is no signature. OpenSSL checks it too; a forger's favourite
	 * deserves both. */
	if (verifier == NULL || !in_range(raw) || !in_range(raw + HALF))
		return CID_NOT_VERIFIED;
	n += put_integer(raw, der + n);
	n += put_integer(raw + HALF, der + n);
	der[0] = 0x30;
	der[1] = (uint8_t)(n - 2);
	if (SHA256(data, len, digest) == NULL)
		return verified(-1);
	ctx = EVP_PKEY_CTX_dup(verifier);
	if (ctx != NULL)
		result = EVP_PKEY_verify(ctx, der, n, digest, sizeof(digest));
	EVP_PKEY_CTX_free(ctx);
	return verified(result);
}

enum cid_verified cid_es256_verify(EVP_PKEY *key, const void *data, size_t len,
				   const uint8_t raw[CID_ES256_LEN])
{
	EVP_PKEY_CTX *verifier = cid_es256_verifier(key);
	enum cid_verified result = cid_es256_verify_with(verifier, data, len, raw);

	EVP_PKEY_CTX_free(verifier);
	return result;
}

enum callerid_status cid_es256_sign_with(const EVP_PKEY_CTX *signer, const void *data, size_t len,
					 uint8_t raw_out[CID_ES256_LEN], struct callerid_error *err)
{
	uint8_t der[DER_MAX], digest[SHA256_DIGEST_LENGTH], raw[CID_ES256_LEN];
	EVP_PKEY_CTX *ctx;
	size_t n = sizeof(der);
	bool good;

	if (SHA256(data, len, digest) == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "jws", "no memory");
	ctx = EVP_PKEY_CTX_dup(signer);
	good = ctx != NULL && EVP_PKEY_sign(ctx, der, &n, digest, sizeof(digest)) == 1 &&
	       raw_of_der(der, n, raw);
	EVP_PKEY_CTX_free(ctx);
	if (!good)
		return cid_fail(err, CALLERID_ECRYPTO, "jws", "signing failed");
	memcpy(raw_out, raw, sizeof(raw));
	return CALLERID_OK;
}

enum callerid_status cid_es256_sign(EVP_PKEY *key, const void *data, size_t len,
				    uint8_t raw_out[CID_ES256_LEN], struct callerid_error *err)
{
	EVP_PKEY_CTX *signer;
	enum callerid_status status;

	if (!cid_es256_key(key))
		return cid_fail(err, CALLERID_EINVAL, "jws", "not a P-256 key");
	signer = cid_es256_signer(key);
	if (signer == NULL)
		return cid_fail(err, CALLERID_ECRYPTO, "jws", "the key cannot sign");
	status = cid_es256_sign_with(signer, data, len, raw_out, err);
	EVP_PKEY_CTX_free(signer);
	return status;
}
