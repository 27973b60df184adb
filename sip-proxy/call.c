/* SPDX-License-Identifier: Apache-2.0 */
/* The journey of one request: from its server transaction to its client transaction and back. */
#include "sip-proxy/call.h"

#include "sip-proxy/connections.h"
#include "sip-proxy/hop.h"
#include "sip-proxy/outcome.h"
#include "sip-proxy/reason.h"
#include "sip-proxy/stir.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UDP_RESPONSE_MAX 65000 /* bytes; a datagram takes no more */

static void timer_fired(su_root_magic_t *proxy, su_timer_t *timer, su_timer_arg_t *magic)
{
	struct call *call = magic;
	call_timeout *then = call->then;

	(void)proxy;
	(void)timer;
	call->then = NULL;
	if (then != NULL)
		then(call);
}

void call_after(struct call *call, int64_t ms, call_timeout *then)
{
	su_timer_reset(call->timer);
	call->then = then;
	if (then != NULL)
		su_timer_set_interval(call->timer, timer_fired, call,
				      (su_duration_t)(ms > 0 ? ms : 1));
}

static void call_free(struct call *call)
{
	struct proxy *proxy = call->proxy;

	HASH_DEL(proxy->calls, call);
	if (!call->over)
		proxy->n_setup--;
	stir_forget(call);
	media_forget(call);
	su_timer_destroy(call->timer);
	if (call->orq != NULL)
		nta_outgoing_destroy(call->orq);
	if (call->irq != NULL)
		nta_incoming_destroy(call->irq);
	if (call->request != NULL)
		msg_destroy(call->request);
	settings_unref(call->settings);
	free(call);
}

void call_free_all(struct proxy *proxy)
{
	struct call *call, *next;

	HASH_ITER (hh, proxy->calls, call, next)
		call_free(call);
}

/* The final response has gone out. A 2xx of an INVITE may be sent again for 64*T1, and has to be
 * passed on (RFC 6026 §7.3): the server transaction is kept for it. */
static void call_over(struct call *call, int status)
{
	call->over = true;
	call->proxy->n_setup--;
	media_over(call, status);
	stir_forget(call);
	if (call->invite && status >= 200 && status < 300)
		outcome_answered(call->proxy, call->receipt);
	if (call->orq != NULL)
		nta_outgoing_destroy(call->orq);
	call->orq = NULL;
	if (call->request != NULL)
		msg_destroy(call->request);
	call->request = NULL;
	if (call->journey)
		record_end(call, status);
	if (call->invite && status >= 200 && status < 300)
		call_after(call, CALL_LINGER_MS, call_free);
	else
		call_free(call);
}

void call_reply(struct call *call, int status, const char *phrase)
{
	if (call->journey && call->record.action == NULL) {
		call->record.action = "reject";
		call->record.rule = "routing";
	}
	nta_incoming_treply(call->irq, status, phrase, TAG_END());
	call_over(call, status);
}

/* A CANCEL of our own making: nta's forgets the INVITE over TCP before its 487 has come. */
static void send_cancel(struct call *call)
{
	msg_t *asked = nta_outgoing_getrequest(call->orq);
	sip_t *old = asked != NULL ? sip_object(asked) : NULL;
	msg_t *msg = old != NULL ? nta_msg_create(call->proxy->agent, 0) : NULL;
	sip_t *sip = msg != NULL ? sip_object(msg) : NULL;
	su_home_t *home = msg_home(msg);
	bool ok = sip != NULL;

	call->cancel_sent = true;
	if (ok) {
		sip->sip_request = sip_request_create(
			home, SIP_METHOD_CANCEL, (url_string_t *)old->sip_request->rq_url, NULL);
		/* RFC 3261 §9.1: the same Request-URI, To, From, Call-ID, CSeq number and Route. */
		ok = sip_add_dup(msg, sip, (sip_header_t *)old->sip_to) >= 0 &&
		     sip_add_dup(msg, sip, (sip_header_t *)old->sip_from) >= 0 &&
		     sip_add_dup(msg, sip, (sip_header_t *)old->sip_call_id) >= 0 &&
		     sip_add_dup(msg, sip, (sip_header_t *)old->sip_route) >= 0 &&
		     sip_add_dup(msg, sip, (sip_header_t *)old->sip_max_forwards) >= 0;
		sip->sip_cseq = sip_cseq_create(home, old->sip_cseq->cs_seq, SIP_METHOD_CANCEL);
		ok = ok && sip->sip_request != NULL && sip->sip_cseq != NULL;
	}
	if (!ok || nta_outgoing_mcreate(call->proxy->agent, NULL, NULL,
					URL_STRING_MAKE(call->next_hop.url), msg,
					NTATAG_BRANCH_KEY(call->branch), TAG_END()) == NULL)
		msg_destroy(msg);
	msg_destroy(asked);
}

static void cancel_expired(struct call *call)
{
	call_reply(call, SIP_487_REQUEST_CANCELLED);
}

static void cancel(struct call *call)
{
	call->cancelled = true;
	if (!call->forwarded) {
		call_reply(call, SIP_487_REQUEST_CANCELLED);
		return;
	}
	/* §9.1: not before a provisional response; on_response() sends it then. */
	if (call->provisional && !call->cancel_sent)
		send_cancel(call);
	call_after(call, CALL_CANCEL_MS, cancel_expired);
}

/* ACK of our own final responses, CANCEL of the caller. */
static int on_ack_cancel(nta_incoming_magic_t *call, nta_incoming_t *irq, sip_t const *sip)
{
	(void)irq;
	if (call != NULL && sip != NULL && sip->sip_request != NULL && call->invite &&
	    sip->sip_request->rq_method == sip_method_cancel && !call->over && !call->cancelled)
		cancel(call);
	return 0;
}

/* Takes our Via off and sends msg, which is taken over, to the caller. */
static bool pass_response(struct call *call, msg_t *msg)
{
	sip_t *sip = sip_object(msg);

	/* Without a second Via it is not an answer to the caller's request. */
	if (sip->sip_via == NULL || sip->sip_via->v_next == NULL ||
	    msg_size(msg) > UDP_RESPONSE_MAX) {
		msg_destroy(msg);
		return false;
	}
	sip_header_remove(msg, sip, (sip_header_t *)sip->sip_via);
	/* A trusted caller's own assertions come back to it; ours go nowhere but to the callee. */
	if (!call->trunk->options->trusted || call->record.verstat != NULL)
		treat_strip_response(msg);
	reason_take(call, msg);
	if (sip->sip_status->st_status > 100)
		reason_tell(call, msg);
	nta_incoming_mreply(call->irq, msg);
	return true;
}

void call_deliver(struct call *call, msg_t *response)
{
	int status = sip_object(response)->sip_status->st_status;
	bool passed = pass_response(call, response);

	if (status < 200 || call->over)
		return;
	if (passed)
		call_over(call, status);
	else
		call_reply(call, SIP_502_BAD_GATEWAY);
}

/* At once, or when the relay has made its SDP another. */
static void pass_by_media(struct call *call, msg_t *response)
{
	if (!media_response(call, response))
		call_deliver(call, response);
}

static void ring_expired(struct call *call)
{
	cancel(call);
}

/* A response over a connection that the next hop opened: RFC 3261 §18.2.2. */
static void heard(struct call *call, nta_outgoing_t *orq)
{
	msg_t *msg = nta_outgoing_getresponse(orq);

	if (msg == NULL)
		return;
	connections_heard(call->proxy, msg);
	msg_destroy(msg);
}

static void on_provisional(struct call *call, nta_outgoing_t *orq, int status)
{
	call->provisional = true;
	heard(call, orq);
	if (call->invite && call->cancelled && !call->cancel_sent)
		send_cancel(call);
	if (status == 100)
		return;
	/* §16.7 step 2: every provisional response but 100 starts timer C again. */
	if (call->invite && !call->cancelled)
		call_after(call, call->settings->proxy->timer_c_ms, ring_expired);
	pass_by_media(call, nta_outgoing_getresponse(orq));
}

static int on_response(nta_outgoing_magic_t *call, nta_outgoing_t *orq, sip_t const *sip)
{
	int status = sip != NULL ? sip->sip_status->st_status : nta_outgoing_status(orq);

	if (call == NULL || call->over)
		return 0;
	if (status < 200) {
		on_provisional(call, orq, status);
		return 0;
	}
	/* What nta made up: the next hop could not be reached, or was silent for 64*T1. */
	if (sip == NULL || nta_sip_is_internal(sip)) {
		if (call->cancelled)
			call_reply(call, SIP_487_REQUEST_CANCELLED);
		else if (status == 408)
			call_reply(call, SIP_408_REQUEST_TIMEOUT);
		else
			call_reply(call, SIP_503_SERVICE_UNAVAILABLE);
		return 0;
	}
	heard(call, orq);
	pass_by_media(call, nta_outgoing_getresponse(orq));
	return 0;
}

void call_stray_response(struct proxy *proxy, msg_t *msg, sip_t *sip)
{
	const char *branch = sip->sip_via != NULL ? sip->sip_via->v_branch : NULL;
	int status = sip->sip_status->st_status;
	struct call *call = NULL;

	if (branch != NULL)
		HASH_FIND_STR(proxy->calls, branch, call);
	if (call != NULL && call->over && call->invite && status >= 200 && status < 300 &&
	    sip->sip_cseq != NULL && sip->sip_cseq->cs_method == sip_method_invite) {
		pass_by_media(call, msg);
		return;
	}
	/* RFC 6026 §7.3: stray responses must not be forwarded. */
	METRIC_COUNT(proxy->metrics, METRIC_REFUSED, "stray_response");
	msg_destroy(msg);
}

struct call *call_new(struct proxy *proxy, const struct trunk *trunk, msg_t *msg)
{
	struct call *call = calloc(1, sizeof(*call));
	sip_t *sip = sip_object(msg);
	sip_require_t *require = sip->sip_require;

	if (call == NULL)
		abort();
	call->proxy = proxy;
	call->settings = settings_ref(proxy->settings);
	call->trunk = trunk;
	call->invite = sip->sip_request->rq_method == sip_method_invite;
	call->journey = call->invite && sip->sip_to->a_tag == NULL;
	call->record.started_us = proxy_now_us();
	/* nta would send provisional responses reliably itself; that is the callee's business. */
	sip->sip_require = NULL;
	call->irq = nta_incoming_create(proxy->agent, NULL, msg, sip, TAG_END());
	if (call->irq != NULL)
		sip->sip_require = require;
	call->timer = su_timer_create(su_root_task(proxy->root), 1000);
	if (call->irq == NULL || call->timer == NULL ||
	    !hop_branch(sip, call->branch, sizeof(call->branch))) {
		if (call->irq != NULL)
			nta_incoming_destroy(call->irq);
		su_timer_destroy(call->timer);
		settings_unref(call->settings);
		free(call);
		return NULL;
	}
	call->request = nta_incoming_getrequest(call->irq);
	nta_incoming_bind(call->irq, on_ack_cancel, call);
	HASH_ADD_STR(proxy->calls, branch, call);
	proxy->n_setup++;
	return call;
}

static void refuse(struct call *call, int status, const char *phrase, const char *why)
{
	METRIC_COUNT(call->proxy->metrics, METRIC_REFUSED, why);
	call_reply(call, status, phrase);
}

static bool prepare(struct call *call)
{
	msg_t *msg = call->request;
	sip_method_t method = sip_object(msg)->sip_request->rq_method;
	char mark[MARK_TEXT_MAX] = "";

	if (!hop_count_down(msg))
		return false;
	if (media_is_relayed(call))
		mark_write(&call->media.mark, mark);
	if ((method == sip_method_invite || method == sip_method_subscribe) &&
	    !hop_record_route(call->proxy, msg, &call->next_hop, mark))
		return false;
	return call->route == NULL || hop_retarget(call->proxy, msg, &call->next_hop);
}

static void send_on(struct call *call)
{
	msg_t *msg = call->request;

	if (!prepare(call)) {
		call_reply(call, SIP_500_INTERNAL_SERVER_ERROR);
		return;
	}
	if (!hop_fits(msg, &call->next_hop)) {
		refuse(call, 513, "Message Too Large", "too_large_for_udp");
		return;
	}
	call->forwarded = true;
	call->orq = nta_outgoing_mcreate(call->proxy->agent, on_response, call,
					 URL_STRING_MAKE(call->next_hop.url), msg,
					 NTATAG_BRANCH_KEY(call->branch), TAG_END());
	if (call->orq == NULL) {
		call_reply(call, SIP_500_INTERNAL_SERVER_ERROR);
		return;
	}
	call->request = NULL;
	if (call->invite)
		call_after(call, call->settings->proxy->timer_c_ms, ring_expired);
}

void call_forward(struct call *call)
{
	media_request(call, send_on);
}

static void copy_party(const struct callerid_party *party, char *text_out, size_t size)
{
	snprintf(text_out, size, "%s", party->kind != CALLERID_PARTY_NONE ? party->text : "");
}

static void begin_record(struct call *call, const sip_t *sip)
{
	struct record *record = &call->record;

	snprintf(record->call_id, sizeof(record->call_id), "%s", sip->sip_call_id->i_id);
	copy_party(&call->facts.orig[0], record->from, sizeof(record->from));
	copy_party(&call->facts.dest, record->to, sizeof(record->to));
	record->identities = call->facts.n_identity + call->facts.n_identity_ignored;
}

/* RFC 3261 §17.2.1: at once, before anything that may wait. */
static void say_trying(struct call *call)
{
	struct record *record = &call->record;

	nta_incoming_treply(call->irq, SIP_100_TRYING, TAG_END());
	record->trying_us = proxy_now_us() - record->started_us;
	metrics_observe(call->proxy->metrics, METRIC_TRYING_SECONDS, NULL,
			(double)record->trying_us / 1e6);
}

/* 47 CFR and RFC 7090: forwarded at once; looked at afterwards, for the record only. */
static void start_emergency(struct call *call)
{
	char branch[CALL_BRANCH_MAX];
	struct proxy *proxy = call->proxy;
	struct call *still;

	memcpy(branch, call->branch, sizeof(branch));
	if (call->trunk->options->role != TRUNK_CUSTOMER)
		stir_begin_for_record(call);
	call->record.action = "allow";
	call->record.rule = "emergency";
	call_forward(call);
	HASH_FIND_STR(proxy->calls, branch, still); /* it may have ended in call_forward() */
	if (still != NULL && !still->over)
		stir_verify_for_record(still);
}

static void start_journey(struct call *call)
{
	enum trunk_role role = (enum trunk_role)call->trunk->options->role;

	if (call->facts.emergency)
		start_emergency(call);
	else if (role == TRUNK_CUSTOMER || (role == TRUNK_BOTH && call->facts.n_identity == 0))
		stir_sign(call);
	else
		stir_verify(call);
}

/* NULL: it is chosen; else why there is none. */
static const char *choose_hop(struct call *call)
{
	sip_t *sip = sip_object(call->request);
	const struct settings *settings = call->settings;

	/* Inside a dialog the Route set leads; a peer without one is led by the called number. */
	if (sip->sip_to->a_tag != NULL && hop_of_request(call->proxy, sip, &call->next_hop))
		return settings_know(settings, call->next_hop.host) ? NULL : "foreign_hop";
	call->route = route_find(settings->routes, settings->n_routes, &call->facts.called);
	if (call->route == NULL)
		return "no_route";
	call->next_hop = call->route->target;
	/* The called number led, not the sender's Route: the next hop must not follow it either. */
	if (sip->sip_to->a_tag == NULL)
		hop_drop_routes(call->request);
	return NULL;
}

/* What the sender may not assert goes; facts are read from what is left. */
static bool strip(struct call *call)
{
	const struct trunk_options *trunk = call->trunk->options;
	char reason[CALLERID_CALLINFO_REASON_MAX + 1] = "";
	size_t stripped = 0;

	if (call->journey)
		facts_read_reason(call->request, reason);
	if (!trunk->trusted && !treat_strip(call->request, trunk->pai, &stripped))
		return false;
	if (stripped > 0)
		metrics_add(call->proxy->metrics, METRIC_STRIPPED,
			    &(struct metric_labels){{trunk->title}}, (double)stripped);
	facts_read(call->request, call->trunk, &call->facts);
	memcpy(call->facts.call_reason, reason, sizeof(reason));
	return true;
}

static void go(struct call *call, const struct mark *mark)
{
	media_begin(call, mark);
	if (call->journey)
		start_journey(call);
	else
		call_forward(call);
}

void call_start(struct call *call)
{
	struct mark mark = mark_read(call->proxy, sip_object(call->request));
	const char *lost;
	bool clean;

	if (call->invite)
		say_trying(call);
	hop_take_routes(call->proxy, call->request);
	clean = strip(call);
	if (call->journey)
		begin_record(call, sip_object(call->request));
	if (!clean)
		refuse(call, SIP_400_BAD_REQUEST, "not_strippable");
	else if (call->facts.n_date > 1)
		refuse(call, 400, "Duplicate Date Header", "duplicate_date");
	else if ((lost = choose_hop(call)) != NULL)
		refuse(call, SIP_404_NOT_FOUND, lost);
	else
		go(call, &mark);
}
