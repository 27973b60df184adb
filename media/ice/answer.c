/* SPDX-License-Identifier: Apache-2.0 */
/* Connectivity checks of the peer, answered (RFC 8445 §7.3). A stranger gets no answer at all. */
#include "media/ice/agent.h"

#include <stdlib.h>
#include <string.h>
#include <stun/usages/ice.h>

static const uint16_t known_attributes[] = {
	STUN_ATTRIBUTE_MAPPED_ADDRESS,	   STUN_ATTRIBUTE_USERNAME,
	STUN_ATTRIBUTE_MESSAGE_INTEGRITY,  STUN_ATTRIBUTE_ERROR_CODE,
	STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
	STUN_ATTRIBUTE_PRIORITY,	   STUN_ATTRIBUTE_USE_CANDIDATE,
	STUN_ATTRIBUTE_FINGERPRINT,	   STUN_ATTRIBUTE_ICE_CONTROLLED,
	STUN_ATTRIBUTE_ICE_CONTROLLING,	   0};

void ice_stun_agent(StunAgent *agent)
{
	stun_agent_init(agent, known_attributes, STUN_COMPATIBILITY_RFC5389,
			STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT |
				STUN_AGENT_USAGE_NO_INDICATION_AUTH);
}

/* "ours:theirs" (RFC 8445 §7.2.2). Before the peer's SDP has come, theirs is not known. */
static bool is_for(const struct credentials *ours, const char *theirs, const uint8_t *username,
		   size_t len)
{
	const size_t n = strlen(ours->ufrag), peer = strlen(theirs);

	if (n == 0 || len <= n || memcmp(username, ours->ufrag, n) != 0 || username[n] != ':')
		return false;
	return peer == 0 || (len == n + 1 + peer && memcmp(username + n + 1, theirs, peer) == 0);
}

static bool find_password(StunAgent *agent, StunMessage *message, uint8_t *username,
			  uint16_t username_len, uint8_t **password, size_t *password_len,
			  void *magic)
{
	struct ice *ice = magic;
	struct credentials *found = NULL;

	(void)agent;
	(void)message;
	/* After a restart checks of the session before go on until the new one has selected a pair,
	 * with both sides' old names. Our old one beside the peer's new one is a peer that has not
	 * heard ours yet: an answer would have it send over a pair that nothing makes valid. */
	if (is_for(&ice->local, ice->peer_ufrag, username, username_len))
		found = &ice->local;
	else if (is_for(&ice->previous, ice->previous_peer, username, username_len))
		found = &ice->previous;
	if (!found)
		return false;
	*password = (uint8_t *)found->pwd;
	*password_len = strlen(found->pwd);
	return true;
}

static bool is_of_previous(const struct ice *ice, const StunMessage *message)
{
	return message->key == (const uint8_t *)ice->previous.pwd;
}

/* What an authenticated request changes; a request of the session before changes no generation. */
static unsigned take(struct ice *ice, struct component *component, const struct address *from,
		     const StunMessage *message, uint64_t now)
{
	unsigned events = 0;

	if (is_of_previous(ice, message)) {
		struct valid *valid = ice_find_valid(component, from);
		if (valid)
			valid->seen = now;
		return 0;
	}
	events = ice_make_valid(ice, component, from, now);
	/* RFC 8445 §7.3.1.5; a peer that is full and controlling nominates. */
	if (stun_usage_ice_conncheck_use_candidate(message))
		events |= ice_select(ice, component, from);
	return events;
}

static enum ice_verdict answer(struct ice *ice, struct component *component,
			       const struct address *from, StunAgent *agent, StunMessage *request,
			       uint64_t now, struct ice_out *out, unsigned *events)
{
	struct sockaddr_storage source;
	const socklen_t source_len = address_to_sockaddr(from, &source);
	StunMessage reply;
	size_t len = sizeof(out->data);
	bool control = ice->controlling;

	StunUsageIceReturn result = stun_usage_ice_conncheck_create_reply(
		agent, request, &reply, out->data, &len, &source, source_len, &control,
		ice->tie_breaker, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
	if (len == 0)
		return ICE_REFUSED;
	out->len = len;
	out->to = *from;
	if (result != STUN_USAGE_ICE_RETURN_SUCCESS &&
	    result != STUN_USAGE_ICE_RETURN_ROLE_CONFLICT)
		return ICE_ANSWER; /* an authenticated error: 487, 400 */
	if (!ice->params.lite && control != ice->controlling) {
		ice->controlling = control;
		ice_checks_reset(ice);
	}
	if (result == STUN_USAGE_ICE_RETURN_SUCCESS && !ice->controlling)
		*events |= take(ice, component, from, request, now);
	return ICE_ANSWER;
}

enum ice_verdict ice_receive(struct ice *ice, unsigned number, const struct address *from,
			     const uint8_t *data, size_t len, uint64_t now, struct ice_out *out,
			     unsigned *events_out)
{
	StunMessage message;
	StunAgent own, *agent = ice->agent;

	*events_out = 0;
	if (number < 1 || number > ice->params.components || len > ICE_MESSAGE_MAX)
		return ICE_REFUSED;
	if (!agent) {
		ice_stun_agent(&own);
		agent = &own;
	}
	struct component *component = &ice->components[number - 1];
	StunValidationStatus status =
		stun_agent_validate(agent, &message, data, len, find_password, ice);
	if (status == STUN_VALIDATION_NOT_STUN || status == STUN_VALIDATION_INCOMPLETE_STUN)
		return ICE_REFUSED;
	const StunClass class = stun_message_get_class(&message);
	if (stun_message_get_method(&message) != STUN_BINDING)
		return ICE_REFUSED;
	out->component = number;
	if (class == STUN_REQUEST && status == STUN_VALIDATION_SUCCESS)
		return answer(ice, component, from, agent, &message, now, out, events_out);
	/* a keepalive: without credentials (RFC 8445 §11), and no consent (RFC 7675 §5.1) */
	if (class == STUN_INDICATION && status == STUN_VALIDATION_SUCCESS &&
	    ice_find_valid(component, from))
		return ICE_NOTHING;
	if (class != STUN_RESPONSE && class != STUN_ERROR)
		return ICE_REFUSED;
	return ice_take_response(ice, component, from, &message, status, now, events_out);
}

#define STUN_HEADER 20

bool ice_peek_ufrag(const uint8_t *data, size_t len, const char **ufrag_out, size_t *len_out)
{
	if (len < STUN_HEADER || data[0] != 0 || data[1] != 1)
		return false;
	for (size_t at = STUN_HEADER; at + 4 <= len;) {
		const size_t type = (size_t)data[at] << 8 | data[at + 1];
		const size_t n = (size_t)data[at + 2] << 8 | data[at + 3];
		if (n > len - at - 4)
			return false;
		const uint8_t *value = data + at + 4;
		if (type == STUN_ATTRIBUTE_USERNAME) {
			const uint8_t *colon = memchr(value, ':', n);
			*ufrag_out = (const char *)value;
			*len_out = colon ? (size_t)(colon - value) : 0;
			return colon && colon > value;
		}
		at += 4 + ((n + 3) & ~(size_t)3);
	}
	return false;
}
