/* SPDX-License-Identifier: Apache-2.0 */
/* Legs begin and end; and what an offer of ours needs is made ready. */
#include "media/session/leg.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/session/call.h"
#include "media/session/passthrough.h"

static struct leg *leg_of(struct transport_owner *owner)
{
	return (struct leg *)owner; /* its first member */
}

static void leg_media(struct transport_owner *owner, struct transport *from, struct packet *packet)
{
	struct leg *leg = leg_of(owner);
	struct stream *stream = leg_route(leg, packet);

	if (stream)
		stream_receive(stream, packet);
	else
		transport_drop(from, DROP_NO_STREAM);
}

static void leg_opaque(struct transport_owner *owner, struct transport *from,
		       const struct opaque_datagram *datagram)
{
	(void)from;
	passthrough_receive(leg_of(owner), datagram);
}

static void tell_mismatch(const struct leg *leg, struct metrics *metrics)
{
	const struct call *call = leg->party->call;

	METRIC_COUNT(metrics, MEDIA_IDENTITIES, "mismatch");
	log_event(call->desk->sessions->log, LOG_WARNING, "media.identity_mismatch",
		  F_STR("call_id", call->id), F_STR("tag", leg->party->tag));
}

/* Each handshake is counted once, and a certificate that is not the signed one is told of once. */
static void leg_changed(struct transport_owner *owner, struct transport *transport)
{
	struct leg *leg = leg_of(owner);
	struct metrics *metrics = leg->party->call->desk->sessions->metrics;
	const struct dtls *dtls = transport_dtls(transport);
	enum dtls_state state = dtls ? dtls_state(dtls) : DTLS_NEW;
	enum dtls_identity identity = leg_identity(leg);
	unsigned failures = dtls ? dtls_failures(dtls) : 0;

	for (; leg->told.failures < failures; leg->told.failures++)
		METRIC_COUNT(metrics, MEDIA_HANDSHAKES, "failed");
	if (state == DTLS_CONNECTED && leg->told.state != DTLS_CONNECTED) {
		METRIC_COUNT(metrics, MEDIA_HANDSHAKES, "connected");
		if (identity != DTLS_MISMATCH)
			METRIC_COUNT(metrics, MEDIA_IDENTITIES,
				     identity == DTLS_BOUND ? "bound" : "unbound");
	}
	if (identity == DTLS_MISMATCH && leg->told.identity != DTLS_MISMATCH)
		tell_mismatch(leg, metrics);
	leg->told.failures = failures;
	leg->told.state = state;
	leg->told.identity = identity;
}

bool leg_name_association(struct leg *leg)
{
	uint8_t random[LEG_TLS_ID_LEN / 2];

	if (RAND_bytes(random, sizeof(random)) != 1)
		return false;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(leg->tls_id + 2 * i, 3, "%02x", random[i]);
	return true;
}

struct leg *leg_new(const struct leg_params *params, const char **why_out)
{
	struct desk *desk = params->party->call->desk;
	struct leg *leg = calloc(1, sizeof(*leg));

	*why_out = "Out of memory";
	if (!leg)
		return NULL;
	leg->owner = (struct transport_owner){
		.media = leg_media, .opaque = leg_opaque, .changed = leg_changed};
	leg->party = params->party;
	leg->interface = params->interface;
	leg->shared = params->shared;
	if (leg_name_association(leg))
		leg->transport = transport_new(
			&(struct transport_params){
				.path = desk->path,
				.interface = params->interface,
				.owner = &leg->owner,
				.shared = params->shared,
				.rtcp_mux = params->rtcp_mux,
				.at = params->at,
			},
			why_out);
	if (!leg->transport) {
		free(leg);
		return NULL;
	}
	if (params->tos >= 0)
		transport_set_tos(leg->transport, (uint8_t)params->tos);
	return leg;
}

void leg_free(struct leg *leg)
{
	if (!leg)
		return;
	desk_keep_traffic(leg->party->call->desk, leg->transport);
	transport_free(leg->transport);
	dtls_certificate_unref(leg->certificate);
	OPENSSL_cleanse(leg->offered, sizeof(leg->offered));
	OPENSSL_cleanse(leg->offered_pwd, sizeof(leg->offered_pwd));
	free(leg->peer_tls_id);
	free(leg);
}

enum dtls_identity leg_identity(const struct leg *leg)
{
	const struct dtls *dtls = transport_dtls(leg->transport);

	return dtls ? dtls_identity(dtls) : DTLS_UNBOUND;
}

/* The one that its SDP names, from the first on that names any. */
static struct dtls_certificate *leg_certificate(struct leg *leg)
{
	if (!leg->certificate)
		leg->certificate = dtls_certificate_ref(leg->party->call->desk->certificate);
	return leg->certificate;
}

struct dtls *leg_use_dtls(struct leg *leg, enum dtls_role role)
{
	return transport_use_dtls(leg->transport, leg_certificate(leg), role);
}

/* The party has said where its media goes: what was agreed with it runs on until it has answered
 * another offer, which it may refuse (RFC 3264 §8). */
static bool is_agreed(const struct leg *leg)
{
	struct transport_view view;

	transport_view(leg->transport, &view);
	return view.signalled[0].family != 0;
}

/* The same lines as before when the party heard some already: a re-offer is no new key, but where
 * one of them was used up. */
static bool offer_cryptos(struct leg *leg, const struct ng_request *request)
{
	unsigned tag = 1;

	leg->untold = 0;
	if (leg->n_offered > 0)
		return true;
	for (int suite = SUITE_NONE + 1; suite < SUITE_COUNT; suite++) {
		if (!terms_suite_wanted(request, (enum srtp_suite)suite) ||
		    leg->n_offered == LEG_CRYPTOS_MAX)
			continue;
		if (!sdes_make(tag++, (enum srtp_suite)suite, &leg->offered[leg->n_offered]))
			return false;
		leg->n_offered++;
	}
	if (leg->n_offered == 0)
		return false;
	/* Until the answer nothing can be read, and nothing is sent in the clear. */
	return is_agreed(leg) || transport_use_sdes(leg->transport, &leg->offered[0], NULL);
}

/* Credentials alone: a transport with ICE takes media from nowhere until a check has come. */
static bool offer_credentials(struct leg *leg, const struct ice_params *params)
{
	struct ice *ice = ice_new(params);

	if (!ice)
		return false;
	memcpy(leg->offered_ufrag, ice_ufrag(ice), sizeof(leg->offered_ufrag));
	memcpy(leg->offered_pwd, ice_pwd(ice), sizeof(leg->offered_pwd));
	ice_free(ice);
	return true;
}

static bool offer_ice(struct leg *leg, const struct terms *terms)
{
	struct ice_params params = {.lite = true,
				    .components = terms->mux == MUX_YES ? 1 : 2,
				    .seed = worker_now(leg->party->call->desk->worker)};

	if (transport_ice(leg->transport) || leg->offered_ufrag[0] != 0)
		return true;
	if (is_agreed(leg))
		return offer_credentials(leg, &params);
	leg->components = params.components;
	return transport_use_ice(leg->transport, &params);
}

static bool offer_dtls(struct leg *leg)
{
	if (is_agreed(leg))
		return leg_certificate(leg);
	return transport_dtls(leg->transport) || leg_use_dtls(leg, DTLS_PASSIVE);
}

bool leg_offer(struct leg *leg, const struct terms *terms, const struct ng_request *request)
{
	if (terms->ice && !offer_ice(leg, terms))
		return false;
	if (terms->security == SECURITY_DTLS)
		return offer_dtls(leg);
	return terms->security != SECURITY_SDES || offer_cryptos(leg, request);
}
