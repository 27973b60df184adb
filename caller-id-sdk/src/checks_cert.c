/* SPDX-License-Identifier: Apache-2.0 */
/* The checks that need the certificate, and the one that needs the signature to have passed. */
#include "check.h"

#include "fail.h"
#include "scope.h"
#include "ppt.h"

#include <inttypes.h>
#include <string.h>

/* A check from "chain" to "signature" that is enforced cannot pass without a certificate. */
static enum cid_step without_cert(const struct cid_facts *f)
{
	for (unsigned i = CALLERID_CHECK_CHAIN; i <= CALLERID_CHECK_SIGNATURE; i++) {
		if (f->policy.mode[i] == CALLERID_MODE_ENFORCE)
			return CID_DEAD;
	}
	return CID_FAILED;
}

/* out has from's size, and is "". */
static void copy_text(char *out, const char *from)
{
	if (from[0] != '\0')
		memcpy(out, from, strlen(from) + 1);
}

enum cid_step cid_check_cert(struct cid_passport *p, const struct cid_facts *f,
			     struct callerid_check_result *r)
{
	if (p->no_memory)
		return cid_step_fail(r, without_cert(f), CALLERID_REASON_NO_MEMORY, "no memory");
	if (p->cert == NULL)
		return cid_step_fail(r, without_cert(f), CALLERID_REASON_CERT_UNAVAILABLE,
				     p->unavailable[0] != '\0' ? p->unavailable
							       : "no certificate was supplied");
	if (!p->cert->good && p->cert->file.reason != CALLERID_REASON_OK)
		return cid_step_fail(r, without_cert(f), p->cert->file.reason, p->cert->file.why);
	/* Only as far as they go: with many signers each cache line of theirs is a miss. */
	copy_text(p->out->anchor_list, p->cert->anchor_list);
	copy_text(p->out->anchor_version, p->cert->anchor_version);
	copy_text(p->out->tn_list_url, p->cert->tn_list_url);
	p->out->tn_list_supplied = p->cert->from_list_url && f->policy.accept_tn_list;
	if (p->cert->from_x5c)
		cid_say(r->why, sizeof(r->why), "from the token's x5c");
	return CID_PASSED;
}

static bool has_key(const struct cid_passport *p)
{
	return p->cert != NULL && p->cert->key != NULL;
}

enum cid_step cid_check_chain(struct cid_passport *p, const struct cid_facts *f,
			      struct callerid_check_result *r)
{
	if (!has_key(p))
		return cid_step_nothing(r, "there is no certificate");
	(void)cid_step_fail(r, CID_FAILED, p->cert->path.reason, p->cert->path.why);
	if (r->reason == CALLERID_REASON_OK && f->policy.require_crl &&
	    p->cert->revocation.reason != CALLERID_REASON_OK)
		(void)cid_step_fail(r, CID_FAILED, p->cert->revocation.reason,
				    p->cert->revocation.why);
	return r->reason == CALLERID_REASON_OK ? CID_PASSED : CID_FAILED;
}

static bool is_inside(const struct cid_cert *cert, int64_t time)
{
	return time >= cert->not_before && time <= cert->not_after;
}

/* RFC 8224 §6.2 step 4: inside the validity period of the credential. */
enum cid_step cid_check_validity(struct cid_passport *p, const struct cid_facts *f,
				 struct callerid_check_result *r)
{
	if (!has_key(p))
		return cid_step_nothing(r, "there is no certificate");
	if (!is_inside(p->cert, p->out->claims.iat))
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_CERT_NOT_VALID_AT_IAT,
				     "iat lies outside the certificate's validity");
	if (f->date_state == CID_DATE_READ && !is_inside(p->cert, f->date))
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_CERT_NOT_VALID_AT_IAT,
				     "Date lies outside the certificate's validity");
	return CID_PASSED;
}

/* RFC 9795 §10: a third party speaks of a number that is not its own, in its own name. Its words
 * count beside a first party's PASSporT only: cid_content_settle(). */
static enum cid_step third_party(const struct cid_passport *p, struct callerid_check_result *r)
{
	if (!cid_cert_is_subject(p->cert, p->out->claims.iss))
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_NOT_AUTHORIZED,
				     "iss is not the subject of the certificate");
	cid_say(r->why, sizeof(r->why), "a third party's: it says nothing of the number");
	return CID_PASSED;
}

/* RFC 8226 §9, RFC 9060 §4: the certificate's list covers the number that orig claims; of a
 * diversion the number that was called before (RFC 8946 §4.2.2). */
enum cid_step cid_check_authority(struct cid_passport *p, const struct cid_facts *f,
				  struct callerid_check_result *r)
{
	const struct callerid_party *party = cid_ppt_authority(&p->out->claims);

	if (!has_key(p))
		return cid_step_nothing(r, "there is no certificate");
	if (cid_ppt_find(p->out->claims.ppt, strlen(p->out->claims.ppt))->grants_priority)
		return cid_check_grants(p, f, r);
	if (party->kind != CALLERID_PARTY_TN)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_NOT_AUTHORIZED,
				     "it is a URI; a TNAuthList covers numbers only");
	if (p->out->claims.iss != NULL)
		return third_party(p, r);
	/* The certificate is known with a list that a call of another policy had. */
	if (p->cert->from_list_url && !f->policy.accept_tn_list)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_NOT_AUTHORIZED,
				     CID_LIST_NOT_FETCHED);
	if (p->cert->lacks_list && p->unavailable[0] != '\0') {
		r->reason = CALLERID_REASON_NOT_AUTHORIZED;
		cid_say(r->why, sizeof(r->why), "the TNAuthList at the certificate's URL: %s",
			p->unavailable);
		return CID_FAILED;
	}
	if (cid_scope_covers(p->cert, &f->policy, party->text, r) != CALLERID_REASON_OK)
		return CID_FAILED;
	p->out->number_listed =
		callerid_tnauthlist_match(p->cert->tnauth, party->text) == CALLERID_TNAUTH_COVERED;
	return CID_PASSED;
}

/* RFC 8226 §8, RFC 9118 §3: every claim is one that the certificate lets its holder make. */
enum cid_step cid_check_constraints(struct cid_passport *p, const struct cid_facts *f,
				    struct callerid_check_result *r)
{
	(void)f;
	if (!has_key(p))
		return cid_step_nothing(r, "there is no certificate");
	if (!p->cert->good && p->cert->rules.reason != CALLERID_REASON_OK)
		return cid_step_fail(r, CID_FAILED, p->cert->rules.reason, p->cert->rules.why);
	if (p->cert->constraints == NULL)
		return CID_PASSED;
	r->reason =
		cid_constraints_check_token(p->cert->constraints, &p->jws, r->why, sizeof(r->why));
	return r->reason == CALLERID_REASON_OK ? CID_PASSED : CID_FAILED;
}

/* By the key's table, if it has one. A key whose path ends at no anchor never gets one. */
static enum cid_verified verify(const struct cid_passport *p)
{
	struct cid_signer_key key = {.verifier = p->cert->key};

	if (p->cert->path.reason == CALLERID_REASON_OK)
		key.point = p->cert->point;
	return cid_keytables_verify(p->keys, &key, p->jws.signing_input, p->raw);
}

/* RFC 8224 §6.2 step 5, over the bytes as received: nothing is written anew. */
enum cid_step cid_check_signature(struct cid_passport *p, const struct cid_facts *f,
				  struct callerid_check_result *r)
{
	(void)f;
	if (!p->has_raw)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_BAD_SIGNATURE,
				     p->out->signature[0] == '\0'
					     ? "the signature is not 64 bytes in base64url"
					     : "R and S of the signature are not from 1 to n - 1");
	if (!has_key(p))
		return cid_step_nothing(r, "there is no certificate");
	if (p->twin != NULL && p->twin->signature != CID_SIGNATURE_UNKNOWN) {
		p->signature = p->twin->signature;
	} else {
		enum cid_verified result = verify(p);

		if (result == CID_VERIFY_NO_MEMORY)
			return cid_step_fail(r, CID_DEAD, CALLERID_REASON_NO_MEMORY, "no memory");
		p->signature = result == CID_VERIFIED ? CID_SIGNATURE_GOOD : CID_SIGNATURE_BAD;
	}
	if (p->signature == CID_SIGNATURE_BAD)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_BAD_SIGNATURE,
				     "it is not the certificate's over these bytes");
	return CID_PASSED;
}

bool cid_checks_is_replay(struct cid_passport *p, const struct cid_facts *facts)
{
	int64_t age_s;

	if (facts->policy.mode[CALLERID_CHECK_REPLAY] != CALLERID_MODE_ENFORCE)
		return false;
	if (!cid_replay_key(p->replay, p->jws.signing_input, p->raw, &p->replay_key)) {
		p->no_memory = true;
		return false;
	}
	return cid_replay_seen(p->replay, &p->replay_key, facts->now, &age_s);
}

/* RFC 8224 §12.1: the same PASSporT on another request inside the freshness window. */
enum cid_step cid_check_replay(struct cid_passport *p, const struct cid_facts *f,
			       struct callerid_check_result *r)
{
	int64_t age_s = 0;

	/* What anybody can make up must not take places from what was signed. */
	if (p->out->check[CALLERID_CHECK_SIGNATURE].result != CALLERID_RESULT_PASSED)
		return cid_step_nothing(r, "the signature did not pass");
	if (!cid_replay_key(p->replay, p->jws.signing_input, p->raw, &p->replay_key))
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_NO_MEMORY, "hashing failed");
	/* A call that is forwarded through us a second time brings what it brought before: of its
	 * chain only the last forward is new each time, and is looked for. */
	if (p->link.state == CID_LINK_WHOLE && !p->link.outermost) {
		p->to_remember = true;
		cid_say(r->why, sizeof(r->why), "judged by the last forward of its chain");
		return CID_PASSED;
	}
	if (cid_replay_seen(p->replay, &p->replay_key, f->now, &age_s)) {
		r->reason = CALLERID_REASON_REPLAYED;
		cid_say(r->why, sizeof(r->why), "seen on another request %" PRId64 " s ago", age_s);
		return CID_FAILED;
	}
	p->to_remember = true;
	return CID_PASSED;
}
