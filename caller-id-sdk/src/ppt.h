/* SPDX-License-Identifier: Apache-2.0 */
/* The PASSporT types we know, one table entry each (RFC 8225 §8). */
#ifndef CID_PPT_H
#define CID_PPT_H

#include <callerid/passport.h>
#include <callerid/verdict.h>

#include <jansson.h>

struct cid_writer;

struct cid_ppt {
	const char *name; /* "" is the base PASSporT */
	/* The type's own claims of payload into claims; the base claims are there already. */
	enum callerid_reason (*parse)(const json_t *payload, struct callerid_claims *claims,
				      char *why, size_t why_size);
	/* The whole payload, canonical. CALLERID_EINVAL: a claim of the type is missing or wrong.
	 */
	enum callerid_status (*build)(struct cid_writer *w, const struct callerid_claims *claims,
				      struct callerid_error *err);
	bool compact_allowed; /* RFC 8225 §7: the compact form can carry it */
	bool says_verstat;    /* alone, it says whether the caller's number is proven */
	bool wants_security;  /* RFC 8862: media must be secured */
	bool grants_priority; /* RFC 8443: its signer answers for values of Resource-Priority */
	bool only_listed;     /* shown in the verdict, not verified */
	bool diverts;	      /* RFC 8946: continues another PASSporT; its signer answers for div */
	bool carries_rcd;     /* rcd, rcdi and crn may stand in it (RFC 9795 §8, §13) */
};

extern const struct cid_ppt cid_ppt_base;   /* ppt_base.c */
extern const struct cid_ppt cid_ppt_shaken; /* ppt_shaken.c */
extern const struct cid_ppt cid_ppt_div;    /* ppt_div.c */
extern const struct cid_ppt cid_ppt_div_o;  /* ppt_div.c */
extern const struct cid_ppt cid_ppt_rcd;    /* ppt_rcd.c */
extern const struct cid_ppt cid_ppt_rph;    /* ppt_rph.c */
extern const struct cid_ppt cid_ppt_msec;   /* ppt_msec.c */
extern const struct cid_ppt cid_ppt_rsp;    /* ppt_rsp.c */

/* For a type that has no claims of its own: those of the base PASSporT. */
enum callerid_reason cid_ppt_parse_base(const json_t *payload, struct callerid_claims *claims,
					char *why, size_t why_size);
enum callerid_status cid_ppt_build_base(struct cid_writer *w, const struct callerid_claims *claims,
					struct callerid_error *err);

/* By its exact name; "" or {NULL, 0} is the base PASSporT. NULL: a type that we do not know. */
const struct cid_ppt *cid_ppt_find(const char *name, size_t len);

/* Over whom the signer must have authority: div of a diversion (RFC 8946 §4.2.2), else orig. */
const struct callerid_party *cid_ppt_authority(const struct callerid_claims *claims);

#endif
