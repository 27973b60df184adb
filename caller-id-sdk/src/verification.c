/* SPDX-License-Identifier: Apache-2.0 */
/* One call's verification, without I/O: the object, and the verdict from its PASSporTs. */
#include <callerid/verification.h>

#include "check.h"
#include "fail.h"
#include "set.h"

#include <stdlib.h>
#include <string.h>

#define MAX_AGE_S	   60	 /* RFC 8224 §6.2 step 4: "sixty seconds is RECOMMENDED" */
#define MAX_DIVERTED_AGE_S 10800 /* RFC 8946 §4.2.4: a call may be transferred hours later */

struct callerid_verification {
	struct cid_set set;
	bool done; /* the verdict stands */
	struct callerid_verdict verdict;
};

/* Out of range is taken as the default: a policy never gets laxer by mistake. */
static void take_policy(struct cid_facts *facts, const struct callerid_policy *given)
{
	struct callerid_policy *policy = &facts->policy;

	if (given != NULL)
		*policy = *given;
	if (policy->max_age_s <= 0)
		policy->max_age_s = MAX_AGE_S;
	if (policy->max_diverted_age_s <= 0)
		policy->max_diverted_age_s = MAX_DIVERTED_AGE_S;
	if (policy->max_signatures == 0)
		policy->max_signatures = CALLERID_SIGNATURES_MAX;
	if (policy->max_signatures > CALLERID_PASSPORTS_MAX)
		policy->max_signatures = CALLERID_PASSPORTS_MAX;
	if (policy->max_cost == 0)
		policy->max_cost = policy->max_signatures *
				   (1 + CALLERID_COST_CERT * (policy->accept_tn_list ? 2U : 1U));
	for (unsigned i = 0; i < CALLERID_CHECK_COUNT; i++) {
		enum callerid_mode *mode = &policy->mode[i];

		if (*mode != CALLERID_MODE_WARN && *mode != CALLERID_MODE_OFF)
			*mode = CALLERID_MODE_ENFORCE;
	}
}

enum callerid_status callerid_verification_new(struct callerid_context *ctx,
					       const struct callerid_call *call,
					       struct callerid_verification **v_out,
					       struct callerid_error *err)
{
	struct callerid_verification *v;

	if (ctx == NULL || call == NULL || (call->identity == NULL && call->n_identity > 0))
		return cid_fail(err, CALLERID_EINVAL, "verification", "ctx or call is missing");
	v = calloc(1, sizeof(*v));
	if (v == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "verification", "no memory");
	v->set.ctx = ctx;
	v->set.facts.now = call->now;
	v->set.facts.call = call;
	take_policy(&v->set.facts, call->policy);
	cid_facts_read_date(&v->set.facts, call->date);
	if (cid_set_open(&v->set, call) != CALLERID_OK) {
		callerid_verification_free(v);
		return cid_fail(err, CALLERID_ENOMEM, "verification", "no memory");
	}
	v->set.facts.call = NULL;
	*v_out = v;
	return CALLERID_OK;
}

void callerid_verification_free(struct callerid_verification *v)
{
	if (v == NULL)
		return;
	cid_set_clear(&v->set);
	free(v);
}

/* What passport i wants now; NULL: nothing. */
static const char *wanted_url(const struct cid_set *set, size_t i)
{
	const struct cid_passport *p = &set->passport[i];

	if (p->wants)
		return set->told[i].x5u;
	return p->wants_list ? p->cert->tn_list_url : NULL;
}

static bool wants_url(const struct cid_set *set, size_t i, const char *url)
{
	const char *wanted = wanted_url(set, i);

	return wanted != NULL && strcmp(wanted, url) == 0;
}

/* An earlier one wants the same URL. */
static bool is_asked_before(const struct cid_set *set, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (wants_url(set, j, wanted_url(set, i)))
			return true;
	}
	return false;
}

size_t callerid_verification_wants_all(struct callerid_verification *v, const char **urls_out,
				       size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < v->set.n; i++) {
		if (wanted_url(&v->set, i) == NULL || is_asked_before(&v->set, i))
			continue;
		if (n < max)
			urls_out[n] = wanted_url(&v->set, i);
		n++;
	}
	return n;
}

const char *callerid_verification_wants(struct callerid_verification *v)
{
	const char *url = NULL;

	(void)callerid_verification_wants_all(v, &url, 1);
	return url;
}

/* RFC 8226 §10.1: of a certificate whose path holds, the list that it names is worth asking for.
 * The certificate's own file is kept until then. */
static void ask_for_list(struct cid_passport *p, const struct cid_facts *facts,
			 struct callerid_span body)
{
	if (!facts->policy.accept_tn_list || p->cert == NULL || !p->cert->lacks_list ||
	    p->cert->path.reason != CALLERID_REASON_OK)
		return;
	p->body = malloc(body.n);
	if (p->body == NULL) {
		p->no_memory = true;
		return;
	}
	memcpy(p->body, body.p, body.n);
	p->body_len = body.n;
	p->wants_list = true;
}

static void take_cert(struct cid_passport *p, struct cid_cert *cert)
{
	cid_cert_release(p->cert);
	p->no_memory |= cert == NULL;
	p->cert = cert == NULL ? NULL : cid_cert_hold(cert);
}

static void supply_cert(struct cid_set *set, const char *url, struct callerid_span body)
{
	struct cid_cert *cert = NULL;
	bool looked = false;

	for (size_t i = 0; i < set->n; i++) {
		struct cid_passport *p = &set->passport[i];

		if (!p->wants || strcmp(set->told[i].x5u, url) != 0)
			continue;
		if (!looked)
			cert = cid_chain_check(set->ctx->trust, body.p, body.n, set->facts.now);
		looked = true;
		p->wants = false;
		take_cert(p, cert);
		ask_for_list(p, &set->facts, body);
	}
	if (cert != NULL)
		cid_certcache_put(set->ctx->certs, url, cert, set->facts.now);
	cid_cert_release(cert);
}

/* The certificate of passport i is looked at anew, with its list; so for all that have the same. */
static void supply_list(struct cid_set *set, size_t i, struct callerid_span list)
{
	struct cid_passport *first = &set->passport[i];
	struct callerid_span body = {first->body, first->body_len};
	struct cid_cert *cert = cid_chain_check_listed(set->ctx->trust, body, list, set->facts.now);

	for (size_t j = set->n; j-- > i;) {
		struct cid_passport *p = &set->passport[j];

		if (!p->wants_list || strcmp(set->told[j].x5u, set->told[i].x5u) != 0)
			continue;
		p->wants_list = false;
		take_cert(p, cert);
	}
	if (cert != NULL)
		cid_certcache_put(set->ctx->certs, set->told[i].x5u, cert, set->facts.now);
	cid_cert_release(cert);
}

void callerid_verification_supply(struct callerid_verification *v, const char *url,
				  const void *body, size_t len)
{
	struct callerid_span found = {body, body == NULL ? 0 : len};
	char wanted[CALLERID_X5U_MAX + 1];

	if (url == NULL || strlen(url) > CALLERID_X5U_MAX)
		return;
	memcpy(wanted, url, strlen(url) + 1); /* url may be what wants() lent */
	/* Lists first: a certificate that comes now may name the same URL, and has not asked yet.
	 */
	for (size_t i = 0; i < v->set.n; i++) {
		if (v->set.passport[i].wants_list && wants_url(&v->set, i, wanted))
			supply_list(&v->set, i, found);
	}
	supply_cert(&v->set, wanted, found);
}

/* Only printable ASCII of the program's why: it becomes JSON and terminal output. */
static void keep_why(char *out, size_t size, const char *why)
{
	cid_say(out, size, "%s", why != NULL ? why : "");
	for (; *out != '\0'; out++) {
		if (*out < ' ' || *out > '~')
			*out = '?';
	}
}

void callerid_verification_unavailable(struct callerid_verification *v, const char *url,
				       const char *why)
{
	char wanted[CALLERID_X5U_MAX + 1];

	if (url == NULL || strlen(url) > CALLERID_X5U_MAX)
		return;
	memcpy(wanted, url, strlen(url) + 1);
	for (size_t i = 0; i < v->set.n; i++) {
		struct cid_passport *p = &v->set.passport[i];

		if (!wants_url(&v->set, i, wanted))
			continue;
		p->wants = p->wants_list = false;
		keep_why(p->unavailable, sizeof(p->unavailable), why);
	}
}

/*
 * RFC 8224 §6.2.1: one valid PASSporT suffices, so valid ones come first, the highest attestation
 * before others. Of invalid ones the one that got furthest tells most; what could not be had or
 * done says least, since §6.2.2 wants 436 only when no certificate at all could be fetched. Those
 * that speak for the number (says_verstat) come before those that only add to them, valid or not:
 * a good div is no answer to a forged shaken.
 */
static unsigned rank(const struct cid_passport *p)
{
	const struct callerid_passport_verdict *told = p->out;
	bool says_verstat = p->type != NULL && p->type->says_verstat;
	unsigned base = says_verstat ? 2000 : 0, i = 0;

	if (told->reason == CALLERID_REASON_OK) {
		unsigned attest = (unsigned)told->claims.attest;

		return base + 1000u + (cid_passport_is_proven(told) ? 250u : 0u) +
		       (cid_passport_is_trusted(told) ? 250u : 0u) +
		       (attest == CALLERID_ATTEST_NONE ? 0u : 256u - attest);
	}
	if (told->reason == CALLERID_REASON_CERT_UNAVAILABLE ||
	    told->reason == CALLERID_REASON_LIMIT ||
	    told->reason == CALLERID_REASON_UNSUPPORTED_PPT)
		return base;
	while (i < CALLERID_CHECK_COUNT && told->check[i].result != CALLERID_RESULT_FAILED)
		i++;
	return base + i + 1;
}

static void decide_without(struct callerid_verification *v)
{
	struct callerid_verdict *verdict = &v->verdict;

	if (v->set.left_over)
		verdict->reason = CALLERID_REASON_LIMIT;
	else if (v->set.n_ignored > 0)
		verdict->reason = CALLERID_REASON_UNSUPPORTED_PPT;
	else
		verdict->reason = CALLERID_REASON_NO_IDENTITY;
	cid_checks_none(&v->set.told[0], verdict->reason,
			callerid_reason_info(verdict->reason)->text);
}

static void decide(struct callerid_verification *v)
{
	struct callerid_verdict *verdict = &v->verdict;
	const struct callerid_passport_verdict *passport;
	const struct cid_ppt *type;

	verdict->passport = v->set.told;
	verdict->n_passports = v->set.n;
	if (v->set.n == 0)
		decide_without(v);
	for (size_t i = 1; i < v->set.n; i++) {
		if (rank(&v->set.passport[i]) > rank(&v->set.passport[verdict->decided_by]))
			verdict->decided_by = i;
	}
	type = v->set.n == 0 ? NULL : v->set.passport[verdict->decided_by].type;
	passport = &verdict->passport[verdict->decided_by];
	verdict->reason = passport->reason;
	/* RFC 8443 §4.2 and others: good in itself, and still nothing about who calls. */
	if (type != NULL && !type->says_verstat && passport->reason == CALLERID_REASON_OK)
		verdict->reason = CALLERID_REASON_NO_PROOF;
	verdict->code = callerid_reason_info(verdict->reason)->code;
	verdict->verstat = callerid_reason_info(verdict->reason)->verstat;
	if (type == NULL || !type->says_verstat)
		verdict->verstat = CALLERID_VERSTAT_NONE;
	if (verdict->verstat != CALLERID_VERSTAT_PASSED)
		return;
	/* "TN-Validation-Passed" is a statement about a signature by a certificate that is trusted
	 * (RFC 8224 §6.2 step 3); of any other it would be a lie, whatever the policy lets pass. */
	if (cid_passport_is_trusted(passport))
		verdict->attest = passport->claims.attest;
	else
		verdict->verstat = CALLERID_VERSTAT_NONE;
}

/* An error, in the shape of a verdict that says nothing: whoever does not look at status has no
 * verstat of it, and no PASSporT. */
static void fail_without_memory(struct callerid_verification *v)
{
	cid_set_empty(&v->set);
	v->verdict = (struct callerid_verdict){
		.passport = v->set.told,
		.reason = CALLERID_REASON_NO_MEMORY,
		.code = callerid_reason_info(CALLERID_REASON_NO_MEMORY)->code,
		.status = CALLERID_ENOMEM,
	};
	cid_checks_none(&v->set.told[0], CALLERID_REASON_NO_MEMORY, "no memory");
}

const struct callerid_verdict *callerid_verification_verdict(struct callerid_verification *v)
{
	if (!v->done) {
		if (cid_set_finish(&v->set) == CALLERID_OK) {
			decide(v);
			for (size_t i = 0; i < v->set.n; i++)
				cid_priority_take(&v->set.passport[i], &v->verdict);
		} else {
			fail_without_memory(v);
		}
		v->done = true;
	}
	return &v->verdict;
}
