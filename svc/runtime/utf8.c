/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes UTF-8 and refuses what RFC 3629 §3 forbids: overlong forms, surrogates, beyond 10FFFF. */
#include "svc/runtime/utf8.h"

/* For each length: the bits that tell it, what they must be, the least character it may hold. */
static const struct {
	unsigned char mask, lead;
	uint32_t least;
} forms[] = {
	{0x80, 0x00, 0},
	{0xE0, 0xC0, 0x80},
	{0xF0, 0xE0, 0x800},
	{0xF8, 0xF0, 0x10000},
};

static size_t form_of(unsigned char lead)
{
	size_t i = 0;
	while (i < sizeof(forms) / sizeof(forms[0]) && (lead & forms[i].mask) != forms[i].lead)
		i++;
	return i;
}

size_t utf8_next(const char *p, size_t n, uint32_t *cp_out)
{
	const unsigned char *bytes = (const unsigned char *)p;
	size_t form = n > 0 ? form_of(bytes[0]) : n;
	if (form >= n || form >= sizeof(forms) / sizeof(forms[0]))
		return 0;
	uint32_t cp = bytes[0] & (unsigned char)~forms[form].mask;
	for (size_t i = 1; i <= form; i++) {
		if ((bytes[i] & 0xC0) != 0x80)
			return 0;
		cp = cp << 6 | (bytes[i] & 0x3F);
	}
	if (cp < forms[form].least || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return 0;
	*cp_out = cp;
	return form + 1;
}
