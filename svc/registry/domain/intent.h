/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an intent: one announced call, used at most once. */
#ifndef REGISTRY_INTENT_H
#define REGISTRY_INTENT_H

#include <stdbool.h>
#include <stdint.h>

#define INTENT_TTL_MIN	   10 /* seconds */
#define INTENT_TTL_MAX	   600
#define INTENT_TTL_DEFAULT 120
#define INTENT_KEEP_MS	   (INT64_C(24) * 3600 * 1000) /* then its row is deleted */

/* Stored as numbers, EXPIRED excepted: that follows from the clock. */
enum intent_state {
	INTENT_ANNOUNCED,
	INTENT_MATCHED,
	INTENT_EXPIRED,
	INTENT_CANCELLED,
	INTENT_STATES
};

const char *intent_state_name(enum intent_state state);

/* The state now of an intent that was stored with a state and an end. */
enum intent_state intent_state_at(enum intent_state stored, int64_t expires_ms, int64_t now_ms);

/* Only an announced intent changes: it is matched, cancelled or expires; each of them is final. */
bool intent_may_become(enum intent_state from, enum intent_state to);

#endif
