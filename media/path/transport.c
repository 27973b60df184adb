/* SPDX-License-Identifier: Apache-2.0 */
/* A transport from its birth to its end, what signalling tells it, and what it tells. */
#include "media/path/inside.h"

#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

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
	transport->shared = params->shared;
	transport->rtcp_mux = params->rtcp_mux;
	transport->ports = (struct port_pair){.fd = {-1, -1}};
	transport->stats.since = worker_now(params->path->worker);
	for (unsigned i = 0; i < COMPONENTS; i++) {
		transport->legs[i] = (struct leg){.watch = {.fd = -1, .readable = leg_readable},
						  .transport = transport,
						  .component = i};
		latch_init(&transport->legs[i].latch);
	}
	if (!open_ports(transport, params, why_out)) {
		transport_free(transport);
		return NULL;
	}
	return transport;
}

static void free_keys(struct transport *transport)
{
	srtp_context_free(transport->in);
	srtp_context_free(transport->out);
	transport->in = transport->out = NULL;
	OPENSSL_cleanse(&transport->local, sizeof(transport->local));
	OPENSSL_cleanse(&transport->remote, sizeof(transport->remote));
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
	port_give(transport->path->pool, &transport->ports);
	free_keys(transport);
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

/* The same key again goes on where it is: beginning anew would lose the rollover counter. */
static bool renew(struct srtp_context **context, struct sdes *had, const struct sdes *sdes,
		  bool inbound)
{
	struct srtp_context *made;

	if (*context && had->suite == sdes->suite && had->key.len == sdes->key.len &&
	    CRYPTO_memcmp(had->key.bytes, sdes->key.bytes, sdes->key.len) == 0)
		return true;
	made = srtp_context_new(sdes->suite, &sdes->key, inbound);
	if (!made)
		return false;
	srtp_context_free(*context);
	*context = made;
	*had = *sdes;
	return true;
}

bool transport_use_sdes(struct transport *transport, const struct sdes *local,
			const struct sdes *remote)
{
	if (transport->security != SECURITY_SDES)
		free_keys(transport);
	transport->security = SECURITY_SDES;
	return renew(&transport->out, &transport->local, local, false) &&
	       (!remote || renew(&transport->in, &transport->remote, remote, true));
}

void transport_use_plain(struct transport *transport)
{
	free_keys(transport);
	transport->security = SECURITY_NONE;
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

void transport_view(const struct transport *transport, struct transport_view *out)
{
	*out = (struct transport_view){
		.security = transport->security,
		.confirmed = transport->legs[RTP].latch.source.family != 0,
		.shared = transport->shared,
		.rtcp_mux = transport->rtcp_mux,
		.strict = transport->legs[RTP].latch.mode == LATCH_STRICT,
	};
	if (transport->in)
		out->suite = srtp_context_suite(transport->in);
	else if (transport->out)
		out->suite = srtp_context_suite(transport->out);
	for (unsigned i = 0; i < COMPONENTS; i++) {
		unsigned leg = transport->rtcp_mux ? RTP : i;

		out->remote[i] = transport->legs[leg].latch.remote;
		out->signalled[i] = transport->legs[leg].latch.signalled;
	}
}

void transport_drop(struct transport *transport, enum drop_reason reason)
{
	transport->stats.dropped[reason]++;
	transport->path->stats.dropped[reason]++;
}

void transport_changed(struct transport *transport)
{
	if (transport->owner->changed)
		transport->owner->changed(transport->owner, transport);
}
