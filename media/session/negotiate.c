/* SPDX-License-Identifier: Apache-2.0 */
/* Offer and answer (RFC 3264), m-line by m-line: what was said is taken, terms are decided, and
 * transports are made what the terms say. */
#include <stdlib.h>
#include <string.h>

#include "media/session/command.h"
#include "media/session/datagrams.h"
#include "media/session/passthrough.h"
#include "media/session/settle.h"
#include "svc/runtime/wipe.h"

#define NO_MEMORY "Out of memory"

static bool read_identity(const struct ng_request *request, size_t i, struct fingerprint *out)
{
	const struct ng_text *alg = &request->identity_alg[i], *dig = &request->identity_dig[i];

	return fingerprint_from_mky(alg->p, alg->n, dig->p, dig->n, out);
}

/* All of it or nothing: one that cannot be read must not leave the call less bound than it was. */
static bool take_identity(struct party *party, const struct ng_request *request)
{
	struct fingerprint identity[NG_IDENTITIES_MAX];

	if (!request->identity_given)
		return true;
	if (request->identity_bad)
		return false;
	for (size_t i = 0; i < request->n_identity; i++)
		if (!read_identity(request, i, &identity[i]))
			return false;
	party->n_identity = request->n_identity;
	if (party->n_identity > 0)
		memcpy(party->identity, identity, party->n_identity * sizeof(*identity));
	return true;
}

static bool keep_text(char **kept, const struct ng_text *text)
{
	char *copy;

	if (text->n == 0 || text_is(text, *kept))
		return true;
	copy = text_copy(text, CALL_TAG_MAX);
	if (!copy)
		return false;
	free(*kept);
	*kept = copy;
	return true;
}

/* What a party's message says of the party itself. */
static const char *hear_party(struct party *party, const struct command_run *run,
			      const struct sdp *sdp)
{
	const struct ng_request *request = run->request;
	char *text = malloc(request->sdp.n + 1);

	if (!text)
		return NO_MEMORY;
	memcpy(text, request->sdp.p, request->sdp.n);
	text[request->sdp.n] = 0;
	wipe_free(party->sdp);
	party->sdp = text;
	party->sdp_len = request->sdp.n;
	party->received_from = (struct address){.family = 0};
	if (request->received_from.n > 0)
		address_parse(request->received_from.p, request->received_from.n, 0,
			      &party->received_from);
	if (!take_identity(party, request))
		return "The media identity has no fingerprint that can be read";
	if (!keep_text(&party->label, &request->label))
		return NO_MEMORY;
	for (size_t i = 0; i < sdp->n_medias; i++) {
		struct stream *stream = party_stream(party, i);

		if (!stream || !said_take(&stream->said, sdp, i) ||
		    (!party->call->passthrough && !said_share(&stream->said, sdp, i)))
			return NO_MEMORY;
		/* An untrusted address in the SDP is not where media goes: the port is, at the
		 * address that the message came from. A hold has none either way. */
		if (request->sip_source_address && party->received_from.family != 0 &&
		    !stream->said.zero_address) {
			struct said *said = &stream->said;
			uint16_t rtp = said->rtp.port, rtcp = said->rtcp.port;

			said->rtp = said->rtcp = party->received_from;
			said->rtp.port = rtp;
			said->rtcp.port = rtcp;
		}
	}
	return NULL;
}

/* The leg that the m-line's group has already, when the terms put it there. */
static struct leg *bundle_leg(const struct stream *stream, bool offered)
{
	const struct party *party = stream->party;

	for (size_t i = 0; i < stream->index; i++) {
		const struct stream *other = party->streams[i];
		const struct terms *terms = offered ? &other->offered : &other->agreed;

		if (terms->bundle && !terms->rejected && other->leg)
			return other->leg;
	}
	return NULL;
}

/* NULL: it has one of its own now; else why not. */
static const char *make_leg(struct stream *stream, const struct terms *terms,
			    const struct command_run *run)
{
	const char *why;
	struct leg *leg =
		leg_new(&(struct leg_params){.party = stream->party,
					     .interface = stream->party->interface,
					     .shared = settle_shared(stream, terms),
					     .rtcp_mux = terms->mux == MUX_YES || terms->datagrams,
					     .tos = run->request->tos >= 0
							    ? run->request->tos
							    : run->desk->sessions->settings.tos},
			&why);

	if (!leg)
		return why;
	leg->streams = 1;
	stream->leg = leg;
	return NULL;
}

/* Does the leg that it has go, when the terms are agreed? */
static bool leaves(const struct stream *stream, const struct terms *terms)
{
	if (terms->rejected || terms->untouched)
		return true;
	return terms->datagrams && stream->leg && !datagrams_fit(stream->leg);
}

static const char *give_leg(struct stream *stream, bool offered, const struct command_run *run)
{
	const struct terms *terms = offered ? &stream->offered : &stream->agreed;
	struct leg *leg = terms->bundle && !terms->alone ? bundle_leg(stream, offered) : NULL;

	/* What was agreed runs on until another is: an offer may be refused. */
	if (offered && stream->leg)
		return NULL;
	if (leaves(stream, terms))
		stream_leave(stream);
	if (terms->rejected || terms->untouched)
		return NULL;
	if (leg && leg != stream->leg) {
		stream_leave(stream);
		stream->leg = leg;
		leg->streams++;
	}
	return stream->leg ? NULL : make_leg(stream, terms, run);
}

/* Its place on the shared port is made with the answer. */
static bool waits_for_answer(const struct stream *stream, const struct terms *terms,
			     const struct command_run *run)
{
	return terms->security == SECURITY_DTLS && stream->said.ufrag && stream->said.mux &&
	       !stream->said.ice_lite && run->desk->sessions->settings.webrtc_port != 0;
}

/* A leg before anything is agreed with the party. */
static const char *early_leg(struct stream *stream, const struct terms *terms,
			     const struct command_run *run)
{
	stream->agreed = *terms;
	stream->agreed.known = false;
	stream->direction = stream->said.direction;
	return give_leg(stream, false, run);
}

static void early_terms(const struct stream *stream, struct terms *out)
{
	const struct said *said = &stream->said;
	const struct promise *promise = &stream->promise;

	*out = (struct terms){.known = true, .proto = said->proto};
	if (stream->party->call->passthrough)
		passthrough_terms(said, &stream->agreed, out);
	else
		out->security = terms_security(said, promise->osrtp, promise->dtls_off);
}

/* No RTP is offered, or none is agreed: that waits for the answer. */
static bool is_other(const struct said *said)
{
	return said->rejected || said->proto == SDP_OTHER;
}

static bool is_other_agreed(const struct terms *agreed)
{
	return agreed->rejected || agreed->datagrams;
}

/* The sender of an offer is heard at once where nothing has to be agreed before: early media finds
 * its way, and a moved address too. A new key, if the offer brings one, waits for the answer. */
static const char *hear_early(struct stream *stream, const struct command_run *run)
{
	const struct said *said = &stream->said;
	struct terms terms;
	const char *why = NULL;

	early_terms(stream, &terms);
	if (is_other(said) || is_other_agreed(&stream->agreed) ||
	    waits_for_answer(stream, &terms, run))
		return NULL;
	if (!stream->leg)
		why = early_leg(stream, &terms, run);
	else if (stream->agreed.known && stream->agreed.security != SECURITY_NONE)
		return NULL;
	else if (stream->agreed.known)
		terms = stream->agreed;
	if (why || terms.security == SECURITY_DTLS || terms.ice || said->ufrag ||
	    stream->leg->streams > 1)
		return why;
	return settle_one(stream, &terms, run, false) ? NULL : NO_MEMORY;
}

/* What the hearer of an offer is told of one m-line, and the leg for it. */
static const char *offer_stream(const struct negotiation *n, const struct said *said,
				struct stream *to)
{
	const struct ng_request *request = n->run->request;
	const struct terms *before = terms_before(&to->agreed, &to->rested);
	const char *why;

	if (n->run->call->passthrough)
		passthrough_terms(said, before, &to->offered);
	else
		terms_offer(request, said, before, &to->offered);
	/* What was agreed runs on where it is, and beside it there is no other leg. */
	if (to->offered.datagrams && to->leg && !datagrams_fit(to->leg)) {
		to->offered.datagrams = false;
		to->offered.rejected = true;
	}
	why = give_leg(to, true, n->run);
	if (why || !to->leg)
		return why;
	/* Datagrams needed no port for RTCP. */
	if (to->agreed.datagrams && !to->offered.datagrams && to->offered.mux != MUX_YES)
		transport_set_mux(to->leg->transport, false);
	return leg_offer(to->leg, &to->offered, request) ? NULL : NO_MEMORY;
}

/* The subscriber's m-line keeps its place when what it was of is gone (RFC 3264 §8.2). */
static const char *offer_nothing(struct stream *to)
{
	to->offered = (struct terms){.known = true, .rejected = true};
	return NULL;
}

static const char *offer_media(const struct negotiation *n, size_t i)
{
	const struct ng_request *request = n->run->request;
	struct stream *from = n->sources ? n->sources[i] : party_stream(n->sender, i);
	struct stream *to = party_stream(n->hearer, i);
	const char *why = NULL;

	if (!to || (!from && !n->sources))
		return NO_MEMORY;
	if (!from)
		return offer_nothing(to);
	if (!n->sources) {
		terms_promise(request, &from->promise);
		why = hear_early(from, n->run);
	}
	return why ? why : offer_stream(n, &from->said, to);
}

const char *negotiate_offer(struct negotiation *n)
{
	const struct ng_request *request = n->run->request;
	const char *why = n->sources ? NULL : hear_party(n->sender, n->run, n->sdp);

	if (!why && !n->sources)
		why = settle_interface(n->sender, request, true, NULL);
	if (!why)
		why = settle_interface(n->hearer, request, false, n->sender);
	for (size_t i = 0; !why && i < n->sdp->n_medias; i++)
		why = offer_media(n, i);
	call_wire(n->run->call);
	return why;
}

static void keep_rested(struct stream *stream)
{
	const struct terms *agreed = &stream->agreed;

	if (!agreed->known || agreed->datagrams)
		return;
	stream->rested = *agreed;
	/* RFC 3264 §8.1: what takes the place of a rejected m-line begins anew. */
	if (agreed->rejected || agreed->untouched)
		stream->rested = (struct terms){.known = false};
}

/* What an m-line of the answer makes of what was offered to its sender. */
static void agree(struct stream *answerer)
{
	const struct terms *offered = &answerer->offered;

	terms_agree(offered, &answerer->said, &answerer->agreed);
	/* It shares a transport that the answerer did not put it on: there is no other for it. */
	if (offered->bundle && !answerer->said.bundled) {
		answerer->agreed.bundle = false;
		if (answerer->leg && answerer->leg->streams > 1 && answerer->index > 0 &&
		    bundle_leg(answerer, true) == answerer->leg)
			answerer->agreed.rejected = true;
	}
	answerer->direction = answerer->said.direction;
}

/* The m-line of the offer that one of the answer is to; NULL: there was none. */
static struct stream *offerer_of(const struct negotiation *n, size_t i)
{
	struct stream *offerer = i < n->hearer->n_streams ? n->hearer->streams[i] : NULL;

	if (i >= n->sender->n_streams || !n->sender->streams[i]->offered.known)
		return NULL;
	return offerer && offerer->said.known ? offerer : NULL;
}

static const char *answer_media(struct negotiation *n, size_t i)
{
	struct stream *answerer = n->sender->streams[i], *offerer = offerer_of(n, i);
	const char *why;

	if (!offerer) {
		/* RFC 3264 §6: an answer has the m-lines of its offer. */
		answerer->agreed = (struct terms){.known = true, .rejected = true};
		return give_leg(answerer, false, n->run);
	}
	keep_rested(answerer);
	keep_rested(offerer);
	agree(answerer);
	terms_answer(
		&(struct terms_answer_input){
			.request = n->run->request,
			.offer = &offerer->said,
			.promise = &offerer->promise,
			.answer = &answerer->said,
			.agreed = &answerer->agreed,
		},
		&offerer->agreed);
	offerer->direction = offerer->said.direction;
	why = give_leg(answerer, false, n->run);
	return why ? why : give_leg(offerer, false, n->run);
}

/* Tags the wrong way round, as it were: who was never offered anything answers nothing. */
static bool was_offered(const struct negotiation *n)
{
	for (size_t i = 0; i < n->sender->n_streams; i++)
		if (offerer_of(n, i))
			return true;
	return n->sender->n_streams == 0;
}

const char *negotiate_answer(struct negotiation *n)
{
	const char *why = was_offered(n) ? NULL : "No offer that this could answer";

	datagrams_note_host(n->sender);
	datagrams_note_host(n->hearer);
	if (!why)
		why = hear_party(n->sender, n->run, n->sdp);
	if (!why)
		why = settle_interface(n->hearer, n->run->request, false, NULL);
	for (size_t i = 0; !why && i < n->sdp->n_medias; i++)
		why = answer_media(n, i);
	for (size_t i = 0; !why && i < n->sdp->n_medias; i++) {
		struct stream *offerer = offerer_of(n, i);

		if (offerer && !(settle_stream(n->sender->streams[i], n->run, true) &&
				 settle_stream(offerer, n->run, false) &&
				 passthrough_join(n->sender->streams[i], offerer)))
			why = NO_MEMORY;
	}
	return why;
}

const char *negotiate_subscriber(struct negotiation *n)
{
	const char *why = hear_party(n->sender, n->run, n->sdp);

	for (size_t i = 0; !why && i < n->sender->n_streams; i++) {
		struct stream *stream = n->sender->streams[i];

		if (!stream->offered.known)
			stream->offered = (struct terms){.known = true, .rejected = true};
		if (i < n->sdp->n_medias)
			agree(stream);
		else /* it says nothing of it: that is no (RFC 3264 §6) */
			stream->agreed = (struct terms){.known = true, .rejected = true};
		why = give_leg(stream, false, n->run);
	}
	for (size_t i = 0; !why && i < n->sdp->n_medias; i++)
		if (!settle_stream(n->sender->streams[i], n->run, true))
			why = NO_MEMORY;
	return why;
}

const char *negotiate_sdp(struct command_run *run,
			  const char *(*then)(struct command_run *run, struct sdp *sdp))
{
	const struct ng_request *request = run->request;
	const char *why, *loop = run->desk->sessions->loop;
	struct sdp *sdp = sdp_parse(request->sdp.p, request->sdp.n, &why);

	if (!sdp)
		return why;
	why = NULL;
	if (request->loop_protect && sdp->loop.n == strlen(loop) &&
	    memcmp(sdp->loop.p, loop, sdp->loop.n) == 0)
		ng_put_span(run->reply, "sdp", request->sdp.p, request->sdp.n);
	else
		why = then(run, sdp);
	sdp_free(sdp);
	return why;
}
