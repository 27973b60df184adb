/* SPDX-License-Identifier: Apache-2.0 */
/* The three digests that every implementation has to know (RFC 9795 §6). */
#include "digest.h"

#include <openssl/sha.h>

#include <string.h>

#include "b64.h"

static const struct {
	const char *name;
	size_t len;
	unsigned char *(*hash)(const unsigned char *data, size_t len, unsigned char *out);
} ALGS[] = {
	{"sha256", SHA256_DIGEST_LENGTH, SHA256},
	{"sha384", SHA384_DIGEST_LENGTH, SHA384},
	{"sha512", SHA512_DIGEST_LENGTH, SHA512},
};

#define N_ALGS	 (sizeof(ALGS) / sizeof(ALGS[0]))
#define NAME_LEN 6 /* of each */

bool cid_digest_parse(const char *text, size_t len, struct cid_digest *digest_out)
{
	size_t n = 0;

	if (len <= NAME_LEN + 1 || len > CID_DIGEST_TEXT_MAX || text[NAME_LEN] != '-')
		return false;
	for (unsigned i = 0; i < N_ALGS; i++) {
		if (memcmp(text, ALGS[i].name, NAME_LEN) != 0)
			continue;
		digest_out->alg = i;
		digest_out->len = ALGS[i].len;
		return cid_b64_decode(text + NAME_LEN + 1, len - NAME_LEN - 1, digest_out->value,
				      sizeof(digest_out->value), &n) &&
		       n == ALGS[i].len;
	}
	return false;
}

static bool is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0)))
			return false;
	}
	return len > 0;
}

static bool is_base64(const char *text, size_t len)
{
	size_t padding = 0;

	while (padding < 2 && len > padding && text[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < len - padding; i++) {
		char c = text[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '+' || c == '/'))
			return false;
	}
	return len > padding;
}

enum cid_digest_kind cid_digest_kind(const char *text, size_t len)
{
	struct cid_digest digest;
	size_t dash = len;

	if (cid_digest_parse(text, len, &digest))
		return CID_DIGEST_KNOWN;
	if (len > CID_DIGEST_UNKNOWN_MAX)
		return CID_DIGEST_BAD;
	for (unsigned i = 0; i < N_ALGS; i++) {
		if (len > NAME_LEN && memcmp(text, ALGS[i].name, NAME_LEN) == 0 &&
		    text[NAME_LEN] == '-')
			return CID_DIGEST_BAD;
	}
	/* The last one: a name may have some, base64 has none. */
	while (dash > 0 && text[dash - 1] != '-')
		dash--;
	return dash > 0 && is_name(text, dash - 1) && is_base64(text + dash, len - dash)
		       ? CID_DIGEST_UNKNOWN
		       : CID_DIGEST_BAD;
}

enum cid_digest_result cid_digest_compare(const struct cid_digest *digest, const void *data,
					  size_t len)
{
	uint8_t value[sizeof(digest->value)];

	if (ALGS[digest->alg].hash(data, len, value) == NULL)
		return CID_DIGEST_NO_MEMORY;
	return memcmp(value, digest->value, digest->len) == 0 ? CID_DIGEST_SAME : CID_DIGEST_OTHER;
}

bool cid_digest_text(const char *alg, const void *data, size_t len,
		     char text_out[CID_DIGEST_TEXT_MAX + 1])
{
	uint8_t value[sizeof(((struct cid_digest *)NULL)->value)];
	size_t n;

	for (unsigned i = 0; i < N_ALGS; i++) {
		if (strcmp(alg != NULL ? alg : ALGS[0].name, ALGS[i].name) != 0)
			continue;
		if (ALGS[i].hash(data, len, value) == NULL)
			return false;
		memcpy(text_out, ALGS[i].name, NAME_LEN);
		text_out[NAME_LEN] = '-';
		n = cid_b64_encode(value, ALGS[i].len, text_out + NAME_LEN + 1);
		text_out[NAME_LEN + 1 + n] = '\0';
		return true;
	}
	return false;
}
