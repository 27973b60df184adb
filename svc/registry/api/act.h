/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler that changes something leaves behind: an audit row, an event. */
#ifndef REGISTRY_ACT_H
#define REGISTRY_ACT_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/audit.h"

/*
 * Both belong into the handler's transaction, after its own statements: they hold locks until
 * COMMIT, the event last. All return what the store says; the handler passes it to
 * http_reply_store().
 */

/* In the chain of tenant, which is that of the object; detail has no number that is not masked. */
enum store_status act_audit(struct http_call *call, const char *tenant, const char *action,
			    const char *object, const char *detail);
/* The same row, for store_audit_add_all(). */
struct audit_row act_audit_row(const struct http_call *call, const char *tenant, const char *action,
			       const char *object, const char *detail);

struct act_event {
	const char *tenant; /* who may hear of it */
	const char *kind, *object;
	const uint8_t *callee; /* whose device hears of it too: PAIRTAG_SIZE bytes, NULL: none */
	json_t *take;	       /* its data */
};
enum store_status act_event(struct http_call *call, const struct act_event *event);

/* The public entry of a number or block changed: carriers, lists and buckets hear of it. */
enum store_status act_directory(struct http_call *call, const char *number);

/* Whether the caller may act for that tenant: its own, one below it, any for the operator. */
enum store_status act_may_reach(struct http_call *call, const char *tenant);

/* "+1215***1212": for audit rows. */
#define ACT_MASKED_MAX 24
void act_mask(const char *number, char masked_out[ACT_MASKED_MAX]);

#endif
