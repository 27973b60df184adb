/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine of an intent. */
#include "svc/registry/domain/intent.h"

#include <stddef.h>

const char *const intent_state_names[INTENT_STATES + 1] = {
	[INTENT_ANNOUNCED] = "announced",   [INTENT_MATCHED] = "matched",
	[INTENT_DISPLAYED] = "displayed",   [INTENT_SCREENED] = "screened",
	[INTENT_ANSWERED] = "answered",	    [INTENT_CANCELLED] = "cancelled",
	[INTENT_CONFLICT] = "conflict",	    [INTENT_EXPIRED] = "expired",
	[INTENT_MISMATCHED] = "mismatched",
};

const char *const intent_outcome_names[] = {"displayed", "screened", "answered", NULL};

#define BIT(state) (1U << INTENT_##state)

static const unsigned may_become[INTENT_STATES] = {
	[INTENT_ANNOUNCED] =
		BIT(MATCHED) | BIT(CANCELLED) | BIT(CONFLICT) | BIT(EXPIRED) | BIT(MISMATCHED),
	[INTENT_MATCHED] = BIT(DISPLAYED) | BIT(SCREENED) | BIT(ANSWERED),
	[INTENT_DISPLAYED] = BIT(SCREENED) | BIT(ANSWERED),
	[INTENT_SCREENED] = BIT(ANSWERED),
};

enum intent_state intent_outcome_state(int outcome)
{
	static const enum intent_state states[] = {INTENT_DISPLAYED, INTENT_SCREENED,
						   INTENT_ANSWERED};

	return states[outcome];
}

enum intent_state intent_state_at(const struct intent_life *life, int64_t now_ms)
{
	if (life->stored != INTENT_ANNOUNCED || now_ms < life->expires_ms)
		return life->stored;
	return life->mismatches > 0 ? INTENT_MISMATCHED : INTENT_EXPIRED;
}

bool intent_may_become(enum intent_state from, enum intent_state to)
{
	return (unsigned)from < INTENT_STATES && (unsigned)to < INTENT_STATES &&
	       (may_become[from] >> to & 1) != 0;
}
