/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passthrough: datagrams go on as they are, and what has to be known is who may send them. Without
 * ICE that is the source lock's to say. With ICE the checks of the ends go through us, and SDP told
 * us under which name and password each is to come: who knows them is the peer, wherever it is.
 */
#include "media/path/inside.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static struct opaque_component *component_of(const struct leg *leg)
{
	return &leg->transport->opaque->state.components[leg->component];
}

static bool is_among(const struct address *list, size_t n, const struct address *address)
{
	for (size_t i = 0; i < n; i++)
		if (address_equal(&list[i], address))
			return true;
	return false;
}

static bool is_signalled(const struct leg *leg, const struct address *from)
{
	const struct opaque_component *component = component_of(leg);

	return is_among(component->candidates, component->n_candidates, from) ||
	       address_equal(from, &leg->latch.signalled);
}

static bool is_place(const struct address *address)
{
	return address->family != 0 && address->port != 0 && !address_is_unspecified(address);
}

/* Where SDP says that it is; what the source lock has learned without ICE is nothing to ICE. NULL:
 * nowhere. */
static const struct address *named_place(const struct leg *leg)
{
	const struct opaque_component *component = component_of(leg);

	if (is_place(&leg->latch.signalled))
		return &leg->latch.signalled;
	/* An agent that trickles names no place in c= (RFC 8840 §4.1.1). */
	return component->n_candidates > 0 ? &component->candidates[0] : NULL;
}

static bool is_chosen(const struct opaque_component *component)
{
	return component->selected.family != 0 && !component->anew;
}

static bool is_proved(const struct leg *leg, const struct address *from)
{
	const struct opaque_component *component = component_of(leg);

	return is_among(component->proved, component->n_proved, from);
}

static void choose(struct leg *leg, const struct address *from)
{
	struct opaque_component *component = component_of(leg);

	if (address_equal(&component->selected, from))
		return;
	component->selected = *from;
	leg->transport->dirty = true;
}

/* The oldest makes place, but never the one that is in use. */
static void add_proved(struct opaque_component *component, const struct address *from)
{
	size_t oldest = 0;

	if (is_among(component->proved, component->n_proved, from))
		return;
	if (component->n_proved == OPAQUE_PROVED_MAX) {
		oldest = address_equal(&component->proved[0], &component->selected);
		component->n_proved--;
		memmove(&component->proved[oldest], &component->proved[oldest + 1],
			(component->n_proved - oldest) * sizeof(*component->proved));
	}
	component->proved[component->n_proved++] = *from;
}

/* The first is where we send, until another is nominated (RFC 8445 §8.1.1); after new credentials
 * those of before end with the first check under the new ones. */
static void take_check(struct leg *leg, const struct address *from, bool nominates)
{
	struct opaque_component *component = component_of(leg);
	bool first = !is_chosen(component);

	if (component->anew)
		component->n_proved = 0;
	component->anew = false;
	add_proved(component, from);
	if (first || nominates)
		choose(leg, from);
}

static const struct address *asked_from(const struct opaque *opaque, const uint8_t *transaction)
{
	for (size_t i = 0; i < OPAQUE_ASKED_MAX; i++)
		if (opaque->asked[i].from.family != 0 &&
		    memcmp(opaque->asked[i].transaction, transaction, ICE_TRANSACTION_LEN) == 0)
			return &opaque->asked[i].from;
	return NULL;
}

static void remember(struct opaque *opaque, const struct address *from, const uint8_t *transaction)
{
	memcpy(opaque->asked[opaque->next].transaction, transaction, ICE_TRANSACTION_LEN);
	opaque->asked[opaque->next].from = *from;
	opaque->next = (opaque->next + 1) % OPAQUE_ASKED_MAX;
	opaque_note(&opaque->heard, transaction);
}

/* false: it may be a copy of a check that came from elsewhere: who heard it on the way proves
 * nothing. */
static bool is_fresh(struct leg *leg, const struct address *from, const uint8_t *transaction)
{
	struct opaque *opaque = leg->transport->opaque;
	const struct address *before = asked_from(opaque, transaction);

	if (before)
		return address_equal(before, from);
	/* No copy can come from where the peer itself is; before there is a peer there is no old
	 * check. */
	if (!is_proved(leg, from) && !is_signalled(leg, from) &&
	    component_of(leg)->selected.family != 0 && !opaque_is_new(&opaque->heard, transaction))
		return false;
	remember(opaque, from, transaction);
	return true;
}

static bool hear(const struct opaque *opaque, const struct packet *packet,
		 struct ice_overheard *out)
{
	const struct ice_ends ends = {
		.asked = opaque->state.asked,
		.asking = opaque->state.asking,
		.pwd = opaque->state.pwd,
	};

	return ice_overhear(&ends, packet->data, packet->len, out);
}

/* DROP_COUNT: it may pass. A response is let go by its transaction too, where it is sent on. */
static enum drop_reason judge_stun(struct leg *leg, const struct address *from,
				   const struct packet *packet)
{
	struct opaque *opaque = leg->transport->opaque;
	struct ice_overheard heard;

	if (!hear(opaque, packet, &heard))
		return DROP_STUN_REFUSED;
	if (heard.kind == ICE_HEARD_REQUEST) {
		if (!heard.authentic || !is_fresh(leg, from, heard.transaction))
			return DROP_STUN_REFUSED;
		take_check(leg, from, heard.nominates);
		return DROP_COUNT;
	}
	return is_proved(leg, from) || is_signalled(leg, from) ? DROP_COUNT : DROP_NOT_VALIDATED;
}

static enum drop_reason judge_ice(struct leg *leg, const struct address *from,
				  const struct opaque_datagram *datagram)
{
	const struct opaque *opaque = leg->transport->opaque;
	const struct address *named = named_place(leg);

	if (opaque->state.lite && is_signalled(leg, from)) {
		/* It has no check to show: it is not to be drawn off by who forges another. */
		if (named && address_equal(from, named) && !is_chosen(component_of(leg)))
			take_check(leg, from, false);
		return DROP_COUNT;
	}
	if (datagram->kind == DEMUX_STUN)
		return judge_stun(leg, from, datagram->packet);
	return is_proved(leg, from) ? DROP_COUNT : DROP_NOT_VALIDATED;
}

static bool admits(struct leg *leg, const struct address *from,
		   const struct opaque_datagram *datagram)
{
	enum drop_reason reason;

	if (datagram->kind == DEMUX_UNKNOWN) {
		transport_drop(leg->transport, DROP_UNKNOWN_KIND);
		return false;
	}
	if (!leg->transport->opaque->state.ice)
		return leg_latched(leg, from, datagram->packet->now);
	reason = judge_ice(leg, from, datagram);
	if (reason != DROP_COUNT)
		transport_drop_from(leg->transport, reason, from);
	return reason == DROP_COUNT;
}

/* The first byte of UDPTL is half of a counter: of any value. */
static void receive_raw(struct leg *leg, const struct address *from, struct packet *packet)
{
	const struct opaque_datagram datagram = {.packet = packet, .kind = DEMUX_UNKNOWN};
	struct transport *transport = leg->transport;

	/* A port that RTCP had before. */
	if (leg->component != RTP) {
		transport_drop(transport, DROP_NO_STREAM);
		return;
	}
	packet->rtcp = false;
	if (!leg_latched(leg, from, packet->now))
		return;
	transport_came(transport, packet);
	transport->owner->opaque(transport->owner, transport, &datagram);
}

void opaque_receive(struct leg *leg, const struct address *from, struct packet *packet)
{
	struct transport *transport = leg->transport;
	struct opaque_datagram datagram = {
		.packet = packet,
		.kind = packet_demux(packet->data, packet->len),
		.component = leg->component,
	};

	if (transport->opaque->state.raw) {
		receive_raw(leg, from, packet);
		return;
	}
	packet->rtcp = datagram.kind == DEMUX_MEDIA &&
		       (transport->rtcp_mux || leg->component == RTCP) &&
		       packet_is_rtcp(packet->data, packet->len);
	if (!admits(leg, from, &datagram))
		return;
	transport_came(transport, packet);
	transport->owner->opaque(transport->owner, transport, &datagram);
}

const struct address *opaque_destination(const struct leg *leg)
{
	const struct opaque_component *component = component_of(leg);
	const struct opaque_saved *state = &leg->transport->opaque->state;

	if (!state->ice)
		return is_place(&leg->latch.remote) ? &leg->latch.remote : NULL;
	/* A lite agent that has moved says so in SDP alone. */
	if (component->selected.family != 0 && !(state->lite && component->anew))
		return &component->selected;
	return named_place(leg);
}

/* Answers go to who asked: each of its addresses is checked by itself. */
static enum drop_reason place_of(const struct leg *leg, const struct opaque_datagram *datagram,
				 const struct address **to_out)
{
	const struct opaque *opaque = leg->transport->opaque;
	struct ice_overheard heard;

	*to_out = opaque_destination(leg);
	if (opaque->state.ice && datagram->kind == DEMUX_STUN &&
	    hear(opaque, datagram->packet, &heard) && heard.kind == ICE_HEARD_RESPONSE) {
		*to_out = asked_from(opaque, heard.transaction);
		return *to_out ? DROP_COUNT : DROP_STUN_REFUSED;
	}
	return *to_out ? DROP_COUNT : DROP_NO_PEER;
}

enum drop_reason transport_forward(struct transport *transport,
				   const struct opaque_datagram *datagram)
{
	const struct packet *packet = datagram->packet;
	unsigned component = transport->rtcp_mux ? RTP : datagram->component;
	const struct address *to;
	enum drop_reason reason;

	/* Before its answer it is not what it will be: nothing is known of its peer either. */
	if (!transport->opaque)
		return DROP_NO_PEER;
	reason = place_of(&transport->legs[component], datagram, &to);
	if (reason != DROP_COUNT)
		return reason;
	if (!transport_put_own(transport, component, to, packet))
		return DROP_SEND;
	transport_sent(transport, packet->rtcp, packet->len);
	return DROP_COUNT;
}

static bool fits(const char *text)
{
	return strlen(text) <= ICE_CREDENTIAL_MAX;
}

static void set_text(char out[ICE_CREDENTIAL_MAX + 1], const char *text)
{
	memcpy(out, text, strlen(text) + 1);
}

/* Another name, or another password of either end, is a restart (RFC 8445 §9). */
static void set_checks(struct opaque *opaque, const struct ice_ends *checks)
{
	struct opaque_saved *state = &opaque->state;
	bool same = state->ice && strcmp(state->asked, checks->asked) == 0 &&
		    strcmp(state->asking, checks->asking) == 0 &&
		    CRYPTO_memcmp(state->pwd, checks->pwd, strlen(checks->pwd) + 1) == 0;

	for (size_t i = 0; i < COMPONENTS; i++) {
		state->components[i].anew = state->components[i].anew || !same;
		state->components[i].n_candidates = 0;
	}
	/* Of answers in turns an old one may stand again, with its checks: only another name of the
	 * peer's own ends those of before. */
	if (strcmp(state->asking, checks->asking) != 0)
		opaque_forget(&opaque->heard);
	set_text(state->asked, checks->asked);
	set_text(state->asking, checks->asking);
	set_text(state->pwd, checks->pwd);
}

void transport_add_opaque(struct transport *transport, const struct opaque_candidate *candidate)
{
	struct opaque_component *component;

	if (!transport->opaque || !transport->opaque->state.ice || candidate->component < 1 ||
	    candidate->component > COMPONENTS || !is_place(&candidate->address))
		return;
	component = &transport->opaque->state.components[candidate->component - 1];
	if (component->n_candidates < OPAQUE_CANDIDATES_MAX &&
	    !is_among(component->candidates, component->n_candidates, &candidate->address))
		component->candidates[component->n_candidates++] = candidate->address;
}

bool transport_use_opaque(struct transport *transport, const struct opaque_ends *ends)
{
	struct opaque_saved *state;

	if (ends &&
	    !(fits(ends->checks.asked) && fits(ends->checks.asking) && fits(ends->checks.pwd)))
		return false;
	if (!transport->opaque)
		transport->opaque = calloc(1, sizeof(*transport->opaque));
	if (!transport->opaque)
		return false;
	state = &transport->opaque->state;
	state->on = true;
	if (ends) {
		set_checks(transport->opaque, &ends->checks);
		state->lite = ends->lite;
	}
	state->ice = ends;
	for (size_t i = 0; ends && i < ends->n_candidates; i++)
		transport_add_opaque(transport, &ends->candidates[i]);
	return true;
}

bool transport_use_datagrams(struct transport *transport, const struct address *host)
{
	if (!transport_use_opaque(transport, NULL))
		return false;
	transport->opaque->state.raw = true;
	transport->legs[RTP].latch.companion = *host;
	return true;
}

void transport_end_datagrams(struct transport *transport)
{
	if (!transport->opaque || !transport->opaque->state.raw)
		return;
	opaque_clear(transport);
	transport->legs[RTP].latch.companion = (struct address){.family = 0};
}

void opaque_clear(struct transport *transport)
{
	if (transport->opaque)
		opaque_forget(&transport->opaque->heard);
	if (transport->opaque)
		OPENSSL_cleanse(transport->opaque, sizeof(*transport->opaque));
	free(transport->opaque);
	transport->opaque = NULL;
}

void opaque_save(const struct transport *transport, struct opaque_saved *out)
{
	*out = transport->opaque ? transport->opaque->state : (struct opaque_saved){.on = false};
}

bool opaque_restore(struct transport *transport, const struct opaque_saved *saved)
{
	if (!saved->on)
		return true;
	if (!transport_use_opaque(transport, NULL))
		return false;
	transport->opaque->state = *saved;
	opaque_close(&transport->opaque->heard); /* what was heard before is not known any more */
	return true;
}
