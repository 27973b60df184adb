/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of one PASSporT, one function each, and the rule that runs them by their mode. */
#include "checks.h"

#include "claims.h"
#include "fail.h"
#include "ppt.h"
#include "x5u.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How one check ends. DEAD: it failed and the later ones have nothing to look at. */
enum step { PASSED, FAILED, DEAD, NOTHING };

struct check {
	enum step (*run)(struct cid_passport *p, const struct cid_facts *f,
			 struct callerid_check_result *r);
	bool always; /* runs even when turned off: later checks need what it reads */
};

static enum step fail(struct callerid_check_result *r, enum step step, enum callerid_reason reason,
		      const char *why)
{
	r->reason = reason;
	cid_say(r->why, sizeof(r->why), "%s", why);
	return step;
}

static enum step nothing(struct callerid_check_result *r, const char *why)
{
	cid_say(r->why, sizeof(r->why), "%s", why);
	return NOTHING;
}

static bool span_is(struct callerid_span a, struct callerid_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static struct callerid_span span_of(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

/* There is a header of a kind we know, or p would not be here. */
static enum step check_present(struct cid_passport *p, const struct cid_facts *f,
			       struct callerid_check_result *r)
{
	(void)p;
	(void)f;
	(void)r;
	return PASSED;
}

/* Our own copy of the token, split; and the signature for the RFC 9410 ppi. */
static enum step take_token(struct cid_passport *p, struct callerid_check_result *r)
{
	struct callerid_span token = p->identity.token;
	struct callerid_error err;
	enum callerid_status status;

	if (token.n > CALLERID_TOKEN_MAX)
		return fail(r, DEAD, CALLERID_REASON_LIMIT, "the token is too long");
	p->token = malloc(token.n + 1);
	if (p->token == NULL)
		return fail(r, DEAD, CALLERID_REASON_LIMIT, "no memory");
	memcpy(p->token, token.p, token.n);
	p->identity.token.p = p->token;
	status = cid_jws_split(p->identity.token, &p->jws, &err);
	if (status != CALLERID_OK)
		return fail(r, DEAD, CALLERID_REASON_BAD_HEADER, err.text);
	p->has_raw = cid_jws_signature(&p->jws, p->raw);
	if (p->has_raw)
		memcpy(p->out->signature, p->jws.signature.p, CID_ES256_B64_LEN);
	return PASSED;
}

/* RFC 8224 §4: the grammar was parsed already; info is the URI that a certificate is asked by. */
static enum step check_header(struct cid_passport *p, const struct cid_facts *f,
			      struct callerid_check_result *r)
{
	const struct callerid_identity *identity = &p->identity;
	enum step step = take_token(p, r);

	(void)f;
	if (step != PASSED)
		return step;
	if (!cid_x5u_is_https(identity->info))
		return fail(r, DEAD, CALLERID_REASON_BAD_INFO, "info is not an https URL");
	memcpy(p->out->x5u, identity->info.p, identity->info.n);
	/* RFC 8224 §4: "alg" is optional and ES256 is its default. */
	if (identity->alg.n != 0 && !span_is(identity->alg, span_of("ES256")))
		return fail(r, FAILED, CALLERID_REASON_BAD_ALG, "the alg parameter is not ES256");
	return PASSED;
}

static enum step check_passport(struct cid_passport *p, const struct cid_facts *f,
				struct callerid_check_result *r)
{
	const struct callerid_identity *identity = &p->identity;
	struct cid_token token;
	bool known;

	(void)f;
	if (identity->compact || p->jws.header.n == 0)
		return fail(r, DEAD, CALLERID_REASON_COMPACT_FORM,
			    "the token is in compact form; the full form is required");
	r->reason = cid_token_parse(&p->jws, &token, r->why, sizeof(r->why));
	memcpy(p->out->claims.ppt, token.ppt, sizeof(p->out->claims.ppt));
	if (r->reason != CALLERID_REASON_OK)
		return DEAD;
	known = cid_ppt_find(token.ppt, strlen(token.ppt)) != NULL;
	/* RFC 8225 §8.1: a type that we do not know is ignored, wherever it is named. */
	p->ignored = !known && identity->ppt.n == 0;
	if (!known)
		return fail(r, DEAD, CALLERID_REASON_PPT_MISMATCH,
			    "the token's ppt is one that is not known here");
	/* RFC 8225 §8.1 and RFC 8224 §4.1: both name the type, or neither. */
	if (!span_is(identity->ppt, span_of(token.ppt)))
		return fail(r, FAILED, CALLERID_REASON_PPT_MISMATCH,
			    "ppt of the header and ppt of the token differ");
	/* RFC 8225 §4.3: "simple string comparison" (RFC 3986 §6.2.1). */
	if (!span_is(identity->info, span_of(token.x5u)))
		return fail(r, FAILED, CALLERID_REASON_BAD_INFO, "info is not the token's x5u");
	return PASSED;
}

static enum step check_claims(struct cid_passport *p, const struct cid_facts *f,
			      struct callerid_check_result *r)
{
	char ppt[CALLERID_PPT_MAX + 1];

	(void)f;
	memcpy(ppt, p->out->claims.ppt, sizeof(ppt));
	r->reason = cid_claims_parse(&p->jws, ppt, &p->out->claims, r->why, sizeof(r->why));
	if (r->reason != CALLERID_REASON_OK)
		return DEAD;
	p->out->has_claims = true;
	return PASSED;
}

/* a comes from a token: RFC 8224 §8.5 has it canonical, but signers differ in how they spell URIs.
 */
static bool is_party(const struct callerid_party *a, const struct callerid_party *b)
{
	struct callerid_party canonical;

	if (callerid_party_equal(a, b))
		return true;
	if (a->kind != CALLERID_PARTY_URI || b->kind != CALLERID_PARTY_URI)
		return false;
	return callerid_party_parse(a->text, strlen(a->text), NULL, &canonical, NULL) ==
		       CALLERID_OK &&
	       callerid_party_equal(&canonical, b);
}

/* RFC 8224 §6.2 step 2: who calls is said by the signalling, never by the token. */
static enum step check_orig(struct cid_passport *p, const struct cid_facts *f,
			    struct callerid_check_result *r)
{
	const struct callerid_call *call = f->call;
	size_t known = 0;

	for (size_t i = 0; i < call->n_orig && i < 2; i++) {
		known += call->orig[i].kind != CALLERID_PARTY_NONE;
		if (is_party(&p->out->claims.orig, &call->orig[i]))
			return PASSED;
	}
	if (known == 0)
		return fail(r, FAILED, CALLERID_REASON_NO_CALLER,
			    "the signalling names no usable caller");
	return fail(r, FAILED, CALLERID_REASON_ORIG_MISMATCH,
		    "orig is not the caller of the signalling");
}

static enum step check_dest(struct cid_passport *p, const struct cid_facts *f,
			    struct callerid_check_result *r)
{
	const struct callerid_claims *claims = &p->out->claims;

	for (size_t i = 0; i < claims->n_dest; i++) {
		if (is_party(&claims->dest[i], &f->call->dest))
			return PASSED;
	}
	return fail(r, FAILED, CALLERID_REASON_DEST_MISMATCH,
		    f->call->dest.kind == CALLERID_PARTY_NONE
			    ? "the signalling names no usable called party"
			    : "the called party is not in dest");
}

/* How far time lies ahead of now; saturates, since now is whatever the program says. */
static int64_t ahead(int64_t time, int64_t now)
{
	int64_t difference;

	if (__builtin_sub_overflow(time, now, &difference))
		return time > now ? INT64_MAX : INT64_MIN + 1;
	return difference;
}

static enum step out_of_time(struct callerid_check_result *r, enum callerid_reason reason,
			     const char *what, int64_t seconds)
{
	r->reason = reason;
	cid_say(r->why, sizeof(r->why), "%s is %" PRId64 " s %s", what,
		seconds < 0 ? -seconds : seconds, seconds < 0 ? "old" : "ahead");
	return FAILED;
}

void cid_facts_read_date(struct cid_facts *facts, struct callerid_span date)
{
	facts->date_state = CID_DATE_ABSENT;
	if (date.p == NULL)
		return;
	facts->date_state = callerid_date_parse(date.p, date.n, &facts->date, NULL) == CALLERID_OK
				    ? CID_DATE_READ
				    : CID_DATE_BROKEN;
}

/* RFC 8224 §12.1: "MUST NOT deem valid a request with an outdated Date", even with a fresh iat. */
static enum step check_date(struct cid_passport *p, const struct cid_facts *f,
			    struct callerid_check_result *r)
{
	int64_t by;

	(void)p;
	if (f->date_state == CID_DATE_BROKEN)
		return fail(r, FAILED, CALLERID_REASON_DATE_STALE, "Date is not a date");
	if (f->date_state == CID_DATE_ABSENT) {
		cid_say(r->why, sizeof(r->why), "no Date header; iat stands for it");
		return PASSED;
	}
	by = ahead(f->date, f->now);
	if (by < -f->policy.max_age_s || by > f->policy.max_age_s)
		return out_of_time(r, CALLERID_REASON_DATE_STALE, "Date", by);
	return PASSED;
}

/* RFC 8224 §6.2 step 4: a Date that differs from a fresh iat does not matter; iat is used. */
static enum step check_iat(struct cid_passport *p, const struct cid_facts *f,
			   struct callerid_check_result *r)
{
	int64_t by = ahead(p->out->claims.iat, f->now);

	if (by < -f->policy.max_age_s)
		return out_of_time(r, CALLERID_REASON_IAT_STALE, "iat", by);
	if (by > f->policy.max_age_s)
		return out_of_time(r, CALLERID_REASON_IAT_FUTURE, "iat", by);
	return PASSED;
}

/* A check from "chain" to "signature" that is enforced cannot pass without a certificate. */
static enum step without_cert(const struct cid_facts *f)
{
	for (unsigned i = CALLERID_CHECK_CHAIN; i <= CALLERID_CHECK_SIGNATURE; i++) {
		if (f->policy.mode[i] == CALLERID_MODE_ENFORCE)
			return DEAD;
	}
	return FAILED;
}

static enum step check_cert(struct cid_passport *p, const struct cid_facts *f,
			    struct callerid_check_result *r)
{
	if (p->no_memory)
		return fail(r, without_cert(f), CALLERID_REASON_LIMIT, "no memory");
	if (p->cert == NULL)
		return fail(r, without_cert(f), CALLERID_REASON_CERT_UNAVAILABLE,
			    p->unavailable[0] != '\0' ? p->unavailable
						      : "no certificate was supplied");
	if (p->cert->file.reason != CALLERID_REASON_OK)
		return fail(r, without_cert(f), p->cert->file.reason, p->cert->file.why);
	return PASSED;
}

static bool has_key(const struct cid_passport *p)
{
	return p->cert != NULL && p->cert->key != NULL;
}

static enum step check_chain(struct cid_passport *p, const struct cid_facts *f,
			     struct callerid_check_result *r)
{
	(void)f;
	if (!has_key(p))
		return nothing(r, "there is no certificate");
	(void)fail(r, FAILED, p->cert->path.reason, p->cert->path.why);
	return r->reason == CALLERID_REASON_OK ? PASSED : FAILED;
}

static bool is_inside(const struct cid_cert *cert, int64_t time)
{
	return time >= cert->not_before && time <= cert->not_after;
}

/* RFC 8224 §6.2 step 4: inside the validity period of the credential. */
static enum step check_validity(struct cid_passport *p, const struct cid_facts *f,
				struct callerid_check_result *r)
{
	if (!has_key(p))
		return nothing(r, "there is no certificate");
	if (!is_inside(p->cert, p->out->claims.iat))
		return fail(r, FAILED, CALLERID_REASON_CERT_NOT_VALID_AT_IAT,
			    "iat lies outside the certificate's validity");
	if (f->date_state == CID_DATE_READ && !is_inside(p->cert, f->date))
		return fail(r, FAILED, CALLERID_REASON_CERT_NOT_VALID_AT_IAT,
			    "Date lies outside the certificate's validity");
	return PASSED;
}

/* RFC 8226 §9, RFC 9060 §4: the certificate's list covers the number that orig claims. */
static enum step check_authority(struct cid_passport *p, const struct cid_facts *f,
				 struct callerid_check_result *r)
{
	const struct callerid_party *orig = &p->out->claims.orig;
	enum callerid_tnauth_match match;

	if (!has_key(p))
		return nothing(r, "there is no certificate");
	if (p->cert->scope.reason != CALLERID_REASON_OK)
		return fail(r, FAILED, p->cert->scope.reason, p->cert->scope.why);
	if (orig->kind != CALLERID_PARTY_TN)
		return fail(r, FAILED, CALLERID_REASON_NOT_AUTHORIZED,
			    "orig is a URI; a TNAuthList covers numbers only");
	match = callerid_tnauthlist_match(p->cert->tnauth, orig->text);
	if (match == CALLERID_TNAUTH_COVERED)
		return PASSED;
	if (match == CALLERID_TNAUTH_NOT_COVERED)
		return fail(r, FAILED, CALLERID_REASON_NOT_AUTHORIZED,
			    "the TNAuthList does not cover orig");
	if (!f->policy.accept_spc)
		return fail(r, FAILED, CALLERID_REASON_NOT_AUTHORIZED,
			    "the TNAuthList has a service provider code, which the policy does not "
			    "take for orig");
	cid_say(r->why, sizeof(r->why), "by service provider code");
	return PASSED;
}

/* RFC 8224 §6.2 step 5, over the bytes as received: nothing is written anew. */
static enum step check_signature(struct cid_passport *p, const struct cid_facts *f,
				 struct callerid_check_result *r)
{
	struct callerid_span input = p->jws.signing_input;

	(void)f;
	if (!p->has_raw)
		return fail(r, FAILED, CALLERID_REASON_BAD_SIGNATURE,
			    "the signature is not 64 bytes in base64url");
	if (!has_key(p))
		return nothing(r, "there is no certificate");
	if (!cid_es256_verify_with(p->cert->key, input.p, input.n, p->raw))
		return fail(r, FAILED, CALLERID_REASON_BAD_SIGNATURE,
			    "it is not the certificate's over these bytes");
	return PASSED;
}

/* RFC 8224 §12.1: the same PASSporT on another request inside the freshness window. */
static enum step check_replay(struct cid_passport *p, const struct cid_facts *f,
			      struct callerid_check_result *r)
{
	int64_t age_s = 0;

	/* What anybody can make up must not take places from what was signed. */
	if (p->out->check[CALLERID_CHECK_SIGNATURE].result != CALLERID_RESULT_PASSED)
		return nothing(r, "the signature did not pass");
	if (!cid_replay_key(p->replay, p->jws.signing_input, p->raw, &p->replay_key))
		return fail(r, FAILED, CALLERID_REASON_LIMIT, "hashing failed");
	if (cid_replay_seen(p->replay, &p->replay_key, f->now, &age_s)) {
		r->reason = CALLERID_REASON_REPLAYED;
		cid_say(r->why, sizeof(r->why), "seen on another request %" PRId64 " s ago", age_s);
		return FAILED;
	}
	p->to_remember = true;
	return PASSED;
}

static const struct check checks[CALLERID_CHECK_COUNT] = {
	[CALLERID_CHECK_PRESENT] = {check_present, false},
	[CALLERID_CHECK_HEADER] = {check_header, true},
	[CALLERID_CHECK_PASSPORT] = {check_passport, true},
	[CALLERID_CHECK_CLAIMS] = {check_claims, true},
	[CALLERID_CHECK_ORIG] = {check_orig, false},
	[CALLERID_CHECK_DEST] = {check_dest, false},
	[CALLERID_CHECK_DATE] = {check_date, false},
	[CALLERID_CHECK_IAT] = {check_iat, false},
	[CALLERID_CHECK_CERT] = {check_cert, true},
	[CALLERID_CHECK_CHAIN] = {check_chain, false},
	[CALLERID_CHECK_VALIDITY] = {check_validity, false},
	[CALLERID_CHECK_AUTHORITY] = {check_authority, false},
	[CALLERID_CHECK_SIGNATURE] = {check_signature, false},
	[CALLERID_CHECK_REPLAY] = {check_replay, false},
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
	enum step step;

	if (p->over) {
		skip(r, "an earlier check failed");
		return;
	}
	if (mode == CALLERID_MODE_OFF && !checks[i].always) {
		skip(r, "turned off");
		return;
	}
	step = checks[i].run(p, f, r);
	if (step == DEAD || (step == FAILED && mode == CALLERID_MODE_ENFORCE))
		decide(p, r);
	else if (mode == CALLERID_MODE_OFF)
		skip(r, "turned off");
	else if (step == FAILED)
		r->result = CALLERID_RESULT_WARNED;
	else if (step == PASSED)
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

void cid_checks_cheap(struct cid_passport *p, const struct cid_facts *facts,
		      struct callerid_span value)
{
	struct callerid_error err;
	enum callerid_status status = callerid_identity_parse(value.p, value.n, &p->identity, &err);

	if (status == CALLERID_OK && cid_ppt_find(p->identity.ppt.p, p->identity.ppt.n) == NULL) {
		p->ignored = true; /* RFC 8224 §6.2 step 1 */
		return;
	}
	run(p, facts, CALLERID_CHECK_PRESENT);
	if (status != CALLERID_OK) {
		fail_grammar(p, status, &err);
		run_range(p, facts, CALLERID_CHECK_PASSPORT, CALLERID_CHECK_IAT);
		return;
	}
	run_range(p, facts, CALLERID_CHECK_HEADER, CALLERID_CHECK_IAT);
	/* A signature that cannot be one is not worth a certificate. */
	if (!p->over && !p->has_raw &&
	    facts->policy.mode[CALLERID_CHECK_SIGNATURE] == CALLERID_MODE_ENFORCE) {
		for (unsigned i = CALLERID_CHECK_CERT; i < CALLERID_CHECK_SIGNATURE; i++)
			skip(&p->out->check[i], "the signature is malformed");
		run(p, facts, CALLERID_CHECK_SIGNATURE);
	}
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
	bool is_malformed = p->out->check[CALLERID_CHECK_SIGNATURE].result != 0;

	if (!is_malformed)
		run_range(p, facts, CALLERID_CHECK_CERT, CALLERID_CHECK_SIGNATURE);
}

void cid_checks_replay(struct cid_passport *p, const struct cid_facts *facts)
{
	run(p, facts, CALLERID_CHECK_REPLAY);
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
	free(p->token);
	memset(p, 0, sizeof(*p));
}
