/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors in named lists, and CRLs; nothing else is ever trusted. */
#ifndef CID_TRUST_H
#define CID_TRUST_H

#include <callerid/error.h>

#include "crl.h"

#include <openssl/x509.h>

struct cid_trust; /* one thread at a time */

enum callerid_status cid_trust_new(struct cid_trust **trust_out, struct callerid_error *err);
void cid_trust_free(struct cid_trust *trust); /* NULL is fine */

/* What comes into a list. All borrowed. */
struct cid_anchors {
	const char *list;
	const char *version; /* NULL: "" for a new list, and otherwise what it was */
	const char *pem;
	size_t len;  /* 0: none; takes the list away */
	bool append; /* to what the list has */
};

/* As callerid_context_add_anchors() and callerid_context_set_anchors(). All or nothing. */
enum callerid_status cid_trust_put(struct cid_trust *trust, const struct cid_anchors *anchors,
				   struct callerid_error *err);

/* As callerid_context_add_crl_issuers(). A text with a part that cannot be read adds nothing. */
enum callerid_status cid_trust_add_crl_issuers(struct cid_trust *trust, const char *pem, size_t len,
					       struct callerid_error *err);

/* All borrowed, until the next change. */
X509_STORE *cid_trust_store(const struct cid_trust *trust);
struct cid_crls *cid_trust_crls(const struct cid_trust *trust);
STACK_OF(X509) * cid_trust_crl_issuers(const struct cid_trust *trust);

/* The list that anchor stands in, and its version. false: it is no anchor. Borrowed. */
bool cid_trust_find(const struct cid_trust *trust, const X509 *anchor, const char **list_out,
		    const char **version_out);

#endif
