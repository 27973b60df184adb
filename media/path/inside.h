/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a transport share, and nobody else sees. */
#ifndef MEDIA_PATH_INSIDE_H
#define MEDIA_PATH_INSIDE_H

#include "media/path/latch.h"
#include "media/path/transport.h"

enum { RTP, RTCP, COMPONENTS };

/* One component of a transport. */
struct leg {
	struct worker_watch watch; /* of its own socket; fd -1: none */
	struct transport *transport;
	unsigned component;
	struct latch latch;
};

struct transport {
	struct path *path;
	struct transport_owner *owner;
	const struct interface *interface;
	struct port_pair ports; /* fd -1: a place on the shared port */
	struct leg legs[COMPONENTS];
	struct transport_stats stats;
	enum security security;
	bool shared, rtcp_mux;
	uint8_t tos;
	struct srtp_context *in, *out; /* NULL: no keys */
	struct sdes local, remote;     /* what they were made of; suite SRTP_NONE: not known */
};

struct path {
	struct worker *worker;
	struct port_pool *pool;
	struct path_stats stats;
	struct transport *receiving; /* NULL: it was freed by what it received */
	uint8_t buffer[PACKET_MAX + PACKET_SPARE];
};

void transport_changed(struct transport *transport);

/* A datagram in path->buffer, or in a batch of the shared port. Behind it there are PACKET_SPARE
 * bytes. false: the transport is gone. */
bool transport_receive(struct transport *transport, unsigned component, const struct address *from,
		       struct packet *packet);
/* Reads a socket of a transport's own. */
void leg_readable(struct worker_watch *watch, struct worker *worker);

#endif
