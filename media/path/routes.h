/* SPDX-License-Identifier: Apache-2.0 */
/* Which transport a datagram on a shared port is for: by its address, and before that is known by
 * the ufrag of its binding request. */
#ifndef MEDIA_PATH_ROUTES_H
#define MEDIA_PATH_ROUTES_H

#include "media/path/address.h"

struct transport;
struct route;
struct route_name;

/* Addresses that ICE has validated, no more than ICE_VALID_MAX a transport, or that it checks, no
 * more than ICE_CANDIDATES_MAX; so it is bounded by the number of transports, whatever strangers
 * send. */
struct routes {
	uint64_t seed;
	struct route *slots;
	size_t n, size; /* size: a power of two */
	struct route_name *names;
};

bool routes_init(struct routes *routes); /* false: no memory or randomness */
void routes_free(struct routes *routes);

struct transport *routes_find(const struct routes *routes, const struct address *from);
/* Takes the address from whoever had it: its present owner has just proved that it is there. false:
 * no memory. */
bool routes_add(struct routes *routes, const struct address *from, struct transport *transport);
/* Only if it is that transport's. */
void routes_remove(struct routes *routes, const struct address *from,
		   const struct transport *transport);

struct transport *routes_find_name(const struct routes *routes, const char *ufrag, size_t len);
bool routes_add_name(struct routes *routes, const char *ufrag, struct transport *transport);
void routes_remove_name(struct routes *routes, const char *ufrag,
			const struct transport *transport);

#endif
