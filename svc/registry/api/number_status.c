/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/number-status: what look-ups show of one's own number. Reports are of all tenants. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/api/reputation.h"
#include "svc/registry/domain/taxonomy.h"
#include "svc/registry/store/bindings.h"
#include "svc/registry/store/claims.h"
#include "svc/registry/store/directory.h"

#include <string.h>

#define COUNTS_MAX (LABEL_CODES * PROVENANCES)

struct request {
	struct tn number;
};

static const struct spec_field fields[] = {
	{.name = "number",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, number),
	 .required = true},
};
static const struct spec spec = SPEC(fields);

struct finding {
	const char *number;
	struct claim_row claim;
	struct binding_row binding;
	struct directory_row entry;
	struct score_row score;
	struct report_count counts[COUNTS_MAX];
	size_t n_counts;
};

/* What is not there leaves its row empty. */
static enum store_status fine(enum store_status status)
{
	return status == STORE_NONE ? STORE_OK : status;
}

static enum store_status find(struct http_call *call, struct finding *finding)
{
	const char *tenant = call->caller.tenant, *number = finding->number;
	int64_t now_ms = http_now_ms(call);
	enum store_status status =
		store_claims_covering(call->db, tenant, number, now_ms, &finding->claim);

	if (status == STORE_OK)
		status = fine(store_bindings_find(call->db, tenant, number, &finding->binding));
	if (status == STORE_OK)
		status = fine(store_directory_find(call->db, number, &finding->entry));
	if (status == STORE_OK)
		status = fine(store_scores_get(call->db, number, &finding->score));
	if (status == STORE_OK)
		status = store_reports_count(call->db, number, now_ms - REPORT_KEEP_MS, COUNTS_MAX,
					     finding->counts, &finding->n_counts);
	return status;
}

/* Calls that did not prove the number are no reports on its holder. */
static json_t *render_counts(const struct finding *finding)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < finding->n_counts; i++) {
		const struct report_count *one = &finding->counts[i];
		const char *name =
			one->provenance == PROVENANCE_SPOOFED ? REPUTATION_SPOOFED : one->label;
		json_int_t before = json_integer_value(json_object_get(counts, name));
		json_object_set_new(counts, name, json_integer(before + one->count));
	}
	return counts;
}

static json_t *render(const struct http_call *call, struct finding *finding)
{
	bool scored = finding->score.number[0] != 0;

	if (scored)
		reputation_fade(&finding->score, http_now_ms(call));
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o, s:o}", "number", finding->number, "claim",
			 finding->claim.id, "binding", render_text(finding->binding.id), "brand",
			 render_text(finding->entry.brand), "label",
			 scored ? finding->score.label : REPUTATION_NONE, "score",
			 scored ? json_real((double)finding->score.score_ppm / 1e6) : json_null(),
			 "reports", render_counts(finding));
}

void api_number_status(struct http_call *call)
{
	struct request request;
	struct finding finding;

	if (!http_read(call, &spec, &request))
		return;
	memset(&finding, 0, sizeof finding);
	finding.number = request.number.text;
	enum store_status status = find(call, &finding);
	if (status == STORE_OK)
		http_reply_json(call, 200, render(call, &finding));
	else
		http_reply_store(call, status);
}
