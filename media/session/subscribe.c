/* SPDX-License-Identifier: Apache-2.0 */
/* Parties chosen, their media given m-lines, and those m-lines written. */
#include "media/session/subscribe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/sdp/compose.h"

static bool publishes(const struct party *party)
{
	return party->sdp && !party->subscriber;
}

static void choose(struct subscription *subscription, struct party *party)
{
	if (!party || !publishes(party) || subscription->n_publishers == CALL_PARTIES_MAX)
		return;
	for (size_t i = 0; i < subscription->n_publishers; i++)
		if (subscription->publishers[i] == party)
			return;
	subscription->publishers[subscription->n_publishers++] = party;
}

static bool has_label(const struct party *party, const struct ng_request *request)
{
	return text_is(&request->from_label, party->label) ||
	       text_is(&request->label, party->label);
}

static void choose_of_all(struct subscription *subscription, const struct call *call,
			  const struct ng_request *request)
{
	for (struct party *party = call->parties; party; party = party->next)
		if (request->all || has_label(party, request))
			choose(subscription, party);
}

void subscription_choose(struct subscription *subscription, const struct call *call,
			 const struct ng_request *request)
{
	bool labels = request->from_label.n > 0 || request->label.n > 0;

	subscription->n_publishers = 0;
	if (request->all || labels)
		choose_of_all(subscription, call, request);
	else if (request->from_tag.n > 0)
		choose(subscription, party_by_tag(call, &request->from_tag));
	else
		for (size_t i = 0; i < request->n_from_tags; i++)
			choose(subscription, party_by_tag(call, &request->from_tags[i]));
}

/* RTP that neither side refused. */
static bool is_medium(const struct stream *stream)
{
	return stream->said.known && !stream->said.rejected && stream->said.proto != SDP_OTHER &&
	       !(stream->agreed.known && stream->agreed.rejected);
}

/* The subscriber's m-line that has been the medium's; SDP_MEDIAS_MAX: none has. */
static size_t place_of(const struct bond *bond, const struct stream *medium)
{
	size_t i = 0;

	while (i < SDP_MEDIAS_MAX && bond->source[i] != medium->index + 1)
		i++;
	return i;
}

/* RFC 4574 §4: a token (RFC 8866 §9). */
static bool is_token(const char *text)
{
	return text[0] != 0 && text[strspn(text, "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`"
						 "abcdefghijklmnopqrstuvwxyz{|}~")] == 0;
}

static bool is_taken(const struct party *subscriber, const char *label)
{
	for (size_t i = 0; i < subscriber->n_streams; i++)
		if (strcmp(subscriber->streams[i]->label, label) == 0)
			return true;
	return false;
}

/* By the party's name where it has one, its second medium with "-2"; else, or where that is
 * another's already (RFC 4574 §5: each label once), by a number. */
static void give_label(struct stream *stream, const struct stream *medium)
{
	const struct party *publisher = medium->party;
	char label[STREAM_LABEL_MAX] = "", ordinal[12] = "";
	unsigned number = stream->index + 1;

	if (medium->index > 0)
		snprintf(ordinal, sizeof(ordinal), "-%u", medium->index + 1);
	if (publisher->label && strlen(publisher->label) + sizeof(ordinal) < sizeof(label) &&
	    is_token(publisher->label))
		snprintf(label, sizeof(label), "%.*s%s", (int)(sizeof(label) - sizeof(ordinal)),
			 publisher->label, ordinal);
	/* Of so many numbers and one more, one is free. */
	while (label[0] == 0 || is_taken(stream->party, label))
		snprintf(label, sizeof(label), "%u", number++);
	memcpy(stream->label, label, sizeof(label));
}

static struct bond *bond_to(struct party *publisher, struct party *subscriber)
{
	struct bond *bond = bond_of(publisher->call, publisher, subscriber);

	if (!bond)
		bond = bond_new(publisher->call, publisher, subscriber);
	if (bond)
		bond->subscription = true;
	return bond;
}

static const char *map_medium(struct subscription *subscription, struct bond *bond,
			      struct stream *medium, bool siprec)
{
	struct party *subscriber = subscription->subscriber;
	size_t place = place_of(bond, medium);
	struct stream *stream;

	if (place == SDP_MEDIAS_MAX)
		place = subscriber->n_streams;
	if (place >= SDP_MEDIAS_MAX)
		return "Too many m-lines";
	stream = party_stream(subscriber, place);
	if (!stream)
		return "Out of memory";
	bond->source[place] = (uint8_t)(medium->index + 1);
	if (stream->label[0] == 0 && (siprec || medium->party->label))
		give_label(stream, medium);
	subscription->sources[place] = medium;
	return NULL;
}

static const char *map_publisher(struct subscription *subscription, struct party *publisher,
				 bool siprec, size_t *n_out)
{
	const char *why = NULL;
	struct bond *bond = NULL;

	for (size_t i = 0; !why && i < publisher->n_streams; i++) {
		if (!is_medium(publisher->streams[i]))
			continue;
		if (!bond)
			bond = bond_to(publisher, subscription->subscriber);
		why = bond ? map_medium(subscription, bond, publisher->streams[i], siprec)
			   : "Out of memory";
		++*n_out;
	}
	return why;
}

const char *subscription_map(struct subscription *subscription, bool siprec)
{
	size_t kept = 0;
	const char *why = NULL;

	memset(subscription->sources, 0, sizeof(subscription->sources));
	for (size_t i = 0; !why && i < subscription->n_publishers; i++) {
		struct party *publisher = subscription->publishers[i];
		size_t n = 0;

		why = map_publisher(subscription, publisher, siprec, &n);
		if (n > 0)
			subscription->publishers[kept++] = publisher;
	}
	subscription->n_publishers = kept;
	subscription->n_medias = subscription->subscriber->n_streams;
	return why || kept > 0 ? why : "No media that could be subscribed to";
}

static struct sdp_part part_of(const struct subscription *subscription, size_t i,
			       struct sdp *const *read)
{
	const struct stream *stream = subscription->subscriber->streams[i];
	const struct stream *source = subscription->sources[i];
	struct sdp_part part = {.type = stream->said.type,
				.proto = stream->said.proto_text,
				.label = stream->label};

	for (size_t j = 0; source && j < subscription->n_publishers; j++)
		if (subscription->publishers[j] == source->party && read[j] &&
		    source->index < read[j]->n_medias) {
			part.sdp = read[j];
			part.media = source->index;
		}
	return part;
}

char *subscription_sdp(const struct subscription *subscription, size_t *len_out)
{
	const struct party *subscriber = subscription->subscriber;
	struct sdp *read[CALL_PARTIES_MAX] = {NULL};
	struct sdp_part parts[SDP_MEDIAS_MAX];
	uint64_t id = desk_hash(subscriber->call->desk->sessions, subscriber->tag,
				strlen(subscriber->tag));
	const char *why;
	char *text;

	for (size_t i = 0; i < subscription->n_publishers; i++)
		read[i] = sdp_parse(subscription->publishers[i]->sdp,
				    subscription->publishers[i]->sdp_len, &why);
	for (size_t i = 0; i < subscription->n_medias; i++)
		parts[i] = part_of(subscription, i, read);
	/* Half of it: readers take it for a signed number. */
	text = sdp_compose(id >> 1, parts, subscription->n_medias, len_out);
	for (size_t i = 0; i < subscription->n_publishers; i++)
		sdp_free(read[i]);
	return text;
}
