/* SPDX-License-Identifier: Apache-2.0 */
/* Forwarded calls as a graph, by hand: no tokens, no signatures, one-letter numbers. */
#ifndef TESTS_KIT_GRAPH_H
#define TESTS_KIT_GRAPH_H

#include "diversion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A graph under construction. */
struct graph {
	struct callerid_claims claims[CALLERID_PASSPORTS_MAX];
	struct cid_node nodes[CALLERID_PASSPORTS_MAX];
	struct cid_graph read;
	struct cid_gone gone;
	struct cid_link links[CALLERID_PASSPORTS_MAX];
	size_t n;
};

static inline struct callerid_party party(const char *text)
{
	struct callerid_party p = {.kind = strchr(text, ':') == NULL ? CALLERID_PARTY_TN
								     : CALLERID_PARTY_URI};

	memcpy(p.text, text, strlen(text) + 1);
	return p;
}

static inline size_t add(struct graph *g, enum cid_node_kind kind, const char *orig,
			 const char *div, const char *dest)
{
	struct callerid_claims *claims = &g->claims[g->n];

	claims->orig = party(orig);
	if (div != NULL)
		claims->div = party(div);
	claims->dest[0] = party(dest);
	claims->n_dest = 1;
	g->nodes[g->n] = (struct cid_node){.kind = kind, .claims = claims};
	return g->n++;
}

static inline size_t origin(struct graph *g, const char *dest)
{
	return add(g, CID_NODE_ORIGIN, "1", NULL, dest);
}

static inline size_t divert(struct graph *g, const char *from, const char *to)
{
	return add(g, CID_NODE_DIV, "1", from, to);
}

static inline void run_to(struct graph *g, const struct callerid_party *called)
{
	memset(g->links, 0, sizeof(g->links));
	cid_graph_read(&g->read, g->nodes, g->n, called);
	cid_graph_link(&g->read, &g->gone, g->links);
}

static inline void run(struct graph *g, const char *called)
{
	struct callerid_party target = party(called);

	run_to(g, &target);
}

static inline void expect(const struct graph *g, size_t i, enum cid_link_state state,
			  enum callerid_reason reason)
{
	assert_int_equal(g->links[i].state, state);
	assert_int_equal(g->links[i].reason, reason);
}

static inline void expect_broken(struct graph *g, const char *called, const char *why)
{
	run(g, called);
	for (size_t i = 0; i < g->n; i++) {
		expect(g, i, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
		assert_non_null(strstr(g->links[i].why, why));
	}
}

#endif
