/* SPDX-License-Identifier: Apache-2.0 */
/* The compact form of a PASSporT (RFC 8225 §7): only its signature travels. */
#ifndef CID_COMPACT_H
#define CID_COMPACT_H

#include "check.h"

/* CALLERID_EINVAL: claims hold what no verifier could rebuild from a request; CALLERID_ENOMEM. */
enum callerid_status cid_compact_check(const struct callerid_claims *claims,
				       struct callerid_error *err);

/*
 * Makes p's token whole again, from its Identity header and the call: CID_PASSED, and p->token,
 * identity.token and jws are those of the full form. Else why not, in r.
 */
enum cid_step cid_compact_rebuild(struct cid_passport *p, const struct cid_facts *f,
				  struct callerid_check_result *r);

/* Where the call names two callers: p becomes the second one's when the signature is. */
void cid_compact_choose(struct cid_passport *p, const struct cid_facts *f);

#endif
