/* SPDX-License-Identifier: Apache-2.0 */
/* Watches accepted TCP and TLS connections: the stack itself closes none that is silent, or sends
 * a byte now and then, and takes any number from anybody. */
#ifndef PROXY_CONNECTIONS_H
#define PROXY_CONNECTIONS_H

#include "sip-proxy/proxy.h"

/* A whole message has come: its connection, if it came over one, may stay. */
void connections_heard(struct proxy *proxy, msg_t *msg);

/* About once a second: ends those that have not said a message in time, and those of an address
 * beyond its share. */
void connections_tick(struct proxy *proxy);

void connections_free(struct proxy *proxy);

#endif
