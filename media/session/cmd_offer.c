/* SPDX-License-Identifier: Apache-2.0 */
/* offer: a new call, a fork of it, a re-INVITE from either side, or a fragment of trickle ICE. */
#include <stdlib.h>
#include <string.h>

#include "media/session/command.h"
#include "media/session/load.h"
#include "media/session/passthrough.h"

/* Says no in the way that makes the client try another relay. */
static const char *refuse(struct command_run *run, const struct load_refusal *refusal)
{
	run->desk->counts.refused++;
	METRIC_COUNT(run->desk->sessions->metrics, MEDIA_CALLS_REFUSED, refusal->limit);
	if (!run->request->load_limit)
		return refusal->error;
	ng_put_string(run->reply, "result", "load limit");
	ng_put_string(run->reply, "message", refusal->message);
	return NULL;
}

static bool keep_metadata(struct call *call, const struct ng_request *request)
{
	char *copy;

	if (request->metadata.n == 0)
		return true;
	copy = malloc(request->metadata.n);
	if (!copy)
		return false;
	memcpy(copy, request->metadata.p, request->metadata.n);
	free(call->metadata);
	call->metadata = copy;
	call->metadata_len = request->metadata.n;
	return true;
}

static const char *negotiate(struct command_run *run, struct sdp *sdp)
{
	struct negotiation n = {.run = run, .sdp = sdp};
	const char *why;

	if (!keep_metadata(run->call, run->request) ||
	    !dialogue_offer(run->call, run->request, &n.sender, &n.hearer))
		return "Too many parties in this call";
	why = negotiate_offer(&n);
	if (!why)
		why = negotiate_write(&n);
	return why;
}

static const char *offer(struct command_run *run, struct sdp *sdp)
{
	bool new = !run->call;
	const struct load_refusal *refusal = new ? load_now(run->desk->sessions) : NULL;
	const char *why;

	if (refusal)
		return refuse(run, refusal);
	if (new)
		run->call = call_new(run->desk, &run->request->call_id);
	if (!run->call)
		return "Out of memory";
	if (new)
		run->call->passthrough = run->request->passthrough;
	why = passthrough_refusal(run->call, run->request);
	if (!why)
		why = negotiate(run, sdp);
	if (why && new) {
		call_free(run->call, END_FAILED);
		return why;
	}
	if (!why)
		command_wishes(run);
	call_touch(run->call);
	return why;
}

/* RFC 8840: candidates and their end, for m-lines that are told by mid or by place. Nothing is
 * answered: a lite agent has no candidates to send later. */
static const char *fragment(struct command_run *run)
{
	const char *why;
	struct sdp *sdp = sdp_parse_fragment(run->request->sdp.p, run->request->sdp.n, &why);
	const struct party *party;

	if (!sdp)
		return why;
	party = run->call ? party_by_tag(run->call, &run->request->from_tag) : NULL;
	for (size_t i = 0; party && i < sdp->n_medias; i++)
		fragment_take(party, &sdp->medias[i], i);
	sdp_free(sdp);
	return party ? NULL : "Unknown call-id";
}

const char *command_offer(struct command_run *run)
{
	return run->request->fragment ? fragment(run) : negotiate_sdp(run, offer);
}
