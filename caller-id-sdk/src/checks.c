/* SPDX-License-Identifier: Apache-2.0 */
/* The table of checks, and the rule that runs them by their mode. */
#include "checks.h"

#include "check.h"
#include "claims.h"
#include "compact.h"
#include "fail.h"
#include "ppt.h"

#include <stdlib.h>
#include <string.h>

struct check {
	cid_check *run;
	bool always; /* runs even when turned off: later checks need what it reads */
};

enum cid_step cid_step_fail(struct callerid_check_result *r, enum cid_step step,
			    enum callerid_reason reason, const char *why)
{
	r->reason = reason;
	cid_say(r->why, sizeof(r->why), "%s", why);
	return step;
}

enum cid_step cid_step_nothing(struct callerid_check_result *r, const char *why)
{
	cid_say(r->why, sizeof(r->why), "%s", why);
	return CID_NOTHING;
}

static const struct check checks[CALLERID_CHECK_COUNT] = {
	[CALLERID_CHECK_PRESENT] = {cid_check_present, false},
	[CALLERID_CHECK_HEADER] = {cid_check_header, true},
	[CALLERID_CHECK_PASSPORT] = {cid_check_passport, true},
	[CALLERID_CHECK_CLAIMS] = {cid_check_claims, true},
	[CALLERID_CHECK_ORIG] = {cid_check_orig, false},
	[CALLERID_CHECK_DEST] = {cid_check_dest, false},
	[CALLERID_CHECK_MEDIA] = {cid_check_media, false},
	[CALLERID_CHECK_PRIORITY] = {cid_check_priority, true},
	[CALLERID_CHECK_DATE] = {cid_check_date, false},
	[CALLERID_CHECK_IAT] = {cid_check_iat, false},
	[CALLERID_CHECK_CERT] = {cid_check_cert, true},
	[CALLERID_CHECK_CHAIN] = {cid_check_chain, false},
	[CALLERID_CHECK_VALIDITY] = {cid_check_validity, false},
	[CALLERID_CHECK_AUTHORITY] = {cid_check_authority, false},
	[CALLERID_CHECK_CONSTRAINTS] = {cid_check_constraints, false},
	[CALLERID_CHECK_SIGNATURE] = {cid_check_signature, false},
	[CALLERID_CHECK_REPLAY] = {cid_check_replay, false},
	[CALLERID_CHECK_DIVERSION] = {cid_check_diversion, false},
	[CALLERID_CHECK_CONTENT] = {cid_check_content, false},
};

static void skip(struct callerid_check_result *r, const char *why)
{
	r->result = CALLERID_RESULT_SKIPPED;
	r->reason = CALLERID_REASON_OK;
	cid_say(r->why, sizeof(r->why), "%s", why);
}

/* A failure decides when it is enforced, and whatever its mode when nothing can follow it. */
static void decide(struct cid_passport *p, struct callerid_check_result *r)
{
	r->result = CALLERID_RESULT_FAILED;
	p->out->reason = r->reason;
	p->over = true;
}

static void run(struct cid_passport *p, const struct cid_facts *f, unsigned i)
{
	struct callerid_check_result *r = &p->out->check[i];
	enum callerid_mode mode = f->policy.mode[i];
	enum cid_step step;

	if (p->over) {
		skip(r, "an earlier check failed");
		return;
	}
	if (mode == CALLERID_MODE_OFF && !checks[i].always) {
		skip(r, "turned off");
		return;
	}
	step = checks[i].run(p, f, r);
	p->no_memory |= r->reason == CALLERID_REASON_NO_MEMORY;
	if (step == CID_DEAD || (step == CID_FAILED && mode == CALLERID_MODE_ENFORCE))
		decide(p, r);
	else if (mode == CALLERID_MODE_OFF)
		skip(r, "turned off");
	else if (step == CID_FAILED_ALONE && mode == CALLERID_MODE_ENFORCE)
		r->result = CALLERID_RESULT_FAILED;
	else if (step == CID_FAILED || step == CID_FAILED_ALONE || step == CID_WARNED)
		r->result = CALLERID_RESULT_WARNED;
	else if (step == CID_PASSED)
		r->result = CALLERID_RESULT_PASSED;
}

static void run_range(struct cid_passport *p, const struct cid_facts *f, unsigned first,
		      unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		run(p, f, i);
}

/* The value does not even parse: the header check failed, and nothing follows. */
static void fail_grammar(struct cid_passport *p, enum callerid_status status,
			 const struct callerid_error *err)
{
	struct callerid_check_result *r = &p->out->check[CALLERID_CHECK_HEADER];

	r->reason = CALLERID_REASON_BAD_HEADER;
	if (status == CALLERID_ELIMIT)
		r->reason = CALLERID_REASON_LIMIT;
	else if (err->where != NULL && strcmp(err->where, "info") == 0)
		r->reason = CALLERID_REASON_BAD_INFO;
	cid_say(r->why, sizeof(r->why), "%s", err->text);
	decide(p, r);
}

void cid_checks_open(struct cid_passport *p, const struct cid_facts *facts,
		     struct callerid_span value)
{
	struct callerid_error err;
	enum callerid_status status = callerid_identity_parse(value.p, value.n, &p->identity, &err);

	if (status == CALLERID_OK) {
		p->type = cid_ppt_find(p->identity.ppt.p, p->identity.ppt.n);
		p->ignored = p->type == NULL; /* RFC 8224 §6.2 step 1 */
	}
	if (p->ignored)
		return;
	run(p, facts, CALLERID_CHECK_PRESENT);
	if (status != CALLERID_OK)
		fail_grammar(p, status, &err);
	else
		run(p, facts, CALLERID_CHECK_HEADER);
	run_range(p, facts, CALLERID_CHECK_PASSPORT, CALLERID_CHECK_CLAIMS);
}

void cid_checks_open_inner(struct cid_passport *p, const struct cid_facts *facts,
			   struct callerid_span token)
{
	struct callerid_check_result *r = &p->out->check[CALLERID_CHECK_PASSPORT];
	struct cid_token said = {.ppt = ""};

	p->out->inner = true;
	p->identity.token = token;
	run(p, facts, CALLERID_CHECK_PRESENT);
	r->reason = CALLERID_REASON_BAD_PASSPORT;
	if (cid_jws_split(token, &p->jws, NULL) == CALLERID_OK)
		r->reason = cid_token_parse(&p->jws, &said, r->why, sizeof(r->why));
	if (r->reason != CALLERID_REASON_OK) {
		p->no_memory |= r->reason == CALLERID_REASON_NO_MEMORY;
		decide(p, r);
		run_range(p, facts, CALLERID_CHECK_CLAIMS, CALLERID_CHECK_CLAIMS);
		return;
	}
	p->type = cid_ppt_find(said.ppt, strlen(said.ppt));
	p->ignored = p->type == NULL;
	p->identity.info = (struct callerid_span){said.x5u, strlen(said.x5u)};
	p->identity.ppt = (struct callerid_span){said.ppt, strlen(said.ppt)};
	if (!p->ignored)
		run_range(p, facts, CALLERID_CHECK_HEADER, CALLERID_CHECK_CLAIMS);
	p->identity.info = p->identity.ppt = (struct callerid_span){NULL, 0};
}

bool cid_checks_open_unknown(struct cid_passport *p)
{
	struct callerid_claims *claims = &p->out->claims;
	char why[CALLERID_WHY_MAX + 1];
	enum callerid_reason reason;

	if (cid_jws_split(p->identity.token, &p->jws, NULL) != CALLERID_OK)
		return false;
	reason = cid_claims_parse(&p->jws, "", claims, why, sizeof(why));
	p->no_memory |= reason == CALLERID_REASON_NO_MEMORY;
	return reason == CALLERID_REASON_OK;
}

/* The signature fails before its turn, so that no certificate is asked for. */
static void fail_signature(struct cid_passport *p, const char *before)
{
	for (unsigned i = CALLERID_CHECK_CERT; i < CALLERID_CHECK_SIGNATURE; i++)
		skip(&p->out->check[i], before);
}

void cid_checks_signalling(struct cid_passport *p, const struct cid_facts *facts)
{
	run_range(p, facts, CALLERID_CHECK_CLAIMS + 1, CALLERID_CHECK_CERT - 1);
	/* A signature that cannot be one is not worth a certificate. */
	if (!p->over && !p->has_raw &&
	    facts->policy.mode[CALLERID_CHECK_SIGNATURE] == CALLERID_MODE_ENFORCE) {
		fail_signature(p, "the signature is malformed");
		run(p, facts, CALLERID_CHECK_SIGNATURE);
	}
}

void cid_checks_again(struct cid_passport *p, const struct cid_facts *facts)
{
	if (!p->leans)
		return;
	p->leans = false;
	if (!p->over)
		run(p, facts, CALLERID_CHECK_DEST);
	if (!p->over)
		run(p, facts, CALLERID_CHECK_IAT);
}

void cid_checks_refuse(struct cid_passport *p, const char *why)
{
	struct callerid_check_result *r = &p->out->check[CALLERID_CHECK_SIGNATURE];

	fail_signature(p, "not looked at");
	(void)cid_step_fail(r, CID_DEAD, CALLERID_REASON_LIMIT, why);
	decide(p, r);
}

bool cid_checks_need_cert(const struct cid_passport *p, const struct cid_facts *facts)
{
	if (p->over || p->cert != NULL)
		return false;
	for (unsigned i = CALLERID_CHECK_CERT; i <= CALLERID_CHECK_SIGNATURE; i++) {
		if (facts->policy.mode[i] != CALLERID_MODE_OFF)
			return true;
	}
	return false;
}

void cid_checks_cert(struct cid_passport *p, const struct cid_facts *facts)
{
	bool told = p->out->check[CALLERID_CHECK_SIGNATURE].result != CALLERID_RESULT_SKIPPED;

	if (told)
		return;
	cid_compact_choose(p, facts);
	run_range(p, facts, CALLERID_CHECK_CERT, CALLERID_CHECK_SIGNATURE);
}

void cid_checks_replay(struct cid_passport *p, const struct cid_facts *facts)
{
	if (!p->replay_told)
		run(p, facts, CALLERID_CHECK_REPLAY);
	p->replay_told = true;
}

void cid_checks_diversion(struct cid_passport *p, const struct cid_facts *facts)
{
	if (!p->diversion_told)
		run(p, facts, CALLERID_CHECK_DIVERSION);
	p->diversion_told = true;
}

bool cid_passport_is_proven(const struct callerid_passport_verdict *out)
{
	return out->reason == CALLERID_REASON_OK &&
	       out->check[CALLERID_CHECK_SIGNATURE].result == CALLERID_RESULT_PASSED;
}

bool cid_passport_is_trusted(const struct callerid_passport_verdict *out)
{
	return cid_passport_is_proven(out) &&
	       out->check[CALLERID_CHECK_CHAIN].result == CALLERID_RESULT_PASSED;
}

void cid_checks_content(struct cid_passport *p, const struct cid_facts *facts)
{
	run(p, facts, CALLERID_CHECK_CONTENT);
}

void cid_checks_none(struct callerid_passport_verdict *out, enum callerid_reason reason,
		     const char *why)
{
	struct callerid_check_result *r = &out->check[CALLERID_CHECK_PRESENT];

	memset(out, 0, sizeof(*out));
	out->reason = reason;
	r->result = CALLERID_RESULT_FAILED;
	r->reason = reason;
	cid_say(r->why, sizeof(r->why), "%s", why);
	for (unsigned i = CALLERID_CHECK_PRESENT + 1; i < CALLERID_CHECK_COUNT; i++)
		skip(&out->check[i], "an earlier check failed");
}

void cid_passport_clear(struct cid_passport *p)
{
	cid_cert_release(p->cert);
	free(p->body);
	free(p->token);
	free(p->second);
	if (p->out != NULL)
		cid_claims_clear(&p->out->claims);
	memset(p, 0, sizeof(*p));
}
