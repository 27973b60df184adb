/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC-SHA256 tags. */

/* Each look-up makes some: EVP's HMAC takes five times as long, most of it to find the algorithm.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "svc/registry/domain/pairtag.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#define IPAD	  0x36
#define OPAD	  0x5c
#define PARTS_MAX 1024 /* bytes of kind, a and b together */

/* RFC 2104 §2: H(K XOR opad, H(K XOR ipad, text)); a key is shorter than a block. */
static bool hash_half(const struct pairtag_key *key, uint8_t pad, const void *text, size_t len,
		      uint8_t hash_out[SHA256_DIGEST_LENGTH])
{
	uint8_t block[SHA256_CBLOCK];
	SHA256_CTX sha;

	memset(block, pad, sizeof block);
	for (size_t i = 0; i < PAIRTAG_KEY; i++)
		block[i] ^= key->bytes[i];
	bool done = SHA256_Init(&sha) == 1 && SHA256_Update(&sha, block, sizeof block) == 1 &&
		    SHA256_Update(&sha, text, len) == 1 && SHA256_Final(hash_out, &sha) == 1;
	OPENSSL_cleanse(block, sizeof block);
	OPENSSL_cleanse(&sha, sizeof sha);
	return done;
}

bool pairtag_make(const struct pairtag_key *key, const char *kind, const char *a, const char *b,
		  uint8_t tag_out[PAIRTAG_SIZE])
{
	const char *const parts[] = {kind, a, b};
	uint8_t text[PARTS_MAX], inner[SHA256_DIGEST_LENGTH];
	size_t at = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(parts[i]) + 1; /* the NUL keeps the parts apart */
		if (n > sizeof text - at)
			return false;
		memcpy(text + at, parts[i], n);
		at += n;
	}
	bool made = hash_half(key, IPAD, text, at, inner) &&
		    hash_half(key, OPAD, inner, sizeof inner, tag_out);
	OPENSSL_cleanse(text, at);
	OPENSSL_cleanse(inner, sizeof inner);
	return made;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool pairtag_key_parse(const char *hex, struct pairtag_key *key_out)
{
	struct pairtag_key key;

	for (size_t i = 0; i < PAIRTAG_KEY; i++) {
		int high = hex_value(hex[2 * i]);
		int low = high < 0 ? -1 : hex_value(hex[2 * i + 1]);
		if (low < 0)
			return false;
		key.bytes[i] = (uint8_t)(high << 4 | low);
	}
	if (hex[2 * PAIRTAG_KEY] != 0)
		return false;
	*key_out = key;
	return true;
}
