/* SPDX-License-Identifier: Apache-2.0 */
/* The words, by the kind of the field and the code of the error. */
#include "svc/registry/http/fieldtext.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What comes behind the words of the code. "" when there is nothing better to say. */
typedef void writer(const struct spec_field *field, char *out, size_t size);

static void write_type(const struct spec_field *field, char *out, size_t size)
{
	static const char *const names[] = {
		[SPEC_STRING] = "a text",	  [SPEC_INT] = "an integer",
		[SPEC_BOOL] = "true or false",	  [SPEC_CHOICE] = "a text",
		[SPEC_SET] = "a list of texts",	  [SPEC_NUMBER] = "a telephone number as a text",
		[SPEC_OBJECT] = "an object",	  [SPEC_LIST] = "a list of objects",
		[SPEC_TEXTS] = "a list of texts",
	};

	snprintf(out, size, "%s is expected", names[field->type]);
}

static void write_range(const struct spec_field *field, char *out, size_t size)
{
	if (field->type == SPEC_INT)
		snprintf(out, size, "%" PRId64 " to %" PRId64, field->min, field->max);
}

static void write_choices(const struct spec_field *field, char *out, size_t size)
{
	const char *end = field->type == SPEC_SET ? "; each once" : "";
	size_t at, room = size - strlen(end);

	if (field->choices == NULL)
		return;
	at = (size_t)snprintf(out, size, "one of");
	for (size_t i = 0; field->choices[i] != NULL; i++) {
		int n = snprintf(out + at, room - at, "%s %s", i > 0 ? "," : "", field->choices[i]);
		if (n < 0 || (size_t)n >= room - at)
			break;
		at += (size_t)n;
	}
	snprintf(out + at, size - at, "%s", end);
}

/* A check of the field's own has a limit that only it knows. */
static void write_length(const struct spec_field *field, char *out, size_t size)
{
	if (field->type == SPEC_LIST)
		snprintf(out, size, "at most %" PRId64 " items", field->max);
	else if (field->type == SPEC_STRING && field->check == NULL)
		snprintf(out, size, "at most %" PRId64 " bytes",
			 field->max > 0 ? field->max : SPEC_STRING_MAX);
}

static void write_empty(const struct spec_field *field, char *out, size_t size)
{
	if (field->type == SPEC_SET || field->type == SPEC_LIST)
		snprintf(out, size, "at least one item is needed");
}

static const struct {
	const char *code;
	writer *write;
} writers[] = {
	{"wrong_type", write_type}, {"out_of_range", write_range}, {"not_allowed", write_choices},
	{"too_long", write_length}, {"empty", write_empty},
};

void fieldtext_write(const struct spec_error *error, const char *text, char out[FIELDTEXT_MAX])
{
	char more[FIELDTEXT_MAX / 2 + FIELDTEXT_MAX / 4] = "";

	for (size_t i = 0; error->field != NULL && i < sizeof writers / sizeof writers[0]; i++) {
		if (strcmp(writers[i].code, error->code) == 0)
			writers[i].write(error->field, more, sizeof more);
	}
	bool hinted = error->field == NULL || strcmp(error->code, "not_allowed") == 0;
	if (more[0] == 0 && hinted && error->hint != NULL)
		snprintf(more, sizeof more, "%s", error->hint);
	snprintf(out, FIELDTEXT_MAX, "%s%s%s", text, more[0] != 0 ? ": " : "", more);
}
