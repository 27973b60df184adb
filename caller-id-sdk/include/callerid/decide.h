/* SPDX-License-Identifier: Apache-2.0 */
/* What to do with a call: a pure function of facts and rules. */
#ifndef CALLERID_DECIDE_H
#define CALLERID_DECIDE_H

#include <callerid/verdict.h>

#ifdef __cplusplus
extern "C" {
#endif

enum callerid_action {
	CALLERID_ACTION_ALLOW,	/* as it is: nothing to say about it */
	CALLERID_ACTION_LABEL,	/* goes on, with what was found written into it */
	CALLERID_ACTION_REJECT, /* answered with code */
};

/* What a trunk's owner wants. Zero-initialised: label everything, reject nothing. */
struct callerid_rules {
	bool reject[CALLERID_REASON_COUNT]; /* reasons that reject, by default none */
};

struct callerid_facts {
	const struct callerid_verdict *verdict; /* NULL: the call was not verified */
	bool emergency;				/* to or from a PSAP: never rejected */
};

struct callerid_decision {
	enum callerid_action action;
	int code;	    /* SIP code of a rejection, else 0 */
	const char *phrase; /* static */
	const char *rule; /* static: which rule chose, "reject:bad_signature" spelled as its name */
	const char *why;  /* static: one sentence */
};

/* Total: every input has a decision. Our own trouble (436, limits) is rejected only if listed. A
 * pure function, any thread; what it is given is borrowed for the call. */
CALLERID_API struct callerid_decision callerid_decide(const struct callerid_facts *facts,
						      const struct callerid_rules *rules);

/* "allow", "label", "reject". Static; NULL when out of range. Any thread. */
CALLERID_API const char *callerid_action_name(enum callerid_action action);

#ifdef __cplusplus
}
#endif

#endif
