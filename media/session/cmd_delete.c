/* SPDX-License-Identifier: Apache-2.0 */
/* delete: a call, or one branch of it. It goes when its delay is over; until then media passes and
 * an offer brings it back. */
#include "media/session/command.h"

#define NS	  1000000000ULL
#define NOT_FOUND "Call-ID not found or tags didn't match"
#define DELAY_MAX 86400 /* s */

static struct party *by_branch(const struct call *call, const struct ng_text *branch)
{
	for (struct party *party = call->parties; branch->n > 0 && party; party = party->next)
		if (text_is(branch, party->branch))
			return party;
	return NULL;
}

/* A party that a tag was to be of: offered, and not answered. */
static struct party *untagged_peer(const struct call *call, const struct party *party)
{
	for (const struct bond *bond = call->bonds; party && bond; bond = bond->next)
		if (bond->offerer == party && !bond->answerer->tag)
			return bond->answerer;
	return NULL;
}

static struct party *meant(const struct call *call, const struct ng_request *request)
{
	struct party *party = NULL;

	if (request->to_tag.n == 0 && request->via_branch.n > 0)
		party = by_branch(call, &request->via_branch);
	if (!party)
		party = party_by_tag(call,
				     request->to_tag.n > 0 ? &request->to_tag : &request->from_tag);
	if (!party)
		party = by_branch(call, &request->via_branch);
	if (!party && request->to_tag.n > 0)
		party = untagged_peer(call, party_by_tag(call, &request->from_tag));
	return party;
}

static bool has_company(const struct call *call, const struct party *party)
{
	for (const struct bond *bond = call->bonds; bond; bond = bond->next)
		if ((bond->answerer == party || (bond->offerer == party && !bond->subscription)) &&
		    bond_other(bond, party)->deleted == 0)
			return true;
	return false;
}

static void mark_lonely(struct call *call, bool subscribers, uint64_t at)
{
	for (struct party *party = call->parties; party; party = party->next)
		if (party->subscriber == subscribers && party->deleted == 0 &&
		    !has_company(call, party))
			party->deleted = at;
}

/* The party, and those that are left with nobody to talk to, or to hear. */
static void mark(struct call *call, struct party *party, uint64_t at)
{
	party->deleted = at;
	mark_lonely(call, false, at);
	mark_lonely(call, true, at);
}

static void mark_all(struct call *call, uint64_t at)
{
	for (struct party *party = call->parties; party; party = party->next)
		party->deleted = at;
}

static uint64_t delay_of(const struct command_run *run)
{
	int64_t delay = run->request->delete_delay;

	if (delay < 0)
		delay = run->desk->sessions->settings.timeouts.delete_delay;
	return (uint64_t)(delay < DELAY_MAX ? delay : DELAY_MAX) * NS;
}

static const char *not_found(struct command_run *run)
{
	if (run->request->fatal)
		return NOT_FOUND;
	ng_put_string(run->reply, "warning", NOT_FOUND);
	return NULL;
}

const char *command_delete(struct command_run *run)
{
	static const struct ng_text everybody = {NULL, 0};
	const struct ng_request *request = run->request;
	struct call *call = run->call;
	uint64_t now = worker_now(run->desk->worker), delay = delay_of(run);
	struct party *party = NULL;

	if (!call)
		return not_found(run);
	if (request->from_tag.n > 0) {
		party = meant(call, request);
		if (!party)
			return not_found(run);
	}
	if (!request->fast)
		report_call(call, &everybody, run->reply);
	/* A fork that lost to another behind the same ports takes its name along, no more. */
	if (party && party_drop_alias(party, &request->to_tag))
		return NULL;
	if (party)
		mark(call, party, now + delay);
	else
		mark_all(call, now + delay);
	if (delay == 0)
		call_expire(call);
	else
		call_set_timer(call);
	return NULL;
}
