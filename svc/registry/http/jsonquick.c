/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a plain body once, from left to right. */
#include "svc/registry/http/jsonquick.h"

#include "svc/registry/domain/e164.h"

#include <string.h>

#define STRINGS_MAX 16 /* that are borrowed */
#define FIELDS_MAX  32 /* of an object */
#define DEPTH_MAX   4
#define DIGITS_MAX  15

struct reader {
	char *at, *end;
	char *target;
	unsigned depth;
	size_t n;
	char *quotes[STRINGS_MAX]; /* where NULs stand */
};

struct piece {
	char *text;
	size_t len;
};

static void skip_space(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
					    *reader->at == '\r' || *reader->at == '\t'))
		reader->at++;
}

/* The character, with the space around it. */
static bool take(struct reader *reader, char wanted)
{
	skip_space(reader);
	if (reader->at == reader->end || *reader->at != wanted)
		return false;
	reader->at++;
	skip_space(reader);
	return true;
}

static bool take_string(struct reader *reader, struct piece *piece_out)
{
	if (reader->at == reader->end || *reader->at != '"')
		return false;
	char *text = ++reader->at;
	while (reader->at < reader->end && *reader->at >= ' ' && *reader->at <= '~' &&
	       *reader->at != '"' && *reader->at != '\\')
		reader->at++;
	if (reader->at == reader->end || *reader->at != '"')
		return false;
	*piece_out = (struct piece){text, (size_t)(reader->at - text)};
	reader->at++;
	return true;
}

static bool take_word(struct reader *reader, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(reader->end - reader->at) < len || memcmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

static bool is_text(const struct piece *piece, const char *text)
{
	return strlen(text) == piece->len && memcmp(text, piece->text, piece->len) == 0;
}

static bool fill_string(struct reader *reader, const struct spec_field *field, void *member)
{
	struct piece piece;
	size_t most = (size_t)(field->max > 0 ? field->max : SPEC_STRING_MAX);

	if (reader->n == STRINGS_MAX || !take_string(reader, &piece) || piece.len > most)
		return false;
	reader->quotes[reader->n++] = piece.text + piece.len;
	piece.text[piece.len] = '\0';
	*(const char **)member = piece.text;
	return field->check == NULL || field->check(piece.text, piece.len) == NULL;
}

static bool fill_int(struct reader *reader, const struct spec_field *field, void *member)
{
	int64_t number = 0;
	size_t n = 0;

	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; n++) {
		/* RFC 8259 §6: "Leading zeros are not allowed." */
		if (n == DIGITS_MAX || (n == 1 && number == 0))
			return false;
		number = 10 * number + (*reader->at++ - '0');
	}
	*(int64_t *)member = number;
	return n > 0 && number >= field->min && number <= field->max;
}

static bool fill_bool(struct reader *reader, const struct spec_field *field, void *member)
{
	(void)field;
	*(bool *)member = take_word(reader, "true");
	return *(bool *)member || take_word(reader, "false");
}

static bool fill_choice(struct reader *reader, const struct spec_field *field, void *member)
{
	struct piece piece;
	int i = 0;

	if (!take_string(reader, &piece))
		return false;
	while (field->choices[i] != NULL && !is_text(&piece, field->choices[i]))
		i++;
	*(int *)member = i;
	return field->choices[i] != NULL;
}

static bool fill_number(struct reader *reader, const struct spec_field *field, void *member)
{
	struct piece piece;

	(void)field;
	return take_string(reader, &piece) && tn_read(piece.text, piece.len, member);
}

static bool fill_object(struct reader *reader, const struct spec *spec);

static bool fill_nested(struct reader *reader, const struct spec_field *field, void *member)
{
	(void)member;
	return fill_object(reader, field->object);
}

typedef bool fill(struct reader *reader, const struct spec_field *field, void *member);

/* Other types are not for requests that must be quick. */
static fill *const fills[] = {
	[SPEC_STRING] = fill_string, [SPEC_INT] = fill_int,	  [SPEC_BOOL] = fill_bool,
	[SPEC_CHOICE] = fill_choice, [SPEC_NUMBER] = fill_number, [SPEC_OBJECT] = fill_nested,
	[SPEC_LIST] = NULL,	     [SPEC_TEXTS] = NULL,
};

/* "name": value. A name that comes twice is not plain. */
static bool fill_field(struct reader *reader, const struct spec *spec, uint32_t *seen)
{
	struct piece name;
	size_t i = 0;

	if (!take_string(reader, &name) || !take(reader, ':'))
		return false;
	while (i < spec->n && !is_text(&name, spec->fields[i].name))
		i++;
	if (i == spec->n || (*seen >> i & 1) != 0 || fills[spec->fields[i].type] == NULL)
		return false;
	*seen |= UINT32_C(1) << i;
	const struct spec_field *field = &spec->fields[i];
	return fills[field->type](reader, field, reader->target + field->offset);
}

/* Recursion goes as deep as the tables nest. */
static bool fill_object(struct reader *reader, const struct spec *spec)
{
	uint32_t seen = 0;
	bool more = true;

	if (spec->n > FIELDS_MAX || reader->depth++ == DEPTH_MAX || !take(reader, '{'))
		return false;
	while (more) {
		if (!fill_field(reader, spec, &seen))
			return false;
		more = take(reader, ',');
	}
	for (size_t i = 0; i < spec->n; i++) {
		if (spec->fields[i].required && (seen >> i & 1) == 0)
			return false;
	}
	reader->depth--;
	return take(reader, '}');
}

bool jsonquick_fill(const struct spec *spec, char *text, size_t len, void *target)
{
	struct reader reader = {.at = text, .end = text + len, .target = target};

	if (len > 0 && fill_object(&reader, spec) && reader.at == reader.end)
		return true;
	for (size_t i = 0; i < reader.n; i++)
		*reader.quotes[i] = '"';
	return false;
}
