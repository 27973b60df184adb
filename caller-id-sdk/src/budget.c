/* SPDX-License-Identifier: Apache-2.0 */
/* What one call may cost, and what becomes of chains of diversions as their parts are judged. */
#include "budget.h"

#include "fail.h"
#include "x5c.h"

#include <string.h>

static uint32_t bit(size_t i)
{
	return UINT32_C(1) << i;
}

static void count_out(struct cid_gone *gone, size_t i, enum callerid_reason reason)
{
	if (reason == CALLERID_REASON_LIMIT)
		gone->dear |= bit(i);
	else if (reason == CALLERID_REASON_CERT_UNAVAILABLE)
		gone->no_cert |= bit(i);
	else
		gone->wrong |= bit(i);
}

static bool is_same(const struct cid_gone *a, const struct cid_gone *b)
{
	return a->wrong == b->wrong && a->no_cert == b->no_cert && a->dear == b->dear &&
	       a->no_end == b->no_end;
}

/* A forward carries a call by what its signer answers for, so that in no mode it may be anybody's;
 * of what was forwarded verification.c sees to that, for a label that is not given. */
static bool is_good(const struct cid_passport *p)
{
	return p->type->diverts ? cid_passport_is_trusted(p->out) : cid_passport_is_proven(p->out);
}

/* RFC 8946 §4.2 looks at the valid Identity header fields of a request: one that is not valid is
 * not there, and takes nothing with it but the paths through it. */
void cid_chains_link(struct cid_set *set, enum cid_chains_stage stage)
{
	struct cid_gone gone = {.no_end = set->no_end};
	struct cid_link links[CALLERID_PASSPORTS_MAX];

	if (set->graph.divs == 0)
		return;
	for (size_t i = 0; i < set->n; i++) {
		const struct cid_passport *p = &set->passport[i];

		links[i] = p->link;
		if (p->over || (stage == CID_CHAINS_PROVEN && !is_good(p)))
			count_out(&gone, i, p->out->reason);
	}
	if (set->linked && is_same(&gone, &set->gone))
		return;
	set->linked = true;
	set->gone = gone;
	cid_graph_link(&set->graph, &gone, links);
	for (size_t i = 0; i < set->n; i++)
		set->passport[i].link = links[i];
}

void cid_chains_judge(struct cid_set *set, enum cid_chains_stage stage)
{
	cid_chains_link(set, stage);
	for (size_t i = 0; i < set->n; i++) {
		struct cid_passport *p = &set->passport[i];

		if (p->link.state != CID_LINK_BROKEN)
			continue;
		cid_checks_again(p, &set->facts);
		/* No signature is worth its price in a chain that cannot hold. */
		if (p->type->diverts)
			cid_checks_diversion(p, &set->facts);
	}
}

/* The certificates that tokens carry: looked at once each, and paid for whatever comes of them. */
struct carried {
	unsigned cost;
	bool looked[CALLERID_PASSPORTS_MAX];
	struct cid_cert *cert[CALLERID_PASSPORTS_MAX]; /* held, NULL when there is none */
};

struct budget {
	struct cid_set *set;
	struct carried *carried;
	unsigned signatures, cost; /* what is left */
	bool planned[CALLERID_PASSPORTS_MAX];
};

/* Whether a planned one will have the certificate from the same URL; *twin_out: the same token too.
 */
static bool is_shared(const struct budget *b, size_t i, const struct cid_passport **twin_out)
{
	const struct cid_passport *p = &b->set->passport[i];
	bool shared = false;

	for (size_t j = 0; j < b->set->n; j++) {
		const struct cid_passport *other = &b->set->passport[j];

		if (j == i || !b->planned[j] || strcmp(p->out->x5u, other->out->x5u) != 0)
			continue;
		shared = shared || b->carried->cert[j] == NULL;
		/* Of a compact one it is not known yet which bytes its signature is over. */
		if (!p->either && !other->either &&
		    p->identity.token.n == other->identity.token.n &&
		    memcmp(p->token, other->token, p->identity.token.n) == 0)
			*twin_out = other;
	}
	return shared;
}

static void give_back(struct cid_passport *p)
{
	cid_cert_release(p->cert);
	p->cert = NULL;
	p->twin = NULL;
	p->wants = false;
}

/* The certificate that is known, unless it is to be asked for again with its TNAuthList. */
static struct cid_cert *known_cert(const struct cid_set *set, const char *x5u)
{
	struct cid_cert *cert = cid_certcache_get(set->ctx->certs, x5u, set->facts.now);

	if (cert == NULL || !set->facts.policy.accept_tn_list || !cert->lacks_list)
		return cert;
	cid_cert_release(cert);
	return NULL;
}

/* What a certificate that is not known may cost. */
static unsigned dearest_cert(const struct budget *b)
{
	/* With a TNAuthList from elsewhere it is looked at once more. */
	return CALLERID_COST_CERT * (b->set->facts.policy.accept_tn_list ? 2U : 1U);
}

/* What is left for anything else. */
static unsigned left(const struct budget *b)
{
	return b->cost > b->carried->cost ? b->cost - b->carried->cost : 0;
}

/* It has to be affordable before it is looked at. */
static struct cid_cert *carried_cert(struct budget *b, size_t i, unsigned signatures)
{
	struct carried *carried = b->carried;
	struct cid_passport *p = &b->set->passport[i];

	if (!carried->looked[i] && b->set->facts.policy.accept_x5c &&
	    left(b) >= CALLERID_COST_CERT + signatures) {
		carried->looked[i] = true;
		p->no_memory |= cid_x5c_cert(b->set->ctx, &p->jws, b->set->facts.now,
					     &carried->cert[i]) != CALLERID_OK;
		carried->cost += carried->cert[i] == NULL ? 0 : CALLERID_COST_CERT;
	}
	return carried->cert[i] == NULL ? NULL : cid_cert_hold(carried->cert[i]);
}

/* Pays for one; false when it is too dear. */
static bool pay(struct budget *b, size_t i)
{
	struct cid_passport *p = &b->set->passport[i];
	const struct cid_passport *twin = NULL;
	bool shared = is_shared(b, i, &twin);
	unsigned signatures = twin != NULL ? 0 : p->either ? 2 : 1, cost = signatures;

	p->cert = carried_cert(b, i, signatures);
	if (p->cert == NULL) {
		p->cert = known_cert(b->set, p->out->x5u);
		if (p->cert == NULL && !shared)
			cost += dearest_cert(b);
	}
	if (signatures > b->signatures || cost > left(b)) {
		give_back(p);
		return false;
	}
	b->signatures -= signatures;
	b->cost -= cost;
	b->planned[i] = true;
	p->twin = twin;
	p->wants = p->cert == NULL;
	return true;
}

static void refuse(struct budget *b, size_t i)
{
	char why[CALLERID_WHY_MAX + 1];

	cid_say(why, sizeof(why), "it is over the %u signatures and the cost of %u of one call",
		b->set->facts.policy.max_signatures, b->set->facts.policy.max_cost);
	cid_checks_refuse(&b->set->passport[i], why);
}

static bool is_due(const struct budget *b, size_t i)
{
	return !b->planned[i] && cid_checks_need_cert(&b->set->passport[i], &b->set->facts);
}

/* What it may cost at the most; nothing when it is planned or needs nothing. */
static unsigned price(const struct budget *b, size_t i)
{
	const struct cid_passport *p = &b->set->passport[i];
	struct cid_cert *cert;
	unsigned signatures = p->either ? 2 : 1;

	if (!is_due(b, i))
		return 0;
	cert = known_cert(b->set, p->out->x5u);
	if (cert == NULL)
		return signatures + dearest_cert(b);
	cid_cert_release(cert);
	return signatures;
}

/* Pays for all of nodes that are due, or for none. */
static bool pay_all(struct budget *b, uint32_t nodes)
{
	struct budget before = *b;
	bool afforded = true;

	for (size_t i = 0; i < b->set->n && afforded; i++) {
		if ((nodes & bit(i)) != 0 && is_due(b, i))
			afforded = pay(b, i);
	}
	if (afforded)
		return true;
	for (size_t i = 0; i < b->set->n; i++) {
		if (b->planned[i] && !before.planned[i])
			give_back(&b->set->passport[i]);
	}
	*b = before;
	return false;
}

/* The one of nodes that has the cheapest path; n when none has any. */
static size_t cheapest(const struct budget *b, uint32_t nodes, const struct cid_routes *routes)
{
	size_t best = b->set->n;
	unsigned least = CID_ROUTE_NONE;

	for (size_t i = 0; i < b->set->n; i++) {
		if ((nodes & bit(i)) == 0 || !is_due(b, i) || routes->through[i] >= least)
			continue;
		least = routes->through[i];
		best = i;
	}
	return best;
}

/* Plans a path through each of nodes, the cheapest first; takes from usable what is too dear. */
static void plan_paths(struct budget *b, uint32_t nodes, uint32_t *usable, uint32_t ends)
{
	unsigned prices[CALLERID_PASSPORTS_MAX];
	struct cid_routes routes;

	for (size_t round = 0; round < b->set->n; round++) {
		size_t i;

		for (size_t k = 0; k < b->set->n; k++)
			prices[k] = price(b, k);
		cid_graph_routes(&b->set->graph, *usable, ends, prices, &routes);
		i = cheapest(b, nodes & *usable, &routes);
		if (i == b->set->n)
			return;
		if (!pay_all(b, cid_routes_path(&routes, i)))
			*usable &= ~bit(i);
	}
}

/* By themselves, the cheapest first. */
static void plan_each(struct budget *b, uint32_t nodes)
{
	uint32_t left = nodes;

	while (left != 0) {
		size_t best = b->set->n;

		for (size_t i = 0; i < b->set->n; i++) {
			if ((left & bit(i)) != 0 &&
			    (best == b->set->n || price(b, i) < price(b, best)))
				best = i;
		}
		left &= ~bit(best);
		if (is_due(b, best))
			(void)pay(b, best);
	}
}

/* Which of the set could stand where in a plan. */
struct uses {
	uint32_t alone;	  /* says who calls, by itself */
	uint32_t origins; /* says who calls, by its forwards */
	uint32_t whole;	  /* on a path of forwards */
	uint32_t ends;	  /* where one ends */
	uint32_t rest;
};

static struct uses find_uses(const struct cid_set *set)
{
	struct uses uses = {.alone = 0};

	for (size_t i = 0; i < set->n; i++) {
		const struct cid_passport *p = &set->passport[i];

		if (p->over)
			continue;
		if (p->link.state == CID_LINK_WHOLE)
			uses.whole |= bit(i);
		if (p->link.outermost)
			uses.ends |= bit(i);
		if (p->type->says_verstat && !p->leans)
			uses.alone |= bit(i);
		else if (p->type->says_verstat)
			uses.origins |= bit(i);
		else if (p->link.state != CID_LINK_WHOLE)
			uses.rest |= bit(i);
	}
	return uses;
}

/* Whether all that is due can be had, whatever it turns out to cost. */
static bool is_enough(const struct budget *b)
{
	unsigned signatures = 0, cost = 0;

	for (size_t i = 0; i < b->set->n; i++) {
		unsigned own = b->set->passport[i].either ? 2 : 1;

		if (!is_due(b, i))
			continue;
		signatures += own;
		cost += own + dearest_cert(b);
	}
	return signatures <= b->signatures && cost <= b->cost;
}

void cid_budget_spend(struct cid_set *set)
{
	struct carried carried = {.cost = 0};
	struct budget b = {
		.set = set,
		.carried = &carried,
		.signatures = set->facts.policy.max_signatures,
		.cost = set->facts.policy.max_cost,
	};

	if (is_enough(&b)) {
		(void)pay_all(&b, UINT32_MAX);
	} else {
		struct uses uses = find_uses(set);

		plan_each(&b, uses.alone);
		plan_paths(&b, uses.origins, &uses.whole, uses.ends);
		plan_paths(&b, uses.whole, &uses.whole, uses.ends);
		plan_each(&b, uses.rest);
	}
	for (size_t i = 0; i < set->n; i++) {
		if (is_due(&b, i))
			refuse(&b, i);
		cid_cert_release(carried.cert[i]);
	}
}
