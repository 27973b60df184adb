/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON (RFC 8259) of strangers into jansson's values, within bounds. */
#include "json.h"

#include <callerid/identity.h>

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "utf8.h"

/*
 * Why not json_loadb(): jansson 2.14 reads each token into a buffer that it lets grow, and goes on
 * without the byte for which there was no memory. A letter is missing from a text, a digit from a
 * number, or the quote that ends its own loop. A verdict about such a value would be about what
 * nobody sent, and no look at the value afterwards undoes a read behind a buffer. Here a text is
 * taken from where it stands, and each allocation that is left is one whose failure is told.
 */

#define NUMBER_MAX 127 /* characters of a number with a fraction or an exponent */

struct reader {
	const char *text, *p, *end;
	unsigned depth;
	/* Texts with escapes are written here: as large as the text, so that it holds all of them,
	 * one behind the other; made when the first one is met. */
	char *decoded;
	size_t n_decoded;
	struct callerid_error *err;
};

static json_t *read_value(struct reader *r);

/* false, with the flaw and where it is. */
static bool flaw(struct reader *r, const char *what)
{
	cid_fail(r->err, CALLERID_ESYNTAX, "json", "%s at byte %zu", what,
		 (size_t)(r->p - r->text) + 1);
	return false;
}

static bool no_memory(struct reader *r)
{
	cid_fail(r->err, CALLERID_ENOMEM, "json", "no memory");
	return false;
}

/* What jansson made, or why there is none. */
static json_t *made(struct reader *r, json_t *value)
{
	if (value == NULL)
		(void)no_memory(r);
	return value;
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

/* The next character is c, and behind us now. */
static bool take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits behind \u. */
static bool read_unit(struct reader *r, uint32_t *unit_out)
{
	uint32_t unit = 0;

	if (r->end - r->p < 4)
		return flaw(r, "a \\u without four digits");
	for (int i = 0; i < 4; i++) {
		int digit = hex_value(r->p[i]);

		if (digit < 0)
			return flaw(r, "a \\u without four digits");
		unit = unit << 4 | (uint32_t)digit;
	}
	r->p += 4;
	*unit_out = unit;
	return true;
}

/* RFC 8259 §7: what is beyond U+FFFF stands as a pair of surrogates. Half a pair is no character,
 * and U+0000 would end a C string early. */
static bool read_code_point(struct reader *r, uint32_t *c_out)
{
	uint32_t c, low;

	if (!read_unit(r, &c))
		return false;
	if (c == 0)
		return flaw(r, "\\u0000");
	if (c >= 0xdc00 && c <= 0xdfff)
		return flaw(r, "half a surrogate pair");
	if (c >= 0xd800 && c <= 0xdbff) {
		if (!take(r, '\\') || !take(r, 'u'))
			return flaw(r, "half a surrogate pair");
		if (!read_unit(r, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return flaw(r, "half a surrogate pair");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	*c_out = c;
	return true;
}

static void put(struct reader *r, const char *bytes, size_t n)
{
	memcpy(r->decoded + r->n_decoded, bytes, n);
	r->n_decoded += n;
}

/* As UTF-8 (RFC 3629 §3): never longer than its escape. */
static void put_code_point(struct reader *r, uint32_t c)
{
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	char bytes[4];

	for (size_t i = n; --i > 0; c >>= 6)
		bytes[i] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)(first[n] | c);
	put(r, bytes, n);
}

/* Behind a backslash. */
static bool read_escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = r->p == r->end ? NULL : memchr(from, *r->p, sizeof(from) - 1);
	uint32_t c = 0;

	if (at != NULL) {
		r->p++;
		put(r, &to[at - from], 1);
		return true;
	}
	if (!take(r, 'u'))
		return flaw(r, "an unknown escape");
	if (!read_code_point(r, &c))
		return false;
	put_code_point(r, c);
	return true;
}

/* Up to what ends a text or has to be decoded: a quote or a backslash. */
static bool skip_plain(struct reader *r)
{
	while (r->p < r->end && *r->p != '"' && *r->p != '\\') {
		unsigned char c = (unsigned char)*r->p;
		size_t step = 1;

		if (c < ' ')
			return flaw(r, "a control character in a text");
		if (c >= 0x80)
			step = cid_utf8_length((const uint8_t *)r->p, (size_t)(r->end - r->p));
		if (step == 0)
			return flaw(r, "no UTF-8");
		r->p += step;
	}
	return r->p < r->end || flaw(r, "a text without an end");
}

/* The rest of a text, once a backslash was met in it. */
static bool decode_text(struct reader *r, const char *from, struct callerid_span *out)
{
	size_t start = r->n_decoded;

	if (r->decoded == NULL)
		r->decoded = malloc((size_t)(r->end - r->text));
	if (r->decoded == NULL)
		return no_memory(r);
	put(r, from, (size_t)(r->p - from));
	while (take(r, '\\')) {
		if (!read_escape(r))
			return false;
		from = r->p;
		if (!skip_plain(r))
			return false;
		put(r, from, (size_t)(r->p - from));
	}
	r->p++; /* the quote */
	*out = (struct callerid_span){r->decoded + start, r->n_decoded - start};
	return true;
}

/* Behind its first quote. The bytes are the text's own, or r's. */
static bool read_text(struct reader *r, struct callerid_span *out)
{
	const char *from = r->p;

	if (!skip_plain(r))
		return false;
	if (*r->p == '\\')
		return decode_text(r, from, out);
	*out = (struct callerid_span){from, (size_t)(r->p - from)};
	r->p++;
	return true;
}

static json_t *read_string(struct reader *r)
{
	size_t before = r->n_decoded;
	struct callerid_span text;

	if (!read_text(r, &text))
		return NULL;
	r->n_decoded = before; /* copied before anything else is decoded */
	return made(r, json_stringn_nocheck(text.p, text.n));
}

static bool skip_digits(struct reader *r)
{
	const char *from = r->p;

	while (r->p < r->end && is_digit(*r->p))
		r->p++;
	return r->p > from;
}

/* RFC 8259 §6. */
static bool skip_number(struct reader *r, bool *is_real_out)
{
	bool is_real = false;

	(void)take(r, '-');
	if (!take(r, '0') && !skip_digits(r))
		return flaw(r, "no value");
	if (take(r, '.')) {
		is_real = true;
		if (!skip_digits(r))
			return flaw(r, "a point without digits");
	}
	if (take(r, 'e') || take(r, 'E')) {
		is_real = true;
		if (!take(r, '+'))
			(void)take(r, '-');
		if (!skip_digits(r))
			return flaw(r, "an exponent without digits");
	}
	*is_real_out = is_real;
	return true;
}

static json_t *make_integer(struct reader *r, const char *p, size_t n)
{
	bool negative = p[0] == '-', over = false;
	json_int_t value = 0;

	for (size_t i = negative; i < n; i++) {
		int digit = negative ? '0' - p[i] : p[i] - '0';

		over |= __builtin_mul_overflow(value, 10, &value);
		over |= __builtin_add_overflow(value, digit, &value);
	}
	if (over) {
		(void)flaw(r, "too large an integer");
		return NULL;
	}
	return made(r, json_integer(value));
}

static json_t *make_real(struct reader *r, const char *p, size_t n)
{
	char text[NUMBER_MAX + 1];
	locale_t plain;
	double value;

	if (n > NUMBER_MAX) {
		cid_fail(r->err, CALLERID_ELIMIT, "json", "a number over %d characters",
			 NUMBER_MAX);
		return NULL;
	}
	memcpy(text, p, n);
	text[n] = '\0';
	/* The program's locale may want a comma there. */
	plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (plain == (locale_t)0) {
		(void)no_memory(r);
		return NULL;
	}
	value = strtod_l(text, NULL, plain);
	freelocale(plain);
	if (!isfinite(value)) {
		(void)flaw(r, "too large a number");
		return NULL;
	}
	return made(r, json_real(value));
}

static json_t *read_number(struct reader *r)
{
	const char *from = r->p;
	bool is_real = false;

	if (!skip_number(r, &is_real))
		return NULL;
	return is_real ? make_real(r, from, (size_t)(r->p - from))
		       : make_integer(r, from, (size_t)(r->p - from));
}

static json_t *read_name(struct reader *r)
{
	static const char *const names[] = {"null", "true", "false"};
	size_t left = (size_t)(r->end - r->p);

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (left < n || memcmp(r->p, names[i], n) != 0)
			continue;
		r->p += n;
		return i == 0 ? json_null() : json_boolean(i == 1); /* these are static */
	}
	(void)flaw(r, "no value");
	return NULL;
}

/* Behind a value inside an array or object: *more_out says whether another one follows. */
static bool read_end(struct reader *r, char close, bool *more_out)
{
	skip_space(r);
	*more_out = take(r, ',');
	return *more_out || take(r, close) || flaw(r, "neither a comma nor the end");
}

static bool read_element(struct reader *r, json_t *array)
{
	json_t *value = read_value(r);

	if (value == NULL)
		return false;
	return json_array_append_new(array, value) == 0 || no_memory(r);
}

static bool read_member(struct reader *r, json_t *object)
{
	size_t before = r->n_decoded;
	struct callerid_span name;
	json_t *value;

	skip_space(r);
	if (!take(r, '"'))
		return flaw(r, "no name in quotes");
	if (!read_text(r, &name))
		return false;
	/* RFC 8225 §9: no duplicate member names. */
	if (json_object_getn(object, name.p, name.n) != NULL)
		return flaw(r, "a name for the second time");
	skip_space(r);
	if (!take(r, ':'))
		return flaw(r, "no colon");
	value = read_value(r);
	if (value == NULL)
		return false;
	r->n_decoded = before;
	return json_object_setn_new_nocheck(object, name.p, name.n, value) == 0 || no_memory(r);
}

typedef bool read_part(struct reader *r, json_t *parent);

/* Between the brackets of one that is empty yet. */
static bool read_parts(struct reader *r, json_t *parent, char close, read_part *read)
{
	bool more = true;

	skip_space(r);
	if (take(r, close))
		return true;
	while (more) {
		if (!read(r, parent) || !read_end(r, close, &more))
			return false;
	}
	return true;
}

static json_t *read_nested(struct reader *r, bool is_object)
{
	json_t *parent;
	bool read;

	if (r->depth == CID_JSON_DEPTH_MAX) {
		cid_fail(r->err, CALLERID_ELIMIT, "json", "over %d levels deep",
			 CID_JSON_DEPTH_MAX);
		return NULL;
	}
	parent = made(r, is_object ? json_object() : json_array());
	if (parent == NULL)
		return NULL;
	r->depth++;
	read = is_object ? read_parts(r, parent, '}', read_member)
			 : read_parts(r, parent, ']', read_element);
	r->depth--;
	if (read)
		return parent;
	json_decref(parent);
	return NULL;
}

static json_t *read_value(struct reader *r)
{
	skip_space(r);
	if (take(r, '"'))
		return read_string(r);
	if (take(r, '{'))
		return read_nested(r, true);
	if (take(r, '['))
		return read_nested(r, false);
	if (r->p < r->end && (*r->p == '-' || is_digit(*r->p)))
		return read_number(r);
	return read_name(r);
}

json_t *cid_json_load_value(const char *text, size_t len, size_t max, struct callerid_error *err)
{
	struct reader r = {.text = text, .p = text, .err = err};
	json_t *root;

	if (len > max) {
		cid_fail(err, CALLERID_ELIMIT, "json", "over %zu bytes", max);
		return NULL;
	}
	if (len == 0) {
		cid_fail(err, CALLERID_ESYNTAX, "json", "empty");
		return NULL;
	}
	r.end = text + len;
	root = read_value(&r);
	skip_space(&r);
	if (root != NULL && r.p < r.end) {
		json_decref(root);
		root = NULL;
		(void)flaw(&r, "something behind the value");
	}
	free(r.decoded);
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
