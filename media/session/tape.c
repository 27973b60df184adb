/* SPDX-License-Identifier: Apache-2.0 */
/* A tape listens to all streams of its call, and hands what it hears to the recorder. */
#include "media/session/tape.h"

#include "media/record/recorder.h"

#include <stdlib.h>
#include <time.h>

#define NS 1000000000ULL

struct tape {
	struct stream_listener listener; /* one for all streams: it has no state of any */
	struct recording *recording;
	char name[RECORDING_NAME_MAX];
	bool paused;
	uint64_t wall; /* what is added to monotonic time */
};

static void record(const struct stream *stream, const struct packet *packet, bool out)
{
	struct tape *tape = stream->party->call->tape;
	struct transport_view view;
	struct address here, there;
	unsigned component;

	if (tape->paused || !stream->leg)
		return;
	transport_view(stream->leg->transport, &view);
	component = packet->rtcp && !view.rtcp_mux;
	here = transport_local(stream->leg->transport, component);
	there = view.source[component].family != 0 ? view.source[component]
						   : view.remote[component];
	if (there.family == 0)
		return;
	recording_packet(tape->recording, out ? &here : &there, out ? &there : &here, packet->data,
			 packet->len, tape->wall + packet->now);
}

/* Keys that are kept from the other side are kept from the tape. */
static bool hear(struct stream_listener *listener, struct stream *stream, struct packet *packet)
{
	(void)listener;
	if (!stream_blocks_key(stream, packet))
		record(stream, packet, false);
	return true;
}

static void closed(struct stream_listener *listener, struct stream *stream)
{
	(void)listener;
	(void)stream;
}

static uint64_t wall_behind(const struct desk *desk)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS + (uint64_t)now.tv_nsec - worker_now(desk->worker);
}

const char *tape_start(struct call *call)
{
	struct recorder *recorder = call->desk->sessions->recorder;
	struct tape *tape = call->tape;

	if (tape) {
		tape->paused = false;
		return NULL;
	}
	if (!recorder)
		return "No record_dir is configured";
	tape = calloc(1, sizeof(*tape));
	if (!tape)
		return "Out of memory";
	tape->listener = (struct stream_listener){.packet = hear, .closed = closed};
	tape->wall = wall_behind(call->desk);
	tape->recording =
		recording_start(recorder, tape->wall + worker_now(call->desk->worker), tape->name);
	if (!tape->recording) {
		free(tape);
		return "Too many recordings run";
	}
	call->tape = tape;
	tape_wire(call);
	return NULL;
}

void tape_pause(struct call *call)
{
	if (call->tape)
		call->tape->paused = true;
}

static bool hears(const struct stream *stream, const struct stream_listener *listener)
{
	for (size_t i = 0; i < stream->n_listeners; i++)
		if (stream->listeners[i] == listener)
			return true;
	return false;
}

void tape_wire(struct call *call)
{
	struct tape *tape = call->tape;

	for (struct party *party = call->parties; tape && party; party = party->next)
		for (size_t i = 0; i < party->n_streams; i++)
			if (!hears(party->streams[i], &tape->listener))
				stream_listen(party->streams[i], &tape->listener);
}

void tape_stop(struct call *call)
{
	struct tape *tape = call->tape;

	if (!tape)
		return;
	for (struct party *party = call->parties; party; party = party->next)
		for (size_t i = 0; i < party->n_streams; i++)
			stream_unlisten(party->streams[i], &tape->listener);
	recording_stop(tape->recording);
	call->tape = NULL;
	free(tape);
}

void tape_out(const struct stream *stream, const struct packet *packet)
{
	if (stream->party->call->tape)
		record(stream, packet, true);
}

const char *tape_state(const struct call *call)
{
	if (!call->tape)
		return "off";
	return call->tape->paused ? "paused" : "on";
}

const char *tape_name(const struct call *call)
{
	return call->tape ? call->tape->name : "";
}
