/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine of an intent. */
#include "svc/registry/domain/intent.h"

#include <stddef.h>

static const struct {
	const char *name;
	bool may_become[INTENT_STATES];
} states[INTENT_STATES] = {
	[INTENT_ANNOUNCED] =
		{"announced",
		 {[INTENT_MATCHED] = true, [INTENT_EXPIRED] = true, [INTENT_CANCELLED] = true}},
	[INTENT_MATCHED] = {"matched", {false}},
	[INTENT_EXPIRED] = {"expired", {false}},
	[INTENT_CANCELLED] = {"cancelled", {false}},
};

const char *intent_state_name(enum intent_state state)
{
	return (unsigned)state < INTENT_STATES ? states[state].name : NULL;
}

enum intent_state intent_state_at(enum intent_state stored, int64_t expires_ms, int64_t now_ms)
{
	if (intent_may_become(stored, INTENT_EXPIRED) && now_ms >= expires_ms)
		return INTENT_EXPIRED;
	return stored;
}

bool intent_may_become(enum intent_state from, enum intent_state to)
{
	return (unsigned)from < INTENT_STATES && (unsigned)to < INTENT_STATES &&
	       states[from].may_become[to];
}
