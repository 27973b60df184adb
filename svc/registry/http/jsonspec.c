/* SPDX-License-Identifier: Apache-2.0 */
/* Filling a struct from JSON by a table. */
#include "svc/registry/http/jsonspec.h"

#include "svc/registry/domain/e164.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char an_object[] = "an object is expected";

static void add(struct spec_errors *errors, const char *pointer, const struct spec_error *given)
{
	if (errors->n == SPEC_ERRORS_MAX)
		return;
	struct spec_error *error = &errors->item[errors->n++];
	*error = *given;
	snprintf(error->pointer, sizeof error->pointer, "%s", pointer);
}

void spec_error_add(struct spec_errors *errors, const char *pointer, const char *code,
		    const char *hint)
{
	add(errors, pointer, &(struct spec_error){.code = code, .hint = hint});
}

static void add_of(struct spec_errors *errors, const char *pointer, const char *code,
		   const struct spec_field *field)
{
	add(errors, pointer,
	    &(struct spec_error){.code = code, .field = field, .hint = field->hint});
}

/* RFC 6901 §3: "~" and "/" of a name are written ~0 and ~1. Cut at a whole character. */
static void pointer_to(const char *base, const char *name, char pointer_out[SPEC_POINTER_MAX + 1])
{
	size_t at = (size_t)snprintf(pointer_out, SPEC_POINTER_MAX + 1, "%s/", base);
	size_t whole = at;

	for (const char *p = name; *p != 0 && at < SPEC_POINTER_MAX - 1; p++) {
		if (((unsigned char)*p & 0xc0) != 0x80)
			whole = at;
		if (*p == '~' || *p == '/') {
			pointer_out[at++] = '~';
			pointer_out[at++] = *p == '~' ? '0' : '1';
		} else {
			pointer_out[at++] = *p;
		}
		if (p[1] == 0)
			whole = at;
	}
	pointer_out[whole] = 0;
}

static int choice_index(const struct spec_field *field, const json_t *value)
{
	const char *text = json_string_value(value);

	for (int i = 0; text != NULL && field->choices[i] != NULL; i++) {
		if (strcmp(field->choices[i], text) == 0)
			return i;
	}
	return -1;
}

static const char *fill_string(const struct spec_field *field, const json_t *value, void *member)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		return "wrong_type";
	size_t len = json_string_length(value);
	if (len > (size_t)(field->max > 0 ? field->max : SPEC_STRING_MAX))
		return "too_long";
	if (field->check != NULL) {
		const char *code = field->check(text, len);
		if (code != NULL)
			return code;
	}
	*(const char **)member = text;
	return NULL;
}

static const char *fill_int(const struct spec_field *field, const json_t *value, void *member)
{
	if (!json_is_integer(value))
		return "wrong_type";
	int64_t number = json_integer_value(value);
	if (number < field->min || number > field->max)
		return "out_of_range";
	*(int64_t *)member = number;
	return NULL;
}

static const char *fill_bool(const struct spec_field *field, const json_t *value, void *member)
{
	(void)field;
	if (!json_is_boolean(value))
		return "wrong_type";
	*(bool *)member = json_is_true(value);
	return NULL;
}

static const char *fill_choice(const struct spec_field *field, const json_t *value, void *member)
{
	if (!json_is_string(value))
		return "wrong_type";
	int i = choice_index(field, value);
	if (i < 0)
		return "not_allowed";
	*(int *)member = i;
	return NULL;
}

static const char *fill_set(const struct spec_field *field, const json_t *value, void *member)
{
	uint64_t set = 0;

	if (!json_is_array(value))
		return "wrong_type";
	if (json_array_size(value) == 0)
		return "empty";
	for (size_t i = 0; i < json_array_size(value); i++) {
		int choice = choice_index(field, json_array_get(value, i));
		if (choice < 0 || (set >> choice & 1) != 0)
			return "not_allowed";
		set |= UINT64_C(1) << choice;
	}
	*(uint64_t *)member = set;
	return NULL;
}

static const char *fill_number(const struct spec_field *field, const json_t *value, void *member)
{
	(void)field;
	if (!json_is_string(value))
		return "wrong_type";
	if (!tn_read(json_string_value(value), json_string_length(value), member))
		return "number_invalid";
	return NULL;
}

static const char *fill_texts(const struct spec_field *field, const json_t *value, void *member)
{
	struct spec_texts *texts = member;
	size_t n = json_array_size(value);

	if (!json_is_array(value))
		return "wrong_type";
	if (n > SPEC_TEXTS_MAX)
		return "too_long";
	const struct spec_field one = {.check = field->check, .max = field->max};
	for (texts->n = 0; texts->n < n; texts->n++) {
		const char *code =
			fill_string(&one, json_array_get(value, texts->n), &texts->items[texts->n]);
		if (code != NULL)
			return code;
	}
	return NULL;
}

typedef const char *fill(const struct spec_field *field, const json_t *value, void *member);

static fill *const fills[] = {
	[SPEC_STRING] = fill_string, [SPEC_INT] = fill_int, [SPEC_BOOL] = fill_bool,
	[SPEC_CHOICE] = fill_choice, [SPEC_SET] = fill_set, [SPEC_NUMBER] = fill_number,
	[SPEC_TEXTS] = fill_texts,
};

struct filling {
	char *target;
	struct spec_errors *errors;
};

static void fill_fields(const struct filling *to, const struct spec *spec, const json_t *json,
			const char *base);

/* Each item is filled as a body is; its errors are pointed to as "/items/17/number". */
static void fill_list(const struct filling *to, const struct spec_field *field, const json_t *value,
		      const char *pointer)
{
	struct spec_list *list = (struct spec_list *)(void *)(to->target + field->offset);
	const struct spec *spec = field->object;
	char item_pointer[SPEC_POINTER_MAX + 1], index[24];
	size_t n = json_is_array(value) ? json_array_size(value) : 0;

	if (!json_is_array(value) || n == 0 || n > (size_t)field->max) {
		add_of(to->errors, pointer,
		       !json_is_array(value) ? "wrong_type"
		       : n == 0		     ? "empty"
					     : "too_long",
		       field);
		return;
	}
	list->items = calloc(n, spec->size);
	for (; list->items != NULL && list->n < n; list->n++) {
		char *target = (char *)list->items + list->n * spec->size;
		const json_t *item = json_array_get(value, list->n);
		const struct filling inner = {target, to->errors};
		snprintf(index, sizeof index, "%zu", list->n);
		pointer_to(pointer, index, item_pointer);
		if (spec->blank != NULL)
			memcpy(target, spec->blank, spec->size);
		if (json_is_object(item))
			fill_fields(&inner, spec, item, item_pointer);
		else
			spec_error_add(to->errors, item_pointer, "wrong_type", an_object);
	}
}

static void fill_field(const struct filling *to, const struct spec_field *field,
		       const json_t *value, const char *base)
{
	char pointer[SPEC_POINTER_MAX + 1];

	pointer_to(base, field->name, pointer);
	if (value == NULL || json_is_null(value)) {
		if (field->required)
			add_of(to->errors, pointer, "required", field);
		return;
	}
	if (field->type == SPEC_OBJECT) {
		if (json_is_object(value))
			fill_fields(to, field->object, value, pointer);
		else
			add_of(to->errors, pointer, "wrong_type", field);
		return;
	}
	if (field->type == SPEC_LIST) {
		fill_list(to, field, value, pointer);
		return;
	}
	const char *code = fills[field->type](field, value, to->target + field->offset);
	if (code != NULL)
		add_of(to->errors, pointer, code, field);
}

static bool names_field(const struct spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->n; i++) {
		if (strcmp(spec->fields[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Recursion goes as deep as the tables nest. */
static void fill_fields(const struct filling *to, const struct spec *spec, const json_t *json,
			const char *base)
{
	char pointer[SPEC_POINTER_MAX + 1];
	const char *name;
	json_t *value;

	for (size_t i = 0; i < spec->n; i++)
		fill_field(to, &spec->fields[i], json_object_get(json, spec->fields[i].name), base);
	json_object_foreach((json_t *)json, name, value)
	{
		if (names_field(spec, name))
			continue;
		pointer_to(base, name, pointer);
		spec_error_add(to->errors, pointer, "unknown_field", NULL);
	}
}

bool spec_fill(const struct spec *spec, const json_t *json, void *target,
	       struct spec_errors *errors)
{
	const struct filling to = {target, errors};

	errors->n = 0;
	if (!json_is_object(json))
		spec_error_add(errors, "", "wrong_type", an_object);
	else
		fill_fields(&to, spec, json, "");
	return errors->n == 0;
}
