/* SPDX-License-Identifier: Apache-2.0 */
/* The verification service (RFC 8224 §6.2): a call waits for certificates and the registry no
 * longer than their budgets, and goes on without a label when they are spent. */
#include "sip-proxy/stir.h"

#include "sip-proxy/registry.h"
#include "sip-proxy/hsm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASKS_MAX 8 /* rounds of asking before a wait; two are needed */

/* One certificate that is asked for. */
struct fetch {
	struct call *call;
	struct certs_request *request; /* NULL: certs_get() has not returned */
	struct fetch *next;
	char url[CALLERID_X5U_MAX + 1];
};

static void step(struct call *call);

/* NULL: there is no memory for it. */
static struct callerid_verification *begin(struct call *call)
{
	const struct facts *facts = &call->facts;
	struct callerid_verification *verification = NULL;
	struct callerid_call asked = {
		.identity = facts->identity,
		.n_identity = facts->n_identity,
		.orig = {facts->orig[0], facts->orig[1]},
		.n_orig = facts->n_orig,
		.dest = facts->dest,
		.request_uri = facts->called,
		.date = facts->date,
		.sdp = facts->sdp,
		.resource_priority = facts->resource_priority,
		.n_resource_priority = facts->n_resource_priority,
		.priority = facts->priority,
		.display_name = {facts->name[0] != 0 ? facts->name : NULL, strlen(facts->name)},
		.call_reason = {facts->call_reason, strlen(facts->call_reason)},
		.now = proxy_epoch(),
		.policy = &call->trunk->policy,
	};

	if (callerid_verification_new(call->proxy->ctx, &asked, &verification, NULL) != CALLERID_OK)
		record_fail_open(call, "no_memory");
	return verification;
}

/* RFC 9410 §4-6: the call continues, so the errors are told in Reason, one for each PASSporT. */
static void keep_reasons(struct call *call, const struct callerid_verdict *verdict)
{
	for (size_t i = 0; i < verdict->n_passports; i++)
		if (verdict->passport[i].reason != CALLERID_REASON_OK &&
		    callerid_verdict_reason_header(&verdict->passport[i],
						   call->reasons[call->n_reasons],
						   CALL_REASON_MAX) > 0)
			call->n_reasons++;
}

/* A diversion on a complete path to the Request-URI. */
static bool is_proven_div(const struct callerid_passport_verdict *div)
{
	return div->follows != 0 && div->reason == CALLERID_REASON_OK &&
	       div->check[CALLERID_CHECK_CHAIN].result == CALLERID_RESULT_PASSED &&
	       div->check[CALLERID_CHECK_DIVERSION].result == CALLERID_RESULT_PASSED;
}

static bool leads_to(const struct callerid_passport_verdict *div,
		     const struct callerid_party *called)
{
	for (size_t k = 0; k < div->claims.n_dest; k++)
		if (callerid_party_equal(&div->claims.dest[k], called))
			return true;
	return false;
}

/* RFC 8224 §6.2 compares dest with To, but the call goes where the Request-URI says. A PASSporT
 * for another number proves nothing to this callee: whoever was called within the last minute
 * could send it on. That it came here is proved by div PASSporTs that lead from it, and not from
 * another one, to here (RFC 8946 §4.2). */
static bool is_retargeted(const struct call *call, const struct callerid_verdict *verdict)
{
	uint32_t led_here = 0, last;

	if (call->trunk->options->accept_retargeted ||
	    callerid_party_equal(&call->facts.called, &call->facts.dest))
		return false;
	do {
		last = led_here;
		for (size_t i = 0; i < verdict->n_passports; i++) {
			const struct callerid_passport_verdict *div = &verdict->passport[i];

			if (is_proven_div(div) &&
			    ((led_here >> i & 1) != 0 || leads_to(div, &call->facts.called)))
				led_here |= div->follows;
		}
	} while (led_here != last);
	return (led_here >> verdict->decided_by & 1) == 0;
}

/* A call that asserts two callers has one attestation and one brand: nobody knows which of the
 * callers the callee is shown. */
static const char *unlabelled_why(const struct call *call, const struct callerid_verdict *verdict)
{
	if (is_retargeted(call, verdict))
		return "retargeted";
	return call->facts.two_callers ? "two_callers" : NULL;
}

static void label_and_go(struct call *call)
{
	const struct callerid_verdict *verdict = callerid_verification_verdict(call->verification);
	const char *why = unlabelled_why(call, verdict);

	if (verdict->verstat == CALLERID_VERSTAT_PASSED && why != NULL) {
		call->facts.unlabelled = true;
		call->record.verstat = callerid_verstat_name(CALLERID_VERSTAT_NONE);
		call->record.attest = 0;
		call->record.rule = why;
	}
	shown_choose(&call->facts, verdict, &call->brand, &call->shown);
	if (!treat_write(call->request, &call->facts, verdict, &call->shown))
		record_fail_open(call, "header_not_added");
	keep_reasons(call, verdict);
	call_forward(call);
}

static void looked_up(struct call *call, const struct registry_answer *answer)
{
	if (answer->answered)
		call->brand = answer->brand;
	else
		record_fail_open(call, answer->failure);
	label_and_go(call);
}

static void decide(struct call *call)
{
	const struct callerid_verdict *verdict = callerid_verification_verdict(call->verification);
	struct callerid_facts facts = {.verdict = verdict, .emergency = call->facts.emergency};

	call->decision = callerid_decide(&facts, &call->trunk->rules);
	call->record.action = callerid_action_name(call->decision.action);
	call->record.rule = call->decision.rule;
	record_verdict(call, verdict);
	if (verdict->status != CALLERID_OK)
		record_fail_open(call, "no_memory");
	else if (verdict->reason == CALLERID_REASON_CERT_UNAVAILABLE)
		record_fail_open(call, "certificate_unavailable");
}

static void concluded(struct call *call)
{
	const struct callerid_verdict *verdict = callerid_verification_verdict(call->verification);

	decide(call);
	metrics_observe(call->proxy->metrics, METRIC_VERIFY_SECONDS, NULL,
			(double)call->record.verify_us / 1e6);
	if (!registry_is_proven(verdict))
		registry_tell(call);
	if (call->decision.action == CALLERID_ACTION_REJECT) {
		call_reply(call, call->decision.code, call->decision.phrase);
		return;
	}
	/* A brand is shown of a proven number only: other calls wait for nobody. */
	if (call->proxy->pool != NULL && registry_is_proven(verdict) &&
	    unlabelled_why(call, verdict) == NULL)
		registry_ask(call, REGISTRY_LOOKUP, looked_up);
	else
		label_and_go(call);
}

static void waited(struct call *call)
{
	int64_t now = proxy_now_us();

	call->record.cert_wait_us = now - call->cert_asked_us;
	metrics_observe(call->proxy->metrics, METRIC_CERT_WAIT_SECONDS, NULL,
			(double)call->record.cert_wait_us / 1e6);
}

/* Fetches that are still under way are for nothing. */
static void cancel_fetches(struct call *call)
{
	while (call->fetches != NULL) {
		struct fetch *fetch = call->fetches;

		call->fetches = fetch->next;
		certs_cancel(fetch->request);
		free(fetch);
	}
}

/* All certificates together have one budget. */
static void budget_spent(struct call *call)
{
	const char *url;

	cancel_fetches(call);
	METRIC_COUNT(call->proxy->metrics, METRIC_CERTIFICATES, "budget_spent");
	while ((url = callerid_verification_wants(call->verification)) != NULL) {
		char copy[CALLERID_X5U_MAX + 1];

		snprintf(copy, sizeof(copy), "%s", url);
		callerid_verification_unavailable(call->verification, copy,
						  "no answer within the call's budget");
	}
	waited(call);
	concluded(call);
}

static void supply(const struct fetch *fetch, const struct certs_answer *answer)
{
	struct call *call = fetch->call;

	METRIC_COUNT(call->proxy->metrics, METRIC_CERTIFICATES,
		     answer->status == CERTS_OK && answer->cached
			     ? "cached"
			     : certs_status_name(answer->status));
	if (answer->status == CERTS_OK)
		callerid_verification_supply(call->verification, fetch->url, answer->body,
					     answer->len);
	else
		callerid_verification_unavailable(call->verification, fetch->url, answer->why);
}

static void fetched(void *magic, const struct certs_answer *answer)
{
	struct fetch *fetch = magic;
	struct call *call = fetch->call;
	struct fetch **at = &call->fetches;

	supply(fetch, answer);
	if (fetch->request == NULL)
		return; /* answered before certs_get() returned: ask() goes on */
	while (*at != fetch)
		at = &(*at)->next;
	*at = fetch->next;
	free(fetch);
	step(call);
}

static bool is_under_way(const struct call *call, const char *url)
{
	for (const struct fetch *fetch = call->fetches; fetch != NULL; fetch = fetch->next)
		if (strcmp(fetch->url, url) == 0)
			return true;
	return false;
}

/* Asks for a certificate, which is then under way or has been supplied. fetch is taken over. */
static void ask(struct call *call, struct fetch *fetch)
{
	if (call->proxy->certs == NULL)
		callerid_verification_unavailable(call->verification, fetch->url,
						  "no trust anchors are configured");
	else
		fetch->request = certs_get(call->proxy->certs, fetch->url, fetched, fetch);
	if (fetch->request == NULL) {
		free(fetch);
		return;
	}
	fetch->next = call->fetches;
	call->fetches = fetch;
}

/* Asks for all that is missing and not under way: a call waits as long as for the slowest one, not
 * for all of them one after the other. false: there is nothing to ask for. */
static bool ask_for_missing(struct call *call)
{
	const char *urls[CALLERID_PASSPORTS_MAX];
	struct fetch *fetches[CALLERID_PASSPORTS_MAX];
	size_t found =
		callerid_verification_wants_all(call->verification, urls, CALLERID_PASSPORTS_MAX);
	size_t n = 0;

	/* The URLs are lent until something is supplied, which ask() may do. */
	for (size_t i = 0; i < found && i < CALLERID_PASSPORTS_MAX; i++) {
		if (is_under_way(call, urls[i]))
			continue;
		fetches[n] = calloc(1, sizeof(*fetches[n]));
		if (fetches[n] == NULL)
			abort();
		fetches[n]->call = call;
		snprintf(fetches[n]->url, sizeof(fetches[n]->url), "%s", urls[i]);
		n++;
	}
	for (size_t i = 0; i < n; i++)
		ask(call, fetches[i]);
	return n > 0;
}

static void step(struct call *call)
{
	int64_t began = proxy_now_us();

	/* What is answered at once may lead to one more question for the same PASSporT. */
	for (size_t i = 0; i < ASKS_MAX && ask_for_missing(call); i++)
		;
	if (call->fetches != NULL && callerid_verification_wants(call->verification) != NULL) {
		call->record.verify_us += proxy_now_us() - began;
		if (call->cert_asked_us == 0) {
			call->cert_asked_us = proxy_now_us();
			call_after(call, call->settings->proxy->cert_budget_ms, budget_spent);
		}
		return;
	}
	cancel_fetches(call);
	(void)callerid_verification_verdict(call->verification);
	call->record.verify_us += proxy_now_us() - began;
	if (call->cert_asked_us != 0) {
		call_after(call, 0, NULL);
		waited(call);
	}
	concluded(call);
}

void stir_verify(struct call *call)
{
	int64_t began = proxy_now_us();

	call->verification = begin(call);
	call->record.verify_us = proxy_now_us() - began;
	if (call->verification != NULL)
		step(call);
	else
		call_forward(call); /* unlabelled: what its sender asserts has been stripped */
}

void stir_verify_for_record(struct call *call)
{
	int64_t began = proxy_now_us();

	if (call->verification == NULL)
		return;
	(void)callerid_verification_verdict(call->verification);
	call->record.verify_us = proxy_now_us() - began;
	decide(call);
}

void stir_begin_for_record(struct call *call)
{
	call->verification = begin(call);
}

void stir_forget(struct call *call)
{
	cancel_fetches(call);
	registry_forget(call);
	hsm_forget(call);
	callerid_verification_free(call->verification);
	call->verification = NULL;
}
