/* SPDX-License-Identifier: Apache-2.0 */
/* Splitting and signing messages. */
#include "media/ng/frame.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "media/ng/control.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool frame_split(const char *text, size_t len, struct frame *out)
{
	size_t window = len < FRAME_COOKIE_MAX + 1 ? len : FRAME_COOKIE_MAX + 1;
	const char *space = window > 0 ? memchr(text, ' ', window) : NULL;
	struct frame frame = {.cookie = text};

	if (space == NULL || space == text)
		return false;
	frame.cookie_len = (size_t)(space - text);
	frame.body = space + 1;
	frame.body_len = len - frame.cookie_len - 1;
	if (frame.body_len > 0 && is_digit(frame.body[0])) {
		space = memchr(frame.body, ' ',
			       frame.body_len < FRAME_AUTH_MAX + 1 ? frame.body_len
								   : FRAME_AUTH_MAX + 1);
		if (space != NULL) {
			frame.auth = frame.body;
			frame.auth_len = (size_t)(space - frame.auth);
			frame.body = space + 1;
			frame.body_len -= frame.auth_len + 1;
		}
	}
	*out = frame;
	return true;
}

/* The dictionary's first byte has to be there before its format is known. */
static long find_body(struct frame_scan *scan, const char *text, size_t len)
{
	struct frame frame;

	if (len > 0 && text[0] == ' ')
		return -1;
	if (!frame_split(text, len, &frame))
		return len > FRAME_COOKIE_MAX ? -1 : 0;
	if (frame.body_len == 0)
		return 0;
	if (frame.auth == NULL && is_digit(frame.body[0])) /* a signature that is not whole */
		return frame.body_len > FRAME_AUTH_MAX ? -1 : 0;
	if (frame.body[0] != 'd' && frame.body[0] != '{')
		return -1;
	scan->body = len - frame.body_len;
	return 1;
}

long frame_size(struct frame_scan *scan, const char *text, size_t len)
{
	long size = 1;

	if (scan->body == 0)
		size = find_body(scan, text, len);
	if (size <= 0)
		return size;
	size = text[scan->body] == 'd'
		       ? ng_bencode_frame(&scan->scan, text + scan->body, len - scan->body)
		       : ng_json_frame(&scan->scan, text + scan->body, len - scan->body);
	if (size < 0 || (size == 0 && len - scan->body >= NG_MESSAGE_MAX))
		return -1;
	return size > 0 ? size + (long)scan->body : 0;
}

struct part {
	const char *p;
	size_t n;
};

static bool mac_of(const struct frame_key *key, const struct part *parts, size_t n,
		   char mac_out[FRAME_MAC_LEN + 1])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char bytes[FRAME_MAC_LEN / 2];
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 6),
			       OSSL_PARAM_END};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	size_t len = 0;
	bool ok = ctx != NULL && EVP_MAC_init(ctx, key->bytes, key->len, params) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_MAC_update(ctx, (const unsigned char *)parts[i].p, parts[i].n) == 1;
	ok = ok && EVP_MAC_final(ctx, bytes, &len, sizeof(bytes)) == 1 && len == sizeof(bytes);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	for (size_t i = 0; ok && i < sizeof(bytes); i++) {
		mac_out[2 * i] = hex[bytes[i] >> 4];
		mac_out[2 * i + 1] = hex[bytes[i] & 15];
	}
	mac_out[ok ? FRAME_MAC_LEN : 0] = '\0';
	return ok;
}

bool frame_sign(const struct frame *reply, const struct frame_key *key,
		char mac_out[FRAME_MAC_LEN + 1])
{
	const struct part parts[] = {
		{reply->cookie, reply->cookie_len}, {" ", 1}, {reply->body, reply->body_len}};

	return mac_of(key, parts, sizeof(parts) / sizeof(parts[0]), mac_out);
}

/* "<time>:<mac>"; the digits of the time, 0: it is nothing like that. */
static size_t time_len(const struct frame *frame)
{
	size_t n = 0;

	while (n < frame->auth_len && n <= 12 && is_digit(frame->auth[n]))
		n++;
	return n >= 1 && n <= 12 && frame->auth_len == n + 1 + FRAME_MAC_LEN &&
			       frame->auth[n] == ':'
		       ? n
		       : 0;
}

const char *frame_check(const struct frame *frame, const struct frame_key *key, int64_t now)
{
	size_t n = frame->auth != NULL ? time_len(frame) : 0;
	const struct part parts[] = {{frame->cookie, frame->cookie_len},
				     {" ", 1},
				     {frame->auth, n},
				     {" ", 1},
				     {frame->body, frame->body_len}};
	char mac[FRAME_MAC_LEN + 1];
	int64_t then = 0;

	if (frame->auth == NULL)
		return "unsigned";
	if (n == 0 || !mac_of(key, parts, sizeof(parts) / sizeof(parts[0]), mac) ||
	    CRYPTO_memcmp(mac, frame->auth + n + 1, FRAME_MAC_LEN) != 0)
		return "signature";
	for (size_t i = 0; i < n; i++)
		then = 10 * then + (frame->auth[i] - '0');
	/* A copy of what a process before us was told: its cookies are not known any more. */
	if (then < key->started || then < now - CONTROL_SKEW_SECONDS ||
	    then > now + CONTROL_SKEW_SECONDS)
		return "stale";
	return NULL;
}
