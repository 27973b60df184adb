/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/lookups: who calls and why. It reads across tenants; only a match writes. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/lookup.h"
#include "svc/registry/metrics.h"
#include "svc/registry/store/intents.h"
#include "svc/registry/store/numbers.h"

#include <string.h>

struct request {
	struct tn from, to; /* to.text is "" when absent */
	const char *call_id;
	int verstat, attest;
	bool consume;
};

static const struct spec_field verification_fields[] = {
	{.name = "verstat",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, verstat),
	 .required = true,
	 .choices = lookup_verstat_names},
	{.name = "attest",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, attest),
	 .choices = lookup_attest_names},
};
static const struct spec verification_spec = SPEC(verification_fields);

static const struct spec_field fields[] = {
	{.name = "from",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, from),
	 .required = true},
	{.name = "to", .type = SPEC_NUMBER, .offset = offsetof(struct request, to)},
	{.name = "call_id", .type = SPEC_STRING, .offset = offsetof(struct request, call_id)},
	{.name = "verification",
	 .type = SPEC_OBJECT,
	 .required = true,
	 .object = &verification_spec},
	{.name = "consume", .type = SPEC_BOOL, .offset = offsetof(struct request, consume)},
};
static const struct spec spec = SPEC(fields);

/* All that a lookup finds. */
struct found {
	struct lookup_facts facts;
	struct binding_row binding;
	struct intent_row intent;
	uint8_t callee[PAIRTAG_SIZE], call[PAIRTAG_SIZE];
};

static bool make_tags(struct http_call *call, const struct request *request, struct found *found)
{
	const struct pairtag_key *key = call->env->pair_key;
	const char *call_id = request->call_id != NULL ? request->call_id : "";

	return pairtag_make(key, "callee", request->from.text, request->to.text, found->callee) &&
	       pairtag_make(key, "call", call_id, "", found->call);
}

/* An intent that this very call has matched before. */
static enum store_status seek_same_call(struct db *db, const struct intent_key *key,
					struct found *found)
{
	enum store_status status = store_intents_of_call(db, key, &found->intent);

	if (status == STORE_OK)
		found->facts.intent = LOOKUP_INTENT_SAME_CALL;
	return status;
}

/* Takes the intent for this call. Whether this call has one already is asked again now that nobody
 * else writes: an INVITE that came twice is one call, and must not take two intents. */
static enum store_status consume(struct db *db, const struct intent_key *key, struct found *found)
{
	enum store_status status = db_begin(db);

	if (status != STORE_OK)
		return status;
	status = seek_same_call(db, key, found);
	if (status == STORE_NONE) {
		status = store_intents_match(db, found->intent.id, key);
		if (status == STORE_OK)
			found->facts.intent = LOOKUP_INTENT_MATCHED;
	}
	return db_end(db, status);
}

static enum store_status seek_intent(struct http_call *call, const struct request *request,
				     struct found *found)
{
	const struct intent_key key = {
		.brand = found->binding.brand,
		.callee = found->callee,
		.call = request->call_id != NULL ? found->call : NULL,
		.now_ms = http_now_ms(call),
	};
	enum store_status status = seek_same_call(call->db, &key, found);

	if (status != STORE_NONE)
		return status;
	found->facts.intent = LOOKUP_INTENT_NONE;
	status = store_intents_announced(call->db, &key, &found->intent);
	/* Between the two looks another lookup of the same call may have taken it. */
	if (status == STORE_NONE)
		return seek_same_call(call->db, &key, found);
	if (status != STORE_OK)
		return status;
	if (request->consume)
		return consume(call->db, &key, found);
	found->facts.intent = LOOKUP_INTENT_SEEN;
	return STORE_OK;
}

static enum store_status find(struct http_call *call, const struct request *request,
			      struct found *found)
{
	enum store_status status =
		store_bindings_public(call->db, request->from.text, &found->binding);

	found->facts.bound = status == STORE_OK;
	if (status != STORE_OK || !lookup_seeks_intent(&found->facts))
		return status == STORE_NONE ? STORE_OK : status;
	if (!make_tags(call, request, found))
		return STORE_FAILED;
	status = seek_intent(call, request, found);
	return status == STORE_NONE ? STORE_OK : status;
}

static json_t *render_brand(const struct http_call *call, const struct found *found,
			    const struct lookup_view *view)
{
	const char *logo = view->logo ? found->binding.logo : "";

	if (!view->brand)
		return json_null();
	return json_pack("{s:s, s:s, s:o, s:o}", "id", found->binding.brand, "name",
			 found->binding.name, "logo_url",
			 render_public_url(call, "logos", logo, "png"), "logo_sha256",
			 render_text(logo));
}

static json_t *render_reason(const struct found *found, const struct lookup_view *view)
{
	if (!view->reason)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "code", found->intent.code, "text", found->intent.text,
			 "intent", found->intent.id);
}

static void reply(struct http_call *call, const struct request *request, const struct found *found)
{
	struct lookup_view view;
	json_t *reasons = json_array();

	lookup_compose(&found->facts, &view);
	for (size_t i = 0; i < view.n_reasons; i++)
		json_array_append_new(reasons, json_string(view.reasons[i]));
	if (call->env->metrics != NULL) {
		METRIC_COUNT(call->env->metrics, METRIC_LOOKUPS, view.verified ? "yes" : "no",
			     view.brand ? "yes" : "no", view.reason ? "yes" : "no");
		if (found->facts.intent == LOOKUP_INTENT_MATCHED)
			METRIC_COUNT(call->env->metrics, METRIC_INTENTS, "matched");
	}
	http_reply_json(call, 200,
			json_pack("{s:s, s:b, s:o, s:o, s:o, s:i}", "number", request->from.text,
				  "verified", view.verified, "brand",
				  render_brand(call, found, &view), "reason",
				  render_reason(found, &view), "reasons", reasons, "cache_s",
				  view.cache_s));
}

void api_lookups_create(struct http_call *call)
{
	struct request request = {.attest = LOOKUP_NO_ATTEST, .consume = true};
	struct found found;

	if (!http_read(call, &spec, &request))
		return;
	memset(&found, 0, sizeof found);
	found.facts.verstat = (enum lookup_verstat)request.verstat;
	found.facts.attest = (enum lookup_attest)request.attest;
	found.facts.callee = request.to.text[0] != 0;
	enum store_status status = find(call, &request, &found);
	if (status == STORE_OK)
		reply(call, &request, &found);
	else
		http_reply_store(call, status);
}
