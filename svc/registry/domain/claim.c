/* SPDX-License-Identifier: Apache-2.0 */
/* The states of claims. */
#include "svc/registry/domain/claim.h"

#include <stddef.h>

const char *const claim_state_names[CLAIM_STATES + 1] = {
	[CLAIM_PENDING] = "pending",   [CLAIM_CHALLENGED] = "challenged",
	[CLAIM_VERIFIED] = "verified", [CLAIM_FAILED] = "failed",
	[CLAIM_CONFLICT] = "conflict", [CLAIM_REVOKED] = "revoked",
	[CLAIM_AGED_OUT] = "aged_out",
};

const char *const claim_proof_names[PROOFS + 1] = {
	[PROOF_VOUCHED] = "vouched",
	[PROOF_LOA] = "loa",
};

bool claim_is_open(enum claim_state state)
{
	return state != CLAIM_FAILED && state != CLAIM_REVOKED;
}

bool claim_waits(enum claim_state state)
{
	return state == CLAIM_PENDING || state == CLAIM_CHALLENGED || state == CLAIM_CONFLICT;
}

enum claim_state claim_state_at(enum claim_state stored, int64_t reprove_ms, int64_t now_ms)
{
	bool over = reprove_ms != 0 && now_ms >= reprove_ms;

	return stored == CLAIM_VERIFIED && over ? CLAIM_AGED_OUT : stored;
}
