/* SPDX-License-Identifier: Apache-2.0 */
/* A call's media from its first request on: whether a relay has it, what it is told, how it ends.
 */
#include "sip-proxy/media.h"

#include "sip-proxy/call.h"
#include "sip-proxy/late.h"
#include "sip-proxy/media_private.h"
#include "sip-proxy/mky.h"
#include "sip-proxy/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool media_is_relayed(const struct call *call)
{
	return call->media.mark.set && call->media.trouble == NULL;
}

static enum trunk_media receiver(const struct call_media *media)
{
	return media->outward ? media->mark.callee : media->mark.caller;
}

/* Not relayed, for this reason: the SDP goes as it came. */
static void fail(struct call *call, const char *trouble)
{
	call->media.trouble = trouble;
	call->media.mark.set = false;
}

/* The same where nothing was asked. */
static void leave(struct call *call, const char *why)
{
	METRIC_COUNT(call->proxy->metrics, METRIC_MEDIA_COMMANDS, "offer", why);
	fail(call, why);
}

/* What a request tells the relay */

struct callerid_span media_span(const char *text)
{
	return (struct callerid_span){text, text != NULL ? strlen(text) : 0};
}

void media_name_dialog(const sip_t *sip, struct ng_command *command)
{
	command->call_id = media_span(sip->sip_call_id->i_id);
	command->from_tag = media_span(sip->sip_from->a_tag);
	command->to_tag = media_span(sip->sip_to->a_tag);
}

/* The end of a call for a relay; nobody waits for it. */
static void end_at(struct call *call, size_t relay, const sip_t *sip)
{
	struct ng_command command = {.verb = NG_DELETE};

	media_name_dialog(sip, &command);
	if (call->journey)
		command.branch = media_span(call->branch);
	(void)relay_ask(call->proxy, relay, &command, NULL, NULL);
}

/* The request, whether it has been forwarded or not. Destroyed by the caller. */
static msg_t *request_of(const struct call *call)
{
	return nta_incoming_getrequest(call->irq);
}

/* What a callee offered late is named by its tag. */
static void end_late(struct call *call, const sip_t *sip)
{
	struct ng_command command = {.verb = NG_DELETE};

	media_name_dialog(sip, &command);
	command.to_tag = command.from_tag;
	command.from_tag = media_span(call->media.tag);
	(void)relay_ask(call->proxy, call->media.mark.relay, &command, NULL, NULL);
}

static void abandon(struct call *call)
{
	msg_t *msg = request_of(call);

	if (msg != NULL && call->media.late)
		end_late(call, sip_object(msg));
	else if (msg != NULL)
		end_at(call, call->media.mark.relay, sip_object(msg));
	msg_destroy(msg);
	call->media.asked = false;
}

static void offered(void *magic, const struct relay_answer *answer);

/* The request's SDP as a command. */
static void ask(struct call *call, enum ng_verb verb)
{
	const sip_t *sip = sip_object(call->request);
	struct call_media *media = &call->media;
	struct ng_command command = {
		.verb = verb, .sdp = facts_sdp(sip), .toward = receiver(media)};

	media_name_dialog(sip, &command);
	if (call->journey) {
		command.branch = media_span(call->branch);
		command.tells_identity = true;
		command.mky = mky_proven(call);
		media->identified = true;
		media->is_signed = command.mky != NULL;
	}
	media->answers = verb == NG_ANSWER;
	/* What answers is named by the tag of who offered. */
	if (verb == NG_ANSWER) {
		struct callerid_span swap = command.from_tag;

		command.from_tag = command.to_tag;
		command.to_tag = swap;
	}
	media->asked = true;
	media->ask = relay_ask(call->proxy, media->mark.relay, &command, offered, call);
}

#define NO_RELAY MEDIA_RELAYS_MAX

/* The first relay that is not away, and not this one; a call that is there already stays where it
 * is. */
static bool choose(const struct proxy *proxy, unsigned not_this, unsigned *relay_out)
{
	for (unsigned i = 0; i < relay_count(proxy); i++)
		if (i != not_this && !relay_is_away(proxy, i)) {
			*relay_out = i;
			return true;
		}
	return false;
}

static bool goes_elsewhere(struct call *call, const struct ng_reply *reply)
{
	struct call_media *media = &call->media;

	if (!call->journey || !reply->elsewhere || media->retried)
		return false;
	media->retried = choose(call->proxy, media->mark.relay, &media->mark.relay);
	return media->retried;
}

static void go_on(struct call *call)
{
	media_then *then = call->media.then;

	call->media.then = NULL;
	if (then != NULL)
		then(call);
}

static void offered(void *magic, const struct relay_answer *answer)
{
	struct call *call = magic;
	struct call_media *media = &call->media;
	const struct ng_reply *reply = &answer->reply;
	const char *trouble = reply->trouble;

	media->ask = NULL;
	if (trouble == NULL && reply->sdp.n == 0)
		trouble = "no_sdp";
	if (trouble == NULL && !message_set_body(call->request, reply->sdp.p, reply->sdp.n))
		trouble = "no_memory";
	if (trouble == NULL) {
		call->facts.sdp = facts_sdp(sip_object(call->request));
		media->offered = !media->answers;
		if (call->journey)
			mky_drop_broken(call);
		go_on(call);
		return;
	}
	/* It may have heard us all the same, and hold ports for a call that it does not carry. */
	if (call->journey && strcmp(trouble, "unreachable") != 0)
		abandon(call);
	media->asked = false;
	if (goes_elsewhere(call, reply)) {
		ask(call, NG_OFFER);
		return;
	}
	fail(call, trouble);
	go_on(call);
}

/* RFC 3264 in SIP: who offers, who answers, who ends (RFC 3261 §13, RFC 3311, RFC 3262 §5). */
static void begin_request(struct call *call, const sip_t *sip)
{
	struct call_media *media = &call->media;
	sip_method_t method = sip->sip_request->rq_method;
	bool has_sdp = call->facts.sdp.n > 0;

	if (method == sip_method_bye) {
		end_at(call, media->mark.relay, sip);
	} else if (method != sip_method_invite && method != sip_method_update &&
		   method != sip_method_prack) {
		return;
	} else if (call->facts.sdp.p == NULL) {
		media->left = "direct:not_sdp";
		leave(call, "not_sdp");
	} else if (call->facts.sdp.n > NG_SDP_MAX) {
		leave(call, "too_large");
	} else if (has_sdp) {
		ask(call, method == sip_method_prack && late_is(call->proxy, sip->sip_call_id->i_id)
				  ? NG_ANSWER
				  : NG_OFFER);
	} else if (method == sip_method_invite) {
		late_begin(call);
	}
}

void media_request(struct call *call, media_then *then)
{
	struct call_media *media = &call->media;

	if (!media->mark.set || media->settled) {
		then(call);
		return;
	}
	media->settled = true;
	media->then = then;
	begin_request(call, sip_object(call->request));
	if (media->ask == NULL)
		go_on(call);
}

/* The end of a dialog whose request does not say which relay has it: a peer without Route. */
static void end_everywhere(struct call *call, const sip_t *sip)
{
	for (size_t i = 0; i < relay_count(call->proxy); i++)
		end_at(call, i, sip);
}

static void begin_dialog(struct call *call, enum trunk_media in, enum trunk_media out)
{
	struct call_media *media = &call->media;

	media->outward = true;
	if (call->facts.emergency) {
		media->left = "direct:emergency";
		return;
	}
	media->wanted = true;
	media->mark = (struct mark){.set = true,
				    .caller = in,
				    .callee = out,
				    .tag = mark_hash(sip_object(call->request)->sip_from->a_tag)};
	if (choose(call->proxy, NO_RELAY, &media->mark.relay))
		return;
	leave(call, "away");
}

void media_begin(struct call *call, const struct mark *mark)
{
	const struct settings *settings = call->settings;
	const sip_t *sip = sip_object(call->request);
	const struct trunk *next;
	enum trunk_media in, out;

	if (relay_count(call->proxy) == 0)
		return;
	next = trunk_at(settings->trunks, settings->n_trunks, &call->next_hop);
	in = (enum trunk_media)call->trunk->options->media;
	out = next != NULL ? (enum trunk_media)next->options->media : MEDIA_OFF;
	if (call->journey && (in != MEDIA_OFF || out != MEDIA_OFF)) {
		begin_dialog(call, in, out);
	} else if (!call->journey && mark->set) {
		call->media.mark = *mark;
		call->media.outward = mark_hash(sip->sip_from->a_tag) == mark->tag;
	} else if (sip->sip_request->rq_method == sip_method_bye &&
		   (in != MEDIA_OFF || out != MEDIA_OFF)) {
		end_everywhere(call, sip);
	}
}

/* The words of the call's record; an answer that failed leaves one side as it came. */
static void describe(struct call *call)
{
	const struct call_media *media = &call->media;
	struct record *record = &call->record;
	size_t size = sizeof(record->media);

	if (relay_count(call->proxy) == 0)
		return;
	if (media->left != NULL)
		snprintf(record->media, size, "%s", media->left);
	else if (media->trouble != NULL)
		snprintf(record->media, size, "failed:%s", media->trouble);
	else if (!media->mark.set || media->asked)
		snprintf(record->media, size, "%s", media->asked ? "relayed" : "direct");
	if (media_is_relayed(call) && media->identified)
		record->media_identity = media->is_signed ? "signed" : "unsigned";
}

void media_over(struct call *call, int status)
{
	struct call_media *media = &call->media;

	relay_forget(media->held == NULL ? media->ask : NULL);
	if (media->held == NULL)
		media->ask = NULL;
	media->then = NULL;
	if (!call->journey)
		return;
	describe(call);
	if (media->asked && status >= 300)
		abandon(call);
}

void media_forget(struct call *call)
{
	late_end(call);
	relay_forget(call->media.ask);
	call->media.ask = NULL;
	media_drop_responses(&call->media);
}
