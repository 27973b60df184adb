/* SPDX-License-Identifier: Apache-2.0 */
/* Streams and parties become what was agreed. */
#include "media/session/settle.h"

#include "media/session/passthrough.h"

static unsigned family_wanted(const struct party *party, const struct ng_request *request,
			      bool sender, const struct party *peer)
{
	const struct party *parties[] = {party, peer};

	if (!sender && request->address_family != 0)
		return request->address_family;
	for (size_t i = 0; i < 2; i++)
		if (parties[i] && parties[i]->n_streams > 0 &&
		    parties[i]->streams[0]->said.rtp.family != 0)
			return parties[i]->streams[0]->said.rtp.family;
	return 4;
}

const char *settle_interface(struct party *party, const struct ng_request *request, bool sender,
			     const struct party *peer)
{
	const struct port_pool *pool = party->call->desk->sessions->pool;
	const struct ng_text *name = &request->direction[sender ? 0 : 1];
	unsigned family = family_wanted(party, request, sender, peer);

	if (name->n == 0)
		name = &request->interface;
	if (party->interface && name->n == 0 &&
	    (sender || request->address_family == 0 ||
	     request->address_family == party->interface->address.family))
		return NULL;
	party->interface = port_pool_interface(pool, name->p, name->n, family);
	/* A name that nobody configured, or a family that the machine has not. */
	if (!party->interface)
		party->interface = port_pool_interface(pool, NULL, 0, family);
	if (!party->interface)
		party->interface = port_pool_interface(pool, NULL, 0, family == 4 ? 6 : 4);
	return party->interface ? NULL : "No local interface of that address family";
}

bool settle_shared(const struct stream *stream, const struct terms *terms)
{
	const struct sessions *sessions = stream->party->call->desk->sessions;

	return sessions->settings.webrtc_port != 0 && terms->ice && !stream->said.ice_lite &&
	       terms->security == SECURITY_DTLS && terms->mux == MUX_YES;
}

bool settle_one(struct stream *stream, const struct terms *terms, const struct command_run *run,
		bool answers)
{
	const struct party *party = stream->party;
	const struct ng_request *request = run->request;
	struct promise own;
	struct leg_settle settle = {
		.terms = terms,
		.source = answers ? &own : &stream->promise,
		.said = &stream->said,
		.request = request,
		.received_from = party->received_from.family != 0 ? &party->received_from : NULL,
		.answers = answers,
		.prefer_passive =
			answers ? request->dtls_reverse == NG_DTLS_PASSIVE
				: stream->promise.dtls_passive || request->dtls == NG_DTLS_PASSIVE,
	};

	terms_promise(request, &own); /* an answer's flags are of who answers */
	return leg_settle(stream->leg, &settle) &&
	       (!terms->passthrough || passthrough_open(stream));
}

bool settle_stream(struct stream *stream, const struct command_run *run, bool answers)
{
	const struct party *party = stream->party;

	if (!stream->leg || stream->agreed.rejected || stream->agreed.untouched)
		return true;
	for (size_t i = 0; i < stream->index; i++)
		if (party->streams[i]->leg == stream->leg)
			return true;
	return settle_one(stream, &stream->agreed, run, answers);
}
