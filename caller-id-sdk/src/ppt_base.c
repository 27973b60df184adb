/* SPDX-License-Identifier: Apache-2.0 */
/* The base PASSporT (RFC 8225 §5), and the table of all types. */
#include "ppt.h"

#include <string.h>

#include "claims.h"

enum callerid_reason cid_ppt_parse_base(const json_t *payload, struct callerid_claims *claims,
					char *why, size_t why_size)
{
	/* iat, orig, dest and mky are all that there is. Other claims are ignored (RFC 8225 §8). */
	(void)payload;
	(void)claims;
	(void)why;
	(void)why_size;
	return CALLERID_REASON_OK;
}

enum callerid_status cid_ppt_build_base(struct cid_writer *w, const struct callerid_claims *claims,
					struct callerid_error *err)
{
	enum callerid_status status;

	cid_write(w, "{", 1);
	status = cid_claims_write_base(w, claims, err);
	cid_write(w, "}", 1);
	return status;
}

const struct cid_ppt cid_ppt_base = {
	.name = "",
	.parse = cid_ppt_parse_base,
	.build = cid_ppt_build_base,
	.compact_allowed = true,
	.says_verstat = true,
};

/* Every PASSporT type. A new one is one file and one line here. */
static const struct cid_ppt *const TYPES[] = {
	&cid_ppt_base, &cid_ppt_shaken, &cid_ppt_div,  &cid_ppt_div_o,
	&cid_ppt_rcd,  &cid_ppt_rph,	&cid_ppt_msec, &cid_ppt_rsp,
};

const struct cid_ppt *cid_ppt_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		const char *known = TYPES[i]->name;

		if (strlen(known) == len && (len == 0 || memcmp(known, name, len) == 0))
			return TYPES[i];
	}
	return NULL;
}

const struct callerid_party *cid_ppt_authority(const struct callerid_claims *claims)
{
	const struct cid_ppt *type = cid_ppt_find(claims->ppt, strlen(claims->ppt));

	return type != NULL && type->diverts ? &claims->div : &claims->orig;
}
