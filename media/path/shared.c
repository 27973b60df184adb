/* SPDX-License-Identifier: Apache-2.0 */
/* The shared port. What arrived together is read by one recvmmsg(), what leaves in a round goes by
 * one sendmmsg(): calls on ports of their own can do neither. */
#include "media/path/shared.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/path/inside.h"

#define BUFFER (4 << 20) /* bytes of each direction: hundreds of calls meet in it */

struct datagram {
	uint8_t data[PACKET_MAX + PACKET_SPARE];
	struct sockaddr_storage address;
	struct iovec part;
	struct outgoing outgoing;
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
};

struct batch {
	struct datagram datagrams[SHARED_BATCH];
	struct mmsghdr headers[SHARED_BATCH];
	unsigned n;
};

struct shared_port {
	struct worker_watch watch;
	struct shared *shared;
	const struct interface *interface;
	struct address local;
	unsigned depth; /* datagrams to ask for */
	struct batch in, out;
};

struct shared {
	struct path *path;
	struct routes routes, asked;
	struct shared_port *ports[INTERFACES_MAX];
	size_t n;
};

/* Whose it is. A binding request names its transport, whatever address it comes from; anything else
 * is known by the address that such a request was answered at. The first answer to a check of ours
 * is known by where the check went: a call can name any address as its peer's, so that takes
 * nothing from who is there already. */
static struct transport *owner_of(const struct shared *shared, const struct address *from,
				  const struct packet *packet)
{
	bool stun = packet_demux(packet->data, packet->len) == DEMUX_STUN;
	struct transport *transport = NULL;
	const char *ufrag;
	size_t len;

	if (stun && ice_peek_ufrag(packet->data, packet->len, &ufrag, &len))
		transport = routes_find_name(&shared->routes, ufrag, len);
	if (!transport)
		transport = routes_find(&shared->routes, from);
	return !transport && stun ? routes_find(&shared->asked, from) : transport;
}

/* What belongs to no transport counts for the port. */
static enum drop_reason nobodys(const struct packet *packet)
{
	static const enum drop_reason reasons[] = {
		[DEMUX_STUN] = DROP_STUN_REFUSED,   [DEMUX_ZRTP] = DROP_UNKNOWN_KIND,
		[DEMUX_DTLS] = DROP_DTLS_SOURCE,    [DEMUX_TURN] = DROP_UNKNOWN_KIND,
		[DEMUX_MEDIA] = DROP_NOT_VALIDATED, [DEMUX_UNKNOWN] = DROP_UNKNOWN_KIND,
	};

	if (packet->len > PACKET_MAX)
		return DROP_TOO_LONG;
	return reasons[packet_demux(packet->data, packet->len)];
}

static void receive(struct shared_port *port, struct mmsghdr *header, struct datagram *datagram)
{
	struct path *path = port->shared->path;
	struct packet packet = {
		.data = datagram->data, .len = header->msg_len, .now = worker_now(path->worker)};
	struct transport *transport;
	struct address from;

	if (header->msg_hdr.msg_flags & MSG_TRUNC)
		packet.len = PACKET_MAX + 1;
	address_from_sockaddr(&datagram->address, &from);
	transport = owner_of(port->shared, &from, &packet);
	if (transport)
		transport_receive(transport, RTP, &from, &packet);
	else
		path->stats.dropped[nobodys(&packet)]++;
}

/* What came, or twice as many when all that was asked for came. */
unsigned shared_depth(unsigned asked, unsigned came)
{
	const unsigned next = came < asked ? came : 2 * asked;

	return next < SHARED_BATCH ? next : SHARED_BATCH;
}

/* Asks for about as many as came the last time: to ask for more than there are costs a look in
 * vain, to ask for fewer another round of epoll. */
static void readable(struct worker_watch *watch, struct worker *worker)
{
	struct shared_port *port =
		(struct shared_port *)((char *)watch - offsetof(struct shared_port, watch));
	struct batch *in = &port->in;
	unsigned depth = port->depth;
	int n;

	(void)worker;
	for (unsigned i = 0; i < depth; i++)
		in->headers[i].msg_hdr.msg_namelen = sizeof(in->datagrams[i].address);
	n = recvmmsg(watch->fd, in->headers, depth, 0, NULL);
	if (n <= 0)
		return;
	port->depth = shared_depth(depth, (unsigned)n);
	for (int i = 0; i < n; i++)
		receive(port, &in->headers[i], &in->datagrams[i]);
}

static void prepare(struct batch *batch)
{
	for (int i = 0; i < SHARED_BATCH; i++) {
		struct datagram *datagram = &batch->datagrams[i];
		struct msghdr *header = &batch->headers[i].msg_hdr;

		datagram->part = (struct iovec){datagram->data, PACKET_MAX};
		*header = (struct msghdr){.msg_name = &datagram->address,
					  .msg_iov = &datagram->part,
					  .msg_iovlen = 1};
	}
}

/* All of a worker's browsers share it. Who may not exceed net.core.rmem_max and wmem_max
 * (CAP_NET_ADMIN) gets those. */
static void widen(int fd)
{
	const int size = BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static struct shared_port *open_port(struct shared *shared, const struct interface *interface,
				     uint16_t number)
{
	struct shared_port *port = calloc(1, sizeof(*port));

	if (!port)
		return NULL;
	prepare(&port->in);
	prepare(&port->out);
	port->depth = 1;
	port->shared = shared;
	port->interface = interface;
	port->local = interface->address;
	port->local.port = number;
	port->watch = (struct worker_watch){.fd = port_bind(&port->local), .readable = readable};
	if (port->watch.fd >= 0) {
		widen(port->watch.fd);
		if (worker_watch_add(shared->path->worker, &port->watch))
			return port;
		close(port->watch.fd);
	}
	free(port);
	return NULL;
}

struct shared *shared_new(struct path *path, uint16_t number)
{
	struct shared *shared = calloc(1, sizeof(*shared));
	size_t n = port_pool_interfaces(path->pool);

	if (!shared)
		return NULL;
	shared->path = path;
	if (!routes_init(&shared->routes) || !routes_init(&shared->asked)) {
		shared_free(shared);
		return NULL;
	}
	for (; shared->n < n; shared->n++) {
		const struct interface *interface = port_pool_interface_at(path->pool, shared->n);

		shared->ports[shared->n] = open_port(shared, interface, number);
		if (!shared->ports[shared->n]) {
			shared_free(shared);
			return NULL;
		}
	}
	return shared;
}

void shared_free(struct shared *shared)
{
	if (!shared)
		return;
	for (size_t i = 0; i < shared->n; i++) {
		worker_watch_remove(shared->path->worker, &shared->ports[i]->watch);
		close(shared->ports[i]->watch.fd);
		free(shared->ports[i]);
	}
	routes_free(&shared->routes);
	routes_free(&shared->asked);
	free(shared);
}

struct shared_port *shared_port(struct shared *shared, const struct interface *interface)
{
	for (size_t i = 0; i < shared->n; i++) {
		if (shared->ports[i]->interface == interface)
			return shared->ports[i];
	}
	return NULL;
}

struct address shared_local(const struct shared_port *port)
{
	return port->local;
}

struct routes *shared_routes(struct shared *shared)
{
	return &shared->routes;
}

struct routes *shared_asked(struct shared *shared)
{
	return &shared->asked;
}

/* IP_TOS and IPV6_TCLASS of one datagram, since the socket is everybody's. */
static void mark(const struct shared_port *port, struct msghdr *header, struct datagram *datagram)
{
	bool v6 = port->local.family == 6;
	struct cmsghdr *control = (struct cmsghdr *)datagram->control;
	int tos = datagram->outgoing.tos;

	header->msg_control = tos ? datagram->control : NULL;
	header->msg_controllen = tos ? sizeof(datagram->control) : 0;
	if (!tos)
		return;
	control->cmsg_len = CMSG_LEN(sizeof(tos));
	control->cmsg_level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	control->cmsg_type = v6 ? IPV6_TCLASS : IP_TOS;
	memcpy(CMSG_DATA(control), &tos, sizeof(tos));
}

static void count(struct shared_port *port, const struct outgoing *outgoing, bool sent)
{
	struct path *path = port->shared->path;

	if (outgoing->transport && sent)
		transport_sent(outgoing->transport, outgoing->rtcp, outgoing->bytes);
	else if (outgoing->transport)
		transport_drop(outgoing->transport, DROP_SEND);
	else if (!sent)
		path->stats.dropped[DROP_SEND]++;
}

/* How many of those from first on have gone; the error is that of the first one left. */
static unsigned put(const struct shared_port *port, unsigned first)
{
	const struct batch *out = &port->out;
	int sent;

	if (out->n - first == 1)
		return sendmsg(port->watch.fd, &out->headers[first].msg_hdr, 0) >= 0;
	sent = sendmmsg(port->watch.fd, (struct mmsghdr *)out->headers + first, out->n - first, 0);
	return sent > 0 ? (unsigned)sent : 0;
}

static void flush(struct shared_port *port)
{
	struct batch *out = &port->out;
	unsigned done = 0;

	while (done < out->n) {
		unsigned end = done + put(port, done);
		bool refused = end == done;

		for (; done < end; done++)
			count(port, &out->datagrams[done].outgoing, true);
		/* Those behind one that is refused have their chance. */
		if (refused)
			count(port, &out->datagrams[done++].outgoing, false);
	}
	out->n = 0;
}

void shared_send(struct shared_port *port, const struct outgoing *outgoing)
{
	struct batch *out = &port->out;
	struct datagram *datagram = &out->datagrams[out->n];
	struct msghdr *header = &out->headers[out->n].msg_hdr;

	memcpy(datagram->data, outgoing->data, outgoing->len);
	datagram->part.iov_len = outgoing->len;
	datagram->outgoing = *outgoing;
	header->msg_namelen = address_to_sockaddr(outgoing->to, &datagram->address);
	mark(port, header, datagram);
	if (++out->n == SHARED_BATCH)
		flush(port);
}

void shared_forget(struct shared *shared, const struct transport *transport)
{
	for (size_t i = 0; i < shared->n; i++) {
		struct batch *out = &shared->ports[i]->out;

		for (unsigned k = 0; k < out->n; k++) {
			if (out->datagrams[k].outgoing.transport == transport)
				out->datagrams[k].outgoing.transport = NULL;
		}
	}
}

void shared_flush(struct shared *shared)
{
	for (size_t i = 0; i < shared->n; i++)
		flush(shared->ports[i]);
}
