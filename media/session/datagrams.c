/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of T.38 and the like: nothing of them is read, direction and blocks hold for them. */
#include "media/session/datagrams.h"

static void count(struct stream_count *count, const struct packet *packet)
{
	count->packets[0]++;
	count->bytes[0] += packet->len;
}

/* DROP_COUNT: it may pass. There is no silence that could be sent in their place. */
static enum drop_reason refusal(const struct stream *stream)
{
	const struct party *party = stream->party;
	const struct call *call = party->call;

	if (call->block_media || party->block_media || call->silence || party->silence)
		return DROP_BLOCKED;
	if (!stream_sends(stream))
		return DROP_DIRECTION;
	return stream->n_sinks > 0 ? DROP_COUNT : DROP_NO_PEER;
}

static enum drop_reason pass_to(struct stream *sink, const struct opaque_datagram *datagram)
{
	enum drop_reason reason;

	if (!sink->leg || !sink->agreed.datagrams)
		return DROP_NO_PEER;
	if (!stream_hears(sink))
		return DROP_DIRECTION;
	reason = transport_forward(sink->leg->transport, datagram);
	if (reason != DROP_COUNT)
		return reason;
	count(&sink->datagrams_out, datagram->packet);
	sink->last_out = datagram->packet->now;
	return DROP_COUNT;
}

void datagrams_receive(struct stream *stream, const struct opaque_datagram *datagram)
{
	enum drop_reason reason = refusal(stream);
	bool passed = false;

	stream->leg->last_media = datagram->packet->now;
	count(&stream->datagrams_in, datagram->packet);
	if (reason == DROP_COUNT) {
		for (size_t i = 0; i < stream->n_sinks; i++) {
			enum drop_reason one = pass_to(stream->sinks[i], datagram);

			passed = passed || one == DROP_COUNT;
			reason = one == DROP_COUNT ? reason : one;
		}
	}
	if (!passed)
		transport_drop(stream->leg->transport, reason);
}

bool datagrams_fit(const struct leg *leg)
{
	return !leg->shared && leg->streams == 1;
}

void datagrams_note_host(struct party *party)
{
	for (size_t i = 0; i < party->n_streams; i++) {
		const struct leg *leg = party->streams[i]->leg;
		struct transport_view view;

		if (!leg)
			continue;
		transport_view(leg->transport, &view);
		if (view.source[0].family == 0)
			continue;
		party->host.said = view.signalled[0];
		party->host.came = view.source[0];
		return;
	}
}

struct address datagrams_host(const struct party *party, const struct said *said)
{
	/* Where it says that it is elsewhere now, its media was another's. */
	if (address_same_ip(&said->rtp, &party->host.said))
		return party->host.came;
	return (struct address){.family = 0};
}
