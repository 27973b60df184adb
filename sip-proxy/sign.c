/* SPDX-License-Identifier: Apache-2.0 */
/* The authentication service: attestation by the registry, Date, Identity (RFC 8224 §6.1). */
#include "sip-proxy/stir.h"

#include "sip-proxy/reason.h"
#include "sip-proxy/registry.h"
#include "sip-proxy/hsm.h"
#include "sip-proxy/mky.h"

#include <callerid/date.h>
#include <callerid/signer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* AS14: an unsigned call is legal, a wrong attestation is not. */
static void go_unsigned(struct call *call, const char *why)
{
	METRIC_COUNT(call->proxy->metrics, METRIC_ATTESTATIONS, call->trunk->options->title,
		     "none");
	snprintf(call->record.attest_why, sizeof(call->record.attest_why), "%s", why);
	call->record.action = "allow";
	call->record.rule = "unsigned";
	call_forward(call);
}

/* RFC 8224 §6.1 step 3: Date is added when it is absent. */
static bool add_date(struct call *call, int64_t now)
{
	char date[CALLERID_DATE_LEN + 1];

	if (call->facts.n_date > 0)
		return true;
	return callerid_date_format(now, date) == CALLERID_OK &&
	       message_add(call->request, "Date", date);
}

static const char *status_name(enum callerid_status status)
{
	if (status == CALLERID_EPERM)
		return "certificate_does_not_permit";
	if (status == CALLERID_EIO)
		return "token_unavailable"; /* the PKCS#11 one, of the key */
	return "signer_failed";
}

/* AS6: those of others stay, in order; ours stands after them. */
static const char *add(struct call *call, const char *identity)
{
	if (!add_date(call, call->signing.iat) || !message_add(call->request, "Identity", identity))
		return "header_not_added";
	reason_remember(call, identity);
	return NULL;
}

/* The end of signing, well or not: trouble NULL is well. */
static void conclude(struct call *call, const char *trouble)
{
	char letter[2] = {(char)call->signing.attest, 0};

	call->record.sign_us = proxy_now_us() - call->signing.began_us;
	metrics_observe(call->proxy->metrics, METRIC_SIGN_SECONDS, NULL,
			(double)call->record.sign_us / 1e6);
	if (trouble != NULL) {
		record_fail_open(call, trouble);
		go_unsigned(call, trouble);
		return;
	}
	METRIC_COUNT(call->proxy->metrics, METRIC_ATTESTATIONS, call->trunk->options->title,
		     letter);
	call->record.attest = letter[0];
	call->record.action = "allow";
	call->record.rule = "signed";
	call_forward(call);
}

static void answered(struct call *call, const struct hsm_answer *answer)
{
	conclude(call, answer->status == CALLERID_OK ? add(call, answer->identity)
						     : status_name(answer->status));
}

/* iat is now, not the time of arrival: waiting for the registry and the relay does not age the
 * token. */
static void sign_now(struct call *call)
{
	struct callerid_claims claims = {
		.ppt = "shaken", .attest = call->signing.attest, .n_dest = 1};
	struct hsm_answer answer = {.status = CALLERID_OK};
	char *mky = mky_to_sign(call);
	char *identity = NULL;

	claims.iat = proxy_epoch();
	claims.orig = call->facts.orig[0];
	claims.dest[0] = call->facts.dest;
	claims.mky = mky;
	call->signing.began_us = proxy_now_us();
	call->signing.iat = claims.iat;
	if (callerid_origid_random(claims.origid) != CALLERID_OK) {
		conclude(call, "no_randomness");
	} else if (call->settings->token != NULL) {
		hsm_sign(call, &claims, answered);
	} else {
		answer.status =
			callerid_signer_sign(call->settings->signer, &claims, &identity, NULL);
		answer.identity = identity;
		answered(call, &answer);
	}
	free(identity);
	free(mky);
}

/* RFC 8224 §4.1: mky is of the fingerprints that leave; the relay says them first. */
static void sign_and_go(struct call *call, enum callerid_attest attest, const char *why)
{
	call->signing.attest = attest;
	snprintf(call->record.attest_why, sizeof(call->record.attest_why), "%s", why);
	media_request(call, sign_now);
}

static void attested(struct call *call, const struct registry_answer *answer)
{
	static const enum callerid_attest fallback[] = {
		[FALLBACK_C] = CALLERID_ATTEST_C,
		[FALLBACK_B] = CALLERID_ATTEST_B,
		[FALLBACK_UNSIGNED] = CALLERID_ATTEST_NONE,
	};
	enum callerid_attest attest = fallback[call->settings->signing->fallback];

	if (answer->answered) {
		sign_and_go(call, answer->attest, answer->why);
		return;
	}
	record_fail_open(call, answer->failure);
	if (attest == CALLERID_ATTEST_NONE)
		go_unsigned(call, answer->failure);
	else
		sign_and_go(call, attest, answer->failure);
}

#define DATE_SKEW_S 60

/*
 * RFC 8224 §6.1 step 3: a Date that is off by more than a minute "SHOULD" end the request; the
 * verifier would find the PASSporT stale. Rather than the call we refuse the signature. Date lies
 * inside the certificate's validity, as now does.
 */
static bool is_date_signable(const struct call *call)
{
	int64_t date = 0, from = 0, until = 0, now = proxy_epoch();
	const struct callerid_span *text = &call->facts.date;

	if (call->facts.n_date == 0)
		return true;
	if (callerid_date_parse(text->p, text->n, &date, NULL) != CALLERID_OK)
		return false;
	callerid_signer_validity(call->settings->signer, &from, &until);
	return date >= now - DATE_SKEW_S && date <= now + DATE_SKEW_S && date >= from &&
	       date <= until;
}

void stir_sign(struct call *call)
{
	const struct facts *facts = &call->facts;

	if (call->settings->signer == NULL)
		go_unsigned(call, "no signing key is configured");
	else if (facts->n_orig == 0 || facts->orig[0].kind != CALLERID_PARTY_TN)
		go_unsigned(call, "the caller is not a telephone number");
	else if (facts->dest.kind == CALLERID_PARTY_NONE)
		go_unsigned(call, "the called identity cannot be used");
	else if (!is_date_signable(call))
		go_unsigned(call, "the Date is not of this minute");
	else if (call->trunk->options->customer == NULL || call->proxy->pool == NULL)
		/* RFC 8588 §4: all that is known is where the call came in. */
		sign_and_go(call, CALLERID_ATTEST_C, "no customer is known for the trunk");
	else
		registry_ask(call, REGISTRY_ATTESTATION, attested);
}
