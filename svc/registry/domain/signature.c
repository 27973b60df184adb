/* SPDX-License-Identifier: Apache-2.0 */
/* Signing with the registry's key. */
#include "svc/registry/domain/signature.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#define COORDINATE  32
#define B64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
#define DER_MAX	    80 /* of a P-256 signature */

struct signature {
	EVP_PKEY *key;
	char *private_pem, *public_pem;
	char x[B64_SIZE(COORDINATE)], y[B64_SIZE(COORDINATE)]; /* base64url */
	char kid[B64_SIZE(COORDINATE)];
};

/* RFC 7515 §2: base64url without padding. */
static void encode(const uint8_t *bytes, size_t len, char *text_out)
{
	int n = EVP_EncodeBlock((unsigned char *)text_out, bytes, (int)len);

	while (n > 0 && text_out[n - 1] == '=')
		n--;
	text_out[n] = 0;
	for (char *at = text_out; *at != 0; at++) {
		if (*at == '+')
			*at = '-';
		else if (*at == '/')
			*at = '_';
	}
}

static char *bio_text(BIO *bio)
{
	char *p = NULL;
	long len = BIO_get_mem_data(bio, &p);
	char *text = len > 0 ? calloc(1, (size_t)len + 1) : NULL;

	if (text != NULL)
		memcpy(text, p, (size_t)len);
	return text;
}

bool signature_make_key(char pem_out[SIGNATURE_PEM_MAX + 1])
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;

	if (key != NULL && bio != NULL &&
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		text = bio_text(bio);
	bool made = text != NULL && strlen(text) <= SIGNATURE_PEM_MAX;
	if (made)
		memcpy(pem_out, text, strlen(text) + 1);
	if (text != NULL)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
	BIO_free(bio);
	EVP_PKEY_free(key);
	return made;
}

/* Both coordinates, and RFC 7638's thumbprint over them. */
static bool read_point(struct signature *signature)
{
	static const char *const names[] = {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y};
	char *const texts[] = {signature->x, signature->y};
	uint8_t bytes[COORDINATE], hash[COORDINATE];
	char canonical[160];

	for (size_t i = 0; i < 2; i++) {
		BIGNUM *n = NULL;
		bool read = EVP_PKEY_get_bn_param(signature->key, names[i], &n) == 1 &&
			    BN_bn2binpad(n, bytes, COORDINATE) == COORDINATE;
		BN_free(n);
		if (!read)
			return false;
		encode(bytes, COORDINATE, texts[i]);
	}
	int len = snprintf(canonical, sizeof canonical,
			   "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
			   signature->x, signature->y);
	if (EVP_Digest(canonical, (size_t)len, hash, NULL, EVP_sha256(), NULL) != 1)
		return false;
	encode(hash, sizeof hash, signature->kid);
	return true;
}

static bool read_key(struct signature *signature, const char *private_pem)
{
	char group[32] = "";
	BIO *in = BIO_new_mem_buf(private_pem, -1), *out = BIO_new(BIO_s_mem());

	signature->key = in != NULL ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
	bool read = signature->key != NULL && out != NULL &&
		    EVP_PKEY_get_group_name(signature->key, group, sizeof group, NULL) == 1 &&
		    strcmp(group, "prime256v1") == 0 && PEM_write_bio_PUBKEY(out, signature->key);
	if (read)
		signature->public_pem = bio_text(out);
	BIO_free(in);
	BIO_free(out);
	signature->private_pem = strdup(private_pem);
	return read && signature->public_pem != NULL && signature->private_pem != NULL &&
	       read_point(signature);
}

struct signature *signature_new(const char *private_pem, char *err, size_t size)
{
	struct signature *signature = calloc(1, sizeof *signature);

	if (signature != NULL && read_key(signature, private_pem))
		return signature;
	snprintf(err, size, "this is not a private key on P-256 in PEM");
	signature_free(signature);
	return NULL;
}

void signature_free(struct signature *signature)
{
	if (signature == NULL)
		return;
	EVP_PKEY_free(signature->key);
	if (signature->private_pem != NULL)
		OPENSSL_cleanse(signature->private_pem, strlen(signature->private_pem));
	free(signature->private_pem);
	free(signature->public_pem);
	free(signature);
}

const char *signature_private_pem(const struct signature *signature)
{
	return signature->private_pem;
}

const char *signature_public_pem(const struct signature *signature)
{
	return signature->public_pem;
}

/* RFC 7518 §3.4: R and S of 32 bytes each, not DER. */
static bool to_raw(const uint8_t *der, size_t len, uint8_t raw_out[2 * COORDINATE])
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
	bool done = pair != NULL &&
		    BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw_out, COORDINATE) == COORDINATE &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw_out + COORDINATE, COORDINATE) ==
			    COORDINATE;

	ECDSA_SIG_free(pair);
	return done;
}

static bool sign(const struct signature *signature, const char *text, size_t len,
		 uint8_t raw_out[2 * COORDINATE])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t der[DER_MAX];
	size_t der_len = sizeof der;
	bool done = md != NULL &&
		    EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, signature->key) == 1 &&
		    EVP_DigestSign(md, der, &der_len, (const unsigned char *)text, len) == 1 &&
		    to_raw(der, der_len, raw_out);

	EVP_MD_CTX_free(md);
	return done;
}

bool signature_detached(const struct signature *signature, const void *bytes, size_t len,
			char jws_out[SIGNATURE_JWS_MAX + 1])
{
	char header[128], head[B64_SIZE(sizeof header)], tail[B64_SIZE(2 * COORDINATE)];
	uint8_t raw[2 * COORDINATE];
	int n = snprintf(header, sizeof header, "{\"alg\":\"ES256\",\"kid\":\"%s\"}",
			 signature->kid);

	encode((const uint8_t *)header, (size_t)n, head);
	size_t head_len = strlen(head);
	char *text = malloc(head_len + 1 + B64_SIZE(len));
	if (text == NULL)
		return false;
	memcpy(text, head, head_len);
	text[head_len] = '.';
	encode(bytes, len, text + head_len + 1);
	bool done = sign(signature, text, strlen(text), raw);
	free(text);
	if (!done)
		return false;
	encode(raw, sizeof raw, tail);
	return snprintf(jws_out, SIGNATURE_JWS_MAX + 1, "%s..%s", head, tail) <= SIGNATURE_JWS_MAX;
}

json_t *signature_jwks(const struct signature *signature)
{
	return json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:s, s:s}]}", "keys", "kty", "EC", "crv",
			 "P-256", "x", signature->x, "y", signature->y, "alg", "ES256", "use",
			 "sig", "kid", signature->kid);
}
