/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an ng message holds: bencode and JSON alike become this tree. Dictionaries keep order and
 * doubled keys (Kamailio sends flags twice). Bounded: NG_DEPTH_MAX, NG_VALUES_MAX, 64 KiB.
 */
#ifndef MEDIA_NG_VALUE_H
#define MEDIA_NG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NG_MESSAGE_MAX 65536
#define NG_DEPTH_MAX   16
#define NG_VALUES_MAX  4096

enum ng_type { NG_STRING, NG_INT, NG_LIST, NG_DICT };

struct ng_value;
/* Owns all values of one message or reply. Strings that are read point into the message, those of
 * JSON that hold an escape into the tree. One thread at a time. */
struct ng_tree;

struct ng_tree *ng_tree_new(void); /* NULL: no memory */
void ng_tree_free(struct ng_tree *tree);

/* Reading. NULL and a static reason when it is no such message; the text is borrowed. */
const struct ng_value *ng_read_bencode(struct ng_tree *tree, const char *text, size_t len,
				       const char **why_out);
const struct ng_value *ng_read_json(struct ng_tree *tree, const char *text, size_t len,
				    const char **why_out);
/* Where a value ends in a stream: bytes of the first complete bencode value or JSON object of text,
 * 0: more is needed, -1: never will be. scan is zeroed for a new value and remembers what has been
 * looked at, so that a peer who sends a byte at a time costs no more than one who sends all. */
struct ng_scan {
	size_t at;
	unsigned depth;
	bool in_string, escaped; /* JSON */
};
long ng_bencode_frame(struct ng_scan *scan, const char *text, size_t len);
long ng_json_frame(struct ng_scan *scan, const char *text, size_t len);

enum ng_type ng_type(const struct ng_value *value);
/* Of a dictionary by key, "received from" also finds received-from and received_from. NULL: absent.
 * The first of doubled keys; ng_next_named() the following. Safe for value NULL and other types. */
const struct ng_value *ng_get(const struct ng_value *dict, const char *key);
const struct ng_value *ng_next_named(const struct ng_value *dict, const struct ng_value *after);
size_t ng_count(const struct ng_value *value); /* of a list or dictionary */
const struct ng_value *ng_at(const struct ng_value *value, size_t i);
const char *ng_key_at(const struct ng_value *dict, size_t i, size_t *len_out);
/* "" and 0 when it is no string. */
const char *ng_string(const struct ng_value *value, size_t *len_out);
/* An integer, also one written as a string. */
bool ng_int(const struct ng_value *value, int64_t *out);

/* Writing. Strings are copied. Without memory nothing more is added and ng_write() fails. */
struct ng_value *ng_dict(struct ng_tree *tree);
struct ng_value *ng_list(struct ng_tree *tree);
struct ng_value *ng_put_dict(struct ng_value *dict,
			     const char *key); /* a new dictionary under key */
struct ng_value *ng_put_list(struct ng_value *dict, const char *key);
void ng_put_string(struct ng_value *dict, const char *key, const char *text);
void ng_put_span(struct ng_value *dict, const char *key, const char *text, size_t len);
void ng_put_int(struct ng_value *dict, const char *key, int64_t number);
void ng_add_string(struct ng_value *list, const char *text);
void ng_add_span(struct ng_value *list, const char *text, size_t len);
void ng_add_int(struct ng_value *list, int64_t number);
struct ng_value *ng_add_dict(struct ng_value *list);

enum ng_format { NG_BENCODE, NG_JSON };
/* malloc'ed text, NUL behind it; NULL: no memory. Dictionaries of bencode are written sorted. */
char *ng_write(const struct ng_value *value, enum ng_format format, size_t *len_out);

#endif
