/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the JOSE header and the claims of a PASSporT, canonical (RFC 8225 §9), without a heap. */
#include "claims.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "mky.h"
#include "ppt.h"

/* x5u and ppt within their bounds, every '"' escaped. */
#define HEADER_MAX (2 * CALLERID_X5U_MAX + 128)
/* What is longer would not fit a token anyway. */
#define PAYLOAD_MAX CALLERID_TOKEN_MAX

/* false: party is not one that may stand in a PASSporT. */
static bool party_is_valid(const struct callerid_party *party)
{
	struct callerid_span text = {party->text, strnlen(party->text, sizeof(party->text))};

	return cid_party_text_is_valid(party->kind, text);
}

/* The texts of the destinations of one kind, in order; returns how many. */
static size_t sort_dest(const struct callerid_claims *claims, enum callerid_party_kind kind,
			const char *text_out[CALLERID_DEST_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < claims->n_dest; i++) {
		const char *text = claims->dest[i].text;
		size_t at = n;

		if (claims->dest[i].kind != kind)
			continue;
		/* Bytes: UTF-8 has the order of the code points. */
		for (; at > 0 && strcmp(text_out[at - 1], text) > 0; at--)
			text_out[at] = text_out[at - 1];
		text_out[at] = text;
		n++;
	}
	return n;
}

/*
 * open, then "1","2"] of the destinations of one kind; nothing when there is none. RFC 8225 §5.2.1:
 * "Within the "tn" and "uri" arrays, the identity strings should be put in lexicographical order".
 * It does not ask for each once, so one that is given twice stands twice: the claims are the
 * caller's.
 */
static void write_dest_array(struct cid_writer *w, const struct callerid_claims *claims,
			     enum callerid_party_kind kind, const char *open)
{
	const char *text[CALLERID_DEST_MAX], *before = open;
	size_t n = sort_dest(claims, kind, text);

	for (size_t i = 0; i < n; i++) {
		cid_write_text(w, before);
		cid_write_string(w, text[i], strlen(text[i]));
		before = ",";
	}
	if (before != open)
		cid_write(w, "]", 1);
}

/* What every PASSporT needs (RFC 8225 §5). NULL when it is there, else what is wrong. */
static const char *base_trouble(const struct callerid_claims *claims)
{
	/* 1970 is what a forgotten iat looks like. */
	if (claims->iat <= 0 || claims->iat > CID_IAT_MAX)
		return "iat is missing or out of range";
	if (!party_is_valid(&claims->orig))
		return "orig is missing or not canonical";
	if (claims->n_dest == 0 || claims->n_dest > CALLERID_DEST_MAX)
		return "dest needs 1 to 10 identities";
	for (size_t i = 0; i < claims->n_dest; i++) {
		if (!party_is_valid(&claims->dest[i]))
			return "a dest is not canonical";
	}
	return NULL;
}

enum callerid_status cid_claims_write_dest(struct cid_writer *w,
					   const struct callerid_claims *claims,
					   struct callerid_error *err)
{
	const char *trouble = base_trouble(claims);
	size_t before;

	if (trouble != NULL)
		return cid_fail(err, CALLERID_EINVAL, "claims", "%s", trouble);
	cid_write_text(w, "\"dest\":{");
	before = w->len;
	write_dest_array(w, claims, CALLERID_PARTY_TN, "\"tn\":[");
	write_dest_array(w, claims, CALLERID_PARTY_URI,
			 w->len > before ? ",\"uri\":[" : "\"uri\":[");
	cid_write(w, "}", 1);
	return CALLERID_OK;
}

void cid_claims_write_iat(struct cid_writer *w, const struct callerid_claims *claims)
{
	cid_write_text(w, ",\"iat\":");
	cid_write_int(w, claims->iat);
}

void cid_claims_write_orig(struct cid_writer *w, const struct callerid_claims *claims)
{
	bool is_tn = claims->orig.kind == CALLERID_PARTY_TN;

	cid_write_text(w, is_tn ? ",\"orig\":{\"tn\":" : ",\"orig\":{\"uri\":");
	cid_write_string(w, claims->orig.text, strlen(claims->orig.text));
	cid_write(w, "}", 1);
}

enum callerid_status cid_claims_write_mky(struct cid_writer *w,
					  const struct callerid_claims *claims,
					  struct callerid_error *err)
{
	struct cid_mky mky;
	enum callerid_status status;
	char *text;

	if (claims->mky == NULL)
		return CALLERID_OK;
	status = cid_mky_of_text(claims->mky, &mky, err);
	if (status != CALLERID_OK)
		return status;
	text = cid_mky_text(&mky);
	if (text == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "claims", "no memory");
	cid_write_text(w, ",\"mky\":");
	cid_write_text(w, text);
	free(text);
	return CALLERID_OK;
}

enum callerid_status cid_claims_write_base(struct cid_writer *w,
					   const struct callerid_claims *claims,
					   struct callerid_error *err)
{
	enum callerid_status status = cid_claims_write_dest(w, claims, err);

	if (status != CALLERID_OK)
		return status;
	cid_claims_write_iat(w, claims);
	status = cid_claims_write_mky(w, claims, err);
	cid_claims_write_orig(w, claims);
	return status;
}

/* RFC 8225 §9: {"alg","ppt","typ","x5u"}. */
static void write_header(struct cid_writer *w, const struct cid_ppt *type, const char *x5u)
{
	cid_write_text(w, "{\"alg\":\"ES256\",");
	if (type->name[0] != '\0') {
		cid_write_text(w, "\"ppt\":");
		cid_write_string(w, type->name, strlen(type->name));
		cid_write(w, ",", 1);
	}
	cid_write_text(w, "\"typ\":\"passport\",\"x5u\":");
	cid_write_string(w, x5u, strlen(x5u));
	cid_write(w, "}", 1);
}

static bool is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return len > 0;
}

enum callerid_status cid_claims_signing_input(struct cid_writer *w,
					      const struct callerid_claims *claims, const char *x5u,
					      struct callerid_error *err)
{
	size_t x5u_len = strnlen(x5u, CALLERID_X5U_MAX + 1);
	size_t ppt_len = strnlen(claims->ppt, sizeof(claims->ppt));
	const struct cid_ppt *type = cid_ppt_find(claims->ppt, ppt_len);
	char header[HEADER_MAX], payload[PAYLOAD_MAX];
	struct cid_writer head, body;
	enum callerid_status status;

	if (type == NULL)
		return cid_fail(err, CALLERID_EINVAL, "claims", "no such PASSporT type");
	if (x5u_len > CALLERID_X5U_MAX || !is_printable(x5u, x5u_len))
		return cid_fail(err, CALLERID_EINVAL, "claims", "x5u is not a URL of 1 to %d bytes",
				CALLERID_X5U_MAX);
	/* What would be left out in silence is a mistake of the caller. */
	if (!type->carries_rcd &&
	    (claims->rcd != NULL || claims->rcdi != NULL || claims->crn != NULL))
		return cid_fail(err, CALLERID_EINVAL, "claims",
				"only rcd and shaken carry Rich Call Data");
	if (type != &cid_ppt_rcd && claims->iss != NULL)
		return cid_fail(err, CALLERID_EINVAL, "claims", "only rcd has iss");
	cid_writer_init(&head, header, sizeof(header));
	cid_writer_init(&body, payload, sizeof(payload));
	write_header(&head, type, x5u);
	status = type->build(&body, claims, err);
	if (status != CALLERID_OK)
		return status;
	/* head and body are written apart, so that none of them is seen before it is complete. */
	w->full = w->full || head.full || body.full;
	cid_write_b64url(w, head.p, head.len);
	cid_write(w, ".", 1);
	cid_write_b64url(w, body.p, body.len);
	if (w->full)
		return cid_fail(err, CALLERID_ELIMIT, "claims", "the PASSporT is too long");
	return CALLERID_OK;
}
