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
	bool is_inner;			      /* it came inside another: no path ends with it */
	bool has_inner; /* div-o: it continues node number inner and no other */
	size_t inner;	/* CALLERID_PASSPORTS_MAX when it was not looked into */
};

/* What n nodes say of each other, bit i of a word for node i. Ours to read, diversion.c's to fill.
 */
struct cid_graph {
	size_t n;
	uint32_t before[CALLERID_PASSPORTS_MAX]; /* what a diversion continues */
	uint32_t after[CALLERID_PASSPORTS_MAX];	 /* what continues it */
	uint32_t divs, origins, unknown;
	uint32_t ends;	     /* diversions to the called party */
	uint32_t back;	     /* diversions away from it: a path through them is a loop */
	uint32_t other_orig; /* there is what i continues, but for another caller */
	uint32_t unopened;   /* div-o that were not looked into */
};

/* What fell out: no path goes through the first three, none ends with the last. */
struct cid_gone {
	uint32_t wrong;	  /* did not pass */
	uint32_t no_cert; /* its certificate could not be had */
	uint32_t dear;	  /* over what the call may cost */
	uint32_t no_end;  /* too old, or seen before, to be the last forward */
};

enum cid_link_state {
	CID_LINK_NONE = 0, /* nothing continues it: the call was not forwarded */
	CID_LINK_WHOLE,	   /* on a complete path from an origin to the called party */
	CID_LINK_BROKEN,   /* on none: reason and why say what the best path lacks */
};

/* The place of one PASSporT. */
struct cid_link {
	enum cid_link_state state;
	enum callerid_reason reason; /* OK unless broken */
	const char *why;	     /* static */
	unsigned hop;		     /* 0 is an origin, 1 the first forward; 0 when broken */
	unsigned hops;		     /* forwards on the shortest path through it */
	bool outermost;		     /* whole, and a path ends with it at the called party */
	bool inside;		     /* whole, and a whole diversion continues it */
	bool last;		     /* a diversion that no other continues, whole or not */
};

/*
 * Reads the links of n nodes, at most CALLERID_PASSPORTS_MAX. called is the Request-URI (RFC 8946
 * §4.2.1). Total, without memory of its own, and the answer for a node does not depend on where it
 * stands. The claims are not needed any more afterwards.
 */
void cid_graph_read(struct cid_graph *g, const struct cid_node *nodes, size_t n,
		    const struct callerid_party *called);

/* The diversions that continue only what we do not know the type of, and those of them. */
uint32_t cid_graph_ignored(const struct cid_graph *g);

/* Drops all nodes but those in keep, and numbers them anew in their order. */
void cid_graph_keep(struct cid_graph *g, uint32_t keep);

/*
 * Judges each node by the paths through it, one complete path sufficing, without what is gone. So
 * what is added to a set never takes a path away. links holds g->n links, all zero at first, later
 * those of the call before: a broken one stays as it was told.
 */
void cid_graph_link(const struct cid_graph *g, const struct cid_gone *gone, struct cid_link *links);

#define CID_ROUTE_NONE 1000000u /* more than any route costs */

/* The cheapest paths among some of the nodes. */
struct cid_routes {
	unsigned through[CALLERID_PASSPORTS_MAX]; /* the sum of the prices on the path through i */
	uint8_t inward[CALLERID_PASSPORTS_MAX];	  /* the next node on it, towards an origin */
	uint8_t outward[CALLERID_PASSPORTS_MAX];  /* and towards the called party */
};

/* Among usable, ending with one of ends; price[i] is what i costs, below 1000. */
void cid_graph_routes(const struct cid_graph *g, uint32_t usable, uint32_t ends,
		      const unsigned *price, struct cid_routes *routes_out);

/* The nodes of the path through i, itself too; i must have one. */
uint32_t cid_routes_path(const struct cid_routes *routes, size_t i);

#endif
