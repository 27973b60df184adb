/* SPDX-License-Identifier: Apache-2.0 */
/* The "div" and "div-o" PASSporTs (RFC 8946): who was called before the call was forwarded. */
#include "ppt.h"

#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "fail.h"

static enum callerid_reason bad(const char *text, char *why, size_t why_size)
{
	cid_say(why, why_size, "%s", text);
	return CALLERID_REASON_BAD_CLAIMS;
}

/* An hi-index of RFC 7044 §5.1: digits and dots. */
static bool is_hi(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] != '.' && (text[i] < '0' || text[i] > '9'))
			return false;
	}
	return n > 0 && n <= CALLERID_HI_MAX;
}

/* RFC 8946 §3: an object with one identity, perhaps its History-Info index, and perhaps "other
 * name/value pairs than just a destination". */
static const char *parse_div(const json_t *div, struct callerid_claims *claims)
{
	const json_t *tn = json_object_get(div, "tn"), *uri = json_object_get(div, "uri");
	const json_t *hi = json_object_get(div, "hi");
	size_t hi_len = json_string_length(hi);

	if (!json_is_object(div))
		return div == NULL ? "no div" : "div is not an object";
	if ((tn == NULL) == (uri == NULL))
		return "div is not exactly one identity";
	if (tn != NULL && !cid_claims_parse_party(tn, CALLERID_PARTY_TN, &claims->div))
		return "div tn is not a string of digits";
	if (uri != NULL && !cid_claims_parse_party(uri, CALLERID_PARTY_URI, &claims->div))
		return "div uri is not a URI";
	if (hi == NULL)
		return NULL;
	if (!json_is_string(hi) || !is_hi(json_string_value(hi), hi_len))
		return "hi of div is not a History-Info index";
	memcpy(claims->hi, json_string_value(hi), hi_len + 1);
	return NULL;
}

static enum callerid_reason parse(const json_t *payload, struct callerid_claims *claims, char *why,
				  size_t why_size)
{
	const char *trouble = parse_div(json_object_get(payload, "div"), claims);

	/* RFC 8946 §3: "PASSporTs of type "div" MUST NOT contain an "opt"". */
	if (trouble == NULL && json_object_get(payload, "opt") != NULL)
		trouble = "opt in a div";
	return trouble == NULL ? CALLERID_REASON_OK : bad(trouble, why, why_size);
}

/* A whole token, header.payload.signature: nothing else can be judged. */
static bool is_token(const char *text, size_t n)
{
	struct callerid_span token = {text, n};
	struct cid_jws jws;

	return cid_jws_split(token, &jws, NULL) == CALLERID_OK && jws.header.n > 0;
}

/* RFC 8946 §5: "opt" holds "the full form" of the PASSporT that this one continues. */
static enum callerid_reason parse_o(const json_t *payload, struct callerid_claims *claims,
				    char *why, size_t why_size)
{
	const json_t *opt = json_object_get(payload, "opt");
	size_t n = json_string_length(opt);
	const char *trouble = parse_div(json_object_get(payload, "div"), claims);

	if (trouble != NULL)
		return bad(trouble, why, why_size);
	if (opt == NULL)
		return bad("no opt", why, why_size);
	if (!json_is_string(opt) || !is_token(json_string_value(opt), n))
		return bad("opt is not a PASSporT in full form", why, why_size);
	claims->opt = strndup(json_string_value(opt), n);
	if (claims->opt != NULL)
		return CALLERID_REASON_OK;
	cid_say(why, why_size, "no memory");
	return CALLERID_REASON_NO_MEMORY;
}

static bool is_in_dest(const struct callerid_claims *claims)
{
	for (size_t i = 0; i < claims->n_dest && i < CALLERID_DEST_MAX; i++) {
		if (callerid_party_equal(&claims->div, &claims->dest[i]))
			return true;
	}
	return false;
}

/* "div":{"hi":"1.2","tn":"..."}, in the order of the names. */
static enum callerid_status write_div(struct cid_writer *w, const struct callerid_claims *claims,
				      struct callerid_error *err)
{
	const struct callerid_party *div = &claims->div;
	size_t n = strnlen(div->text, sizeof(div->text));
	size_t hi_len = strnlen(claims->hi, sizeof(claims->hi));

	if (!cid_party_text_is_valid(div->kind, (struct callerid_span){div->text, n}))
		return cid_fail(err, CALLERID_EINVAL, "claims", "div is missing or not canonical");
	/* RFC 8946 §3: for a target that has not changed one "MUST NOT be produced". */
	if (is_in_dest(claims))
		return cid_fail(err, CALLERID_EINVAL, "claims", "div is in dest: not forwarded");
	if (hi_len > 0 && !is_hi(claims->hi, hi_len))
		return cid_fail(err, CALLERID_EINVAL, "claims",
				"hi is not a History-Info index of at most %d bytes",
				CALLERID_HI_MAX);
	cid_write_text(w, ",\"div\":{");
	if (hi_len > 0) {
		cid_write_text(w, "\"hi\":");
		cid_write_string(w, claims->hi, hi_len);
		cid_write(w, ",", 1);
	}
	cid_write_text(w, div->kind == CALLERID_PARTY_TN ? "\"tn\":" : "\"uri\":");
	cid_write_string(w, div->text, n);
	cid_write(w, "}", 1);
	return CALLERID_OK;
}

/* RFC 8946 §3: dest, div, iat and orig; other claims of the original MUST NOT be copied. */
static enum callerid_status write_payload(struct cid_writer *w,
					  const struct callerid_claims *claims,
					  struct callerid_span opt, struct callerid_error *err)
{
	enum callerid_status status;

	cid_write(w, "{", 1);
	status = cid_claims_write_dest(w, claims, err);
	if (status == CALLERID_OK)
		status = write_div(w, claims, err);
	if (status != CALLERID_OK)
		return status;
	cid_claims_write_iat(w, claims);
	if (opt.n > 0) {
		cid_write_text(w, ",\"opt\":");
		cid_write_string(w, opt.p, opt.n);
	}
	cid_claims_write_orig(w, claims);
	cid_write(w, "}", 1);
	return CALLERID_OK;
}

static enum callerid_status build(struct cid_writer *w, const struct callerid_claims *claims,
				  struct callerid_error *err)
{
	return write_payload(w, claims, (struct callerid_span){NULL, 0}, err);
}

static enum callerid_status build_o(struct cid_writer *w, const struct callerid_claims *claims,
				    struct callerid_error *err)
{
	struct callerid_span opt = {claims->opt, 0};

	if (opt.p != NULL)
		opt.n = strnlen(opt.p, CALLERID_TOKEN_MAX + 1);
	if (opt.p == NULL || !is_token(opt.p, opt.n))
		return cid_fail(err, CALLERID_EINVAL, "claims",
				"div-o needs a PASSporT in full form as opt");
	return write_payload(w, claims, opt, err);
}

const struct cid_ppt cid_ppt_div = {
	.name = "div",
	.parse = parse,
	.build = build,
	.compact_allowed = false, /* the verifier could not tell what was diverted */
	.diverts = true,
};

const struct cid_ppt cid_ppt_div_o = {
	.name = "div-o",
	.parse = parse_o,
	.build = build_o,
	.compact_allowed = false,
	.diverts = true,
};
