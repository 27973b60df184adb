/* SPDX-License-Identifier: Apache-2.0 */
/* The media of what comes back: responses wait for the relay, in their order; so does an ACK. */
#include "sip-proxy/media.h"

#include "sip-proxy/call.h"
#include "sip-proxy/media_private.h"

#include <stdlib.h>
#include <string.h>

#define HELD_MAX 16 /* responses of a call that wait, the one that is asked for included */

struct held {
	msg_t *msg;
	struct held *next;
};

static enum trunk_media sender(const struct call_media *media)
{
	return media->outward ? media->mark.caller : media->mark.callee;
}

static bool is_same(const struct call_media *media, const char *tag, struct callerid_span sdp)
{
	return media->went != NULL && strcmp(media->tag, tag != NULL ? tag : "") == 0 &&
	       media->n_came == sdp.n && memcmp(media->came, sdp.p, sdp.n) == 0;
}

static void forget_last(struct call_media *media)
{
	free(media->tag);
	free(media->came);
	free(media->went);
	media->tag = media->came = media->went = NULL;
}

static char *copy(const char *text, size_t n)
{
	char *made = malloc(n + 1);

	if (made == NULL)
		abort();
	memcpy(made, text, n);
	made[n] = 0;
	return made;
}

/* A 2xx is sent again until its ACK comes, and often repeats the SDP of a 183. */
static void remember(struct call_media *media, const char *tag, struct callerid_span came,
		     struct callerid_span went)
{
	forget_last(media);
	media->tag = copy(tag != NULL ? tag : "", tag != NULL ? strlen(tag) : 0);
	media->came = copy(came.p, came.n);
	media->went = copy(went.p, went.n);
	media->n_came = came.n;
	media->n_went = went.n;
}

static bool media_is_open(const struct call_media *media)
{
	return media->mark.set && (media->offered || media->late);
}

/* The SDP that has to pass the relay. n 0: there is none. */
static struct callerid_span sdp_of(struct call *call, const sip_t *sip)
{
	struct callerid_span none = {"", 0};
	struct callerid_span sdp = facts_sdp(sip);
	int status = sip->sip_status->st_status;

	/* The SDP of a response to OPTIONS is nobody's answer (RFC 3261 §11.2). */
	if (!media_is_open(&call->media) || status <= 100 || status >= 300)
		return none;
	if (sdp.p != NULL && sdp.n <= NG_SDP_MAX)
		return sdp;
	call->media.trouble = sdp.p == NULL ? "not_sdp" : "too_large";
	return none;
}

static void answered(void *magic, const struct relay_answer *answer);

/* What came with the callee's response: an answer, or the offer that the request had not. */
static void ask_response(struct call *call, const sip_t *sip)
{
	struct call_media *media = &call->media;
	struct ng_command command = {
		.verb = NG_ANSWER, .sdp = facts_sdp(sip), .toward = sender(media)};

	media_name_dialog(sip, &command);
	if (call->journey)
		command.branch = media_span(call->branch);
	if (media->late) {
		struct callerid_span swap = command.from_tag;

		command.verb = NG_OFFER;
		command.from_tag = command.to_tag;
		command.to_tag = swap;
		command.branch = (struct callerid_span){NULL, 0};
	}
	media->asked = true;
	media->ask = relay_ask(call->proxy, media->mark.relay, &command, answered, call);
}

/* Takes the first that waits; the call may be gone when this returns. */
static void release(struct call *call)
{
	struct held *first = call->media.held;
	msg_t *msg = first->msg;

	call->media.held = first->next;
	free(first);
	call_deliver(call, msg);
}

/* Lets go what waits, in order, up to what has to be asked for. */
static void work_off(struct call *call)
{
	char branch[CALL_BRANCH_MAX];
	struct proxy *proxy = call->proxy;

	memcpy(branch, call->branch, sizeof(branch));
	for (size_t i = 0; i <= HELD_MAX && call != NULL && call->media.held != NULL; i++) {
		msg_t *msg = call->media.held->msg;
		sip_t *sip = sip_object(msg);
		struct callerid_span sdp = sdp_of(call, sip);

		if (sdp.n > 0 && is_same(&call->media, sip->sip_to->a_tag, sdp)) {
			(void)message_set_body(msg, call->media.went, call->media.n_went);
		} else if (sdp.n > 0) {
			ask_response(call, sip);
			return;
		}
		release(call);
		HASH_FIND_STR(proxy->calls, branch, call);
	}
}

static void answered(void *magic, const struct relay_answer *answer)
{
	struct call *call = magic;
	struct call_media *media = &call->media;
	msg_t *msg = media->held->msg;
	sip_t *sip = sip_object(msg);
	struct callerid_span came = facts_sdp(sip), went = answer->reply.sdp;
	char branch[CALL_BRANCH_MAX];
	struct proxy *proxy = call->proxy;

	media->ask = NULL;
	media->trouble = answer->reply.trouble;
	if (media->trouble == NULL && went.n == 0)
		media->trouble = "no_sdp";
	if (media->trouble == NULL) {
		remember(media, sip->sip_to->a_tag, came, went);
		if (!message_set_body(msg, went.p, went.n))
			media->trouble = "no_memory";
	}
	memcpy(branch, call->branch, sizeof(branch));
	release(call);
	HASH_FIND_STR(proxy->calls, branch, call); /* it may have ended */
	if (call != NULL)
		work_off(call);
}

static bool is_final(msg_t *response)
{
	return sip_object(response)->sip_status->st_status >= 200;
}

/* Puts it behind those that wait. What passed them would be out of order, with an SDP that is not
 * the relay's: where there is no place a provisional response is lost, as on any way (RFC 3261 §17;
 * one that is reliable is sent again, RFC 3262 §3), and a final one takes the place of the last. */
static void hold(struct call_media *media, msg_t *response)
{
	struct held **at = &media->held;
	size_t n = 1;

	for (; *at != NULL && n < HELD_MAX; at = &(*at)->next)
		n++;
	if (*at != NULL && (!is_final(response) || is_final((*at)->msg))) {
		msg_destroy(response);
		return;
	}
	if (*at != NULL)
		msg_destroy((*at)->msg);
	else
		*at = calloc(1, sizeof(**at));
	if (*at == NULL)
		abort();
	(*at)->msg = response;
}

bool media_response(struct call *call, msg_t *response)
{
	struct call_media *media = &call->media;
	sip_t *sip = sip_object(response);
	struct callerid_span sdp = sdp_of(call, sip);
	bool first = media->held == NULL;

	if (first && sdp.n == 0)
		return false;
	if (first && is_same(media, sip->sip_to->a_tag, sdp)) {
		(void)message_set_body(response, media->went, media->n_went);
		return false;
	}
	hold(media, response);
	if (first)
		ask_response(call, sip);
	return true;
}

void media_drop_responses(struct call_media *media)
{
	while (media->held != NULL) {
		struct held *held = media->held;

		media->held = held->next;
		msg_destroy(held->msg);
		free(held);
	}
	forget_last(media);
}

/* The ACK of a 2xx */

struct ack {
	struct proxy *proxy;
	msg_t *msg;
	struct target next;
	media_send *send;
};

static void acked(void *magic, const struct relay_answer *answer)
{
	struct ack *ack = magic;

	if (answer->reply.trouble == NULL && answer->reply.sdp.n > 0)
		(void)message_set_body(ack->msg, answer->reply.sdp.p, answer->reply.sdp.n);
	ack->send(ack->proxy, ack->msg, &ack->next);
	free(ack);
}

void media_ack(struct proxy *proxy, msg_t *msg, const struct mark *mark, const struct target *next,
	       media_send *send)
{
	const sip_t *sip = sip_object(msg);
	struct ng_command command = {.verb = NG_ANSWER, .sdp = facts_sdp(sip)};
	bool outward = mark_hash(sip->sip_from->a_tag) == mark->tag;
	struct ack *ack;

	if (!mark->set || command.sdp.n == 0 || command.sdp.n > NG_SDP_MAX) {
		send(proxy, msg, next);
		return;
	}
	ack = calloc(1, sizeof(*ack));
	if (ack == NULL)
		abort();
	*ack = (struct ack){.proxy = proxy, .msg = msg, .next = *next, .send = send};
	command.toward = outward ? mark->callee : mark->caller;
	command.call_id = media_span(sip->sip_call_id->i_id);
	command.from_tag = media_span(sip->sip_to->a_tag);
	command.to_tag = media_span(sip->sip_from->a_tag);
	(void)relay_ask(proxy, mark->relay, &command, acked, ack);
}
