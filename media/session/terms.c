/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to whom, decided from flags and what was said. */
#include "media/session/terms.h"

#include <string.h>

static const struct {
	bool secured, dtls, feedback;
} protos[SDP_PROTO_COUNT] = {
	[SDP_RTP_AVPF] = {.feedback = true},
	[SDP_RTP_SAVP] = {.secured = true},
	[SDP_RTP_SAVPF] = {.secured = true, .feedback = true},
	[SDP_DTLS_SAVP] = {.secured = true, .dtls = true},
	[SDP_DTLS_SAVPF] = {.secured = true, .dtls = true, .feedback = true},
};

enum security terms_security(const struct said *said, bool osrtp, bool dtls_off)
{
	if (protos[said->proto].dtls)
		return SECURITY_DTLS;
	if (!protos[said->proto].secured)
		return osrtp && said->n_cryptos > 0 ? SECURITY_SDES : SECURITY_NONE;
	/* RTP/SAVP with both: DTLS, which leaks no key to who reads the signalling. */
	if (said->n_fingerprints > 0 && !dtls_off)
		return SECURITY_DTLS;
	return SECURITY_SDES;
}

bool terms_suite_wanted(const struct ng_request *request, enum srtp_suite suite)
{
	const unsigned bit = 1U << suite;

	return (request->sdes_only == 0 || (request->sdes_only & bit) != 0) &&
	       (request->sdes_no & bit) == 0;
}

static bool has_wanted_key(const struct ng_request *request, const struct said *said)
{
	for (size_t i = 0; i < said->n_cryptos; i++)
		if (terms_suite_wanted(request, said->cryptos[i].suite))
			return true;
	return false;
}

void terms_promise(const struct ng_request *request, struct promise *out)
{
	*out = (struct promise){
		.mux = request->mux_reject			   ? PROMISE_REJECT
		       : request->mux_accept || request->mux_demux ? PROMISE_ACCEPT
								   : PROMISE_AS_PEER,
		.osrtp = request->osrtp_accept,
		.dtls_off = request->dtls == NG_DTLS_OFF,
		.dtls_passive = request->dtls_reverse == NG_DTLS_PASSIVE,
		.bundle_reject = request->bundle == NG_BUNDLE_REJECT,
		.strict_source = request->strict_source,
		.asymmetric = request->asymmetric,
		.learning_off = request->learning == NG_LEARN_OFF,
	};
}

static enum sdp_proto proto_offered(const struct ng_request *request, const struct said *from,
				    const struct terms *before)
{
	struct span name = {request->transport_protocol.p, request->transport_protocol.n};
	enum sdp_proto proto = name.n > 0 ? sdp_proto_named(name) : SDP_OTHER;

	if (request->webrtc && proto == SDP_OTHER)
		return SDP_DTLS_SAVPF;
	if (proto != SDP_OTHER)
		return proto;
	return before->known && before->proto != SDP_OTHER ? before->proto : from->proto;
}

static enum security security_offered(const struct ng_request *request, const struct said *from,
				      const struct terms *before, enum sdp_proto proto)
{
	if (protos[proto].dtls)
		return SECURITY_DTLS;
	if (!protos[proto].secured)
		return request->osrtp_offer && !request->sdes_off ? SECURITY_SDES : SECURITY_NONE;
	if (request->sdes_off && request->dtls != NG_DTLS_OFF)
		return SECURITY_DTLS;
	if (before->known && before->proto == proto)
		return before->security;
	/* The protocol as it came, and its sender does DTLS: so does the hearer, perhaps. */
	if (request->transport_protocol.n == 0 && from->n_fingerprints > 0 &&
	    request->dtls != NG_DTLS_OFF)
		return SECURITY_DTLS;
	return SECURITY_SDES;
}

static bool ice_offered(const struct ng_request *request, const struct said *from,
			const struct terms *before)
{
	if (request->webrtc && request->ice == NG_ICE_ASIS)
		return true;
	switch (request->ice) {
	case NG_ICE_REMOVE:
		return false;
	case NG_ICE_FORCE:
	case NG_ICE_OPTIONAL:
		return true;
	case NG_ICE_DEFAULT:
	case NG_ICE_ASIS:
		break;
	}
	return before->known ? before->ice : from->ufrag != NULL;
}

static enum mux mux_offered(const struct ng_request *request, const struct said *from,
			    const struct terms *before)
{
	if (request->mux_require || request->webrtc)
		return MUX_YES;
	if (request->mux_offer)
		return MUX_OFFER;
	if (request->mux_demux)
		return MUX_NO;
	if (before->known)
		return before->mux;
	return from->mux ? MUX_OFFER : MUX_NO;
}

void terms_datagrams(const struct said *from, struct terms *out)
{
	*out = (struct terms){.known = true,
			      .proto = from->proto,
			      .rejected = from->rejected,
			      .datagrams = !from->rejected && from->datagrams};
}

const struct terms *terms_before(const struct terms *agreed, const struct terms *rested)
{
	return agreed->datagrams ? rested : agreed;
}

static void offer_other(const struct said *from, struct terms *out)
{
	if (from->datagrams) {
		terms_datagrams(from, out);
		return;
	}
	/* A data channel in a BUNDLE or over ICE has no address of its own to pass on. */
	out->rejected = from->rejected || from->bundled || from->ufrag;
	out->untouched = !out->rejected;
}

void terms_offer(const struct ng_request *request, const struct said *from,
		 const struct terms *before, struct terms *out)
{
	static const struct terms nothing;

	/* RFC 3264 §8.1: the place of an m-line that was rejected is free for another. What it was
	 * to be says nothing of that one. */
	if (before->rejected || before->untouched)
		before = &nothing;
	*out = (struct terms){.known = true, .proto = from->proto};
	if (from->proto == SDP_OTHER) {
		offer_other(from, out);
		return;
	}
	if (from->rejected) {
		out->rejected = true;
		return;
	}
	out->proto = proto_offered(request, from, before);
	out->security = security_offered(request, from, before, out->proto);
	out->osrtp = out->security == SECURITY_SDES && !protos[out->proto].secured;
	out->ice = ice_offered(request, from, before);
	out->mux = mux_offered(request, from, before);
	out->bundle = request->bundle == NG_BUNDLE_OFFER || request->bundle == NG_BUNDLE_REQUIRE ||
		      (request->webrtc && request->bundle == NG_BUNDLE_ASIS) ||
		      (before->known && before->bundle && request->bundle != NG_BUNDLE_REJECT);
	if (out->bundle)
		out->mux = MUX_YES; /* RFC 9143 §9.3 */
}

static bool is_refused(const struct terms *offered, const struct said *answer)
{
	if (offered->rejected || answer->rejected)
		return true;
	/* RFC 3264 §6: the transport of an answer is that of its offer. */
	return !offered->untouched && offered->datagrams != answer->datagrams;
}

void terms_agree(const struct terms *offered, const struct said *answer, struct terms *out)
{
	*out = *offered;
	if (is_refused(offered, answer)) {
		out->rejected = true;
		out->datagrams = false;
		return;
	}
	if (offered->untouched || offered->datagrams)
		return;
	if (offered->passthrough)
		out->alone = false;
	out->ice = offered->ice && answer->ufrag;
	if (offered->mux == MUX_OFFER)
		out->mux = answer->mux ? MUX_YES : MUX_NO;
	/* RFC 8643 §3.1: no a=crypto in the answer is the refusal. Elsewhere there is none: what
	 * was offered as secured passes nothing in the clear. */
	if (offered->osrtp && answer->n_cryptos == 0) {
		out->security = SECURITY_NONE;
		out->osrtp = false;
	} else if (offered->security == SECURITY_SDES && answer->n_cryptos == 0 &&
		   answer->n_fingerprints > 0) {
		out->security = SECURITY_DTLS;
	}
}

static bool mux_answered(const struct terms_answer_input *in, bool ice)
{
	if (!in->offer->mux)
		return false;
	if (in->offer->mux_only)
		return true;
	if (in->promise->mux == PROMISE_REJECT || in->request->mux_reject)
		return false;
	if (in->promise->mux == PROMISE_ACCEPT || in->request->mux_accept)
		return true;
	/* A browser's leg ends here whatever the other side can do (RFC 8834 §4.5). */
	if (ice && terms_security(in->offer, false, false) == SECURITY_DTLS)
		return true;
	return in->agreed->mux == MUX_YES && in->answer->mux;
}

/* RFC 4568 §5.1.2: without a line of a=crypto that can be taken the m-line is refused: false. Where
 * it may do without (RFC 8643 §3.1) it has no keys. */
static bool secure_answer(const struct terms_answer_input *in, struct terms *out)
{
	const struct said *offer = in->offer;

	out->security = terms_security(offer, in->promise->osrtp || in->request->osrtp_accept,
				       in->promise->dtls_off);
	if (out->security == SECURITY_SDES && !has_wanted_key(in->request, offer)) {
		out->security = SECURITY_NONE;
		return !protos[offer->proto].secured;
	}
	out->osrtp = out->security == SECURITY_SDES && !protos[offer->proto].secured;
	return true;
}

static bool is_passed_on(const struct terms *agreed)
{
	return agreed->untouched || agreed->datagrams || agreed->passthrough;
}

void terms_answer(const struct terms_answer_input *in, struct terms *out)
{
	const struct said *offer = in->offer;

	*out = (struct terms){.known = true, .proto = offer->proto};
	if (in->agreed->rejected || in->answer->rejected || offer->rejected) {
		out->rejected = true;
		return;
	}
	if (is_passed_on(in->agreed)) {
		*out = *in->agreed; /* it is told what the answerer said */
		out->proto = offer->proto;
		return;
	}
	if (!secure_answer(in, out)) {
		*out = (struct terms){.known = true, .proto = offer->proto, .rejected = true};
		return;
	}
	out->ice = offer->ufrag && in->request->ice != NG_ICE_REMOVE;
	out->mux = mux_answered(in, out->ice) ? MUX_YES : MUX_NO;
	/* Only on a transport that RTCP shares (RFC 9143 §9.3). Without a word on it a browser's
	 * BUNDLE is accepted: what it marked bundle-only would be refused otherwise. */
	out->bundle = offer->bundled && out->mux == MUX_YES && !in->promise->bundle_reject &&
		      in->request->bundle != NG_BUNDLE_REJECT &&
		      (out->ice || in->request->bundle != NG_BUNDLE_ASIS);
}

enum dtls_role terms_role(enum sdp_setup theirs, bool prefer_passive, const enum dtls_role *keeps)
{
	switch (theirs) {
	case SDP_ACTIVE:
		return DTLS_PASSIVE;
	case SDP_PASSIVE:
		return DTLS_ACTIVE;
	case SDP_SETUP_NONE:
	case SDP_ACTPASS:
	case SDP_HOLDCONN:
		break;
	}
	if (keeps)
		return *keeps;
	return prefer_passive ? DTLS_PASSIVE : DTLS_ACTIVE;
}
