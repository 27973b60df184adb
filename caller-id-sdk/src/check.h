/* SPDX-License-Identifier: Apache-2.0 */
/* One function a check, for the table in checks.c. */
#ifndef CID_CHECK_H
#define CID_CHECK_H

#include "checks.h"

/* How one check ends. DEAD: it failed and the later ones have nothing to look at. */
enum cid_step {
	CID_PASSED,
	CID_WARNED, /* listed as a warning, whatever its mode */
	CID_FAILED,
	CID_FAILED_ALONE, /* it failed, and decides nothing else whatever its mode */
	CID_DEAD,
	CID_NOTHING
};

/* Fill r and return step, or CID_NOTHING. */
enum cid_step cid_step_fail(struct callerid_check_result *r, enum cid_step step,
			    enum callerid_reason reason, const char *why);
enum cid_step cid_step_nothing(struct callerid_check_result *r, const char *why);

/* checks_token.c: what the signalling and the token say; checks_cert.c: what the certificate says.
 */
typedef enum cid_step cid_check(struct cid_passport *p, const struct cid_facts *f,
				struct callerid_check_result *r);

cid_check cid_check_present, cid_check_header, cid_check_passport, cid_check_claims, cid_check_orig,
	cid_check_dest, cid_check_media, cid_check_priority, cid_check_date, cid_check_iat;
cid_check cid_check_content; /* checks_content.c */
cid_check cid_check_cert, cid_check_chain, cid_check_validity, cid_check_authority,
	cid_check_constraints, cid_check_signature, cid_check_replay, cid_check_diversion;

/* checks_call.c: "authority" of an rph PASSporT (RFC 8443 §7.1). */
cid_check cid_check_grants;

/* What p authorises of Resource-Priority and Priority, into verdict. After all checks. */
void cid_priority_take(const struct cid_passport *p, struct callerid_verdict *verdict);

#endif
