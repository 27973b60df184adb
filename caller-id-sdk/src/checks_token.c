/* SPDX-License-Identifier: Apache-2.0 */
/* The checks that need no certificate: header, token, claims, signalling, freshness. */
#include "check.h"

#include "claims.h"
#include "compact.h"
#include "fail.h"
#include "ppt.h"
#include "x5u.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool span_is(struct callerid_span a, struct callerid_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static struct callerid_span span_of(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

/* There is a header of a kind we know, or p would not be here. */
enum cid_step cid_check_present(struct cid_passport *p, const struct cid_facts *f,
				struct callerid_check_result *r)
{
	(void)p;
	(void)f;
	(void)r;
	return CID_PASSED;
}

/* Our own copy of the token, split; and the signature for the RFC 9410 ppi. */
static enum cid_step take_token(struct cid_passport *p, struct callerid_check_result *r)
{
	struct callerid_span token = p->identity.token;
	struct callerid_error err;
	enum callerid_status status;

	if (token.n > CALLERID_TOKEN_MAX)
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_LIMIT, "the token is too long");
	p->token = malloc(token.n + 1);
	if (p->token == NULL)
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_NO_MEMORY, "no memory");
	memcpy(p->token, token.p, token.n);
	p->identity.token.p = p->token;
	status = cid_jws_split(p->identity.token, &p->jws, &err);
	if (status != CALLERID_OK)
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_BAD_HEADER, err.text);
	if (!cid_jws_signature(&p->jws, p->raw))
		return CID_PASSED;
	memcpy(p->out->signature, p->jws.signature.p, CID_ES256_B64_LEN);
	p->has_raw = cid_es256_in_range(p->raw);
	return CID_PASSED;
}

/* RFC 8224 §4: the grammar was parsed already; info is the URI that a certificate is asked by. */
enum cid_step cid_check_header(struct cid_passport *p, const struct cid_facts *f,
			       struct callerid_check_result *r)
{
	const struct callerid_identity *identity = &p->identity;
	enum cid_step step = take_token(p, r);

	(void)f;
	if (step != CID_PASSED)
		return step;
	if (!cid_x5u_is_https(identity->info))
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_BAD_INFO,
				     "info is not an https URL");
	memcpy(p->out->x5u, identity->info.p, identity->info.n);
	/* RFC 8224 §4: "alg" is optional and ES256 is its default. */
	if (identity->alg.n != 0 && !span_is(identity->alg, span_of("ES256")))
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_BAD_ALG,
				     "the alg parameter is not ES256");
	return CID_PASSED;
}

enum cid_step cid_check_passport(struct cid_passport *p, const struct cid_facts *f,
				 struct callerid_check_result *r)
{
	const struct callerid_identity *identity = &p->identity;
	struct cid_token token;
	bool known;

	p->out->compact = identity->compact;
	if (identity->compact) {
		enum cid_step step = cid_compact_rebuild(p, f, r);

		if (step != CID_PASSED)
			return step;
	}
	r->reason = cid_token_parse(&p->jws, &token, r->why, sizeof(r->why));
	memcpy(p->out->claims.ppt, token.ppt, sizeof(p->out->claims.ppt));
	if (r->reason != CALLERID_REASON_OK)
		return CID_DEAD;
	p->type = cid_ppt_find(token.ppt, strlen(token.ppt));
	known = p->type != NULL;
	/* RFC 8225 §8.1: a type that we do not know is ignored, wherever it is named. */
	p->ignored = !known && identity->ppt.n == 0;
	if (!known)
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_PPT_MISMATCH,
				     "the token's ppt is one that is not known here");
	/* RFC 8225 §8.1 and RFC 8224 §4.1: both name the type, or neither. */
	if (!span_is(identity->ppt, span_of(token.ppt)))
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_PPT_MISMATCH,
				     "ppt of the header and ppt of the token differ");
	/* RFC 8225 §4.3: "simple string comparison" (RFC 3986 §6.2.1). */
	if (!span_is(identity->info, span_of(token.x5u)))
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_BAD_INFO,
				     "info is not the token's x5u");
	return CID_PASSED;
}

enum cid_step cid_check_claims(struct cid_passport *p, const struct cid_facts *f,
			       struct callerid_check_result *r)
{
	char ppt[CALLERID_PPT_MAX + 1];

	(void)f;
	memcpy(ppt, p->out->claims.ppt, sizeof(ppt));
	r->reason = cid_claims_parse(&p->jws, ppt, &p->out->claims, r->why, sizeof(r->why));
	if (r->reason != CALLERID_REASON_OK)
		return CID_DEAD;
	p->out->has_claims = true;
	/* RFC 8224 §6.2 step 1 would have it ignored; seen it is worth more. */
	if (cid_ppt_find(ppt, strlen(ppt))->only_listed)
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_UNSUPPORTED_PPT,
				     "a PASSporT of a response: listed here, not verified");
	return CID_PASSED;
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
enum cid_step cid_check_orig(struct cid_passport *p, const struct cid_facts *f,
			     struct callerid_check_result *r)
{
	const struct callerid_call *call = f->call;
	size_t known = 0;

	for (size_t i = 0; i < call->n_orig && i < 2; i++) {
		known += call->orig[i].kind != CALLERID_PARTY_NONE;
		if (is_party(&p->out->claims.orig, &call->orig[i]))
			return CID_PASSED;
	}
	if (known == 0)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_NO_CALLER,
				     "the signalling names no usable caller");
	return cid_step_fail(r, CID_FAILED, CALLERID_REASON_ORIG_MISMATCH,
			     "orig is not the caller of the signalling");
}

static bool is_in_dest(const struct callerid_claims *claims, const struct callerid_party *called)
{
	for (size_t i = 0; i < claims->n_dest; i++) {
		if (is_party(&claims->dest[i], called))
			return true;
	}
	return false;
}

const struct callerid_party *cid_facts_diverted_to(const struct cid_facts *facts)
{
	const struct callerid_call *call = facts->call;

	return call->request_uri.kind != CALLERID_PARTY_NONE ? &call->request_uri : &call->dest;
}

/*
 * RFC 8224 §6.2 step 2, and RFC 8946 §4.2.1: of a forwarded call the outermost dest is the
 * Request-URI, and the others are what the next step shows to have been called before.
 */
enum cid_step cid_check_dest(struct cid_passport *p, const struct cid_facts *f,
			     struct callerid_check_result *r)
{
	const struct callerid_claims *claims = &p->out->claims;
	const struct cid_link *link = &p->link;
	bool diverts = p->type->diverts;

	if (diverts && !link->last)
		return CID_PASSED; /* what comes of it is for "diversion" to say */
	/* What stands inside another PASSporT was not sent with this call: it needs the chain. */
	if (f->call != NULL && !p->out->inner)
		p->is_called =
			is_in_dest(claims, diverts ? cid_facts_diverted_to(f) : &f->call->dest);
	if (p->is_called)
		return CID_PASSED;
	if (link->state == CID_LINK_WHOLE) {
		p->leans = true;
		cid_say(r->why, sizeof(r->why), "not the called party, but forwarded to it");
		return CID_PASSED;
	}
	if (link->state == CID_LINK_BROKEN && !diverts)
		return cid_step_fail(r, CID_FAILED, link->reason, link->why);
	return cid_step_fail(r, CID_FAILED, CALLERID_REASON_DEST_MISMATCH,
			     f->call != NULL && f->call->dest.kind == CALLERID_PARTY_NONE
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

static enum cid_step out_of_time(struct callerid_check_result *r, enum callerid_reason reason,
				 const char *what, int64_t seconds)
{
	r->reason = reason;
	cid_say(r->why, sizeof(r->why), "%s is %" PRId64 " s %s", what,
		seconds < 0 ? -seconds : seconds, seconds < 0 ? "old" : "ahead");
	return CID_FAILED;
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
enum cid_step cid_check_date(struct cid_passport *p, const struct cid_facts *f,
			     struct callerid_check_result *r)
{
	int64_t by;

	(void)p;
	if (f->date_state == CID_DATE_BROKEN)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_DATE_STALE,
				     "Date is not a date");
	if (f->date_state == CID_DATE_ABSENT) {
		cid_say(r->why, sizeof(r->why), "no Date header; iat stands for it");
		return CID_PASSED;
	}
	by = ahead(f->date, f->now);
	if (by < -f->policy.max_age_s || by > f->policy.max_age_s)
		return out_of_time(r, CALLERID_REASON_DATE_STALE, "Date", by);
	return CID_PASSED;
}

bool cid_checks_is_fresh(const struct cid_passport *p, const struct cid_facts *facts)
{
	return facts->policy.mode[CALLERID_CHECK_IAT] != CALLERID_MODE_ENFORCE ||
	       ahead(p->out->claims.iat, facts->now) >= -facts->policy.max_age_s;
}

/* RFC 8224 §6.2 step 4: a Date that differs from a fresh iat does not matter; iat is used. */
enum cid_step cid_check_iat(struct cid_passport *p, const struct cid_facts *f,
			    struct callerid_check_result *r)
{
	int64_t by = ahead(p->out->claims.iat, f->now);
	const struct cid_link *link = &p->link;

	/* RFC 8946 §4.2.4: the outermost PASSporT is to be fresh; how old those before it may be is
	 * policy, since a call can be transferred long after it began. */
	if (by < -f->policy.max_age_s && by >= -f->policy.max_diverted_age_s &&
	    link->state == CID_LINK_WHOLE && link->inside) {
		p->leans = true;
		cid_say(r->why, sizeof(r->why), "%" PRId64 " s old, and forwarded since", -by);
		return CID_PASSED;
	}
	if (by < -f->policy.max_age_s)
		return out_of_time(r, CALLERID_REASON_IAT_STALE, "iat", by);
	if (by > f->policy.max_age_s)
		return out_of_time(r, CALLERID_REASON_IAT_FUTURE, "iat", by);
	return CID_PASSED;
}

/* RFC 8946 §4.2: every step from the first called to the called party is there and proven. Of what
 * was forwarded a broken chain says nothing: a verifier "MAY still validate" it against To. */
enum cid_step cid_check_diversion(struct cid_passport *p, const struct cid_facts *f,
				  struct callerid_check_result *r)
{
	const struct cid_link *link = &p->link;

	(void)f;
	if (link->state == CID_LINK_WHOLE && p->type->diverts)
		cid_say(r->why, sizeof(r->why), "forward %u of %u", link->hop, link->hops);
	else if (link->state == CID_LINK_WHOLE)
		cid_say(r->why, sizeof(r->why), "forwarded %u time%s", link->hops,
			link->hops == 1 ? "" : "s");
	else if (link->state == CID_LINK_BROKEN && p->type->diverts)
		return cid_step_fail(r, CID_FAILED, link->reason, link->why);
	else if (link->state == CID_LINK_BROKEN)
		cid_say(r->why, sizeof(r->why), "its forwards are not proven");
	return CID_PASSED;
}
