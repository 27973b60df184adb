/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of diversions: a graph of at most 32 PASSporTs, its edges bits of a word. */
#include "diversion.h"

#include <string.h>

_Static_assert(CALLERID_PASSPORTS_MAX <= 32, "one bit a PASSporT");

struct graph {
	const struct cid_node *nodes;
	size_t n;
	uint32_t before[CALLERID_PASSPORTS_MAX]; /* what a diversion continues */
	uint32_t after[CALLERID_PASSPORTS_MAX];	 /* what continues it */
	uint32_t other_orig; /* bit i: there is what i continues, but for another caller */
	uint32_t unknown;    /* bit i: there is what i continues, of a type that we do not know */
};

static uint32_t bit(size_t i)
{
	return UINT32_C(1) << i;
}

static bool has(uint32_t set, size_t i)
{
	return (set & bit(i)) != 0;
}

static bool is_in_dest(const struct callerid_party *party, const struct callerid_claims *claims)
{
	for (size_t i = 0; i < claims->n_dest; i++) {
		if (callerid_party_equal(party, &claims->dest[i]))
			return true;
	}
	return false;
}

static bool is_dest_within(const struct callerid_claims *a, const struct callerid_claims *b)
{
	for (size_t i = 0; i < a->n_dest; i++) {
		if (!is_in_dest(&a->dest[i], b))
			return false;
	}
	return true;
}

static bool same_dest(const struct callerid_claims *a, const struct callerid_claims *b)
{
	return is_dest_within(a, b) && is_dest_within(b, a);
}

/* RFC 8946 §4.2: div names what was in dest of the PASSporT before; orig stays what it was. */
static void connect(struct graph *g, size_t i, size_t j)
{
	const struct callerid_claims *div = g->nodes[i].claims, *before = g->nodes[j].claims;

	if (g->nodes[j].kind == CID_NODE_NONE || !is_in_dest(&div->div, before))
		return;
	if (!callerid_party_equal(&div->orig, &before->orig)) {
		g->other_orig |= bit(i);
	} else if (g->nodes[j].kind == CID_NODE_UNKNOWN) {
		g->unknown |= bit(i);
	} else {
		g->before[i] |= bit(j);
		g->after[j] |= bit(i);
	}
}

static void connect_all(struct graph *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct cid_node *node = &g->nodes[i];

		if (node->kind != CID_NODE_DIV)
			continue;
		for (size_t j = 0; j < g->n; j++) {
			if (!node->has_inner || node->inner == j)
				connect(g, i, j);
		}
	}
}

/* Everything that hangs together with i. */
static uint32_t reach(const struct graph *g, size_t i)
{
	uint32_t set = bit(i), last = 0;

	while (set != last) {
		last = set;
		for (size_t j = 0; j < g->n; j++) {
			if (has(set, j))
				set |= g->before[j] | g->after[j];
		}
	}
	return set;
}

static uint32_t diversions(const struct graph *g, uint32_t set)
{
	uint32_t found = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (has(set, i) && g->nodes[i].kind == CID_NODE_DIV)
			found |= bit(i);
	}
	return found;
}

/* Numbers the hops from within; false when what is left goes round in a circle. */
static bool number_hops(const struct graph *g, uint32_t set, struct cid_link *links)
{
	uint32_t done = 0, round;
	unsigned hop = 0;

	do {
		round = 0;
		for (size_t i = 0; i < g->n; i++) {
			if (has(set & ~done, i) && (g->before[i] & ~done) == 0)
				round |= bit(i);
		}
		for (size_t i = 0; i < g->n; i++) {
			if (has(round, i))
				links[i].hop = hop;
		}
		hop++;
		done |= round;
	} while (round != 0 && done != set);
	for (size_t i = 0; i < g->n; i++) {
		if (has(set, i))
			links[i].hops = hop - 1;
	}
	return done == set;
}

/* Whether all of set go to the same parties. */
static bool all_same_dest(const struct graph *g, uint32_t set)
{
	const struct callerid_claims *first = NULL;

	for (size_t i = 0; i < g->n; i++) {
		if (!has(set, i))
			continue;
		if (first == NULL)
			first = g->nodes[i].claims;
		else if (!same_dest(first, g->nodes[i].claims))
			return false;
	}
	return true;
}

struct fault {
	enum cid_link_state state;
	enum callerid_reason reason;
	const char *why;
};

static struct fault broken(const char *why)
{
	return (struct fault){CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN, why};
}

/* RFC 8946 §4.2: "If a complete chain cannot be constructed". §4.2.5: one whose innermost type is
 * not known is left. */
static struct fault find_missing(const struct graph *g, uint32_t divs)
{
	uint32_t loose = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (has(divs, i) && g->before[i] == 0)
			loose |= bit(i);
	}
	if (loose == 0)
		return (struct fault){CID_LINK_WHOLE, CALLERID_REASON_OK, ""};
	for (size_t i = 0; i < g->n; i++) {
		if (has(loose, i) && g->nodes[i].has_inner &&
		    g->nodes[i].inner >= CALLERID_PASSPORTS_MAX)
			return (struct fault){CID_LINK_BROKEN, CALLERID_REASON_LIMIT,
					      "its opt holds more than one call may cost"};
	}
	if ((loose & ~g->unknown) == 0)
		return (struct fault){CID_LINK_IGNORED, CALLERID_REASON_UNSUPPORTED_PPT,
				      "it continues a PASSporT type that is not known here"};
	if ((loose & ~g->unknown & g->other_orig) != 0)
		return broken("orig is not the same through the whole chain");
	return broken("a link is missing: no PASSporT here has div in its dest");
}

/*
 * All that can be wrong with the shape of one chain. That a diversion continues several is not: "a
 * chain may terminate at more than one innermost PASSporT" (RFC 8946 §4.2.5), and those may differ
 * in the rest of their dest, for each of which §4.1 then has one diversion made.
 */
static struct fault judge(const struct graph *g, uint32_t set, const struct callerid_party *called,
			  struct cid_link *links)
{
	uint32_t divs = diversions(g, set);
	struct fault fault = find_missing(g, divs);

	if (fault.state != CID_LINK_WHOLE)
		return fault;
	if (!number_hops(g, set, links))
		return (struct fault){CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_LOOP,
				      "the forwards lead back to where they were before"};
	for (size_t i = 0; i < g->n; i++) {
		if (!has(set, i))
			continue;
		if (!all_same_dest(g, g->after[i]))
			return broken("two forwards of the same call lead to different parties");
		/* RFC 8946 §4.2.1: the outermost dest is the Request-URI. */
		if (has(divs, i) && g->after[i] == 0 && !is_in_dest(called, g->nodes[i].claims))
			return broken("the outermost forward does not lead to the called party");
	}
	return fault;
}

static void link_chain(const struct graph *g, uint32_t set, const struct callerid_party *called,
		       struct cid_link *links)
{
	struct fault fault = judge(g, set, called, links);
	size_t chain = g->n;

	for (size_t i = g->n; i-- > 0;) {
		if (has(set, i))
			chain = i;
	}
	for (size_t i = 0; i < g->n; i++) {
		struct cid_link *link = &links[i];

		if (!has(set, i))
			continue;
		link->state = fault.state;
		link->reason = fault.reason;
		link->why = fault.why;
		link->chain = chain;
		link->follows = g->before[i];
		link->outermost = g->nodes[i].kind == CID_NODE_DIV && g->after[i] == 0;
		if (fault.state != CID_LINK_WHOLE)
			link->hop = link->hops = 0;
	}
}

void cid_diversion_link(const struct cid_node *nodes, size_t n, const struct callerid_party *called,
			struct cid_link *links_out)
{
	struct graph g = {.nodes = nodes, .n = n};
	uint32_t done = 0;

	memset(links_out, 0, n * sizeof(*links_out));
	for (size_t i = 0; i < n; i++)
		links_out[i].why = "";
	connect_all(&g);
	for (size_t i = 0; i < n; i++) {
		uint32_t set;

		if (has(done, i))
			continue;
		set = reach(&g, i);
		done |= set;
		if (diversions(&g, set) != 0)
			link_chain(&g, set, called, links_out);
	}
}
