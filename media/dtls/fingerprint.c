/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints read from text. */
#include "media/dtls/fingerprint.h"

#include <string.h>
#include <strings.h>

/* RFC 8122 §5 obsoletes md5 and sha-1: "MUST NOT" be used to say who a peer is. */
static const struct {
	const char *sdp, *mky;
	uint8_t len;
} hashes[] = {
	{"sha-256", "sha256", 32},
	{"sha-384", "sha384", 48},
	{"sha-512", "sha512", 64},
};

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly len bytes of hex; colons stand between all pairs or between none. */
static bool read_hex(const char *p, size_t n, uint8_t *out, size_t len)
{
	const bool colons = n == len * 3 - 1;

	if (!colons && n != len * 2)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (colons && i > 0 && *p++ != ':')
			return false;
		int high = hex(p[0]), low = hex(p[1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
		p += 2;
	}
	return true;
}

static bool same_name(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && strncasecmp(name, text, len) == 0;
}

static bool read(const char *alg, size_t alg_len, const char *dig, size_t dig_len,
		 struct fingerprint *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (!same_name(hashes[i].sdp, alg, alg_len) &&
		    !same_name(hashes[i].mky, alg, alg_len))
			continue;
		memcpy(out->hash, hashes[i].sdp, strlen(hashes[i].sdp) + 1);
		out->len = hashes[i].len;
		return read_hex(dig, dig_len, out->digest, out->len);
	}
	return false;
}

bool fingerprint_parse(const char *text, size_t len, struct fingerprint *out)
{
	const char *space = memchr(text, ' ', len);

	if (!space)
		return false;
	const char *dig = space, *end = text + len;
	while (dig < end && *dig == ' ')
		dig++;
	while (end > dig && end[-1] == ' ')
		end--;
	return read(text, (size_t)(space - text), dig, (size_t)(end - dig), out);
}

bool fingerprint_from_mky(const char *alg, size_t alg_len, const char *dig, size_t dig_len,
			  struct fingerprint *out)
{
	return read(alg, alg_len, dig, dig_len, out);
}

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->len == b->len && strcmp(a->hash, b->hash) == 0 &&
	       memcmp(a->digest, b->digest, a->len) == 0;
}
