/* SPDX-License-Identifier: Apache-2.0 */
/* Growing without realloc(), which would leave the old bytes where they were. */
#include "media/state/text.h"

#include <stdlib.h>
#include <string.h>

#include "svc/runtime/wipe.h"

#define FIRST_SIZE 65536

bool text_add(struct text *text, const char *p, size_t n)
{
	if (n == 0)
		return true;
	if (n > text->size - text->n) {
		size_t size = text->size > 0 ? 2 * text->size : FIRST_SIZE;
		char *grown;

		while (size - text->n < n)
			size *= 2;
		grown = malloc(size);
		if (!grown)
			return false;
		if (text->n > 0)
			memcpy(grown, text->p, text->n);
		text_free(&(struct text){text->p, text->n, text->size});
		text->p = grown;
		text->size = size;
	}
	memcpy(text->p + text->n, p, n);
	text->n += n;
	return true;
}

bool text_add_line(struct text *text, json_t *json)
{
	char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;
	size_t n = line ? strlen(line) : 0;
	bool ok = line && text_add(text, line, n) && text_add(text, "\n", 1);

	wipe_free(line);
	json_decref(json);
	return ok;
}

void text_free(struct text *text)
{
	wipe_free(text->p);
	*text = (struct text){.p = NULL};
}
