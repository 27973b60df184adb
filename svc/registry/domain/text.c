/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules for names and reasons: they are shown beside the word "verified", so nothing may hide,
 * turn round, or lead elsewhere.
 */
#include "svc/registry/domain/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct range {
	uint32_t first, last;
	const char *code;
};

/* Characters that never stand in a text. Ranges may touch; the first that matches names it. */
static const struct range forbidden[] = {
	{0x0000, 0x001f, "control_character"},
	{0x007f, 0x009f, "control_character"},
	{0x00a0, 0x00a0, "invisible_character"}, /* no-break space */
	{0x00ad, 0x00ad, "invisible_character"}, /* soft hyphen */
	{0x034f, 0x034f, "invisible_character"},
	{0x061c, 0x061c, "bidi_character"},
	{0x115f, 0x1160, "invisible_character"}, /* Hangul fillers */
	{0x1680, 0x1680, "invisible_character"},
	{0x17b4, 0x17b5, "invisible_character"},
	{0x180b, 0x180f, "invisible_character"},
	{0x200e, 0x200f, "bidi_character"},
	{0x2000, 0x200d, "invisible_character"},
	{0x2028, 0x2029, "control_character"},
	{0x202a, 0x202e, "bidi_character"},
	{0x202f, 0x202f, "invisible_character"},
	{0x2066, 0x2069, "bidi_character"},
	{0x205f, 0x206f, "invisible_character"},
	{0x2600, 0x27bf, "emoji"}, /* check marks and seals among them */
	{0x2800, 0x2800, "invisible_character"},
	{0x2b00, 0x2bff, "emoji"},
	{0x3000, 0x3000, "invisible_character"},
	{0x3164, 0x3164, "invisible_character"},
	{0xd800, 0xdfff, "invalid_utf8"},
	{0xe000, 0xf8ff, "not_allowed"}, /* private use */
	{0xfdd0, 0xfdef, "not_allowed"},
	{0xfe00, 0xfe0f, "invisible_character"}, /* variation selectors */
	{0xfeff, 0xfeff, "invisible_character"},
	{0xffa0, 0xffa0, "invisible_character"},
	{0xfff0, 0xffff, "not_allowed"},
	{0x1d173, 0x1d17a, "invisible_character"},
	{0x1f000, 0x1faff, "emoji"},
	{0xe0000, 0x10ffff, "invisible_character"}, /* tags, selectors, private use */
};

/* One character of UTF-8 without over-long forms; 0 bytes when there is none. */
static size_t decode(const uint8_t *p, size_t n, uint32_t *c_out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = p[0] < 0x80       ? 1
		     : p[0] >> 5 == 6  ? 2
		     : p[0] >> 4 == 14 ? 3
		     : p[0] >> 3 == 30 ? 4
				       : 0;
	uint32_t c = len < 2 ? p[0] : p[0] & (0x7fU >> len);

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff)
		return 0;
	*c_out = c;
	return len;
}

static const char *character_check(uint32_t c)
{
	for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
		if (c >= forbidden[i].first && c <= forbidden[i].last)
			return forbidden[i].code;
	}
	return NULL;
}

/* Length, encoding, characters, spaces: what every text must keep. */
static const char *plain_check(const char *text, size_t len, size_t max)
{
	size_t chars = 0, at = 0;

	if (len == 0)
		return "empty";
	if (len > TEXT_BYTES_MAX)
		return "too_long";
	while (at < len) {
		uint32_t c;
		size_t n = decode((const uint8_t *)text + at, len - at, &c);
		if (n == 0)
			return "invalid_utf8";
		const char *code = character_check(c);
		if (code != NULL)
			return code;
		at += n;
		chars++;
	}
	if (text[0] == ' ' || text[len - 1] == ' ')
		return "surrounding_space";
	return chars > max ? "too_long" : NULL;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of a dot at p, the ones that look like it included; 0 when there is none. */
static size_t dot_length(const char *p, size_t n)
{
	static const char *const dots[] = {".", "\u2024", "\u3002", "\uff0e", "\uff61"};

	for (size_t i = 0; i < sizeof dots / sizeof dots[0]; i++) {
		size_t len = strlen(dots[i]);
		if (len <= n && strncmp(p, dots[i], len) == 0)
			return len;
	}
	return 0;
}

/* "://", or a letter or digit joined by a dot to two or more letters: example.com. */
static bool has_url(const char *text, size_t len)
{
	for (size_t i = 1; i + 2 < len; i++) {
		if (strncmp(text + i, "://", 3) == 0)
			return true;
		size_t dot = dot_length(text + i, len - i);
		if (dot == 0 || i + dot + 1 >= len)
			continue;
		bool before = is_letter(text[i - 1]) || is_digit(text[i - 1]);
		if (before && is_letter(text[i + dot]) && is_letter(text[i + dot + 1]))
			return true;
	}
	return false;
}

/* Seven digits or more, with nothing but separators between them. */
static bool has_phone_number(const char *text, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_digit(text[i]))
			digits++;
		else if (strchr(" -./()+", text[i]) == NULL)
			digits = 0;
		if (digits >= 7)
			return true;
	}
	return false;
}

const char *text_name_check(const char *text, size_t len)
{
	const char *code = plain_check(text, len, TEXT_NAME_MAX);

	if (code != NULL)
		return code;
	if (has_url(text, len))
		return "url";
	return has_phone_number(text, len) ? "phone_number" : NULL;
}

const char *text_reason_check(const char *text, size_t len)
{
	const char *code = plain_check(text, len, TEXT_REASON_MAX);

	if (code != NULL)
		return code;
	return has_url(text, len) ? "url" : NULL;
}

const char *text_label_check(const char *text, size_t len)
{
	return plain_check(text, len, TEXT_LABEL_MAX);
}

const char *text_country_check(const char *text, size_t len)
{
	bool fine =
		len == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';

	return fine ? NULL : "not_allowed";
}

/* How many letters, or letters and digits, stand at the beginning. */
static size_t count_alphanumeric(const char *text, size_t len, bool digits)
{
	size_t n = 0;

	while (n < len && (is_letter(text[n]) || (digits && text[n] >= '0' && text[n] <= '9')))
		n++;
	return n;
}

/* RFC 5646 §2.1, its shape: two or three letters, then parts of one to eight letters or digits. */
const char *text_lang_check(const char *text, size_t len)
{
	size_t at = count_alphanumeric(text, len, false);

	if (len > TEXT_LANG_MAX)
		return "too_long";
	if (at < 2 || at > 3)
		return "not_allowed";
	while (at < len && text[at] == '-') {
		size_t part = count_alphanumeric(text + at + 1, len - at - 1, true);
		if (part < 1 || part > 8)
			return "not_allowed";
		at += 1 + part;
	}
	return at == len ? NULL : "not_allowed";
}

static bool has_no_markup(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] >= 0x7f || strchr("\"<>\\^`{|}@", text[i]) != NULL)
			return false;
	}
	return true;
}

const char *text_website_check(const char *text, size_t len)
{
	static const char host[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	static const char scheme[] = "https://";
	size_t head = sizeof scheme - 1;

	if (len > TEXT_BYTES_MAX)
		return "too_long";
	if (len <= head || strncmp(text, scheme, head) != 0 || !has_no_markup(text, len))
		return "not_allowed";
	size_t n = strspn(text + head, host);
	bool ended = head + n == len || text[head + n] == '/';
	bool dotted = text[head] != '.' && memchr(text + head, '.', n) != NULL;
	return ended && dotted ? NULL : "not_allowed";
}
