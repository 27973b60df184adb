/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of one PASSporT, one function each, and the rule that runs them by their mode. */
#ifndef CID_CHECKS_H
#define CID_CHECKS_H

#include <callerid/verification.h>

#include <callerid/date.h>

#include "context.h"
#include "diversion.h"
#include "jws.h"
#include "ppt.h"

/* What all PASSporTs of a request are held against. */
struct cid_facts {
	struct callerid_policy policy; /* no field is 0 for "default" any more */
	int64_t now;
	int64_t date;
	enum { CID_DATE_ABSENT, CID_DATE_READ, CID_DATE_BROKEN } date_state;
	const struct callerid_call *call; /* NULL once callerid_verification_new() has returned */
};

/* One PASSporT under way. */
struct cid_passport {
	struct callerid_passport_verdict *out;
	char *token;			   /* our copy: the call's is borrowed for a moment only */
	struct callerid_identity identity; /* its spans are borrowed, except token, which is ours */
	struct cid_jws jws;
	char *second; /* compact form: the token, were it of the call's second caller; ours */
	struct callerid_party second_orig;
	bool either;		    /* there was a second: two signatures are to be tried */
	uint8_t raw[CID_ES256_LEN]; /* the signature */
	bool has_raw;
	bool over;		    /* a check has decided, or nothing is left to look at */
	bool ignored;		    /* of a type that we do not know: as if it were not there */
	const struct cid_ppt *type; /* NULL until the header was read */
	struct cid_link link;	    /* its place among the others */
	bool is_called;		    /* dest has the called party, whatever was forwarded */
	bool leans;		    /* dest or iat passed on the word of a whole chain */
	bool diversion_told;	    /* before the certificate was asked for */
	bool replay_told;
	bool wants;			 /* its certificate, from out->x5u */
	const struct cid_passport *twin; /* has the same token and x5u: its signature is ours */
	enum { CID_SIGNATURE_UNKNOWN, CID_SIGNATURE_GOOD, CID_SIGNATURE_BAD } signature;
	unsigned asked;	  /* rph[i] of the claims stands in Resource-Priority: bit i */
	bool is_callback; /* Priority is psap-callback, as sph says */
	struct cid_cert *cert;
	bool no_memory;	 /* an allocation failed: what is said of it counts for nothing */
	bool wants_list; /* what stands at cert->tn_list_url */
	char *body;	 /* with it: what was supplied for x5u, body_len bytes; ours */
	size_t body_len;
	char unavailable[CALLERID_WHY_MAX + 1];
	struct cid_replay *replay; /* the context's, as is keys */
	struct cid_keytables *keys;
	struct cid_replay_key replay_key;
	bool to_remember; /* replay_key is set, and the signature has passed */
	char content_why[CALLERID_WHY_MAX + 1];
};

/* The Request-URI (RFC 8946 §4.2.1), or To where the program does not tell it. */
const struct callerid_party *cid_facts_diverted_to(const struct cid_facts *facts);

/* Fills date and date_state. */
void cid_facts_read_date(struct cid_facts *facts, struct callerid_span date);

/* Opens out for one value of an Identity header and runs the checks from "present" to "claims",
 * which look at nothing but the header. */
void cid_checks_open(struct cid_passport *p, const struct cid_facts *facts,
		     struct callerid_span value);

/* The same for a token that stood inside another; its header parameters are what it says itself. */
void cid_checks_open_inner(struct cid_passport *p, const struct cid_facts *facts,
			   struct callerid_span token);

/* Of an ignored p the base claims, into out->claims; false when even they cannot be read. */
bool cid_checks_open_unknown(struct cid_passport *p);

/* The other checks that need no certificate, once p->link is known: "orig" to "iat". */
void cid_checks_signalling(struct cid_passport *p, const struct cid_facts *facts);

/* Again what passed on the word of a chain that does not hold: "dest" and "iat". */
void cid_checks_again(struct cid_passport *p, const struct cid_facts *facts);

/* Whether p can go on only with a certificate; its URL is out->x5u. */
bool cid_checks_need_cert(const struct cid_passport *p, const struct cid_facts *facts);

/* It costs more than the call may: "signature" fails with why, in every mode. */
void cid_checks_refuse(struct cid_passport *p, const char *why);

/* The checks from "cert" to "signature", with p->cert or the lack of it. */
void cid_checks_cert(struct cid_passport *p, const struct cid_facts *facts);

/* Whether "iat" lets p be the last forward of a path; and, once its signature passed, "replay". */
bool cid_checks_is_fresh(const struct cid_passport *p, const struct cid_facts *facts);
bool cid_checks_is_replay(struct cid_passport *p, const struct cid_facts *facts);

/* "replay": only looks; what p->to_remember says is for the caller to do after all have looked. */
void cid_checks_replay(struct cid_passport *p, const struct cid_facts *facts);

/* "diversion", once. */
void cid_checks_diversion(struct cid_passport *p, const struct cid_facts *facts);

/* Every enforced check passed so far, and the signature did. */
bool cid_passport_is_proven(const struct callerid_passport_verdict *out);

/* And its key is one that our anchors vouch for: with "chain" off or warning it may be anybody's.
 */
bool cid_passport_is_trusted(const struct callerid_passport_verdict *out);

/* Rich Call Data: against the call's contents, *hashed being the bytes that the call has cost so
 * far; after all other checks, what may be used; "content". */
void cid_content_look(struct cid_passport *p, const struct cid_facts *facts, size_t *hashed);
void cid_content_settle(struct cid_passport *list, size_t n);
void cid_checks_content(struct cid_passport *p, const struct cid_facts *facts);

/* Says that check decided reason, and that the others were not run. For a request without PASSporT.
 */
void cid_checks_none(struct callerid_passport_verdict *out, enum callerid_reason reason,
		     const char *why);

/* Takes p back to nothing. */
void cid_passport_clear(struct cid_passport *p);

#endif
