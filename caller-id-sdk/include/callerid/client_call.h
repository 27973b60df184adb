/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are announced, what came of them, and reports of those that were not wanted. */
#ifndef CALLERID_CLIENT_CALL_H
#define CALLERID_CLIENT_CALL_H

#include <callerid/client.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_REGISTRY_ID_MAX 40 /* characters of int_..., rep_... */

/* One call that will come. Texts are borrowed for the call; NULL where the member may be absent. */
struct callerid_intent {
	const char *from, *to; /* "+12155551212"; from is a number bound to a brand of ours */
	const char *reason;    /* the template rsn_...; or NULL, and code with text */
	const char *code;      /* of the taxonomy: "appointment" */
	const char *text;      /* at most 64 characters */
	const char *lang;      /* NULL: "en" */
	int ttl_s;	       /* 10 to 600; 0: 120 */
	int not_before_s;      /* from now */
};

/* An announced call as it stands. */
struct callerid_intent_state {
	char id[CALLERID_REGISTRY_ID_MAX + 1];
	/* announced matched displayed screened answered, cancelled expired mismatched conflict */
	char state[24];
	int mismatches; /* calls that claimed the number and did not prove it */
};

/*
 * POST /v1/intents; the key needs the permission intent:write. CALLERID_EINVAL: from or to is NULL,
 * or a text is not UTF-8. CALLERID_EREFUSED: callerid_client_problem(). CALLERID_EIO: not answered;
 * with retries the client has sent it again under one Idempotency-Key. CALLERID_ESYNTAX: the answer
 * is not what the registry says. The same errors come from the functions below.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_announce(struct callerid_client *client, const struct callerid_intent *intent,
			 struct callerid_intent_state *state_out, struct callerid_error *err);

/* GET /v1/intents/{id}: what became of it. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_intent(struct callerid_client *client, const char *id,
		       struct callerid_intent_state *state_out, struct callerid_error *err);

/* DELETE /v1/intents/{id}. Code intent_used: the call has come. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_cancel(struct callerid_client *client, const char *id, struct callerid_error *err);

/* POST /v1/outcomes: outcome is displayed, screened or answered; receipt is of the look-up that
 * showed the intent. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_outcome(struct callerid_client *client, const char *receipt, const char *outcome,
			struct callerid_error *err);

/* A report as it was taken. */
struct callerid_report {
	char id[CALLERID_REGISTRY_ID_MAX + 1];
	char provenance[16]; /* verified, claimed, or spoofed: then the number is a victim */
};

/* POST /v1/reports: label is of the taxonomy ("fraud" ... "wanted"); each receipt is good for one.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_report(struct callerid_client *client, const char *receipt, const char *label,
		       struct callerid_report *report_out, struct callerid_error *err);

/* DELETE /v1/reports/{id}: it counts no more. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_undo(struct callerid_client *client, const char *id, struct callerid_error *err);

#ifdef __cplusplus
}
#endif

#endif
