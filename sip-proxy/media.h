/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The media of a request's call, through a relay where a trunk wants it: what is offered and
 * answered passes the relay, whose SDP goes on in its place. Whatever the relay does, the call goes
 * on; without an answer in time it goes with the SDP that came.
 */
#ifndef PROXY_MEDIA_H
#define PROXY_MEDIA_H

#include "sip-proxy/mark.h"

struct call;
struct relay_ask;
struct held;

typedef void media_then(struct call *call);

/* A part of struct call. */
struct call_media {
	struct mark mark;    /* set: the call's media is the relay's */
	bool wanted;	     /* a new call that a trunk wants to be relayed */
	bool outward;	     /* the sender of the request is the caller */
	bool settled;	     /* the request's own body has been dealt with */
	bool asked;	     /* the relay may know the call */
	bool answers;	     /* the request's SDP answers a response's */
	bool offered;	     /* the relay has made the request's SDP: a response answers it */
	bool late;	     /* no offer in the request: the response has it */
	bool retried;	     /* the other relay was asked too */
	bool identified;     /* the offer named the caller's media identity ... */
	bool is_signed;	     /* ... and that was not empty */
	const char *left;    /* static: why it was not tried; NULL: it was, or nobody wants it */
	const char *trouble; /* static: why it is not relayed; NULL: it is */
	struct relay_ask *ask;
	media_then *then;
	struct held *held; /* responses that wait for the relay, in order */
	/* the last SDP of a response, and what the relay made of it */
	char *tag, *came, *went;
	size_t n_came, n_went;
};

/* Once the next hop is known. mark is that of the request's Route. */
void media_begin(struct call *call, const struct mark *mark);

/* Sends what the request offers or answers to the relay, once; then runs when that is done, at
 * once where there is nothing to do. CANCEL may end the call before. */
void media_request(struct call *call, media_then *then);

/* The media of this request is relayed, as far as is known. */
bool media_is_relayed(const struct call *call);

/* A response on its way back. true: it was taken and waits for the relay, when call_deliver() gets
 * it; or it is dropped, where too many wait. */
bool media_response(struct call *call, msg_t *response);

/* The final response has gone out: a call that failed is over for the relay too; the record's
 * words. */
void media_over(struct call *call, int status);

/* The call is going: nothing waits any more. */
void media_forget(struct call *call);

/* The ACK of a 2xx, which has no transaction: its SDP answers the offer of the 2xx. next is the
 * way it goes; msg is taken over. */
typedef void media_send(struct proxy *proxy, msg_t *msg, const struct target *next);
void media_ack(struct proxy *proxy, msg_t *msg, const struct mark *mark, const struct target *next,
	       media_send *send);

#endif
