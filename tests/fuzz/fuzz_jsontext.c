/* SPDX-License-Identifier: Apache-2.0 */
/* JSON of the registry's requests: what is read is within its bounds, and reads the same again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "svc/registry/http/jsontext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int good)
{
	if (!good)
		abort();
}

/* Recursion is bounded by what is checked here. */
static void measure(const json_t *value, size_t depth, size_t *keys)
{
	const char *key;
	json_t *part;
	size_t i;

	if (!json_is_object(value) && !json_is_array(value))
		return;
	must(++depth <= JSONTEXT_DEPTH_MAX);
	json_array_foreach(value, i, part) measure(part, depth, keys);
	json_object_foreach((json_t *)(uintptr_t)value, key, part)
	{
		must(++*keys <= JSONTEXT_KEYS_MAX);
		measure(part, depth, keys);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = NULL, *again = NULL;
	enum jsontext_fault fault = jsontext_load(data, size, &json);
	size_t keys = 0;
	char *text;

	if (fault != JSONTEXT_OK) {
		must(json == NULL);
		return 0;
	}
	measure(json, 0, &keys);
	text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
	must(text != NULL);
	must(jsontext_load((const uint8_t *)text, strlen(text), &again) == JSONTEXT_OK);
	must(json_equal(json, again));
	free(text);
	json_decref(json);
	json_decref(again);
	return 0;
}
