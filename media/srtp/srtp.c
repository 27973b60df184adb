/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One direction's SRTP (RFC 3711, RFC 7714) over libsrtp2. What it adds: a bound on sources, the
 * counters that a restart needs, and an answer to senders that begin their sequence numbers anew.
 */
#include "media/srtp/context.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "media/srtp/gcm.h"

#define RTP_HEADER  12
#define RTCP_HEADER 8
#define RESTART_RUN 3 /* packets in sequence, all too old: the source has begun anew */

bool srtp_start(void)
{
	return srtp_init() == srtp_err_status_ok && gcm_replace();
}

typedef void set_policy(srtp_crypto_policy_t *policy);
/* clang-format off */
static const struct {
	set_policy *rtp, *rtcp;
} policies[SUITE_COUNT] = {
	[SUITE_AEAD_AES_128_GCM]	= {srtp_crypto_policy_set_aes_gcm_128_16_auth,
				   srtp_crypto_policy_set_aes_gcm_128_16_auth},
	[SUITE_AEAD_AES_256_GCM]	= {srtp_crypto_policy_set_aes_gcm_256_16_auth,
				   srtp_crypto_policy_set_aes_gcm_256_16_auth},
	[SUITE_AES_CM_128_HMAC_SHA1_80]	= {srtp_crypto_policy_set_rtp_default,
					   srtp_crypto_policy_set_rtp_default},
	/* RFC 5764 §4.1.2: SRTCP keeps the tag of 80 bits. */
	[SUITE_AES_CM_128_HMAC_SHA1_32]	= {srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
					   srtp_crypto_policy_set_rtp_default},
};
/* clang-format on */

srtp_policy_t srtp_context_policy(struct srtp_context *context, const uint32_t *ssrc)
{
	srtp_policy_t policy = {
		.ssrc = {.type = ssrc		    ? ssrc_specific
				 : context->inbound ? ssrc_any_inbound
						    : ssrc_any_outbound,
			 .value = ssrc ? *ssrc : 0},
		.key = context->key.bytes,
		.window_size = SRTP_WINDOW,
		/* Two packets of one index under GCM give its authentication key away. */
		.allow_repeat_tx = 0,
	};

	policies[context->suite].rtp(&policy.rtp);
	policies[context->suite].rtcp(&policy.rtcp);
	return policy;
}

struct srtp_context *srtp_context_new(enum srtp_suite suite, const struct srtp_key *key,
				      bool inbound)
{
	const struct srtp_suite_info *info = srtp_suite_info(suite);

	if (suite == SUITE_NONE || key->len != info->key_len + info->salt_len)
		return NULL;
	struct srtp_context *context = calloc(1, sizeof(*context));
	if (!context)
		return NULL;
	context->suite = suite;
	context->inbound = inbound;
	context->key = *key;
	srtp_policy_t policy = srtp_context_policy(context, NULL);
	if (srtp_create(&context->session, &policy) != srtp_err_status_ok) {
		context->session = NULL;
		srtp_context_free(context);
		return NULL;
	}
	return context;
}

void srtp_context_free(struct srtp_context *context)
{
	if (!context)
		return;
	if (context->session)
		srtp_dealloc(context->session);
	free(context->left);
	OPENSSL_cleanse(&context->key, sizeof(context->key));
	free(context);
}

enum srtp_suite srtp_context_suite(const struct srtp_context *context)
{
	return context->suite;
}

static uint32_t read32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint16_t read16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t ssrc_of(const struct packet *packet)
{
	return read32(packet->data + (packet->rtcp ? 4 : 8));
}

static enum srtp_result result_of(srtp_err_status_t status)
{
	switch (status) {
	case srtp_err_status_ok:
		return SRTP_OK;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		return SRTP_REPLAYED;
	default:
		return SRTP_BAD;
	}
}

static void write_sequence(struct packet *packet, uint16_t sequence)
{
	packet->data[2] = (uint8_t)(sequence >> 8);
	packet->data[3] = (uint8_t)sequence;
}

/* A packet of before a restart, late or copied: its index may have been used by the process of
 * then, and a second use gives a GCM key away. */
static bool is_below_floor(const struct source *source, uint16_t sequence)
{
	const int ahead = (int16_t)(sequence - source->sequence);

	return source->floored && ahead <= 0 && ahead > -SRTP_WINDOW && source->above + ahead <= 0;
}

static void raise_above_floor(struct source *source, unsigned by)
{
	const unsigned above = source->above + by;

	source->floored = above < SRTP_WINDOW;
	source->above = source->floored ? (uint16_t)above : 0;
}

static void note_sequence(struct source *source, uint16_t sequence)
{
	const int ahead = (int16_t)(sequence - source->sequence);

	if (source->floored && ahead > 0)
		raise_above_floor(source, (unsigned)ahead);
	if (!source->started || ahead > 0)
		source->sequence = sequence;
	source->started = true;
	source->old_run = 0;
}

/*
 * A gateway that begins its numbers anew under the same SSRC would be silent until they have caught
 * up, up to eleven minutes later. Once a few packets in sequence are all too old, what it sends is
 * numbered onwards from what the peer has seen.
 */
static bool has_restarted(struct source *source, uint16_t received)
{
	source->old_run = source->old_run && received == source->old_next ? source->old_run + 1 : 1;
	source->old_next = (uint16_t)(received + 1);
	if (source->old_run < RESTART_RUN)
		return false;
	source->offset = (uint16_t)(source->sequence + 1 - received);
	return true;
}

static enum srtp_result protect_rtp(struct srtp_context *context, struct source *source,
				    struct packet *packet)
{
	const uint16_t received = read16(packet->data + 2);
	const uint16_t sequence = (uint16_t)(received + source->offset);
	int len = (int)packet->len;

	if (is_below_floor(source, sequence))
		return SRTP_REPLAYED;
	if (source->offset)
		write_sequence(packet, sequence);
	srtp_err_status_t status = srtp_protect(context->session, packet->data, &len);
	if (status == srtp_err_status_replay_old && has_restarted(source, received)) {
		write_sequence(packet, (uint16_t)(received + source->offset));
		len = (int)packet->len;
		status = srtp_protect(context->session, packet->data, &len);
	}
	if (status != srtp_err_status_ok)
		return result_of(status);
	note_sequence(source, (uint16_t)(received + source->offset));
	packet->len = (size_t)len;
	return SRTP_OK;
}

static enum srtp_result protect_rtcp(struct srtp_context *context, struct source *source,
				     struct packet *packet)
{
	int len = (int)packet->len;
	srtp_err_status_t status = srtp_protect_rtcp(context->session, packet->data, &len);

	if (status != srtp_err_status_ok)
		return result_of(status);
	source->rtcp_index++;
	packet->len = (size_t)len;
	return SRTP_OK;
}

/* *out NULL: its source is new. false: there is no place for it. */
static bool call_source(struct srtp_context *context, const struct packet *packet,
			struct source **out)
{
	if (packet->now > context->now)
		context->now = packet->now;
	return source_call(context, ssrc_of(packet), out) && (*out || !source_is_full(context));
}

enum srtp_result srtp_protect_packet(struct srtp_context *context, struct packet *packet)
{
	if (context->inbound || packet->len < (packet->rtcp ? RTCP_HEADER : RTP_HEADER))
		return SRTP_BAD;
	struct source *source;
	if (!call_source(context, packet, &source))
		return SRTP_TOO_MANY;
	if (!source)
		source = source_add(context, ssrc_of(packet));
	if (!source)
		return SRTP_TOO_MANY;
	source->heard = context->now;
	return packet->rtcp ? protect_rtcp(context, source, packet)
			    : protect_rtp(context, source, packet);
}

/* The index that stands in the packet in clear: behind the tag with GCM (RFC 7714 §9), before it
 * with HMAC-SHA1 (RFC 3711 §3.4), whose tag is of 80 bits for SRTCP. */
static uint32_t rtcp_index(const struct srtp_context *context, const struct packet *packet)
{
	const bool aead = context->suite == SUITE_AEAD_AES_128_GCM ||
			  context->suite == SUITE_AEAD_AES_256_GCM;
	const size_t behind = aead ? 4 : 14;

	return packet->len < RTCP_HEADER + behind
		       ? 0
		       : read32(packet->data + packet->len - behind) & 0x7fffffff;
}

/* Heard by the process before this one: its window is not known here any more. */
static bool is_before_restart(const struct source *source, const struct packet *packet,
			      uint32_t index)
{
	if (!source)
		return false;
	if (packet->rtcp)
		return source->rtcp_floor > 0 && index <= source->rtcp_floor;
	return is_below_floor(source, read16(packet->data + 2));
}

static void note_received(struct source *source, const struct packet *packet, uint32_t index)
{
	if (!packet->rtcp)
		note_sequence(source, read16(packet->data + 2));
	else if (index > source->rtcp_index)
		source->rtcp_index = index;
}

enum srtp_result srtp_unprotect_packet(struct srtp_context *context, struct packet *packet)
{
	if (!context->inbound || packet->len < (packet->rtcp ? RTCP_HEADER : RTP_HEADER))
		return SRTP_BAD;
	const uint32_t ssrc = ssrc_of(packet);
	struct source *source;
	if (!call_source(context, packet, &source))
		return SRTP_TOO_MANY;
	const uint32_t index = packet->rtcp ? rtcp_index(context, packet) : 0;
	if (is_before_restart(source, packet, index))
		return SRTP_REPLAYED;
	int len = (int)packet->len;
	srtp_err_status_t status =
		packet->rtcp ? srtp_unprotect_rtcp(context->session, packet->data, &len)
			     : srtp_unprotect(context->session, packet->data, &len);
	if (status != srtp_err_status_ok)
		return result_of(status);
	if (!source)
		source = source_add(context, ssrc);
	if (!source) {
		source_drop_stream(context, ssrc);
		return SRTP_TOO_MANY;
	}
	packet->len = (size_t)len;
	/* One that came back has proved itself, and the next need not wait. */
	if (source->heard == 0)
		context->pause = 0;
	source->heard = context->now;
	note_received(source, packet, index);
	return SRTP_OK;
}

size_t srtp_context_sources(const struct srtp_context *context, struct srtp_source *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < context->n_sources && n < max; i++)
		out[n++] = source_saved(context, &context->sources[i]);
	for (size_t i = 0; i < context->n_left && n < max; i++)
		out[n++] = context->left[i];
	return n;
}
