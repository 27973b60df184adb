/* SPDX-License-Identifier: Apache-2.0 */
/* Rich Call Data of a verdict, for render.c. */
#ifndef CID_RENDER_RCD_H
#define CID_RENDER_RCD_H

#include <callerid/verdict.h>

#include <jansson.h>

#define CID_EXPLAIN_RCD_MAX 4096 /* bytes that cid_explain_rcd() writes at most */

/* Adds rcd, rcdi, crn and iss, as far as they are there, to the object of the claims. Nonzero: no
 * memory. */
int cid_json_rcd_claims(json_t *object, const struct callerid_claims *claims);

/* A PASSporT of the call has any; usable or not. */
bool cid_has_rcd(const struct callerid_verdict *verdict);

/* {"usable", "third_party", "name": {"state", "text"} ...} of the PASSporT that may be shown, else
 * of the first that has any. NULL: no memory, or cid_has_rcd() is false. */
json_t *cid_json_rcd(const struct callerid_verdict *verdict);

/* A few lines of UTF-8, cleaned, and how many bytes they have; none without Rich Call Data.
 * CALLERID_ENOMEM. */
enum callerid_status cid_explain_rcd(const struct callerid_verdict *verdict,
				     char text_out[CID_EXPLAIN_RCD_MAX], size_t *len_out);

#endif
