/* SPDX-License-Identifier: Apache-2.0 */
/* An ear: what its stream's packets say, and a timer for what they do not. */
#include "media/session/ear.h"

#include "media/play/dtmf.h"
#include "media/play/silence.h"
#include "media/session/events.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000ULL

struct ear {
	struct stream_listener listener; /* first: the stream gives it back */
	struct stream *stream;
	struct ear_wish wish;
	struct dtmf_reader reader;
	struct silence silence;
	uint64_t opened, loud; /* monotonic ns; loud: the last sound, or when it was opened */
	bool silence_told, input_over;
	struct worker_timer timer;
	struct ear_key keys[EAR_KEYS_MAX];
	size_t n_keys; /* all that were heard */
};

static struct worker *worker_of(const struct ear *ear)
{
	return ear->stream->party->call->desk->worker;
}

static void set_timer(struct ear *ear)
{
	uint64_t due = UINT64_MAX, at;

	if (ear->wish.silence_ms > 0 && !ear->silence_told) {
		at = ear->loud + ear->wish.silence_ms * MS;
		due = at < due ? at : due;
	}
	if (ear->wish.no_input_ms > 0 && !ear->input_over) {
		at = ear->opened + ear->wish.no_input_ms * MS;
		due = at < due ? at : due;
	}
	if (due == UINT64_MAX)
		worker_timer_cancel(worker_of(ear), &ear->timer);
	else
		worker_timer_set(worker_of(ear), &ear->timer, due);
}

/* Sound moves the end of silence without a word to the timer: it looks when it is due. */
static void timer_due(struct worker_timer *timer, struct worker *worker)
{
	struct ear *ear = (struct ear *)((char *)timer - offsetof(struct ear, timer));
	uint64_t now = worker_now(worker);

	if (ear->wish.silence_ms > 0 && !ear->silence_told &&
	    now - ear->loud >= ear->wish.silence_ms * MS) {
		ear->silence_told = true;
		events_time(ear->stream, "silence", (now - ear->loud) / MS);
	}
	if (ear->wish.no_input_ms > 0 && !ear->input_over &&
	    now - ear->opened >= ear->wish.no_input_ms * MS) {
		ear->input_over = true;
		events_time(ear->stream, "no-input", (now - ear->opened) / MS);
	}
	set_timer(ear);
}

static void note_key(struct ear *ear, const struct dtmf_heard *heard)
{
	int64_t us;

	ear->keys[ear->n_keys++ % EAR_KEYS_MAX] = (struct ear_key){
		.key = heard->key, .ms = heard->ms, .volume = heard->volume, .at = desk_wall(&us)};
	ear->input_over = true;
	events_key(ear->stream, heard);
}

static void note_sound(struct ear *ear, uint64_t now)
{
	bool told = ear->silence_told;

	ear->loud = now;
	ear->input_over = true;
	ear->silence_told = false;
	if (told)
		set_timer(ear);
}

static void hear_audio(struct ear *ear, const struct rtp_header *header, uint64_t now)
{
	static const struct {
		const char *name;
		enum player_codec codec;
	} codecs[] = {{"PCMU", PLAYER_PCMU}, {"PCMA", PLAYER_PCMA}, {"opus", PLAYER_OPUS}};

	for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++) {
		if (!stream_is_named(ear->stream, header->payload_type, codecs[i].name))
			continue;
		silence_take(&ear->silence, codecs[i].codec, header->payload, header->payload_len,
			     PLAYER_STEP_MS);
		if (ear->silence.quiet_ms == 0)
			note_sound(ear, now);
		return;
	}
}

static bool hear(struct stream_listener *listener, struct stream *stream, struct packet *packet)
{
	struct ear *ear = (struct ear *)listener;
	struct rtp_header header;
	struct dtmf_heard heard;

	if (packet->rtcp || !rtp_header_read(packet->data, packet->len, &header))
		return true;
	if (!stream_is_named(stream, header.payload_type, "telephone-event"))
		hear_audio(ear, &header, packet->now);
	else if (dtmf_read(&ear->reader, &header, stream->type.clock, &heard))
		note_key(ear, &heard);
	return true;
}

static void closed(struct stream_listener *listener, struct stream *stream)
{
	struct ear *ear = (struct ear *)listener;

	worker_timer_cancel(worker_of(ear), &ear->timer);
	stream->ear = NULL;
	OPENSSL_cleanse(ear, sizeof(*ear));
	free(ear);
}

static struct ear *ear_new(struct stream *stream)
{
	struct ear *ear = calloc(1, sizeof(*ear));

	if (!ear)
		return NULL;
	ear->listener = (struct stream_listener){.packet = hear, .closed = closed};
	ear->stream = stream;
	ear->timer.due = timer_due;
	if (!stream_listen(stream, &ear->listener)) {
		free(ear);
		return NULL;
	}
	stream->ear = ear;
	return ear;
}

bool ear_open(struct stream *stream, const struct ear_wish *wish)
{
	struct ear *ear = stream->ear ? stream->ear : ear_new(stream);

	if (!ear)
		return false;
	ear->wish = *wish;
	ear->opened = ear->loud = worker_now(worker_of(ear));
	ear->silence_told = ear->input_over = false;
	set_timer(ear);
	return true;
}

void ear_close(struct stream *stream)
{
	struct ear *ear = stream->ear;

	if (!ear)
		return;
	stream_unlisten(stream, &ear->listener);
	closed(&ear->listener, stream);
}

const struct ear_key *ear_key(const struct ear *ear, size_t i)
{
	size_t first = ear->n_keys > EAR_KEYS_MAX ? ear->n_keys - EAR_KEYS_MAX : 0;

	return first + i < ear->n_keys ? &ear->keys[(first + i) % EAR_KEYS_MAX] : NULL;
}

void ear_wire(struct call *call)
{
	static const struct ear_wish keys_only = {.silence_ms = 0};

	for (struct party *party = call->parties; call->listens && party; party = party->next)
		for (size_t i = 0; i < party->n_streams; i++)
			if (!party->streams[i]->ear &&
			    strcmp(party->streams[i]->said.type, "audio") == 0)
				ear_open(party->streams[i], &keys_only);
}
