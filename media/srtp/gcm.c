/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-GCM (RFC 7714) for libsrtp2 by libcrypto, by the door that libsrtp2 has for that. Debian's is
 * built with NSS, which makes a new context for each packet: 0.94 us where this takes a quarter. A
 * key is expanded once, and a packet sets its nonce.
 */
#include "media/srtp/gcm.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>

#include <srtp2/cipher.h>
#include <srtp2/srtp.h>

struct gcm {
	EVP_CIPHER_CTX *ctx;
	int tag_len;
	bool wide; /* a key of 256 bits */
};

static srtp_err_status_t gcm_alloc(srtp_cipher_t **out, int key_len, int tag_len);

static srtp_err_status_t gcm_dealloc(srtp_cipher_t *cipher)
{
	struct gcm *gcm = cipher->state;

	if (gcm)
		EVP_CIPHER_CTX_free(gcm->ctx);
	free(gcm);
	free(cipher);
	return srtp_err_status_ok;
}

static srtp_err_status_t gcm_init(void *state, const uint8_t *key)
{
	struct gcm *gcm = state;
	const EVP_CIPHER *cipher = gcm->wide ? EVP_aes_256_gcm() : EVP_aes_128_gcm();

	return EVP_CipherInit_ex(gcm->ctx, cipher, NULL, key, NULL, 1) == 1
		       ? srtp_err_status_ok
		       : srtp_err_status_init_fail;
}

/* 12 octets, the length that GCM has without being told (RFC 7714 §8.1). */
static srtp_err_status_t gcm_set_iv(void *state, uint8_t *iv, srtp_cipher_direction_t direction)
{
	struct gcm *gcm = state;
	int encrypts = direction == srtp_direction_encrypt;

	return EVP_CipherInit_ex(gcm->ctx, NULL, NULL, NULL, iv, encrypts) == 1
		       ? srtp_err_status_ok
		       : srtp_err_status_init_fail;
}

static bool update(struct gcm *gcm, uint8_t *out, const uint8_t *in, unsigned int len)
{
	int n;

	return len == 0 ||
	       (len <= INT32_MAX && EVP_CipherUpdate(gcm->ctx, out, &n, in, (int)len) == 1);
}

static srtp_err_status_t gcm_set_aad(void *state, const uint8_t *aad, uint32_t len)
{
	return update(state, NULL, aad, len) ? srtp_err_status_ok : srtp_err_status_algo_fail;
}

static srtp_err_status_t gcm_encrypt(void *state, uint8_t *data, unsigned int *len)
{
	struct gcm *gcm = state;
	uint8_t none[EVP_MAX_BLOCK_LENGTH];
	int n;

	return update(gcm, data, data, *len) && EVP_CipherFinal_ex(gcm->ctx, none, &n) == 1
		       ? srtp_err_status_ok
		       : srtp_err_status_cipher_fail;
}

static srtp_err_status_t gcm_get_tag(void *state, uint8_t *tag, uint32_t *len)
{
	struct gcm *gcm = state;

	if (EVP_CIPHER_CTX_ctrl(gcm->ctx, EVP_CTRL_AEAD_GET_TAG, gcm->tag_len, tag) != 1)
		return srtp_err_status_algo_fail;
	*len = (uint32_t)gcm->tag_len;
	return srtp_err_status_ok;
}

/* The tag stands behind the data (RFC 7714 §8.2). */
static srtp_err_status_t gcm_decrypt(void *state, uint8_t *data, unsigned int *len)
{
	struct gcm *gcm = state;
	uint8_t none[EVP_MAX_BLOCK_LENGTH];
	unsigned int tag_len = (unsigned int)gcm->tag_len;
	int n;

	if (*len < tag_len)
		return srtp_err_status_bad_param;
	*len -= tag_len;
	if (EVP_CIPHER_CTX_ctrl(gcm->ctx, EVP_CTRL_AEAD_SET_TAG, gcm->tag_len, data + *len) != 1 ||
	    !update(gcm, data, data, *len) || EVP_CipherFinal_ex(gcm->ctx, none, &n) != 1)
		return srtp_err_status_auth_fail;
	return srtp_err_status_ok;
}

/* Test cases 4 and 16 of the GCM specification; libsrtp2 takes no cipher without one. The salt
 * behind the key is no part of GCM. */
static const uint8_t test_key[44] = {
	0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f,
	0x94, 0x67, 0x30, 0x83, 0x08, 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65,
	0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08,
};
static uint8_t test_iv[12] = {
	0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88,
};
static const uint8_t test_plain[60] = {
	0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5, 0xaf, 0xf5, 0x26,
	0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda, 0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31,
	0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95, 0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49,
	0xa6, 0xb5, 0x25, 0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39,
};
static const uint8_t test_aad[20] = {
	0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
	0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2,
};
static const uint8_t test_sealed_128[76] = {
	0x42, 0x83, 0x1e, 0xc2, 0x21, 0x77, 0x74, 0x24, 0x4b, 0x72, 0x21, 0xb7, 0x84,
	0xd0, 0xd4, 0x9c, 0xe3, 0xaa, 0x21, 0x2f, 0x2c, 0x02, 0xa4, 0xe0, 0x35, 0xc1,
	0x7e, 0x23, 0x29, 0xac, 0xa1, 0x2e, 0x21, 0xd5, 0x14, 0xb2, 0x54, 0x66, 0x93,
	0x1c, 0x7d, 0x8f, 0x6a, 0x5a, 0xac, 0x84, 0xaa, 0x05, 0x1b, 0xa3, 0x0b, 0x39,
	0x6a, 0x0a, 0xac, 0x97, 0x3d, 0x58, 0xe0, 0x91, 0x5b, 0xc9, 0x4f, 0xbc, 0x32,
	0x21, 0xa5, 0xdb, 0x94, 0xfa, 0xe9, 0x5a, 0xe7, 0x12, 0x1a, 0x47,
};
static const uint8_t test_sealed_256[76] = {
	0x52, 0x2d, 0xc1, 0xf0, 0x99, 0x56, 0x7d, 0x07, 0xf4, 0x7f, 0x37, 0xa3, 0x2a,
	0x84, 0x42, 0x7d, 0x64, 0x3a, 0x8c, 0xdc, 0xbf, 0xe5, 0xc0, 0xc9, 0x75, 0x98,
	0xa2, 0xbd, 0x25, 0x55, 0xd1, 0xaa, 0x8c, 0xb0, 0x8e, 0x48, 0x59, 0x0d, 0xbb,
	0x3d, 0xa7, 0xb0, 0x8b, 0x10, 0x56, 0x82, 0x88, 0x38, 0xc5, 0xf6, 0x1e, 0x63,
	0x93, 0xba, 0x7a, 0x0a, 0xbc, 0xc9, 0xf6, 0x62, 0x76, 0xfc, 0x6e, 0xce, 0x0f,
	0x4e, 0x17, 0x68, 0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b,
};

#define TEST_CASE(key_len, sealed)                                                                 \
	{                                                                                          \
		key_len, test_key, test_iv, sizeof(test_plain), test_plain, sizeof(sealed),        \
			sealed, sizeof(test_aad), test_aad, 16, NULL                               \
	}
static const srtp_cipher_test_case_t test_128 =
	TEST_CASE(SRTP_AES_GCM_128_KEY_LEN_WSALT, test_sealed_128);
static const srtp_cipher_test_case_t test_256 =
	TEST_CASE(SRTP_AES_GCM_256_KEY_LEN_WSALT, test_sealed_256);

#define GCM_TYPE(name, test, id)                                                                   \
	{                                                                                          \
		gcm_alloc, gcm_dealloc, gcm_init, gcm_set_aad, gcm_encrypt, gcm_decrypt,           \
			gcm_set_iv, gcm_get_tag, name, &test, id                                   \
	}
static const srtp_cipher_type_t gcm_128 =
	GCM_TYPE("AES-128 GCM by libcrypto", test_128, SRTP_AES_GCM_128);
static const srtp_cipher_type_t gcm_256 =
	GCM_TYPE("AES-256 GCM by libcrypto", test_256, SRTP_AES_GCM_256);

static srtp_err_status_t gcm_alloc(srtp_cipher_t **out, int key_len, int tag_len)
{
	bool wide = key_len == SRTP_AES_GCM_256_KEY_LEN_WSALT;
	srtp_cipher_t *cipher;
	struct gcm *gcm;

	if ((!wide && key_len != SRTP_AES_GCM_128_KEY_LEN_WSALT) || (tag_len != 8 && tag_len != 16))
		return srtp_err_status_bad_param;
	cipher = calloc(1, sizeof(*cipher));
	gcm = calloc(1, sizeof(*gcm));
	if (gcm)
		gcm->ctx = EVP_CIPHER_CTX_new();
	if (!cipher || !gcm || !gcm->ctx) {
		if (gcm)
			EVP_CIPHER_CTX_free(gcm->ctx);
		free(cipher);
		free(gcm);
		return srtp_err_status_alloc_fail;
	}
	gcm->tag_len = tag_len;
	gcm->wide = wide;
	*cipher = (srtp_cipher_t){.type = wide ? &gcm_256 : &gcm_128,
				  .state = gcm,
				  .key_len = key_len,
				  .algorithm = wide ? SRTP_AES_GCM_256 : SRTP_AES_GCM_128};
	*out = cipher;
	return srtp_err_status_ok;
}

bool gcm_replace(void)
{
	return srtp_replace_cipher_type(&gcm_128, SRTP_AES_GCM_128) == srtp_err_status_ok &&
	       srtp_replace_cipher_type(&gcm_256, SRTP_AES_GCM_256) == srtp_err_status_ok;
}
