/* SPDX-License-Identifier: Apache-2.0 */
/* A transport becomes what was agreed: its peer's addresses, ICE, DTLS, keys. */
#include "media/session/leg.h"

#include <stdlib.h>
#include <string.h>

#include "media/session/call.h"

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

/* Where the peer is lite nobody would check: we do, with the credentials it was told. */
static bool make_ice(struct leg *leg, const struct leg_settle *settle)
{
	struct ice *ice = transport_ice(leg->transport);
	bool full = settle->said->ice_lite;
	char ufrag[ICE_UFRAG_LEN + 1] = "", pwd[ICE_PWD_LEN + 1] = "";
	struct ice_params params = {.lite = !full,
				    .controlling = full,
				    .components = settle->terms->mux == MUX_YES ? 1 : 2,
				    .seed = worker_now(leg->party->call->desk->worker)};

	if (ice && (!full || leg->full_ice))
		return true;
	if (ice) {
		memcpy(ufrag, ice_ufrag(ice), strlen(ice_ufrag(ice)) + 1);
		memcpy(pwd, ice_pwd(ice), strlen(ice_pwd(ice)) + 1);
		transport_drop_ice(leg->transport);
	}
	leg->full_ice = full;
	ice = transport_use_ice(leg->transport, &params);
	return ice && (ufrag[0] == 0 || ice_restore(ice, ufrag, pwd));
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
	enum dtls_role role =
		terms_role(said->setup, settle->prefer_passive, first || changed ? NULL : &keeps);

	if (!dtls) {
		dtls = leg_use_dtls(leg, role);
	} else if (changed || role != keeps) {
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

static const struct sdes *own_offered(const struct leg *leg, unsigned tag)
{
	for (size_t i = 0; i < leg->n_offered; i++)
		if (leg->offered[i].tag == tag)
			return &leg->offered[i];
	return NULL;
}

/* The party answered our lines: RFC 4568 §5.1.3 has it name one of them by its tag. */
static bool settle_sdes_answered(struct leg *leg, const struct said *said)
{
	for (size_t i = 0; i < said->n_cryptos; i++) {
		const struct sdes *own = own_offered(leg, said->cryptos[i].tag);

		if (!own || own->suite != said->cryptos[i].suite)
			continue;
		leg->chosen = own->tag;
		return transport_use_sdes(leg->transport, own, &said->cryptos[i]);
	}
	return true; /* none that fits: without keys nothing passes, and query tells */
}

static bool suite_wanted(const struct ng_request *request, enum srtp_suite suite)
{
	return (request->sdes_only == 0 || (request->sdes_only >> suite & 1) != 0) &&
	       (request->sdes_no >> suite & 1) == 0;
}

/* We answer its lines: the first that we can do, under its tag; our key stays as long as the suite
 * does. */
static bool settle_sdes_answering(struct leg *leg, const struct leg_settle *settle)
{
	const struct said *said = settle->said;
	const struct sdes *theirs = NULL;
	struct sdes *own = &leg->offered[0];

	for (size_t i = 0; !theirs && i < said->n_cryptos; i++)
		if (suite_wanted(settle->request, said->cryptos[i].suite))
			theirs = &said->cryptos[i];
	if (!theirs) {
		/* None that we can do: nothing may pass, least of all in the clear. */
		if (leg->n_offered == 0 && !sdes_make(1, SUITE_AES_CM_128_HMAC_SHA1_80, own))
			return false;
		leg->chosen = 0;
		return transport_use_sdes(leg->transport, own, NULL);
	}
	for (size_t i = 0; i < leg->n_offered; i++)
		if (leg->offered[i].suite == theirs->suite)
			*own = leg->offered[i];
	if ((leg->n_offered == 0 || own->suite != theirs->suite) &&
	    !sdes_make(theirs->tag, theirs->suite, own))
		return false;
	own->tag = theirs->tag;
	leg->n_offered = 1;
	leg->chosen = own->tag;
	return transport_use_sdes(leg->transport, own, theirs);
}

/* Its context goes with what its keys have counted: taken up again they would begin at nothing, and
 * GCM would use its nonces twice (RFC 7714 §9.1). Our lines keep tag and suite, and get new keys.
 */
static bool retire_cryptos(struct leg *leg)
{
	bool ok = true;

	for (size_t i = 0; ok && leg->chosen != 0 && i < leg->n_offered; i++)
		ok = sdes_make(leg->offered[i].tag, leg->offered[i].suite, &leg->offered[i]);
	leg->chosen = 0;
	return ok;
}

bool leg_settle(struct leg *leg, const struct leg_settle *settle)
{
	transport_set_mux(leg->transport, settle->terms->mux == MUX_YES);
	settle_address(leg, settle);
	if (!settle_ice(leg, settle))
		return false;
	if (settle->terms->security != SECURITY_SDES && !retire_cryptos(leg))
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
