/* SPDX-License-Identifier: Apache-2.0 */
/* Static routes: which next hop a called number goes to. */
#ifndef PROXY_ROUTE_H
#define PROXY_ROUTE_H

#include "sip-proxy/options.h"

#include <callerid/number.h>

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS, TRANSPORT_COUNT };

struct target {
	char url[128]; /* sip:ADDRESS:PORT;transport=... */
	char host[64]; /* as in a URI: IPv6 in brackets */
	char port[8];
	enum transport transport;
};

struct route {
	const struct route_options *options;
	struct target target;
};

bool route_init(struct route *route, const struct route_options *options, struct conf_error *err);

/* sip:ADDRESS[:PORT][;transport=...]; the address literal, so that a call never waits for DNS. */
bool target_parse(const char *text, struct target *target_out);

/* The route with the longest prefix of the called number; "*" matches anything. NULL: none. */
const struct route *route_find(const struct route *routes, size_t n,
			       const struct callerid_party *called);

/* "udp", "tcp", "tls". */
const char *transport_name(enum transport transport);
bool transport_by_name(const char *name, size_t len, enum transport *transport_out);

#endif
