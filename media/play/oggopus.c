/* SPDX-License-Identifier: Apache-2.0 */
/* Ogg Opus (RFC 7845): libogg finds the packets, libopus turns them into samples. */
#include "media/play/prompt_private.h"

#include <ogg/ogg.h>
#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS	     2	 /* OpusHead, OpusTags */
#define FRAME_MAX    960 /* samples of 8 kHz in 120 ms, the longest packet */
#define OPUS_RATE    48000
#define PACKET_LIMIT 1275

struct reader {
	struct prompt *prompt;
	OpusDecoder *decoder;
	unsigned headers;
	size_t skip; /* samples of 8 kHz that the encoder needed to get going (§4.2) */
	const char *wrong;
};

static void take_head(struct reader *reader, const ogg_packet *packet)
{
	const uint8_t *p = packet->packet;

	if (packet->bytes < 19 || memcmp(p, "OpusHead", 8) != 0)
		reader->wrong = "an Ogg file that does not hold Opus";
	else if (p[9] != 1)
		reader->wrong = "an Opus file has to be mono";
	else
		reader->skip = (size_t)(p[11] << 8 | p[10]) * PROMPT_RATE / OPUS_RATE;
}

static bool room_for(struct prompt *prompt, size_t bytes)
{
	/* arrays of their greatest size would be large: they double */
	if ((prompt->n_packets & (prompt->n_packets - 1)) == 0) {
		const size_t n = prompt->n_packets ? 2 * prompt->n_packets : 1;
		void *grown = reallocarray(prompt->packets, n, sizeof(*prompt->packets));
		if (!grown)
			return false;
		prompt->packets = grown;
	}
	void *opus = realloc(prompt->opus, prompt->opus_len + bytes);
	if (!opus)
		return false;
	prompt->opus = opus;
	void *samples = reallocarray(prompt->samples, prompt->n_samples + FRAME_MAX,
				     sizeof(*prompt->samples));
	if (!samples)
		return false;
	prompt->samples = samples;
	return true;
}

static void take_sound(struct reader *reader, const ogg_packet *packet)
{
	struct prompt *prompt = reader->prompt;
	const int duration =
		opus_packet_get_nb_samples(packet->packet, (opus_int32)packet->bytes, OPUS_RATE);

	if (duration <= 0 || packet->bytes > PACKET_LIMIT) {
		reader->wrong = "an Opus file with a broken packet";
		return;
	}
	if (prompt->n_packets == PROMPT_PACKETS_MAX ||
	    prompt->n_samples + FRAME_MAX > PROMPT_SAMPLES_MAX) {
		reader->wrong = "longer than ten minutes";
		return;
	}
	if (!room_for(prompt, (size_t)packet->bytes)) {
		reader->wrong = "no memory";
		return;
	}
	int n = opus_decode(reader->decoder, packet->packet, (opus_int32)packet->bytes,
			    prompt->samples + prompt->n_samples, FRAME_MAX, 0);
	if (n < 0) {
		reader->wrong = "an Opus file with a broken packet";
		return;
	}
	const size_t skipped = reader->skip < (size_t)n ? reader->skip : (size_t)n;
	memmove(prompt->samples + prompt->n_samples, prompt->samples + prompt->n_samples + skipped,
		((size_t)n - skipped) * sizeof(*prompt->samples));
	reader->skip -= skipped;
	prompt->n_samples += (size_t)n - skipped;
	memcpy(prompt->opus + prompt->opus_len, packet->packet, (size_t)packet->bytes);
	prompt->packets[prompt->n_packets++] =
		(struct prompt_packet){.offset = prompt->opus_len,
				       .len = (uint16_t)packet->bytes,
				       .duration = (uint16_t)duration};
	prompt->opus_len += (size_t)packet->bytes;
}

static void take_packets(struct reader *reader, ogg_stream_state *stream)
{
	ogg_packet packet;

	while (!reader->wrong && ogg_stream_packetout(stream, &packet) == 1) {
		if (reader->headers == 0)
			take_head(reader, &packet);
		else if (reader->headers >= HEADERS)
			take_sound(reader, &packet);
		if (reader->headers < HEADERS)
			reader->headers++;
	}
}

/* The pages of the first stream of the file. */
static void take_pages(struct reader *reader, ogg_sync_state *sync)
{
	ogg_stream_state stream;
	ogg_page page;
	bool begun = false;

	while (!reader->wrong && ogg_sync_pageout(sync, &page) == 1) {
		if (!begun) {
			begun = ogg_stream_init(&stream, ogg_page_serialno(&page)) == 0;
			if (!begun) {
				reader->wrong = "no memory";
				return;
			}
		}
		if (ogg_stream_pagein(&stream, &page) == 0)
			take_packets(reader, &stream);
	}
	if (begun)
		ogg_stream_clear(&stream);
	if (!reader->wrong && reader->headers < HEADERS)
		reader->wrong = "an Opus file without its headers";
}

const char *prompt_read_opus(struct prompt *prompt, const uint8_t *data, size_t len)
{
	struct reader reader = {.prompt = prompt};
	ogg_sync_state sync;
	int error;

	ogg_sync_init(&sync);
	char *room = ogg_sync_buffer(&sync, (long)len);
	reader.decoder = opus_decoder_create(PROMPT_RATE, 1, &error);
	if (!room || !reader.decoder) {
		reader.wrong = "no memory";
	} else {
		memcpy(room, data, len);
		ogg_sync_wrote(&sync, (long)len);
		take_pages(&reader, &sync);
	}
	opus_decoder_destroy(reader.decoder);
	ogg_sync_clear(&sync);
	return reader.wrong;
}
