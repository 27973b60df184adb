/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded reading and canonical writing of JSON. */
#include "json.h"

#include <string.h>

#include "b64url.h"
#include "fail.h"
#include "utf8.h"

/*
 * Looked at before jansson sees the text: its parser recurses, so that the depth has to be bounded
 * outside it. Brackets inside strings do not count.
 */
static bool depth_is_bounded(const char *text, size_t len)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > CID_JSON_DEPTH_MAX)
				return false;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return true;
}

json_t *cid_json_load_value(const char *text, size_t len, size_t max, struct callerid_error *err)
{
	json_error_t why;
	json_t *root;

	if (len > max) {
		cid_fail(err, CALLERID_ELIMIT, "json", "over %zu bytes", max);
		return NULL;
	}
	if (len == 0 || memchr(text, '\0', len) != NULL) {
		cid_fail(err, CALLERID_ESYNTAX, "json", "%s", len == 0 ? "empty" : "a NUL byte");
		return NULL;
	}
	if (!depth_is_bounded(text, len)) {
		cid_fail(err, CALLERID_ELIMIT, "json", "over %d levels deep", CID_JSON_DEPTH_MAX);
		return NULL;
	}
	/* RFC 8225 §9: no duplicate member names. Without JSON_ALLOW_NUL \u0000 is refused too. */
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (root == NULL) {
		/* jansson has a text for every flaw of its input, and often none for no memory. */
		bool oom = why.text[0] == '\0' || json_error_code(&why) == json_error_out_of_memory;

		cid_fail(err, oom ? CALLERID_ENOMEM : CALLERID_ESYNTAX, "json", "%s",
			 oom ? "no memory" : why.text);
	}
	return root;
}

json_t *cid_json_load(const char *text, size_t len, struct callerid_error *err)
{
	json_t *root = cid_json_load_value(text, len, CID_JSON_MAX, err);

	if (root != NULL && !json_is_object(root)) {
		json_decref(root);
		cid_fail(err, CALLERID_ESYNTAX, "json", "not an object");
		return NULL;
	}
	return root;
}

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
