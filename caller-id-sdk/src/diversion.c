/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of diversions: a graph of at most 32 PASSporTs, its edges and sets bits of a word. */
#include "diversion.h"

#include <string.h>

_Static_assert(CALLERID_PASSPORTS_MAX <= 32, "one bit a PASSporT");

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

/* RFC 8946 §4.2: div names what was in dest of the PASSporT before; orig stays what it was. */
static void connect(struct cid_graph *g, const struct cid_node *nodes, size_t i, size_t j)
{
	const struct callerid_claims *div = nodes[i].claims, *before = nodes[j].claims;

	if (nodes[j].kind == CID_NODE_NONE || !is_in_dest(&div->div, before))
		return;
	if (!callerid_party_equal(&div->orig, &before->orig)) {
		g->other_orig |= bit(i);
		return;
	}
	g->before[i] |= bit(j);
	g->after[j] |= bit(i);
}

static void read_diversion(struct cid_graph *g, const struct cid_node *nodes, size_t i,
			   const struct callerid_party *called)
{
	const struct cid_node *node = &nodes[i];

	g->divs |= bit(i);
	/* RFC 8946 §4.2.1: the outermost dest is the Request-URI. */
	if (!node->is_inner && is_in_dest(called, node->claims))
		g->ends |= bit(i);
	if (callerid_party_equal(called, &node->claims->div))
		g->back |= bit(i);
	if (node->has_inner && node->inner >= CALLERID_PASSPORTS_MAX)
		g->unopened |= bit(i);
	for (size_t j = 0; j < g->n; j++) {
		if (!node->has_inner || node->inner == j)
			connect(g, nodes, i, j);
	}
}

void cid_graph_read(struct cid_graph *g, const struct cid_node *nodes, size_t n,
		    const struct callerid_party *called)
{
	memset(g, 0, sizeof(*g));
	g->n = n;
	for (size_t i = 0; i < n; i++) {
		if (nodes[i].kind == CID_NODE_DIV)
			read_diversion(g, nodes, i, called);
		else if (nodes[i].kind == CID_NODE_ORIGIN)
			g->origins |= bit(i);
		else if (nodes[i].kind == CID_NODE_UNKNOWN)
			g->unknown |= bit(i);
	}
}

/* Of usable what leads back to one of starts. */
static uint32_t ground(const struct cid_graph *g, uint32_t usable, uint32_t starts)
{
	uint32_t set = usable & starts, last;

	do {
		last = set;
		for (size_t i = 0; i < g->n; i++) {
			if (has(usable & g->divs, i) && (g->before[i] & set) != 0)
				set |= bit(i);
		}
	} while (set != last);
	return set;
}

/* All nodes that lie on a path among usable, from one of starts to one of ends. */
static uint32_t complete(const struct cid_graph *g, uint32_t usable, uint32_t starts, uint32_t ends)
{
	uint32_t grounded = ground(g, usable, starts), set = grounded & ends, last;

	do {
		last = set;
		for (size_t i = 0; i < g->n; i++) {
			if (has(set, i))
				set |= g->before[i] & grounded;
		}
	} while (set != last);
	return set;
}

static uint32_t all(const struct cid_graph *g)
{
	return g->divs | g->origins | g->unknown;
}

uint32_t cid_graph_ignored(const struct cid_graph *g)
{
	uint32_t known = ground(g, all(g), g->origins);

	/* RFC 8946 §4.2.5: a chain whose innermost type is not known is left. */
	return ground(g, all(g), g->unknown) & g->divs & ~known;
}

/* The bits of set that are in keep, pushed together. */
static uint32_t squeeze(uint32_t set, uint32_t keep)
{
	uint32_t out = 0;
	size_t at = 0;

	for (size_t i = 0; i < CALLERID_PASSPORTS_MAX; i++) {
		if (!has(keep, i))
			continue;
		if (has(set, i))
			out |= bit(at);
		at++;
	}
	return out;
}

void cid_graph_keep(struct cid_graph *g, uint32_t keep)
{
	uint32_t *const sets[] = {&g->divs, &g->origins,    &g->unknown, &g->ends,
				  &g->back, &g->other_orig, &g->unopened};
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		uint32_t before = squeeze(g->before[i], keep), after = squeeze(g->after[i], keep);

		if (!has(keep, i))
			continue;
		g->before[n] = before;
		g->after[n++] = after;
	}
	g->n = n;
	for (size_t k = 0; k < sizeof(sets) / sizeof(sets[0]); k++)
		*sets[k] = squeeze(*sets[k], keep);
}

/*
 * What is overlooked, row after row, until a path is complete: so the row where it becomes so says
 * what the best path lacks. What could not be had or done comes before what is wrong, since it
 * speaks less against the call (RFC 8224 §6.2.2 keeps 436 for when nothing could be had).
 */
enum overlooked {
	NOTHING,
	DEAR,
	NO_CERT,
	WRONG,
	LOOPS,
	UNOPENED,
	OTHER_ORIG,
	MISSING,
	ELSEWHERE,
	N_OVERLOOKED
};

struct row {
	enum callerid_reason reason;
	const char *why;
};

static const struct row rows[N_OVERLOOKED + 1] = {
	[NOTHING] = {CALLERID_REASON_OK, ""},
	[DEAR] = {CALLERID_REASON_LIMIT, "its chain of forwards costs more than one call may"},
	[NO_CERT] = {CALLERID_REASON_CERT_UNAVAILABLE,
		     "a certificate of its chain of forwards could not be had"},
	[WRONG] = {CALLERID_REASON_DIVERSION_BROKEN,
		   "a PASSporT of its chain of forwards did not pass"},
	[LOOPS] = {CALLERID_REASON_DIVERSION_LOOP,
		   "the forwards lead back to where they were before"},
	[UNOPENED] = {CALLERID_REASON_LIMIT, "its opt holds more than one call may cost"},
	[OTHER_ORIG] = {CALLERID_REASON_DIVERSION_BROKEN,
			"orig is not the same through the whole chain"},
	[MISSING] = {CALLERID_REASON_DIVERSION_BROKEN,
		     "a link is missing: no PASSporT here has div in its dest"},
	[ELSEWHERE] = {CALLERID_REASON_DIVERSION_BROKEN,
		       "its forwards do not lead to the called party"},
	/* Without a first one at all, and still each continues another. */
	[N_OVERLOOKED] = {CALLERID_REASON_DIVERSION_LOOP,
			  "the forwards lead back to where they were before"},
};

/* The diversions that continue nothing here. */
static uint32_t loose(const struct cid_graph *g)
{
	uint32_t set = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (has(g->divs, i) && g->before[i] == 0)
			set |= bit(i);
	}
	return set;
}

/* What lies on complete paths once the rows up to this are overlooked. */
static uint32_t overlook(const struct cid_graph *g, const struct cid_gone *gone,
			 enum overlooked row)
{
	uint32_t starts = g->origins, ends = g->ends & ~gone->no_end;
	uint32_t left_out = g->unknown;

	left_out |= row < DEAR ? gone->dear : 0;
	left_out |= row < NO_CERT ? gone->no_cert : 0;
	left_out |= row < WRONG ? gone->wrong : 0;
	/* Nowhere twice: a forward away from the called party that then leads back to it. Any other
	 * turn can be cut out of a path, since what follows it continues what came before it. */
	left_out |= row < LOOPS ? g->back : 0;
	starts |= row >= UNOPENED ? g->unopened : 0;
	starts |= row >= OTHER_ORIG ? loose(g) & g->other_orig : 0;
	starts |= row >= MISSING ? loose(g) : 0;
	ends |= row >= WRONG ? g->ends : 0;
	ends |= row >= ELSEWHERE ? g->divs : 0;
	return complete(g, all(g) & ~left_out, starts, ends);
}

/* How many steps each of set is away from the nearest of from; next[i] are those a step nearer. */
static void count_steps(const struct cid_graph *g, uint32_t set, uint32_t from,
			const uint32_t *next, unsigned *steps_out)
{
	uint32_t done = set & from, round = done;

	for (unsigned step = 0; round != 0; step++) {
		uint32_t reached = done;

		for (size_t i = 0; i < g->n; i++) {
			if (has(round, i))
				steps_out[i] = step;
		}
		for (size_t i = 0; i < g->n; i++) {
			if (has(set, i) && (next[i] & done) != 0)
				reached |= bit(i);
		}
		round = reached & ~done;
		done = reached;
	}
}

static void place_whole(const struct cid_graph *g, uint32_t whole, uint32_t ends,
			struct cid_link *links)
{
	unsigned up[CALLERID_PASSPORTS_MAX] = {0}, down[CALLERID_PASSPORTS_MAX] = {0};

	count_steps(g, whole, g->origins, g->before, up);
	count_steps(g, whole, ends, g->after, down);
	for (size_t i = 0; i < g->n; i++) {
		if (!has(whole, i))
			continue;
		links[i].state = CID_LINK_WHOLE;
		links[i].hop = up[i];
		links[i].hops = up[i] + down[i];
		links[i].outermost = has(ends, i);
		links[i].inside = (g->after[i] & whole) != 0;
	}
}

static void place_broken(const struct row *row, struct cid_link *link)
{
	*link = (struct cid_link){.state = CID_LINK_BROKEN,
				  .reason = row->reason,
				  .why = row->why,
				  .last = link->last};
}

void cid_graph_link(const struct cid_graph *g, const struct cid_gone *gone, struct cid_link *links)
{
	uint32_t whole = overlook(g, gone, NOTHING), told = whole, settled = 0;

	for (size_t i = 0; i < g->n; i++) {
		links[i].last = has(g->divs, i) && g->after[i] == 0;
		if (links[i].why == NULL)
			links[i].why = "";
		/* An origin that nothing continues is in no chain. */
		if (links[i].state == CID_LINK_BROKEN ||
		    (!has(g->divs, i) && (g->after[i] == 0 || !has(g->origins, i))))
			settled |= bit(i);
	}
	for (unsigned row = DEAR; row <= N_OVERLOOKED && (all(g) & ~told & ~settled) != 0; row++) {
		uint32_t set = row == N_OVERLOOKED ? all(g) : overlook(g, gone, row);

		for (size_t i = 0; i < g->n; i++) {
			if (has(set & ~told & ~settled, i))
				place_broken(&rows[row], &links[i]);
		}
		told |= set;
	}
	place_whole(g, whole, g->ends & ~gone->no_end & whole, links);
}

/* One direction of the cheapest paths: each settles at the cheapest of its neighbours' sums. */
static void settle(const struct cid_graph *g, uint32_t usable, uint32_t from, const uint32_t *next,
		   const unsigned *price, unsigned *sum, uint8_t *step_out)
{
	for (size_t i = 0; i < g->n; i++) {
		sum[i] = has(usable & from, i) ? price[i] : CID_ROUTE_NONE;
		step_out[i] = (uint8_t)i;
	}
	for (size_t round = 0; round < g->n; round++) {
		for (size_t k = 0; k < g->n * g->n; k++) {
			size_t i = k / g->n, j = k % g->n;

			if (!has(usable, i) || !has(next[i] & usable, j) ||
			    sum[j] + price[i] >= sum[i])
				continue;
			sum[i] = sum[j] + price[i];
			step_out[i] = (uint8_t)j;
		}
	}
}

void cid_graph_routes(const struct cid_graph *g, uint32_t usable, uint32_t ends,
		      const unsigned *price, struct cid_routes *routes_out)
{
	unsigned up[CALLERID_PASSPORTS_MAX], down[CALLERID_PASSPORTS_MAX];

	settle(g, usable, g->origins, g->before, price, up, routes_out->inward);
	settle(g, usable, ends, g->after, price, down, routes_out->outward);
	for (size_t i = 0; i < g->n; i++) {
		routes_out->through[i] = CID_ROUTE_NONE;
		if (up[i] < CID_ROUTE_NONE && down[i] < CID_ROUTE_NONE)
			routes_out->through[i] = up[i] + down[i] - price[i];
	}
}

uint32_t cid_routes_path(const struct cid_routes *routes, size_t i)
{
	uint32_t path = bit(i);

	for (size_t k = i; routes->inward[k] != k; k = routes->inward[k])
		path |= bit(routes->inward[k]);
	for (size_t k = i; routes->outward[k] != k; k = routes->outward[k])
		path |= bit(routes->outward[k]);
	return path;
}
