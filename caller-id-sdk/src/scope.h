/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate may speak for: its TNAuthList, those of its issuers, its claim constraints. */
#ifndef CID_SCOPE_H
#define CID_SCOPE_H

#include "chain.h"

#define CID_LIST_NOT_FETCHED                                                                       \
	"the certificate has no TNAuthList but the URL of one, which is not fetched"

/* The signer's certificate alone: tnauth, constraints, tn_list_url, scope and rules of cert. list
 * is what was found at tn_list_url; NULL: it was not asked for. */
void cid_scope_judge(struct cid_cert *cert, const X509 *leaf, const struct callerid_span *list);

/*
 * RFC 9060 §4 and §6: along path, signer first, each TNAuthList lies inside the next one above it;
 * a certificate without one limits nothing, unless it says that its list stands elsewhere. Where an
 * issuer has one, the certificates are linked by their key identifiers and body has them in the
 * order of the path. body NULL: path is our own file, and has to go on above the last delegate.
 * Fills scope and parent of cert; does nothing when scope is bad already.
 */
void cid_scope_judge_path(struct cid_cert *cert, STACK_OF(X509) * path, STACK_OF(X509) * body);

/*
 * Check "authority" over one number: by the list, by the issuers' lists and, where one of them has
 * only a service provider code for it, by what policy says of codes. Fills r; OK or NOT_AUTHORIZED.
 */
enum callerid_reason cid_scope_covers(const struct cid_cert *cert,
				      const struct callerid_policy *policy, const char *tn,
				      struct callerid_check_result *r);

#endif
