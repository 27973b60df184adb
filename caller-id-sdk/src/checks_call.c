/* SPDX-License-Identifier: Apache-2.0 */
/* The checks that hold a PASSporT against more of the call: its SDP, its priority. */
#include "check.h"

#include "fail.h"
#include "mky.h"
#include "ppt.h"
#include "priority.h"
#include "sipparam.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of a type that we do not know it is the base's: nothing of it is granted or demanded. */
static const struct cid_ppt *type_of(const struct cid_passport *p)
{
	const char *ppt = p->out->claims.ppt;
	const struct cid_ppt *type = cid_ppt_find(ppt, strlen(ppt));

	return type != NULL ? type : &cid_ppt_base;
}

/* RFC 8225 §5.2.2: mky is what the fingerprints of the SDP make. */
static enum cid_step compare(const char *claim, const struct cid_mky *offered,
			     struct callerid_check_result *r)
{
	char *text;
	bool equal;

	if (offered->n == 0)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_MEDIA_MISMATCH,
				     "mky names media keys, and the SDP offers none");
	text = cid_mky_text(offered);
	if (text == NULL)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_NO_MEMORY, "no memory");
	equal = strcmp(text, claim) == 0;
	free(text);
	if (!equal)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_MEDIA_MISMATCH,
				     "the fingerprints of the SDP are not those of mky");
	return CID_PASSED;
}

/*
 * RFC 8224 and RFC 8225 let a PASSporT be without mky, and say nothing of a verifier that has no
 * SDP to look at: there the claim stays uncompared, which the verdict says. Secured is an SDP with
 * fingerprints or, though RFC 8862 would have DTLS-SRTP, with keys of RFC 4568.
 */
enum cid_step cid_check_media(struct cid_passport *p, const struct cid_facts *f,
			      struct callerid_check_result *r)
{
	const char *claim = p->out->claims.mky;
	bool demanded = type_of(p)->wants_security;
	struct callerid_error err;
	struct cid_mky offered;

	if (claim == NULL && !demanded) {
		cid_say(r->why, sizeof(r->why), "it binds no media keys");
		return CID_PASSED;
	}
	if (f->call->sdp.p == NULL)
		return cid_step_nothing(r, "no SDP was given to compare with");
	if (cid_mky_of_sdp(f->call->sdp, &offered, &err) != CALLERID_OK)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_MEDIA_MISMATCH, err.text);
	/* RFC 8862: what the caller demands is refused to nobody by leaving mky out. */
	if (demanded && f->call->sdp.n > 0 && !offered.secured)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_MEDIA_NOT_SECURE,
				     "media security required by the PASSporT and not offered");
	return claim == NULL ? CID_PASSED : compare(claim, &offered, r);
}

/* Which of rph the request asks for. Each value of each PASSporT is looked for, so that the header
 * has to have an end before a message has. */
static void find_asked(struct cid_passport *p, const struct callerid_call *call)
{
	const struct callerid_claims *claims = &p->out->claims;
	size_t left = CALLERID_RESOURCE_PRIORITY_MAX;

	for (size_t k = 0; k < call->n_resource_priority; k++) {
		struct callerid_span field = call->resource_priority[k];

		if (field.n > left)
			return;
		left -= field.n;
		for (size_t i = 0; i < claims->n_rph; i++) {
			if (cid_priority_lists(field, claims->rph[i]))
				p->asked |= 1u << i;
		}
	}
}

/*
 * RFC 8443 §4.2: the claim authorises what stands in Resource-Priority. Values that it does not
 * list are not authorised by it, and do not make it wrong. RFC 9027 §4: sph is what Priority says.
 */
enum cid_step cid_check_priority(struct cid_passport *p, const struct cid_facts *f,
				 struct callerid_check_result *r)
{
	const struct callerid_claims *claims = &p->out->claims;
	struct callerid_span priority = f->call->priority;

	if (!type_of(p)->grants_priority) {
		cid_say(r->why, sizeof(r->why), "it authorises no priority");
		return CID_PASSED;
	}
	find_asked(p, f->call);
	while (priority.n > 0 && (priority.p[0] == ' ' || priority.p[0] == '\t'))
		priority = (struct callerid_span){priority.p + 1, priority.n - 1};
	while (priority.n > 0 &&
	       (priority.p[priority.n - 1] == ' ' || priority.p[priority.n - 1] == '\t'))
		priority.n--;
	p->is_callback = claims->psap_callback && cid_span_is(priority, "psap-callback");
	if (claims->psap_callback && !p->is_callback)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_PRIORITY_MISMATCH,
				     "sph is psap-callback, and Priority is not");
	if (f->call->n_resource_priority == 0)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_PRIORITY_MISMATCH,
				     "the request has no Resource-Priority");
	if (p->asked == 0)
		return cid_step_fail(r, CID_FAILED, CALLERID_REASON_PRIORITY_MISMATCH,
				     "no value of Resource-Priority is one of rph");
	return CID_PASSED;
}

static bool is_granted(const struct callerid_policy *policy, const char *list, const char *value)
{
	for (size_t i = 0; i < policy->n_namespaces; i++) {
		const struct callerid_namespace *grant = &policy->namespaces[i];

		if (strcmp(grant->list, list) == 0 && cid_priority_is_of(value, grant->name))
			return true;
	}
	return false;
}

/*
 * RFC 8443 §7.1: the signer has to be authoritative for the namespace, and verifying includes that.
 * A TNAuthList says nothing of it; the policy says it of the anchor's list. asked keeps what is
 * granted.
 */
enum cid_step cid_check_grants(struct cid_passport *p, const struct cid_facts *f,
			       struct callerid_check_result *r)
{
	const struct callerid_claims *claims = &p->out->claims;

	for (size_t i = 0; i < claims->n_rph; i++) {
		if (p->cert->anchor_list[0] == '\0' ||
		    !is_granted(&f->policy, p->cert->anchor_list, claims->rph[i]))
			p->asked &= ~(1u << i);
	}
	if (p->asked != 0)
		return CID_PASSED;
	r->reason = CALLERID_REASON_NOT_AUTHORIZED;
	cid_say(r->why, sizeof(r->why),
		"the policy grants signers of list \"%s\" no namespace that is asked for",
		p->cert->anchor_list);
	return CID_FAILED;
}

static bool has_passed(const struct cid_passport *p, enum callerid_check check)
{
	return p->out->check[check].result == CALLERID_RESULT_PASSED;
}

static bool is_listed(const struct callerid_verdict *verdict, const char *value)
{
	for (size_t i = 0; i < verdict->n_priority; i++) {
		if (strcasecmp(verdict->priority[i], value) == 0)
			return true;
	}
	return false;
}

void cid_priority_take(const struct cid_passport *p, struct callerid_verdict *verdict)
{
	const struct callerid_claims *claims = &p->out->claims;

	/* Whatever the modes let pass: priority is taken from others, so it has to be proven. */
	if (!type_of(p)->grants_priority || p->out->reason != CALLERID_REASON_OK ||
	    !has_passed(p, CALLERID_CHECK_CHAIN) || !has_passed(p, CALLERID_CHECK_AUTHORITY) ||
	    !has_passed(p, CALLERID_CHECK_SIGNATURE))
		return;
	for (size_t i = 0; i < claims->n_rph; i++) {
		if ((p->asked & 1u << i) == 0 || is_listed(verdict, claims->rph[i]) ||
		    verdict->n_priority == CALLERID_RPH_MAX)
			continue;
		memcpy(verdict->priority[verdict->n_priority++], claims->rph[i],
		       sizeof(claims->rph[i]));
		if (p->is_callback && cid_priority_is_of(claims->rph[i], "esnet"))
			verdict->psap_callback = true;
	}
}
