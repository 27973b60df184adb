/* SPDX-License-Identifier: Apache-2.0 */
/* One call's verification, without I/O: the object, and the verdict from its PASSporTs. */
#include <callerid/verification.h>

#include "check.h"
#include "checks.h"
#include "fail.h"
#include "x5c.h"
#include "ppt.h"

#include <stdlib.h>
#include <string.h>

#define MAX_AGE_S 60 /* RFC 8224 §6.2 step 4: "sixty seconds is RECOMMENDED" */

struct callerid_verification {
	struct callerid_context *ctx;
	struct cid_facts facts;
	size_t n_looked_at;
	size_t n_ignored;
	bool left_over; /* values beyond what we look at or verify */
	bool done;	/* the verdict stands */
	struct cid_passport passport[CALLERID_PASSPORTS_MAX]; /* verdict.n_passports of them */
	bool wants[CALLERID_PASSPORTS_MAX];
	struct callerid_verdict verdict;
};

/* Out of range is taken as enforce: a policy never gets laxer by mistake. */
static void take_policy(struct cid_facts *facts, const struct callerid_policy *policy)
{
	if (policy != NULL)
		facts->policy = *policy;
	if (facts->policy.max_age_s <= 0)
		facts->policy.max_age_s = MAX_AGE_S;
	for (unsigned i = 0; i < CALLERID_CHECK_COUNT; i++) {
		enum callerid_mode *mode = &facts->policy.mode[i];

		if (*mode != CALLERID_MODE_WARN && *mode != CALLERID_MODE_OFF)
			*mode = CALLERID_MODE_ENFORCE;
	}
}

/* Where the next PASSporT goes: a new place, or that of one which failed without costing anything.
 */
static size_t place_for_next(const struct callerid_verification *v)
{
	size_t i = 0;

	if (v->verdict.n_passports < CALLERID_PASSPORTS_MAX)
		return v->verdict.n_passports;
	while (i < CALLERID_PASSPORTS_MAX && !v->passport[i].over)
		i++;
	return i;
}

static void look_at(struct callerid_verification *v, struct callerid_span value)
{
	size_t i = place_for_next(v);
	struct cid_passport *p;

	if (i == CALLERID_PASSPORTS_MAX) {
		v->left_over = true;
		return;
	}
	p = &v->passport[i];
	cid_passport_clear(p);
	memset(&v->verdict.passport[i], 0, sizeof(v->verdict.passport[i]));
	p->out = &v->verdict.passport[i];
	p->replay = v->ctx->replay;
	p->keys = v->ctx->keys;
	if (i == v->verdict.n_passports)
		v->verdict.n_passports++;
	cid_checks_cheap(p, &v->facts, value);
	if (!p->ignored)
		return;
	/* As if it had not been there: the last one takes its place. */
	v->n_ignored++;
	cid_passport_clear(p);
	v->verdict.n_passports--;
	if (i == v->verdict.n_passports)
		return;
	v->passport[i] = v->passport[v->verdict.n_passports];
	v->verdict.passport[i] = v->verdict.passport[v->verdict.n_passports];
	v->passport[i].out = &v->verdict.passport[i];
	memset(&v->passport[v->verdict.n_passports], 0, sizeof(v->passport[0]));
}

/* RFC 3261 §7.3.1: several fields, each with one value or several joined by commas. */
static void look_at_all(struct callerid_verification *v, const struct callerid_call *call)
{
	for (size_t i = 0; i < call->n_identity && !v->left_over; i++) {
		struct callerid_span rest = call->identity[i], value;

		while (callerid_identity_next(&rest, &value)) {
			if (v->n_looked_at == CALLERID_IDENTITIES_MAX) {
				v->left_over = true;
				break;
			}
			v->n_looked_at++;
			look_at(v, value);
		}
	}
}

/* The keys we know already; the rest is asked for. */
static void find_certs(struct callerid_verification *v)
{
	for (size_t i = 0; i < v->verdict.n_passports; i++) {
		struct cid_passport *p = &v->passport[i];

		if (!cid_checks_need_cert(p, &v->facts))
			continue;
		if (v->facts.policy.accept_x5c)
			p->cert = cid_x5c_cert(v->ctx, &p->jws, v->facts.now);
		if (p->cert == NULL)
			p->cert = cid_certcache_get(v->ctx->certs, p->out->x5u, v->facts.now);
		v->wants[i] = p->cert == NULL;
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
	v->ctx = ctx;
	v->facts.now = call->now;
	v->facts.call = call;
	take_policy(&v->facts, call->policy);
	cid_facts_read_date(&v->facts, call->date);
	look_at_all(v, call);
	v->facts.call = NULL;
	find_certs(v);
	*v_out = v;
	return CALLERID_OK;
}

void callerid_verification_free(struct callerid_verification *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; i < CALLERID_PASSPORTS_MAX; i++)
		cid_passport_clear(&v->passport[i]);
	free(v);
}

const char *callerid_verification_wants(struct callerid_verification *v)
{
	for (size_t i = 0; i < v->verdict.n_passports; i++) {
		if (v->wants[i])
			return v->verdict.passport[i].x5u;
	}
	return NULL;
}

static bool wants_url(const struct callerid_verification *v, size_t i, const char *url)
{
	return v->wants[i] && strcmp(v->verdict.passport[i].x5u, url) == 0;
}

void callerid_verification_supply(struct callerid_verification *v, const char *url,
				  const void *body, size_t len)
{
	struct cid_cert *cert = NULL;
	bool looked = false;
	char wanted[CALLERID_X5U_MAX + 1];

	if (url == NULL || strlen(url) > CALLERID_X5U_MAX)
		return;
	memcpy(wanted, url, strlen(url) + 1); /* url may be what wants() lent */
	for (size_t i = 0; i < v->verdict.n_passports; i++) {
		if (!wants_url(v, i, wanted))
			continue;
		if (!looked)
			cert = cid_chain_check(v->ctx->trust, body, body == NULL ? 0 : len,
					       v->facts.now);
		looked = true;
		v->wants[i] = false;
		v->passport[i].no_memory = cert == NULL;
		v->passport[i].cert = cert == NULL ? NULL : cid_cert_hold(cert);
	}
	if (cert != NULL)
		cid_certcache_put(v->ctx->certs, wanted, cert, v->facts.now);
	cid_cert_release(cert);
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
	if (url == NULL)
		return;
	for (size_t i = 0; i < v->verdict.n_passports; i++) {
		struct cid_passport *p = &v->passport[i];

		if (!wants_url(v, i, url))
			continue;
		v->wants[i] = false;
		keep_why(p->unavailable, sizeof(p->unavailable), why);
	}
}

/* All look before any is remembered: the same header twice in one request is no replay. */
static void finish_checks(struct callerid_verification *v)
{
	const int64_t max_age_s = v->facts.policy.max_age_s;

	for (size_t i = 0; i < v->verdict.n_passports; i++) {
		v->wants[i] = false;
		cid_checks_cert(&v->passport[i], &v->facts);
		cid_checks_replay(&v->passport[i], &v->facts);
	}
	for (size_t i = 0; i < v->verdict.n_passports; i++) {
		const struct cid_passport *p = &v->passport[i];
		int64_t iat = p->out->claims.iat;
		int64_t expires;

		if (!p->to_remember)
			continue;
		if (__builtin_add_overflow(iat > v->facts.now ? iat : v->facts.now, max_age_s,
					   &expires))
			expires = INT64_MAX;
		cid_replay_remember(v->ctx->replay, &p->replay_key, v->facts.now, expires);
	}
}

static bool is_proven(const struct callerid_passport_verdict *passport)
{
	return passport->reason == CALLERID_REASON_OK &&
	       passport->check[CALLERID_CHECK_SIGNATURE].result == CALLERID_RESULT_PASSED;
}

/* RFC 8946 §4.2 and others: what continues or adds to a PASSporT proves no caller by itself. */
static bool says_verstat(const struct callerid_passport_verdict *passport)
{
	const struct cid_ppt *type =
		cid_ppt_find(passport->claims.ppt, strlen(passport->claims.ppt));

	return type != NULL && type->says_verstat;
}

/*
 * RFC 8224 §6.2.1: one valid PASSporT suffices, so valid ones come first, the highest attestation
 * before others. Of invalid ones the one that got furthest tells most; what could not be had or
 * done says least, since §6.2.2 wants 436 only when no certificate at all could be fetched.
 */
static unsigned progress(const struct callerid_passport_verdict *passport)
{
	unsigned i = 0;

	if (passport->reason == CALLERID_REASON_OK) {
		unsigned attest = (unsigned)passport->claims.attest;

		return 1000u + (is_proven(passport) ? 1000u : 0u) +
		       (attest == CALLERID_ATTEST_NONE ? 0u : 256u - attest);
	}
	if (passport->reason == CALLERID_REASON_CERT_UNAVAILABLE ||
	    passport->reason == CALLERID_REASON_LIMIT ||
	    passport->reason == CALLERID_REASON_UNSUPPORTED_PPT)
		return 0;
	while (i < CALLERID_CHECK_COUNT && passport->check[i].result != CALLERID_RESULT_FAILED)
		i++;
	return i + 1;
}

/* One that could prove the caller comes before one that cannot, whatever came of it. */
static unsigned rank(const struct callerid_passport_verdict *passport)
{
	return progress(passport) + (says_verstat(passport) ? 3000u : 0u);
}

static void decide_without(struct callerid_verification *v)
{
	struct callerid_verdict *verdict = &v->verdict;

	if (v->left_over)
		verdict->reason = CALLERID_REASON_LIMIT;
	else if (v->n_ignored > 0)
		verdict->reason = CALLERID_REASON_UNSUPPORTED_PPT;
	else
		verdict->reason = CALLERID_REASON_NO_IDENTITY;
	cid_checks_none(&verdict->passport[0], verdict->reason,
			callerid_reason_info(verdict->reason)->text);
}

static void decide(struct callerid_verification *v)
{
	struct callerid_verdict *verdict = &v->verdict;
	const struct callerid_passport_verdict *passport;

	if (verdict->n_passports == 0)
		decide_without(v);
	for (size_t i = 1; i < verdict->n_passports; i++) {
		if (rank(&verdict->passport[i]) > rank(&verdict->passport[verdict->decided_by]))
			verdict->decided_by = i;
	}
	passport = &verdict->passport[verdict->decided_by];
	verdict->reason = passport->reason;
	verdict->code = callerid_reason_info(verdict->reason)->code;
	verdict->verstat = callerid_reason_info(verdict->reason)->verstat;
	if (!says_verstat(passport))
		verdict->verstat = CALLERID_VERSTAT_NONE;
	if (verdict->verstat != CALLERID_VERSTAT_PASSED)
		return;
	/* "TN-Validation-Passed" is a statement about a signature; without one it would be a lie,
	 * whatever the policy lets pass. */
	if (is_proven(passport))
		verdict->attest = passport->claims.attest;
	else
		verdict->verstat = CALLERID_VERSTAT_NONE;
}

const struct callerid_verdict *callerid_verification_verdict(struct callerid_verification *v)
{
	if (!v->done) {
		finish_checks(v);
		decide(v);
		for (size_t i = 0; i < v->verdict.n_passports; i++)
			cid_priority_take(&v->passport[i], &v->verdict);
		v->done = true;
	}
	return &v->verdict;
}
