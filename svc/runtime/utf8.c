/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes UTF-8 and refuses what RFC 3629 §3 forbids: overlong forms, surrogates, beyond 10FFFF. */
#include "svc/runtime/utf8.h"

size_t utf8_next(const char *p, size_t n, uint32_t *cp_out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (n == 0)
		return 0;
	unsigned char lead = (unsigned char)p[0];
	if (lead < 0x80) {
		*cp_out = lead;
		return 1;
	}
	size_t len = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
	if (len == 0 || len > n)
		return 0;
	uint32_t cp = lead & (0xFFU >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)p[i] & 0xC0) != 0x80)
			return 0;
		cp = cp << 6 | ((unsigned char)p[i] & 0x3F);
	}
	if (cp < least[len] || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return 0;
	*cp_out = cp;
	return len;
}
