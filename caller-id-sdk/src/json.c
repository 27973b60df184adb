/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON (RFC 8225 §9), written into a buffer. */
#include "json.h"

#include <string.h>

#include "b64url.h"
#include "utf8.h"

void cid_writer_init(struct cid_writer *w, char *buffer, size_t size)
{
	*w = (struct cid_writer){.p = buffer, .size = size};
}

void cid_write(struct cid_writer *w, const char *text, size_t len)
{
	if (w->full || len > w->size - w->len) {
		w->full = true;
		return;
	}
	if (len == 0)
		return;
	memcpy(w->p + w->len, text, len);
	w->len += len;
}

void cid_write_text(struct cid_writer *w, const char *text)
{
	cid_write(w, text, strlen(text));
}

void cid_write_int(struct cid_writer *w, int64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		digits[--at] = '-';
	cid_write(w, digits + at, sizeof(digits) - at);
}

void cid_write_b64url(struct cid_writer *w, const void *data, size_t len)
{
	if (w->full || len > w->size || CID_B64URL_LEN(len) > w->size - w->len) {
		w->full = true;
		return;
	}
	w->len += cid_b64url_encode(data, len, w->p + w->len);
}

/* '"', '\' or a control character, in the shortest escape that JSON has. */
static void write_escape(struct cid_writer *w, char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt", hex[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(from, c);
	char text[6] = {'\\', 'u', '0', '0', hex[c >> 4 & 15], hex[c & 15]};

	if (at == NULL) {
		cid_write(w, text, 6);
		return;
	}
	text[1] = to[at - from];
	cid_write(w, text, 2);
}

void cid_write_string(struct cid_writer *w, const char *text, size_t len)
{
	size_t from = 0, i = 0;

	cid_write(w, "\"", 1);
	while (i < len) {
		size_t step = cid_utf8_length((const uint8_t *)text + i, len - i);

		if (step == 0) {
			w->full = true;
			return;
		}
		if ((unsigned char)text[i] < 0x20 || text[i] == '"' || text[i] == '\\') {
			cid_write(w, text + from, i - from);
			write_escape(w, text[i]);
			from = i + 1;
		}
		i += step;
	}
	cid_write(w, text + from, len - from);
	cid_write(w, "\"", 1);
}
