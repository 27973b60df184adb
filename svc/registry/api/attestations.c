/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/attestations: for an originating carrier. It reads across tenants. */
#include "svc/registry/api/attestations.h"

#include "svc/registry/api/api.h"
#include "svc/registry/http/call.h"
#include "svc/registry/metrics.h"

#include <string.h>

#define TRUNK_MAX 64

struct request {
	struct tn from;
	const char *customer;
	const char *trunk; /* for the carrier's own records: it comes back in the log only */
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
	{.name = "trunk",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, trunk),
	 .max = TRUNK_MAX},
};
static const struct spec spec = SPEC(fields);

struct finding {
	const struct request *request;
	struct attestation_facts facts;
	struct directory_row entry;
};

enum store_status attestations_find(struct db *db, const char *from, const char *customer,
				    struct attestation_facts *facts_out,
				    struct directory_row *entry_out)
{
	enum store_status status = store_directory_knows(db, customer);

	*facts_out = (struct attestation_facts){.customer_known = status == STORE_OK};
	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_OK : status;
	status = store_directory_find(db, from, entry_out);
	facts_out->number_theirs = status == STORE_OK && strcmp(entry_out->business, customer) == 0;
	return status == STORE_NONE ? STORE_OK : status;
}

static enum store_status find(struct db *db, void *magic)
{
	struct finding *finding = magic;

	return attestations_find(db, finding->request->from.text, finding->request->customer,
				 &finding->facts, &finding->entry);
}

void api_attestations_create(struct http_call *call)
{
	static const struct db_scope scope = {DB_READ, DB_ACROSS, ""};
	struct request request = {.customer = NULL};
	struct finding finding = {.request = &request};

	if (!http_read(call, &spec, &request))
		return;
	enum store_status status = db_transact(call->db, &scope, find, &finding);
	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	struct attestation given = attestation_for(&finding.facts);
	if (call->env->metrics != NULL)
		METRIC_COUNT(call->env->metrics, METRIC_ATTESTATIONS, given.attest);
	json_t *json = json_pack("{s:s, s:s}", "attest", given.attest, "reason", given.reason);
	if (finding.facts.number_theirs)
		json_object_set_new(json, "brand", json_string(finding.entry.brand));
	http_reply_json(call, 200, json);
}
