/* SPDX-License-Identifier: Apache-2.0 */
/* The socket to one media relay: datagrams, or a stream that is opened again when it has ended. */
#ifndef PROXY_RELAY_SOCKET_H
#define PROXY_RELAY_SOCKET_H

#include "sip-proxy/relay.h"

struct relay_socket;

/* The relay-th of proxy's configuration. NULL: err says why. */
struct relay_socket *relay_socket_new(struct proxy *proxy, size_t relay, char *err, size_t size);
void relay_socket_free(struct relay_socket *peer); /* NULL is fine */

/* What its commands are signed with; NULL: nothing. */
const struct ng_key *relay_socket_key(const struct relay_socket *peer);

/* Sends a message or keeps it to be sent. false: nobody is there. What did not fit into a full
 * socket is lost: it is sent again. */
bool relay_socket_send(struct relay_socket *peer, const char *message, size_t n);

/* relay.c: a message has come; the relay has gone. */
void relay_heard(struct proxy *proxy, size_t relay, struct callerid_span message);
void relay_lost(struct proxy *proxy, size_t relay);

#endif
