/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a refusal says: the Reason header field (RFC 3326) with the causes of STIR (RFC 9410), 603
 * of an analytics engine, 607 (RFC 8197), 608 with its signed contact card (RFC 8688).
 *
 * Every writer returns the length without the NUL, or 0 with text_out "" when a part may not stand
 * there or size is too small. Nothing here blocks or keeps state; any number of threads.
 */
#ifndef CALLERID_REASON_H
#define CALLERID_REASON_H

#include <callerid/context.h>
#include <callerid/identity.h>
#include <callerid/signer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_REASON_VALUE_MAX 20480 /* bytes of one Reason value; a full ppi is a token */
#define CALLERID_URL_MAX	  512	/* bytes of a URL for redress */

/* One value of a Reason header field. Spans are empty where a parameter is absent. */
struct callerid_reason_value {
	struct callerid_span protocol; /* "STIR", "SIP", "Q.850": without regard to case */
	int cause;		       /* -1 when absent */
	struct callerid_span text;     /* between the quotes, as received, with its escapes */
	struct callerid_span ppi;      /* RFC 9410 §5: a token, full or "..signature" */
	struct callerid_span location; /* RFC 8606, and 603 of an analytics engine */
	unsigned n_unknown;	       /* other parameters, legal and ignored */
};

/*
 * The next value of a field that may hold several, comma-joined (RFC 3261 §7.3.1). *rest is the
 * unread part and moves on; false at the end. Commas inside quotes and <> do not split.
 */
CALLERID_API bool callerid_reason_next(struct callerid_span *rest, struct callerid_span *value_out);

/*
 * One value in any legal spelling (RFC 3326 §2): white space and folding, names in either case,
 * parameters in any order, unknown ones too. CALLERID_ESYNTAX: not the grammar, a parameter twice,
 * a cause that is not 1 to 9 digits. CALLERID_ELIMIT: over CALLERID_REASON_VALUE_MAX or 16
 * parameters. value_out borrows text.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_reason_parse(const char *text, size_t len, struct callerid_reason_value *value_out,
		      struct callerid_error *err);

/* A quoted text without its escapes; control characters become '?'. 0 also when it is empty. */
CALLERID_API size_t callerid_reason_text(struct callerid_span quoted, char *text_out, size_t size);

/*
 * One value: protocol, cause, text, ppi, location, each but protocol only when present. text is
 * taken as it shall read; its quotes are escaped. STIR is spelled as RFC 9410 prints it, with a
 * space before each ";", everything else without.
 */
CALLERID_API size_t callerid_reason_write(const struct callerid_reason_value *value, char *text_out,
					  size_t size);

/*
 * STIR ;cause=436 ;text="Bad Identity Info" ;ppi="...": RFC 9410 §4. cause is 403, 428, 436, 437 or
 * 438; ppi a token as received, or "..signature" (recommended, §5), or empty.
 */
CALLERID_API size_t callerid_reason_stir(int cause, struct callerid_span ppi, char *text_out,
					 size_t size);

/*
 * RFC 9410 §7: the value is about the PASSporT token (full, or "..signature"), and so to be taken
 * out of a response before that goes further back. A ppi in either form names it.
 */
CALLERID_API bool callerid_reason_is_about(const struct callerid_reason_value *value,
					   struct callerid_span token);

/* "Unwanted" for 607, "Rejected" for 608, "Network Blocked" for 603, the phrases of RFC 8224
 * §6.2.2 for 403, 428, 436, 437, 438. Static; NULL for any other code. */
CALLERID_API const char *callerid_response_phrase(int code);

/*
 * SIP;cause=603;text="v=analytics1;url=...";location=TN, for a "603 Network Blocked" ("603+"). url
 * is where the caller finds help: https, mailto, tel or sip, without '"', ';' and '\'. The text of
 * ATIS-1000099 was not at hand: this is the form in the field.
 */
CALLERID_API size_t callerid_analytics_write(const char *url, char *text_out, size_t size);

/*
 * Both have to hold: the response is 603, and the value is SIP's cause 603 (or Q.850's 21) with a
 * text that begins "v=analytics1;". *url_out borrows value; it is empty when the text has no url.
 */
CALLERID_API bool callerid_analytics_parse(int code, const struct callerid_reason_value *value,
					   struct callerid_span *url_out);

/*
 * RFC 8688 §3.4: a Feature-Caps value of the request has "sip.608", so that somebody before us
 * knows what a 608 means. Without it the call is to be answered with an announcement.
 */
CALLERID_API bool callerid_feature_caps_has_608(const char *text, size_t len);

/* <uri>;purpose=jwscard: the Call-Info value of a 608 (RFC 8688 §3.1). */
CALLERID_API size_t callerid_jwscard_call_info(const char *uri, char *text_out, size_t size);

/* The URI of the first Call-Info value whose purpose is jwscard. false: there is none. */
CALLERID_API bool callerid_jwscard_uri(const char *call_info, size_t len,
				       struct callerid_span *uri_out);

/*
 * The card, signed: RFC 8688 §3.2 wants a new one for every response, with iat the time of the
 * rejection, so that it cannot be used for another. jcard is a jCard (RFC 7095), one JSON array.
 * *jws_out is freed with free(). CALLERID_EINVAL: not a jCard. CALLERID_EPERM: the certificate is
 * not valid at iat.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_jwscard_sign(const struct callerid_signer *signer, const char *jcard, size_t len,
		      int64_t iat, char **jws_out, struct callerid_error *err);

/* A card as found, nothing of it proven. Freed by callerid_jwscard_free(). */
struct callerid_jwscard {
	int64_t iat;
	char x5u[CALLERID_X5U_MAX + 1]; /* where the certificate stands */
	char *jcard;			/* canonical JSON */
};

/* CALLERID_ESYNTAX: no JWS, not vcard+json, ES256, x5u, iat and jcard. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_jwscard_parse(const char *jws, size_t len, struct callerid_jwscard **card_out,
		       struct callerid_error *err);
CALLERID_API void callerid_jwscard_free(struct callerid_jwscard *card); /* NULL is fine */

/* What a card is held against. body is what stands at its x5u, as for
 * callerid_verification_supply(). */
struct callerid_jwscard_proof {
	const void *body;
	size_t len;
	int64_t now;
	int64_t max_age_s; /* of iat, both ways; 0 means 60 */
};

/*
 * OK, or why the card is not to be believed: IAT_STALE, IAT_FUTURE, CERT_*, BAD_SIGNATURE,
 * BAD_PASSPORT (it does not parse), or NO_MEMORY, which says nothing about it. The path has to end
 * at an anchor of ctx; a TNAuthList is not asked for, since a card speaks for no number. why
 * (CALLERID_WHY_MAX + 1 bytes) may be NULL.
 */
CALLERID_API enum callerid_reason
callerid_jwscard_verify(struct callerid_context *ctx, const char *jws, size_t len,
			const struct callerid_jwscard_proof *proof, char *why);

#ifdef __cplusplus
}
#endif

#endif
