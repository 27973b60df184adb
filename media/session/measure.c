/* SPDX-License-Identifier: Apache-2.0 */
/* What a packet tells of its stream's quality. It runs for each packet: no call of the system, no
 * memory, and the SDP is asked only when the payload type changes. */
#include "media/session/call.h"

#define COMFORT_NOISE 13 /* RFC 3389 §4; who cannot play it hears nothing, as it means */

static const struct said_format *format_of(const struct said *said, uint8_t number)
{
	for (size_t i = 0; i < said->n_formats; i++)
		if (said->formats[i].payload_type == number)
			return &said->formats[i];
	return NULL;
}

/* RFC 3264 §5.1: a payload type means what the SDP of who receives it says. */
static void learn_type(struct stream *stream, uint8_t number)
{
	const struct said_format *format = NULL;
	bool asked = false;

	for (size_t i = 0; !format && i < stream->n_sinks; i++) {
		const struct said *said = &stream->sinks[i]->said;

		asked = asked || said->n_formats > 0;
		format = format_of(said, number);
	}
	stream->type.known = true;
	stream->type.number = number;
	stream->type.foreign = asked && !format && number != COMFORT_NOISE;
	if (!format)
		format = format_of(&stream->said, number);
	stream->type.clock = format ? format->clock : 0;
}

static void measure_rtp(struct stream *stream, const struct packet *packet)
{
	const uint8_t *p = packet->data;
	const struct rtp_header header = {
		.payload_type = p[1] & 0x7f,
		.sequence = (uint16_t)(p[2] << 8 | p[3]),
		.timestamp =
			(uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7],
		.ssrc = (uint32_t)p[8] << 24 | (uint32_t)p[9] << 16 | (uint32_t)p[10] << 8 | p[11],
	};

	if (!stream->type.known || stream->type.number != header.payload_type)
		learn_type(stream, header.payload_type);
	if (stream->type.foreign) {
		stream->type.foreigners++;
		stream->type.last_foreign = header.payload_type;
	}
	quality_rtp(&stream->quality, &header, packet->len, stream->type.clock, packet->now);
}

void stream_measure(struct stream *stream, const struct packet *packet)
{
	if (!packet->rtcp) {
		measure_rtp(stream, packet);
		return;
	}
	/* Its sender reports are of its own packets; its blocks of those of whom it hears. */
	quality_rtcp(&stream->quality, NULL, packet->data, packet->len, packet->now);
	for (size_t i = 0; i < stream->n_sinks; i++)
		quality_rtcp(&stream->quality, &stream->sinks[i]->quality, packet->data,
			     packet->len, packet->now);
}

static void add_average(struct stream_heard *out, const struct quality_source *source,
			uint64_t *newest)
{
	if (source->samples == 0 || source->last.at < *newest)
		return;
	*newest = source->last.at;
	out->average = quality_average(source);
}

void stream_heard(const struct stream *stream, struct stream_heard *out)
{
	uint64_t newest = 0, latest = 0;

	*out = (struct stream_heard){.packets = 0};
	for (size_t i = 0; i < stream->quality.n; i++) {
		const struct quality_source *source = &stream->quality.sources[i];
		int64_t lost = quality_lost(source);

		out->packets += source->packets;
		out->lost += lost > 0 ? lost : 0;
		if (source->last_at >= latest)
			out->jitter = quality_jitter_ms(source);
		latest = source->last_at > latest ? source->last_at : latest;
		add_average(out, source, &newest);
	}
	if (out->lost > 0)
		out->loss = (unsigned)(out->lost * 100 / (out->lost + (int64_t)out->packets));
}

void stream_tell_quality(const struct stream *stream)
{
	struct metrics *metrics = stream->party->call->desk->sessions->metrics;

	for (size_t i = 0; i < stream->quality.n; i++)
		if (stream->quality.sources[i].samples > 0)
			metrics_observe(metrics, MEDIA_MOS, NULL,
					quality_average(&stream->quality.sources[i]).mos / 10.0);
}
