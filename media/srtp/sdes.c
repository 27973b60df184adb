/* SPDX-License-Identifier: Apache-2.0 */
/* a=crypto:tag SP suite SP inline:key||salt ["|" lifetime] (RFC 4568 §9.1, RFC 6188, RFC 7714 §14).
 */
#include "media/srtp/sdes.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define TAG_DIGITS_MAX 9
#define BASE64_MAX     64 /* characters of 48 bytes */

struct cursor {
	const char *p, *end;
};

static void skip_spaces(struct cursor *at)
{
	while (at->p < at->end && (*at->p == ' ' || *at->p == '\t'))
		at->p++;
}

/* The next word, up to a space or the end. */
static struct cursor word(struct cursor *at)
{
	skip_spaces(at);
	struct cursor found = {at->p, at->p};

	while (at->p < at->end && *at->p != ' ' && *at->p != '\t')
		at->p++;
	found.end = at->p;
	return found;
}

static bool read_tag(struct cursor digits, unsigned *tag)
{
	if (digits.p == digits.end || digits.end - digits.p > TAG_DIGITS_MAX)
		return false;
	*tag = 0;
	for (; digits.p < digits.end; digits.p++) {
		if (*digits.p < '0' || *digits.p > '9')
			return false;
		*tag = *tag * 10 + (unsigned)(*digits.p - '0');
	}
	return *tag > 0;
}

static bool is_lifetime(const char *p, const char *end)
{
	if (end - p > 2 && p[0] == '2' && p[1] == '^')
		p += 2;
	if (p == end || end - p > 15)
		return false;
	for (; p < end; p++)
		if (*p < '0' || *p > '9')
			return false;
	return true;
}

/* "inline:" base64, then nothing or a lifetime. An MKI has ":" in its field and is refused: we
 * would have to expect it in every packet. */
static bool read_key(struct cursor text, size_t want, struct srtp_key *key)
{
	static const char prefix[] = "inline:";
	const size_t n = sizeof(prefix) - 1;

	if ((size_t)(text.end - text.p) < n || memcmp(text.p, prefix, n) != 0)
		return false;
	text.p += n;
	const char *bar = memchr(text.p, '|', (size_t)(text.end - text.p));
	const char *end = bar ? bar : text.end;
	if (bar && !is_lifetime(bar + 1, text.end))
		return false;
	size_t len = (size_t)(end - text.p);
	unsigned char padded[BASE64_MAX], decoded[sizeof(key->bytes) + 2];
	/* Some leave the padding out; RFC 4568 §6.1 has it. */
	size_t full = (want + 2) / 3 * 4;
	if (len > full || full > sizeof(padded) || full - len > 2)
		return false;
	memcpy(padded, text.p, len);
	memset(padded + len, '=', full - len);
	bool ok = EVP_DecodeBlock(decoded, padded, (int)full) == (int)(full / 4 * 3);
	/* The padding of a key of this length, no more and no less. */
	size_t padding = full / 4 * 3 - want;
	for (size_t i = 0; i < full && ok; i++)
		ok = (padded[i] == '=') == (i >= full - padding);
	if (ok) {
		memcpy(key->bytes, decoded, want);
		key->len = want;
	}
	OPENSSL_cleanse(decoded, sizeof(decoded));
	OPENSSL_cleanse(padded, sizeof(padded));
	return ok;
}

/* Session parameters that change nothing of how a packet is protected. */
static bool is_harmless(struct cursor parameter)
{
	static const char window[] = "WSH=";

	return (size_t)(parameter.end - parameter.p) > sizeof(window) - 1 &&
	       memcmp(parameter.p, window, sizeof(window) - 1) == 0;
}

bool sdes_parse(const char *value, size_t len, struct sdes *out)
{
	struct cursor at = {value, value + len};

	memset(out, 0, sizeof(*out));
	if (!read_tag(word(&at), &out->tag))
		return false;
	struct cursor name = word(&at);
	out->suite = srtp_suite_named(name.p, (size_t)(name.end - name.p));
	if (out->suite == SUITE_NONE)
		return false;
	const struct srtp_suite_info *info = srtp_suite_info(out->suite);
	if (!read_key(word(&at), info->key_len + info->salt_len, &out->key))
		return false;
	for (struct cursor parameter = word(&at); parameter.p < parameter.end;
	     parameter = word(&at))
		if (!is_harmless(parameter))
			return false;
	return true;
}

bool sdes_make(unsigned tag, enum srtp_suite suite, struct sdes *out)
{
	const struct srtp_suite_info *info = srtp_suite_info(suite);

	memset(out, 0, sizeof(*out));
	out->tag = tag;
	out->suite = suite;
	out->key.len = info->key_len + info->salt_len;
	return out->key.len > 0 && RAND_priv_bytes(out->key.bytes, (int)out->key.len) == 1;
}

const char *sdes_format(const struct sdes *sdes, char text_out[SDES_LINE_MAX])
{
	unsigned char key[BASE64_MAX + 1];

	EVP_EncodeBlock(key, sdes->key.bytes, (int)sdes->key.len);
	snprintf(text_out, SDES_LINE_MAX, "%u %s inline:%s", sdes->tag,
		 srtp_suite_info(sdes->suite)->sdes, (const char *)key);
	OPENSSL_cleanse(key, sizeof(key));
	return text_out;
}
