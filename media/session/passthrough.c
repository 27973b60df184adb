/* SPDX-License-Identifier: Apache-2.0 */
/* Passthrough: terms, the legs' part of it, and the way of a datagram from one to the other. */
#include "media/session/passthrough.h"

#include "media/session/datagrams.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SAYS_HOW     "passthrough leaves it to the ends, and this says it: "

static bool asks_ice(const struct ng_request *request)
{
	return request->ice != NG_ICE_ASIS && request->ice != NG_ICE_DEFAULT;
}

static bool asks_dtls(const struct ng_request *request)
{
	return request->dtls != NG_DTLS_ASIS || request->dtls_reverse != NG_DTLS_ASIS;
}

static bool asks_sdes(const struct ng_request *request)
{
	return request->sdes_off || request->sdes_nonew || request->sdes_static ||
	       request->sdes_prefer || request->sdes_no != 0 || request->sdes_only != 0;
}

static bool asks_osrtp(const struct ng_request *request)
{
	return request->osrtp_offer || request->osrtp_accept;
}

static bool asks_protocol(const struct ng_request *request)
{
	return request->webrtc || request->transport_protocol.n > 0;
}

static bool asks_mux(const struct ng_request *request)
{
	return request->mux_offer || request->mux_require || request->mux_demux ||
	       request->mux_accept || request->mux_reject;
}

static bool asks_bundle(const struct ng_request *request)
{
	return request->generate_mid ||
	       (request->bundle != NG_BUNDLE_ASIS && request->bundle != NG_BUNDLE_ACCEPT);
}

static bool asks_to_hear(const struct ng_request *request)
{
	return request->record_call || request->detect_dtmf;
}

const char *passthrough_refusal(const struct call *call, const struct ng_request *request)
{
	static const struct {
		bool (*asks)(const struct ng_request *request);
		const char *why;
	} rows[] = {
		{asks_ice, SAYS_HOW "ICE"},
		{asks_dtls, SAYS_HOW "DTLS"},
		{asks_sdes, SAYS_HOW "SDES"},
		{asks_osrtp, SAYS_HOW "OSRTP"},
		{asks_protocol, SAYS_HOW "transport-protocol or WebRTC"},
		{asks_mux, SAYS_HOW "rtcp-mux"},
		{asks_bundle, SAYS_HOW "bundle or generate-mid"},
		{asks_to_hear, PASSTHROUGH_NO_KEYS ": neither record-call nor detect-DTMF"},
	};

	if (request->passthrough && !call->passthrough)
		return "The media of this call is ended here: passthrough is for its first offer";
	for (size_t i = 0; call->passthrough && i < COUNT(rows); i++)
		if (rows[i].asks(request))
			return rows[i].why;
	return NULL;
}

void passthrough_terms(const struct said *from, const struct terms *before, struct terms *out)
{
	*out = (struct terms){.known = true, .proto = from->proto};
	if (from->rejected) {
		out->rejected = true;
		return;
	}
	if (from->datagrams) {
		terms_datagrams(from, out);
		return;
	}
	/* A data channel is a DTLS of its own or of its BUNDLE; MSRP and the like is none. */
	if (from->proto == SDP_OTHER && !from->bundled && !from->ufrag) {
		out->untouched = true;
		return;
	}
	out->passthrough = true;
	out->mux = from->mux_only ? MUX_YES : from->mux ? MUX_OFFER : MUX_NO;
	out->bundle = from->bundled;
	/* RFC 9143 §7.2.1: in a first offer each m-line has an address of its own, but for those
	 * that are bundle-only. */
	out->alone = from->bundled && from->rtp.port != 0 && !(before->known && before->bundle);
}

bool passthrough_open(struct stream *stream)
{
	struct transport_view view;

	transport_view(stream->leg->transport, &view);
	return view.opaque || transport_use_opaque(stream->leg->transport, NULL);
}

static struct opaque_candidate candidate_of(const struct sdp_candidate *candidate)
{
	return (struct opaque_candidate){candidate->component, candidate->address};
}

static bool tell(struct stream *stream, const struct said *other)
{
	const struct said *said = &stream->said;
	struct opaque_candidate candidates[SDP_CANDIDATES_MAX];
	struct opaque_ends ends = {
		/* RFC 8445 §7.2.2: the name of who is asked, then its own; the other's password. */
		.checks = {other->ufrag, said->ufrag, other->pwd},
		.lite = said->ice_lite,
		.candidates = candidates,
		.n_candidates = said->n_candidates,
	};

	if (!said->ufrag || !other->ufrag)
		return transport_use_opaque(stream->leg->transport, NULL);
	for (size_t i = 0; i < said->n_candidates; i++)
		candidates[i] = candidate_of(&said->candidates[i]);
	return transport_use_opaque(stream->leg->transport, &ends);
}

static bool is_first(const struct stream *stream)
{
	for (size_t i = 0; i < stream->index; i++)
		if (stream->party->streams[i]->leg == stream->leg)
			return false;
	return true;
}

bool passthrough_join(struct stream *a, struct stream *b)
{
	if (!a->leg || !b->leg || !a->agreed.passthrough || !is_first(a))
		return true;
	return tell(a, &b->said) && tell(b, &a->said);
}

void passthrough_candidate(struct stream *stream, const struct sdp_candidate *candidate)
{
	const struct opaque_candidate one = candidate_of(candidate);

	transport_add_opaque(stream->leg->transport, &one);
}

bool passthrough_is_signed(const struct stream *stream)
{
	const struct said *said = &stream->said;
	const struct party *party = stream->party;

	for (size_t i = 0; i < said->n_fingerprints; i++) {
		bool found = false;

		for (size_t j = 0; !found && j < party->n_identity; j++)
			found = fingerprint_equal(&said->fingerprints[i], &party->identity[j]);
		if (!found)
			return false;
	}
	return said->n_fingerprints > 0;
}

/* What a BUNDLE carries is told apart by the ends; here all of it is of its first m-line. */
static struct stream *stream_of(const struct leg *leg)
{
	const struct party *party = leg->party;

	for (size_t i = 0; i < party->n_streams; i++)
		if (party->streams[i]->leg == leg)
			return party->streams[i];
	return NULL;
}

static void count(struct stream_count *count, const struct packet *packet)
{
	count->packets[packet->rtcp]++;
	count->bytes[packet->rtcp] += packet->len;
}

/* Of media the headers are in the clear, but for what a report says. */
static void hear(struct stream *stream, const struct opaque_datagram *datagram)
{
	const struct packet *packet = datagram->packet;

	if (datagram->kind != DEMUX_STUN)
		stream->leg->last_media = packet->now;
	if (datagram->kind != DEMUX_MEDIA)
		return;
	count(&stream->in, packet);
	if (!packet->rtcp)
		stream_measure(stream, packet);
}

static enum drop_reason refusal(const struct stream *stream, const struct opaque_datagram *datagram)
{
	const struct party *party = stream->party;

	if (stream->shut)
		return DROP_IDENTITY;
	if (datagram->kind != DEMUX_MEDIA)
		return DROP_COUNT;
	/* SRTP too says its payload types in the clear. */
	if (party->call->block_media || party->block_media ||
	    stream_blocks_key(stream, datagram->packet))
		return DROP_BLOCKED;
	return DROP_COUNT;
}

static enum drop_reason pass_to(struct stream *sink, const struct opaque_datagram *datagram)
{
	const struct packet *packet = datagram->packet;
	enum drop_reason reason;

	if (!sink->leg)
		return DROP_NO_PEER;
	if (sink->shut)
		return DROP_IDENTITY;
	reason = transport_forward(sink->leg->transport, datagram);
	if (reason != DROP_COUNT || datagram->kind != DEMUX_MEDIA)
		return reason;
	count(&sink->out, packet);
	if (!packet->rtcp)
		sink->last_out = packet->now;
	return DROP_COUNT;
}

void passthrough_receive(struct leg *leg, const struct opaque_datagram *datagram)
{
	struct stream *stream = stream_of(leg);
	enum drop_reason reason;

	if (!stream) {
		transport_drop(leg->transport, DROP_NO_STREAM);
		return;
	}
	if (stream->agreed.datagrams) {
		datagrams_receive(stream, datagram);
		return;
	}
	hear(stream, datagram);
	reason = refusal(stream, datagram);
	if (reason == DROP_COUNT && stream->n_sinks == 0)
		reason = DROP_NO_PEER;
	for (size_t i = 0; reason == DROP_COUNT && i < stream->n_sinks; i++)
		reason = pass_to(stream->sinks[i], datagram);
	if (reason != DROP_COUNT)
		transport_drop(leg->transport, reason);
}
