/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our own Record-Route remembers of a dialog whose media is relayed: which relay has it, what
 * each end speaks, and which end called. The ends send it back in Route, so that the proxy keeps
 * nothing of calls that are set up, and knows them after a restart. Who makes one up moves their
 * own media, no other's: every command names the request's own Call-ID and tags.
 */
#ifndef PROXY_MARK_H
#define PROXY_MARK_H

#include "sip-proxy/proxy.h"

#define MARK_TEXT_MAX 16

struct mark {
	bool set;
	unsigned relay; /* an index into [media] relay */
	enum trunk_media caller, callee;
	uint32_t tag; /* a hash of the caller's */
};

/* The value of the URI parameter, "0rw1f2e3d4c". */
void mark_write(const struct mark *mark, char text_out[MARK_TEXT_MAX]);

/* set is false for what is no mark, or names a relay that is not there. */
struct mark mark_parse(const char *text, size_t n_relays);

/* That of a request, in our own Route or the Request-URI of a strict router. Before
 * hop_take_routes(). */
struct mark mark_read(const struct proxy *proxy, const sip_t *sip);

/* The hash of a tag; NULL is "". */
uint32_t mark_hash(const char *tag);

#endif
