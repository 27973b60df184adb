/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of states. */
#include "svc/registry/domain/review.h"

#include <stddef.h>

const char *const business_state_names[BUSINESS_STATES + 1] = {
	[BUSINESS_DRAFT] = "draft",	    [BUSINESS_SUBMITTED] = "submitted",
	[BUSINESS_APPROVED] = "approved",   [BUSINESS_REJECTED] = "rejected",
	[BUSINESS_SUSPENDED] = "suspended", [BUSINESS_EXPIRED] = "expired",
	[BUSINESS_CLOSED] = "closed",
};

const char *const version_state_names[VERSION_STATES + 1] = {
	[VERSION_IN_REVIEW] = "in_review", [VERSION_APPROVED] = "approved", [VERSION_LIVE] = "live",
	[VERSION_REJECTED] = "rejected",   [VERSION_REPLACED] = "replaced",
};

const char *const review_decision_names[] = {"approve", "reject", "suspend", "resume", NULL};

enum review_act review_decision_act(int decision)
{
	return (enum review_act)(REVIEW_APPROVE + decision);
}

#define BIT(state) (1U << (state))

struct rule {
	unsigned from;	 /* states that it may begin in */
	int to, vouched; /* where it leads; where it leads a tenant that is vouched for */
};

static const struct rule business_rules[REVIEW_ACTS] = {
	[REVIEW_SUBMIT] = {BIT(BUSINESS_DRAFT) | BIT(BUSINESS_REJECTED) | BIT(BUSINESS_EXPIRED),
			   BUSINESS_SUBMITTED, BUSINESS_APPROVED},
	[REVIEW_CLOSE] = {~BIT(BUSINESS_CLOSED), BUSINESS_CLOSED, BUSINESS_CLOSED},
	[REVIEW_APPROVE] = {BIT(BUSINESS_SUBMITTED), BUSINESS_APPROVED, BUSINESS_APPROVED},
	[REVIEW_REJECT] = {BIT(BUSINESS_SUBMITTED), BUSINESS_REJECTED, BUSINESS_REJECTED},
	[REVIEW_SUSPEND] = {BIT(BUSINESS_APPROVED), BUSINESS_SUSPENDED, BUSINESS_SUSPENDED},
	[REVIEW_RESUME] = {BIT(BUSINESS_SUSPENDED), BUSINESS_APPROVED, BUSINESS_APPROVED},
};

static const struct rule version_rules[REVIEW_ACTS] = {
	[REVIEW_AGREE] = {BIT(VERSION_IN_REVIEW), VERSION_APPROVED, VERSION_LIVE},
	[REVIEW_VOUCH] = {BIT(VERSION_IN_REVIEW) | BIT(VERSION_APPROVED), VERSION_APPROVED,
			  VERSION_LIVE},
	[REVIEW_APPROVE] = {BIT(VERSION_IN_REVIEW) | BIT(VERSION_APPROVED), VERSION_LIVE,
			    VERSION_LIVE},
	[REVIEW_REJECT] = {BIT(VERSION_IN_REVIEW) | BIT(VERSION_APPROVED), VERSION_REJECTED,
			   VERSION_REJECTED},
};

static bool apply(const struct rule *rule, unsigned from, bool vouched, int *to_out)
{
	*to_out = vouched ? rule->vouched : rule->to;
	return (rule->from & BIT(from)) != 0;
}

bool review_business(enum business_state from, enum review_act act, bool vouched,
		     enum business_state *to_out)
{
	int to;
	bool allowed = apply(&business_rules[act], from, vouched, &to);

	*to_out = (enum business_state)to;
	return allowed;
}

bool review_version(enum version_state from, enum review_act act, bool vouched,
		    enum version_state *to_out)
{
	int to;
	bool allowed = apply(&version_rules[act], from, vouched, &to);

	*to_out = (enum version_state)to;
	return allowed;
}

bool review_business_waits(enum business_state state)
{
	return state == BUSINESS_SUBMITTED;
}

bool review_version_waits(enum version_state state)
{
	return state == VERSION_IN_REVIEW || state == VERSION_APPROVED;
}

enum business_state review_business_at(enum business_state stored, int64_t expires_ms,
				       int64_t now_ms)
{
	bool over = expires_ms != 0 && now_ms >= expires_ms;

	return stored == BUSINESS_APPROVED && over ? BUSINESS_EXPIRED : stored;
}
