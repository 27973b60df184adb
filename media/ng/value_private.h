/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers and writers of ng values share; nobody else includes it. */
#ifndef NG_VALUE_PRIVATE_H
#define NG_VALUE_PRIVATE_H

#include "media/ng/value.h"

struct ng_value {
	enum ng_type type;
	int64_t number;
	const char *text;
	size_t len;
	struct ng_value **items;
	size_t n, room;
	const char *key; /* in a dictionary */
	size_t key_len;
	struct ng_tree *tree;
};

/* Memory that lives as long as the tree; NULL: none left, and the tree is marked as failed. */
void *ng_alloc(struct ng_tree *tree, size_t size);
bool ng_tree_failed(const struct ng_tree *tree);
struct ng_value *ng_new(struct ng_tree *tree, enum ng_type type);
bool ng_append(struct ng_value *parent, struct ng_value *child);

/* A message that is being read. */
struct ng_reader {
	struct ng_tree *tree;
	const char *p, *end;
	size_t n_values;
	const char *why; /* static; set where reading fails */
};
/* A value more; NULL and why when there are too many or no memory is left. */
struct ng_value *ng_reader_new(struct ng_reader *reader, enum ng_type type);
/* false. The first reason stays. */
bool ng_reader_fail(struct ng_reader *reader, const char *why);
/* Whether a value may begin here, that deep; else why. */
bool ng_reader_begins(struct ng_reader *reader, unsigned depth);
/* The whole message: read_value from its first byte, skip over what may follow, and then its end.
 */
const struct ng_value *ng_reader_all(struct ng_reader *reader,
				     struct ng_value *(*read_value)(struct ng_reader *, unsigned),
				     void (*skip)(struct ng_reader *), const char **why_out);

/* A text that grows; after a failure nothing is added. */
struct ng_out {
	char *text;
	size_t len, room;
	bool failed;
};
void ng_out_add(struct ng_out *out, const char *text, size_t len);
void ng_out_int(struct ng_out *out, const char *prefix, int64_t number, const char *suffix);

void ng_write_bencode(struct ng_out *out, const struct ng_value *value, unsigned depth);
void ng_write_json(struct ng_out *out, const struct ng_value *value, unsigned depth);

#endif
