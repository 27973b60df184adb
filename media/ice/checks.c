/* SPDX-License-Identifier: Apache-2.0 */
/* Our own checks (RFC 8445 §7.2): of a full, controlling agent against the candidates of a lite
 * one. */
#include "media/ice/agent.h"

#include <stdio.h>
#include <string.h>
#include <stun/usages/ice.h>

#define HOST_PREFERENCE 110 /* of a peer-reflexive candidate, RFC 8445 §5.1.2.2 */

void ice_checks_reset(struct ice *ice)
{
	if (ice->agent)
		ice_stun_agent(ice->agent); /* forgets every transaction */
	for (unsigned i = 0; i < COMPONENTS_MAX; i++) {
		ice->components[i].n_checks = 0;
		ice->components[i].consent_due = 0;
		ice->components[i].failed = false;
	}
}

static uint32_t priority_of(unsigned component)
{
	return (uint32_t)HOST_PREFERENCE << 24 | 65535U << 8 | (256 - component);
}

static bool build(struct ice *ice, unsigned number, struct check *check)
{
	char username[ICE_CREDENTIAL_MAX + UFRAG_MAX + 2];
	StunMessage message;

	snprintf(username, sizeof(username), "%s:%s", ice->peer_ufrag, ice->local.ufrag);
	check->len = stun_usage_ice_conncheck_create(
		ice->agent, &message, check->message, sizeof(check->message),
		(const uint8_t *)username, strlen(username), (const uint8_t *)ice->peer_pwd,
		strlen(ice->peer_pwd), check->nominating, true, priority_of(number),
		ice->tie_breaker, NULL, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
	if (check->len == 0)
		return false;
	stun_message_id(&message, check->id);
	check->sent = 0;
	return true;
}

static void put(const struct check *check, unsigned number, struct ice_out *out)
{
	memcpy(out->data, check->message, check->len);
	out->len = check->len;
	out->to = check->to;
	out->component = number;
}

/* Sends once more, or gives up. true: out was filled. */
static bool transmit(struct ice *ice, unsigned number, struct check *check, uint64_t now,
		     struct ice_out *out)
{
	if (check->sent == TRANSMISSIONS) {
		stun_agent_forget_transaction(ice->agent, check->id);
		check->state = CHECK_FAILED;
		return false;
	}
	const unsigned doubled =
		check->sent < TRANSMISSIONS - 1 ? RTO_MS << check->sent : LAST_WAIT_MS;
	check->sent++;
	check->due = now + doubled * NANOS_PER_MS;
	put(check, number, out);
	return true;
}

static bool start(struct ice *ice, unsigned number, struct check *check, uint64_t now,
		  struct ice_out *out)
{
	check->state = build(ice, number, check) ? CHECK_RUNNING : CHECK_FAILED;
	return check->state == CHECK_RUNNING && transmit(ice, number, check, now, out);
}

/* The candidate to try next: of the highest priority. */
static struct check *next_waiting(struct component *component)
{
	struct check *best = NULL;

	for (size_t i = 0; i < component->n_checks; i++) {
		struct check *check = &component->checks[i];
		if (check->state == CHECK_WAITING && (!best || check->priority > best->priority))
			best = check;
	}
	return best;
}

static void earliest(uint64_t *next, uint64_t at)
{
	if (at < *next)
		*next = at;
}

/* RFC 7675 §5.1: the selected pair is asked again and again, each time in a new transaction. */
static bool renew_consent(struct ice *ice, unsigned number, uint64_t now, struct ice_out *out)
{
	struct component *component = &ice->components[number - 1];

	if (component->consent_due == 0 || now < component->consent_due)
		return false;
	component->consent_due =
		now + (CONSENT_MS * 4 / 5 + ice_random(ice) % (CONSENT_MS * 2 / 5)) * NANOS_PER_MS;
	for (size_t i = 0; i < component->n_checks; i++) {
		struct check *check = &component->checks[i];
		if (!address_equal(&check->to, &component->selected))
			continue;
		stun_agent_forget_transaction(ice->agent, check->id);
		if (!build(ice, number, check))
			return false;
		put(check, number, out);
		return true;
	}
	return false;
}

static bool poll_running(struct ice *ice, unsigned number, uint64_t now, struct ice_out *out,
			 uint64_t *next)
{
	struct component *component = &ice->components[number - 1];

	for (size_t i = 0; i < component->n_checks; i++) {
		struct check *check = &component->checks[i];
		if (check->state != CHECK_RUNNING)
			continue;
		if (check->due <= now && transmit(ice, number, check, now, out))
			return true;
		if (check->state == CHECK_RUNNING)
			earliest(next, check->due);
	}
	return false;
}

static void judge_failure(struct ice *ice, struct component *component, unsigned *events)
{
	if (component->failed || component->n_checks == 0 || ice_has_selected(ice, component))
		return;
	for (size_t i = 0; i < component->n_checks; i++)
		if (component->checks[i].state != CHECK_FAILED)
			return;
	component->failed = true;
	ice->why = "none of the peer's candidates answered our checks";
	*events |= ICE_FAILED;
}

static bool poll_component(struct ice *ice, unsigned number, uint64_t now, struct ice_out *out,
			   unsigned *events, uint64_t *next)
{
	struct component *component = &ice->components[number - 1];

	if (renew_consent(ice, number, now, out) || poll_running(ice, number, now, out, next))
		return true;
	if (component->consent_due)
		earliest(next, component->consent_due);
	struct check *check = ice_has_selected(ice, component) ? NULL : next_waiting(component);
	if (check && ice->pace <= now) {
		ice->pace = now + PACING_MS * NANOS_PER_MS;
		return start(ice, number, check, now, out);
	}
	if (check)
		earliest(next, ice->pace);
	judge_failure(ice, component, events);
	return false;
}

bool ice_checks_poll(struct ice *ice, uint64_t now, struct ice_out *out, unsigned *events_out,
		     uint64_t *next_out)
{
	if (!ice->peer_ufrag[0])
		return false;
	for (unsigned number = 1; number <= ice->params.components; number++)
		if (poll_component(ice, number, now, out, events_out, next_out))
			return true;
	return false;
}

/* By transaction and address: an answer has to come from where the check went (RFC 8445
 * §7.2.5.2.1). */
static struct check *find_check(struct component *component, const struct address *from,
				const StunTransactionId id)
{
	for (size_t i = 0; i < component->n_checks; i++) {
		struct check *check = &component->checks[i];
		if (check->len > 0 && memcmp(check->id, id, sizeof(check->id)) == 0)
			return address_equal(&check->to, from) ? check : NULL;
	}
	return NULL;
}

/* The first pair that works is nominated at once (RFC 8445 §8.1.1). */
static unsigned succeeded(struct ice *ice, struct component *component, struct check *check,
			  uint64_t now)
{
	unsigned events = ice_make_valid(ice, component, &check->to, now);

	check->state = CHECK_SUCCEEDED;
	if (ice_has_selected(ice, component) && !check->nominating)
		return events;
	if (!check->nominating) {
		check->nominating = true;
		check->priority = UINT32_MAX;
		check->state = CHECK_WAITING;
		ice->pace = now;
		return events;
	}
	if (component->consent_due == 0)
		component->consent_due = now + CONSENT_MS * NANOS_PER_MS;
	return events | ice_select(ice, component, &check->to);
}

enum ice_verdict ice_take_response(struct ice *ice, struct component *component,
				   const struct address *from, StunMessage *message,
				   StunValidationStatus status, uint64_t now, unsigned *events_out)
{
	struct sockaddr_storage mapped;
	socklen_t mapped_len = sizeof(mapped);
	StunTransactionId id;

	stun_message_id(message, id);
	struct check *check = ice->agent ? find_check(component, from, id) : NULL;
	if (!check || status != STUN_VALIDATION_SUCCESS)
		return ICE_REFUSED;
	switch (stun_usage_ice_conncheck_process(message, &mapped, &mapped_len,
						 STUN_USAGE_ICE_COMPATIBILITY_RFC5245)) {
	case STUN_USAGE_ICE_RETURN_SUCCESS:
		*events_out |= succeeded(ice, component, check, now);
		break;
	case STUN_USAGE_ICE_RETURN_ROLE_CONFLICT:
		/* The peer is not lite after all, and checks by itself. */
		ice->controlling = false;
		ice_checks_reset(ice);
		break;
	default:
		check->state = CHECK_FAILED;
		break;
	}
	return ICE_NOTHING;
}
