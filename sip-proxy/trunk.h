/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends us requests, found by address, and what may be believed of them. */
#ifndef PROXY_TRUNK_H
#define PROXY_TRUNK_H

#include "sip-proxy/options.h"

#include <callerid/decide.h>
#include <callerid/number.h>
#include <callerid/verification.h>

#include <sys/socket.h>

struct trunk_address {
	uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
	unsigned bits;	   /* of the 128 that count */
	uint16_t port;	   /* 0: any */
};

struct trunk {
	const struct trunk_options *options;
	struct trunk_address *addresses;
	size_t n_addresses;
	struct callerid_dialplan plan;
	struct callerid_policy policy;
	struct callerid_namespace *namespaces; /* the policy's */
	struct callerid_rules rules;
};

/* Fills trunk from its options. false fills err; trunk_clear() either way. */
bool trunk_init(struct trunk *trunk, const struct trunk_options *options, struct conf_error *err);
void trunk_clear(struct trunk *trunk);

/* "192.0.2.1", "192.0.2.0/24", "192.0.2.1:5060", "[2001:db8::]/32", "[::1]:5060". */
bool trunk_address_parse(const char *text, struct trunk_address *address_out);

/* host, a literal address as in a URI, is one of addresses, whatever their ports. */
bool trunk_addresses_hold(const struct trunk_address *addresses, size_t n, const char *host);

/* The trunk with the longest prefix that holds source, a port counting as more; NULL: nobody. */
const struct trunk *trunk_find(const struct trunk *trunks, size_t n, const struct sockaddr *source);

/* The same for where a request goes: host and port as in a URI. */
struct target;
const struct trunk *trunk_at(const struct trunk *trunks, size_t n, const struct target *target);

#endif
