/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259) into the same tree as bencode, doubled keys kept. ng knows no truth values and no
 * fractions: true is 1, false 0, null an empty text, and a number that is no integer a text.
 */
#include "media/ng/value.h"

#include <stdlib.h>
#include <string.h>

#include "media/ng/value_private.h"

long ng_json_frame(struct ng_scan *scan, const char *text, size_t len)
{
	if (len > 0 && text[0] != '{')
		return -1;
	for (; scan->at < len; scan->at++) {
		char c = text[scan->at];

		if (scan->in_string) {
			scan->in_string = scan->escaped || c != '"';
			scan->escaped = !scan->escaped && c == '\\';
		} else if (c == '"') {
			scan->in_string = true;
		} else if (c == '{' || c == '[') {
			if (++scan->depth > NG_DEPTH_MAX)
				return -1;
		} else if (c == '}' || c == ']') {
			if (--scan->depth == 0)
				return (long)++scan->at;
		}
	}
	return 0;
}

static void skip_space(struct ng_reader *reader)
{
	while (reader->p < reader->end && (*reader->p == ' ' || *reader->p == '\t' ||
					   *reader->p == '\r' || *reader->p == '\n'))
		reader->p++;
}

static bool take(struct ng_reader *reader, char c)
{
	skip_space(reader);
	if (reader->p == reader->end || *reader->p != c)
		return false;
	reader->p++;
	return true;
}

/* Bytes of the character of UTF-8 (RFC 3629 §4) at p; 0: none begins there. */
static size_t utf8_size(const char *text, size_t n)
{
	static const struct {
		unsigned char from, to;	 /* the first byte */
		unsigned char low, high; /* the second */
		size_t size;
	} forms[] = {
		{0x00, 0x7f, 0, 0, 1},	     {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	const unsigned char *p = (const unsigned char *)text;
	size_t size = 0;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && size == 0; i++)
		if (p[0] >= forms[i].from && p[0] <= forms[i].to && forms[i].size <= n &&
		    (forms[i].size == 1 || (p[1] >= forms[i].low && p[1] <= forms[i].high)))
			size = forms[i].size;
	for (size_t i = 2; i < size; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

static bool read_hex(struct ng_reader *reader, unsigned *out)
{
	unsigned value = 0;

	if (reader->end - reader->p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = *reader->p++;
		unsigned digit = c >= '0' && c <= '9'	? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
							: 16;

		if (digit > 15)
			return false;
		value = value << 4 | digit;
	}
	*out = value;
	return true;
}

static size_t put_utf8(char *out, unsigned cp)
{
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	if (n == 1) {
		out[0] = (char)cp;
		return n;
	}
	for (size_t i = n; i-- > 1; cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3f));
	out[0] = (char)((0xf00u >> n & 0xffu) | cp);
	return n;
}

/* What follows "\u": one unit of UTF-16, or two that make one character. */
static bool read_unicode(struct ng_reader *reader, char **out)
{
	unsigned cp = 0, low = 0;

	if (!read_hex(reader, &cp) || cp == 0 || (cp >= 0xdc00 && cp < 0xe000))
		return false;
	if (cp >= 0xd800 && cp < 0xdc00) {
		if (reader->end - reader->p < 6 || reader->p[0] != '\\' || reader->p[1] != 'u')
			return false;
		reader->p += 2;
		if (!read_hex(reader, &low) || low < 0xdc00 || low >= 0xe000)
			return false;
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
	}
	*out += put_utf8(*out, cp);
	return true;
}

static bool read_escape(struct ng_reader *reader, char **out)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (++reader->p == reader->end)
		return false;
	if (*reader->p == 'u') {
		reader->p++;
		return read_unicode(reader, out);
	}
	at = *reader->p != '\0' ? strchr(names, *reader->p) : NULL;
	if (at == NULL)
		return false;
	*(*out)++ = values[at - names];
	reader->p++;
	return true;
}

/* Where the string ends that begins at p: its closing quote; NULL: none. */
static const char *closing_quote(const struct ng_reader *reader, bool *escapes_out)
{
	const char *p = reader->p;

	*escapes_out = false;
	for (; p < reader->end && *p != '"'; p++)
		if (*p == '\\') {
			*escapes_out = true;
			p++;
		}
	return p < reader->end ? p : NULL;
}

/* An escape never becomes longer than it was written. */
static bool unescape(struct ng_reader *reader, const char *end, char *out, size_t *len_out)
{
	char *start = out;

	while (reader->p < end) {
		size_t n = utf8_size(reader->p, (size_t)(end - reader->p));

		if (n == 0 || (unsigned char)*reader->p < ' ')
			return ng_reader_fail(reader, "a string is not UTF-8 text");
		if (*reader->p == '\\') {
			if (!read_escape(reader, &out))
				return ng_reader_fail(reader, "an escape is broken");
			continue;
		}
		memcpy(out, reader->p, n);
		reader->p += n;
		out += n;
	}
	*len_out = (size_t)(out - start);
	return true;
}

static bool is_text(const char *p, const char *end)
{
	while (p < end) {
		size_t n = utf8_size(p, (size_t)(end - p));

		if (n == 0 || (unsigned char)*p < ' ')
			return false;
		p += n;
	}
	return true;
}

static bool read_string(struct ng_reader *reader, const char **text_out, size_t *len_out)
{
	bool escapes = false;
	const char *end = take(reader, '"') ? closing_quote(reader, &escapes) : NULL;
	char *copy;

	if (end == NULL)
		return ng_reader_fail(reader, "a string is missing or has no end");
	if (!escapes) {
		if (!is_text(reader->p, end))
			return ng_reader_fail(reader, "a string is not UTF-8 text");
		*text_out = reader->p;
		*len_out = (size_t)(end - reader->p);
		reader->p = end + 1;
		return true;
	}
	copy = ng_alloc(reader->tree, (size_t)(end - reader->p));
	if (copy == NULL)
		return ng_reader_fail(reader, "no memory");
	if (!unescape(reader, end, copy, len_out))
		return false;
	*text_out = copy;
	reader->p = end + 1;
	return true;
}

static size_t count_digits(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

/* RFC 8259 §6. The text of a number that is no integer stays a text. */
static bool read_number(struct ng_reader *reader, struct ng_value *value)
{
	const char *p = reader->p + (*reader->p == '-');
	size_t whole = count_digits(p, reader->end), n;
	bool integer = true;

	if (whole == 0 || (whole > 1 && *p == '0'))
		return ng_reader_fail(reader, "a value is none of JSON's");
	p += whole;
	if (p < reader->end && *p == '.') {
		n = count_digits(++p, reader->end);
		p += n;
		integer = false;
		if (n == 0)
			return ng_reader_fail(reader, "a number is broken");
	}
	if (p < reader->end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < reader->end && (*p == '+' || *p == '-');
		n = count_digits(p, reader->end);
		p += n;
		integer = false;
		if (n == 0)
			return ng_reader_fail(reader, "a number is broken");
	}
	value->type = NG_STRING;
	value->text = reader->p;
	value->len = (size_t)(p - reader->p);
	reader->p = p;
	if (integer && ng_int(value, &value->number))
		value->type = NG_INT;
	return true;
}

static bool read_word(struct ng_reader *reader, struct ng_value *value)
{
	static const struct {
		const char *word;
		enum ng_type type;
		int64_t number;
	} words[] = {{"true", NG_INT, 1}, {"false", NG_INT, 0}, {"null", NG_STRING, 0}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].word);

		if ((size_t)(reader->end - reader->p) < n ||
		    memcmp(reader->p, words[i].word, n) != 0)
			continue;
		value->type = words[i].type;
		value->number = words[i].number;
		reader->p += n;
		return true;
	}
	return read_number(reader, value);
}

static struct ng_value *read_value(struct ng_reader *reader, unsigned depth);

static bool read_item(struct ng_reader *reader, struct ng_value *parent, unsigned depth)
{
	const char *key = NULL;
	size_t key_len = 0;
	struct ng_value *child;

	if (parent->type == NG_DICT) {
		if (!read_string(reader, &key, &key_len))
			return false;
		if (!take(reader, ':'))
			return ng_reader_fail(reader, "a key has no value");
	}
	child = read_value(reader, depth + 1);
	if (child == NULL)
		return false;
	child->key = key;
	child->key_len = key_len;
	return ng_append(parent, child) || ng_reader_fail(reader, "no memory");
}

static bool read_items(struct ng_reader *reader, struct ng_value *parent, unsigned depth)
{
	char end = parent->type == NG_DICT ? '}' : ']';

	reader->p++;
	if (take(reader, end))
		return true;
	do {
		if (!read_item(reader, parent, depth))
			return false;
	} while (take(reader, ','));
	return take(reader, end) || ng_reader_fail(reader, "an object or array has no end");
}

static struct ng_value *read_value(struct ng_reader *reader, unsigned depth)
{
	struct ng_value *value = NULL;
	bool ok;

	skip_space(reader);
	if (ng_reader_begins(reader, depth))
		value = ng_reader_new(reader, *reader->p == '{'	  ? NG_DICT
					      : *reader->p == '[' ? NG_LIST
								  : NG_STRING);
	if (value == NULL)
		return NULL;
	if (value->type != NG_STRING)
		ok = read_items(reader, value, depth);
	else if (*reader->p == '"')
		ok = read_string(reader, &value->text, &value->len);
	else
		ok = read_word(reader, value);
	return ok ? value : NULL;
}

const struct ng_value *ng_read_json(struct ng_tree *tree, const char *text, size_t len,
				    const char **why_out)
{
	struct ng_reader reader = {.tree = tree, .p = text, .end = text + len};

	return ng_reader_all(&reader, read_value, skip_space, why_out);
}

static void write_escaped(struct ng_out *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *at = strchr(named, c);
	const char unicode[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
	const char *one = at != NULL ? &names[at - named] : NULL;

	if (one == NULL) {
		ng_out_add(out, unicode, sizeof(unicode));
		return;
	}
	ng_out_add(out, "\\", 1);
	ng_out_add(out, one, 1);
}

/* Bytes that are no UTF-8, and NUL (bencode takes any), become U+FFFD: readers refuse them. */
static void write_string(struct ng_out *out, const char *text, size_t len)
{
	size_t at = 0, plain = 0;

	ng_out_add(out, "\"", 1);
	while (at < len) {
		unsigned char c = (unsigned char)text[at];
		size_t n = utf8_size(text + at, len - at);

		if (n > 0 && c >= ' ' && c != '"' && c != '\\' && c != 0x7f) {
			at += n;
			continue;
		}
		ng_out_add(out, text + plain, at - plain);
		if (n > 0 && c != 0)
			write_escaped(out, c);
		else
			ng_out_add(out, "\xef\xbf\xbd", 3);
		plain = ++at;
	}
	ng_out_add(out, text + plain, at - plain);
	ng_out_add(out, "\"", 1);
}

static void write_items(struct ng_out *out, const struct ng_value *value, unsigned depth)
{
	bool dict = value->type == NG_DICT;

	if (depth >= NG_DEPTH_MAX) {
		out->failed = true;
		return;
	}
	ng_out_add(out, dict ? "{" : "[", 1);
	for (size_t i = 0; i < value->n; i++) {
		if (i > 0)
			ng_out_add(out, ",", 1);
		if (dict) {
			write_string(out, value->items[i]->key, value->items[i]->key_len);
			ng_out_add(out, ":", 1);
		}
		ng_write_json(out, value->items[i], depth + 1);
	}
	ng_out_add(out, dict ? "}" : "]", 1);
}

void ng_write_json(struct ng_out *out, const struct ng_value *value, unsigned depth)
{
	if (value->type == NG_STRING)
		write_string(out, value->text, value->len);
	else if (value->type == NG_INT)
		ng_out_int(out, "", value->number, "");
	else
		write_items(out, value, depth);
}
