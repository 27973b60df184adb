/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing the JOSE header and the claims of a PASSporT. */
#include "claims.h"

#include <stdlib.h>
#include <string.h>

#include "b64url.h"
#include "fail.h"
#include "mky.h"
#include "ppt.h"
#include "rcd.h"

struct part {
	struct callerid_span text;
	const char *name;
};

/* One decoded part: base64url, then one JSON object, the caller's on OK. */
static enum callerid_reason load_part(struct part part, json_t **root_out, char *why,
				      size_t why_size)
{
	uint8_t text[CID_B64URL_DECODED(CALLERID_TOKEN_MAX)];
	struct callerid_error err;
	size_t n = 0;

	if (!cid_b64url_decode(part.text.p, part.text.n, text, sizeof(text), &n)) {
		cid_say(why, why_size, "the %s is not base64url", part.name);
		return CALLERID_REASON_BAD_PASSPORT;
	}
	*root_out = cid_json_load((const char *)text, n, &err);
	if (*root_out != NULL)
		return CALLERID_REASON_OK;
	cid_say(why, why_size, "the %s is not a JSON object: %s", part.name, err.text);
	/* Our own lack of memory says nothing about the token. */
	return err.status == CALLERID_ENOMEM ? CALLERID_REASON_NO_MEMORY
					     : CALLERID_REASON_BAD_PASSPORT;
}

static enum callerid_reason bad(enum callerid_reason reason, const char *text, char *why,
				size_t why_size)
{
	cid_say(why, why_size, "%s", text);
	return reason;
}

/* No space, no control, nothing outside ASCII. */
static bool is_printable(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return true;
}

/* A string member of at most size - 1 bytes, not empty, printable ASCII. */
static bool copy_member(const json_t *root, const char *name, char *out, size_t size)
{
	const json_t *member = json_object_get(root, name);
	size_t n = json_string_length(member);
	const char *text = json_string_value(member);

	if (text == NULL || n == 0 || n >= size || !is_printable(text, n))
		return false;
	memcpy(out, text, n + 1);
	return true;
}

static enum callerid_reason check_header(const json_t *root, struct cid_token *token, char *why,
					 size_t why_size)
{
	const enum callerid_reason bad_passport = CALLERID_REASON_BAD_PASSPORT;
	bool typ = copy_member(root, "typ", token->typ, sizeof(token->typ));
	bool alg = copy_member(root, "alg", token->alg, sizeof(token->alg));
	bool x5u = copy_member(root, "x5u", token->x5u, sizeof(token->x5u));
	bool ppt = copy_member(root, "ppt", token->ppt, sizeof(token->ppt));

	/* RFC 7515 §4.1.11: what "crit" lists must be understood; we understand no extension. */
	if (json_object_get(root, "crit") != NULL)
		return bad(bad_passport, "the JOSE header has crit", why, why_size);
	/* A key inside the token proves nothing: only x5u's certificate does (RFC 8225 §4.3). */
	if (json_object_get(root, "jwk") != NULL)
		return bad(bad_passport, "the JOSE header carries its own key", why, why_size);
	if (!typ)
		return bad(bad_passport, "typ is missing or not a name", why, why_size);
	if (strcmp(token->typ, "passport") != 0)
		return bad(CALLERID_REASON_BAD_ALG, "typ is not passport", why, why_size);
	if (!alg)
		return bad(bad_passport, "alg is missing or not a name", why, why_size);
	if (strcmp(token->alg, "ES256") != 0)
		return bad(CALLERID_REASON_BAD_ALG, "alg is not ES256", why, why_size);
	if (!x5u)
		return bad(bad_passport, "x5u is missing or not a URI of bounded length", why,
			   why_size);
	if (!ppt && json_object_get(root, "ppt") != NULL)
		return bad(bad_passport, "ppt is not a name", why, why_size);
	return CALLERID_REASON_OK;
}

enum callerid_reason cid_token_parse(const struct cid_jws *jws, struct cid_token *token_out,
				     char *why, size_t why_size)
{
	enum callerid_reason reason;
	json_t *root;

	memset(token_out, 0, sizeof(*token_out));
	if (jws->header.n == 0)
		return bad(CALLERID_REASON_COMPACT_FORM, "compact form has no JOSE header", why,
			   why_size);
	reason = load_part((struct part){jws->header, "JOSE header"}, &root, why, why_size);
	if (reason != CALLERID_REASON_OK)
		return reason;
	reason = check_header(root, token_out, why, why_size);
	json_decref(root);
	return reason;
}

/*
 * RFC 8225 §5.1.1: iat is a NumericDate, a JSON number. RFC 7519 §2 allows a fraction: it is cut
 * off, since freshness is judged in seconds. A string of digits (as some RFCs print) is not a
 * number.
 */
static bool parse_iat(const json_t *iat, int64_t *iat_out)
{
	double real = json_real_value(iat);

	if (json_is_real(iat)) {
		/* Negated, so that a NaN would be refused too. */
		if (!(real >= 0 && real < (double)CID_IAT_MAX + 1))
			return false;
		*iat_out = (int64_t)real;
		return true;
	}
	if (!json_is_integer(iat) || json_integer_value(iat) < 0 ||
	    json_integer_value(iat) > CID_IAT_MAX)
		return false;
	*iat_out = json_integer_value(iat);
	return true;
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3986 §3.1: what a scheme has behind its first letter. */
static bool is_scheme_char(char c)
{
	return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

bool cid_is_uri(struct callerid_span uri, size_t max)
{
	size_t i = 0;

	if (uri.n == 0 || uri.n > max || !is_alpha(uri.p[0]))
		return false;
	while (i < uri.n && is_scheme_char(uri.p[i]))
		i++;
	/* One character at least has to stand behind the colon. */
	return i + 1 < uri.n && uri.p[i] == ':' && is_printable(uri.p + i, uri.n - i);
}

bool cid_party_text_is_valid(enum callerid_party_kind kind, struct callerid_span text)
{
	if (kind == CALLERID_PARTY_TN)
		return callerid_tn_is_canonical(text.p, text.n);
	return kind == CALLERID_PARTY_URI && cid_is_uri(text, CALLERID_URI_MAX);
}

bool cid_claims_parse_party(const json_t *value, enum callerid_party_kind kind,
			    struct callerid_party *party_out)
{
	const char *text = json_string_value(value);
	size_t n = json_string_length(value);

	if (text == NULL)
		return false;
	if (!cid_party_text_is_valid(kind, (struct callerid_span){text, n}))
		return false;
	party_out->kind = kind;
	memcpy(party_out->text, text, n + 1);
	return true;
}

/* RFC 8225 §5.2.1: "exactly one "orig" claim with exactly one identity claim object". */
static const char *parse_orig(const json_t *orig, struct callerid_party *party_out)
{
	const json_t *tn = json_object_get(orig, "tn"), *uri = json_object_get(orig, "uri");

	if (!json_is_object(orig))
		return orig == NULL ? "no orig" : "orig is not an object";
	if (json_object_size(orig) != 1)
		return "orig is not exactly one identity";
	if (tn != NULL)
		return cid_claims_parse_party(tn, CALLERID_PARTY_TN, party_out)
			       ? NULL
			       : "orig tn is not a string of digits";
	if (uri != NULL)
		return cid_claims_parse_party(uri, CALLERID_PARTY_URI, party_out)
			       ? NULL
			       : "orig uri is not a URI";
	return "orig has neither tn nor uri";
}

/* One array of dest. true also when it is absent. */
static bool parse_dest_array(const json_t *list, enum callerid_party_kind kind,
			     struct callerid_claims *claims)
{
	if (list == NULL)
		return true;
	if (!json_is_array(list) || json_array_size(list) == 0)
		return false;
	if (json_array_size(list) > CALLERID_DEST_MAX - claims->n_dest)
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!cid_claims_parse_party(json_array_get(list, i), kind,
					    &claims->dest[claims->n_dest]))
			return false;
		claims->n_dest++;
	}
	return true;
}

/* RFC 8225 §5.2.1: an object whose members "tn" and "uri" are arrays of strings. */
static const char *parse_dest(const json_t *dest, struct callerid_claims *claims)
{
	const json_t *tn = json_object_get(dest, "tn"), *uri = json_object_get(dest, "uri");

	if (!json_is_object(dest))
		return dest == NULL ? "no dest" : "dest is not an object";
	if (tn == NULL && uri == NULL)
		return "dest has neither tn nor uri";
	if (!parse_dest_array(tn, CALLERID_PARTY_TN, claims))
		return "dest tn is not an array of 1 to 10 strings of digits";
	if (!parse_dest_array(uri, CALLERID_PARTY_URI, claims))
		return "dest uri is not an array of 1 to 10 URIs";
	return NULL;
}

/* RFC 8225 §5.2.2: a claim that every type may have. Kept canonical, so that texts compare. */
static enum callerid_reason read_mky(const json_t *claim, struct callerid_claims *claims, char *why,
				     size_t why_size)
{
	struct cid_mky mky;
	const char *trouble;

	if (claim == NULL)
		return CALLERID_REASON_OK;
	trouble = cid_mky_of_json(claim, &mky);
	if (trouble != NULL)
		return bad(CALLERID_REASON_BAD_CLAIMS, trouble, why, why_size);
	claims->mky = cid_mky_text(&mky);
	return claims->mky != NULL ? CALLERID_REASON_OK
				   : bad(CALLERID_REASON_NO_MEMORY, "no memory", why, why_size);
}

static enum callerid_reason read_claims(const json_t *root, const struct cid_ppt *type,
					struct callerid_claims *claims, char *why, size_t why_size)
{
	const json_t *iat = json_object_get(root, "iat");
	const char *trouble = NULL;
	enum callerid_reason reason;

	if (!parse_iat(iat, &claims->iat))
		trouble = iat == NULL		? "no iat"
			  : json_is_string(iat) ? "iat is a string, not a number"
						: "iat is not a number in range";
	if (trouble == NULL)
		trouble = parse_orig(json_object_get(root, "orig"), &claims->orig);
	if (trouble == NULL)
		trouble = parse_dest(json_object_get(root, "dest"), claims);
	if (trouble != NULL)
		return bad(CALLERID_REASON_BAD_CLAIMS, trouble, why, why_size);
	memcpy(claims->ppt, type->name, strlen(type->name) + 1);
	reason = read_mky(json_object_get(root, "mky"), claims, why, why_size);
	if (reason != CALLERID_REASON_OK)
		return reason;
	return type->parse(root, claims, why, why_size);
}

enum callerid_reason cid_claims_parse(const struct cid_jws *jws, const char *ppt,
				      struct callerid_claims *claims_out, char *why,
				      size_t why_size)
{
	const struct cid_ppt *type = cid_ppt_find(ppt, strlen(ppt));
	enum callerid_reason reason;
	json_t *root;

	memset(claims_out, 0, sizeof(*claims_out));
	if (type == NULL)
		return bad(CALLERID_REASON_UNSUPPORTED_PPT, "a PASSporT type that is not known",
			   why, why_size);
	if (jws->payload.n == 0)
		return bad(CALLERID_REASON_COMPACT_FORM, "compact form has no claims", why,
			   why_size);
	reason = load_part((struct part){jws->payload, "payload"}, &root, why, why_size);
	if (reason != CALLERID_REASON_OK)
		return reason;
	reason = read_claims(root, type, claims_out, why, why_size);
	json_decref(root);
	if (reason != CALLERID_REASON_OK)
		cid_claims_clear(claims_out);
	return reason;
}

void cid_claims_clear(struct callerid_claims *claims)
{
	free((char *)(uintptr_t)claims->mky);
	free((char *)(uintptr_t)claims->opt); /* const for those who read; made here */
	cid_rcd_clear(claims);
	memset(claims, 0, sizeof(*claims));
}
