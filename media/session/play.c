/* SPDX-License-Identifier: Apache-2.0 */
/* An injector that says payload after payload by a timer. */
#include "media/session/play.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "media/session/tape.h"

#define MS	   1000000ULL
#define BEHIND_MAX (500 * MS) /* later than that, the time that was missed is left out */
#define RTP_HEADER 12

struct play {
	struct stream_injector injector; /* first: the stream gives it back */
	struct stream *stream;
	struct player *player; /* NULL: keys */
	struct dtmf_writer writer;
	char keys[PLAY_KEYS_MAX];
	struct worker_timer timer;
	uint64_t due, played_ms, start_ms;
	uint32_t ssrc, timestamp, event_timestamp, clock;
	uint16_t sequence;
	uint8_t payload_type;
};

struct sound {
	const uint8_t *data;
	size_t len;
	uint32_t timestamp;
	bool marker;
};

static struct worker *worker_of(const struct play *play)
{
	return play->stream->party->call->desk->worker;
}

static void put32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 24);
	p[1] = (uint8_t)(value >> 16);
	p[2] = (uint8_t)(value >> 8);
	p[3] = (uint8_t)value;
}

static void say(struct play *play, const struct sound *sound)
{
	struct desk *desk = play->stream->party->call->desk;
	struct packet packet = {.data = desk->copy,
				.len = RTP_HEADER + sound->len,
				.now = worker_now(desk->worker)};

	if (!stream_hears(play->stream)) /* on hold: time goes by all the same */
		return;

	packet.data[0] = 0x80;
	packet.data[1] = (uint8_t)((sound->marker ? 0x80 : 0) | play->payload_type);
	packet.data[2] = (uint8_t)(play->sequence >> 8);
	packet.data[3] = (uint8_t)play->sequence;
	play->sequence++;
	put32(packet.data + 4, sound->timestamp);
	put32(packet.data + 8, play->ssrc);
	memcpy(packet.data + RTP_HEADER, sound->data, sound->len);
	tape_out(play->stream, &packet);
	stream_to_party(play->stream, &packet);
}

/* A new SDP may have other numbers, or no such codec any more. */
static bool is_understood(const struct play *play)
{
	const struct said *said = &play->stream->said;

	for (size_t i = 0; i < said->n_formats; i++)
		if (said->formats[i].payload_type == play->payload_type)
			return said->formats[i].clock == play->clock;
	return false;
}

/* One step; the milliseconds until the next, 0: it is over. */
static unsigned step_announcement(struct play *play)
{
	struct player_payload payload;
	unsigned ms;

	if (!is_understood(play) || !player_next(play->player, &payload))
		return 0;
	say(play, &(struct sound){.data = payload.data,
				  .len = payload.len,
				  .timestamp = play->timestamp,
				  .marker = payload.begins});
	play->timestamp += payload.units;
	ms = payload.units * 1000 / play->clock;
	return ms > 0 ? ms : 1;
}

static unsigned step_keys(struct play *play)
{
	struct dtmf_packet out;

	if (!is_understood(play) || !dtmf_write(&play->writer, &out))
		return 0;
	if (out.begins)
		play->event_timestamp = play->timestamp;
	if (out.send)
		say(play, &(struct sound){.data = out.payload,
					  .len = sizeof(out.payload),
					  .timestamp = play->event_timestamp,
					  .marker = out.begins});
	play->timestamp += play->clock / 1000 * PLAYER_STEP_MS;
	return PLAYER_STEP_MS;
}

static void play_free(struct play *play)
{
	worker_timer_cancel(worker_of(play), &play->timer);
	player_free(play->player);
	play->stream->play = NULL;
	OPENSSL_cleanse(play, sizeof(*play));
	free(play);
}

static void closed(struct stream_injector *injector, struct stream *stream)
{
	(void)stream;
	play_free((struct play *)injector);
}

static void end(struct play *play)
{
	stream_uninject(play->stream, &play->injector);
	play_free(play);
}

static void timer_due(struct worker_timer *timer, struct worker *worker)
{
	struct play *play = (struct play *)((char *)timer - offsetof(struct play, timer));
	uint64_t now = worker_now(worker);
	unsigned ms = play->player ? step_announcement(play) : step_keys(play);

	if (ms == 0) {
		end(play);
		return;
	}
	play->played_ms += ms;
	play->due += ms * MS;
	if (play->due + BEHIND_MAX < now)
		play->due = now;
	if (!worker_timer_set(worker, timer, play->due))
		end(play);
}

/* NULL: no memory, or another speaks. */
static struct play *play_new(struct stream *stream, const struct said_format *format)
{
	struct play *play = calloc(1, sizeof(*play));
	struct {
		uint32_t ssrc, timestamp;
		uint16_t sequence;
	} random;

	if (!play)
		return NULL;
	play->injector = (struct stream_injector){.exclusive = true, .closed = closed};
	play->stream = stream;
	play->timer.due = timer_due;
	play->payload_type = format->payload_type;
	play->clock = format->clock;
	play->due = worker_now(stream->party->call->desk->worker);
	if (RAND_bytes((uint8_t *)&random, sizeof(random)) != 1 ||
	    !stream_inject(stream, &play->injector)) {
		free(play);
		return NULL;
	}
	play->ssrc = random.ssrc;
	play->timestamp = random.timestamp;
	play->sequence = random.sequence;
	stream->play = play;
	return play;
}

static const char *begin(struct play *play)
{
	if (worker_timer_set(worker_of(play), &play->timer, play->due))
		return NULL;
	end(play);
	return "Out of memory";
}

/* RFC 3264 §5.1: what it wants to hear, in the order of its SDP. */
static const struct said_format *speech_of(const struct said *said, enum player_codec *codec_out)
{
	static const struct {
		const char *name;
		uint32_t clock;
		enum player_codec codec;
	} codecs[] = {{"PCMU", 8000, PLAYER_PCMU},
		      {"PCMA", 8000, PLAYER_PCMA},
		      {"opus", 48000, PLAYER_OPUS}};

	for (size_t i = 0; i < said->n_formats; i++)
		for (size_t j = 0; j < sizeof(codecs) / sizeof(*codecs); j++)
			if (said->formats[i].clock == codecs[j].clock &&
			    strcasecmp(said->formats[i].name, codecs[j].name) == 0) {
				*codec_out = codecs[j].codec;
				return &said->formats[i];
			}
	return NULL;
}

const char *play_announcement(struct stream *stream, const struct play_announcement *what)
{
	enum player_codec codec = PLAYER_PCMU;
	const struct said_format *format = speech_of(&stream->said, &codec);
	struct player_params params = {.prompt = what->prompt,
				       .repeat = what->repeat,
				       .duration_ms = what->duration_ms,
				       .start_ms = what->start_ms};
	struct play *play;
	uint64_t at;

	if (!format)
		return "The party speaks neither PCMU nor PCMA nor opus";
	play_stop(stream, &at);
	play = play_new(stream, format);
	if (!play)
		return "Out of memory";
	params.codec = codec;
	play->start_ms = what->start_ms;
	play->player = player_new(&params);
	if (!play->player) {
		end(play);
		return "Out of memory";
	}
	return begin(play);
}

/* The clock of events is that of the audio they stand for (RFC 4733 §2.1), where there are two. */
static const struct said_format *events_of(const struct said *said)
{
	enum player_codec codec;
	const struct said_format *audio = speech_of(said, &codec), *any = NULL;

	for (size_t i = 0; i < said->n_formats; i++) {
		if (strcasecmp(said->formats[i].name, "telephone-event") != 0 ||
		    said->formats[i].clock < 1000)
			continue;
		if (audio && said->formats[i].clock == audio->clock)
			return &said->formats[i];
		any = any ? any : &said->formats[i];
	}
	return any;
}

const char *play_keys(struct stream *hearer, const struct play_keys *what)
{
	const struct said_format *format = events_of(&hearer->said);
	struct play *play;

	if (!format)
		return "The other side has no telephone-event in its SDP";
	if (hearer->play)
		return "The other side is told something else now";
	play = play_new(hearer, format);
	if (!play)
		return "Out of memory";
	memcpy(play->keys, what->keys, what->n < PLAY_KEYS_MAX ? what->n : PLAY_KEYS_MAX);
	play->writer = (struct dtmf_writer){.keys = play->keys,
					    .n = what->n < PLAY_KEYS_MAX ? what->n : PLAY_KEYS_MAX,
					    .duration_ms = what->duration_ms,
					    .pause_ms = what->pause_ms,
					    .volume = what->volume,
					    .clock = format->clock};
	return begin(play);
}

bool play_stop(struct stream *stream, uint64_t *at_out)
{
	struct play *play = stream->play;

	*at_out = 0;
	if (!play)
		return false;
	*at_out = play->start_ms + play->played_ms;
	end(play);
	return true;
}
