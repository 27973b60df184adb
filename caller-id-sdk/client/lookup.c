/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups: a struct in, a struct out. */
#include <callerid/client_lookup.h>

#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#define REASONS_MAX 32

/* What a found's texts live in. */
struct memory {
	json_t *json;
	const char *reasons[REASONS_MAX];
};

void callerid_found_clear(struct callerid_found *found)
{
	struct memory *memory = found->memory;

	if (memory)
		json_decref(memory->json);
	free(memory);
	*found = (struct callerid_found){.memory = NULL};
}

/* NULL: a text is not UTF-8. */
static json_t *body_of(const struct callerid_lookup *lookup)
{
	const struct client_pair proof[] = {
		{"verstat", lookup->verstat ? lookup->verstat : "No-TN-Validation"},
		{"attest", lookup->attest}};
	const struct client_pair call[] = {
		{"from", lookup->from}, {"to", lookup->to}, {"call_id", lookup->call_id}};
	json_t *verification = client_object(proof, 2), *body = client_object(call, 3);

	if (!verification || !body) {
		json_decref(verification);
		json_decref(body);
		return NULL;
	}
	if (lookup->oob)
		json_object_set_new(verification, "oob", json_true());
	if (lookup->delegate)
		json_object_set_new(verification, "delegate", json_true());
	json_object_set_new(body, "verification", verification);
	if (lookup->peek)
		json_object_set_new(body, "consume", json_false());
	if (lookup->budget_ms > 0)
		json_object_set_new(body, "budget_ms", json_integer(lookup->budget_ms));
	return body;
}

static void read_reasons(struct memory *memory, struct callerid_found *found)
{
	const json_t *list = json_object_get(memory->json, "reasons");

	for (size_t i = 0; i < json_array_size(list) && found->n_reasons < REASONS_MAX; i++) {
		const char *text = json_string_value(json_array_get(list, i));
		if (text)
			memory->reasons[found->n_reasons++] = text;
	}
	found->reasons = memory->reasons;
}

static void read_found(struct memory *memory, struct callerid_found *found)
{
	const json_t *json = memory->json, *brand = json_object_get(json, "brand");
	const json_t *reason = json_object_get(json, "reason");
	const json_t *reputation = json_object_get(json, "reputation");

	*found = (struct callerid_found){
		.verified = json_is_true(json_object_get(json, "verified")),
		.partial = json_is_true(json_object_get(json, "partial")),
		.number = client_text(json, "number"),
		.brand_id = client_text(brand, "id"),
		.brand_name = client_text(brand, "name"),
		.logo_url = client_text(brand, "logo_url"),
		.logo_sha256 = client_text(brand, "logo_sha256"),
		.reason_code = client_text(reason, "code"),
		.reason_text = client_text(reason, "text"),
		.reason_lang = client_text(reason, "lang"),
		.intent = client_text(reason, "intent"),
		.claimed_name = client_text(json_object_get(json, "claimed"), "name"),
		.label = client_text(reputation, "label"),
		.score = json_number_value(json_object_get(reputation, "score")),
		.low = json_number_value(json_object_get(reputation, "low")),
		.high = json_number_value(json_object_get(reputation, "high")),
		.receipt = client_text(json, "receipt"),
		.cache_s = (int)json_integer_value(json_object_get(json, "cache_s")),
		.memory = memory,
	};
	read_reasons(memory, found);
}

enum callerid_status callerid_client_lookup(struct callerid_client *client,
					    const struct callerid_lookup *lookup,
					    struct callerid_found *found_out,
					    struct callerid_error *err)
{
	struct memory *memory = NULL;
	enum callerid_status status;

	json_t *body = lookup->from ? body_of(lookup) : NULL;
	if (!body)
		return client_fail(err, CALLERID_EINVAL, "a look-up has from, in UTF-8");
	memory = calloc(1, sizeof(*memory));
	if (!memory) {
		json_decref(body);
		return client_fail(err, CALLERID_ENOMEM, "no memory");
	}
	status = client_call(client, "POST", "/v1/lookups", body, &memory->json, err);
	if (status == CALLERID_OK &&
	    (!client_text(memory->json, "number") || !client_text(memory->json, "receipt"))) {
		json_decref(memory->json);
		status = client_fail(err, CALLERID_ESYNTAX, "the answer has no number or receipt");
	}
	if (status != CALLERID_OK) {
		free(memory);
		return status;
	}
	read_found(memory, found_out);
	return CALLERID_OK;
}
