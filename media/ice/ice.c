/* SPDX-License-Identifier: Apache-2.0 */
/* The session: credentials, what is valid, what is selected, what is lost. */
#include "media/ice/agent.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSENT_NS (ICE_CONSENT_SECONDS * 1000 * NANOS_PER_MS)

/* ice-char (RFC 8839 §5.4): 64 of them, so six bits each. */
static bool make_credential(char *text, size_t len)
{
	static const char ice_char[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char bytes[PWD_MAX];

	if (len > sizeof(bytes) || RAND_priv_bytes(bytes, (int)len) != 1)
		return false;
	for (size_t i = 0; i < len; i++)
		text[i] = ice_char[bytes[i] & 63];
	text[len] = 0;
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return true;
}

static bool make_credentials(struct credentials *out)
{
	return make_credential(out->ufrag, ICE_UFRAG_LEN) && make_credential(out->pwd, ICE_PWD_LEN);
}

struct ice *ice_new(const struct ice_params *params)
{
	struct ice *ice = calloc(1, sizeof(*ice));

	if (!ice)
		return NULL;
	ice->params = *params;
	if (ice->params.components < 1 || ice->params.components > COMPONENTS_MAX)
		ice->params.components = COMPONENTS_MAX;
	ice->controlling = params->controlling && !params->lite;
	ice->random = params->seed | 1;
	ice->why = "the peer has sent no connectivity check";
	if (!params->lite && (ice->agent = malloc(sizeof(*ice->agent))))
		ice_stun_agent(ice->agent);
	/* RFC 8445 §7.3.1.1: with 0 a peer that thinks itself controlled learns that it is not. */
	if (!params->lite && RAND_bytes((unsigned char *)&ice->tie_breaker, 8) != 1)
		ice->tie_breaker = 0;
	if (make_credentials(&ice->local) && (params->lite || ice->agent))
		return ice;
	ice_free(ice);
	return NULL;
}

void ice_free(struct ice *ice)
{
	if (!ice)
		return;
	free(ice->agent);
	OPENSSL_cleanse(ice, sizeof(*ice));
	free(ice);
}

const char *ice_ufrag(const struct ice *ice)
{
	return ice->local.ufrag;
}

const char *ice_pwd(const struct ice *ice)
{
	return ice->local.pwd;
}

const char *ice_peer_ufrag(const struct ice *ice)
{
	return ice->peer_ufrag;
}

const char *ice_peer_pwd(const struct ice *ice)
{
	return ice->peer_pwd;
}

bool ice_restore(struct ice *ice, const char *ufrag, const char *pwd)
{
	const size_t ufrag_len = strlen(ufrag), pwd_len = strlen(pwd);

	if (ufrag_len < 4 || ufrag_len > UFRAG_MAX || pwd_len < 22 || pwd_len > PWD_MAX)
		return false;
	memcpy(ice->local.ufrag, ufrag, ufrag_len + 1);
	memcpy(ice->local.pwd, pwd, pwd_len + 1);
	return true;
}

uint64_t ice_random(struct ice *ice)
{
	/* xorshift64: spreads requests in time, hides nothing */
	ice->random ^= ice->random << 13;
	ice->random ^= ice->random >> 7;
	ice->random ^= ice->random << 17;
	return ice->random;
}

static bool restart(struct ice *ice)
{
	struct credentials fresh;

	if (!make_credentials(&fresh))
		return false;
	ice->previous = ice->local;
	memcpy(ice->previous_peer, ice->peer_ufrag, sizeof(ice->previous_peer));
	ice->local = fresh;
	ice->generation++;
	return true;
}

bool ice_set_remote(struct ice *ice, const char *ufrag, const char *pwd, bool *restarted_out)
{
	const bool known = ice->peer_ufrag[0] != 0;
	const bool same = strcmp(ice->peer_ufrag, ufrag) == 0 && strcmp(ice->peer_pwd, pwd) == 0;

	*restarted_out = false;
	if (strlen(ufrag) > ICE_CREDENTIAL_MAX || strlen(pwd) > ICE_CREDENTIAL_MAX)
		return false;
	if (same)
		return true;
	if (known && !restart(ice))
		return false;
	*restarted_out = known;
	ice_checks_reset(ice);
	snprintf(ice->peer_ufrag, sizeof(ice->peer_ufrag), "%s", ufrag);
	snprintf(ice->peer_pwd, sizeof(ice->peer_pwd), "%s", pwd);
	return true;
}

static struct component *component_of(struct ice *ice, unsigned component)
{
	return component >= 1 && component <= ice->params.components
		       ? &ice->components[component - 1]
		       : NULL;
}

bool ice_add_candidate(struct ice *ice, unsigned number, uint32_t priority,
		       const struct address *address)
{
	struct component *component = component_of(ice, number);

	if (!component || address->family == 0 || address->port == 0 ||
	    address_is_unspecified(address))
		return false;
	for (size_t i = 0; i < component->n_checks; i++)
		if (address_equal(&component->checks[i].to, address))
			return true;
	if (component->n_checks == ICE_CANDIDATES_MAX)
		return false;
	component->checks[component->n_checks++] =
		(struct check){.to = *address, .priority = priority};
	component->failed = false;
	return true;
}

struct valid *ice_find_valid(struct component *component, const struct address *address)
{
	for (size_t i = 0; i < component->n_valid; i++)
		if (address_equal(&component->valid[i].address, address))
			return &component->valid[i];
	return NULL;
}

static void forget_valid(struct component *component, size_t i)
{
	if (address_equal(&component->selected, &component->valid[i].address))
		component->selected = (struct address){0};
	component->valid[i] = component->valid[--component->n_valid];
}

/* A place for one more: the one that has been silent longest, but never the selected, goes. */
static struct valid *place(struct component *component)
{
	size_t oldest = ICE_VALID_MAX;

	if (component->n_valid < ICE_VALID_MAX)
		return &component->valid[component->n_valid++];
	for (size_t i = 0; i < component->n_valid; i++) {
		const struct valid *valid = &component->valid[i];
		if (!address_equal(&valid->address, &component->selected) &&
		    (oldest == ICE_VALID_MAX || valid->seen < component->valid[oldest].seen))
			oldest = i;
	}
	return &component->valid[oldest];
}

unsigned ice_make_valid(struct ice *ice, struct component *component, const struct address *address,
			uint64_t now)
{
	struct valid *valid = ice_find_valid(component, address);

	if (valid && valid->generation == ice->generation) {
		valid->seen = now;
		return 0;
	}
	const unsigned events = valid ? 0 : ICE_NEW_VALID;
	if (!valid)
		valid = place(component);
	*valid = (struct valid){.address = *address, .seen = now, .generation = ice->generation};
	return events;
}

/* Of the session before nothing is left, at any component: nobody is to check by its names. */
static void forget_previous(struct ice *ice)
{
	for (unsigned i = 0; i < ice->params.components; i++)
		for (size_t j = 0; j < ice->components[i].n_valid; j++)
			if (ice->components[i].valid[j].generation != ice->generation)
				return;
	OPENSSL_cleanse(&ice->previous, sizeof(ice->previous));
}

bool ice_has_selected(const struct ice *ice, const struct component *component)
{
	return component->selected.family && component->selected_of == ice->generation;
}

unsigned ice_select(struct ice *ice, struct component *component, const struct address *address)
{
	if (ice_has_selected(ice, component) && address_equal(&component->selected, address))
		return 0;
	component->selected = *address;
	component->selected_of = ice->generation;
	component->lost = false;
	for (size_t i = component->n_valid; i-- > 0;)
		if (component->valid[i].generation != ice->generation)
			forget_valid(component, i);
	forget_previous(ice);
	return ICE_NEW_SELECTED;
}

bool ice_is_valid(const struct ice *ice, unsigned number, const struct address *from)
{
	struct component *component = component_of((struct ice *)ice, number);

	return component && ice_find_valid(component, from);
}

const struct address *ice_selected(const struct ice *ice, unsigned number)
{
	const struct component *component = component_of((struct ice *)ice, number);

	return component && component->selected.family ? &component->selected : NULL;
}

/* RFC 7675 §5.1: 30 seconds without an authenticated message, and nothing may be sent there. */
static unsigned expire(struct component *component, uint64_t now, uint64_t *next)
{
	unsigned events = 0;

	for (size_t i = component->n_valid; i-- > 0;) {
		const uint64_t end = component->valid[i].seen + CONSENT_NS;
		if (end > now) {
			if (end < *next)
				*next = end;
			continue;
		}
		if (address_equal(&component->selected, &component->valid[i].address))
			events = ICE_LOST;
		forget_valid(component, i);
	}
	if (events) {
		component->consent_due = 0;
		component->lost = true;
	}
	return events;
}

bool ice_poll(struct ice *ice, uint64_t now, struct ice_out *out, unsigned *events_out,
	      uint64_t *next_out)
{
	*events_out = 0;
	*next_out = UINT64_MAX;
	for (unsigned i = 0; i < ice->params.components; i++)
		*events_out |= expire(&ice->components[i], now, next_out);
	if (*events_out & ICE_LOST)
		ice->why = "no connectivity check for 30 seconds: consent has ended (RFC 7675)";
	return ice->controlling && ice_checks_poll(ice, now, out, events_out, next_out);
}

const char *ice_state(const struct ice *ice)
{
	const struct component *component = &ice->components[0];

	if (component->selected.family)
		return "connected";
	if (component->failed)
		return "failed";
	if (component->lost)
		return "lost";
	return component->n_valid || ice->controlling ? "checking" : "new";
}

const char *ice_why(const struct ice *ice, char *text_out, size_t size)
{
	const struct component *component = &ice->components[0];

	if (component->selected.family)
		snprintf(text_out, size, "connected");
	else if (component->n_valid)
		snprintf(text_out, size, "checks arrive, but the peer has nominated no pair");
	else
		snprintf(text_out, size, "%s", ice->why);
	return text_out;
}
