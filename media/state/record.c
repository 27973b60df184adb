/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind of member, written and read. */
#include "media/state/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/path/address.h"
#include "svc/runtime/wipe.h"

#define HEX_KEY "hex"

static const char *const hex_digits = "0123456789abcdef";

static json_t *hex_save(const uint8_t *bytes, size_t n)
{
	char *text = malloc(2 * n + 1);
	json_t *json;

	if (!text)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = hex_digits[bytes[i] >> 4];
		text[2 * i + 1] = hex_digits[bytes[i] & 15];
	}
	json = json_stringn_nocheck(text, 2 * n);
	wipe_free(text);
	return json;
}

static bool hex_load(const char *text, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		const char *digit = text[i] ? strchr(hex_digits, text[i]) : NULL;

		if (!digit)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (digit - hex_digits));
	}
	return n % 2 == 0;
}

json_t *bytes_save(const void *bytes, size_t n)
{
	json_t *json = json_stringn(bytes, n), *hex;

	if (json)
		return json;
	hex = hex_save(bytes, n);
	return hex ? json_pack("{s:o}", HEX_KEY, hex) : NULL;
}

char *bytes_load(const json_t *json, size_t max, size_t *n_out)
{
	const json_t *hex = json_object_get(json, HEX_KEY), *text = hex ? hex : json;
	const char *from = json_string_value(text);
	size_t n = json_string_length(text) / (hex ? 2 : 1);
	char *to = from && n <= max ? calloc(1, n + 1) : NULL;

	if (!to)
		return NULL;
	if (!hex)
		memcpy(to, from, n);
	else if (!hex_load(from, json_string_length(text), (uint8_t *)to)) {
		wipe_free(to);
		return NULL;
	}
	*n_out = n;
	return to;
}

/* One kind: is it zero, how is it written, how is it read. */
struct context {
	const struct field *field;
	uint64_t now;
};
typedef json_t *save_function(const struct context *context, const void *member, size_t count);
typedef bool load_function(const struct context *context, const json_t *json, void *member,
			   size_t *count);

static json_t *save_bool(const struct context *context, const void *member, size_t count)
{
	(void)context;
	(void)count;
	return json_boolean(*(const bool *)member);
}

static bool load_bool(const struct context *context, const json_t *json, void *member,
		      size_t *count)
{
	(void)context;
	(void)count;
	*(bool *)member = json_is_true(json);
	return json_is_boolean(json);
}

static size_t width_of(enum field_kind kind)
{
	return kind == FIELD_U8 ? 1 : kind == FIELD_U16 ? 2 : kind == FIELD_U32 ? 4 : 8;
}

/* Sixty-four bits are written as they stand: JSON has a sign. */
static json_t *save_number(const struct context *context, const void *member, size_t count)
{
	uint64_t value = 0;

	(void)count;
	switch (width_of(context->field->kind)) {
	case 1:
		value = *(const uint8_t *)member;
		break;
	case 2:
		value = *(const uint16_t *)member;
		break;
	case 4:
		value = *(const uint32_t *)member;
		break;
	default:
		value = *(const uint64_t *)member;
	}
	return json_integer((json_int_t)value);
}

static bool load_number(const struct context *context, const json_t *json, void *member,
			size_t *count)
{
	size_t width = width_of(context->field->kind);
	uint64_t max = context->field->max, value = (uint64_t)json_integer_value(json);

	(void)count;
	if (max == 0)
		max = width == 8 ? UINT64_MAX : (1ULL << (8 * width)) - 1;
	if (!json_is_integer(json) || (context->field->kind != FIELD_I64 && value > max))
		return false;
	switch (width) {
	case 1:
		*(uint8_t *)member = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)member = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)member = (uint32_t)value;
		break;
	default:
		*(uint64_t *)member = value;
	}
	return true;
}

static json_t *save_time(const struct context *context, const void *member, size_t count)
{
	(void)count;
	return json_integer((json_int_t)(context->now - *(const uint64_t *)member));
}

/* The clock may have begun anew since: what is as old as it, or older, was at its first moment. */
static bool load_time(const struct context *context, const json_t *json, void *member,
		      size_t *count)
{
	json_int_t ago = json_integer_value(json);
	uint64_t future = (uint64_t)-ago, past = (uint64_t)ago;

	(void)count;
	if (ago < 0)
		*(uint64_t *)member =
			future < UINT64_MAX - context->now ? context->now + future : 0;
	else
		*(uint64_t *)member = past < context->now ? context->now - past : 1;
	return json_is_integer(json);
}

static json_t *save_chars(const struct context *context, const void *member, size_t count)
{
	(void)count;
	return bytes_save(member, strnlen(member, context->field->max));
}

static bool load_chars(const struct context *context, const json_t *json, void *member,
		       size_t *count)
{
	size_t n = 0, max = context->field->max;
	char *text = bytes_load(json, max - 1, &n);
	bool ok = text && memchr(text, 0, n) == NULL;

	(void)count;
	memset(member, 0, max);
	if (ok)
		memcpy(member, text, n);
	wipe_free(text);
	return ok;
}

static json_t *save_bytes(const struct context *context, const void *member, size_t count)
{
	const uint8_t *bytes = member;
	size_t n = context->field->max;

	(void)count;
	while (n > 0 && bytes[n - 1] == 0)
		n--;
	return hex_save(bytes, n);
}

static bool load_bytes(const struct context *context, const json_t *json, void *member,
		       size_t *count)
{
	size_t n = json_string_length(json), max = context->field->max;

	(void)count;
	memset(member, 0, max);
	return json_is_string(json) && n <= 2 * max && hex_load(json_string_value(json), n, member);
}

/* "192.0.2.1 5000"; "- 5000" where there is no address. */
static json_t *save_address(const struct context *context, const void *member, size_t count)
{
	const struct address *address = member;
	char ip[ADDRESS_TEXT_MAX], text[ADDRESS_TEXT_MAX + 8];

	(void)context;
	(void)count;
	snprintf(text, sizeof(text), "%s %u",
		 address->family != 0 ? address_ip_text(address, ip) : "-", address->port);
	return json_string(text);
}

static bool load_address(const struct context *context, const json_t *json, void *member,
			 size_t *count)
{
	const char *text = json_string_value(json), *blank = text ? strchr(text, ' ') : NULL;
	struct address *address = member;
	unsigned long port;
	char *end;

	(void)context;
	(void)count;
	if (!blank)
		return false;
	*address = (struct address){.family = 0};
	port = strtoul(blank + 1, &end, 10);
	if (end == blank + 1 || *end != 0 || port > UINT16_MAX)
		return false;
	address->port = (uint16_t)port;
	return text[0] == '-' ||
	       address_parse(text, (size_t)(blank - text), (uint16_t)port, address);
}

static json_t *save_text(const struct context *context, const void *member, size_t count)
{
	const char *text = *(char *const *)member;

	(void)context;
	(void)count;
	return bytes_save(text, strlen(text));
}

static bool load_text(const struct context *context, const json_t *json, void *member,
		      size_t *count)
{
	size_t n = 0;
	char *text = bytes_load(json, context->field->max, &n);

	(void)count;
	*(char **)member = text;
	return text && memchr(text, 0, n) == NULL;
}

static json_t *save_blob(const struct context *context, const void *member, size_t count)
{
	(void)context;
	return bytes_save(*(char *const *)member, count);
}

static bool load_blob(const struct context *context, const json_t *json, void *member,
		      size_t *count)
{
	*(char **)member = bytes_load(json, context->field->max, count);
	return *(char **)member != NULL;
}

static json_t *save_struct(const struct context *context, const void *member, size_t count)
{
	(void)count;
	return record_save(context->field->of, member, context->now);
}

static bool load_struct(const struct context *context, const json_t *json, void *member,
			size_t *count)
{
	(void)count;
	return record_load(context->field->of, json, member, context->now);
}

static json_t *save_array(const struct context *context, const void *member, size_t count)
{
	const struct record *of = context->field->of;
	json_t *array = json_array();

	for (size_t i = 0; array && i < count; i++) {
		const void *item = (const char *)member + i * of->size;

		if (json_array_append_new(array, record_save(of, item, context->now)) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static bool load_array(const struct context *context, const json_t *json, void *member,
		       size_t *count)
{
	const struct record *of = context->field->of;
	size_t n = json_array_size(json);

	if (!json_is_array(json) || n > context->field->max)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!record_load(of, json_array_get(json, i), (char *)member + i * of->size,
				 context->now))
			return false;
	*count = n;
	return true;
}

static json_t *save_heap(const struct context *context, const void *member, size_t count)
{
	return save_array(context, *(void *const *)member, count);
}

static bool load_heap(const struct context *context, const json_t *json, void *member,
		      size_t *count)
{
	size_t n = json_array_size(json);

	if (n > context->field->max)
		return false;
	*(void **)member = calloc(n > 0 ? n : 1, context->field->of->size);
	return *(void **)member && load_array(context, json, *(void **)member, count);
}

static const struct {
	save_function *save;
	load_function *load;
	size_t size; /* 0: max */
	bool counted;
} kinds[] = {
	[FIELD_BOOL] = {save_bool, load_bool, sizeof(bool), false},
	[FIELD_U8] = {save_number, load_number, 1, false},
	[FIELD_U16] = {save_number, load_number, 2, false},
	[FIELD_U32] = {save_number, load_number, 4, false},
	[FIELD_U64] = {save_number, load_number, 8, false},
	[FIELD_I64] = {save_number, load_number, 8, false},
	[FIELD_TIME] = {save_time, load_time, 8, false},
	[FIELD_CHARS] = {save_chars, load_chars, 0, false},
	[FIELD_BYTES] = {save_bytes, load_bytes, 0, false},
	[FIELD_ADDRESS] = {save_address, load_address, sizeof(struct address), false},
	[FIELD_TEXT] = {save_text, load_text, sizeof(char *), false},
	[FIELD_BLOB] = {save_blob, load_blob, sizeof(char *), true},
	[FIELD_STRUCT] = {save_struct, load_struct, 0, false},
	[FIELD_ARRAY] = {save_array, load_array, 0, true},
	[FIELD_HEAP] = {save_heap, load_heap, sizeof(void *), true},
};

static bool is_zero(const void *member, size_t n)
{
	const uint8_t *bytes = member;

	for (size_t i = 0; i < n; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static bool is_left_out(const struct field *field, const void *from)
{
	const char *member = (const char *)from + field->at;
	size_t size = kinds[field->kind].size;

	if (kinds[field->kind].counted)
		return *(const size_t *)((const char *)from + field->count_at) == 0;
	if (field->kind == FIELD_STRUCT)
		size = field->of->size;
	return is_zero(member, size > 0 ? size : field->max);
}

json_t *record_save(const struct record *record, const void *from, uint64_t now)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < record->n; i++) {
		const struct field *field = &record->fields[i];
		const struct context context = {field, now};
		const char *base = from;
		size_t count = 0;

		if (is_left_out(field, from))
			continue;
		if (kinds[field->kind].counted)
			memcpy(&count, base + field->count_at, sizeof(count));
		if (json_object_set_new_nocheck(
			    object, field->name,
			    kinds[field->kind].save(&context, base + field->at, count)) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

bool record_load(const struct record *record, const json_t *json, void *to, uint64_t now)
{
	if (!json_is_object(json))
		return false;
	for (size_t i = 0; i < record->n; i++) {
		const struct field *field = &record->fields[i];
		const struct context context = {field, now};
		const json_t *value = json_object_get(json, field->name);
		char *base = to;
		size_t count = 0;
		bool ok;

		if (!value)
			continue;
		ok = kinds[field->kind].load(&context, value, base + field->at, &count);
		if (kinds[field->kind].counted)
			memcpy(base + field->count_at, &count, sizeof(count));
		if (!ok)
			return false;
	}
	return true;
}
