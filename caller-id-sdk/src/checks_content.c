/* SPDX-License-Identifier: Apache-2.0 */
/* The check of Rich Call Data (RFC 9795 §8.2, §10): it says what may be shown, never who calls. */
#include "check.h"

#include "fail.h"
#include "rcd.h"

#include <string.h>

static bool has_rcd(const struct callerid_claims *claims)
{
	return claims->rcd != NULL || claims->crn != NULL;
}

void cid_content_look(struct cid_passport *p, const struct cid_facts *f, size_t *hashed)
{
	const struct callerid_call *call = f->call;
	struct cid_rcd_job job = {
		.claims = &p->out->claims,
		.contents = call->contents,
		.n_contents = call->contents == NULL ? 0 : call->n_contents,
		.display_name = call->display_name,
		.hashed = hashed,
		.no_digests = f->policy.mode[CALLERID_CHECK_CONTENT] == CALLERID_MODE_OFF,
	};

	if (p->over || !has_rcd(&p->out->claims))
		return;
	p->out->rcd.third_party = p->out->claims.iss != NULL;
	p->no_memory |= !cid_rcd_check(&job, &p->out->rcd, p->content_why, sizeof(p->content_why));
}

/* RFC 9795 §10: "a first-party PASSporT that assures ... that the calling party number is not
 * spoofed". Its iat need not be that of the third party, who may be asked while the call is on its
 * way: §10.2 wants that fresh, which the check of iat has seen to. */
static bool has_first_party(const struct cid_passport *list, size_t n, const struct cid_passport *p)
{
	const struct callerid_claims *third = &p->out->claims;

	for (size_t i = 0; i < n; i++) {
		const struct callerid_claims *first = &list[i].out->claims;

		/* The signer of an rph PASSporT answers for a priority, not for the number. */
		if (first->iss == NULL && first->div.kind == CALLERID_PARTY_NONE &&
		    list[i].type != NULL && !list[i].type->grants_priority &&
		    cid_passport_is_trusted(list[i].out) &&
		    callerid_party_equal(&first->orig, &third->orig))
			return true;
	}
	return false;
}

void cid_content_settle(struct cid_passport *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct callerid_passport_verdict *out = list[i].out;

		/* §8.1: all checks, or none of the claims. */
		out->rcd.usable = has_rcd(&out->claims) && cid_passport_is_trusted(list[i].out) &&
				  (!out->rcd.third_party || has_first_party(list, n, &list[i]));
	}
}

/* RFC 9795 §12.2: nam is compared with the display name. Each is signed or received as it is, so a
 * difference takes nothing from the PASSporT: which of the two is shown is for who shows it. */
static enum cid_step warn_of_name(const struct cid_passport *p, struct callerid_check_result *r)
{
	r->reason = CALLERID_REASON_NAME_DIFFERS;
	cid_say(r->why, sizeof(r->why), "nam is not the display name of the call%s%s",
		p->content_why[0] == '\0' ? "" : "; ", p->content_why);
	return CID_WARNED;
}

enum cid_step cid_check_content(struct cid_passport *p, const struct cid_facts *f,
				struct callerid_check_result *r)
{
	const struct callerid_passport_verdict *out = p->out;

	(void)f;
	if (out->claims.rcd_fault != NULL)
		return cid_step_fail(r, CID_FAILED_ALONE, CALLERID_REASON_CONTENT_UNUSABLE,
				     out->claims.rcd_fault);
	if (!has_rcd(&out->claims)) {
		cid_say(r->why, sizeof(r->why), "no Rich Call Data");
		return CID_PASSED;
	}
	if (out->rcd.third_party && cid_passport_is_proven(out) && !out->rcd.usable)
		return cid_step_fail(r, CID_FAILED_ALONE, CALLERID_REASON_CONTENT_UNUSABLE,
				     "a third party's, with no valid first party's of this call");
	for (unsigned i = 0; i < CALLERID_RCD_PARTS; i++) {
		if (out->rcd.part[i] == CALLERID_RCD_MISMATCH)
			return cid_step_fail(r, CID_FAILED_ALONE, CALLERID_REASON_CONTENT_MISMATCH,
					     p->content_why);
	}
	cid_say(r->why, sizeof(r->why), "%s", p->content_why);
	return out->rcd.name_differs ? warn_of_name(p, r) : CID_PASSED;
}
