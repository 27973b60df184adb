/* SPDX-License-Identifier: Apache-2.0 */
/* The contact card of a 608 (RFC 8688 §3.2): a jCard in a JWS, made anew for every response. */
#include <callerid/reason.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "b64url.h"
#include "canon.h"
#include "claims.h"
#include "context.h"
#include "fail.h"
#include "jcard.h"
#include "json.h"
#include "jws.h"
#include "signer_jws.h"
#include "x5u.h"

#define MAX_AGE_S  60
#define HEADER_MAX (CALLERID_X5U_MAX * 2 + 64)

/* The value as canonical JSON, the caller's, free(). NULL: no memory, or too long. */
static char *dump(const json_t *value)
{
	char *text = NULL;
	size_t n;

	return cid_canon_text(value, CALLERID_TOKEN_MAX, &text, &n) == CALLERID_OK ? text : NULL;
}

/* The program's jCard, checked and canonical. */
static enum callerid_status read_jcard(const char *jcard, size_t len, char **text_out,
				       struct callerid_error *err)
{
	char object[CID_JSON_MAX];
	struct callerid_error why;
	const char *trouble;
	struct cid_writer w;
	json_t *root;

	cid_writer_init(&w, object, sizeof(object));
	cid_write_text(&w, "{\"jcard\":");
	cid_write(&w, jcard, len);
	cid_write(&w, "}", 1);
	if (w.full)
		return cid_fail(err, CALLERID_EINVAL, "jwscard", "the jCard is too long");
	root = cid_json_load(object, w.len, &why);
	if (root == NULL)
		return cid_fail(err,
				why.status == CALLERID_ENOMEM ? CALLERID_ENOMEM : CALLERID_EINVAL,
				"jwscard", "the jCard is not JSON: %s", why.text);
	trouble = json_object_size(root) != 1
			  ? "the jCard is not one JSON array"
			  : cid_jcard_read(json_object_get(root, "jcard"), NULL);
	*text_out = trouble == NULL ? dump(json_object_get(root, "jcard")) : NULL;
	json_decref(root);
	if (trouble != NULL)
		return cid_fail(err, CALLERID_EINVAL, "jwscard", "%s", trouble);
	return *text_out != NULL ? CALLERID_OK
				 : cid_fail(err, CALLERID_ENOMEM, "jwscard", "no memory");
}

/* base64url(header) "." base64url(payload), names in canonical order. */
static void write_input(struct cid_writer *w, const char *x5u, const char *jcard, int64_t iat)
{
	char header[HEADER_MAX], payload[CALLERID_TOKEN_MAX];
	struct cid_writer head, body;

	cid_writer_init(&head, header, sizeof(header));
	cid_write_text(&head, "{\"alg\":\"ES256\",\"typ\":\"vcard+json\",\"x5u\":");
	cid_write_string(&head, x5u, strlen(x5u));
	cid_write(&head, "}", 1);
	cid_writer_init(&body, payload, sizeof(payload));
	cid_write_text(&body, "{\"iat\":");
	cid_write_int(&body, iat);
	cid_write_text(&body, ",\"jcard\":");
	cid_write_text(&body, jcard);
	cid_write(&body, "}", 1);
	w->full = w->full || head.full || body.full;
	cid_write_b64url(w, head.p, head.len);
	cid_write(w, ".", 1);
	cid_write_b64url(w, body.p, body.len);
}

static enum callerid_status seal(const struct callerid_signer *signer, const char *jcard,
				 int64_t iat, char **jws_out, struct callerid_error *err)
{
	char text[CALLERID_TOKEN_MAX];
	enum callerid_status status;
	struct cid_writer w;
	char *copy;

	cid_writer_init(&w, text, sizeof(text));
	write_input(&w, cid_signer_x5u(signer), jcard, iat);
	if (w.full)
		return cid_fail(err, CALLERID_ELIMIT, "jwscard", "the card is too long");
	status = cid_signer_seal(signer, &w, iat, err);
	if (status != CALLERID_OK)
		return status;
	if (w.full)
		return cid_fail(err, CALLERID_ELIMIT, "jwscard", "the card is too long");
	copy = strndup(w.p, w.len);
	if (copy == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "jwscard", "no memory");
	*jws_out = copy;
	return CALLERID_OK;
}

enum callerid_status callerid_jwscard_sign(const struct callerid_signer *signer, const char *jcard,
					   size_t len, int64_t iat, char **jws_out,
					   struct callerid_error *err)
{
	char *text = NULL;
	enum callerid_status status;

	if (signer == NULL || jcard == NULL)
		return cid_fail(err, CALLERID_EINVAL, "jwscard", "signer or jCard is missing");
	if (iat <= 0 || iat > CID_IAT_MAX)
		return cid_fail(err, CALLERID_EINVAL, "jwscard", "iat is out of range");
	status = read_jcard(jcard, len, &text, err);
	if (status == CALLERID_OK)
		status = seal(signer, text, iat, jws_out, err);
	free(text);
	return status;
}

/* One part of a JWS as a JSON object. */
static json_t *load(struct callerid_span part, struct callerid_error *err)
{
	uint8_t text[CID_B64URL_DECODED(CALLERID_TOKEN_MAX)];
	size_t n = 0;

	if (!cid_b64url_decode(part.p, part.n, text, sizeof(text), &n)) {
		cid_fail(err, CALLERID_ESYNTAX, "jwscard", "a part is not base64url");
		return NULL;
	}
	return cid_json_load((const char *)text, n, err);
}

static bool is_text(const json_t *value, const char *text)
{
	return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

static const char *read_header(const json_t *header, struct callerid_jwscard *card)
{
	const json_t *x5u = json_object_get(header, "x5u");
	struct callerid_span url = {json_string_value(x5u), json_string_length(x5u)};

	/* RFC 7515 §4.1.11: what "crit" lists must be understood; we understand no extension. */
	if (json_object_get(header, "crit") != NULL || json_object_get(header, "jwk") != NULL)
		return "the header has crit or jwk";
	if (!is_text(json_object_get(header, "alg"), "ES256"))
		return "alg is not ES256";
	if (!is_text(json_object_get(header, "typ"), "vcard+json"))
		return "typ is not vcard+json";
	if (url.p == NULL || !cid_x5u_is_https(url))
		return "x5u is not an https URL";
	memcpy(card->x5u, url.p, url.n + 1);
	return NULL;
}

static const char *read_payload(const json_t *payload, struct callerid_jwscard *card)
{
	const json_t *iat = json_object_get(payload, "iat");

	if (!json_is_integer(iat) || json_integer_value(iat) < 0 ||
	    json_integer_value(iat) > CID_IAT_MAX)
		return "iat is not a number in range";
	card->iat = json_integer_value(iat);
	return cid_jcard_read(json_object_get(payload, "jcard"), NULL);
}

static enum callerid_status read_card(const struct cid_jws *jws, struct callerid_jwscard *card,
				      struct callerid_error *err)
{
	json_t *header = load(jws->header, err);
	json_t *payload = header == NULL ? NULL : load(jws->payload, err);
	const char *trouble = NULL;

	if (payload == NULL) {
		json_decref(header);
		return err->status;
	}
	trouble = read_header(header, card);
	if (trouble == NULL)
		trouble = read_payload(payload, card);
	if (trouble == NULL)
		card->jcard = dump(json_object_get(payload, "jcard"));
	json_decref(header);
	json_decref(payload);
	if (trouble != NULL)
		return cid_fail(err, CALLERID_ESYNTAX, "jwscard", "%s", trouble);
	return card->jcard != NULL ? CALLERID_OK
				   : cid_fail(err, CALLERID_ENOMEM, "jwscard", "no memory");
}

static enum callerid_status parse(struct callerid_span text, struct cid_jws *jws,
				  struct callerid_jwscard **card_out, struct callerid_error *err)
{
	struct callerid_jwscard *card;
	enum callerid_status status = cid_jws_split(text, jws, err);

	if (status != CALLERID_OK)
		return status;
	if (jws->header.n == 0)
		return cid_fail(err, CALLERID_ESYNTAX, "jwscard", "there is no header");
	card = calloc(1, sizeof(*card));
	if (card == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "jwscard", "no memory");
	status = read_card(jws, card, err);
	if (status == CALLERID_OK)
		*card_out = card;
	else
		callerid_jwscard_free(card);
	return status;
}

enum callerid_status callerid_jwscard_parse(const char *jws, size_t len,
					    struct callerid_jwscard **card_out,
					    struct callerid_error *err)
{
	struct callerid_error mine;
	struct cid_jws parts;

	return parse((struct callerid_span){jws, len}, &parts, card_out, err != NULL ? err : &mine);
}

void callerid_jwscard_free(struct callerid_jwscard *card)
{
	if (card == NULL)
		return;
	free(card->jcard);
	free(card);
}

/* The signature by a certificate that can be trusted. */
static enum callerid_reason judge_cert(const struct cid_cert *cert, const struct cid_jws *jws,
				       int64_t iat, char *why)
{
	const struct cid_finding *bad =
		cert->file.reason != CALLERID_REASON_OK ? &cert->file : &cert->path;
	enum cid_verified result = CID_NOT_VERIFIED;
	uint8_t raw[CID_ES256_LEN];

	if (bad->reason != CALLERID_REASON_OK) {
		cid_say(why, CALLERID_WHY_MAX + 1, "%s", bad->why);
		return bad->reason;
	}
	if (iat < cert->not_before || iat > cert->not_after) {
		cid_say(why, CALLERID_WHY_MAX + 1, "iat lies outside the certificate's validity");
		return CALLERID_REASON_CERT_NOT_VALID_AT_IAT;
	}
	if (cid_jws_signature(jws, raw))
		result = cid_es256_verify_with(cert->key, jws->signing_input.p,
					       jws->signing_input.n, raw);
	if (result == CID_VERIFIED)
		return CALLERID_REASON_OK;
	if (result == CID_VERIFY_NO_MEMORY)
		return CALLERID_REASON_NO_MEMORY;
	cid_say(why, CALLERID_WHY_MAX + 1, "it is not the certificate's over these bytes");
	return CALLERID_REASON_BAD_SIGNATURE;
}

/* RFC 8688 §3.2: iat keeps a card from being shown for other calls. */
static enum callerid_reason judge_time(int64_t iat, const struct callerid_jwscard_proof *proof,
				       char *why)
{
	int64_t max = proof->max_age_s > 0 ? proof->max_age_s : MAX_AGE_S;
	int64_t by;

	if (__builtin_sub_overflow(iat, proof->now, &by))
		by = iat > proof->now ? INT64_MAX : INT64_MIN + 1;
	if (by >= -max && by <= max)
		return CALLERID_REASON_OK;
	cid_say(why, CALLERID_WHY_MAX + 1, "iat is %" PRId64 " s %s", by < 0 ? -by : by,
		by < 0 ? "old" : "ahead");
	return by < 0 ? CALLERID_REASON_IAT_STALE : CALLERID_REASON_IAT_FUTURE;
}

static enum callerid_reason verify(struct callerid_context *ctx, struct callerid_span text,
				   const struct callerid_jwscard_proof *proof, char *why)
{
	struct callerid_jwscard *card = NULL;
	enum callerid_reason reason;
	struct callerid_error err;
	struct cid_cert *cert;
	struct cid_jws jws;
	enum callerid_status status = parse(text, &jws, &card, &err);

	if (status != CALLERID_OK) {
		cid_say(why, CALLERID_WHY_MAX + 1, "%s", err.text);
		return status == CALLERID_ENOMEM ? CALLERID_REASON_NO_MEMORY
						 : CALLERID_REASON_BAD_PASSPORT;
	}
	reason = judge_time(card->iat, proof, why);
	if (reason == CALLERID_REASON_OK) {
		cert = cid_chain_check(ctx->trust, proof->body, proof->len, proof->now);
		reason = cert == NULL ? CALLERID_REASON_NO_MEMORY
				      : judge_cert(cert, &jws, card->iat, why);
		cid_cert_release(cert);
	}
	callerid_jwscard_free(card);
	return reason;
}

enum callerid_reason callerid_jwscard_verify(struct callerid_context *ctx, const char *jws,
					     size_t len, const struct callerid_jwscard_proof *proof,
					     char *why)
{
	char mine[CALLERID_WHY_MAX + 1];
	char *say = why != NULL ? why : mine;

	say[0] = '\0';
	return verify(ctx, (struct callerid_span){jws, len}, proof, say);
}
