/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a packet through a call: from the leg it came by, to those who hear it. */
#include "media/session/stream.h"

#include <stdlib.h>
#include <string.h>

#include "media/session/call.h"
#include "media/session/silence.h"

struct stream *stream_new(struct party *party, unsigned index)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return NULL;
	stream->party = party;
	stream->index = index;
	return stream;
}

void stream_leave(struct stream *stream)
{
	struct leg *leg = stream->leg;

	stream->leg = NULL;
	if (leg && --leg->streams == 0)
		leg_free(leg);
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	for (size_t i = 0; i < stream->n_listeners; i++)
		stream->listeners[i]->closed(stream->listeners[i], stream);
	if (stream->injector)
		stream->injector->closed(stream->injector, stream);
	stream_tell_quality(stream);
	stream_leave(stream);
	said_free(&stream->said);
	free(stream);
}

bool stream_sends(const struct stream *stream)
{
	return stream->direction == SDP_SENDRECV || stream->direction == SDP_SENDONLY;
}

bool stream_hears(const struct stream *stream)
{
	return stream->direction == SDP_SENDRECV || stream->direction == SDP_RECVONLY;
}

bool stream_is_named(const struct stream *stream, uint8_t payload_type, const char *name)
{
	if (stream->n_sinks > 0 && said_is_named(&stream->sinks[0]->said, payload_type, name))
		return true;
	return said_is_named(&stream->said, payload_type, name);
}

static bool is_event(const struct stream *stream, const struct packet *packet)
{
	return stream_is_named(stream, packet->data[1] & 0x7f, "telephone-event");
}

bool stream_blocks_key(const struct stream *stream, const struct packet *packet)
{
	const struct party *party = stream->party;

	return (party->call->block_dtmf || party->block_dtmf) && !packet->rtcp &&
	       is_event(stream, packet);
}

/* DROP_COUNT: it may pass. */
static enum drop_reason refusal(struct stream *stream, struct packet *packet)
{
	const struct party *party = stream->party;
	const struct call *call = party->call;

	if (stream->shut)
		return DROP_IDENTITY;
	if (call->block_media || party->block_media)
		return DROP_BLOCKED;
	if (packet->rtcp)
		return DROP_COUNT;
	if (!stream_sends(stream))
		return DROP_DIRECTION;
	if ((call->silence || party->silence) && !is_event(stream, packet) &&
	    !silence_fill(&stream->said, packet))
		return DROP_BLOCKED;
	return DROP_COUNT;
}

static bool hears_now(const struct stream *sink, const struct packet *packet)
{
	if (!sink->leg || sink->shut || sink->agreed.datagrams)
		return false;
	if (sink->injector && sink->injector->exclusive && !packet->rtcp)
		return false;
	return packet->rtcp || stream_hears(sink);
}

static void pass_on(struct stream *stream, struct packet *packet)
{
	struct stream *last = NULL;

	for (size_t i = 0; i < stream->n_sinks; i++) {
		struct stream *sink = stream->sinks[i];

		if (!hears_now(sink, packet))
			continue;
		if (last) { /* one more hears it: the one before gets a copy */
			struct packet copy = *packet;

			copy.data = stream->party->call->desk->copy;
			memcpy(copy.data, packet->data, packet->len);
			stream_to_party(last, &copy);
		}
		last = sink;
	}
	if (last)
		stream_to_party(last, packet);
	else
		transport_drop(stream->leg->transport,
			       stream->n_sinks > 0 ? DROP_DIRECTION : DROP_NO_PEER);
}

void stream_receive(struct stream *stream, struct packet *packet)
{
	enum drop_reason reason;

	stream->leg->last_media = packet->now;
	stream->in.packets[packet->rtcp]++;
	stream->in.bytes[packet->rtcp] += packet->len;
	stream_measure(stream, packet);
	reason = refusal(stream, packet);
	if (reason != DROP_COUNT) {
		transport_drop(stream->leg->transport, reason);
		return;
	}
	for (size_t i = 0; i < stream->n_listeners; i++)
		if (!stream->listeners[i]->packet(stream->listeners[i], stream, packet)) {
			transport_drop(stream->leg->transport, DROP_BLOCKED);
			return;
		}
	/* Blocked keys are for us alone: an ear hears them, the other side does not. */
	if (stream_blocks_key(stream, packet))
		transport_drop(stream->leg->transport, DROP_BLOCKED);
	else
		pass_on(stream, packet);
}

bool stream_to_party(struct stream *stream, struct packet *packet)
{
	size_t len;
	bool rtcp;

	if (!stream->leg || stream->shut || stream->agreed.datagrams)
		return false;
	if (stream->leg->streams > 1 && !packet->rtcp)
		leg_note_out(stream->leg, stream, packet);
	rtcp = packet->rtcp;
	len = packet->len; /* plain; protecting makes it longer */
	if (!transport_send(stream->leg->transport, packet))
		return false;
	stream->out.packets[rtcp]++;
	if (!rtcp)
		stream->last_out = worker_now(stream->party->call->desk->worker);
	stream->out.bytes[rtcp] += len;
	return true;
}

bool stream_listen(struct stream *stream, struct stream_listener *listener)
{
	if (stream->n_listeners == STREAM_LISTENERS_MAX)
		return false;
	stream->listeners[stream->n_listeners++] = listener;
	return true;
}

void stream_unlisten(struct stream *stream, const struct stream_listener *listener)
{
	size_t kept = 0;

	for (size_t i = 0; i < stream->n_listeners; i++)
		if (stream->listeners[i] != listener)
			stream->listeners[kept++] = stream->listeners[i];
	stream->n_listeners = kept;
}

bool stream_inject(struct stream *stream, struct stream_injector *injector)
{
	if (stream->injector)
		return false;
	stream->injector = injector;
	return true;
}

void stream_uninject(struct stream *stream, const struct stream_injector *injector)
{
	if (stream->injector == injector)
		stream->injector = NULL;
}
