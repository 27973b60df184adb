/* SPDX-License-Identifier: Apache-2.0 */
/* A packet on its way out: address, keys, socket. */
#include "media/path/inside.h"

#include <sys/socket.h>

static bool put_own(const struct transport *transport, unsigned component, const struct address *to,
		    const uint8_t *data, size_t len)
{
	struct sockaddr_storage sa;
	socklen_t sa_len = address_to_sockaddr(to, &sa);

	return sendto(transport->ports.fd[component], data, len, 0, (const struct sockaddr *)&sa,
		      sa_len) == (ssize_t)len;
}

bool transport_put_own(const struct transport *transport, unsigned component,
		       const struct address *to, const struct packet *packet)
{
	return put_own(transport, component, to, packet->data, packet->len);
}

void transport_put(struct transport *transport, unsigned component, const struct address *to,
		   const uint8_t *data, size_t len)
{
	struct outgoing outgoing = {.to = to, .data = data, .len = len, .tos = transport->tos};

	if (transport->shared)
		shared_send(transport->shared, &outgoing);
	else if (!put_own(transport, component, to, data, len))
		transport_drop(transport, DROP_SEND);
}

void transport_sent(struct transport *transport, bool rtcp, size_t bytes)
{
	transport->stats.packets_out[rtcp]++;
	transport->stats.bytes_out[rtcp] += bytes;
	transport->stats.last_out = worker_now(transport->path->worker);
	transport->path->stats.packets_out++;
	transport->path->stats.bytes_out += bytes;
}

static bool put_media(struct transport *transport, unsigned component, const struct address *to,
		      const struct packet *packet, size_t bytes)
{
	struct outgoing outgoing = {.to = to,
				    .data = packet->data,
				    .len = packet->len,
				    .tos = transport->tos,
				    .transport = transport,
				    .rtcp = packet->rtcp,
				    .bytes = bytes};

	if (transport->shared) {
		shared_send(transport->shared, &outgoing);
		return true;
	}
	if (!put_own(transport, component, to, packet->data, packet->len)) {
		transport_drop(transport, DROP_SEND);
		return false;
	}
	transport_sent(transport, packet->rtcp, bytes);
	return true;
}

/* The header was read before, and the keys are ours: what is BAD failed in our own hands. */
static const enum drop_reason drops[] = {
	[SRTP_OK] = DROP_COUNT,
	[SRTP_REPLAYED] = DROP_REPLAY,
	[SRTP_BAD] = DROP_SEND,
	[SRTP_TOO_MANY] = DROP_SOURCES,
};

static bool protect(struct transport *transport, struct packet *packet)
{
	enum srtp_result result;

	if (transport->security == SECURITY_NONE)
		return true;
	if (!transport->out.context) {
		transport_drop(transport, dtls_side_reason(transport));
		return false;
	}
	result = srtp_protect_packet(transport->out.context, packet);
	if (result == SRTP_OK)
		return true;
	transport_drop(transport, drops[result]);
	return false;
}

bool transport_send(struct transport *transport, struct packet *packet)
{
	unsigned component = packet->rtcp && !transport->rtcp_mux ? RTCP : RTP;
	const struct address *to = transport_destination(transport, component);
	size_t bytes = packet->len;

	if (!to) {
		transport_drop(transport, DROP_NO_PEER);
		return false;
	}
	if (bytes > PACKET_MAX) {
		transport_drop(transport, DROP_TOO_LONG);
		return false;
	}
	return protect(transport, packet) && put_media(transport, component, to, packet, bytes);
}
