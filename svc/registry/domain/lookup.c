/* SPDX-License-Identifier: Apache-2.0 */
/* Composition of a lookup's answer. */
#include "svc/registry/domain/lookup.h"

/* Seconds for an answer that depends on the caller alone. */
#define CACHE_S 30

const char *const lookup_verstat_names[] = {"TN-Validation-Passed", "TN-Validation-Failed",
					    "No-TN-Validation", NULL};
const char *const lookup_attest_names[] = {"A", "B", "C", NULL};

static const char *const verification_texts[LOOKUP_VERSTATS][LOOKUP_NO_ATTEST + 1] = {
	[LOOKUP_PASSED] = {"verification passed with attestation A",
			   "verification passed with attestation B",
			   "verification passed with attestation C",
			   "verification passed without attestation"},
	[LOOKUP_FAILED] = {"verification failed", "verification failed", "verification failed",
			   "verification failed"},
	[LOOKUP_NOT_VALIDATED] = {"call not verified", "call not verified", "call not verified",
				  "call not verified"},
};

static const char *const intent_texts[] = {
	[LOOKUP_INTENT_NONE] = "no intent announced",
	[LOOKUP_INTENT_MATCHED] = "intent matched",
	[LOOKUP_INTENT_SAME_CALL] = "intent matched before by this call",
	[LOOKUP_INTENT_SEEN] = "intent announced, not consumed",
};

bool lookup_is_verified(enum lookup_verstat verstat, enum lookup_attest attest)
{
	return verstat == LOOKUP_PASSED && attest == LOOKUP_A;
}

bool lookup_seeks_intent(const struct lookup_facts *facts)
{
	return facts->bound && facts->callee && lookup_is_verified(facts->verstat, facts->attest);
}

void lookup_compose(const struct lookup_facts *facts, struct lookup_view *view_out)
{
	bool sought = lookup_seeks_intent(facts) && facts->intent != LOOKUP_INTENT_NOT_SOUGHT;
	struct lookup_view view = {
		.verified = lookup_is_verified(facts->verstat, facts->attest),
		.brand = facts->bound,
		.cache_s = facts->callee ? 0 : CACHE_S,
	};

	view.logo = view.brand && view.verified;
	view.reason = sought && facts->intent != LOOKUP_INTENT_NONE;
	view.reasons[view.n_reasons++] =
		facts->bound ? "number bound to a brand" : "number not bound to a brand";
	view.reasons[view.n_reasons++] = verification_texts[facts->verstat][facts->attest];
	if (sought)
		view.reasons[view.n_reasons++] = intent_texts[facts->intent];
	*view_out = view;
}
