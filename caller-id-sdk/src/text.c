/* SPDX-License-Identifier: Apache-2.0 */
/* Names and reasons of strangers, made fit for a display (RFC 9795 §18, Unicode TR 36). */
#include <callerid/rcd.h>

#include <string.h>

#include "utf8.h"

#define ACCENTS_MAX 4 /* marks on one character; Vietnamese needs two */

enum kind {
	ORDINARY,
	CONTROL,
	BIDI,
	HIDDEN,
	SPACE,
	ACCENT,
};

struct range {
	uint32_t first, last;
	enum kind kind;
};

/* Everything that is not ORDINARY, in order. */
static const struct range RANGES[] = {
	{0x0000, 0x0008, CONTROL},  {0x0009, 0x000d, SPACE},	 {0x000e, 0x001f, CONTROL},
	{0x0020, 0x0020, SPACE},    {0x007f, 0x0084, CONTROL},	 {0x0085, 0x0085, SPACE},
	{0x0086, 0x009f, CONTROL},  {0x00a0, 0x00a0, SPACE},	 {0x00ad, 0x00ad, HIDDEN},
	{0x0300, 0x034e, ACCENT},   {0x034f, 0x034f, HIDDEN},	 {0x0350, 0x036f, ACCENT},
	{0x0483, 0x0489, ACCENT},   {0x061c, 0x061c, BIDI},	 {0x115f, 0x1160, HIDDEN},
	{0x1680, 0x1680, SPACE},    {0x17b4, 0x17b5, HIDDEN},	 {0x180b, 0x180f, HIDDEN},
	{0x1ab0, 0x1aff, ACCENT},   {0x1dc0, 0x1dff, ACCENT},	 {0x2000, 0x200a, SPACE},
	{0x200b, 0x200d, HIDDEN},   {0x200e, 0x200f, BIDI},	 {0x2028, 0x2029, SPACE},
	{0x202a, 0x202e, BIDI},	    {0x202f, 0x202f, SPACE},	 {0x205f, 0x205f, SPACE},
	{0x2060, 0x2065, HIDDEN},   {0x2066, 0x2069, BIDI},	 {0x206a, 0x206f, HIDDEN},
	{0x20d0, 0x20ff, ACCENT},   {0x2800, 0x2800, HIDDEN},	 {0x3000, 0x3000, SPACE},
	{0x3164, 0x3164, HIDDEN},   {0xe000, 0xf8ff, HIDDEN},	 {0xfdd0, 0xfdef, HIDDEN},
	{0xfe00, 0xfe0f, HIDDEN},   {0xfe20, 0xfe2f, ACCENT},	 {0xfeff, 0xfeff, HIDDEN},
	{0xffa0, 0xffa0, HIDDEN},   {0xfff0, 0xfffb, HIDDEN},	 {0xfffe, 0xffff, HIDDEN},
	{0x1d173, 0x1d17a, HIDDEN}, {0xe0000, 0x10ffff, HIDDEN},
};

enum script {
	LATIN = 1,
	CYRILLIC = 2,
	GREEK = 4,
	ARMENIAN = 8,
	CHEROKEE = 16,
	COPTIC = 32,
	MATH = 64
};

/* The scripts whose letters look alike (Unicode TS 39 §5.2), and the letters of mathematics, which
 * look like Latin ones to everybody. */
static const struct {
	uint32_t first, last;
	enum script script;
} SCRIPTS[] = {
	{'A', 'Z', LATIN},	    {'a', 'z', LATIN},		{0x00c0, 0x02af, LATIN},
	{0x0370, 0x03ff, GREEK},    {0x0400, 0x052f, CYRILLIC}, {0x0531, 0x058a, ARMENIAN},
	{0x13a0, 0x13fd, CHEROKEE}, {0x1c80, 0x1c88, CYRILLIC}, {0x1e00, 0x1eff, LATIN},
	{0x1f00, 0x1fff, GREEK},    {0x2c60, 0x2c7f, LATIN},	{0x2c80, 0x2cff, COPTIC},
	{0x2de0, 0x2dff, CYRILLIC}, {0xa640, 0xa69f, CYRILLIC}, {0xa720, 0xa7ff, LATIN},
	{0xab30, 0xab64, LATIN},    {0xab70, 0xabbf, CHEROKEE}, {0xff21, 0xff5a, LATIN},
	{0x1d400, 0x1d7ff, MATH},
};

struct cleaner {
	char *out;
	size_t size, len;
	size_t chars, max_chars;
	size_t accents;	  /* on the character before */
	bool space;	  /* one is owed before the next character */
	unsigned scripts; /* of the word so far */
	size_t last; /* where the last character starts that leaves room for the sign of a cut */
	unsigned found;
};

static enum kind kind_of(uint32_t c)
{
	size_t low = 0, high = sizeof(RANGES) / sizeof(RANGES[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > RANGES[middle].last)
			low = middle + 1;
		else if (c < RANGES[middle].first)
			high = middle;
		else
			return RANGES[middle].kind;
	}
	return ORDINARY;
}

static unsigned script_of(uint32_t c)
{
	for (size_t i = 0; i < sizeof(SCRIPTS) / sizeof(SCRIPTS[0]); i++) {
		if (c >= SCRIPTS[i].first && c <= SCRIPTS[i].last)
			return SCRIPTS[i].script;
	}
	return 0;
}

/* Appends bytes as one character. false: there is no room for it. */
static bool put(struct cleaner *c, const char *bytes, size_t n)
{
	static const char cut[] = "\xe2\x80\xa6"; /* U+2026 */

	if (c->chars + 1 <= c->max_chars && c->len + n < c->size) {
		/* The last place where the sign of a cut would still fit. */
		if (c->len + sizeof(cut) <= c->size)
			c->last = c->len;
		memcpy(c->out + c->len, bytes, n);
		c->len += n;
		c->chars++;
		return true;
	}
	c->found |= CALLERID_TEXT_CUT;
	c->len = c->last;
	while (c->len > 0 && c->out[c->len - 1] == ' ')
		c->len--;
	if (c->len + sizeof(cut) <= c->size && c->max_chars > 0) {
		memcpy(c->out + c->len, cut, sizeof(cut) - 1);
		c->len += sizeof(cut) - 1;
	}
	return false;
}

/* A character that stays, with the space before it. */
static bool keep(struct cleaner *c, uint32_t point, const char *bytes, size_t n)
{
	if (c->space && c->len > 0 && !put(c, " ", 1))
		return false;
	if (c->space)
		c->scripts = 0;
	c->space = false;
	c->scripts |= script_of(point);
	if ((c->scripts & (c->scripts - 1)) != 0) /* more than one */
		c->found |= CALLERID_TEXT_MIXED;
	return put(c, bytes, n);
}

/* One character of the text. false: the output is full. */
static bool take(struct cleaner *c, uint32_t point, const char *bytes, size_t n)
{
	enum kind kind = kind_of(point);

	if (kind == ACCENT && (c->len == 0 || c->space || ++c->accents > ACCENTS_MAX))
		kind = HIDDEN;
	switch (kind) {
	case CONTROL:
		c->found |= CALLERID_TEXT_CONTROL;
		return true;
	case BIDI:
		c->found |= CALLERID_TEXT_BIDI;
		return true;
	case HIDDEN:
		c->found |= CALLERID_TEXT_HIDDEN;
		return true;
	case SPACE:
		c->space = true;
		return true;
	case ORDINARY:
		c->accents = 0;
		break;
	case ACCENT:
		break;
	}
	return keep(c, point, bytes, n);
}

unsigned callerid_text_clean(const char *text, size_t len, size_t max_chars, char *text_out,
			     size_t size)
{
	static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
	struct cleaner c = {.out = text_out, .size = size, .max_chars = max_chars};
	bool more = true;

	for (size_t i = 0; i < len && more;) {
		const uint8_t *p = (const uint8_t *)text + i;
		size_t n = cid_utf8_length(p, len - i);

		if (n == 0) {
			c.found |= CALLERID_TEXT_INVALID;
			more = keep(&c, 0xfffd, replacement, sizeof(replacement) - 1);
			i++;
			continue;
		}
		more = take(&c, cid_utf8_read(p, n), text + i, n);
		i += n;
	}
	text_out[c.len] = '\0';
	return c.found;
}
