/* SPDX-License-Identifier: Apache-2.0 */
/* A packet on its way out: keys, address, socket. */
#include "media/path/inside.h"

#include <sys/socket.h>

static bool protect(struct transport *transport, struct packet *packet)
{
	if (transport->security == SECURITY_NONE)
		return true;
	if (!transport->out) {
		transport_drop(transport, DROP_NO_KEYS);
		return false;
	}
	if (srtp_protect_packet(transport->out, packet) == SRTP_OK)
		return true;
	transport_drop(transport, DROP_SEND);
	return false;
}

static bool put(struct transport *transport, unsigned component, const struct address *to,
		const struct packet *packet)
{
	struct sockaddr_storage sa;
	socklen_t sa_len = address_to_sockaddr(to, &sa);

	return sendto(transport->ports.fd[component], packet->data, packet->len, 0,
		      (const struct sockaddr *)&sa, sa_len) == (ssize_t)packet->len;
}

bool transport_send(struct transport *transport, struct packet *packet)
{
	bool rtcp = packet->rtcp;
	unsigned component = rtcp && !transport->rtcp_mux ? RTCP : RTP;
	const struct address *to = &transport->legs[component].latch.remote;
	size_t bytes = packet->len;

	if (to->family == 0) {
		transport_drop(transport, DROP_NO_PEER);
		return false;
	}
	if (!protect(transport, packet))
		return false;
	if (!put(transport, component, to, packet)) {
		transport_drop(transport, DROP_SEND);
		return false;
	}
	transport->stats.packets_out[rtcp]++;
	transport->stats.bytes_out[rtcp] += bytes;
	transport->stats.last_out = packet->now;
	transport->path->stats.packets_out++;
	transport->path->stats.bytes_out += bytes;
	return true;
}
