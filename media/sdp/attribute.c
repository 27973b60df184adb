/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes that a relay has to know of: one table of names, what each is, and who reads it. */
#include "media/sdp/attribute.h"

#include <string.h>

#include "media/sdp/format.h"
#include "media/sdp/span.h"

#define MID_URI "urn:ietf:params:rtp-hdrext:sdes:mid"

static void read_direction(struct sdp_scope *scope, struct span value, size_t direction)
{
	(void)value;
	scope->media->direction = (enum sdp_direction)direction;
	scope->media->direction_given = true;
}

static void read_rtpmap(struct sdp_scope *scope, struct span value, size_t unused)
{
	(void)unused;
	sdp_rtpmap_read(scope->media, value);
}

static void read_fmtp(struct sdp_scope *scope, struct span value, size_t unused)
{
	(void)unused;
	sdp_fmtp_read(scope->media, value);
}

/* A text or a flag of struct sdp_media, by its place there. What is said first holds. */
static void read_text(struct sdp_scope *scope, struct span value, size_t offset)
{
	struct span *field = (struct span *)(void *)((char *)scope->media + offset);

	if (field->n == 0)
		*field = value;
}

static void read_flag(struct sdp_scope *scope, struct span value, size_t offset)
{
	(void)value;
	*(bool *)((char *)scope->media + offset) = true;
}

/* RFC 3605 §2.1: port [nettype addrtype connection-address] */
static void read_rtcp(struct sdp_scope *scope, struct span value, size_t unused)
{
	struct sdp_media *media = scope->media;
	uint32_t port;

	(void)unused;
	if (!span_number(span_word(&value), UINT16_MAX, &port))
		return;
	media->rtcp_given = true;
	span_word(&value);
	span_word(&value);
	value = span_word(&value);
	if (value.n == 0 || !address_parse(value.p, value.n, (uint16_t)port, &media->rtcp))
		media->rtcp.family = 0;
	media->rtcp.port = (uint16_t)port;
}

/* RFC 8858 §4: who says this takes RTP and RTCP on one port, or nothing. */
static void read_mux_only(struct sdp_scope *scope, struct span value, size_t unused)
{
	(void)value;
	(void)unused;
	scope->media->rtcp_mux = true;
	scope->media->rtcp_mux_only = true;
}

/* RFC 8843 §7: the mids that share one transport. */
static void read_group(struct sdp_scope *scope, struct span value, size_t unused)
{
	struct sdp *sdp = scope->sdp;

	(void)unused;
	if (!scope->session || sdp->n_bundle > 0 || !span_is(span_word(&value), "BUNDLE"))
		return;
	while (sdp->n_bundle < SDP_MEDIAS_MAX) {
		struct span mid = span_word(&value);

		if (mid.n == 0)
			return;
		sdp->bundle[sdp->n_bundle++] = mid;
	}
}

static void read_extmap(struct sdp_scope *scope, struct span value, size_t unused)
{
	unsigned id = sdp_mid_extension(value);

	(void)unused;
	if (id > 0 && scope->media->mid_extension == 0)
		scope->media->mid_extension = id;
}

static void read_ice_options(struct sdp_scope *scope, struct span value, size_t unused)
{
	struct span word;

	(void)unused;
	for (word = span_word(&value); word.n > 0; word = span_word(&value)) {
		if (span_is(word, "trickle"))
			scope->media->trickle = true;
	}
}

/* RFC 8839 §5.1: foundation component transport priority address port "typ" type ... */
static void read_candidate(struct sdp_scope *scope, struct span value, size_t unused)
{
	struct sdp_media *media = scope->media;
	struct sdp_candidate found = {0};
	struct span transport, address;
	uint32_t component, port;

	(void)unused;
	if (scope->session || media->n_candidates >= SDP_CANDIDATES_MAX)
		return;
	span_word(&value);
	if (!span_number(span_word(&value), 256, &component) || component == 0)
		return;
	transport = span_word(&value);
	if (!span_is(transport, "udp") ||
	    !span_number(span_word(&value), UINT32_MAX, &found.priority))
		return;
	address = span_word(&value);
	if (!span_number(span_word(&value), UINT16_MAX, &port) || port == 0)
		return;
	/* A name (RFC 8839 §5.1 has FQDNs ignored; browsers write mDNS names) is no address. */
	if (!address_parse(address.p, address.n, (uint16_t)port, &found.address))
		return;
	found.address.port = (uint16_t)port;
	found.component = component;
	media->candidates[media->n_candidates++] = found;
}

/* RFC 4145 §4 */
static void read_setup(struct sdp_scope *scope, struct span value, size_t unused)
{
	static const char *const NAMES[] = {[SDP_ACTPASS] = "actpass",
					    [SDP_ACTIVE] = "active",
					    [SDP_PASSIVE] = "passive",
					    [SDP_HOLDCONN] = "holdconn"};

	(void)unused;
	for (size_t i = SDP_ACTPASS; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		if (span_is(value, NAMES[i]))
			scope->media->setup = (enum sdp_setup)i;
	}
}

static void read_fingerprint(struct sdp_scope *scope, struct span value, size_t unused)
{
	struct sdp_media *media = scope->media;

	(void)unused;
	if (value.n > 0 && media->n_fingerprints < SDP_FINGERPRINTS_MAX)
		media->fingerprints[media->n_fingerprints++] = value;
}

/* RFC 4568 §5: at media level only. */
static void read_crypto(struct sdp_scope *scope, struct span value, size_t unused)
{
	struct sdp_media *media = scope->media;

	(void)unused;
	if (!scope->session && value.n > 0 && media->n_cryptos < SDP_CRYPTOS_MAX)
		media->cryptos[media->n_cryptos++] = value;
}

static void read_ptime(struct sdp_scope *scope, struct span value, size_t unused)
{
	uint32_t ptime;

	(void)unused;
	if (span_number(span_until(&value, '.'), 10000, &ptime))
		scope->media->ptime = ptime;
}

static void read_loop(struct sdp_scope *scope, struct span value, size_t unused)
{
	(void)unused;
	if (scope->sdp->loop.n == 0)
		scope->sdp->loop = value;
}

static void read_nothing(struct sdp_scope *scope, struct span value, size_t unused)
{
	(void)scope;
	(void)value;
	(void)unused;
}

#define IN_MEDIA(field) offsetof(struct sdp_media, field)

/* clang-format off */
static const struct attribute {
	const char *name;
	enum sdp_line_kind kind;
	void (*read)(struct sdp_scope *scope, struct span value, size_t argument);
	size_t argument;
} ATTRIBUTES[] = {
	{"candidate",         LINE_CANDIDATE,         read_candidate,   0},
	{"rtpmap",            LINE_RTPMAP,            read_rtpmap,      0},
	{"fmtp",              LINE_FMTP,              read_fmtp,        0},
	{"rtcp-fb",           LINE_RTCP_FB,           read_nothing,     0},
	{"ssrc",              LINE_SSRC,              read_nothing,     0},
	{"extmap",            LINE_EXTMAP,            read_extmap,      0},
	{"sendrecv",          LINE_DIRECTION,         read_direction,   SDP_SENDRECV},
	{"sendonly",          LINE_DIRECTION,         read_direction,   SDP_SENDONLY},
	{"recvonly",          LINE_DIRECTION,         read_direction,   SDP_RECVONLY},
	{"inactive",          LINE_DIRECTION,         read_direction,   SDP_INACTIVE},
	{"rtcp",              LINE_RTCP,              read_rtcp,        0},
	{"rtcp-mux",          LINE_RTCP_MUX,          read_flag,        IN_MEDIA(rtcp_mux)},
	{"rtcp-mux-only",     LINE_RTCP_MUX,          read_mux_only,    0},
	{"group",             LINE_GROUP,             read_group,       0},
	{"mid",               LINE_MID,               read_text,        IN_MEDIA(mid)},
	{"bundle-only",       LINE_BUNDLE_ONLY,       read_flag,        IN_MEDIA(bundle_only)},
	{"ice-ufrag",         LINE_ICE_UFRAG,         read_text,        IN_MEDIA(ice_ufrag)},
	{"ice-pwd",           LINE_ICE_PWD,           read_text,        IN_MEDIA(ice_pwd)},
	{"ice-options",       LINE_ICE_OPTIONS,       read_ice_options, 0},
	{"ice-lite",          LINE_ICE_LITE,          read_flag,        IN_MEDIA(ice_lite)},
	{"ice-mismatch",      LINE_ICE_MISMATCH,      read_flag,        IN_MEDIA(ice_mismatch)},
	{"ice-pacing",        LINE_ICE_PACING,        read_nothing,     0},
	{"remote-candidates", LINE_REMOTE_CANDIDATES, read_nothing,     0},
	{"end-of-candidates", LINE_END_OF_CANDIDATES, read_flag,        IN_MEDIA(end_of_candidates)},
	{"setup",             LINE_SETUP,             read_setup,       0},
	{"fingerprint",       LINE_FINGERPRINT,       read_fingerprint, 0},
	{"tls-id",            LINE_TLS_ID,            read_text,        IN_MEDIA(tls_id)},
	{"crypto",            LINE_CRYPTO,            read_crypto,      0},
	{"ptime",             LINE_OTHER,             read_ptime,       0},
	{"attestel-relay",    LINE_LOOP,              read_loop,        0},
};
/* clang-format on */

void sdp_attribute_read(struct sdp_scope *scope, struct sdp_line *line)
{
	struct span value = {line->text.p + 2, line->text.n - 2}, name;

	name = span_trim(span_until(&value, ':'));
	line->value = span_trim(value);
	for (size_t i = 0; i < sizeof(ATTRIBUTES) / sizeof(ATTRIBUTES[0]); i++) {
		const struct attribute *attribute = &ATTRIBUTES[i];

		if (!span_is(name, attribute->name))
			continue;
		line->kind = attribute->kind;
		attribute->read(scope, line->value, attribute->argument);
		return;
	}
}

static void inherit_text(struct span *text, struct span session)
{
	if (text->n == 0)
		*text = session;
}

void sdp_attributes_inherit(struct sdp_media *media, const struct sdp_media *session)
{
	if (!media->direction_given)
		media->direction = session->direction;
	inherit_text(&media->ice_ufrag, session->ice_ufrag);
	inherit_text(&media->ice_pwd, session->ice_pwd);
	inherit_text(&media->tls_id, session->tls_id);
	media->ice_lite |= session->ice_lite;
	media->trickle |= session->trickle;
	media->end_of_candidates |= session->end_of_candidates;
	if (media->setup == SDP_SETUP_NONE)
		media->setup = session->setup;
	if (media->mid_extension == 0)
		media->mid_extension = session->mid_extension;
	if (media->n_fingerprints > 0)
		return;
	memcpy(media->fingerprints, session->fingerprints, sizeof(media->fingerprints));
	media->n_fingerprints = session->n_fingerprints;
}

/* RFC 8285 §8: id["/" direction] URI [attributes] */
unsigned sdp_mid_extension(struct span value)
{
	struct span word = span_word(&value);
	uint32_t id;

	if (!span_number(span_until(&word, '/'), UINT16_MAX, &id) ||
	    !span_is(span_word(&value), MID_URI))
		return 0;
	return id;
}
