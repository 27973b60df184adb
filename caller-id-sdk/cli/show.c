/* SPDX-License-Identifier: Apache-2.0 */
/* Prints JSON members as lines, so that nothing in them steers the terminal. */
#include "show.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_ 80

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What steers a terminal, turns text round or hides it. jansson escapes the C0 controls. */
static const struct {
	uint32_t first, last;
} harmful[] = {
	{0x7f, 0x9f},	  {0x61c, 0x61c},   {0x200b, 0x200f},	   {0x2028, 0x202e},
	{0x2060, 0x206f}, {0xfeff, 0xfeff}, {0x10000, UINT32_MAX}, /* tags are among these */
};

/* The character at *text, which moves on; jansson has checked that it is UTF-8. */
static uint32_t next_character(const char **text)
{
	const unsigned char *c = (const unsigned char *)*text;
	unsigned more = c[0] < 0x80 ? 0 : c[0] < 0xe0 ? 1 : c[0] < 0xf0 ? 2 : 3;
	uint32_t found = more == 0 ? c[0] : c[0] & (0x3fU >> more);

	for (unsigned i = 1; i <= more; i++)
		found = found << 6 | (c[i] & 0x3f);
	*text += more + 1;
	return found;
}

/* Letters of every language go out as they are. */
static bool is_harmless(const char *text)
{
	while (*text != '\0') {
		uint32_t character = next_character(&text);

		for (size_t i = 0; i < COUNT(harmful); i++)
			if (character >= harmful[i].first && character <= harmful[i].last)
				return false;
	}
	return true;
}

/* A text without its quotes, malloc'ed; escapes stay. */
static char *text_of(json_t *value)
{
	const size_t flags = JSON_ENCODE_ANY | JSON_COMPACT;
	char *text = json_dumps(value, flags);
	size_t n;

	if (text != NULL && !is_harmless(text)) {
		free(text);
		text = json_dumps(value, flags | JSON_ENSURE_ASCII);
	}
	n = text != NULL ? strlen(text) : 0;
	if (json_is_string(value) && n >= 2) {
		memmove(text, text + 1, n - 2);
		text[n - 2] = '\0';
	}
	return text;
}

void show_value(json_t *value)
{
	char *text = text_of(value);

	fputs(text != NULL ? text : "?", stdout);
	free(text);
}

/* A list of texts reads as one: "number bound to a brand; intent matched". */
static void show_line(json_t *value)
{
	size_t n = json_array_size(value);
	size_t texts = 0;

	while (texts < n && json_is_string(json_array_get(value, texts)))
		texts++;
	if (n == 0 || texts < n)
		show_value(value);
	for (size_t i = 0; i < n && texts == n; i++) {
		fputs(i > 0 ? "; " : "", stdout);
		show_value(json_array_get(value, i));
	}
	putchar('\n');
}

static void show_members(json_t *object, const char *parent)
{
	const char *name;
	json_t *value;
	char path[PATH_MAX_];

	json_object_foreach(object, name, value)
	{
		snprintf(path, sizeof(path), "%s%s%s", parent, *parent != '\0' ? "." : "", name);
		for (char *c = path; *c != '\0'; c++)
			*c = *c > ' ' && *c < 0x7f ? *c : '?';
		if (json_is_object(value) && *parent == '\0') {
			show_members(value, path);
			continue;
		}
		printf("%-17s ", path);
		show_line(value);
	}
}

void show_object(json_t *object)
{
	show_members(object, "");
}

void show_members_on_a_line(json_t *object)
{
	const char *name, *gap = "";
	json_t *value;

	json_object_foreach(object, name, value)
	{
		char plain[PATH_MAX_];

		snprintf(plain, sizeof(plain), "%s", name);
		for (char *c = plain; *c != '\0'; c++)
			*c = *c > ' ' && *c < 0x7f ? *c : '?';
		printf("%s%s ", gap, plain);
		show_value(value);
		gap = "  ";
	}
}

/* What stands at "a" or "a.b"; NULL: nothing. */
static json_t *find(json_t *object, const char *path)
{
	const char *dot = strchr(path, '.');
	char parent[PATH_MAX_];

	if (dot == NULL)
		return json_object_get(object, path);
	snprintf(parent, sizeof(parent), "%.*s", (int)(dot - path), path);
	return json_object_get(json_object_get(object, parent), dot + 1);
}

bool show_field(json_t *object, const char *path)
{
	json_t *value = find(object, path);

	if (value != NULL)
		show_line(value);
	return value != NULL;
}

/* Characters, not bytes: what terminals count, but for wide and combining ones. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* The cell's text, malloc'ed: what is not there reads "-". */
static char *cell_of(json_t *object, const char *column)
{
	json_t *value = find(object, column);

	if (value == NULL || json_is_null(value))
		return strdup("-");
	return text_of(value);
}

static int column_width(json_t *items, const char *column)
{
	int widest = width_of(column);

	for (size_t i = 0; i < json_array_size(items); i++) {
		char *cell = cell_of(json_array_get(items, i), column);
		int width = cell != NULL ? width_of(cell) : 0;

		if (width > widest)
			widest = width;
		free(cell);
	}
	return widest;
}

/* Splits "a b c" in place; at most COLUMNS_MAX. */
#define COLUMNS_MAX 16
static size_t split(char *columns, const char *column[COLUMNS_MAX])
{
	char *word, *rest = columns;
	size_t n = 0;

	while (n < COLUMNS_MAX && (word = strsep(&rest, " ")) != NULL)
		column[n++] = word;
	return n;
}

/* The names of what the first object has, but for lists and objects; malloc'ed. */
static char *columns_of(json_t *items)
{
	json_t *first = json_array_get(items, 0), *value;
	char *text = calloc(1, PATH_MAX_ * COLUMNS_MAX);
	const char *name;

	json_object_foreach(first, name, value)
	{
		size_t n = text != NULL ? strlen(text) : 0;

		if (text != NULL && !json_is_array(value) && !json_is_object(value) &&
		    strlen(name) < PATH_MAX_ - 1 && n < PATH_MAX_ * (COLUMNS_MAX - 1))
			snprintf(text + n, PATH_MAX_, "%s%s", n > 0 ? " " : "", name);
	}
	return text;
}

void show_table(json_t *items, const char *columns)
{
	char *names = columns != NULL ? strdup(columns) : columns_of(items);
	const char *column[COLUMNS_MAX];
	int width[COLUMNS_MAX];
	size_t n = names != NULL && *names != '\0' ? split(names, column) : 0;

	for (size_t c = 0; c < n; c++) {
		width[c] = column_width(items, column[c]);
		printf("%s%s%*s", c > 0 ? "  " : "", column[c],
		       c + 1 < n ? width[c] - width_of(column[c]) : 0, "");
	}
	if (n > 0)
		putchar('\n');
	for (size_t i = 0; i < json_array_size(items) && n > 0; i++) {
		for (size_t c = 0; c < n; c++) {
			char *cell = cell_of(json_array_get(items, i), column[c]);
			const char *text = cell != NULL ? cell : "?";

			printf("%s%s%*s", c > 0 ? "  " : "", text,
			       c + 1 < n ? width[c] - width_of(text) : 0, "");
			free(cell);
		}
		putchar('\n');
	}
	free(names);
}
