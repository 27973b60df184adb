/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bencode as ng uses it: dictionaries in any order and with doubled keys. Numbers are written one
 * way only (no leading zero, no "-0"), as rtpengine demands.
 */
#include "media/ng/value.h"

#include <stdlib.h>
#include <string.h>

#include "media/ng/value_private.h"

#define INT_DIGITS_MAX	  19
#define LENGTH_DIGITS_MAX 5 /* of NG_MESSAGE_MAX */

/* Digits of a number that ends with end: bytes with the end, 0: more is needed, -1: none. */
static long digits(const char *p, size_t n, size_t max, char end)
{
	size_t i = 0;

	while (i < n && i <= max && p[i] >= '0' && p[i] <= '9')
		i++;
	if (i > max || (i > 1 && p[0] == '0'))
		return -1;
	if (i == n)
		return 0;
	return i > 0 && p[i] == end ? (long)i + 1 : -1;
}

/* An integer, "i" to "e". */
static long integer_size(const char *p, size_t n)
{
	size_t sign = n > 1 && p[1] == '-' ? 1 : 0;
	long len = n > 1 ? digits(p + 1 + sign, n - 1 - sign, INT_DIGITS_MAX, 'e') : 0;

	if (sign == 1 && n > 2 && p[2] == '0')
		return -1;
	return len > 0 ? len + 1 + (long)sign : len;
}

/* A string's length, its ":", and its bytes; the length alone goes to *len_out. */
static long string_size(const char *p, size_t n, size_t *len_out)
{
	long head = digits(p, n, LENGTH_DIGITS_MAX, ':');
	size_t len = 0;

	if (head <= 0)
		return head;
	for (long i = 0; i < head - 1; i++)
		len = 10 * len + (size_t)(p[i] - '0');
	if (len > NG_MESSAGE_MAX)
		return -1;
	*len_out = len;
	return len > n - (size_t)head ? 0 : head + (long)len;
}

/* The bytes of what begins at p, one step: all of a string or integer, one of "d", "l", "e". */
static long step(struct ng_scan *scan, const char *p, size_t n)
{
	size_t len;

	if (*p == 'd' || *p == 'l')
		return ++scan->depth > NG_DEPTH_MAX ? -1 : 1;
	if (*p == 'e')
		return scan->depth-- == 0 ? -1 : 1;
	return *p == 'i' ? integer_size(p, n) : string_size(p, n, &len);
}

long ng_bencode_frame(struct ng_scan *scan, const char *text, size_t len)
{
	while (scan->at < len) {
		long size = step(scan, text + scan->at, len - scan->at);

		if (size <= 0)
			return size;
		scan->at += (size_t)size;
		if (scan->depth == 0)
			return (long)scan->at;
	}
	return 0;
}

static bool read_string(struct ng_reader *reader, const char **text_out, size_t *len_out)
{
	size_t len = 0;
	long size = string_size(reader->p, (size_t)(reader->end - reader->p), &len);

	if (size <= 0)
		return ng_reader_fail(reader,
				      size < 0 ? "a string has no length" : "a string is cut off");
	reader->p += size;
	*text_out = reader->p - len;
	*len_out = len;
	return true;
}

static bool read_integer(struct ng_reader *reader, struct ng_value *value)
{
	long size = integer_size(reader->p, (size_t)(reader->end - reader->p));
	struct ng_value digits_ = {.type = NG_STRING, .text = reader->p + 1};

	if (size <= 0)
		return ng_reader_fail(reader, "an integer is broken");
	digits_.len = (size_t)size - 2;
	reader->p += size;
	return ng_int(&digits_, &value->number) ||
	       ng_reader_fail(reader, "an integer is too large");
}

static struct ng_value *read_value(struct ng_reader *reader, unsigned depth);

static bool read_items(struct ng_reader *reader, struct ng_value *parent, unsigned depth)
{
	reader->p++;
	while (reader->p < reader->end && *reader->p != 'e') {
		const char *key = NULL;
		size_t key_len = 0;
		struct ng_value *child;

		if (parent->type == NG_DICT && !read_string(reader, &key, &key_len))
			return false;
		child = read_value(reader, depth + 1);
		if (child == NULL)
			return false;
		child->key = key;
		child->key_len = key_len;
		if (!ng_append(parent, child))
			return ng_reader_fail(reader, "no memory");
	}
	if (reader->p == reader->end)
		return ng_reader_fail(reader, "a list or dictionary has no end");
	reader->p++;
	return true;
}

static enum ng_type type_of(char c)
{
	return c == 'd' ? NG_DICT : c == 'l' ? NG_LIST : c == 'i' ? NG_INT : NG_STRING;
}

static struct ng_value *read_value(struct ng_reader *reader, unsigned depth)
{
	struct ng_value *value = NULL;
	bool ok = false;

	if (ng_reader_begins(reader, depth))
		value = ng_reader_new(reader, type_of(*reader->p));
	if (value == NULL)
		return NULL;
	switch (value->type) {
	case NG_STRING:
		ok = read_string(reader, &value->text, &value->len);
		break;
	case NG_INT:
		ok = read_integer(reader, value);
		break;
	case NG_LIST:
	case NG_DICT:
		ok = read_items(reader, value, depth);
		break;
	}
	return ok ? value : NULL;
}

/* What a person sends by hand may end with a line. */
static void skip_line_end(struct ng_reader *reader)
{
	while (reader->p < reader->end &&
	       (*reader->p == '\r' || *reader->p == '\n' || *reader->p == ' '))
		reader->p++;
}

const struct ng_value *ng_read_bencode(struct ng_tree *tree, const char *text, size_t len,
				       const char **why_out)
{
	struct ng_reader reader = {.tree = tree, .p = text, .end = text + len};

	return ng_reader_all(&reader, read_value, skip_line_end, why_out);
}

static int by_key(const void *a, const void *b)
{
	const struct ng_value *one = *(const struct ng_value *const *)a;
	const struct ng_value *two = *(const struct ng_value *const *)b;
	size_t n = one->key_len < two->key_len ? one->key_len : two->key_len;
	int order = memcmp(one->key, two->key, n);

	return order != 0 ? order : (one->key_len > two->key_len) - (one->key_len < two->key_len);
}

static void write_string(struct ng_out *out, const char *text, size_t len)
{
	ng_out_int(out, "", (int64_t)len, ":");
	ng_out_add(out, text, len);
}

static void write_items(struct ng_out *out, const struct ng_value *value, unsigned depth)
{
	struct ng_value **items = calloc(value->n + 1, sizeof(struct ng_value *));

	if (items == NULL || depth >= NG_DEPTH_MAX) {
		free(items);
		out->failed = true;
		return;
	}
	if (value->n > 0)
		memcpy(items, value->items, value->n * sizeof(struct ng_value *));
	if (value->type == NG_DICT)
		qsort(items, value->n, sizeof(struct ng_value *), by_key);
	ng_out_add(out, value->type == NG_DICT ? "d" : "l", 1);
	for (size_t i = 0; i < value->n; i++) {
		if (value->type == NG_DICT)
			write_string(out, items[i]->key, items[i]->key_len);
		ng_write_bencode(out, items[i], depth + 1);
	}
	ng_out_add(out, "e", 1);
	free(items);
}

void ng_write_bencode(struct ng_out *out, const struct ng_value *value, unsigned depth)
{
	if (value->type == NG_STRING)
		write_string(out, value->text, value->len);
	else if (value->type == NG_INT)
		ng_out_int(out, "i", value->number, "e");
	else
		write_items(out, value, depth);
}
