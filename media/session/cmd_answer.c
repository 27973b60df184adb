/* SPDX-License-Identifier: Apache-2.0 */
/* answer: what was offered is agreed. */
#include "media/session/command.h"
#include "media/session/passthrough.h"

/* The offerer's media goes to whom it heard last (RFC 3264 §5.1 leaves forks to SIP). */
static void mark_heard(struct call *call, const struct party *offerer, const struct party *answerer)
{
	struct bond *here = bond_of(call, offerer, answerer);

	here->answered = true;
	call->answered = true;
	if (here->answerer != answerer) /* a re-INVITE the other way: who hears whom stays */
		return;
	for (struct bond *bond = call->bonds; bond; bond = bond->next)
		if (bond->offerer == offerer && !bond->subscription)
			bond->heard = bond == here;
}

static const char *answer(struct command_run *run, struct sdp *sdp)
{
	struct negotiation n = {.run = run, .sdp = sdp, .answer = true};
	const char *why = passthrough_refusal(run->call, run->request);

	if (why)
		return why;
	if (!dialogue_answer(run->call, run->request, &n.hearer, &n.sender, &why))
		return why;
	why = negotiate_answer(&n);
	if (!why) {
		mark_heard(run->call, n.hearer, n.sender);
		why = negotiate_write(&n);
	}
	/* What was refused wishes for nothing, but may have come as far as to move streams. */
	if (!why)
		command_wishes(run);
	else
		call_wire(run->call);
	call_touch(run->call);
	return why;
}

const char *command_answer(struct command_run *run)
{
	return negotiate_sdp(run, answer);
}
