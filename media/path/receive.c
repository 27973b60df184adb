/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram on its way in: kind, source, SRTP, header, owner. Nothing that a packet says changes
 * any state before the packet has passed what its transport can prove about it. */
#include "media/path/inside.h"

#include <stddef.h>
#include <sys/socket.h>

void transport_came(struct transport *transport, const struct packet *packet)
{
	struct path *path = transport->path;

	transport->stats.packets_in[packet->rtcp]++;
	transport->stats.bytes_in[packet->rtcp] += packet->len;
	transport->stats.last_in = packet->now;
	path->stats.packets_in++;
	path->stats.bytes_in += packet->len;
}

static void pass(struct transport *transport, struct packet *packet)
{
	transport_came(transport, packet);
	transport->owner->media(transport->owner, transport, packet);
}

static bool header_is_good(const struct packet *packet)
{
	struct rtp_header header;

	return packet->rtcp ? rtcp_header_check(packet->data, packet->len)
			    : rtp_header_read(packet->data, packet->len, &header);
}

/* RTCP comes from the host that RTP has been locked to. */
static void note_lock(struct leg *leg, unsigned locks_before)
{
	if (leg->latch.locks == locks_before)
		return;
	if (leg->component == RTP)
		leg->transport->legs[RTCP].latch.companion = leg->latch.source;
	leg->transport->dirty = true;
}

bool leg_latched(struct leg *leg, const struct address *from, uint64_t now)
{
	unsigned locks = leg->latch.locks;

	if (!latch_plain(&leg->latch, from, now)) {
		transport_drop_from(leg->transport, DROP_SOURCE, from);
		return false;
	}
	note_lock(leg, locks);
	return true;
}

static void receive_plain(struct leg *leg, const struct address *from, struct packet *packet)
{
	struct transport *transport = leg->transport;

	if (!header_is_good(packet)) {
		transport_drop(transport, DROP_MALFORMED);
		return;
	}
	/* What ICE has validated needs no lock. */
	if (transport->ice.session || leg_latched(leg, from, packet->now))
		pass(transport, packet);
}

static const enum drop_reason drops[] = {
	[SRTP_OK] = DROP_COUNT,
	[SRTP_REPLAYED] = DROP_REPLAY,
	[SRTP_BAD] = DROP_AUTHENTICATION,
	[SRTP_TOO_MANY] = DROP_SOURCES,
};

static void receive_secure(struct leg *leg, const struct address *from, struct packet *packet)
{
	struct transport *transport = leg->transport;
	unsigned locks = leg->latch.locks;
	enum srtp_result result;

	if (!transport->ice.session && !latch_admits(&leg->latch, from)) {
		transport_drop_from(transport, DROP_SOURCE, from);
		return;
	}
	if (!transport->in.context) {
		transport_drop(transport, dtls_side_reason(transport));
		return;
	}
	result = srtp_unprotect_packet(transport->in.context, packet);
	if (result != SRTP_OK) {
		transport_drop(transport, drops[result]);
		return;
	}
	if (!transport->ice.session)
		latch_authentic(&leg->latch, from, packet->now);
	note_lock(leg, locks);
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
	else if (!ice_side_admits(leg, from))
		transport_drop_from(transport, DROP_NOT_VALIDATED, from);
	else if (transport->security == SECURITY_NONE)
		receive_plain(leg, from, packet);
	else
		receive_secure(leg, from, packet);
}

static void receive(struct leg *leg, const struct address *from, struct packet *packet)
{
	if (packet->len > PACKET_MAX) {
		transport_drop(leg->transport, DROP_TOO_LONG);
		return;
	}
	if (leg->transport->opaque) {
		opaque_receive(leg, from, packet);
		return;
	}
	switch (packet_demux(packet->data, packet->len)) {
	case DEMUX_MEDIA:
		receive_media(leg, from, packet);
		break;
	case DEMUX_STUN:
		ice_side_receive(leg, from, packet);
		break;
	case DEMUX_DTLS:
		dtls_side_receive(leg, from, packet);
		break;
	case DEMUX_ZRTP:
	case DEMUX_TURN:
	case DEMUX_UNKNOWN:
		transport_drop(leg->transport, DROP_UNKNOWN_KIND);
		break;
	}
}

bool transport_receive(struct transport *transport, unsigned component, const struct address *from,
		       struct packet *packet)
{
	struct path *path = transport->path;
	const uint64_t passed = path->stats.packets_in;
	bool stays;

	path->receiving = transport;
	receive(&transport->legs[component], from, packet);
	/* What listens may have ended the call. */
	if (path->receiving == transport)
		transport_settle(transport);
	stays = path->receiving == transport;
	path->receiving = NULL;
	return stays && path->stats.packets_in == passed;
}

/* true: there was one, it was refused, and the transport is still there. */
static bool read_one(struct leg *leg, uint64_t now)
{
	struct path *path = leg->transport->path;
	struct packet packet = {.data = path->buffer, .now = now};
	struct sockaddr_storage sa;
	socklen_t sa_len = sizeof(sa);
	struct address from;
	/* MSG_TRUNC: the length that it had, so that a longer one is seen. */
	ssize_t n = recvfrom(leg->watch.fd, path->buffer, PACKET_MAX, MSG_TRUNC,
			     (struct sockaddr *)&sa, &sa_len);

	if (n < 0)
		return false;
	packet.len = (size_t)n;
	address_from_sockaddr(&sa, &from);
	return transport_receive(leg->transport, leg->component, &from, &packet);
}

/* One datagram that passes a readiness: a call has one waiting as a rule, and asking for a second
 * would cost as much as asking epoll for all. Behind one that is refused there may be a flood, and
 * the call's own in its midst: while a worker rests it would fill the socket, so it is read on. No
 * port gets more turns by it than REFUSED_MAX. */
void leg_readable(struct worker_watch *watch, struct worker *worker)
{
	struct leg *leg = (struct leg *)((char *)watch - offsetof(struct leg, watch));
	bool refused = true;

	for (int i = 0; refused && i < REFUSED_MAX; i++)
		refused = read_one(leg, worker_now(worker));
}
