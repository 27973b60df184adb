/* SPDX-License-Identifier: Apache-2.0 */
/* A transport becomes what was agreed: its peer's addresses, ICE, DTLS, keys. */
#include "media/session/leg.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "media/session/datagrams.h"

static void settle_address(struct leg *leg, const struct leg_settle *settle)
{
	const struct promise *source = settle->source;
	const struct said *said = settle->said;
	struct address remote[2] = {said->rtp, said->rtcp};
	enum latch_mode latch = source->strict_source  ? LATCH_STRICT
				: source->learning_off ? LATCH_OFF
						       : LATCH_LEARN;

	if (said->mux && settle->terms->mux == MUX_YES)
		remote[1] = remote[0];
	transport_set_asymmetric(leg->transport, source->asymmetric);
	transport_set_remote(leg->transport, remote, settle->received_from, latch);
}

static void forget_offered(struct leg *leg)
{
	OPENSSL_cleanse(leg->offered_pwd, sizeof(leg->offered_pwd));
	leg->offered_ufrag[0] = 0;
}

/* A session of its own, which has told nobody anything, or goes by what an offer of ours told. */
static bool begin_ice(struct leg *leg, const struct ice_params *params)
{
	struct ice *ice = transport_use_ice(leg->transport, params);
	bool ok = ice && (leg->offered_ufrag[0] == 0 ||
			  ice_restore(ice, leg->offered_ufrag, leg->offered_pwd));

	forget_offered(leg);
	return ok;
}

/* Another session, which knows what the one before did: credentials, and which addresses are
 * valid, so that RTP goes on where RTCP gets a component of its own, or gives it up. */
static bool change_ice(struct leg *leg, const struct ice_params *params)
{
	uint64_t now = worker_now(leg->party->call->desk->worker);
	struct ice_saved saved;
	struct ice *ice;
	bool ok;

	ice_save(transport_ice(leg->transport), &saved);
	transport_drop_ice(leg->transport);
	ice = transport_use_ice(leg->transport, params);
	ok = ice && ice_resume(ice, &saved, now);
	OPENSSL_cleanse(&saved, sizeof(saved));
	return ok;
}

/* Where the peer is lite nobody would check: we do, with the credentials it was told. */
static bool make_ice(struct leg *leg, const struct leg_settle *settle)
{
	const struct ice *ice = transport_ice(leg->transport);
	bool full = settle->said->ice_lite || (ice && leg->full_ice);
	struct transport_view view;

	transport_view(leg->transport, &view);
	struct ice_params params = {.lite = !full,
				    .controlling = full,
				    .components = view.rtcp_mux ? 1 : 2,
				    .seed = worker_now(leg->party->call->desk->worker)};
	if (ice && full == leg->full_ice && params.components == leg->components)
		return true;
	leg->full_ice = full;
	leg->components = params.components;
	return ice ? change_ice(leg, &params) : begin_ice(leg, &params);
}

static bool settle_ice(struct leg *leg, const struct leg_settle *settle)
{
	const struct said *said = settle->said;
	char ufrag[ICE_UFRAG_LEN + 1], pwd[ICE_PWD_LEN + 1];
	bool restarted = false;
	struct ice *ice;

	if (!settle->terms->ice) {
		if (transport_ice(leg->transport))
			transport_drop_ice(leg->transport);
		forget_offered(leg);
		return true;
	}
	if (!said->ufrag)
		return true; /* it says nothing of its ICE: what is there stays */
	if (!make_ice(leg, settle))
		return false;
	ice = transport_ice(leg->transport);
	memcpy(ufrag, ice_ufrag(ice), strlen(ice_ufrag(ice)) + 1);
	memcpy(pwd, ice_pwd(ice), strlen(ice_pwd(ice)) + 1);
	if (!ice_set_remote(ice, said->ufrag, said->pwd, &restarted))
		return false;
	/* An answerer that changed its credentials has been told ours: they stay. */
	if (restarted && settle->answers && !ice_restore(ice, ufrag, pwd))
		return false;
	for (size_t i = 0; i < said->n_candidates; i++)
		ice_add_candidate(ice, said->candidates[i].component, said->candidates[i].priority,
				  &said->candidates[i].address);
	transport_ice_changed(leg->transport);
	return true;
}

static bool same_fingerprints(const struct leg *leg, const struct said *said)
{
	if (leg->n_fingerprints != said->n_fingerprints)
		return false;
	for (size_t i = 0; i < said->n_fingerprints; i++) {
		bool found = false;

		for (size_t j = 0; j < leg->n_fingerprints; j++)
			found = found ||
				fingerprint_equal(&said->fingerprints[i], &leg->fingerprints[j]);
		if (!found)
			return false;
	}
	return true;
}

/* RFC 8842 §4: another tls-id, or another set of fingerprints, is another association. An ICE
 * restart alone is none: browsers keep theirs. */
static bool association_changed(const struct leg *leg, const struct said *said)
{
	if (leg->n_fingerprints == 0)
		return false; /* the first */
	if (leg->peer_tls_id && said->tls_id && strcmp(leg->peer_tls_id, said->tls_id) != 0)
		return true;
	return !same_fingerprints(leg, said);
}

static bool remember_association(struct leg *leg, const struct said *said)
{
	char *tls_id = said->tls_id ? strdup(said->tls_id) : NULL;

	if (said->tls_id && !tls_id)
		return false;
	free(leg->peer_tls_id);
	leg->peer_tls_id = tls_id;
	memcpy(leg->fingerprints, said->fingerprints, sizeof(leg->fingerprints));
	leg->n_fingerprints = said->n_fingerprints;
	return true;
}

static bool settle_dtls(struct leg *leg, const struct leg_settle *settle)
{
	const struct said *said = settle->said;
	const struct party *party = leg->party;
	struct dtls *dtls = transport_dtls(leg->transport);
	bool changed = association_changed(leg, said), first = !dtls || leg->n_fingerprints == 0;
	enum dtls_role keeps = dtls ? dtls_role(dtls) : DTLS_PASSIVE;
	/* RFC 4145 §4: an offer that does not say is active, and an answer passive. */
	bool passive =
		settle->prefer_passive || (said->setup == SDP_SETUP_NONE && !settle->answers);
	enum dtls_role role = terms_role(said->setup, passive, first || changed ? NULL : &keeps);

	if (!dtls) {
		dtls = leg_use_dtls(leg, role);
	} else if (changed || role != keeps) {
		/* RFC 8842 §5.1: a new association has a tls-id that no other had. Who answers our
		 * offer has been told one with it, and that stays. */
		if (!settle->answers && !leg_name_association(leg))
			return false;
		transport_restart_dtls(leg->transport, role);
		dtls = transport_dtls(leg->transport);
	}
	if (!dtls || !remember_association(leg, said))
		return false;
	dtls_set_identity(dtls, party->identity, party->n_identity);
	dtls_set_peer(dtls, said->fingerprints, said->n_fingerprints);
	transport_dtls_changed(leg->transport);
	return true;
}

static uint64_t packets_sent(const struct leg *leg)
{
	const struct transport_stats *stats = transport_stats(leg->transport);

	return stats->packets_out[0] + stats->packets_out[1];
}

/* The line whose key the transport sends with; NULL: none. Before one was chosen, and where none
 * can be, it is the first. */
static struct sdes *line_running(struct leg *leg)
{
	struct transport_view view;

	transport_view(leg->transport, &view);
	if (view.security != SECURITY_SDES || leg->n_offered == 0)
		return NULL;
	for (size_t i = 0; leg->chosen != 0 && i < leg->n_offered; i++)
		if (leg->offered[i].tag == leg->chosen)
			return &leg->offered[i];
	return &leg->offered[0];
}

/* The context of the line that runs goes with what its key has counted: taken up again it would
 * begin at nothing, and GCM would use its nonces twice (RFC 7714 §9.1). The line keeps tag and
 * suite, and gets a new key, which no answer can mean until an offer has told it. */
static bool line_leave(struct leg *leg)
{
	struct sdes *line = line_running(leg);

	leg->chosen = 0;
	if (!line || packets_sent(leg) == leg->sent_before)
		return true;
	leg->untold |= 1U << (line - leg->offered);
	return sdes_make(line->tag, line->suite, line);
}

static bool line_run(struct leg *leg, const struct sdes *line, const struct sdes *theirs)
{
	if (line_running(leg) != line) {
		if (!line_leave(leg))
			return false;
		leg->sent_before = packets_sent(leg);
	}
	return transport_use_sdes(leg->transport, line, theirs);
}

/* Nothing fits: nothing may pass, least of all in the clear; query tells. */
static bool line_run_none(struct leg *leg)
{
	if (leg->n_offered == 0) {
		if (!sdes_make(1, SUITE_AES_CM_128_HMAC_SHA1_80, &leg->offered[0]))
			return false;
		leg->n_offered = 1;
	}
	if (!line_run(leg, &leg->offered[0], NULL))
		return false;
	leg->chosen = 0;
	return true;
}

static const struct sdes *line_told(const struct leg *leg, const struct sdes *theirs)
{
	for (size_t i = 0; i < leg->n_offered; i++)
		if (leg->offered[i].tag == theirs->tag && leg->offered[i].suite == theirs->suite &&
		    (leg->untold >> i & 1) == 0)
			return &leg->offered[i];
	return NULL;
}

/* The party answered our lines: RFC 4568 §5.1.3 has it name one of them by its tag. */
static bool settle_sdes_answered(struct leg *leg, const struct said *said)
{
	const struct sdes *own = NULL;

	for (size_t i = 0; i < said->n_cryptos; i++) {
		own = line_told(leg, &said->cryptos[i]);
		if (!own)
			continue;
		if (!line_run(leg, own, &said->cryptos[i]))
			return false;
		leg->chosen = own->tag;
		return true;
	}
	return line_running(leg) || line_run_none(leg);
}

static const struct sdes *line_of(const struct leg *leg, enum srtp_suite suite)
{
	for (size_t i = 0; i < leg->n_offered; i++)
		if (leg->offered[i].suite == suite)
			return &leg->offered[i];
	return NULL;
}

/* We answer its lines: the first that we can do, under its tag; our key stays as long as the suite
 * does. The other lines are gone, and their keys with them. */
static bool settle_sdes_answering(struct leg *leg, const struct leg_settle *settle)
{
	const struct said *said = settle->said;
	const struct sdes *theirs = NULL, *line;
	struct sdes own;

	for (size_t i = 0; !theirs && i < said->n_cryptos; i++)
		if (terms_suite_wanted(settle->request, said->cryptos[i].suite))
			theirs = &said->cryptos[i];
	if (!theirs)
		return line_run_none(leg);
	line = line_of(leg, theirs->suite);
	if (!line && !sdes_make(theirs->tag, theirs->suite, &own))
		return false;
	if (line)
		own = *line;
	if (!line || line != line_running(leg))
		leg->sent_before = packets_sent(leg);
	leg->offered[0] = own;
	OPENSSL_cleanse(&own, sizeof(own));
	leg->offered[0].tag = leg->chosen = theirs->tag;
	leg->n_offered = 1;
	leg->untold = 0;
	return transport_use_sdes(leg->transport, &leg->offered[0], theirs);
}

/* What the transport will not be any more. */
static bool leave_security(struct leg *leg, enum security security)
{
	if (security != SECURITY_SDES && !line_leave(leg))
		return false;
	/* Should there be DTLS again, it is another association. */
	return security == SECURITY_DTLS || !transport_dtls(leg->transport) ||
	       leg_name_association(leg);
}

static bool settle_datagrams(struct leg *leg, const struct leg_settle *settle)
{
	const struct address host = datagrams_host(leg->party, settle->said);

	settle_address(leg, settle);
	if (!settle_ice(leg, settle) || !leave_security(leg, SECURITY_NONE))
		return false;
	transport_use_plain(leg->transport);
	return transport_use_datagrams(leg->transport, &host);
}

bool leg_settle(struct leg *leg, const struct leg_settle *settle)
{
	if (settle->terms->datagrams)
		return settle_datagrams(leg, settle);
	transport_end_datagrams(leg->transport);
	transport_set_mux(leg->transport, settle->terms->mux == MUX_YES);
	settle_address(leg, settle);
	if (!settle_ice(leg, settle))
		return false;
	if (!leave_security(leg, settle->terms->security))
		return false;
	switch (settle->terms->security) {
	case SECURITY_DTLS:
		return settle_dtls(leg, settle);
	case SECURITY_SDES:
		return settle->answers ? settle_sdes_answered(leg, settle->said)
				       : settle_sdes_answering(leg, settle);
	case SECURITY_NONE:
		transport_use_plain(leg->transport);
		break;
	}
	return true;
}
