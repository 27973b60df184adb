/* SPDX-License-Identifier: Apache-2.0 */
/* The "shaken" PASSporT (RFC 8588): how sure the signer is, and an opaque origin. */
#include "ppt.h"

#include <string.h>

#include "claims.h"
#include "fail.h"
#include "rcd.h"

#define UUID_LEN 36

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 8588 §5: origid is a UUID as RFC 4122 §3 writes it, in either case, of any version. */
static bool is_uuid(const char *text, size_t len)
{
	if (len != UUID_LEN)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !is_hex(text[i]))
			return false;
	}
	return true;
}

/*
 * RFC 9795 §13.1: Rich Call Data may ride along, as claims that are added to those of the type.
 * §8.1 lets nobody use claims of a PASSporT whose rcd is malformed; it is about verifying an rcd
 * PASSporT, and a verifier without RFC 9795 would take this one, since "all claims that are not
 * understood by implementations MUST be ignored" (RFC 7519 §4). So where rcd, rcdi or crn is
 * malformed none of the three is used, and attest and orig, which they say nothing of, stand.
 * docs/ARCHITECTURE.md has it at length.
 */
static enum callerid_reason parse_rcd(const json_t *payload, struct callerid_claims *claims,
				      char *why, size_t why_size)
{
	claims->rcd_fault = cid_rcd_payload_trouble(payload);
	if (claims->rcd_fault != NULL)
		return CALLERID_REASON_OK;
	return cid_rcd_parse(payload, claims, why, why_size);
}

static enum callerid_reason parse(const json_t *payload, struct callerid_claims *claims, char *why,
				  size_t why_size)
{
	const json_t *attest = json_object_get(payload, "attest");
	const json_t *origid = json_object_get(payload, "origid");
	const char *level = json_string_value(attest);

	/* RFC 8588 §4: the whole string is "A", "B" or "C". "Alpha" attests nothing. */
	if (level == NULL || json_string_length(attest) != 1 || level[0] < 'A' || level[0] > 'C') {
		cid_say(why, why_size, attest == NULL ? "no attest" : "attest is not A, B or C");
		return CALLERID_REASON_BAD_CLAIMS;
	}
	if (!json_is_string(origid) ||
	    !is_uuid(json_string_value(origid), json_string_length(origid))) {
		cid_say(why, why_size, origid == NULL ? "no origid" : "origid is not a UUID");
		return CALLERID_REASON_BAD_CLAIMS;
	}
	claims->attest = (enum callerid_attest)level[0];
	memcpy(claims->origid, json_string_value(origid), UUID_LEN + 1);
	return parse_rcd(payload, claims, why, why_size);
}

static enum callerid_status build(struct cid_writer *w, const struct callerid_claims *claims,
				  struct callerid_error *err)
{
	char attest = (char)claims->attest;
	enum callerid_status status;

	if (attest != 'A' && attest != 'B' && attest != 'C')
		return cid_fail(err, CALLERID_EINVAL, "claims", "shaken needs attest A, B or C");
	if (!is_uuid(claims->origid, strnlen(claims->origid, sizeof(claims->origid))))
		return cid_fail(err, CALLERID_EINVAL, "claims", "shaken needs a UUID as origid");
	/* RFC 8588 §8: in the order of the names' code points. */
	cid_write_text(w, "{\"attest\":\"");
	cid_write(w, &attest, 1);
	cid_write_text(w, "\",");
	status = cid_crn_write(w, claims, err);
	if (status == CALLERID_OK)
		status = cid_claims_write_base(w, claims, err);
	cid_write_text(w, ",\"origid\":\"");
	cid_write(w, claims->origid, UUID_LEN);
	cid_write(w, "\"", 1);
	if (status == CALLERID_OK)
		status = cid_rcd_write(w, claims, err);
	cid_write(w, "}", 1);
	return status;
}

const struct cid_ppt cid_ppt_shaken = {
	.name = "shaken",
	.parse = parse,
	.build = build,
	.compact_allowed = false, /* ATIS-1000074: the full form is required */
	.says_verstat = true,
	.carries_rcd = true,
};
