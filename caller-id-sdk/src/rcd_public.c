/* SPDX-License-Identifier: Apache-2.0 */
/* What a program does with Rich Call Data: names, what may be shown, digests made and compared. */
#include <callerid/rcd.h>

#include "rcd.h"

#include <stdlib.h>
#include <string.h>

#include "canon.h"
#include "digest.h"
#include "fail.h"
#include "pointer.h"
#include "x5u.h"

static const char *const PARTS[CALLERID_RCD_PARTS] = {
	[CALLERID_RCD_NAME] = "name",	[CALLERID_RCD_NUMBER] = "number",
	[CALLERID_RCD_ICON] = "icon",	[CALLERID_RCD_JCARD] = "jcard",
	[CALLERID_RCD_MEDIA] = "media", [CALLERID_RCD_REASON] = "reason",
};

static const char *const STATES[] = {
	[CALLERID_RCD_ABSENT] = "absent",
	[CALLERID_RCD_CLAIMED] = "claimed",
	[CALLERID_RCD_VERIFIED] = "verified",
	[CALLERID_RCD_NOT_FETCHED] = "not_fetched",
	[CALLERID_RCD_UNVERIFIABLE] = "unverifiable",
	[CALLERID_RCD_MISMATCH] = "mismatch",
};

const char *callerid_rcd_part_name(enum callerid_rcd_part part)
{
	return (unsigned)part < CALLERID_RCD_PARTS ? PARTS[part] : NULL;
}

const char *callerid_rcd_state_name(enum callerid_rcd_state state)
{
	return (unsigned)state < sizeof(STATES) / sizeof(STATES[0]) ? STATES[state] : NULL;
}

/*
 * Whose words count most: a first party's before a third's (RFC 9795 §10); rcd before a crn alone;
 * and of several that are good, those of who signed what says who calls. Another one may have been
 * added on the way, by a certificate that covers the number only as one provider's do any.
 */
static unsigned weight(const struct callerid_passport_verdict *p,
		       const struct callerid_passport_verdict *decided)
{
	return 1u + (p->rcd.third_party ? 0u : 4u) + (p->claims.rcd != NULL ? 2u : 0u) +
	       (p == decided || (p->x5u[0] != '\0' && strcmp(p->x5u, decided->x5u) == 0) ? 1u : 0u);
}

const struct callerid_passport_verdict *callerid_verdict_rcd(const struct callerid_verdict *verdict)
{
	const struct callerid_passport_verdict *best = NULL;
	unsigned most = 0;

	for (size_t i = 0; i < verdict->n_passports && i < CALLERID_PASSPORTS_MAX; i++) {
		const struct callerid_passport_verdict *p = &verdict->passport[i];
		unsigned own =
			p->rcd.usable ? weight(p, &verdict->passport[verdict->decided_by]) : 0;

		if (own > most) {
			most = own;
			best = p;
		}
	}
	return best;
}

static bool may_show(const struct callerid_passport_verdict *p, enum callerid_rcd_part part)
{
	return p->rcd.part[part] != CALLERID_RCD_ABSENT &&
	       p->rcd.part[part] != CALLERID_RCD_MISMATCH;
}

/* A content of which nobody here can say whether it is the right one is not to be fetched. */
static bool may_follow(const struct callerid_passport_verdict *p, enum callerid_rcd_part part)
{
	return may_show(p, part) && p->rcd.part[part] != CALLERID_RCD_UNVERIFIABLE;
}

/* A URL that fits; others (data: URIs) are left out. */
static void show_url(const json_t *value, char out[CALLERID_RCD_URL_MAX + 1])
{
	struct callerid_span url = {json_string_value(value), json_string_length(value)};

	if (url.p != NULL && url.n <= CALLERID_RCD_URL_MAX && cid_x5u_is_https(url))
		memcpy(out, url.p, url.n + 1);
}

static void show(const struct callerid_passport_verdict *p, const json_t *rcd,
		 struct callerid_rcd *out)
{
	const json_t *nam = json_object_get(rcd, "nam"), *apn = json_object_get(rcd, "apn");

	if (may_show(p, CALLERID_RCD_NAME) && nam != NULL)
		out->found |=
			callerid_text_clean(json_string_value(nam), json_string_length(nam),
					    CALLERID_NAME_CHARS_MAX, out->name, sizeof(out->name));
	if (may_show(p, CALLERID_RCD_NUMBER) && apn != NULL &&
	    json_string_length(apn) <= CALLERID_TN_MAX)
		memcpy(out->number, json_string_value(apn), json_string_length(apn) + 1);
	if (may_follow(p, CALLERID_RCD_ICON))
		show_url(json_object_get(rcd, "icn"), out->icon);
	if (may_follow(p, CALLERID_RCD_JCARD))
		show_url(json_object_get(rcd, "jcl"), out->jcard);
	if (may_show(p, CALLERID_RCD_REASON) && p->claims.crn != NULL)
		out->found |= callerid_text_clean(p->claims.crn, strlen(p->claims.crn),
						  CALLERID_REASON_CHARS_MAX, out->reason,
						  sizeof(out->reason));
}

enum callerid_status callerid_rcd_show(const struct callerid_passport_verdict *passport,
				       struct callerid_rcd *rcd_out)
{
	const char *text = passport->claims.rcd;
	json_t *rcd = NULL;

	memset(rcd_out, 0, sizeof(*rcd_out));
	if (!passport->rcd.usable)
		return CALLERID_OK;
	if (text != NULL) {
		rcd = cid_rcd_reload(text);
		if (rcd == NULL)
			return CALLERID_ENOMEM;
	}
	show(passport, rcd, rcd_out);
	json_decref(rcd);
	return CALLERID_OK;
}

enum callerid_status callerid_rcd_compare(const char *rcdi, const char *pointer,
					  const struct callerid_content *content, bool *same_out,
					  struct callerid_error *err)
{
	struct callerid_error why;
	json_t *root =
		rcdi == NULL ? NULL : cid_json_load(rcdi, strnlen(rcdi, CID_JSON_MAX + 1), &why);
	enum cid_digest_result result;
	struct cid_digest digest;
	enum cid_digest_kind kind = CID_DIGEST_BAD;
	const json_t *value;

	if (rcdi == NULL || pointer == NULL || content == NULL)
		return cid_fail(err, CALLERID_EINVAL, "rcd", "an argument is missing");
	if (root == NULL)
		return cid_fail(err, why.status, "rcd", "rcdi: %s", why.text);
	value = json_object_get(root, pointer);
	if (json_is_string(value))
		kind = cid_digest_kind(json_string_value(value), json_string_length(value));
	if (kind == CID_DIGEST_KNOWN)
		(void)cid_digest_parse(json_string_value(value), json_string_length(value),
				       &digest);
	json_decref(root);
	if (kind != CID_DIGEST_KNOWN)
		return cid_fail(err, CALLERID_ESYNTAX, "rcd", "%s",
				kind == CID_DIGEST_BAD
					? "rcdi has no digest of that"
					: "the digest is by an algorithm that is not known here");
	result = cid_digest_compare(&digest, content->body, content->len);
	if (result == CID_DIGEST_NO_MEMORY)
		return cid_fail(err, CALLERID_ENOMEM, "rcd", "no memory");
	*same_out = result == CID_DIGEST_SAME;
	return CALLERID_OK;
}
