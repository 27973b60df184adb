/* SPDX-License-Identifier: Apache-2.0 */
/* Syntax of rcd, rcdi, crn and iss; reading and writing them. */
#include "rcd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "canon.h"
#include "claims.h"
#include "digest.h"
#include "fail.h"
#include "pointer.h"
#include "x5u.h"

static struct callerid_span span_of(const json_t *text)
{
	return (struct callerid_span){json_string_value(text), json_string_length(text)};
}

static bool starts_with(struct callerid_span text, const char *start)
{
	size_t n = strlen(start);

	return text.p != NULL && text.n > n && strncasecmp(text.p, start, n) == 0;
}

static bool is_https(const json_t *value)
{
	struct callerid_span text = span_of(value);

	return text.p != NULL && text.n <= CALLERID_RCD_URL_MAX && cid_x5u_is_https(text);
}

static bool is_http(const json_t *value)
{
	return starts_with(span_of(value), "http:");
}

/* RFC 9795 §5.1.3: an HTTPS URL of an image; §8.3 has a data: URI too. */
static bool is_icon(const json_t *value)
{
	struct callerid_span text = span_of(value);

	return is_https(value) ||
	       (starts_with(text, "data:image/") && cid_is_uri(text, CALLERID_TOKEN_MAX));
}

static const char *icon_trouble(const json_t *icn)
{
	if (is_icon(icn))
		return NULL;
	return is_http(icn) ? "rcd icn is http, which is never fetched: it has to be https"
			    : "rcd icn is neither an https URL nor a data: URI of an image";
}

static const char *link_trouble(const json_t *jcl)
{
	if (is_https(jcl))
		return NULL;
	return is_http(jcl) ? "rcd jcl is http, which is never fetched: it has to be https"
			    : "rcd jcl is not an https URL";
}

const char *cid_rcd_trouble(const json_t *rcd)
{
	const json_t *nam = json_object_get(rcd, "nam"), *apn = json_object_get(rcd, "apn");
	const json_t *icn = json_object_get(rcd, "icn"), *jcd = json_object_get(rcd, "jcd");
	const json_t *jcl = json_object_get(rcd, "jcl");

	if (!json_is_object(rcd))
		return "rcd is not an object";
	/* §5.1.1: exactly once; twice is no JSON of ours. "" where there is no name. */
	if (!json_is_string(nam))
		return nam == NULL ? "rcd has no nam" : "rcd nam is not a string";
	if (apn != NULL &&
	    (!json_is_string(apn) || !callerid_tn_is_canonical(span_of(apn).p, span_of(apn).n)))
		return "rcd apn is not a canonical telephone number";
	if (icn != NULL && icon_trouble(icn) != NULL)
		return icon_trouble(icn);
	/* §5.1.4, §5.1.5: one of them at most. */
	if (jcd != NULL && jcl != NULL)
		return "rcd has both jcd and jcl";
	if (jcl != NULL)
		return link_trouble(jcl);
	return jcd != NULL ? cid_jcard_read(jcd, NULL) : NULL;
}

/* One member of rcdi. Under /jcl a pointer reaches into a file that we do not have yet. */
static const char *digest_trouble(const char *pointer, const json_t *value, const json_t *rcd)
{
	struct callerid_span text = span_of(value);
	const char *rest;

	if (pointer[0] != '/' || !cid_pointer_is_valid(pointer))
		return "a name in rcdi is not a JSON pointer";
	/* §6: the three algorithms are those that have to be supported, not all there are: with
	 * another one the claim is well formed, and what it covers is not verified. */
	if (text.p == NULL || cid_digest_kind(text.p, text.n) == CID_DIGEST_BAD)
		return "a value in rcdi is not an algorithm, \"-\" and the base64 of its digest";
	if (cid_pointer_under(pointer, "jcl", &rest))
		pointer = "/jcl";
	if (cid_pointer_get(rcd, pointer) == NULL)
		return "a pointer in rcdi leads nowhere";
	return NULL;
}

/* RFC 9795 §6.1.2 to §6.1.4: what is fetched from elsewhere has to have a digest. */
static const char *missing_digest(const json_t *rcdi, const json_t *rcd)
{
	const json_t *jcd = json_object_get(rcd, "jcd");
	struct cid_jcard card = {.n_uris = 0};
	char pointer[8 + CID_JCARD_POINTER_MAX] = "/jcd";

	/* §6.1.2: only "if the URI references externally linked content": a data: URI is signed. */
	if (is_https(json_object_get(rcd, "icn")) && json_object_get(rcdi, "/icn") == NULL)
		return "rcdi has no digest of icn";
	if (json_object_get(rcd, "jcl") != NULL && json_object_get(rcdi, "/jcl") == NULL)
		return "rcdi has no digest of jcl";
	if (jcd != NULL)
		(void)cid_jcard_read(jcd, &card);
	for (size_t i = 0; i < card.n_uris; i++) {
		memcpy(pointer + 4, card.uri[i].pointer, sizeof(card.uri[i].pointer));
		if (card.uri[i].fetched && json_object_get(rcdi, pointer) == NULL)
			return "rcdi has no digest of a URI inside jcd";
	}
	return NULL;
}

const char *cid_rcdi_trouble(const json_t *rcdi, const json_t *rcd)
{
	json_t *walked = (json_t *)(uintptr_t)rcdi;
	const char *trouble = NULL;

	if (!json_is_object(rcdi))
		return "rcdi is not an object";
	if (rcd == NULL)
		return "rcdi without rcd";
	if (json_object_size(rcdi) == 0 || json_object_size(rcdi) > CID_RCDI_MAX)
		return "rcdi has not 1 to 64 digests";
	for (void *i = json_object_iter(walked); i != NULL && trouble == NULL;
	     i = json_object_iter_next(walked, i))
		trouble = digest_trouble(json_object_iter_key(i), json_object_iter_value(i), rcd);
	return trouble != NULL ? trouble : missing_digest(rcdi, rcd);
}

const char *cid_rcd_text_trouble(const json_t *text, const char *name)
{
	const bool crn = strcmp(name, "crn") == 0;

	if (!json_is_string(text))
		return crn ? "crn is not a string" : "iss is not a string";
	if (json_string_length(text) == 0)
		return crn ? "crn is empty" : "iss is empty";
	if (json_string_length(text) > CID_CRN_MAX)
		return crn ? "crn is over 512 bytes" : "iss is over 512 bytes";
	return NULL;
}

static const char *trouble_of(const json_t *rcd, const json_t *rcdi, const json_t *crn)
{
	const char *trouble = rcd != NULL ? cid_rcd_trouble(rcd) : NULL;

	if (trouble == NULL && rcdi != NULL)
		trouble = cid_rcdi_trouble(rcdi, rcd);
	if (trouble == NULL && crn != NULL)
		trouble = cid_rcd_text_trouble(crn, "crn");
	return trouble;
}

const char *cid_rcd_payload_trouble(const json_t *payload)
{
	return trouble_of(json_object_get(payload, "rcd"), json_object_get(payload, "rcdi"),
			  json_object_get(payload, "crn"));
}

char *cid_text_copy(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void cid_rcd_clear(struct callerid_claims *claims)
{
	const char **texts[] = {&claims->rcd, &claims->rcdi, &claims->crn, &claims->iss};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		free((char *)(uintptr_t)*texts[i]); /* const for those who read; made here */
		*texts[i] = NULL;
	}
}

/* value's canonical text into *text_out; NULL where there is no value. */
static enum callerid_status keep_json(const json_t *value, const char **text_out)
{
	enum callerid_status status = CALLERID_OK;
	char *text = NULL;
	size_t n;

	if (value != NULL)
		status = cid_canon_text(value, CID_JSON_MAX * 2, &text, &n);
	*text_out = text;
	return status;
}

enum callerid_reason cid_rcd_parse(const json_t *payload, struct callerid_claims *claims, char *why,
				   size_t why_size)
{
	const json_t *rcd = json_object_get(payload, "rcd"), *crn = json_object_get(payload, "crn");
	const json_t *rcdi = json_object_get(payload, "rcdi");
	const char *trouble = cid_rcd_payload_trouble(payload);

	if (trouble != NULL) {
		cid_say(why, why_size, "%s", trouble);
		return CALLERID_REASON_BAD_CLAIMS;
	}
	if (crn != NULL)
		claims->crn = cid_text_copy(json_string_value(crn), json_string_length(crn));
	if (keep_json(rcd, &claims->rcd) == CALLERID_OK &&
	    keep_json(rcdi, &claims->rcdi) == CALLERID_OK && (crn == NULL || claims->crn != NULL))
		return CALLERID_REASON_OK;
	cid_rcd_clear(claims);
	cid_say(why, why_size, "no memory");
	return CALLERID_REASON_NO_MEMORY;
}

/* A claim as the program gives it: one JSON value in a text. *out stays NULL without a text. */
static enum callerid_status load(const char *text, const char *name, json_t **out,
				 struct callerid_error *err)
{
	struct callerid_error why;

	if (text == NULL)
		return CALLERID_OK;
	*out = cid_json_load(text, strnlen(text, CID_JSON_MAX + 1), &why);
	if (*out != NULL)
		return CALLERID_OK;
	return cid_fail(err, why.status == CALLERID_ESYNTAX ? CALLERID_EINVAL : why.status,
			"claims", "%s: %s", name, why.text);
}

static enum callerid_status write_claim(struct cid_writer *w, const char *before,
					const json_t *value, struct callerid_error *err)
{
	enum callerid_status status;

	if (value == NULL)
		return CALLERID_OK;
	cid_write_text(w, before);
	status = cid_canon_write(w, value);
	if (status == CALLERID_OK)
		return status;
	return cid_fail(err, status, "claims", "%s",
			status == CALLERID_ENOMEM ? "no memory" : "the PASSporT is too long");
}

/* RFC 9795 §6: what every verifier has to support is what we sign; what none of ours can verify is
 * not. */
static const char *unknown_digest(const json_t *rcdi)
{
	json_t *walked = (json_t *)(uintptr_t)rcdi;

	for (void *i = json_object_iter(walked); i != NULL; i = json_object_iter_next(walked, i)) {
		struct callerid_span text = span_of(json_object_iter_value(i));

		if (cid_digest_kind(text.p, text.n) != CID_DIGEST_KNOWN)
			return "a digest in rcdi is not sha256, sha384 or sha512";
	}
	return NULL;
}

enum callerid_status cid_rcd_write(struct cid_writer *w, const struct callerid_claims *claims,
				   struct callerid_error *err)
{
	json_t *rcd = NULL, *rcdi = NULL;
	enum callerid_status status = load(claims->rcd, "rcd", &rcd, err);
	const char *trouble = NULL;

	if (status == CALLERID_OK)
		status = load(claims->rcdi, "rcdi", &rcdi, err);
	if (status == CALLERID_OK)
		trouble = trouble_of(rcd, rcdi, NULL);
	if (status == CALLERID_OK && trouble == NULL)
		trouble = unknown_digest(rcdi);
	if (trouble != NULL)
		status = cid_fail(err, CALLERID_EINVAL, "claims", "%s", trouble);
	if (status == CALLERID_OK)
		status = write_claim(w, ",\"rcd\":", rcd, err);
	if (status == CALLERID_OK)
		status = write_claim(w, ",\"rcdi\":", rcdi, err);
	json_decref(rcd);
	json_decref(rcdi);
	return status;
}

enum callerid_status cid_crn_write(struct cid_writer *w, const struct callerid_claims *claims,
				   struct callerid_error *err)
{
	size_t n;

	if (claims->crn == NULL)
		return CALLERID_OK;
	n = strnlen(claims->crn, CID_CRN_MAX + 1);
	if (n == 0 || n > CID_CRN_MAX)
		return cid_fail(err, CALLERID_EINVAL, "claims", "crn has not 1 to %d bytes",
				CID_CRN_MAX);
	cid_write_text(w, "\"crn\":");
	cid_write_string(w, claims->crn, n);
	cid_write(w, ",", 1);
	return CALLERID_OK;
}
