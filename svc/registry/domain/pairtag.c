/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC-SHA256 tags. */
#include "svc/registry/domain/pairtag.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define PARTS_MAX 1024 /* bytes of kind, a and b together */

bool pairtag_make(const struct pairtag_key *key, const char *kind, const char *a, const char *b,
		  uint8_t tag_out[PAIRTAG_SIZE])
{
	const char *const parts[] = {kind, a, b};
	uint8_t text[PARTS_MAX];
	size_t at = 0;
	unsigned len = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(parts[i]) + 1; /* the NUL keeps the parts apart */
		if (n > sizeof text - at)
			return false;
		memcpy(text + at, parts[i], n);
		at += n;
	}
	bool made = HMAC(EVP_sha256(), key->bytes, PAIRTAG_KEY, text, at, tag_out, &len) != NULL;
	OPENSSL_cleanse(text, sizeof text);
	return made && len == PAIRTAG_SIZE;
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
