/* SPDX-License-Identifier: Apache-2.0 */
/* The SIP edge: nta without dialogs of its own; every request comes to on_message() first. */
#include "sip-proxy/agent.h"

#include "sip-proxy/call.h"
#include "sip-proxy/connections.h"
#include "sip-proxy/hop.h"
#include "sip-proxy/tls_leak.h"
#include "sip-proxy/treat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The limits of dialogs and emergencies, as multiples of those of new calls. */
#define RESERVE_RATE  4
#define RESERVE_CALLS 2

/* Answers without a transaction; msg is taken over. */
static void answer(struct proxy *proxy, msg_t *msg, int status, const char *phrase,
		   const char *header)
{
	nta_msg_treply(proxy->agent, msg, status, phrase,
		       TAG_IF(header != NULL, SIPTAG_HEADER_STR(header)), TAG_END());
}

static void refuse(struct proxy *proxy, msg_t *msg, int status, const char *phrase, const char *why)
{
	METRIC_COUNT(proxy->metrics, METRIC_REFUSED, why);
	if (sip_object(msg)->sip_request->rq_method == sip_method_ack)
		msg_destroy(msg); /* an ACK has no answer */
	else
		answer(proxy, msg, status, phrase, status == 503 ? "Retry-After: 5" : NULL);
}

/* RFC 3261 §16.3 step 2: a URI scheme that we cannot route. */
static const char *check_scheme(struct proxy *proxy, const sip_t *sip)
{
	const url_t *url = sip->sip_request->rq_url;

	(void)proxy;
	if (url->url_type == url_sip || url->url_type == url_sips || url->url_type == url_tel)
		return NULL;
	/* urn:service:sos */
	return url->url_scheme != NULL && strcasecmp(url->url_scheme, "urn") == 0
		       ? NULL
		       : "unsupported_scheme";
}

static const char *check_max_forwards(struct proxy *proxy, const sip_t *sip)
{
	(void)proxy;
	return sip->sip_max_forwards != NULL && sip->sip_max_forwards->mf_count == 0
		       ? "max_forwards"
		       : NULL;
}

static const char *check_loop(struct proxy *proxy, const sip_t *sip)
{
	return hop_is_loop(proxy, sip) ? "loop" : NULL;
}

/* Step 5: we know no extension that a proxy has to know. */
static const char *check_proxy_require(struct proxy *proxy, const sip_t *sip)
{
	(void)proxy;
	return sip->sip_proxy_require != NULL ? "proxy_require" : NULL;
}

static const struct {
	const char *(*check)(struct proxy *proxy, const sip_t *sip);
	int status;
	const char *phrase;
} admissions[] = {
	{check_scheme, SIP_416_UNSUPPORTED_URI},
	{check_max_forwards, SIP_483_TOO_MANY_HOPS},
	{check_loop, SIP_482_LOOP_DETECTED},
	{check_proxy_require, SIP_420_BAD_EXTENSION},
};

static void refuse_extension(struct proxy *proxy, msg_t *msg)
{
	sip_t *sip = sip_object(msg);
	sip_unsupported_t *unsupported = (sip_unsupported_t *)sip_header_dup_as(
		msg_home(msg), sip_unsupported_class, (msg_header_t *)sip->sip_proxy_require);

	METRIC_COUNT(proxy->metrics, METRIC_REFUSED, "proxy_require");
	nta_msg_treply(proxy->agent, msg, SIP_420_BAD_EXTENSION, SIPTAG_UNSUPPORTED(unsupported),
		       TAG_END());
}

static bool admit(struct proxy *proxy, msg_t *msg, const sip_t *sip)
{
	for (size_t i = 0; i < sizeof(admissions) / sizeof(admissions[0]); i++) {
		const char *why = admissions[i].check(proxy, sip);

		if (why == NULL)
			continue;
		if (admissions[i].status == 420)
			refuse_extension(proxy, msg);
		else
			refuse(proxy, msg, admissions[i].status, admissions[i].phrase, why);
		return false;
	}
	return true;
}

/* A part of a dialog, and the end of one, have been admitted before. */
static bool has_reserve(const sip_t *sip)
{
	sip_method_t method = sip->sip_request->rq_method;

	return method == sip_method_ack || method == sip_method_cancel ||
	       sip->sip_to->a_tag != NULL;
}

/* What the headers of an untrusted peer claim gives it no right to more than others have. */
static bool is_emergency(msg_t *msg, const struct trunk *trunk)
{
	struct facts facts;

	if (trunk == NULL)
		return false;
	facts_read(msg, trunk, &facts);
	return trunk->options->trusted ? facts.emergency : facts.to_psap;
}

/* What has a reserve has a limited one: a made-up To tag costs its sender nothing. An ACK and a
 * CANCEL hold no memory. true: the request was refused or dropped. */
static bool reserve_is_spent(struct proxy *proxy, msg_t *msg, const struct trunk *trunk)
{
	const struct proxy_options *options = proxy->settings->proxy;
	struct limiter_rate rate = {RESERVE_RATE * options->source_rate,
				    RESERVE_RATE * options->source_burst};
	const char *why = NULL;

	if (!limiter_take(proxy->reserve, &msg_addr(msg)->su_sa, &rate, proxy_now_ms()))
		why = "reserve_rate";
	else if (proxy->n_setup >= RESERVE_CALLS * (size_t)options->max_calls &&
		 sip_object(msg)->sip_request->rq_method != sip_method_ack &&
		 sip_object(msg)->sip_request->rq_method != sip_method_cancel)
		why = "reserve_calls";
	if (why == NULL)
		return false;
	if (trunk == NULL || strcmp(why, "reserve_rate") == 0) {
		METRIC_COUNT(proxy->metrics, METRIC_REFUSED, why);
		msg_destroy(msg);
	} else {
		refuse(proxy, msg, SIP_503_SERVICE_UNAVAILABLE, why);
	}
	return true;
}

/* false: the request was refused or dropped. */
static bool within_limits(struct proxy *proxy, msg_t *msg, const struct trunk *trunk)
{
	const struct proxy_options *options = proxy->settings->proxy;
	struct limiter_rate rate = {options->source_rate, options->source_burst};
	bool token = limiter_take(proxy->limiter, &msg_addr(msg)->su_sa, &rate, proxy_now_ms());
	const char *why = NULL;

	if (message_count_headers(msg) > (size_t)options->max_headers) {
		refuse(proxy, msg, 513, "Message Too Large", "headers");
		return false;
	}
	if (has_reserve(sip_object(msg)))
		return !reserve_is_spent(proxy, msg, trunk);
	if (!token)
		why = "rate";
	else if (proxy->n_setup >= (size_t)options->max_calls)
		why = "max_calls";
	else if (proxy->life.drain_until_ms != 0)
		why = "draining";
	if (why == NULL)
		return true;
	if (is_emergency(msg, trunk))
		return !reserve_is_spent(proxy, msg, trunk);
	if (trunk == NULL) {
		METRIC_COUNT(proxy->metrics, METRIC_REFUSED, "stranger_rate");
		msg_destroy(msg);
	} else {
		refuse(proxy, msg, SIP_503_SERVICE_UNAVAILABLE, why);
	}
	return false;
}

/* OPTIONS that is for us, or has come to its last hop here: we are well. */
static bool is_probe(const struct proxy *proxy, const sip_t *sip)
{
	const url_t *url = sip->sip_request->rq_url;

	if (sip->sip_request->rq_method != sip_method_options || sip->sip_to->a_tag != NULL)
		return false;
	return (hop_is_ours(proxy, url) && url->url_user == NULL) ||
	       (sip->sip_max_forwards != NULL && sip->sip_max_forwards->mf_count == 0);
}

static bool hop_of_ack(struct proxy *proxy, msg_t *msg, const struct trunk *trunk,
		       struct target *next_out)
{
	const struct settings *settings = proxy->settings;
	const struct route *route;
	struct facts facts;

	if (hop_of_request(proxy, sip_object(msg), next_out))
		return settings_know(settings, next_out->host);
	facts_read(msg, trunk, &facts);
	route = route_find(settings->routes, settings->n_routes, &facts.called);
	if (route == NULL)
		return false;
	*next_out = route->target;
	return hop_retarget(proxy, msg, next_out);
}

static void send_ack(struct proxy *proxy, msg_t *msg, const struct target *next)
{
	if (!hop_fits(msg, next) ||
	    nta_outgoing_mcreate(proxy->agent, NULL, NULL, URL_STRING_MAKE(next->url), msg,
				 NTATAG_STATELESS(1), TAG_END()) == NULL)
		msg_destroy(msg);
}

/* The ACK of a 2xx belongs to no transaction (§16.11): it goes the way of its dialog. */
static void pass_ack(struct proxy *proxy, msg_t *msg, const struct trunk *trunk)
{
	struct mark mark = mark_read(proxy, sip_object(msg));
	struct target next;
	size_t stripped = 0;

	hop_take_routes(proxy, msg);
	if ((trunk->options->trusted || treat_strip(msg, trunk->options->pai, &stripped)) &&
	    hop_of_ack(proxy, msg, trunk, &next) && hop_count_down(msg))
		media_ack(proxy, msg, &mark, &next, send_ack);
	else
		msg_destroy(msg);
}

static void become_call(struct proxy *proxy, msg_t *msg, const struct trunk *trunk)
{
	struct call *call = call_new(proxy, trunk, msg);

	if (call != NULL)
		call_start(call);
	else
		METRIC_COUNT(proxy->metrics, METRIC_REFUSED, "no_transaction");
}

/* Often a trunk whose address is missing or mistyped: its operator looks for the address. */
static void refuse_stranger(struct proxy *proxy, msg_t *msg)
{
	const su_sockaddr_t *source = msg_addr(msg);
	char host[INET6_ADDRSTRLEN] = "";

	(void)su_inet_ntop(source->su_family, SU_ADDR(source), host, sizeof(host));
	log_event(proxy->log, LOG_WARNING, "request.refused", F_STR("why", "unknown_source"),
		  F_STR("source", host), F_INT("port", ntohs(source->su_port)),
		  F_STR("method", sip_object(msg)->sip_request->rq_method_name));
	refuse(proxy, msg, SIP_403_FORBIDDEN, "unknown_source");
}

static void on_request(struct proxy *proxy, msg_t *msg, sip_t *sip)
{
	const struct settings *settings = proxy->settings;
	const struct trunk *trunk =
		trunk_find(settings->trunks, settings->n_trunks, &msg_addr(msg)->su_sa);
	sip_method_t method = sip->sip_request->rq_method;

	METRIC_COUNT(proxy->metrics, METRIC_REQUESTS, sip->sip_request->rq_method_name);
	/* Answers go to where the request came from, whatever its Via asks for. */
	if (sip->sip_via->v_maddr != NULL)
		msg_header_remove_param(sip->sip_via->v_common, "maddr");
	if (!within_limits(proxy, msg, trunk))
		return;
	if (is_probe(proxy, sip))
		answer(proxy, msg, SIP_200_OK, NULL);
	else if (trunk == NULL)
		refuse_stranger(proxy, msg);
	else if (method == sip_method_cancel)
		refuse(proxy, msg, SIP_481_NO_TRANSACTION, "stray_cancel");
	else if (!admit(proxy, msg, sip))
		return;
	else if (method == sip_method_ack)
		pass_ack(proxy, msg, trunk);
	else
		become_call(proxy, msg, trunk);
}

static int on_message(nta_agent_magic_t *proxy, nta_agent_t *agent, msg_t *msg, sip_t *sip)
{
	(void)agent;
	proxy->n_messages++;
	connections_heard(proxy, msg);
	if (sip->sip_request != NULL)
		on_request(proxy, msg, sip);
	else
		call_stray_response(proxy, msg, sip);
	return 0;
}

struct wanted {
	enum transport transport;
	const struct conf_address *address;
};

static void listener_url(const struct wanted *wanted, char *url_out, size_t size)
{
	bool v6 = strchr(wanted->address->host, ':') != NULL;

	snprintf(url_out, size, "%s:%s%s%s:%s%.*" PRIu16 ";transport=%s",
		 wanted->transport == TRANSPORT_TLS ? "sips" : "sip", v6 ? "[" : "",
		 wanted->address->host, v6 ? "]" : "", wanted->address->port == 0 ? "*" : "",
		 wanted->address->port == 0 ? 0 : 1, wanted->address->port,
		 transport_name(wanted->transport));
}

static bool open_one(struct proxy *proxy, const struct wanted *wanted)
{
	const struct proxy_options *options = proxy->settings->proxy;
	char url[128];

	listener_url(wanted, url, sizeof(url));
	return nta_agent_add_tport(proxy->agent, URL_STRING_MAKE(url), TPTAG_SERVER(1),
				   TPTAG_IDLE(1800000), TPTAG_TIMEOUT(10000), TPTAG_QUEUESIZE(256),
				   TAG_IF(wanted->transport == TRANSPORT_TLS,
					  TPTAG_CERTIFICATE(options->tls_directory)),
				   TAG_END()) >= 0;
}

/* The addresses in use, ports chosen by the system included. */
static void learn_listeners(struct proxy *proxy)
{
	const sip_via_t *via = nta_agent_via(proxy->agent);

	for (; via != NULL && proxy->n_listeners < TRANSPORT_COUNT; via = via->v_next) {
		struct listener *listener = &proxy->listeners[proxy->n_listeners];
		const char *name = sip_via_transport(via);

		if (name == NULL || !transport_by_name(name, strlen(name), &listener->transport))
			continue;
		snprintf(listener->host, sizeof(listener->host), "%s", via->v_host);
		snprintf(listener->port, sizeof(listener->port), "%s",
			 via->v_port != NULL			? via->v_port
			 : listener->transport == TRANSPORT_TLS ? "5061"
								: "5060");
		proxy->n_listeners++;
		log_event(proxy->log, LOG_INFO, "sip.listen",
			  F_STR("transport", transport_name(listener->transport)),
			  F_STR("host", listener->host), F_STR("port", listener->port));
	}
}

bool agent_open(struct proxy *proxy, char *err, size_t size)
{
	const struct proxy_options *options = proxy->settings->proxy;
	const struct wanted wanted[] = {{TRANSPORT_UDP, &options->listen_udp},
					{TRANSPORT_TCP, &options->listen_tcp},
					{TRANSPORT_TLS, &options->listen_tls}};

	/*
	 * A proxy, not a user agent: 2xx and their ACKs are end to end (UA), CANCEL travels on
	 * (CANCEL_487), 100 says that CANCEL may (PASS_100), timer C is ours (TIMER_C). Every
	 * header keeps its bytes (SIPFLAGS). Requests never change from UDP to TCP by their size:
	 * the next hop's transport is configured, and nta's change has an assertion that fails.
	 */
	proxy->agent = nta_agent_create(
		proxy->root, (url_string_t *)-1, on_message, proxy, NTATAG_UA(0),
		NTATAG_CANCEL_487(0), NTATAG_PASS_100(1), NTATAG_TIMER_C(0), NTATAG_MERGE_482(0),
		NTATAG_EXTRA_100(0), NTATAG_SERVER_RPORT(1), NTATAG_USE_NAPTR(0), NTATAG_USE_SRV(0),
		NTATAG_UDP_MTU(65535), NTATAG_MAXSIZE((usize_t)options->max_message),
		NTATAG_MAX_PROCEEDING((usize_t)options->max_calls),
		NTATAG_SIPFLAGS(MSG_DO_EXTRACT_COPY), TAG_END());
	if (proxy->agent == NULL) {
		snprintf(err, size, "the SIP stack does not start");
		return false;
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (wanted[i].address->host != NULL && !open_one(proxy, &wanted[i])) {
			snprintf(err, size, "cannot listen on %s %s:%" PRIu16,
				 transport_name(wanted[i].transport), wanted[i].address->host,
				 wanted[i].address->port);
			return false;
		}
	learn_listeners(proxy);
	return true;
}

void agent_close(struct proxy *proxy)
{
	if (proxy->agent != NULL)
		nta_agent_destroy(proxy->agent);
	proxy->agent = NULL;
	tls_leak_end();
}
