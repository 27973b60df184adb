/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of m-lines. */
#include "media/session/plan.h"

#include <strings.h>

/* RFC 8445 §5.1.2.1: type host, one address, component 1 before 2. */
#define PRIORITY_RTP  2130706431U
#define PRIORITY_RTCP 2130706430U

static bool is_named(const struct span *name, const struct ng_text *text)
{
	return name->n == text->n && strncasecmp(name->p, text->p, text->n) == 0;
}

static bool is_stripped(const struct ng_request *request, const struct sdp_format *format)
{
	for (size_t i = 0; i < request->n_strip; i++)
		if (format->payload_type >= 0 && is_named(&format->name, &request->strip[i]))
			return true;
	return false;
}

size_t plan_strip(const struct ng_request *request, const struct sdp_media *media,
		  int out[SDP_FORMATS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; request->n_strip > 0 && i < media->n_formats; i++)
		if (is_stripped(request, &media->formats[i]))
			out[n++] = media->formats[i].payload_type;
	return n < media->n_formats ? n : 0;
}

static void plan_candidates(const struct plan_input *in, struct plan_media *out)
{
	const struct plan_facts *facts = in->facts;

	out->end_of_candidates = true; /* ours are all there */
	out->candidates[0] = (struct plan_candidate){
		.address = facts->rtp, .component = 1, .priority = PRIORITY_RTP};
	out->n_candidates = 1;
	if (in->terms->mux != MUX_YES) {
		out->candidates[1] = (struct plan_candidate){
			.address = facts->rtcp, .component = 2, .priority = PRIORITY_RTCP};
		out->n_candidates = 2;
	}
}

static void plan_ice(const struct plan_input *in, struct plan_media *out)
{
	out->ice = true;
	out->ice_ufrag = in->facts->ice_ufrag;
	out->ice_pwd = in->facts->ice_pwd;
	out->trickle = in->request->trickle_ice || in->request->webrtc;
	plan_candidates(in, out);
}

static void plan_security(const struct plan_input *in, struct plan_media *out)
{
	const struct plan_facts *facts = in->facts;

	switch (in->terms->security) {
	case SECURITY_DTLS:
		/* RFC 5763 §5: whoever offers leaves the role to who answers. */
		out->setup = !in->answer		  ? "actpass"
			     : facts->role == DTLS_ACTIVE ? "active"
							  : "passive";
		out->fingerprint = facts->fingerprint;
		out->tls_id = facts->tls_id;
		break;
	case SECURITY_SDES:
		for (size_t i = 0; i < facts->n_cryptos; i++)
			out->cryptos[out->n_cryptos++] = facts->cryptos[i];
		break;
	case SECURITY_NONE:
		break;
	}
}

static void plan_rtcp(const struct plan_input *in, struct plan_media *out)
{
	const struct ng_request *request = in->request;

	out->rtcp = in->terms->mux == MUX_YES ? out->rtp : in->facts->rtcp;
	out->rtcp_mux = in->terms->mux != MUX_NO;
	out->rtcp_mux_only = in->media->rtcp_mux_only && in->answer && out->rtcp_mux;
	out->write_rtcp =
		!request->no_rtcp_attribute && (!request->webrtc || request->full_rtcp_attribute);
	out->full_rtcp = request->full_rtcp_attribute;
}

/* Whose keys and credentials they are says them; where it is, is where we are. */
static void plan_passthrough(const struct plan_input *in, struct plan_media *out)
{
	out->keep_ice = true;
	out->keep_dtls = true;
	plan_rtcp(in, out);
	/* Bundle-only: it has no other address than its group's (RFC 9143 §6). */
	if (in->media->bundle_only && in->media->port == 0)
		out->rtp.port = out->rtcp.port = 0;
	else if (in->media->ice_pwd.n > 0)
		plan_candidates(in, out);
}

void plan_media(const struct plan_input *in, struct plan_media *out)
{
	*out = (struct plan_media){
		.proto = in->terms->proto,
		.keep_direction = !in->one_way,
		.direction = SDP_SENDONLY,
		.rtp = in->facts->rtp,
		.zero_address = in->media->zero_address && !in->request->replace_zero_address,
		.stripped = in->stripped,
		.n_stripped = in->n_stripped,
	};
	if (in->terms->untouched) {
		out->untouched = true;
		return;
	}
	if (in->terms->rejected) {
		out->rejected = true;
		out->rtp.port = 0;
		return;
	}
	/* The hold of RFC 2543 loses its address: RFC 3264 §8.4 has another word for it. */
	if (in->media->zero_address && !out->zero_address && in->media->direction == SDP_SENDRECV)
		out->keep_direction = false;
	if (in->terms->datagrams)
		return; /* an address and a port is all that it has */
	if (in->terms->passthrough) {
		plan_passthrough(in, out);
		return;
	}
	out->mid = in->mid;
	/* RFC 9143 §7.3: with its own transport it is in no group, whatever it is called. */
	out->bundled = in->terms->bundle;
	/* It names m-lines of a transport, and there each has its own. */
	out->drop_extension_mid = !in->terms->bundle;
	plan_rtcp(in, out);
	if (in->terms->ice)
		plan_ice(in, out);
	plan_security(in, out);
}
