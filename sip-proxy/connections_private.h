/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of accepted connections, for connections.c and its test. */
#ifndef PROXY_CONNECTIONS_PRIVATE_H
#define PROXY_CONNECTIONS_PRIVATE_H

#include "sip-proxy/call.h"

#include "svc/runtime/siphash.h"

struct end {
	uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint16_t port;
};

struct connection {
	struct end peer;
	int64_t since_ms;
	uint64_t round; /* of the tick that saw its socket last; 0: none has */
	int fd;		/* in that tick */
	bool settled;	/* it was within its address's share once */
	bool heard;
	UT_hash_handle hh;
};

/* How many connections an address has. */
struct share {
	uint8_t address[16];
	size_t n;
	UT_hash_handle hh;
};

struct connections {
	struct connection *all;	   /* by peer */
	struct share *shares;	   /* by address */
	struct siphash_key secret; /* peers have a network of addresses to choose from */
	uint64_t round;
};

#endif
