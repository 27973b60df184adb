/* SPDX-License-Identifier: Apache-2.0 */
/* subscribe request, subscribe answer, unsubscribe: somebody else hears a party of the call. */
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "media/session/command.h"

#define TAG_BYTES 16

static bool make_tag(char *text, size_t size)
{
	uint8_t random[TAG_BYTES];

	if (size < 2 * TAG_BYTES + 1 || RAND_bytes(random, sizeof(random)) != 1)
		return false;
	for (size_t i = 0; i < TAG_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", random[i]);
	return true;
}

static struct party *publisher_of(const struct command_run *run)
{
	const struct ng_request *request = run->request;
	struct party *found = party_by_tag(run->call, &request->from_tag);

	for (struct party *party = run->call->parties; !found && party; party = party->next)
		if (text_is(&request->from_label, party->label) ||
		    text_is(&request->label, party->label))
			found = party;
	return found && found->sdp ? found : NULL;
}

static size_t count_subscribers(const struct party *publisher)
{
	size_t n = 0;

	for (const struct bond *bond = publisher->call->bonds; bond; bond = bond->next)
		n += bond->subscription && bond->offerer == publisher;
	return n;
}

static struct party *subscriber_of(const struct command_run *run)
{
	char made[2 * TAG_BYTES + 1];
	struct ng_text tag = run->request->to_tag;
	struct party *party = party_by_tag(run->call, &tag);

	if (party)
		return party->subscriber ? party : NULL;
	if (tag.n == 0) {
		if (!make_tag(made, sizeof(made)))
			return NULL;
		tag = (struct ng_text){made, strlen(made)};
	}
	party = party_new(run->call);
	if (!party)
		return NULL;
	if (!party_set_tag(party, &tag)) {
		party_free(party);
		return NULL;
	}
	party->subscriber = true;
	return party;
}

static const char *subscribe(struct command_run *run, struct party *publisher,
			     struct party *subscriber)
{
	const char *why;
	struct negotiation n = {.run = run,
				.sdp = sdp_parse(publisher->sdp, publisher->sdp_len, &why),
				.sender = publisher,
				.hearer = subscriber,
				.one_way = true};
	struct bond *bond = bond_of(run->call, publisher, subscriber);

	if (!n.sdp)
		return why;
	if (!bond)
		bond = bond_new(run->call, publisher, subscriber);
	why = bond ? NULL : "Out of memory";
	if (bond)
		bond->subscription = true;
	if (!why)
		why = negotiate_offer(&n);
	if (!why)
		why = negotiate_write(&n);
	sdp_free(n.sdp);
	return why;
}

const char *command_subscribe_request(struct command_run *run)
{
	struct party *publisher = publisher_of(run), *subscriber;
	const char *why;

	if (!publisher)
		return "From-tag not found or has no media";
	/* One place is the other party's. */
	if (count_subscribers(publisher) >= STREAM_SINKS_MAX - 1)
		return "Too many subscribers";
	subscriber = subscriber_of(run);
	if (!subscriber)
		return "To-tag is of a party in dialogue, or there are too many parties";
	why = subscribe(run, publisher, subscriber);
	if (why) {
		party_free(subscriber);
		call_wire(run->call);
		return why;
	}
	ng_put_string(run->reply, "from-tag", publisher->tag);
	ng_add_string(ng_put_list(run->reply, "from-tags"), publisher->tag);
	ng_put_string(run->reply, "to-tag", subscriber->tag);
	call_touch(run->call);
	return NULL;
}

static struct bond *subscription_of(const struct call *call, const struct party *subscriber)
{
	for (struct bond *bond = call->bonds; bond; bond = bond->next)
		if (bond->subscription && bond->answerer == subscriber)
			return bond;
	return NULL;
}

const char *command_subscribe_answer(struct command_run *run)
{
	struct party *subscriber = party_by_tag(run->call, &run->request->to_tag);
	struct bond *bond = subscriber ? subscription_of(run->call, subscriber) : NULL;
	struct negotiation n = {.run = run, .sender = subscriber, .answer = true};
	const char *why;

	if (!bond)
		return "To-tag not found";
	n.hearer = bond->offerer;
	n.sdp = sdp_parse(run->request->sdp.p, run->request->sdp.n, &why);
	if (!n.sdp)
		return why;
	why = negotiate_subscriber(&n);
	sdp_free(n.sdp);
	if (!why)
		bond->answered = true;
	call_wire(run->call);
	call_touch(run->call);
	return why;
}

const char *command_unsubscribe(struct command_run *run)
{
	struct party *subscriber = party_by_tag(run->call, &run->request->to_tag);

	if (!subscriber || !subscriber->subscriber)
		return "To-tag not found";
	party_free(subscriber);
	call_wire(run->call);
	call_touch(run->call);
	return NULL;
}
