/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local interfaces and their ports. One pool a process, counted and locked: taking a port is
 * signalling, not media. A port always comes back; port_pool_used() is 0 when no call is left.
 */
#ifndef MEDIA_PATH_PORT_H
#define MEDIA_PATH_PORT_H

#include "media/path/address.h"

#include <stdbool.h>
#include <stddef.h>

#define INTERFACES_MAX 16

/* "NAME/ADDRESS!ADVERTISED", "ADDRESS!ADVERTISED", "ADDRESS"; the first name is "default". An
 * interface's name may be given twice, once a family. */
struct interface {
	char name[32];
	struct address address;	   /* what is bound */
	struct address advertised; /* what SDP names; the same unless behind a NAT */
};
bool interface_parse(const char *text, struct interface *out, const char **why_out);

struct port_pool;

/* Even ports are RTP's, the odd above it RTCP's (RFC 3550 §11). first..last within 1024..65535. */
struct port_pool *port_pool_new(const struct interface *interfaces, size_t n, uint16_t first,
				uint16_t last);
void port_pool_free(struct port_pool *pool);
/* The interface of that name (NULL or "": the first) and family; NULL: none. */
const struct interface *port_pool_interface(const struct port_pool *pool, const char *name,
					    size_t name_len, unsigned family);
size_t port_pool_interfaces(const struct port_pool *pool);
const struct interface *port_pool_interface_at(const struct port_pool *pool, size_t index);
/* Counted in pairs: one port alone keeps the one above it for port_widen(). Any thread. */
size_t port_pool_used(const struct port_pool *pool);
size_t port_pool_size(const struct port_pool *pool);

/* Bound sockets of a pair, non-blocking: fd[0] on the even port, fd[1] (pair only) above it. */
struct port_pair {
	int fd[2]; /* -1: none */
	struct address local[2];
	const struct interface *interface;
};
/* In random order, so that a stranger cannot guess the next (each try binds; one that is in use by
 * another program is passed over). at: that port and no other, for a call that is restored; 0: any.
 * false: "Ran out of ports". */
bool port_take(struct port_pool *pool, const struct interface *interface, bool pair, uint16_t at,
	       struct port_pair *out);
/* Binds the odd port too, of one that was taken without. false: another program has it. */
bool port_widen(struct port_pair *pair);
/* A bound socket, non-blocking, closed on exec, outside the pool. -1: errno says why. */
int port_bind(const struct address *address);
void port_give(struct port_pool *pool, struct port_pair *pair); /* closes; may be given twice */

#endif
