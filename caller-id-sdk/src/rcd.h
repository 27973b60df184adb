/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of Rich Call Data (RFC 9795): their syntax, and their way in and out of a PASSporT. */
#ifndef CID_RCD_H
#define CID_RCD_H

#include <callerid/identity.h>
#include <callerid/passport.h>
#include <callerid/rcd.h>
#include <callerid/verdict.h>

#include "jcard.h"
#include "json.h"

#define CID_RCDI_MAX 64	 /* digests in one rcdi */
#define CID_CRN_MAX  512 /* bytes of crn and of iss */

/* Each returns NULL when the claim is well formed, else what is wrong, static. */
const char *cid_rcd_trouble(const json_t *rcd);			     /* RFC 9795 §5.1 */
const char *cid_rcdi_trouble(const json_t *rcdi, const json_t *rcd); /* §6; rcd is well formed */
const char *cid_rcd_text_trouble(const json_t *text, const char *name); /* crn §5.2, iss §10 */

/* The same for all three of a payload; NULL also when it has none. */
const char *cid_rcd_payload_trouble(const json_t *payload);

/*
 * rcd, rcdi and crn of payload into claims, which then own them. OK also when there is none.
 * BAD_CLAIMS, NO_MEMORY; claims has none of them then.
 */
enum callerid_reason cid_rcd_parse(const json_t *payload, struct callerid_claims *claims, char *why,
				   size_t why_size);

/*
 * ,"rcd":{...},"rcdi":{...} of claims, as far as they are there, canonical. CALLERID_EINVAL: not
 * well formed, or rcdi without rcd; CALLERID_ENOMEM; CALLERID_ELIMIT.
 */
enum callerid_status cid_rcd_write(struct cid_writer *w, const struct callerid_claims *claims,
				   struct callerid_error *err);

/* "crn":"...", in front of other claims; nothing without one. CALLERID_EINVAL: not well formed. */
enum callerid_status cid_crn_write(struct cid_writer *w, const struct callerid_claims *claims,
				   struct callerid_error *err);

/* Frees rcd, rcdi, crn and iss of parsed claims, and sets them to NULL. */
void cid_rcd_clear(struct callerid_claims *claims);

/* The value of a text that cid_rcd_parse() made; the caller's, json_decref(). NULL: no memory. */
json_t *cid_rcd_reload(const char *text);

/* A copy that can be freed with free(); NULL: no memory. */
char *cid_text_copy(const char *text, size_t len);

/*
 * The bytes of a data: URI (RFC 2397), malloc'ed. CALLERID_ESYNTAX: it is not one, or not
 * well encoded; CALLERID_ENOMEM.
 */
enum callerid_status cid_data_uri(const char *uri, uint8_t **data_out, size_t *len_out);

/* One PASSporT's Rich Call Data against what it points to. */
struct cid_rcd_job {
	const struct callerid_claims *claims;
	const struct callerid_content *contents;
	size_t n_contents;
	struct callerid_span display_name; /* of the call; {NULL, 0}: not given */
	size_t *hashed;			   /* bytes that the call has cost so far */
	bool no_digests;		   /* the check is off: everything stays a claim */
};

/*
 * RFC 9795 §6, §8.2: fills parts and name_differs of out; why gets the first mismatch, or what was
 * not fetched, or "". false: no memory, out is untouched but for parts.
 */
bool cid_rcd_check(const struct cid_rcd_job *job, struct callerid_rcd_verdict *out, char *why,
		   size_t why_size);

#endif
