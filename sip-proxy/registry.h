/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the registry: asked in worker threads, answered in the loop, never waited for
 * longer than their budget. */
#ifndef PROXY_REGISTRY_H
#define PROXY_REGISTRY_H

#include "sip-proxy/call.h"

#include <callerid/passport.h>

enum registry_question { REGISTRY_ATTESTATION, REGISTRY_LOOKUP };

/* Starts the workers, if a registry is configured. false: err says why not. */
bool registry_start(struct proxy *proxy, struct callerid_error *err);

/* What came back. attest is NONE, and brand empty, unless the question was answered. */
struct registry_answer {
	bool answered;
	const char *failure; /* static; NULL when answered: "registry_timeout" ... */
	enum callerid_attest attest;
	char why[RECORD_WHY_MAX + 1];
	struct brand brand;
};

typedef void registry_done(struct call *call, const struct registry_answer *answer);

/* Asks about the call; done runs exactly once, before this returns when nobody can be asked,
 * else in the loop, at the latest when the budget is spent. */
void registry_ask(struct call *call, enum registry_question question, registry_done *done);

/* The call is going: its question, if any, is forgotten. */
void registry_forget(struct call *call);

/* Reads an answer's JSON; false when it is not what docs/api says. */
bool registry_read(enum registry_question question, const char *json, size_t len,
		   struct registry_answer *answer_out);

#endif
