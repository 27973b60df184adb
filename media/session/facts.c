/* SPDX-License-Identifier: Apache-2.0 */
/* Facts are gathered from where they are: the SDP, the stream, its transport. */
#include "media/session/facts.h"

#include <stdio.h>
#include <string.h>

#define MS 1000000ULL

static const char *const directions[] = {
	[SDP_SENDRECV] = "sendrecv",
	[SDP_SENDONLY] = "sendonly",
	[SDP_RECVONLY] = "recvonly",
	[SDP_INACTIVE] = "inactive",
};

static uint64_t last_in(const struct stream *stream)
{
	uint64_t last = 0;

	for (size_t i = 0; i < stream->quality.n; i++)
		if (stream->quality.sources[i].last_at > last)
			last = stream->quality.sources[i].last_at;
	return last;
}

static void put_address(const struct address *address, char text[ADDRESS_TEXT_MAX])
{
	text[0] = '\0';
	if (address->family != 0 && !address_is_unspecified(address))
		address_text(address, text);
}

/* What several m-lines share is told with the first. */
static bool tells_of_leg(const struct stream *stream)
{
	for (size_t i = 0; i < stream->index; i++)
		if (stream->party->streams[i]->leg == stream->leg)
			return false;
	return true;
}

static void add_leg(const struct stream *stream, struct why_facts *out)
{
	struct transport *transport = stream->leg->transport;
	const struct transport_stats *stats = transport_stats(transport);
	const struct address local = transport_local(transport, 0);
	struct ice *ice = transport_ice(transport);
	struct dtls *dtls = transport_dtls(transport);
	struct transport_view view;

	transport_view(transport, &view);
	/* Where nothing is learned yet, what it said of itself is all that is known. */
	put_address(view.remote[0].family != 0 ? &view.remote[0] : &view.signalled[0], out->peer);
	put_address(&view.source[0], out->source);
	put_address(&local, out->local);
	put_address(&stats->strangers.last, out->stranger);
	out->strangers = stats->strangers.n;
	out->sdes = view.security == SECURITY_SDES;
	out->keys_in = view.keys_in;
	out->unproved = view.opaque_ice && !view.confirmed;
	if (tells_of_leg(stream))
		memcpy(out->dropped, stats->dropped, sizeof(out->dropped));
	out->since_ms = (worker_now(stream->party->call->desk->worker) - stats->since) / MS;
	if (ice) {
		out->ice = true;
		out->ice_state = ice_state(ice);
		out->ice_connected = strcmp(out->ice_state, "connected") == 0;
		ice_why(ice, out->ice_why, sizeof(out->ice_why));
	}
	if (dtls && view.security == SECURITY_DTLS) {
		out->dtls = true;
		out->dtls_connected = dtls_state(dtls) == DTLS_CONNECTED;
		out->mismatch = dtls_identity(dtls) == DTLS_MISMATCH;
		dtls_why(dtls, out->dtls_why, sizeof(out->dtls_why));
	}
}

static void add_media(const struct stream *stream, struct why_facts *out)
{
	const uint64_t now = worker_now(stream->party->call->desk->worker), in = last_in(stream);
	struct stream_heard heard;

	stream_heard(stream, &heard);
	out->in = stream->in.packets[0];
	out->out = stream->out.packets[0];
	out->in_ago_ms = in > 0 && now > in ? (now - in) / MS : 0;
	out->out_ago_ms =
		stream->last_out > 0 && now > stream->last_out ? (now - stream->last_out) / MS : 0;
	out->foreigners = stream->type.foreigners;
	out->foreign_type = stream->type.last_foreign;
	out->loss = heard.loss;
	out->jitter = heard.jitter;
	out->reported_loss = heard.average.loss;
	out->reported_jitter = heard.average.jitter;
	out->reported_mos = heard.average.mos;
}

static void add_datagrams(const struct stream *stream, struct why_facts *out)
{
	const uint64_t now = worker_now(stream->party->call->desk->worker);
	const uint64_t in = stream->leg ? stream->leg->last_media : 0;

	out->in = stream->datagrams_in.packets[0];
	out->out = stream->datagrams_out.packets[0];
	out->in_ago_ms = now > in ? (now - in) / MS : 0;
	out->out_ago_ms = now > stream->last_out ? (now - stream->last_out) / MS : 0;
}

void facts_of(const struct stream *stream, struct why_facts *out)
{
	const struct party *party = stream->party;
	const struct call *call = party->call;
	const struct terms *agreed = &stream->agreed;

	*out = (struct why_facts){
		.media = stream->said.type[0] ? stream->said.type : "media",
		.direction = directions[stream->direction],
		.answered = agreed->known,
		.rejected = agreed->known ? agreed->rejected : stream->said.rejected,
		.untouched = agreed->untouched || stream->offered.untouched,
		.shut = stream->shut,
		.passthrough = agreed->passthrough,
		.datagrams = agreed->datagrams,
		.sends = stream_sends(stream),
		.hears = stream_hears(stream),
		.blocked = call->block_media || party->block_media,
		.silenced = call->silence || party->silence,
		.announced = stream->injector && stream->injector->exclusive,
		.since_ms = (worker_now(call->desk->worker) - call->signalled) / MS,
	};
	if (stream->leg)
		add_leg(stream, out);
	if (agreed->datagrams)
		add_datagrams(stream, out);
	else
		add_media(stream, out);
}

static bool comes(const struct stream *stream)
{
	const uint64_t in = last_in(stream);

	return in > 0 && worker_now(stream->party->call->desk->worker) - in < WHY_RECENT_MS * MS;
}

/* It should be heard by now, and is not. */
static bool is_missed(const struct stream *stream)
{
	const struct desk *desk = stream->party->call->desk;

	return stream->leg && stream->agreed.known && !stream->agreed.rejected &&
	       !stream->agreed.datagrams && stream_sends(stream) && !stream->said.zero_address &&
	       worker_now(desk->worker) - transport_stats(stream->leg->transport)->since >
		       WHY_RECENT_MS * MS &&
	       !comes(stream);
}

bool facts_one_way(const struct call *call)
{
	for (const struct party *party = call->parties; call->answered && party;
	     party = party->next)
		for (size_t i = 0; i < party->n_streams; i++) {
			const struct stream *stream = party->streams[i];

			if (strcmp(stream->said.type, "audio") != 0 || !is_missed(stream))
				continue;
			for (size_t j = 0; j < stream->n_sinks; j++)
				if (comes(stream->sinks[j]))
					return true;
		}
	return false;
}
