/* SPDX-License-Identifier: Apache-2.0 */
/* Events as JSON. Nothing here is logged: digits are secrets. */
#include "media/session/events.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <string.h>

#define EVENT_MAX 4096

/* Those in dialogue with the party. */
static json_t *tags_of(const struct party *party)
{
	json_t *tags = json_array();

	for (const struct bond *bond = party->call->bonds; bond; bond = bond->next) {
		const struct party *other = bond->offerer == party || bond->answerer == party
						    ? bond_other(bond, party)
						    : NULL;

		if (other && other->tag && !bond->subscription)
			json_array_append_new(tags, json_string(other->tag));
	}
	return tags;
}

static json_t *event_new(const struct stream *stream, const char *type)
{
	const struct party *party = stream->party;
	struct transport_view view = {.shared = false};
	char text[ADDRESS_TEXT_MAX] = "";
	int64_t us;

	if (stream->leg)
		transport_view(stream->leg->transport, &view);
	if (view.source[0].family != 0)
		address_ip_text(&view.source[0], text);
	return json_pack("{s:s%, s:s, s:o, s:s, s:I, s:s}", "callid", party->call->id,
			 party->call->id_len, "source_tag", party->tag ? party->tag : "", "tags",
			 tags_of(party), "type", type, "timestamp", (json_int_t)desk_wall(&us),
			 "source_ip", text);
}

static bool is_told(const struct stream *stream)
{
	return stream->party->call->desk->sessions->settings.event != NULL;
}

static void send_event(const struct stream *stream, json_t *event)
{
	const struct session_settings *settings = &stream->party->call->desk->sessions->settings;
	char text[EVENT_MAX];
	size_t n = event ? json_dumpb(event, text, sizeof(text), JSON_COMPACT) : 0;

	json_decref(event);
	if (n > 0 && n <= sizeof(text))
		settings->event(settings->event_magic, text, n);
	OPENSSL_cleanse(text, sizeof(text));
}

void events_key(const struct stream *stream, const struct dtmf_heard *heard)
{
	json_t *event;

	if (!is_told(stream))
		return;
	event = event_new(stream, "DTMF");
	json_object_set_new(event, "event", json_integer(dtmf_event(heard->key)));
	json_object_set_new(event, "duration", json_integer(heard->ms));
	json_object_set_new(event, "volume", json_integer(heard->volume));
	send_event(stream, event);
}

void events_time(const struct stream *stream, const char *type, uint64_t ms)
{
	json_t *event;

	if (!is_told(stream))
		return;
	event = event_new(stream, type);
	json_object_set_new(event, "duration", json_integer((json_int_t)ms));
	send_event(stream, event);
}
