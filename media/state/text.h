/* SPDX-License-Identifier: Apache-2.0 */
/* A text of lines that grows, and leaves no key behind where it was. */
#ifndef MEDIA_STATE_TEXT_H
#define MEDIA_STATE_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *p;
	size_t n, size;
};

bool text_add(struct text *text, const char *p, size_t n); /* false: no memory */
/* JSON in one line, and its end. json is used up; NULL is no memory. */
bool text_add_line(struct text *text, json_t *json);
void text_free(struct text *text);

#endif
