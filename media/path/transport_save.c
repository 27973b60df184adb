/* SPDX-License-Identifier: Apache-2.0 */
/* What of a transport survives a restart of the relay: source locks, keys and their counters, ICE
 * and DTLS as far as they have come, and what was counted. */
#include "media/path/inside.h"

#include <openssl/crypto.h>

static struct latch_saved save_latch(const struct latch *latch)
{
	return (struct latch_saved){.remote = latch->remote,
				    .source = latch->source,
				    .signalled = latch->signalled,
				    .received_from = latch->received_from,
				    .companion = latch->companion,
				    .mode = latch->mode,
				    .asymmetric = latch->asymmetric};
}

void transport_save(const struct transport *transport, struct transport_saved *out)
{
	OPENSSL_cleanse(out, sizeof(*out));
	out->shared = transport->shared;
	out->rtcp_mux = transport->rtcp_mux;
	out->tos = transport->tos;
	out->security = transport->security;
	for (unsigned i = 0; i < COMPONENTS; i++) {
		out->local[i] = transport_local(transport, i);
		out->latches[i] = save_latch(&transport->legs[i].latch);
	}
	out->suite_in = transport->in.suite;
	out->suite_out = transport->out.suite;
	out->key_in = transport->in.key;
	out->key_out = transport->out.key;
	if (transport->in.context)
		out->n_in = srtp_context_sources(transport->in.context, out->in, SRTP_SSRC_MAX);
	if (transport->out.context)
		out->n_out = srtp_context_sources(transport->out.context, out->out, SRTP_SSRC_MAX);
	out->has_ice = transport->ice.session;
	out->has_dtls = transport->dtls.association;
	out->ice_params = transport->ice.params;
	if (out->has_ice)
		ice_save(transport->ice.session, &out->ice);
	if (out->has_dtls)
		dtls_save(transport->dtls.association, &out->dtls);
	opaque_save(transport, &out->opaque);
	out->stats = transport->stats;
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
	struct ice *session;

	if (!saved->has_ice)
		return true;
	session = transport_use_ice(transport, &saved->ice_params);
	if (!session || !ice_resume(session, &saved->ice, worker_now(transport->path->worker)))
		return false;
	for (size_t i = 0; i < saved->ice.components[RTP].n_valid; i++)
		if (!ice_side_route(transport, &saved->ice.components[RTP].valid[i]))
			return false;
	transport_ice_changed(transport);
	/* Without its name there its checks would find nobody. */
	return !transport->shared || transport->ice.name[0] != 0;
}

static bool restore_dtls(struct transport *transport, const struct transport_saved *saved,
			 struct dtls_certificate *certificate)
{
	struct dtls *association;

	if (!saved->has_dtls)
		return true;
	association =
		certificate ? transport_use_dtls(transport, certificate, saved->dtls.role) : NULL;
	return association && dtls_resume(association, &saved->dtls);
}

bool transport_restore(struct transport *transport, const struct transport_saved *saved,
		       struct dtls_certificate *certificate)
{
	uint64_t now = worker_now(transport->path->worker);

	for (unsigned i = 0; i < COMPONENTS; i++)
		latch_restore(&transport->legs[i].latch, &saved->latches[i], now);
	transport_set_tos(transport, saved->tos);
	transport->stats = saved->stats;
	/* ICE comes last: it may send, and then everything has to be there. */
	if (!restore_dtls(transport, saved, certificate) ||
	    !opaque_restore(transport, &saved->opaque) ||
	    !restore_keys(&transport->in, saved->suite_in, &saved->key_in, true) ||
	    !restore_keys(&transport->out, saved->suite_out, &saved->key_out, false) ||
	    !restore_counters(&transport->in, saved->in, saved->n_in) ||
	    !restore_counters(&transport->out, saved->out, saved->n_out))
		return false;
	transport->security = saved->security;
	return restore_ice(transport, saved);
}
