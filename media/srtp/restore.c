/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources go on where they ended: in the process before, or before they made place for others.
 * libsrtp2 has no way to set an index, so packets that go nowhere are protected until it stands
 * there.
 */
#include "media/srtp/context.h"

#include <string.h>

#define BURN_MAX (1U << 22) /* SRTCP packets: five a second for nine days */

static void write32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* The smallest RTP packet, or a receiver report without blocks (RFC 3550 §5.1, §6.4.2). */
static size_t empty_packet(uint8_t *data, uint32_t ssrc, bool rtcp, uint16_t sequence)
{
	memset(data, 0, 12);
	data[0] = 0x80;
	if (rtcp) {
		data[1] = 201;
		data[3] = 1;
		write32(data + 4, ssrc);
		return 8;
	}
	data[2] = (uint8_t)(sequence >> 8);
	data[3] = (uint8_t)sequence;
	write32(data + 8, ssrc);
	return 12;
}

/* Brings an outbound session to the counters of source; leaves in data what it protected last. */
static bool advance(srtp_t session, const struct srtp_source *source, bool rtcp, uint8_t *data,
		    size_t *len_out)
{
	const uint32_t rounds = rtcp ? source->rtcp_index : 1;

	if (rounds > BURN_MAX)
		return false;
	for (uint32_t i = 0; i < rounds; i++) {
		int len = (int)empty_packet(data, source->ssrc, rtcp, source->sequence);
		srtp_err_status_t status = rtcp ? srtp_protect_rtcp(session, data, &len)
						: srtp_protect(session, data, &len);
		if (status != srtp_err_status_ok)
			return false;
		*len_out = (size_t)len;
	}
	return true;
}

/* A stream for the source that begins in the rollover of then. */
static bool add_stream(struct srtp_context *context, srtp_t session,
		       const struct srtp_source *source)
{
	srtp_policy_t policy = srtp_context_policy(context, &source->ssrc);

	return srtp_add_stream(session, &policy) == srtp_err_status_ok &&
	       srtp_set_stream_roc(session, source->ssrc, source->roc) == srtp_err_status_ok;
}

/* The peer's last packet of RTP is made again with its own key and taken in, so that it is the
 * highest; what came before it is refused by its number (srtp.c). So is SRTCP, whose index stands
 * in each packet: the peer chose how high it is, and nothing is made up to there. */
static bool restore_inbound(struct srtp_context *context, srtp_t peer,
			    const struct srtp_source *source)
{
	uint8_t data[64];
	size_t n;
	int len;

	if (!source->rtp)
		return true;
	if (!advance(peer, source, false, data, &n))
		return false;
	len = (int)n;
	return srtp_unprotect(context->session, data, &len) == srtp_err_status_ok;
}

static bool restore_outbound(struct srtp_context *context, const struct srtp_source *source)
{
	uint8_t data[64];
	size_t n;

	return (!source->rtp || advance(context->session, source, false, data, &n)) &&
	       advance(context->session, source, true, data, &n);
}

static bool restore_one(struct srtp_context *context, const struct srtp_source *source)
{
	struct srtp_context *peer = NULL;
	bool ok = add_stream(context, context->session, source);

	if (ok && !context->inbound)
		ok = restore_outbound(context, source);
	if (ok && context->inbound) {
		peer = srtp_context_new(context->suite, &context->key, false);
		ok = peer && add_stream(peer, peer->session, source) &&
		     restore_inbound(context, peer->session, source);
	}
	srtp_context_free(peer);
	return ok;
}

struct source *source_resume(struct srtp_context *context, const struct srtp_source *saved)
{
	struct source *source = &context->sources[context->n_sources];

	if (!restore_one(context, saved)) {
		source_drop_stream(context, saved->ssrc);
		return NULL;
	}
	context->n_sources++;
	*source = (struct source){
		.ssrc = saved->ssrc,
		.rtcp_index = saved->rtcp_index,
		.sequence = saved->sequence,
		.offset = saved->offset,
		.started = saved->rtp,
		.floored = saved->rtp,
		.rtcp_floor = context->inbound ? saved->rtcp_index : 0,
	};
	return source;
}

bool srtp_context_restore(struct srtp_context *context, const struct srtp_source *sources, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (context->n_sources + context->n_left == SRTP_SSRC_MAX)
			return false;
		if (context->n_sources < SRTP_LIVE_MAX ? !source_resume(context, &sources[i])
						       : !source_keep(context, &sources[i]))
			return false;
	}
	return true;
}
