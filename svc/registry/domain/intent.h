/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an intent: one announced call, used at most once. */
#ifndef REGISTRY_INTENT_H
#define REGISTRY_INTENT_H

#include <stdbool.h>
#include <stdint.h>

#define INTENT_TTL_MIN	      10 /* seconds */
#define INTENT_TTL_MAX	      600
#define INTENT_TTL_DEFAULT    120
#define INTENT_BATCH_MAX      100
#define INTENT_KEEP_MS	      (INT64_C(24) * 3600 * 1000) /* then its row is deleted */
#define INTENT_MISMATCHES_MAX 10 /* counted and told; more tell nothing new */

/* Stored by name; EXPIRED and MISMATCHED follow from the clock. */
enum intent_state {
	INTENT_ANNOUNCED,
	INTENT_MATCHED,	   /* by a verified call */
	INTENT_DISPLAYED,  /* the callee saw it */
	INTENT_SCREENED,   /* the callee let somebody ask first */
	INTENT_ANSWERED,   /* the callee took the call */
	INTENT_CANCELLED,  /* by who announced it */
	INTENT_CONFLICT,   /* another brand announced a call of this number to the same callee */
	INTENT_EXPIRED,	   /* nobody called */
	INTENT_MISMATCHED, /* nobody called but some who could not prove the number */
	INTENT_STATES
};

extern const char *const intent_state_names[INTENT_STATES + 1]; /* NULL-terminated */

/* The outcomes that a callee's side may tell. */
extern const char
	*const intent_outcome_names[]; /* NULL-terminated: displayed, screened, answered */
enum intent_state intent_outcome_state(int outcome); /* index into intent_outcome_names */

/* What a row says, and what that means now. */
struct intent_life {
	enum intent_state stored;
	int64_t expires_ms, mismatches;
};
enum intent_state intent_state_at(const struct intent_life *life, int64_t now_ms);

/* A call goes forward only: nothing leads back from answered, and nothing away from an end. */
bool intent_may_become(enum intent_state from, enum intent_state to);

#endif
