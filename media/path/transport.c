/* SPDX-License-Identifier: Apache-2.0 */
/* A transport from its birth to its end, what signalling tells it, and what it tells. */
#include "media/path/inside.h"

#include <netinet/in.h>
#include <stdlib.h>

static bool watch_leg(struct transport *transport, unsigned component)
{
	struct leg *leg = &transport->legs[component];

	if (leg->watch.fd >= 0 || transport->ports.fd[component] < 0)
		return true;
	leg->watch.fd = transport->ports.fd[component];
	if (worker_watch_add(transport->path->worker, &leg->watch))
		return true;
	leg->watch.fd = -1;
	return false;
}

static bool open_ports(struct transport *transport, const struct transport_params *params,
		       const char **why_out)
{
	if (params->shared) {
		*why_out = "No port is shared on this interface";
		if (transport->path->shared)
			transport->shared = shared_port(transport->path->shared, params->interface);
		if (!transport->shared)
			return false;
		transport->ports.local[RTP] = shared_local(transport->shared);
		transport->ports.local[RTCP] = transport->ports.local[RTP];
		return true;
	}
	*why_out = "Ran out of ports";
	if (!port_take(transport->path->pool, transport->interface, !params->rtcp_mux, params->at,
		       &transport->ports))
		return false;
	*why_out = "Out of memory";
	return watch_leg(transport, RTP) && watch_leg(transport, RTCP);
}

struct transport *transport_new(const struct transport_params *params, const char **why_out)
{
	struct transport *transport = calloc(1, sizeof(*transport));

	*why_out = "Out of memory";
	if (!transport)
		return NULL;
	transport->path = params->path;
	transport->owner = params->owner;
	transport->interface = params->interface;
	transport->rtcp_mux = params->rtcp_mux || params->shared;
	transport->ports = (struct port_pair){.fd = {-1, -1}};
	transport->stats.since = worker_now(params->path->worker);
	for (unsigned i = 0; i < COMPONENTS; i++) {
		transport->legs[i] = (struct leg){.watch = {.fd = -1, .readable = leg_readable},
						  .transport = transport,
						  .component = i};
		latch_init(&transport->legs[i].latch);
		transport->legs[i].latch.follows = i == RTCP;
	}
	if (!open_ports(transport, params, why_out)) {
		transport_free(transport);
		return NULL;
	}
	return transport;
}

void transport_free(struct transport *transport)
{
	if (!transport)
		return;
	if (transport->path->receiving == transport)
		transport->path->receiving = NULL;
	for (unsigned i = 0; i < COMPONENTS; i++) {
		if (transport->legs[i].watch.fd >= 0)
			worker_watch_remove(transport->path->worker, &transport->legs[i].watch);
	}
	ice_side_clear(transport);
	opaque_clear(transport);
	transport_use_plain(transport);
	if (transport->shared)
		shared_forget(transport->path->shared, transport);
	port_give(transport->path->pool, &transport->ports);
	free(transport);
}

struct address transport_local(const struct transport *transport, unsigned component)
{
	return transport->ports.local[transport->rtcp_mux ? RTP : component];
}

struct address transport_advertised(const struct transport *transport, unsigned component)
{
	struct address address = transport->interface->advertised;

	address.port = transport_local(transport, component).port;
	return address;
}

void transport_set_mux(struct transport *transport, bool rtcp_mux)
{
	if (transport->rtcp_mux == rtcp_mux || transport->shared)
		return;
	/* Muxed, the second port stays open: what is on its way to it still arrives. */
	if (!rtcp_mux && !(port_widen(&transport->ports) && watch_leg(transport, RTCP)))
		return;
	transport->rtcp_mux = rtcp_mux;
	transport_set_tos(transport, transport->tos);
}

void transport_set_remote(struct transport *transport, const struct address remote[2],
			  const struct address *received_from, enum latch_mode latch)
{
	uint64_t now = worker_now(transport->path->worker);

	transport->stats.since = now;
	for (unsigned i = 0; i < COMPONENTS; i++)
		latch_signal(&transport->legs[i].latch, &remote[i], received_from, latch, now);
}

void transport_set_asymmetric(struct transport *transport, bool asymmetric)
{
	for (unsigned i = 0; i < COMPONENTS; i++)
		latch_set_asymmetric(&transport->legs[i].latch, asymmetric);
}

void transport_set_tos(struct transport *transport, uint8_t tos)
{
	int value = tos;

	transport->tos = tos;
	for (unsigned i = 0; i < COMPONENTS; i++) {
		int fd = transport->ports.fd[i];

		if (fd >= 0 && transport->interface->address.family == 6)
			setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof(value));
		else if (fd >= 0)
			setsockopt(fd, IPPROTO_IP, IP_TOS, &value, sizeof(value));
	}
}

const struct transport_stats *transport_stats(const struct transport *transport)
{
	return &transport->stats;
}

static struct address source_of(const struct transport *transport, unsigned component)
{
	const struct opaque *opaque = transport->opaque;

	if (opaque && opaque->state.ice)
		return opaque->state.components[component].selected;
	return transport->legs[component].latch.source;
}

void transport_view(const struct transport *transport, struct transport_view *out)
{
	const struct ice *session = transport->ice.session;

	*out = (struct transport_view){
		.security = transport->security,
		.suite = transport->in.context ? transport->in.suite : transport->out.suite,
		.confirmed = session ? transport_destination(transport, RTP) != NULL
				     : source_of(transport, RTP).family != 0,
		.shared = transport->shared,
		.rtcp_mux = transport->rtcp_mux,
		.strict = transport->legs[RTP].latch.mode == LATCH_STRICT,
		.keys_in = transport->in.context,
		.keys_out = transport->out.context,
		.opaque = transport->opaque,
		.opaque_ice = transport->opaque && transport->opaque->state.ice,
	};
	for (unsigned i = 0; i < COMPONENTS; i++) {
		unsigned component = transport->rtcp_mux ? RTP : i;
		const struct address *to = transport_destination(transport, component);

		if (to)
			out->remote[i] = *to;
		out->signalled[i] = transport->legs[component].latch.signalled;
		out->source[i] = session ? out->remote[i] : source_of(transport, component);
	}
}

void transport_drop(struct transport *transport, enum drop_reason reason)
{
	transport->stats.dropped[reason]++;
	transport->path->stats.dropped[reason]++;
}

void transport_drop_from(struct transport *transport, enum drop_reason reason,
			 const struct address *from)
{
	struct strangers *strangers = &transport->stats.strangers;
	size_t i = 0;

	transport_drop(transport, reason);
	strangers->last = *from;
	while (i < strangers->n && !address_equal(&strangers->seen[i], from))
		i++;
	if (i == strangers->n && i < STRANGERS_MAX)
		strangers->seen[strangers->n++] = *from;
}

void transport_settle(struct transport *transport)
{
	bool dirty = transport->dirty;

	transport->dirty = false;
	if (dirty && transport->owner->changed)
		transport->owner->changed(transport->owner, transport);
}
