/* SPDX-License-Identifier: Apache-2.0 */
/* Which m-line of a BUNDLE a packet belongs to (RFC 9143 §9.2, which was RFC 8843). */
#include "media/session/leg.h"

#include <string.h>

#include "media/session/call.h"

#define RTCP_SR	   200
#define RTCP_RR	   201
#define RTCP_RTPFB 205
#define RTCP_PSFB  206

static uint32_t read32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct leg_ssrc *ssrc_find(struct leg *leg, uint32_t ssrc, bool out)
{
	for (size_t i = 0; i < leg->n_ssrcs; i++)
		if (leg->ssrcs[i].ssrc == ssrc && leg->ssrcs[i].out == out)
			return &leg->ssrcs[i];
	return NULL;
}

static void ssrc_note(struct leg *leg, uint32_t ssrc, bool out, const struct stream *stream)
{
	struct leg_ssrc *known = ssrc_find(leg, ssrc, out);

	if (!known) {
		if (leg->n_ssrcs < LEG_SSRC_MAX)
			known = &leg->ssrcs[leg->n_ssrcs++];
		else
			known = &leg->ssrcs[leg->next_ssrc++ % LEG_SSRC_MAX];
	}
	*known = (struct leg_ssrc){.ssrc = ssrc, .stream = (uint8_t)stream->index, .out = out};
}

static struct stream *stream_here(const struct leg *leg, size_t index)
{
	const struct party *party = leg->party;
	struct stream *stream = index < party->n_streams ? party->streams[index] : NULL;

	return stream && stream->leg == leg ? stream : NULL;
}

static struct stream *by_ssrc(struct leg *leg, uint32_t ssrc, bool out)
{
	const struct leg_ssrc *known = ssrc_find(leg, ssrc, out);

	return known ? stream_here(leg, known->stream) : NULL;
}

/* One element of RFC 8285 behind *at; false: no more. */
struct element {
	unsigned id;
	const uint8_t *data;
	size_t len;
};

static bool next_element(const struct rtp_header *header, size_t *at, struct element *out)
{
	const uint8_t *p = header->extension;
	bool two_bytes = (header->extension_profile & 0xfff0) == 0x1000;
	size_t head = two_bytes ? 2 : 1;

	if (!two_bytes && header->extension_profile != 0xbede)
		return false;
	while (*at < header->extension_len && p[*at] == 0)
		++*at; /* padding */
	if (*at + head > header->extension_len)
		return false;
	out->id = two_bytes ? p[*at] : p[*at] >> 4;
	out->len = two_bytes ? p[*at + 1] : (size_t)(p[*at] & 0x0f) + 1;
	if ((!two_bytes && out->id == 15) || out->len > header->extension_len - *at - head)
		return false;
	out->data = p + *at + head;
	*at += head + out->len;
	return true;
}

static struct stream *by_mid(const struct leg *leg, const struct rtp_header *header)
{
	struct element element;
	size_t at = 0;

	while (header->extension && next_element(header, &at, &element))
		for (size_t i = 0; i < leg->party->n_streams; i++) {
			struct stream *stream = stream_here(leg, i);

			if (stream && stream->said.mid_extension == element.id &&
			    strlen(stream->said.mid) == element.len &&
			    memcmp(stream->said.mid, element.data, element.len) == 0)
				return stream;
		}
	return NULL;
}

static bool knows_type(const struct stream *stream, uint8_t payload_type)
{
	const struct said *sides[] = {&stream->said,
				      stream->n_sinks > 0 ? &stream->sinks[0]->said : NULL};

	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; sides[side] && i < sides[side]->n_formats; i++)
			if (sides[side]->formats[i].payload_type == payload_type)
				return true;
	return false;
}

static struct stream *by_payload_type(const struct leg *leg, uint8_t payload_type)
{
	struct stream *found = NULL;

	for (size_t i = 0; i < leg->party->n_streams; i++) {
		struct stream *stream = stream_here(leg, i);

		if (!stream || !knows_type(stream, payload_type))
			continue;
		if (found)
			return NULL; /* not unique: it says nothing */
		found = stream;
	}
	return found;
}

static struct stream *route_rtp(struct leg *leg, const struct packet *packet)
{
	struct rtp_header header;
	struct stream *stream;

	if (!rtp_header_read(packet->data, packet->len, &header))
		return NULL;
	stream = by_mid(leg, &header);
	if (!stream)
		stream = by_ssrc(leg, header.ssrc, false);
	if (!stream)
		stream = by_payload_type(leg, header.payload_type);
	if (stream)
		ssrc_note(leg, header.ssrc, false, stream);
	return stream;
}

/* The source of ours that one RTCP packet speaks of; 0: of none. */
static uint32_t speaks_of(const uint8_t *p, size_t len)
{
	if ((p[1] == RTCP_RTPFB || p[1] == RTCP_PSFB) && len >= 12)
		return read32(p + 8);
	if (p[1] == RTCP_RR && (p[0] & 0x1f) > 0 && len >= 12)
		return read32(p + 8);
	return 0;
}

static struct stream *route_rtcp(struct leg *leg, const struct packet *packet)
{
	struct stream *by_sender = NULL, *by_subject = NULL;

	for (size_t at = 0; at + 8 <= packet->len;) {
		const uint8_t *p = packet->data + at;
		size_t len = ((size_t)(p[2] << 8 | p[3]) + 1) * 4;

		if (len > packet->len - at)
			break;
		if (p[1] == RTCP_SR && len >= 8 && by_ssrc(leg, read32(p + 4), false))
			return by_ssrc(leg, read32(p + 4), false);
		if (!by_subject)
			by_subject = by_ssrc(leg, speaks_of(p, len), true);
		if (!by_sender && len >= 8)
			by_sender = by_ssrc(leg, read32(p + 4), false);
		at += len;
	}
	return by_subject ? by_subject : by_sender;
}

struct stream *leg_route(struct leg *leg, const struct packet *packet)
{
	struct stream *stream = NULL, *first = NULL;

	for (size_t i = 0; !first && i < leg->party->n_streams; i++)
		first = stream_here(leg, i);
	if (leg->streams <= 1)
		return first;
	stream = packet->rtcp ? route_rtcp(leg, packet) : route_rtp(leg, packet);
	/* RTCP of nobody we know still tells the first that the party lives. */
	return stream || !packet->rtcp ? stream : first;
}

void leg_note_out(struct leg *leg, const struct stream *stream, const struct packet *packet)
{
	uint32_t ssrc = read32(packet->data + 8);
	const struct leg_ssrc *known = ssrc_find(leg, ssrc, true);

	if (!known || known->stream != stream->index)
		ssrc_note(leg, ssrc, true, stream);
}
