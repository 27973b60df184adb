/* SPDX-License-Identifier: Apache-2.0 */
/* The SIP edge: listeners, and what every request has to pass before it becomes a call. */
#ifndef PROXY_AGENT_H
#define PROXY_AGENT_H

#include "sip-proxy/proxy.h"

/* Opens the listeners. false: err says which could not be. */
bool agent_open(struct proxy *proxy, char *err, size_t size);
void agent_close(struct proxy *proxy);

#endif
