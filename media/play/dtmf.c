/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone events: one timestamp an event, its duration growing, its end sent three times. */
#include "media/play/dtmf.h"

#include <string.h>

#define STEP_MS 20
#define ENDS	3 /* RFC 4733 §2.5.1.4 */

static const char keys[] = "0123456789*#ABCD";

char dtmf_key(unsigned event)
{
	return event <= DTMF_EVENT_MAX ? keys[event] : 0;
}

int dtmf_event(char key)
{
	const char upper = key >= 'a' && key <= 'd' ? (char)(key - 'a' + 'A') : key;
	const char *found = upper ? strchr(keys, upper) : NULL;

	return found ? (int)(found - keys) : -1;
}

static struct dtmf_heard heard(const struct dtmf_reader *reader, uint32_t clock)
{
	return (struct dtmf_heard){
		.key = dtmf_key(reader->event),
		.ms = clock ? (unsigned)((uint64_t)reader->duration * 1000 / clock) : 0,
		.volume = reader->volume,
	};
}

static bool same_event(const struct dtmf_reader *reader, const struct rtp_header *header)
{
	return reader->known && reader->ssrc == header->ssrc &&
	       reader->timestamp == header->timestamp;
}

/* Older than the event that goes on: a straggler of one that has been told. */
static bool is_late(const struct dtmf_reader *reader, const struct rtp_header *header)
{
	return reader->known && reader->ssrc == header->ssrc &&
	       (int32_t)(header->timestamp - reader->timestamp) < 0;
}

bool dtmf_read(struct dtmf_reader *reader, const struct rtp_header *header, uint32_t clock,
	       struct dtmf_heard *out)
{
	const uint8_t *p = header->payload;

	if (header->payload_len < DTMF_PAYLOAD || p[0] > DTMF_EVENT_MAX || is_late(reader, header))
		return false;
	const bool end = p[1] & 0x80;
	const bool same = same_event(reader, header);
	const bool missed = reader->known && !same && !reader->ended;
	if (same && reader->ended)
		return false;
	if (missed)
		*out = heard(reader, clock);
	*reader = (struct dtmf_reader){
		.ssrc = header->ssrc,
		.timestamp = header->timestamp,
		.event = p[0],
		.known = true,
		.ended = end && !missed,
		.duration = (uint16_t)(p[2] << 8 | p[3]),
		.volume = p[1] & 0x3f,
	};
	if (end && !missed)
		*out = heard(reader, clock);
	return missed || end;
}

bool dtmf_write(struct dtmf_writer *writer, struct dtmf_packet *out)
{
	*out = (struct dtmf_packet){0};
	if (writer->at == writer->n)
		return false;
	const int event = dtmf_event(writer->keys[writer->at]);
	const bool over = writer->elapsed_ms >= writer->duration_ms;
	if (over && writer->ends == ENDS) {
		writer->elapsed_ms += STEP_MS;
		if (writer->elapsed_ms >= writer->duration_ms + writer->pause_ms) {
			writer->elapsed_ms = 0;
			writer->ends = 0;
			writer->at++;
		}
		return true;
	}
	out->send = event >= 0;
	out->begins = writer->elapsed_ms == 0;
	if (!over)
		writer->elapsed_ms += STEP_MS;
	const bool end = over || writer->elapsed_ms >= writer->duration_ms;
	const unsigned ms = end ? writer->duration_ms : writer->elapsed_ms;
	const uint64_t duration = (uint64_t)ms * writer->clock / 1000;
	const uint16_t units = duration > UINT16_MAX ? UINT16_MAX : (uint16_t)duration;
	writer->ends += end;
	out->payload[0] = (uint8_t)(event < 0 ? 0 : event);
	out->payload[1] = (uint8_t)((end ? 0x80 : 0) | (writer->volume & 0x3f));
	out->payload[2] = (uint8_t)(units >> 8);
	out->payload[3] = (uint8_t)units;
	return true;
}
