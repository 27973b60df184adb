/* SPDX-License-Identifier: Apache-2.0 */
/* The two JSON objects of a PASSporT, in and out: the JOSE header and the claims (RFC 8225). */
#ifndef CID_CLAIMS_H
#define CID_CLAIMS_H

#include <callerid/passport.h>
#include <callerid/verdict.h>

#include "json.h"
#include "jws.h"

#define CID_NAME_MAX 31 /* bytes of typ and of alg that we keep */

/* Latest second a four-digit year can say: 9999-12-31T23:59:59Z. */
#define CID_IAT_MAX INT64_C(253402300799)

/* What the JOSE header of a PASSporT says. */
struct cid_token {
	char typ[CID_NAME_MAX + 1];
	char alg[CID_NAME_MAX + 1];
	char x5u[CALLERID_X5U_MAX + 1];
	char ppt[CALLERID_PPT_MAX + 1]; /* "" when absent */
};

/*
 * The JOSE header; check "passport". OK, BAD_PASSPORT (not base64url JSON, a parameter is missing,
 * doubled or malformed, "crit" or "jwk" is there), BAD_ALG (typ is not "passport", alg not "ES256")
 * COMPACT_FORM (there is no header) or NO_MEMORY. What could be read is in token_out
 * in every case, zeroed before. Whether x5u is info and ppt the Identity parameter is the caller's
 * to compare; whether we know ppt is cid_ppt_find()'s to say.
 */
enum callerid_reason cid_token_parse(const struct cid_jws *jws, struct cid_token *token_out,
				     char *why, size_t why_size);

/*
 * The payload of a PASSporT of type ppt (cid_token.ppt); check "claims". OK, BAD_CLAIMS,
 * BAD_PASSPORT (not base64url JSON), UNSUPPORTED_PPT, COMPACT_FORM, or NO_MEMORY.
 * claims_out holds everything on OK (cid_claims_clear() it) and is all zero otherwise. orig and
 * dest are as the token has them, not made canonical.
 */
enum callerid_reason cid_claims_parse(const struct cid_jws *jws, const char *ppt,
				      struct callerid_claims *claims_out, char *why,
				      size_t why_size);

/*
 * Appends base64url(header) "." base64url(payload) of claims to w, canonical (RFC 8225 §9), ready
 * to be signed. CALLERID_EINVAL: a claim that the type needs is missing or malformed, x5u is empty
 * or over CALLERID_X5U_MAX. CALLERID_ELIMIT: it does not fit w (CALLERID_TOKEN_MAX is enough).
 */
enum callerid_status cid_claims_signing_input(struct cid_writer *w,
					      const struct callerid_claims *claims, const char *x5u,
					      struct callerid_error *err);

/* Frees the texts that cid_claims_parse() made, and zeroes claims. Never for a caller's claims. */
void cid_claims_clear(struct callerid_claims *claims);

/* For ppt_*.c: one identity of kind; value must be a string, canonical for it. */
bool cid_claims_parse_party(const json_t *value, enum callerid_party_kind kind,
			    struct callerid_party *party_out);

/* scheme ":" 1*printable (RFC 3986 §4.3), at most max bytes: fit to be compared and shown. */
bool cid_is_uri(struct callerid_span uri, size_t max);

/* What may stand in tn (a canonical number) or in uri of orig and dest. */
bool cid_party_text_is_valid(enum callerid_party_kind kind, struct callerid_span text);

/*
 * For ppt_*.c, with others' names between them in canonical order. The first also checks what every
 * PASSporT needs: "dest":{...}  then  ,"iat":1  then  ,"orig":{...}
 */
enum callerid_status cid_claims_write_dest(struct cid_writer *w,
					   const struct callerid_claims *claims,
					   struct callerid_error *err);
void cid_claims_write_iat(struct cid_writer *w, const struct callerid_claims *claims);
/* ,"mky":[...] when claims have one. CALLERID_EINVAL: it is not one. */
enum callerid_status cid_claims_write_mky(struct cid_writer *w,
					  const struct callerid_claims *claims,
					  struct callerid_error *err);
void cid_claims_write_orig(struct cid_writer *w, const struct callerid_claims *claims);

/* For ppt_*.c: "dest":{...},"iat":1,"mky":[...],"orig":{...} in canonical order, no
 * braces around. */
enum callerid_status cid_claims_write_base(struct cid_writer *w,
					   const struct callerid_claims *claims,
					   struct callerid_error *err);

#endif
