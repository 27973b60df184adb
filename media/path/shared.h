/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's shared port: one socket an interface for all WebRTC legs, read and written in
 * batches. */
#ifndef MEDIA_PATH_SHARED_H
#define MEDIA_PATH_SHARED_H

#include "media/path/routes.h"
#include "media/path/transport.h"

#define SHARED_BATCH 32 /* datagrams that are read or written by one call at most */

struct shared;
struct shared_port; /* one interface's */

/* Binds port on every interface of the pool. NULL: errno says why. */
struct shared *shared_new(struct path *path, uint16_t port);
void shared_free(struct shared *shared);
struct shared_port *shared_port(struct shared *shared, const struct interface *interface);
struct address shared_local(const struct shared_port *port);
/* Where transports enter their ufrags and the addresses that ICE has validated. */
struct routes *shared_routes(struct shared *shared);
/* And where they have sent checks to: an answer from there is for who asked, but nothing else is.
 */
struct routes *shared_asked(struct shared *shared);

/* How many datagrams to ask for after so many came of those asked for: 1 to SHARED_BATCH. */
unsigned shared_depth(unsigned asked, unsigned came);

struct outgoing {
	const struct address *to;
	const uint8_t *data;
	size_t len;
	uint8_t tos;
	/* Media: counted at this transport when it has gone, with bytes. NULL: counted nowhere. */
	struct transport *transport;
	bool rtcp;
	size_t bytes;
};
/* Queues a copy; it leaves at the end of the round. */
void shared_send(struct shared_port *port, const struct outgoing *outgoing);
/* What a transport that ends has queued still leaves, but counts for nobody. */
void shared_forget(struct shared *shared, const struct transport *transport);
void shared_flush(struct shared *shared);

#endif
