/* SPDX-License-Identifier: Apache-2.0 */
/* What of a transport survives a restart of the relay: keys and their counters, the peer's address
 * and both sides' ICE credentials. */
#include "media/path/inside.h"

#include <openssl/crypto.h>
#include <stdio.h>

#define BELIEVED_NS ((uint64_t)ICE_CONSENT_SECONDS * 1000000000)

static void save_ice(const struct ice *session, struct transport_saved *out)
{
	snprintf(out->ice_ufrag, sizeof(out->ice_ufrag), "%s", ice_ufrag(session));
	snprintf(out->ice_pwd, sizeof(out->ice_pwd), "%s", ice_pwd(session));
	snprintf(out->peer_ufrag, sizeof(out->peer_ufrag), "%s", ice_peer_ufrag(session));
	snprintf(out->peer_pwd, sizeof(out->peer_pwd), "%s", ice_peer_pwd(session));
}

void transport_save(const struct transport *transport, struct transport_saved *out)
{
	OPENSSL_cleanse(out, sizeof(*out));
	transport_view(transport, &out->view);
	for (unsigned i = 0; i < COMPONENTS; i++)
		out->local[i] = transport_local(transport, i);
	out->suite_in = transport->in.suite;
	out->suite_out = transport->out.suite;
	out->key_in = transport->in.key;
	out->key_out = transport->out.key;
	if (transport->in.context)
		out->n_in = srtp_context_sources(transport->in.context, out->in, SRTP_SSRC_MAX);
	if (transport->out.context)
		out->n_out = srtp_context_sources(transport->out.context, out->out, SRTP_SSRC_MAX);
	if (transport->ice.session)
		save_ice(transport->ice.session, out);
}

static bool restore_keys(struct crypto *crypto, enum srtp_suite suite, const struct srtp_key *key,
			 bool inbound)
{
	return suite == SUITE_NONE || crypto_set(crypto, suite, key, inbound);
}

static bool restore_counters(struct crypto *crypto, const struct srtp_source *sources, size_t n)
{
	return !crypto->context || srtp_context_restore(crypto->context, sources, n);
}

static bool restore_ice(struct transport *transport, const struct transport_saved *saved)
{
	struct ice *session = transport->ice.session;
	bool restarted;

	if (!session || saved->ice_ufrag[0] == '\0')
		return !session && saved->ice_ufrag[0] == '\0';
	if (!ice_restore(session, saved->ice_ufrag, saved->ice_pwd) ||
	    !ice_set_remote(session, saved->peer_ufrag, saved->peer_pwd, &restarted))
		return false;
	transport_ice_changed(transport);
	return saved->view.remote[RTP].family == 0 ||
	       ice_side_route(transport, &saved->view.remote[RTP]);
}

bool transport_restore(struct transport *transport, const struct transport_saved *saved)
{
	uint64_t now = worker_now(transport->path->worker);
	const struct address nobody = {.family = 0};

	transport->security = saved->view.security;
	transport->restored_until = now + BELIEVED_NS;
	for (unsigned i = 0; i < COMPONENTS; i++)
		latch_restore(&transport->legs[i].latch, &saved->view.signalled[i],
			      saved->view.confirmed ? &saved->view.remote[i] : &nobody,
			      saved->view.strict ? LATCH_STRICT : LATCH_LEARN);
	return restore_keys(&transport->in, saved->suite_in, &saved->key_in, true) &&
	       restore_keys(&transport->out, saved->suite_out, &saved->key_out, false) &&
	       restore_counters(&transport->in, saved->in, saved->n_in) &&
	       restore_counters(&transport->out, saved->out, saved->n_out) &&
	       restore_ice(transport, saved);
}
