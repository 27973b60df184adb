/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of both spellings of an ng message ask: is it read, and what does a string hold.
 */
#ifndef TEST_NG_VALUE_KIT_H
#define TEST_NG_VALUE_KIT_H

#include "media/ng/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef const struct ng_value *value_reader(struct ng_tree *tree, const char *text, size_t len,
					    const char **why_out);

/* Whether it is such a message; a reason is given when, and only when, it is none. */
static inline bool value_is_read(value_reader *read, const char *text, size_t len)
{
	struct ng_tree *tree = ng_tree_new();
	const char *why = NULL;
	/* Exactly as long as it is: a byte read beyond it is the sanitizer's to find. */
	char *copy = malloc(len > 0 ? len : 1);
	bool ok;

	assert_non_null(copy);
	memcpy(copy, text, len);
	ok = read(tree, copy, len, &why) != NULL;
	assert_true(ok == (why == NULL));
	free(copy);
	ng_tree_free(tree);
	return ok;
}

static inline void assert_text(const struct ng_value *value, const char *expected)
{
	size_t len;
	const char *text = ng_string(value, &len);

	assert_int_equal(len, strlen(expected));
	assert_memory_equal(text, expected, len);
}

#endif
