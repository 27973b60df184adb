/* SPDX-License-Identifier: Apache-2.0 */
/* Parties of a call, their tags, and who is in dialogue with whom. */
#include <stdlib.h>
#include <string.h>

#include "media/session/call.h"
#include "svc/runtime/wipe.h"

char *text_copy(const struct ng_text *text, size_t max)
{
	return text->n > 0 && text->n <= max ? strndup(text->p, text->n) : NULL;
}

bool text_is(const struct ng_text *text, const char *string)
{
	return string && strlen(string) == text->n && memcmp(string, text->p, text->n) == 0;
}

struct party *party_new(struct call *call)
{
	struct party **end = &call->parties, *party;
	int64_t us;

	if (call->n_parties == CALL_PARTIES_MAX)
		return NULL;
	party = calloc(1, sizeof(*party));
	if (!party)
		return NULL;
	while (*end)
		end = &(*end)->next;
	party->call = call;
	party->created = desk_wall(&us);
	*end = party;
	call->n_parties++;
	return party;
}

/* Its bonds go. Of several that answered a forked offer, the last that is left is heard. */
static void drop_bonds(struct call *call, const struct party *party)
{
	struct bond **at = &call->bonds, *last = NULL;
	const struct party *lonely = NULL;

	while (*at) {
		struct bond *bond = *at;

		if (bond->offerer != party && bond->answerer != party) {
			at = &bond->next;
			continue;
		}
		if (bond->heard && bond->answerer == party)
			lonely = bond->offerer;
		*at = bond->next;
		free(bond);
	}
	for (struct bond *bond = call->bonds; lonely && bond; bond = bond->next)
		if (bond->offerer == lonely && bond->answered && !bond->subscription)
			last = bond;
	if (last)
		last->heard = true;
}

void party_free(struct party *party)
{
	struct call *call = party->call;
	struct party **at = &call->parties;

	while (*at != party)
		at = &(*at)->next;
	*at = party->next;
	call->n_parties--;
	drop_bonds(call, party);
	for (size_t i = 0; i < party->n_streams; i++) {
		call->packets += party->streams[i]->in.packets[0];
		call->legs += party->streams[i]->leg != NULL;
		call->packets += party->streams[i]->datagrams_in.packets[0];
		call->legs_heard += party->streams[i]->leg &&
				    party->streams[i]->in.packets[0] +
						    party->streams[i]->datagrams_in.packets[0] >
					    0;
		stream_free(party->streams[i]);
	}
	for (size_t i = 0; i < party->n_aliases; i++)
		free(party->aliases[i]);
	free(party->tag);
	free(party->branch);
	free(party->label);
	wipe_free(party->sdp);
	free(party->told.user);
	free(party->told.session);
	free(party->told.name);
	free(party);
}

bool party_has_tag(const struct party *party, const struct ng_text *tag)
{
	if (text_is(tag, party->tag))
		return true;
	for (size_t i = 0; i < party->n_aliases; i++)
		if (text_is(tag, party->aliases[i]))
			return true;
	return false;
}

struct party *party_by_tag(const struct call *call, const struct ng_text *tag)
{
	for (struct party *party = call->parties; tag->n > 0 && party; party = party->next)
		if (party_has_tag(party, tag))
			return party;
	return NULL;
}

bool party_set_tag(struct party *party, const struct ng_text *tag)
{
	char *copy;

	if (tag->n == 0 || text_is(tag, party->tag))
		return true;
	copy = text_copy(tag, CALL_TAG_MAX);
	if (!copy)
		return false;
	party_drop_alias(party, tag);
	if (party->tag && party->n_aliases < PARTY_ALIASES_MAX)
		party->aliases[party->n_aliases++] = party->tag;
	else
		free(party->tag);
	party->tag = copy;
	return true;
}

bool party_drop_alias(struct party *party, const struct ng_text *tag)
{
	for (size_t i = 0; i < party->n_aliases; i++)
		if (text_is(tag, party->aliases[i])) {
			free(party->aliases[i]);
			party->aliases[i] = party->aliases[--party->n_aliases];
			return true;
		}
	return false;
}

struct stream *party_stream(struct party *party, size_t index)
{
	if (index >= SDP_MEDIAS_MAX)
		return NULL;
	while (party->n_streams <= index) {
		struct stream *stream = stream_new(party, (unsigned)party->n_streams);

		if (!stream)
			return NULL;
		party->streams[party->n_streams++] = stream;
	}
	return party->streams[index];
}

enum dtls_identity party_identity(const struct party *party)
{
	enum dtls_identity all = DTLS_UNBOUND;
	bool datagrams = false;

	for (size_t i = 0; i < party->n_streams; i++) {
		const struct stream *stream = party->streams[i];
		enum dtls_identity one = stream->leg ? leg_identity(stream->leg) : DTLS_UNBOUND;

		if (stream->shut || one == DTLS_MISMATCH)
			return DTLS_MISMATCH;
		if (one == DTLS_BOUND)
			all = DTLS_BOUND;
		datagrams = datagrams || stream->agreed.datagrams;
	}
	return datagrams ? DTLS_UNBOUND : all;
}

struct bond *bond_of(const struct call *call, const struct party *a, const struct party *b)
{
	for (struct bond *bond = call->bonds; bond; bond = bond->next)
		if ((bond->offerer == a && bond->answerer == b) ||
		    (bond->offerer == b && bond->answerer == a))
			return bond;
	return NULL;
}

struct bond *bond_new(struct call *call, struct party *offerer, struct party *answerer)
{
	struct bond **end = &call->bonds, *bond = calloc(1, sizeof(*bond));

	if (!bond)
		return NULL;
	while (*end)
		end = &(*end)->next;
	bond->offerer = offerer;
	bond->answerer = answerer;
	*end = bond;
	return bond;
}

struct party *bond_other(const struct bond *bond, const struct party *party)
{
	return bond->offerer == party ? bond->answerer : bond->offerer;
}
