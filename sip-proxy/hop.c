/* SPDX-License-Identifier: Apache-2.0 */
/* Next hops: Route, Request-URI, Record-Route, Max-Forwards, loops. */
#include "sip-proxy/hop.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#define ROUTES_MAX	64
#define VIAS_MAX	256
#define UDP_REQUEST_MAX 64000 /* bytes; a datagram has 65507, and our Via is still to come */
#define MAX_FORWARDS	70    /* RFC 3261 §8.1.1.6 */

static const struct listener *listener_at(const struct proxy *proxy, const char *host,
					  const char *port)
{
	for (size_t i = 0; i < proxy->n_listeners; i++) {
		const struct listener *listener = &proxy->listeners[i];
		const char *usual = listener->transport == TRANSPORT_TLS ? "5061" : "5060";

		if (strcasecmp(listener->host, host) == 0 &&
		    strcmp(listener->port, port != NULL && port[0] != 0 ? port : usual) == 0)
			return listener;
	}
	return NULL;
}

bool hop_is_ours(const struct proxy *proxy, const url_t *url)
{
	if (url->url_host == NULL || (url->url_type != url_sip && url->url_type != url_sips))
		return false;
	return listener_at(proxy, url->url_host, url->url_port) != NULL;
}

static bool has_lr(const url_t *url)
{
	return url->url_params != NULL && url_has_param(url, "lr");
}

static bool set_request_uri(msg_t *msg, const url_t *url)
{
	sip_t *sip = sip_object(msg);
	sip_request_t *old = sip->sip_request;
	sip_request_t *request =
		sip_request_create(msg_home(msg), old->rq_method, old->rq_method_name,
				   (const url_string_t *)url, NULL);

	return request != NULL &&
	       msg_header_insert(msg, (msg_pub_t *)sip, (msg_header_t *)request) >= 0;
}

void hop_take_routes(const struct proxy *proxy, msg_t *msg)
{
	sip_t *sip = sip_object(msg);

	/* §16.4: a strict router put our Record-Route into the Request-URI, the real one last. */
	if (sip->sip_route != NULL && has_lr(sip->sip_request->rq_url) &&
	    hop_is_ours(proxy, sip->sip_request->rq_url)) {
		sip_route_t *last = sip->sip_route;

		for (size_t i = 0; i < ROUTES_MAX && last->r_next != NULL; i++)
			last = last->r_next;
		if (set_request_uri(msg, last->r_url))
			sip_header_remove(msg, sip, (sip_header_t *)last);
	}
	for (size_t i = 0;
	     i < ROUTES_MAX && sip->sip_route != NULL && hop_is_ours(proxy, sip->sip_route->r_url);
	     i++)
		sip_header_remove(msg, sip, (sip_header_t *)sip->sip_route);
}

void hop_drop_routes(msg_t *msg)
{
	sip_t *sip = sip_object(msg);

	while (sip->sip_route != NULL)
		sip_header_remove(msg, sip, (sip_header_t *)sip->sip_route);
}

bool hop_of_url(const url_t *url, struct target *target_out)
{
	char transport[16] = "";
	char text[128];
	int n;

	if (url->url_host == NULL || (url->url_type != url_sip && url->url_type != url_sips))
		return false;
	if (url->url_params != NULL)
		url_param(url->url_params, "transport", transport, sizeof(transport));
	if (url->url_type == url_sips || transport[0] == 0)
		snprintf(transport, sizeof(transport), "%s",
			 url->url_type == url_sips ? "tls" : "udp");
	n = snprintf(text, sizeof(text), "sip:%s%s%s;transport=%s", url->url_host,
		     url->url_port != NULL && url->url_port[0] != 0 ? ":" : "",
		     url->url_port != NULL ? url->url_port : "", transport);
	return n > 0 && (size_t)n < sizeof(text) && target_parse(text, target_out);
}

bool hop_of_request(const struct proxy *proxy, const sip_t *sip, struct target *target_out)
{
	const url_t *url = sip->sip_request->rq_url;

	if (sip->sip_route != NULL)
		url = sip->sip_route->r_url;
	return !hop_is_ours(proxy, url) && hop_of_url(url, target_out);
}

bool hop_fits(msg_t *msg, const struct target *next)
{
	return next->transport != TRANSPORT_UDP || message_size(msg) <= UDP_REQUEST_MAX;
}

bool hop_count_down(msg_t *msg)
{
	sip_t *sip = sip_object(msg);
	sip_max_forwards_t *left = sip->sip_max_forwards;
	char text[16];

	if (left == NULL) {
		snprintf(text, sizeof(text), "%d", MAX_FORWARDS);
		return sip_add_make(msg, sip, sip_max_forwards_class, text) >= 0;
	}
	if (left->mf_count > 0)
		left->mf_count--;
	msg_fragment_clear(left->mf_common);
	return true;
}

static const struct listener *listener_for(const struct proxy *proxy, enum transport transport)
{
	for (size_t i = 0; i < proxy->n_listeners; i++)
		if (proxy->listeners[i].transport == transport)
			return &proxy->listeners[i];
	return NULL;
}

static bool add_record_route(msg_t *msg, const struct listener *listener, const char *mark)
{
	char text[192];

	snprintf(text, sizeof(text), "<sip:%s:%s;transport=%s;lr%s%s>", listener->host,
		 listener->port, transport_name(listener->transport), mark[0] != 0 ? ";media=" : "",
		 mark);
	return sip_add_make(msg, sip_object(msg), sip_record_route_class, text) >= 0;
}

bool hop_record_route(const struct proxy *proxy, msg_t *msg, const struct target *next,
		      const char *mark)
{
	tport_t *from = tport_delivered_by(nta_agent_tports(proxy->agent), msg);
	const char *name = from != NULL ? tport_name(from)->tpn_proto : "";
	enum transport transport = next->transport;
	const struct listener *in, *out;

	if (name == NULL || !transport_by_name(name, strlen(name), &transport))
		transport = next->transport;
	in = listener_for(proxy, transport);
	out = listener_for(proxy, next->transport);
	if (in != NULL && !add_record_route(msg, in, mark))
		return false;
	return out == NULL || out == in || add_record_route(msg, out, mark);
}

bool hop_retarget(const struct proxy *proxy, msg_t *msg, const struct target *next)
{
	const url_t *old = sip_object(msg)->sip_request->rq_url;
	url_t *url;

	if (!hop_is_ours(proxy, old))
		return true;
	url = url_hdup(msg_home(msg), old);
	if (url == NULL)
		return false;
	url_strip_transport(url);
	url->url_host = su_strdup(msg_home(msg), next->host);
	url->url_port = su_strdup(msg_home(msg), next->port);
	return set_request_uri(msg, url);
}

/* FNV-1a, no key of a table: another process of ours must find the same in a Via, and who makes two
 * of his own requests alike has one of them taken for a loop. */
static uint64_t mix(uint64_t hash, const char *text)
{
	if (text != NULL)
		for (; *text != 0; text++)
			hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return (hash ^ 0xff) * 1099511628211u;
}

static uint64_t mix_url(uint64_t hash, const url_t *url)
{
	hash = mix(hash, url->url_user);
	hash = mix(hash, url->url_host);
	hash = mix(hash, url->url_port);
	return mix(hash, url->url_params);
}

static uint64_t routing_hash(const sip_t *sip)
{
	uint64_t hash = mix(14695981039346656037u, sip->sip_call_id->i_id);
	const sip_route_t *route = sip->sip_route;
	char cseq[16];

	snprintf(cseq, sizeof(cseq), "%" PRIu32, sip->sip_cseq->cs_seq);
	hash = mix(hash, cseq);
	hash = mix(hash, sip->sip_from->a_tag);
	hash = mix(hash, sip->sip_to->a_tag);
	hash = mix_url(hash, sip->sip_request->rq_url);
	for (size_t i = 0; route != NULL && i < ROUTES_MAX; route = route->r_next, i++)
		hash = mix_url(hash, route->r_url);
	return hash;
}

bool hop_branch(const sip_t *sip, char *branch_out, size_t size)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return false;
	snprintf(branch_out, size, "z9hG4bK%016" PRIx64 "-%016" PRIx64, random, routing_hash(sip));
	return true;
}

bool hop_is_loop(const struct proxy *proxy, const sip_t *sip)
{
	const sip_via_t *via = sip->sip_via;
	char hash[18];

	snprintf(hash, sizeof(hash), "-%016" PRIx64, routing_hash(sip));
	for (size_t i = 0; via != NULL && i < VIAS_MAX; via = via->v_next, i++) {
		const char *branch = via->v_branch;
		size_t n = branch != NULL ? strlen(branch) : 0;

		if (n > 17 && strcmp(branch + n - 17, hash) == 0 && via->v_host != NULL &&
		    listener_at(proxy, via->v_host, via->v_port) != NULL)
			return true;
	}
	return false;
}
