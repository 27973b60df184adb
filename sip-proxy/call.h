/* SPDX-License-Identifier: Apache-2.0 */
/* One request on its way: its two transactions, what was found about it, what happens next. */
#ifndef PROXY_CALL_H
#define PROXY_CALL_H

#include "sip-proxy/facts.h"
#include "sip-proxy/media.h"
#include "sip-proxy/proxy.h"
#include "sip-proxy/record.h"
#include "sip-proxy/treat.h"

#include <callerid/decide.h>

/* Its default hash function falls through in a switch, which clang refuses. Only what we name at
 * random is hashed by this one, branches and cookies; what strangers name, by siphash(). */
#define HASH_FUNCTION HASH_FNV
#include <uthash.h>

#define CALL_BRANCH_MAX 48
#define CALL_REASON_MAX 512   /* bytes of one Reason value */
#define CALL_LINGER_MS	32000 /* RFC 6026: 64*T1 in which a 2xx may be sent again */
#define CALL_CANCEL_MS	32000 /* RFC 3261 §9.1: 64*T1 in which a cancelled call must end */

#define REGISTRY_RECEIPT_MAX 255

struct registry_job;
struct hsm_job;
struct fetch;
typedef void call_timeout(struct call *call);

struct call {
	struct proxy *proxy;
	struct settings *settings; /* counted: a reload leaves calls under way as they began */
	const struct trunk *trunk;
	const struct route *route; /* NULL: by its Route header or Request-URI */
	struct target next_hop;
	nta_incoming_t *irq;
	nta_outgoing_t *orq; /* NULL before it was forwarded and after its final response */
	msg_t *request;	     /* one reference, given away when it is forwarded */
	char branch[CALL_BRANCH_MAX];
	su_timer_t *timer;
	bool invite;
	bool journey; /* a new call: signed or verified, and recorded */
	bool forwarded;
	bool provisional; /* the next hop has answered: a CANCEL may be sent */
	bool cancelled;
	bool cancel_sent;
	bool over; /* the final response went out; a 2xx may still come again */
	struct call_media media;
	/* the journey */
	struct facts facts; /* spans are parts of request: not used after it was forwarded */
	struct callerid_verification *verification;
	struct fetch *fetches; /* certificates that are under way */
	int64_t cert_asked_us; /* 0: no certificate was waited for */
	struct registry_job *job;
	struct hsm_job *hsm_job; /* a signature that is waited for */
	struct {
		int64_t began_us;
		int64_t iat;
		enum callerid_attest attest;
	} signing; /* what is being signed */
	struct callerid_decision decision;
	struct brand brand;
	char receipt[REGISTRY_RECEIPT_MAX + 1]; /* the registry's, of an announced call; else "" */
	struct shown shown;			/* to the callee */
	char reasons[CALLERID_PASSPORTS_MAX][CALL_REASON_MAX]; /* RFC 9410, still to be told */
	size_t n_reasons;
	char signature[96]; /* ".." and the signature of our own PASSporT; "" when we did not sign
			     */
	struct record record;
	call_timeout *then;
	UT_hash_handle hh; /* proxy->calls, by branch */
	UT_hash_handle late_hh;
};

/* Takes msg over. NULL: no transaction could be made (it is then gone). */
struct call *call_new(struct proxy *proxy, const struct trunk *trunk, msg_t *msg);

/* Chooses the way, signs or verifies a new call, forwards. */
void call_start(struct call *call);

/* The journey's end: out to the next hop. */
void call_forward(struct call *call);

/* A response of the next hop, which is taken over, goes to the caller; a final one ends the call.
 */
void call_deliver(struct call *call, msg_t *response);

/* Answers the request ourselves; the call is over. */
void call_reply(struct call *call, int status, const char *phrase);

/* Runs then after ms, once; a later call replaces an earlier one. */
void call_after(struct call *call, int64_t ms, call_timeout *then);

/* A response that matches no transaction: a 2xx that comes again is passed on, others are not. */
void call_stray_response(struct proxy *proxy, msg_t *msg, sip_t *sip);

/* Ends every call without a word, when the process ends. */
void call_free_all(struct proxy *proxy);

#endif
