/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of one PASSporT, one function each, and the rule that runs them by their mode. */
#ifndef CID_CHECKS_H
#define CID_CHECKS_H

#include <callerid/verification.h>

#include <callerid/date.h>

#include "context.h"
#include "jws.h"

/* What all PASSporTs of a request are held against. */
struct cid_facts {
	struct callerid_policy policy; /* max_age_s is never 0 */
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
	uint8_t raw[CID_ES256_LEN]; /* the signature */
	bool has_raw;
	bool over;	  /* a check has decided, or nothing is left to look at */
	unsigned asked;	  /* rph[i] of the claims stands in Resource-Priority: bit i */
	bool is_callback; /* Priority is psap-callback, as sph says */
	bool ignored;	  /* of a type that we do not know: as if it were not there */
	struct cid_cert *cert;
	bool no_memory; /* for the certificate */
	char unavailable[CALLERID_WHY_MAX + 1];
	struct cid_replay *replay; /* the context's, as is keys */
	struct cid_keytables *keys;
	struct cid_replay_key replay_key;
	bool to_remember; /* replay_key is set, and the signature has passed */
};

/* Fills date and date_state. */
void cid_facts_read_date(struct cid_facts *facts, struct callerid_span date);

/* Opens out for one value of an Identity header and runs all checks that need no certificate. */
void cid_checks_cheap(struct cid_passport *p, const struct cid_facts *facts,
		      struct callerid_span value);

/* Whether p can go on only with a certificate; its URL is out->x5u. */
bool cid_checks_need_cert(const struct cid_passport *p, const struct cid_facts *facts);

/* The checks from "cert" to "signature", with p->cert or the lack of it. */
void cid_checks_cert(struct cid_passport *p, const struct cid_facts *facts);

/* "replay": only looks; what p->to_remember says is for the caller to do after all have looked. */
void cid_checks_replay(struct cid_passport *p, const struct cid_facts *facts);

/* Says that check decided reason, and that the others were not run. For a request without PASSporT.
 */
void cid_checks_none(struct callerid_passport_verdict *out, enum callerid_reason reason,
		     const char *why);

/* Takes p back to nothing. */
void cid_passport_clear(struct cid_passport *p);

#endif
