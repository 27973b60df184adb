/* SPDX-License-Identifier: Apache-2.0 */
/* Counting, then jansson. */
#include "svc/registry/http/jsontext.h"

/* The index behind the string that begins at text[at], its quote; len when it does not end. */
static size_t skip_string(const uint8_t *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++) {
		if (text[at] == '\\')
			at++;
	}
	return at < len ? at : len;
}

/* Counts as if the text were JSON; whether it is, the parser says. */
static enum jsontext_fault measure(const uint8_t *text, size_t len, size_t keys_max)
{
	size_t depth = 0, keys = 0;

	for (size_t at = 0; at < len; at++) {
		uint8_t c = text[at];
		if (c == '"') {
			at = skip_string(text, len, at);
		} else if (c == '{' || c == '[') {
			if (++depth > JSONTEXT_DEPTH_MAX)
				return JSONTEXT_TOO_DEEP;
		} else if (c == '}' || c == ']') {
			depth -= depth > 0;
		} else if (c == ':') {
			if (++keys > keys_max)
				return JSONTEXT_TOO_MANY_KEYS;
		}
	}
	return JSONTEXT_OK;
}

enum jsontext_fault jsontext_load_keys(const uint8_t *text, size_t len, size_t keys_max,
				       json_t **json_out)
{
	enum jsontext_fault fault = measure(text, len, keys_max);
	json_error_t error;

	if (fault != JSONTEXT_OK)
		return fault;
	/* jansson refuses NUL and invalid UTF-8 by itself */
	json_t *json = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, &error);
	if (json == NULL)
		return JSONTEXT_INVALID;
	*json_out = json;
	return JSONTEXT_OK;
}

enum jsontext_fault jsontext_load(const uint8_t *text, size_t len, json_t **json_out)
{
	return jsontext_load_keys(text, len, JSONTEXT_KEYS_MAX, json_out);
}
