/* SPDX-License-Identifier: Apache-2.0 */
/* What to do with a call, from facts and rules alone. */
#include <callerid/decide.h>

#include "reasons.h"

#define REJECT_RULE(id, name, code, phrase, verstat, text) [CALLERID_REASON_##id] = "reject:" name,

static const char *const reject_rules[CALLERID_REASON_COUNT] = {CID_REASONS(REJECT_RULE)};

static const char *const actions[] = {
	[CALLERID_ACTION_ALLOW] = "allow",
	[CALLERID_ACTION_LABEL] = "label",
	[CALLERID_ACTION_REJECT] = "reject",
};

static struct callerid_decision let_pass(enum callerid_action action, const char *rule,
					 const char *why)
{
	return (struct callerid_decision){
		.action = action,
		.code = 0,
		.phrase = "",
		.rule = rule,
		.why = why,
	};
}

/* Only a verdict that holds something against the call can reject it: "ok" has no SIP code. */
static bool is_rejected(const struct callerid_rules *rules, enum callerid_reason reason)
{
	return rules != NULL && reason != CALLERID_REASON_OK && rules->reject[reason];
}

struct callerid_decision callerid_decide(const struct callerid_facts *facts,
					 const struct callerid_rules *rules)
{
	const struct callerid_verdict *verdict = facts->verdict;
	const struct callerid_reason_info *info;

	if (verdict == NULL)
		return let_pass(CALLERID_ACTION_ALLOW, "unverified", "The call was not verified.");
	/* our own trouble is held against nobody */
	if (verdict->status != CALLERID_OK)
		return let_pass(CALLERID_ACTION_ALLOW, "unverified",
				"The call could not be verified for want of memory.");
	info = callerid_reason_info(verdict->reason);
	if (info == NULL)
		return let_pass(CALLERID_ACTION_ALLOW, "unverified", "The verdict is not known.");
	if (!is_rejected(rules, verdict->reason))
		return let_pass(CALLERID_ACTION_LABEL, "label", info->text);
	if (facts->emergency)
		return let_pass(CALLERID_ACTION_LABEL, "emergency",
				"Emergency calls are never rejected.");
	return (struct callerid_decision){
		.action = CALLERID_ACTION_REJECT,
		.code = info->code,
		.phrase = info->phrase,
		.rule = reject_rules[verdict->reason],
		.why = info->text,
	};
}

const char *callerid_action_name(enum callerid_action action)
{
	unsigned i = (unsigned)action;

	return i < sizeof(actions) / sizeof(actions[0]) ? actions[i] : NULL;
}
