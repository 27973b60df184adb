/* SPDX-License-Identifier: Apache-2.0 */
/* How the PASSporTs of one request hang together when the call was forwarded (RFC 8946 §4.2). */
#ifndef CID_DIVERSION_H
#define CID_DIVERSION_H

#include <callerid/verdict.h>

enum cid_node_kind {
	CID_NODE_NONE = 0, /* could not be read: no part of any chain */
	CID_NODE_ORIGIN,   /* a PASSporT that continues no other */
	CID_NODE_DIV,	   /* div, div-o */
	CID_NODE_UNKNOWN,  /* of a type that we do not know; only its base claims are read */
};

/* One PASSporT of a request. */
struct cid_node {
	enum cid_node_kind kind;
	const struct callerid_claims *claims; /* URIs canonical; NULL for CID_NODE_NONE */
	bool has_inner; /* div-o: it continues node number inner and no other */
	size_t inner;	/* CALLERID_PASSPORTS_MAX when it was not looked into */
};

enum cid_link_state {
	CID_LINK_NONE = 0, /* in no chain: the call was not forwarded */
	CID_LINK_WHOLE,	   /* every step is there, from an origin to the called party */
	CID_LINK_BROKEN,   /* reason and why say what is wrong with the chain */
	CID_LINK_IGNORED,  /* a diversion of a PASSporT that we do not know */
};

/* The place of one PASSporT. A chain is everything that hangs together. */
struct cid_link {
	enum cid_link_state state;
	enum callerid_reason reason; /* OK unless broken */
	const char *why;	     /* static */
	size_t chain;		     /* the lowest number in the chain */
	unsigned hop;		     /* 0 is an origin, 1 the first forward; 0 when broken */
	unsigned hops;		     /* forwards in the chain */
	bool outermost;		     /* a diversion that no other continues */
	uint32_t follows;	     /* bit i: continues node i */
};

/*
 * Links n nodes, at most CALLERID_PASSPORTS_MAX. called is the Request-URI (RFC 8946 §4.2.1) and
 * must be in dest of every outermost diversion. Total, without memory of its own, and the answer
 * for a node does not depend on where it stands. Signatures and ages are not looked at.
 */
void cid_diversion_link(const struct cid_node *nodes, size_t n, const struct callerid_party *called,
			struct cid_link *links_out);

#endif
