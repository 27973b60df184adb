/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 by way of base64url: two characters of the alphabet differ. */
#include "b64.h"

#define PIECE 64 /* characters turned at a time; a multiple of 4 */

/* false: a character that only base64url has. */
static bool turn(const char *text, size_t len, char out[PIECE])
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '-' || text[i] == '_')
			return false;
		out[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	}
	return true;
}

/* The length without padding; a text that is padded is padded to a multiple of 4. */
static size_t unpadded(const char *text, size_t len)
{
	size_t n = len;

	while (n > 0 && len - n < 2 && text[n - 1] == '=')
		n--;
	return len % 4 == 0 ? n : len;
}

bool cid_b64_decode(const char *text, size_t len, uint8_t *out, size_t size, size_t *len_out)
{
	size_t n = unpadded(text, len), at = 0;
	char piece[PIECE];

	for (size_t i = 0; i < n; i += PIECE) {
		size_t take = n - i < PIECE ? n - i : PIECE, got = 0;

		if (!turn(text + i, take, piece) ||
		    !cid_b64url_decode(piece, take, out + at, size - at, &got))
			return false;
		at += got;
	}
	*len_out = at;
	return true;
}

size_t cid_b64_encode(const void *data, size_t len, char *out)
{
	size_t n = cid_b64url_encode(data, len, out);

	for (size_t i = 0; i < n; i++)
		out[i] = out[i] == '-' ? '+' : out[i] == '_' ? '/' : out[i];
	return n;
}
