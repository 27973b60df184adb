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
	const char *source;  /* static: "registry", "snapshot" */
	const char *failure; /* static: "registry_timeout" ...; of the registry, when the snapshot
				answered for it; else NULL */
	enum callerid_attest attest;
	char why[RECORD_WHY_MAX + 1];
	struct brand brand;			/* verified is false: there is none */
	char claimed[BRAND_NAME_MAX + 1];	/* whose number an unproven call has */
	char label[RECORD_REPUTATION_MAX + 1];	/* "none", "spam" ... */
	char receipt[REGISTRY_RECEIPT_MAX + 1]; /* of an announced call's look-up, else "" */
	bool partial;				/* its time was spent before it had looked at all */
};

typedef void registry_done(struct call *call, const struct registry_answer *answer);

/* Asks about the call; done runs exactly once, before this returns when nobody can be asked,
 * else in the loop, at the latest when the budget is spent. */
void registry_ask(struct call *call, enum registry_question question, registry_done *done);

/*
 * Looks up a call that did not prove its number, and lets nothing wait for it: whoever announced a
 * call that this one pretends to be hears of it from the registry. The answer goes into the call's
 * record, if the call lasts until it comes.
 */
void registry_tell(struct call *call);

/* Whom a question is about: of two asserted callers the one that was verified. */
const struct callerid_party *registry_caller(const struct call *call);

/* Threads that each have a client of their own, made as params say, which are borrowed. NULL: they
 * do not start. */
struct task_pool *registry_pool_new(struct callerid_client_params *params, size_t threads,
				    size_t queue_max);

/* What a status that is no success means: its metric's label. An overload is as good as silence,
 * anything else is an answer. */
const char *registry_refusal(int http_status);
bool registry_is_answer(int http_status); /* 0: nothing came */

/* The caller's number is proven, as the registry means it: by attestation A, or without any by a
 * certificate that lists the number itself. */
bool registry_is_proven(const struct callerid_verdict *verdict);

/* The call is going: its question, if any, is forgotten. */
void registry_forget(struct call *call);

/* Reads an answer's JSON; false when it is not what docs/api says. */
bool registry_read(enum registry_question question, const char *json, size_t len,
		   struct registry_answer *answer_out);

#endif
