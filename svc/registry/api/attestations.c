/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/attestations: for an originating carrier. It reads across tenants. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/attestation.h"
#include "svc/registry/metrics.h"
#include "svc/registry/store/numbers.h"

#include <string.h>

struct request {
	struct tn from;
	const char *customer;
};

static const struct spec_field fields[] = {
	{.name = "from",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, from),
	 .required = true},
	{.name = "customer",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, customer),
	 .required = true,
	 .max = ID_MAX},
};
static const struct spec spec = SPEC(fields);

static enum store_status find(struct db *db, const struct request *request,
			      struct attestation_facts *facts, struct binding_row *binding)
{
	enum store_status status = store_businesses_known(db, request->customer);

	facts->customer_known = status == STORE_OK;
	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_OK : status;
	status = store_bindings_public(db, request->from.text, binding);
	facts->number_theirs =
		status == STORE_OK && strcmp(binding->business, request->customer) == 0;
	return status == STORE_NONE ? STORE_OK : status;
}

void api_attestations_create(struct http_call *call)
{
	struct request request = {.customer = NULL};
	struct attestation_facts facts = {false, false};
	struct binding_row binding;

	if (!http_read(call, &spec, &request))
		return;
	enum store_status status = find(call->db, &request, &facts, &binding);
	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	struct attestation given = attestation_for(&facts);
	if (call->env->metrics != NULL)
		METRIC_COUNT(call->env->metrics, METRIC_ATTESTATIONS, given.attest);
	json_t *json = json_pack("{s:s, s:s}", "attest", given.attest, "reason", given.reason);
	if (facts.number_theirs)
		json_object_set_new(json, "brand", json_string(binding.brand));
	http_reply_json(call, 200, json);
}
