/* SPDX-License-Identifier: Apache-2.0 */
/* The states of what is reviewed: businesses and the versions of brands. */
#ifndef REGISTRY_REVIEW_H
#define REGISTRY_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

#define REVIEW_BUSINESS_MS (INT64_C(365) * 24 * 3600 * 1000) /* an approval lasts so long */

/* Stored by name; EXPIRED follows from the clock, and is stored a little later (store/ageing.h). */
enum business_state {
	BUSINESS_DRAFT,
	BUSINESS_SUBMITTED,
	BUSINESS_APPROVED,
	BUSINESS_REJECTED,
	BUSINESS_SUSPENDED,
	BUSINESS_EXPIRED,
	BUSINESS_CLOSED,
	BUSINESS_STATES
};
extern const char *const business_state_names[BUSINESS_STATES + 1]; /* NULL-terminated */

enum version_state {
	VERSION_IN_REVIEW,
	VERSION_APPROVED, /* by the tenant's second pair of eyes; the vetter is next */
	VERSION_LIVE,
	VERSION_REJECTED,
	VERSION_REPLACED, /* by a later version */
	VERSION_STATES
};
extern const char *const version_state_names[VERSION_STATES + 1];

/* What somebody does to one of them. */
enum review_act {
	REVIEW_SUBMIT, /* the owner */
	REVIEW_CLOSE,
	REVIEW_AGREE,	/* the tenant's approver */
	REVIEW_VOUCH,	/* nobody: its business is approved, and the tenant vouches for its own */
	REVIEW_APPROVE, /* the vetter from here on */
	REVIEW_REJECT,
	REVIEW_SUSPEND,
	REVIEW_RESUME,
	REVIEW_ACTS
};
extern const char *const review_decision_names[];  /* approve, reject, suspend, resume; NULL */
enum review_act review_decision_act(int decision); /* index into review_decision_names */

/* false: its state does not allow it. With vouched a submission is an approval. */
bool review_business(enum business_state from, enum review_act act, bool vouched,
		     enum business_state *to_out);
bool review_version(enum version_state from, enum review_act act, bool vouched,
		    enum version_state *to_out);

/* For a vetter, who has not decided yet. */
bool review_business_waits(enum business_state state);
bool review_version_waits(enum version_state state);

enum business_state review_business_at(enum business_state stored, int64_t expires_ms,
				       int64_t now_ms);

#endif
