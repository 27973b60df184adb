/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 by the table of its forms. */
#include "utf8.h"

#include <stdbool.h>

/* RFC 3629 §4: what a first byte asks for, and the range of the byte behind it. */
struct utf8_form {
	uint8_t first_min, first_max, length, second_min, second_max;
};

/* Overlong forms, surrogates and what lies above U+10FFFF have no row. */
static const struct utf8_form UTF8_FORMS[] = {
	{0x00, 0x7f, 1, 0x80, 0xbf}, {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
	{0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
	{0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static bool matches_form(const struct utf8_form *form, const uint8_t *p, size_t n)
{
	if (p[0] < form->first_min || p[0] > form->first_max || n < form->length)
		return false;
	if (form->length > 1 && (p[1] < form->second_min || p[1] > form->second_max))
		return false;
	for (size_t i = 2; i < form->length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return false;
	}
	return true;
}

size_t cid_utf8_length(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < sizeof(UTF8_FORMS) / sizeof(UTF8_FORMS[0]); i++) {
		if (matches_form(&UTF8_FORMS[i], p, n))
			return UTF8_FORMS[i].length;
	}
	return 0;
}

uint32_t cid_utf8_read(const uint8_t *p, size_t length)
{
	static const uint8_t first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = p[0] & first[length];

	for (size_t i = 1; i < length; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}
