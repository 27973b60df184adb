/* SPDX-License-Identifier: Apache-2.0 */
/* ICE of a transport: messages and timers to the session, what it proves to the source rules and to
 * the shared port. */
#include "media/path/inside.h"

#include <stddef.h>
#include <string.h>

#define SENT_MAX 64 /* messages of one turn: no more than a session can have under way */

/* ICE numbers components from 1 (RFC 8445 §4). */
static unsigned number_of(unsigned component)
{
	return component + 1;
}

bool ice_side_admits(const struct leg *leg, const struct address *from)
{
	const struct ice *session = leg->transport->ice.session;

	return !session || ice_is_valid(session, number_of(leg->component), from);
}

const struct address *transport_destination(const struct transport *transport, unsigned component)
{
	const struct leg *leg = &transport->legs[component];
	const struct ice *session = transport->ice.session;

	if (session)
		return ice_selected(session, number_of(component));
	if (transport->opaque)
		return opaque_destination(leg);
	return leg->latch.remote.family != 0 ? &leg->latch.remote : NULL;
}

bool ice_side_route(struct transport *transport, const struct address *address)
{
	struct ice_side *side = &transport->ice;

	if (!transport->shared)
		return true;
	/* Somebody of another call may have been at this address since. */
	for (size_t i = 0; i < side->n_routed; i++) {
		if (address_equal(&side->routed[i], address))
			return routes_find(shared_routes(transport->path->shared), address) ==
				       transport ||
			       routes_add(shared_routes(transport->path->shared), address,
					  transport);
	}
	if (side->n_routed == ICE_VALID_MAX ||
	    !routes_add(shared_routes(transport->path->shared), address, transport))
		return false;
	side->routed[side->n_routed++] = *address;
	return true;
}

/* Addresses whose consent has ended, or that made place for others, are nobody's again. */
static void forget_invalid(struct transport *transport, bool all)
{
	struct ice_side *side = &transport->ice;

	for (size_t i = side->n_routed; transport->shared && i-- > 0;) {
		if (!all && ice_side_admits(&transport->legs[RTP], &side->routed[i]))
			continue;
		routes_remove(shared_routes(transport->path->shared), &side->routed[i], transport);
		side->routed[i] = side->routed[--side->n_routed];
	}
}

/* A peer that proves to be lite by its answer is checked from the shared port. With each check, not
 * with the first alone: whose call names the same address keeps no more than the answers that come
 * between two checks. */
static void note_asked(struct transport *transport, const struct address *to)
{
	struct ice_side *side = &transport->ice;
	size_t i = 0;

	if (!transport->shared)
		return;
	while (i < side->n_asked && !address_equal(&side->asked[i], to))
		i++;
	if (i < ICE_CANDIDATES_MAX &&
	    routes_add(shared_asked(transport->path->shared), to, transport) && i == side->n_asked)
		side->asked[side->n_asked++] = *to;
}

static void forget_asked(struct transport *transport)
{
	struct ice_side *side = &transport->ice;

	while (side->n_asked > 0)
		routes_remove(shared_asked(transport->path->shared), &side->asked[--side->n_asked],
			      transport);
}

static void enter_name(struct transport *transport, const char *name)
{
	struct routes *routes;

	if (!transport->shared || strcmp(transport->ice.name, name) == 0)
		return;
	routes = shared_routes(transport->path->shared);
	if (transport->ice.name[0])
		routes_remove_name(routes, transport->ice.name, transport);
	transport->ice.name[0] = '\0';
	if (strlen(name) < sizeof(transport->ice.name) && routes_add_name(routes, name, transport))
		memcpy(transport->ice.name, name, strlen(name) + 1);
}

static void take_events(struct transport *transport, unsigned events)
{
	if (events == 0)
		return;
	forget_invalid(transport, false);
	transport->dirty = true;
	if (events & ICE_NEW_SELECTED)
		dtls_side_run(transport);
}

static void run(struct transport *transport)
{
	struct worker *worker = transport->path->worker;
	uint64_t next = UINT64_MAX;
	unsigned events = 0, more;
	struct ice_out out;
	bool sending = true;

	for (int i = 0; sending && i < SENT_MAX; i++) {
		sending = ice_poll(transport->ice.session, worker_now(worker), &out, &more, &next);
		events |= more;
		if (!sending)
			break;
		note_asked(transport, &out.to);
		transport_put(transport, out.component - 1, &out.to, out.data, out.len);
	}
	/* A round that was full goes on in the next. */
	if (sending)
		next = worker_now(worker);
	if (next == UINT64_MAX)
		worker_timer_cancel(worker, &transport->ice.timer);
	else
		worker_timer_set(worker, &transport->ice.timer, next);
	take_events(transport, events);
}

static void due(struct worker_timer *timer, struct worker *worker)
{
	struct ice_side *side =
		(struct ice_side *)((char *)timer - offsetof(struct ice_side, timer));
	struct transport *transport =
		(struct transport *)((char *)side - offsetof(struct transport, ice));

	(void)worker;
	run(transport);
	transport_settle(transport);
}

void ice_side_receive(struct leg *leg, const struct address *from, struct packet *packet)
{
	struct transport *transport = leg->transport;
	enum ice_verdict verdict;
	struct ice_out out;
	unsigned events = 0;

	if (!transport->ice.session) {
		transport_drop(transport, DROP_STUN_REFUSED);
		return;
	}
	verdict = ice_receive(transport->ice.session, number_of(leg->component), from, packet->data,
			      packet->len, packet->now, &out, &events);
	if (verdict == ICE_REFUSED) {
		transport_drop(transport, DROP_STUN_REFUSED);
		return;
	}
	if (verdict == ICE_ANSWER)
		transport_put(transport, leg->component, &out.to, out.data, out.len);
	take_events(transport, events);
	/* With each message that proves it, not with the first alone: who checks from the address
	 * of another call's peer takes it over for no longer than until that peer's next check. */
	if (ice_side_admits(leg, from))
		ice_side_route(transport, from);
	run(transport);
}

struct ice *transport_use_ice(struct transport *transport, const struct ice_params *params)
{
	struct ice_side *side = &transport->ice;

	if (side->session && side->params.lite == params->lite &&
	    side->params.controlling == params->controlling &&
	    side->params.components == params->components)
		return side->session;
	ice_side_clear(transport);
	side->session = ice_new(params);
	side->params = *params;
	side->timer.due = due;
	if (side->session)
		enter_name(transport, ice_ufrag(side->session));
	return side->session;
}

struct ice *transport_ice(struct transport *transport)
{
	return transport->ice.session;
}

void transport_ice_changed(struct transport *transport)
{
	if (!transport->ice.session)
		return;
	enter_name(transport, ice_ufrag(transport->ice.session));
	/* Of candidates that the peer has no more nothing is awaited. */
	forget_asked(transport);
	run(transport);
}

void ice_side_clear(struct transport *transport)
{
	struct ice_side *side = &transport->ice;

	if (!side->session)
		return;
	worker_timer_cancel(transport->path->worker, &side->timer);
	forget_invalid(transport, true);
	forget_asked(transport);
	enter_name(transport, "");
	ice_free(side->session);
	side->session = NULL;
}

void transport_drop_ice(struct transport *transport)
{
	ice_side_clear(transport);
}
