/* SPDX-License-Identifier: Apache-2.0 */
/* What query and delete tell of a call: the keys that rtpengine's clients read, and our own. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "media/play/dtmf.h"
#include "media/session/command.h"
#include "media/session/ear.h"
#include "media/session/tape.h"

static void put_address(struct ng_value *dict, const char *key, const struct address *address)
{
	struct ng_value *at = ng_put_dict(dict, key);
	char text[ADDRESS_TEXT_MAX];

	ng_put_string(at, "family", address->family == 6 ? "IPv6" : "IPv4");
	ng_put_string(at, "address", address->family == 0 ? "" : address_ip_text(address, text));
	ng_put_int(at, "port", address->port);
}

static void put_stats(struct ng_value *dict, const char *key, const struct stream_count *count,
		      unsigned component, uint64_t errors)
{
	struct ng_value *stats = ng_put_dict(dict, key);

	ng_put_int(stats, "packets", (int64_t)count->packets[component]);
	ng_put_int(stats, "bytes", (int64_t)count->bytes[component]);
	ng_put_int(stats, "errors", (int64_t)errors);
}

static uint64_t errors_of(const struct stream *stream)
{
	const struct transport_stats *stats = transport_stats(stream->leg->transport);
	uint64_t errors = 0;

	for (size_t i = 0; i < stream->index; i++)
		if (stream->party->streams[i]->leg == stream->leg)
			return 0; /* told with the first m-line of the leg */
	for (int i = 0; i < DROP_COUNT; i++)
		errors += stats->dropped[i];
	return errors;
}

static void put_stream_flags(struct ng_value *list, const struct stream *stream,
			     const struct transport_view *view, unsigned component)
{
	const struct dtls *dtls = transport_dtls(stream->leg->transport);

	if (stream->agreed.datagrams)
		ng_add_string(list, "datagrams");
	else
		ng_add_string(list, component == 0 ? "RTP" : "RTCP");
	if (component == 0 && !stream->agreed.datagrams && view->rtcp_mux)
		ng_add_string(list, "RTCP");
	if (view->remote[component].family != 0)
		ng_add_string(list, "filled");
	if (view->confirmed && component == 0)
		ng_add_string(list, "confirmed");
	if (transport_ice(stream->leg->transport))
		ng_add_string(list, "ICE");
	if (dtls && dtls_state(dtls) == DTLS_CONNECTED)
		ng_add_string(list, "DTLS fingerprint verified");
	if (view->strict)
		ng_add_string(list, "strict source address");
}

static uint32_t latest_source(const struct quality *quality)
{
	const struct quality_source *latest = &quality->sources[0];

	for (size_t i = 1; i < quality->n; i++)
		if (quality->sources[i].last_at > latest->last_at)
			latest = &quality->sources[i];
	return latest->ssrc;
}

static void put_stream(struct ng_value *list, const struct stream *stream, unsigned component)
{
	const struct leg *leg = stream->leg;
	const struct desk *desk = stream->party->call->desk;
	struct ng_value *dict = ng_add_dict(list);
	struct address local = transport_local(leg->transport, component);
	struct transport_view view;
	char text[ADDRESS_TEXT_MAX];

	transport_view(leg->transport, &view);
	ng_put_int(dict, "local port", local.port);
	ng_put_string(dict, "local address", address_ip_text(&local, text));
	ng_put_string(dict, "family", local.family == 6 ? "IPv6" : "IPv4");
	put_address(dict, "endpoint", &view.remote[component]);
	put_address(dict, "advertised endpoint", &view.signalled[component]);
	if (view.security != SECURITY_NONE && view.suite != SUITE_NONE)
		ng_put_string(dict, "crypto suite", srtp_suite_info(view.suite)->sdes);
	ng_put_int(dict, "last packet",
		   leg->last_media > 0 ? desk_wall_of(desk, leg->last_media)
				       : stream->party->created);
	put_stream_flags(ng_put_list(dict, "flags"), stream, &view, component);
	if (component == 0 && !stream->agreed.datagrams && stream->quality.n > 0)
		ng_put_int(dict, "SSRC", latest_source(&stream->quality));
	put_stats(dict, "stats", stream->agreed.datagrams ? &stream->datagrams_in : &stream->in,
		  component, component == 0 ? errors_of(stream) : 0);
	put_stats(dict, "stats_out",
		  stream->agreed.datagrams ? &stream->datagrams_out : &stream->out, component, 0);
}

static void put_codec(struct ng_value *dict, const struct said *said)
{
	char text[SAID_NAME_MAX + 24];

	if (said->n_formats == 0 || said->formats[0].name[0] == 0)
		return;
	if (said->formats[0].channels > 1)
		snprintf(text, sizeof(text), "%s/%" PRIu32 "/%u", said->formats[0].name,
			 said->formats[0].clock, said->formats[0].channels);
	else
		snprintf(text, sizeof(text), "%s/%" PRIu32, said->formats[0].name,
			 said->formats[0].clock);
	ng_put_string(dict, "codec", text);
}

static void put_media_flags(struct ng_value *list, const struct stream *stream)
{
	const struct terms *agreed = &stream->agreed;
	const struct dtls *dtls = stream->leg ? transport_dtls(stream->leg->transport) : NULL;

	if (stream->leg)
		ng_add_string(list, "initialized");
	if (stream_hears(stream))
		ng_add_string(list, "send");
	if (stream_sends(stream))
		ng_add_string(list, "recv");
	if (agreed->mux == MUX_YES)
		ng_add_string(list, "rtcp-mux");
	if (dtls) {
		ng_add_string(list, "DTLS-SRTP");
		ng_add_string(list, dtls_role(dtls) == DTLS_ACTIVE ? "DTLS role active"
								   : "DTLS role passive");
	}
	if (agreed->known && agreed->security == SECURITY_SDES)
		ng_add_string(list, "SDES");
	if (agreed->ice)
		ng_add_string(list, "ICE");
	if (agreed->bundle)
		ng_add_string(list, "BUNDLE");
	if (agreed->passthrough)
		ng_add_string(list, "passthrough");
	if (agreed->datagrams)
		ng_add_string(list, "datagrams");
}

static void put_drops(struct ng_value *media, const struct leg *leg)
{
	const struct transport_stats *stats = transport_stats(leg->transport);
	struct ng_value *dict = NULL;

	for (int i = 0; i < DROP_COUNT; i++) {
		if (stats->dropped[i] == 0)
			continue;
		if (!dict)
			dict = ng_put_dict(media, "drops");
		ng_put_int(dict, drop_label((enum drop_reason)i), (int64_t)stats->dropped[i]);
	}
}

static const char *dtls_word(enum dtls_state state)
{
	static const char *const words[] = {
		[DTLS_NEW] = "new",
		[DTLS_HANDSHAKE] = "handshake",
		[DTLS_UNVERIFIED] = "unverified",
		[DTLS_CONNECTED] = "connected",
		[DTLS_CLOSED] = "closed",
	};

	return words[state];
}

static void put_media(struct ng_value *list, const struct stream *stream)
{
	struct ng_value *dict = ng_add_dict(list), *streams;
	const struct terms *terms = stream->agreed.known ? &stream->agreed : &stream->offered;
	const struct leg *leg = stream->leg;
	enum sdp_proto proto = terms->known ? terms->proto : stream->said.proto;

	ng_put_int(dict, "index", stream->index + 1);
	ng_put_string(dict, "type", stream->said.type);
	ng_put_string(dict, "protocol",
		      proto == SDP_OTHER ? stream->said.proto_text : sdp_proto_name(proto));
	put_codec(dict, &stream->said);
	streams = ng_put_list(dict, "streams");
	put_media_flags(ng_put_list(dict, "flags"), stream);
	report_why(dict, "why", stream);
	if (!leg)
		return;
	put_stream(streams, stream, 0);
	if (terms->mux != MUX_YES && !terms->datagrams)
		put_stream(streams, stream, 1);
	put_drops(dict, leg);
	if (!terms->datagrams)
		report_quality(dict, stream);
	if (transport_ice(leg->transport))
		ng_put_string(dict, "ICE state", ice_state(transport_ice(leg->transport)));
	if (transport_dtls(leg->transport))
		ng_put_string(dict, "DTLS state",
			      dtls_word(dtls_state(transport_dtls(leg->transport))));
}

static const char *identity_word(enum dtls_identity identity)
{
	static const char *const words[] = {
		[DTLS_UNBOUND] = "unbound", [DTLS_BOUND] = "bound", [DTLS_MISMATCH] = "mismatch"};

	return words[identity];
}

static void put_bonds(struct ng_value *dict, const struct party *party, bool subscribers)
{
	struct ng_value *list = ng_put_list(dict, subscribers ? "subscribers" : "subscriptions");

	for (const struct bond *bond = party->call->bonds; bond; bond = bond->next) {
		const struct party *other;
		struct ng_value *one;

		if (bond->offerer != party && bond->answerer != party)
			continue;
		if (bond->subscription && (bond->offerer == party) != subscribers)
			continue;
		other = bond_other(bond, party);
		one = ng_add_dict(list);
		ng_put_string(one, "tag", other->tag ? other->tag : "");
		ng_put_string(one, "type", bond->subscription ? "pub/sub" : "offer/answer");
	}
}

/* Told only of parties that are listened to: keys are secrets. */
static void put_keys(struct ng_value *dict, const struct party *party)
{
	struct ng_value *list = NULL;

	for (size_t i = 0; i < party->n_streams; i++) {
		const struct ear *ear = party->streams[i]->ear;
		const struct ear_key *key;

		for (size_t k = 0; ear && (key = ear_key(ear, k)); k++) {
			const char text[] = {key->key, 0};
			struct ng_value *one;

			list = list ? list : ng_put_list(dict, "DTMF");
			one = ng_add_dict(list);
			ng_put_string(one, "key", text);
			ng_put_int(one, "event", dtmf_event(key->key));
			ng_put_int(one, "duration", key->ms);
			ng_put_int(one, "volume", key->volume);
			ng_put_int(one, "timestamp", key->at);
		}
	}
}

/* Why nothing of a signed identity is bound to it. NULL: nothing is to be said. */
static const char *identity_reason(const struct party *party)
{
	if (party_identity(party) != DTLS_UNBOUND)
		return NULL;
	for (size_t i = 0; i < party->n_streams; i++)
		if (party->streams[i]->agreed.datagrams)
			return "datagrams: nothing in them could be signed for";
	return party->call->passthrough
		       ? "passthrough: the ends hold the keys, mky stays end to end"
		       : NULL;
}

static void put_party(struct ng_value *tags, const struct party *party, size_t number)
{
	char key[CALL_TAG_MAX + 1];
	struct ng_value *dict, *list;

	if (party->tag)
		snprintf(key, sizeof(key), "%s", party->tag);
	else
		snprintf(key, sizeof(key), "<untagged %zu>", number);
	dict = ng_put_dict(tags, key);
	if (party->tag)
		ng_put_string(dict, "tag", party->tag);
	if (party->branch)
		ng_put_string(dict, "via-branch", party->branch);
	if (party->label)
		ng_put_string(dict, "label", party->label);
	if (party->n_aliases > 0) {
		list = ng_put_list(dict, "tag-aliases");
		for (size_t i = 0; i < party->n_aliases; i++)
			ng_add_string(list, party->aliases[i]);
	}
	ng_put_int(dict, "created", party->created);
	put_bonds(dict, party, false);
	put_bonds(dict, party, true);
	ng_put_string(dict, "media identity", identity_word(party_identity(party)));
	if (identity_reason(party))
		ng_put_string(dict, "media identity reason", identity_reason(party));
	put_keys(dict, party);
	ng_put_int(ng_put_dict(dict, "recording"), "call recording", party->call->tape != NULL);
	list = ng_put_list(dict, "medias");
	for (size_t i = 0; i < party->n_streams; i++)
		put_media(list, party->streams[i]);
}

struct totals {
	struct stream_count rtp, datagrams;
	uint64_t errors;
};

static void add_count(struct stream_count *to, const struct stream_count *count)
{
	for (size_t j = 0; j < 2; j++) {
		to->packets[j] += count->packets[j];
		to->bytes[j] += count->bytes[j];
	}
}

static void add_totals(struct totals *totals, const struct party *party)
{
	for (size_t i = 0; i < party->n_streams; i++) {
		const struct stream *stream = party->streams[i];

		add_count(&totals->rtp, &stream->in);
		add_count(&totals->datagrams, &stream->datagrams_in);
		if (stream->leg)
			totals->errors += errors_of(stream);
	}
}

/* With the tag: its party, and those in dialogue with it. */
static bool is_asked_for(const struct party *party, const struct ng_text *tag)
{
	const struct party *asked;

	if (tag->n == 0 || party_has_tag(party, tag))
		return true;
	asked = party_by_tag(party->call, tag);
	return asked && bond_of(party->call, asked, party);
}

void report_call(const struct call *call, const struct ng_text *tag, struct ng_value *dict)
{
	struct totals totals = {.errors = 0};
	struct ng_value *ssrcs, *tags, *sums;
	size_t untagged = 0;

	ng_put_int(dict, "created", call->created);
	ng_put_int(dict, "created_us", call->created_us);
	ng_put_int(dict, "last signal", call->last_signal);
	if (call->metadata)
		ng_put_span(dict, "metadata", call->metadata, call->metadata_len);
	sums = ng_put_dict(dict, "recording");
	ng_put_string(sums, "state", tape_state(call));
	if (call->tape)
		ng_put_string(sums, "file", tape_name(call));
	ssrcs = ng_put_dict(dict, "SSRC");
	tags = ng_put_dict(dict, "tags");
	for (const struct party *party = call->parties; party; party = party->next) {
		untagged += !party->tag;
		if (!is_asked_for(party, tag))
			continue;
		put_party(tags, party, untagged);
		report_sources(ssrcs, party);
		add_totals(&totals, party);
	}
	sums = ng_put_dict(dict, "totals");
	put_stats(sums, "RTP", &totals.rtp, 0, totals.errors);
	put_stats(sums, "RTCP", &totals.rtp, 1, 0);
	if (totals.datagrams.packets[0] > 0)
		put_stats(sums, "datagrams", &totals.datagrams, 0, 0);
}
