/* SPDX-License-Identifier: Apache-2.0 */
/* The quick reader of requests: what it takes the thorough one takes as well and fills alike, and
 * what it leaves is as it was. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "svc/registry/domain/e164.h"
#include "svc/registry/http/jsonquick.h"
#include "svc/registry/http/jsontext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct target {
	struct tn from, to;
	const char *call_id;
	int verstat;
	bool oob;
	int64_t budget_ms;
};

static const char *const verstats[] = {"passed", "failed", NULL};
static const struct spec_field inner_fields[] = {
	{.name = "verstat",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct target, verstat),
	 .required = true,
	 .choices = verstats},
	{.name = "oob", .type = SPEC_BOOL, .offset = offsetof(struct target, oob)},
};
static const struct spec inner = SPEC(inner_fields);
static const struct spec_field fields[] = {
	{.name = "from", .type = SPEC_NUMBER, .offset = offsetof(struct target, from)},
	{.name = "to", .type = SPEC_NUMBER, .offset = offsetof(struct target, to)},
	{.name = "call_id", .type = SPEC_STRING, .offset = offsetof(struct target, call_id)},
	{.name = "verification", .type = SPEC_OBJECT, .required = true, .object = &inner},
	{.name = "budget_ms",
	 .type = SPEC_INT,
	 .offset = offsetof(struct target, budget_ms),
	 .min = 1,
	 .max = 5000},
};
static const struct spec spec = SPEC(fields);

static void must(int good)
{
	if (!good)
		abort();
}

static void same(const struct target *quick, const struct target *thorough)
{
	must(strcmp(quick->from.text, thorough->from.text) == 0);
	must(strcmp(quick->to.text, thorough->to.text) == 0);
	must((quick->call_id == NULL) == (thorough->call_id == NULL));
	must(quick->call_id == NULL || strcmp(quick->call_id, thorough->call_id) == 0);
	must(quick->verstat == thorough->verstat && quick->oob == thorough->oob);
	must(quick->budget_ms == thorough->budget_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct target quick = {.verstat = 0}, thorough = {.verstat = 0};
	struct spec_errors errors;
	json_t *json = NULL;
	char *text = malloc(size + 1);

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	if (jsonquick_fill(&spec, text, size, &quick)) {
		must(jsontext_load(data, size, &json) == JSONTEXT_OK);
		must(spec_fill(&spec, json, &thorough, &errors));
		same(&quick, &thorough);
	} else {
		must(size == 0 || memcmp(text, data, size) == 0);
	}
	json_decref(json);
	free(text);
	return 0;
}
