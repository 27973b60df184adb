/* SPDX-License-Identifier: Apache-2.0 */
/* Which parties a command means: by tags, by via-branch, or by who was offered something last. */
#include <stdlib.h>
#include <string.h>

#include "media/session/command.h"

static struct party *tagged_new(struct call *call, const struct ng_text *tag)
{
	struct party *party = party_new(call);

	if (party && !party_set_tag(party, tag)) {
		party_free(party);
		return NULL;
	}
	return party;
}

/* Of those in dialogue with party, the best by rank; 0: not to be taken. Equal: the one that was
 * offered something last. */
typedef unsigned rank_function(const struct bond *bond, const struct party *other,
			       const struct ng_request *request);

static struct party *best_peer(const struct call *call, const struct party *party,
			       const struct ng_request *request, rank_function *rank)
{
	struct party *best = NULL;
	unsigned best_rank = 0;
	uint64_t best_offered = 0;

	for (const struct bond *bond = call->bonds; bond; bond = bond->next) {
		struct party *other = bond_other(bond, party);
		unsigned here;

		if (bond->subscription || (bond->offerer != party && bond->answerer != party))
			continue;
		here = rank(bond, other, request);
		if (here == 0 || here < best_rank ||
		    (here == best_rank && bond->offered < best_offered))
			continue;
		best = other;
		best_rank = here;
		best_offered = bond->offered;
	}
	return best;
}

/* Whom a to-tag that is new belongs to: who has none yet, by its branch before all. */
static unsigned rank_untagged(const struct bond *bond, const struct party *other,
			      const struct ng_request *request)
{
	(void)bond;
	if (other->tag)
		return 0;
	if (request->via_branch.n > 0 && text_is(&request->via_branch, other->branch))
		return 3;
	return request->via_branch.n == 0 || !other->branch ? 2 : 1;
}

static unsigned rank_branch(const struct bond *bond, const struct party *other,
			    const struct ng_request *request)
{
	(void)bond;
	if (text_is(&request->via_branch, other->branch))
		return 2;
	return !other->branch && !other->tag; /* it gets the branch */
}

/* An offer that names nobody: a retransmission, or a re-INVITE of a client without to-tag. */
static unsigned rank_any(const struct bond *bond, const struct party *other,
			 const struct ng_request *request)
{
	(void)request;
	if (!other->tag)
		return 2;
	return bond->heard || bond->answerer != other ? 3 : 1;
}

static unsigned rank_offered(const struct bond *bond, const struct party *other,
			     const struct ng_request *request)
{
	(void)other;
	(void)request;
	return bond->offered > 0;
}

static struct party *offer_to(struct call *call, const struct ng_request *request,
			      struct party *from)
{
	struct party *to = NULL;

	if (request->to_tag.n > 0) {
		to = party_by_tag(call, &request->to_tag);
		if (to && to != from)
			return to;
		to = best_peer(call, from, request, rank_untagged);
		if (to)
			return party_set_tag(to, &request->to_tag) ? to : NULL;
		return tagged_new(call, &request->to_tag);
	}
	to = best_peer(call, from, request, request->via_branch.n > 0 ? rank_branch : rank_any);
	if (!to)
		to = party_new(call);
	if (to && !to->branch)
		to->branch = text_copy(&request->via_branch, CALL_TAG_MAX);
	return to;
}

bool dialogue_offer(struct call *call, const struct ng_request *request, struct party **from_out,
		    struct party **to_out)
{
	struct party *from = party_by_tag(call, &request->from_tag), *to;
	struct bond *bond;

	if (!from)
		from = tagged_new(call, &request->from_tag);
	to = from ? offer_to(call, request, from) : NULL;
	if (!to)
		return false;
	bond = bond_of(call, from, to);
	if (!bond)
		bond = bond_new(call, from, to);
	if (!bond)
		return false;
	bond->offered = ++call->offers;
	from->deleted = to->deleted = 0;
	*from_out = from;
	*to_out = to;
	return true;
}

bool dialogue_answer(struct call *call, const struct ng_request *request,
		     struct party **offerer_out, struct party **answerer_out, const char **why_out)
{
	struct party *offerer = party_by_tag(call, &request->from_tag), *answerer;

	*why_out = "Unknown from-tag";
	if (!offerer)
		return false;
	*why_out = "No offer that this could answer";
	answerer = party_by_tag(call, &request->to_tag);
	if (!answerer || !bond_of(call, offerer, answerer)) {
		answerer = best_peer(call, offerer, request, rank_untagged);
		/* The offer was forked behind us: another answers with the ports that all of them
		 * were given. Media goes to the last. */
		if (!answerer)
			answerer = best_peer(call, offerer, request, rank_offered);
	}
	if (!answerer || !party_set_tag(answerer, &request->to_tag))
		return false;
	offerer->deleted = answerer->deleted = 0;
	*offerer_out = offerer;
	*answerer_out = answerer;
	return true;
}
