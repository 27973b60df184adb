/* SPDX-License-Identifier: Apache-2.0 */
/* data: URIs (RFC 2397): contents that need no fetching. */
#include "rcd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "b64.h"

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* Percent-decodes text into out, which has room for n bytes. false: a broken escape. */
static bool unescape(const char *text, size_t n, char *out, size_t *len_out)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		int high, low;

		if (text[i] != '%') {
			out[to++] = text[i];
			continue;
		}
		high = i + 2 < n ? hex(text[i + 1]) : -1;
		low = i + 2 < n ? hex(text[i + 2]) : -1;
		if (high < 0 || low < 0)
			return false;
		out[to++] = (char)(high << 4 | low);
		i += 2;
	}
	*len_out = to;
	return true;
}

enum callerid_status cid_data_uri(const char *uri, uint8_t **data_out, size_t *len_out)
{
	static const char base64[] = ";base64";
	const char *comma = strncasecmp(uri, "data:", 5) == 0 ? strchr(uri, ',') : NULL;
	size_t n = comma == NULL ? 0 : strlen(comma + 1), got = 0;
	bool ok;
	char *text;

	if (comma == NULL)
		return CALLERID_ESYNTAX;
	text = malloc(n + 1);
	if (text == NULL)
		return CALLERID_ENOMEM;
	ok = unescape(comma + 1, n, text, &got);
	/* In place: what base64 holds is never longer, and read before it is overwritten. */
	if (ok && comma - uri >= 5 + (ptrdiff_t)sizeof(base64) - 1 &&
	    strncasecmp(comma - (sizeof(base64) - 1), base64, sizeof(base64) - 1) == 0)
		ok = cid_b64_decode(text, got, (uint8_t *)text, got, &got);
	if (!ok) {
		free(text);
		return CALLERID_ESYNTAX;
	}
	*data_out = (uint8_t *)text;
	*len_out = got;
	return CALLERID_OK;
}
