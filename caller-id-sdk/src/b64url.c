/* SPDX-License-Identifier: Apache-2.0 */
/* Base64url by table. */
#include "b64url.h"

#define BAD 255

/* Value of each character; BAD where RFC 4648 §5 has none. */
static const uint8_t VALUE[256] = {
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* 00 */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* 10 */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 62,  255, 255, /* '-' */
	52,  53,  54,  55,  56,	 57,  58,  59,	60,  61,  255, 255, 255, 255, 255, 255, /* 0-9 */
	255, 0,	  1,   2,   3,	 4,   5,   6,	7,   8,	  9,   10,  11,	 12,  13,  14,	/* A-O */
	15,  16,  17,  18,  19,	 20,  21,  22,	23,  24,  25,  255, 255, 255, 255, 63,	/* P-Z _ */
	255, 26,  27,  28,  29,	 30,  31,  32,	33,  34,  35,  36,  37,	 38,  39,  40,	/* a-o */
	41,  42,  43,  44,  45,	 46,  47,  48,	49,  50,  51,  255, 255, 255, 255, 255, /* p-z */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* 80 */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* 90 */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* a0 */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* b0 */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* c0 */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* d0 */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* e0 */
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, /* f0 */
};

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The 2 or 3 characters of an incomplete group; the bits that no byte uses must be zero. */
static bool decode_tail(const uint8_t *in, size_t n, uint8_t *out)
{
	uint32_t a = VALUE[in[0]], b = VALUE[in[1]], c = n == 3 ? VALUE[in[2]] : 0;

	if (a == BAD || b == BAD || c == BAD)
		return false;
	out[0] = (uint8_t)(a << 2 | b >> 4);
	if (n == 2)
		return (b & 0x0f) == 0;
	out[1] = (uint8_t)(b << 4 | c >> 2);
	return (c & 0x03) == 0;
}

bool cid_b64url_decode(const char *text, size_t len, uint8_t *out, size_t size, size_t *len_out)
{
	const uint8_t *in = (const uint8_t *)text;
	size_t tail = len % 4, whole = len - tail;

	if (tail == 1 || CID_B64URL_DECODED(len) > size)
		return false;
	for (size_t i = 0; i < whole; i += 4, out += 3) {
		uint32_t a = VALUE[in[i]], b = VALUE[in[i + 1]];
		uint32_t c = VALUE[in[i + 2]], d = VALUE[in[i + 3]];

		if ((a | b | c | d) > 63)
			return false;
		out[0] = (uint8_t)(a << 2 | b >> 4);
		out[1] = (uint8_t)(b << 4 | c >> 2);
		out[2] = (uint8_t)(c << 6 | d);
	}
	if (tail > 0 && !decode_tail(in + whole, tail, out))
		return false;
	*len_out = CID_B64URL_DECODED(len);
	return true;
}

size_t cid_b64url_encode(const void *data, size_t len, char *out)
{
	const uint8_t *in = data;
	size_t n = 0, i = 0;

	for (; i + 3 <= len; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];

		out[n++] = ALPHABET[v >> 18];
		out[n++] = ALPHABET[v >> 12 & 63];
		out[n++] = ALPHABET[v >> 6 & 63];
		out[n++] = ALPHABET[v & 63];
	}
	if (len - i > 0) {
		uint32_t v = (uint32_t)in[i] << 16 | (len - i == 2 ? (uint32_t)in[i + 1] << 8 : 0);

		out[n++] = ALPHABET[v >> 18];
		out[n++] = ALPHABET[v >> 12 & 63];
		if (len - i == 2)
			out[n++] = ALPHABET[v >> 6 & 63];
	}
	return n;
}
