/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of an ng message: an arena, what is found in it, and what is put into it. */
#include "media/ng/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/ng/value_private.h"
#include "svc/runtime/wipe.h"

#define CHUNK_MIN 4096

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

struct ng_tree {
	struct chunk *chunks; /* the one that is being filled first */
	bool failed;
};

struct ng_tree *ng_tree_new(void)
{
	return calloc(1, sizeof(struct ng_tree));
}

void ng_tree_free(struct ng_tree *tree)
{
	struct chunk *next;

	for (struct chunk *chunk = tree != NULL ? tree->chunks : NULL; chunk != NULL;
	     chunk = next) {
		next = chunk->next;
		wipe_free(chunk);
	}
	free(tree);
}

bool ng_tree_failed(const struct ng_tree *tree)
{
	return tree->failed;
}

static struct chunk *chunk_add(struct ng_tree *tree, size_t size)
{
	size_t room = size > CHUNK_MIN ? size : CHUNK_MIN;
	struct chunk *chunk = malloc(sizeof(*chunk) + room);

	if (chunk == NULL)
		return NULL;
	*chunk = (struct chunk){.next = tree->chunks, .size = room};
	tree->chunks = chunk;
	return chunk;
}

void *ng_alloc(struct ng_tree *tree, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct chunk *chunk = tree->chunks;
	void *memory;

	size = (size + align - 1) / align * align;
	if (chunk == NULL || chunk->size - chunk->used < size)
		chunk = chunk_add(tree, size);
	if (chunk == NULL) {
		tree->failed = true;
		return NULL;
	}
	memory = chunk->bytes + chunk->used;
	chunk->used += size;
	return memset(memory, 0, size);
}

struct ng_value *ng_new(struct ng_tree *tree, enum ng_type type)
{
	struct ng_value *value = ng_alloc(tree, sizeof(*value));

	if (value == NULL)
		return NULL;
	value->type = type;
	value->text = "";
	value->tree = tree;
	return value;
}

bool ng_append(struct ng_value *parent, struct ng_value *child)
{
	if (parent->n == parent->room) {
		size_t room = parent->room > 0 ? 2 * parent->room : 4;
		struct ng_value **items = ng_alloc(parent->tree, room * sizeof(struct ng_value *));

		if (items == NULL)
			return false;
		if (parent->n > 0)
			memcpy(items, parent->items, parent->n * sizeof(struct ng_value *));
		parent->items = items;
		parent->room = room;
	}
	parent->items[parent->n++] = child;
	return true;
}

struct ng_value *ng_reader_new(struct ng_reader *reader, enum ng_type type)
{
	struct ng_value *value = NULL;

	if (reader->n_values++ >= NG_VALUES_MAX)
		reader->why = "too many values";
	else if ((value = ng_new(reader->tree, type)) == NULL)
		reader->why = "no memory";
	return value;
}

bool ng_reader_fail(struct ng_reader *reader, const char *why)
{
	if (reader->why == NULL)
		reader->why = why;
	return false;
}

bool ng_reader_begins(struct ng_reader *reader, unsigned depth)
{
	if (depth >= NG_DEPTH_MAX)
		return ng_reader_fail(reader, "nested too deep");
	return reader->p < reader->end || ng_reader_fail(reader, "a value is missing");
}

const struct ng_value *ng_reader_all(struct ng_reader *reader,
				     struct ng_value *(*read_value)(struct ng_reader *, unsigned),
				     void (*skip)(struct ng_reader *), const char **why_out)
{
	const struct ng_value *value = NULL;

	if (reader->end - reader->p > NG_MESSAGE_MAX)
		ng_reader_fail(reader, "too long");
	else
		value = read_value(reader, 0);
	skip(reader);
	if (value != NULL && reader->p < reader->end)
		ng_reader_fail(reader, "something follows the value");
	*why_out = reader->why;
	return reader->why == NULL ? value : NULL;
}

enum ng_type ng_type(const struct ng_value *value)
{
	return value != NULL ? value->type : NG_STRING;
}

static char plain(char c)
{
	return c == ' ' || c == '_' ? '-' : c;
}

static bool is_key(const struct ng_value *item, const char *key, size_t len)
{
	if (item->key_len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (plain(item->key[i]) != plain(key[i]))
			return false;
	return true;
}

static const struct ng_value *find(const struct ng_value *dict, size_t from, const char *key,
				   size_t len)
{
	for (size_t i = from; i < dict->n; i++)
		if (is_key(dict->items[i], key, len))
			return dict->items[i];
	return NULL;
}

const struct ng_value *ng_get(const struct ng_value *dict, const char *key)
{
	if (dict == NULL || dict->type != NG_DICT)
		return NULL;
	return find(dict, 0, key, strlen(key));
}

const struct ng_value *ng_next_named(const struct ng_value *dict, const struct ng_value *after)
{
	if (dict == NULL || after == NULL || dict->type != NG_DICT)
		return NULL;
	for (size_t i = 0; i < dict->n; i++)
		if (dict->items[i] == after)
			return find(dict, i + 1, after->key, after->key_len);
	return NULL;
}

size_t ng_count(const struct ng_value *value)
{
	return value != NULL ? value->n : 0;
}

const struct ng_value *ng_at(const struct ng_value *value, size_t i)
{
	return value != NULL && i < value->n ? value->items[i] : NULL;
}

const char *ng_key_at(const struct ng_value *dict, size_t i, size_t *len_out)
{
	const struct ng_value *item = ng_at(dict, i);

	*len_out = item != NULL ? item->key_len : 0;
	return item != NULL && item->key != NULL ? item->key : "";
}

const char *ng_string(const struct ng_value *value, size_t *len_out)
{
	bool is = value != NULL && value->type == NG_STRING;

	*len_out = is ? value->len : 0;
	return is ? value->text : "";
}

static bool read_int(const char *text, size_t len, int64_t *out)
{
	bool negative = len > 0 && text[0] == '-';
	int64_t number = 0;
	size_t i = negative;

	if (i == len)
		return false;
	for (; i < len; i++) {
		int digit = text[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, negative ? -digit : digit, &number))
			return false;
	}
	*out = number;
	return true;
}

bool ng_int(const struct ng_value *value, int64_t *out)
{
	if (value == NULL || value->type == NG_LIST || value->type == NG_DICT)
		return false;
	if (value->type == NG_STRING)
		return read_int(value->text, value->len, out);
	*out = value->number;
	return true;
}

struct ng_value *ng_dict(struct ng_tree *tree)
{
	return ng_new(tree, NG_DICT);
}

struct ng_value *ng_list(struct ng_tree *tree)
{
	return ng_new(tree, NG_LIST);
}

static const char *copy(struct ng_tree *tree, const char *text, size_t len)
{
	char *copied = ng_alloc(tree, len + 1);

	return copied != NULL && len > 0 ? memcpy(copied, text, len) : copied;
}

/* A new value in parent, under key where that is a dictionary; NULL: no memory. */
static struct ng_value *put(struct ng_value *parent, const char *key, enum ng_type type)
{
	struct ng_value *value = parent != NULL ? ng_new(parent->tree, type) : NULL;

	if (value == NULL)
		return NULL;
	if (key != NULL) {
		value->key_len = strlen(key);
		value->key = copy(parent->tree, key, value->key_len);
	}
	if ((key != NULL && value->key == NULL) || !ng_append(parent, value))
		return NULL;
	return value;
}

static void put_text(struct ng_value *parent, const char *key, const char *text, size_t len)
{
	struct ng_value *value = put(parent, key, NG_STRING);
	const char *copied = value != NULL ? copy(value->tree, text, len) : NULL;

	if (copied == NULL)
		return;
	value->text = copied;
	value->len = len;
}

struct ng_value *ng_put_dict(struct ng_value *dict, const char *key)
{
	return put(dict, key, NG_DICT);
}

struct ng_value *ng_put_list(struct ng_value *dict, const char *key)
{
	return put(dict, key, NG_LIST);
}

void ng_put_string(struct ng_value *dict, const char *key, const char *text)
{
	put_text(dict, key, text, strlen(text));
}

void ng_put_span(struct ng_value *dict, const char *key, const char *text, size_t len)
{
	put_text(dict, key, text, len);
}

void ng_put_int(struct ng_value *dict, const char *key, int64_t number)
{
	struct ng_value *value = put(dict, key, NG_INT);

	if (value != NULL)
		value->number = number;
}

void ng_add_string(struct ng_value *list, const char *text)
{
	put_text(list, NULL, text, strlen(text));
}

void ng_add_span(struct ng_value *list, const char *text, size_t len)
{
	put_text(list, NULL, text, len);
}

void ng_add_int(struct ng_value *list, int64_t number)
{
	struct ng_value *value = put(list, NULL, NG_INT);

	if (value != NULL)
		value->number = number;
}

struct ng_value *ng_add_dict(struct ng_value *list)
{
	return put(list, NULL, NG_DICT);
}

void ng_out_add(struct ng_out *out, const char *text, size_t len)
{
	if (!out->failed && out->room - out->len <= len) {
		size_t room = 2 * out->room + len + 256;
		char *grown = wipe_realloc(out->text, room);

		out->failed = grown == NULL;
		if (grown != NULL) {
			out->text = grown;
			out->room = room;
		}
	}
	if (out->failed || len == 0)
		return;
	memcpy(out->text + out->len, text, len);
	out->len += len;
}

void ng_out_int(struct ng_out *out, const char *prefix, int64_t number, const char *suffix)
{
	char text[48];
	int len = snprintf(text, sizeof(text), "%s%" PRId64 "%s", prefix, number, suffix);

	ng_out_add(out, text, (size_t)len);
}

char *ng_write(const struct ng_value *value, enum ng_format format, size_t *len_out)
{
	struct ng_out out = {0};

	if (value == NULL || value->tree->failed)
		return NULL;
	if (format == NG_JSON)
		ng_write_json(&out, value, 0);
	else
		ng_write_bencode(&out, value, 0);
	ng_out_add(&out, "", 1);
	if (out.failed) {
		wipe_free(out.text);
		return NULL;
	}
	*len_out = out.len - 1;
	return out.text;
}
