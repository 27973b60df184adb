/* SPDX-License-Identifier: Apache-2.0 */
/* The "rcd" PASSporT (RFC 9795 §8): who calls in words and pictures, and why. */
#include "ppt.h"

#include <string.h>

#include "claims.h"
#include "fail.h"
#include "rcd.h"

/* RFC 9795 §10: iss marks a PASSporT that a third party has made. */
static enum callerid_reason parse_iss(const json_t *iss, struct callerid_claims *claims, char *why,
				      size_t why_size)
{
	const char *trouble = iss == NULL ? NULL : cid_rcd_text_trouble(iss, "iss");

	if (trouble != NULL) {
		cid_say(why, why_size, "%s", trouble);
		return CALLERID_REASON_BAD_CLAIMS;
	}
	if (iss == NULL)
		return CALLERID_REASON_OK;
	claims->iss = cid_text_copy(json_string_value(iss), json_string_length(iss));
	if (claims->iss != NULL)
		return CALLERID_REASON_OK;
	cid_say(why, why_size, "no memory");
	return CALLERID_REASON_NO_MEMORY;
}

static enum callerid_reason parse(const json_t *payload, struct callerid_claims *claims, char *why,
				  size_t why_size)
{
	enum callerid_reason reason;

	/* §8: "at least one of" rcd and crn. */
	if (json_object_get(payload, "rcd") == NULL && json_object_get(payload, "crn") == NULL) {
		cid_say(why, why_size, "neither rcd nor crn");
		return CALLERID_REASON_BAD_CLAIMS;
	}
	reason = cid_rcd_parse(payload, claims, why, why_size);
	if (reason != CALLERID_REASON_OK)
		return reason;
	return parse_iss(json_object_get(payload, "iss"), claims, why, why_size);
}

static enum callerid_status write_iss(struct cid_writer *w, const struct callerid_claims *claims,
				      struct callerid_error *err)
{
	size_t n = claims->iss == NULL ? 0 : strnlen(claims->iss, CID_CRN_MAX + 1);

	if (claims->iss == NULL)
		return CALLERID_OK;
	if (n == 0 || n > CID_CRN_MAX)
		return cid_fail(err, CALLERID_EINVAL, "claims", "iss has not 1 to %d bytes",
				CID_CRN_MAX);
	cid_write_text(w, ",\"iss\":");
	cid_write_string(w, claims->iss, n);
	return CALLERID_OK;
}

static enum callerid_status build(struct cid_writer *w, const struct callerid_claims *claims,
				  struct callerid_error *err)
{
	enum callerid_status status;

	if (claims->rcd == NULL && claims->crn == NULL)
		return cid_fail(err, CALLERID_EINVAL, "claims", "rcd needs an rcd or a crn claim");
	cid_write(w, "{", 1);
	status = cid_crn_write(w, claims, err);
	if (status == CALLERID_OK)
		status = cid_claims_write_dest(w, claims, err);
	if (status != CALLERID_OK)
		return status;
	cid_claims_write_iat(w, claims);
	status = write_iss(w, claims, err);
	if (status == CALLERID_OK)
		status = cid_claims_write_mky(w, claims, err);
	cid_claims_write_orig(w, claims);
	if (status == CALLERID_OK)
		status = cid_rcd_write(w, claims, err);
	cid_write(w, "}", 1);
	return status;
}

const struct cid_ppt cid_ppt_rcd = {
	.name = "rcd",
	.parse = parse,
	.build = build,
	.compact_allowed = true, /* RFC 9795 §9, without jcd, jcl and rcdi */
	.carries_rcd = true,
};
