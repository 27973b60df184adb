/* SPDX-License-Identifier: Apache-2.0 */
/* Appending to a text that grows. */
#include "svc/registry/http/jsonout.h"

#include <stdlib.h>
#include <string.h>

#define ESCAPE_MAX 6 /* bytes: \u001f */

void jsonout_begin(struct jsonout *out, size_t size)
{
	*out = (struct jsonout){.text = malloc(size + 1), .size = size};
	if (out->text != NULL)
		out->text[0] = '\0';
}

/* Room for so many more. Without memory what was written is gone, and nothing is written on. */
static bool make_room(struct jsonout *out, size_t more)
{
	if (out->text == NULL || more <= out->size - out->len)
		return out->text != NULL;
	size_t size = 2 * (out->size + more);
	char *text = realloc(out->text, size + 1);
	if (text == NULL)
		free(out->text);
	out->text = text;
	out->size = size;
	return text != NULL;
}

void jsonout_add(struct jsonout *out, const char *bytes, size_t n)
{
	if (!make_room(out, n))
		return;
	memcpy(out->text + out->len, bytes, n);
	out->len += n;
	out->text[out->len] = '\0';
}

static size_t escape(unsigned char c, char escaped_out[ESCAPE_MAX])
{
	static const char digits[] = "0123456789ABCDEF", shorts[] = "\"\\\b\f\n\r\t",
			  letters[] = "\"\\bfnrt";
	const char *at = strchr(shorts, c);

	escaped_out[0] = '\\';
	if (at != NULL) {
		escaped_out[1] = letters[at - shorts];
		return 2;
	}
	memcpy(escaped_out + 1, "u00", 3);
	escaped_out[4] = digits[c >> 4];
	escaped_out[5] = digits[c & 15];
	return ESCAPE_MAX;
}

void jsonout_string(struct jsonout *out, const char *text)
{
	char escaped[ESCAPE_MAX];
	size_t plain = 0;

	jsonout_add(out, "\"", 1);
	for (;;) {
		unsigned char c = (unsigned char)text[plain];
		if (c >= ' ' && c != '"' && c != '\\') {
			plain++;
			continue;
		}
		jsonout_add(out, text, plain);
		if (c == '\0')
			break;
		jsonout_add(out, escaped, escape(c, escaped));
		text += plain + 1;
		plain = 0;
	}
	jsonout_add(out, "\"", 1);
}

void jsonout_text(struct jsonout *out, const char *text)
{
	if (text[0] != '\0')
		jsonout_string(out, text);
	else
		jsonout_raw(out, "null");
}

void jsonout_uint(struct jsonout *out, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	jsonout_add(out, digits + at, sizeof digits - at);
}

void jsonout_bool(struct jsonout *out, bool value)
{
	jsonout_raw(out, value ? "true" : "false");
}
