/* SPDX-License-Identifier: Apache-2.0 */
/* Composition of a lookup's answer. */
#include "svc/registry/domain/lookup.h"

/* Seconds for an answer that depends on the caller alone. */
#define CACHE_S 30

const char *const lookup_verstat_names[] = {"TN-Validation-Passed", "TN-Validation-Failed",
					    "No-TN-Validation", NULL};
const char *const lookup_attest_names[] = {"A", "B", "C", NULL};

static const char *const passed_texts[] = {
	[LOOKUP_A] = "verification passed with attestation A",
	[LOOKUP_B] = "verification passed with attestation B",
	[LOOKUP_C] = "verification passed with attestation C",
	[LOOKUP_NO_ATTEST] = "verification passed without attestation",
};

static const char *const intent_texts[] = {
	[LOOKUP_INTENT_NONE] = "no intent announced",
	[LOOKUP_INTENT_MATCHED] = "intent matched",
	[LOOKUP_INTENT_SAME_CALL] = "intent matched before by this call",
	[LOOKUP_INTENT_SEEN] = "intent announced, not consumed",
	[LOOKUP_INTENT_MISMATCHED] = "a call is announced, but this one did not prove its number",
	[LOOKUP_INTENT_LATE] = "no time left to look for an intent",
};

/* The intent is this call's. */
static bool has_intent(enum lookup_intent intent)
{
	return intent == LOOKUP_INTENT_MATCHED || intent == LOOKUP_INTENT_SAME_CALL ||
	       intent == LOOKUP_INTENT_SEEN;
}

bool lookup_is_verified(const struct lookup_facts *facts)
{
	return facts->oob ||
	       (facts->verstat == LOOKUP_PASSED && (facts->attest == LOOKUP_A || facts->delegate));
}

bool lookup_seeks_intent(const struct lookup_facts *facts)
{
	return facts->bound && facts->callee;
}

static const char *verification_text(const struct lookup_facts *facts)
{
	if (facts->oob)
		return "verified out of band";
	if (facts->verstat == LOOKUP_FAILED)
		return "verification failed";
	if (facts->verstat == LOOKUP_NOT_VALIDATED)
		return "call not verified";
	if (facts->delegate)
		return "verification passed with a delegate certificate";
	return passed_texts[facts->attest];
}

static enum provenance provenance_of(const struct lookup_facts *facts)
{
	if (lookup_is_verified(facts))
		return PROVENANCE_VERIFIED;
	return facts->verstat == LOOKUP_PASSED ? PROVENANCE_CLAIMED : PROVENANCE_SPOOFED;
}

void lookup_compose(const struct lookup_facts *facts, struct lookup_view *view_out)
{
	bool verified = lookup_is_verified(facts);
	bool announced = has_intent(facts->intent);
	struct lookup_view view = {
		.verified = verified,
		.brand = facts->bound && verified && (!facts->strict || announced),
		/* a failed verification is evidence of a lie: its name is not even a claim */
		.claimed = facts->bound && !verified && facts->verstat != LOOKUP_FAILED,
		.reason = verified && announced,
		.partial = facts->intent == LOOKUP_INTENT_LATE,
		.cache_s = facts->callee ? 0 : CACHE_S,
		.provenance = provenance_of(facts),
	};

	view.reasons[view.n_reasons++] =
		facts->bound ? "number bound to a brand" : "number not bound to a brand";
	view.reasons[view.n_reasons++] = verification_text(facts);
	if (facts->intent != LOOKUP_INTENT_NOT_SOUGHT)
		view.reasons[view.n_reasons++] = intent_texts[facts->intent];
	if (facts->bound && verified && facts->strict && !announced)
		view.reasons[view.n_reasons++] = "the brand is shown for announced calls only";
	*view_out = view;
}
