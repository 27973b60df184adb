/* SPDX-License-Identifier: Apache-2.0 */
/* What one call may cost, and what becomes of chains of diversions as their parts are judged. */
#include "budget.h"

#include "fail.h"
#include "x5c.h"

#include <string.h>

/* How far a failed part speaks against its chain: a wrong one more than one that we could not get
 * or do (RFC 8224 §6.2.2 keeps 436 for when nothing could be had). */
static enum callerid_reason chain_reason(enum callerid_reason part)
{
	if (part == CALLERID_REASON_LIMIT || part == CALLERID_REASON_CERT_UNAVAILABLE)
		return part;
	return CALLERID_REASON_DIVERSION_BROKEN;
}

static unsigned weight(enum callerid_reason reason)
{
	if (reason == CALLERID_REASON_DIVERSION_BROKEN)
		return 3;
	return reason == CALLERID_REASON_CERT_UNAVAILABLE ? 2 : 1;
}

static const char *chain_why(enum callerid_reason reason)
{
	if (reason == CALLERID_REASON_LIMIT)
		return "its chain of forwards costs more than one call may";
	if (reason == CALLERID_REASON_CERT_UNAVAILABLE)
		return "a certificate of its chain of forwards could not be had";
	return "a PASSporT of its chain of forwards did not pass";
}

static bool fails(const struct cid_passport *p, enum cid_chains_stage stage)
{
	return stage == CID_CHAINS_EARLY ? p->over : !cid_passport_is_proven(p->out);
}

static void break_chain(struct cid_set *set, size_t chain, enum callerid_reason reason)
{
	for (size_t i = 0; i < set->n; i++) {
		struct cid_link *link = &set->passport[i].link;

		if (link->state != CID_LINK_WHOLE || link->chain != chain)
			continue;
		link->state = CID_LINK_BROKEN;
		link->reason = reason;
		link->why = chain_why(reason);
	}
}

void cid_chains_judge(struct cid_set *set, enum cid_chains_stage stage)
{
	enum callerid_reason against[CALLERID_PASSPORTS_MAX] = {CALLERID_REASON_OK};

	for (size_t i = 0; i < set->n; i++) {
		const struct cid_passport *p = &set->passport[i];
		enum callerid_reason *worst = &against[p->link.chain];
		enum callerid_reason reason = chain_reason(p->out->reason);

		if (p->link.state != CID_LINK_WHOLE || !fails(p, stage))
			continue;
		if (*worst == CALLERID_REASON_OK || weight(reason) > weight(*worst))
			*worst = reason;
	}
	for (size_t i = 0; i < set->n; i++) {
		if (against[i] != CALLERID_REASON_OK)
			break_chain(set, i, against[i]);
	}
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

struct budget {
	struct cid_set *set;
	unsigned signatures, cost; /* what is left */
	bool planned[CALLERID_PASSPORTS_MAX];
};

/* Whether a planned one will have the same certificate; *twin_out: the same token too. */
static bool is_shared(const struct budget *b, size_t i, const struct cid_passport **twin_out)
{
	const struct cid_passport *p = &b->set->passport[i];
	bool shared = false;

	for (size_t j = 0; j < b->set->n; j++) {
		const struct cid_passport *other = &b->set->passport[j];

		if (j == i || !b->planned[j] || strcmp(p->out->x5u, other->out->x5u) != 0)
			continue;
		shared = true;
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

/* Pays for one; false when it is too dear. */
static bool pay(struct budget *b, size_t i)
{
	struct cid_passport *p = &b->set->passport[i];
	const struct cid_facts *facts = &b->set->facts;
	const struct cid_passport *twin = NULL;
	bool shared = is_shared(b, i, &twin);
	unsigned signatures = twin != NULL ? 0 : p->either ? 2 : 1, cost = signatures;

	/* What the token itself carries is looked at now: it has to be affordable before that. */
	if (facts->policy.accept_x5c && b->cost >= CALLERID_COST_CERT + cost)
		p->cert = cid_x5c_cert(b->set->ctx, &p->jws, facts->now);
	if (p->cert != NULL) {
		cost += CALLERID_COST_CERT;
	} else {
		p->cert = known_cert(b->set, p->out->x5u);
		/* With a TNAuthList from elsewhere it is looked at once more. */
		if (p->cert == NULL && !shared)
			cost += CALLERID_COST_CERT * (facts->policy.accept_tn_list ? 2U : 1U);
	}
	if (signatures > b->signatures || cost > b->cost) {
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

static bool is_due_in(const struct budget *b, size_t i, size_t chain)
{
	const struct cid_passport *p = &b->set->passport[i];

	return is_due(b, i) && p->type->diverts && p->link.chain == chain;
}

/* A part of a chain is of no use alone. */
static void plan_chain(struct budget *b, size_t chain)
{
	struct budget before = *b;
	bool afforded = true;

	for (size_t i = 0; i < b->set->n && afforded; i++) {
		if (is_due_in(b, i, chain))
			afforded = pay(b, i);
	}
	if (afforded)
		return;
	for (size_t i = 0; i < b->set->n; i++) {
		if (b->planned[i] && !before.planned[i])
			give_back(&b->set->passport[i]);
	}
	*b = before;
	for (size_t i = 0; i < b->set->n; i++) {
		if (is_due_in(b, i, chain))
			refuse(b, i);
	}
}

void cid_budget_spend(struct cid_set *set)
{
	struct budget b = {
		.set = set,
		.signatures = set->facts.policy.max_signatures,
		.cost = set->facts.policy.max_cost,
	};

	for (size_t i = 0; i < set->n; i++) {
		const struct cid_passport *p = &set->passport[i];

		if (is_due(&b, i) && p->type->says_verstat && !pay(&b, i))
			refuse(&b, i);
	}
	for (size_t i = 0; i < set->n; i++) {
		if (is_due(&b, i) && set->passport[i].type->diverts)
			plan_chain(&b, set->passport[i].link.chain);
	}
	for (size_t i = 0; i < set->n; i++) {
		if (is_due(&b, i) && !pay(&b, i))
			refuse(&b, i);
	}
}
