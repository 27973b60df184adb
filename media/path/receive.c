/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram on its way in: kind, source, SRTP, header, owner. Nothing that a packet says changes
 * any state before the packet has passed what its transport can prove about it. */
#include "media/path/inside.h"

#include <stddef.h>
#include <sys/socket.h>

static void pass(struct transport *transport, struct packet *packet)
{
	struct path *path = transport->path;

	transport->stats.packets_in[packet->rtcp]++;
	transport->stats.bytes_in[packet->rtcp] += packet->len;
	transport->stats.last_in = packet->now;
	path->stats.packets_in++;
	path->stats.bytes_in += packet->len;
	transport->owner->media(transport->owner, transport, packet);
}

static bool header_is_good(const struct packet *packet)
{
	struct rtp_header header;

	return packet->rtcp ? rtcp_header_check(packet->data, packet->len)
			    : rtp_header_read(packet->data, packet->len, &header);
}

/* RTCP comes from the host that RTP has been locked to. false: the owner, told of the new source,
 * has freed the transport. */
static bool tell_of_lock(struct leg *leg, unsigned locks_before)
{
	struct transport *transport = leg->transport;
	struct path *path = transport->path;

	if (leg->latch.locks == locks_before)
		return true;
	if (leg->component == RTP)
		transport->legs[RTCP].latch.companion = leg->latch.source;
	transport_changed(transport);
	return path->receiving == transport;
}

static void receive_plain(struct leg *leg, const struct address *from, struct packet *packet)
{
	unsigned locks = leg->latch.locks;

	if (!header_is_good(packet)) {
		transport_drop(leg->transport, DROP_MALFORMED);
		return;
	}
	if (!latch_plain(&leg->latch, from, packet->now)) {
		transport_drop(leg->transport, DROP_SOURCE);
		return;
	}
	if (tell_of_lock(leg, locks))
		pass(leg->transport, packet);
}

static const enum drop_reason drops[] = {
	[SRTP_OK] = DROP_COUNT,
	[SRTP_REPLAYED] = DROP_REPLAY,
	[SRTP_BAD] = DROP_AUTHENTICATION,
	[SRTP_TOO_MANY] = DROP_AUTHENTICATION,
};

static void receive_secure(struct leg *leg, const struct address *from, struct packet *packet)
{
	struct transport *transport = leg->transport;
	unsigned locks = leg->latch.locks;
	enum srtp_result result;

	if (!latch_admits(&leg->latch, from)) {
		transport_drop(transport, DROP_SOURCE);
		return;
	}
	if (!transport->in) {
		transport_drop(transport, DROP_NO_KEYS);
		return;
	}
	result = srtp_unprotect_packet(transport->in, packet);
	if (result != SRTP_OK) {
		transport_drop(transport, drops[result]);
		return;
	}
	latch_authentic(&leg->latch, from, packet->now);
	if (!tell_of_lock(leg, locks))
		return;
	if (header_is_good(packet))
		pass(transport, packet);
	else
		transport_drop(transport, DROP_MALFORMED);
}

static void receive_media(struct leg *leg, const struct address *from, struct packet *packet)
{
	struct transport *transport = leg->transport;

	/* RFC 5761 §4: on one port they are told apart; on its own, RTCP is what has its types. */
	packet->rtcp = (transport->rtcp_mux || leg->component == RTCP) &&
		       packet_is_rtcp(packet->data, packet->len);
	if (leg->component == RTCP && !packet->rtcp)
		transport_drop(transport, DROP_MALFORMED);
	else if (transport->security == SECURITY_NONE)
		receive_plain(leg, from, packet);
	else
		receive_secure(leg, from, packet);
}

bool transport_receive(struct transport *transport, unsigned component, const struct address *from,
		       struct packet *packet)
{
	struct path *path = transport->path;

	path->receiving = transport;
	if (packet->len > PACKET_MAX) {
		transport_drop(transport, DROP_TOO_LONG);
		return true;
	}
	switch (packet_demux(packet->data, packet->len)) {
	case DEMUX_MEDIA:
		receive_media(&transport->legs[component], from, packet);
		break;
	case DEMUX_STUN:
		transport_drop(transport, DROP_STUN_REFUSED);
		break;
	case DEMUX_DTLS:
		transport_drop(transport, DROP_DTLS_REFUSED);
		break;
	case DEMUX_ZRTP:
	case DEMUX_TURN:
	case DEMUX_UNKNOWN:
		transport_drop(transport, DROP_UNKNOWN_KIND);
		break;
	}
	return path->receiving == transport;
}

/* One datagram a readiness: a call has one waiting as a rule, and asking for a second would cost
 * as much as asking epoll for all. A flood on one port gets no more turns than any other port. */
void leg_readable(struct worker_watch *watch, struct worker *worker)
{
	struct leg *leg = (struct leg *)((char *)watch - offsetof(struct leg, watch));
	struct path *path = leg->transport->path;
	struct packet packet = {.data = path->buffer, .now = worker_now(worker)};
	struct sockaddr_storage sa;
	socklen_t sa_len = sizeof(sa);
	struct address from;
	/* MSG_TRUNC: the length that it had, so that a longer one is seen. */
	ssize_t n = recvfrom(watch->fd, path->buffer, PACKET_MAX, MSG_TRUNC, (struct sockaddr *)&sa,
			     &sa_len);

	if (n < 0)
		return;
	packet.len = (size_t)n;
	address_from_sockaddr(&sa, &from);
	transport_receive(leg->transport, leg->component, &from, &packet);
}
