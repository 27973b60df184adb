/* SPDX-License-Identifier: Apache-2.0 */
/* subscribe request, subscribe answer, unsubscribe: somebody else hears parties of the call. */
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "media/session/command.h"
#include "media/session/subscribe.h"
#include "svc/runtime/wipe.h"

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

/* One place of a stream's sinks is the other party's. */
static bool is_full(const struct party *publisher, const struct party *subscriber)
{
	size_t n = 0;

	for (const struct bond *bond = publisher->call->bonds; bond; bond = bond->next)
		n += bond->subscription && bond->offerer == publisher &&
		     bond->answerer != subscriber;
	return n >= STREAM_SINKS_MAX - 1;
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

static const char *write_offer(struct command_run *run, struct subscription *subscription)
{
	struct negotiation n = {.run = run,
				.sender = subscription->publishers[0],
				.hearer = subscription->subscriber,
				.sources = subscription->sources};
	const char *why = "Out of memory";
	size_t len = 0;
	char *text = subscription_sdp(subscription, &len);

	n.sdp = text ? sdp_parse(text, len, &why) : NULL;
	if (n.sdp)
		why = negotiate_offer(&n);
	if (!why)
		why = negotiate_write(&n);
	sdp_free(n.sdp);
	wipe_free(text);
	return why;
}

static const char *subscribe(struct command_run *run, struct subscription *subscription)
{
	const char *why;

	for (size_t i = 0; i < subscription->n_publishers; i++)
		if (is_full(subscription->publishers[i], subscription->subscriber))
			return "Too many subscribers";
	why = subscription_map(subscription, run->request->siprec);
	return why ? why : write_offer(run, subscription);
}

/* What passes here, as rtpengine's clients read it: "recvonly" where the party only sends. */
static const char *mode_of(const struct stream *medium)
{
	static const char *const words[2][2] = {{"inactive", "recvonly"}, {"sendonly", "sendrecv"}};

	return words[stream_hears(medium)][stream_sends(medium)];
}

static void put_medium(struct ng_value *dict, const struct stream *medium)
{
	ng_put_int(dict, "index", medium->index + 1);
	ng_put_string(dict, "type", medium->said.type);
	ng_put_string(dict, "mode", mode_of(medium));
}

/* For who writes the recording's metadata (RFC 7865): which label is whose. */
static void put_labels(struct ng_value *reply, const struct subscription *subscription)
{
	struct ng_value *labels = ng_put_dict(reply, "media-labels");
	struct ng_value *tags = ng_put_list(reply, "tag-medias");

	for (size_t i = 0; i < subscription->n_publishers; i++) {
		const struct party *party = subscription->publishers[i];
		struct ng_value *one = ng_add_dict(tags), *medias, *dict;

		ng_put_string(one, "tag", party->tag ? party->tag : "");
		if (party->label)
			ng_put_string(one, "label", party->label);
		medias = ng_put_list(one, "medias");
		for (size_t j = 0; j < subscription->n_medias; j++) {
			const struct stream *medium = subscription->sources[j];
			const char *label = subscription->subscriber->streams[j]->label;

			if (!medium || medium->party != party)
				continue;
			dict = ng_add_dict(medias);
			put_medium(dict, medium);
			ng_put_string(dict, "label", label);
			dict = ng_put_dict(labels, label);
			put_medium(dict, medium);
			ng_put_string(dict, "tag", party->tag ? party->tag : "");
			if (party->label)
				ng_put_string(dict, "label", party->label);
		}
	}
}

static void put_subscription(struct command_run *run, const struct subscription *subscription)
{
	struct ng_value *tags = ng_put_list(run->reply, "from-tags");

	for (size_t i = 0; i < subscription->n_publishers; i++) {
		const char *tag = subscription->publishers[i]->tag;

		ng_add_string(tags, tag ? tag : "");
		if (subscription->n_publishers == 1)
			ng_put_string(run->reply, "from-tag", tag ? tag : "");
	}
	if (run->request->siprec)
		put_labels(run->reply, subscription);
	ng_put_string(run->reply, "to-tag", subscription->subscriber->tag);
}

static const char *nobody(const struct ng_request *request)
{
	return request->from_label.n > 0 || request->label.n > 0
		       ? "No monologue matching the given label"
		       : "No monologues matched";
}

const char *command_subscribe_request(struct command_run *run)
{
	struct subscription subscription = {.n_publishers = 0};
	bool was_there = party_by_tag(run->call, &run->request->to_tag) != NULL;
	const char *why;

	subscription_choose(&subscription, run->call, run->request);
	if (subscription.n_publishers == 0)
		return nobody(run->request);
	subscription.subscriber = subscriber_of(run);
	if (!subscription.subscriber)
		return "To-tag is of a party in dialogue, or there are too many parties";
	why = subscribe(run, &subscription);
	/* What it heard before, it hears on. */
	if (why && !was_there)
		party_free(subscription.subscriber);
	call_wire(run->call);
	if (why)
		return why;
	put_subscription(run, &subscription);
	call_touch(run->call);
	return NULL;
}

static bool has_subscriptions(const struct party *subscriber)
{
	for (const struct bond *bond = subscriber->call->bonds; bond; bond = bond->next)
		if (bond->subscription && bond->answerer == subscriber)
			return true;
	return false;
}

const char *command_subscribe_answer(struct command_run *run)
{
	struct party *subscriber = party_by_tag(run->call, &run->request->to_tag);
	struct negotiation n = {.run = run, .sender = subscriber, .answer = true};
	const char *why;

	if (!subscriber || !has_subscriptions(subscriber))
		return "To-tag not found";
	n.sdp = sdp_parse(run->request->sdp.p, run->request->sdp.n, &why);
	if (!n.sdp)
		return why;
	why = negotiate_subscriber(&n);
	sdp_free(n.sdp);
	for (struct bond *bond = run->call->bonds; !why && bond; bond = bond->next)
		if (bond->subscription && bond->answerer == subscriber)
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
