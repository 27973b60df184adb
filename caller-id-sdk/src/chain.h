/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate behind x5u: what it is, and whether a path leads from it to our anchors. */
#ifndef CID_CHAIN_H
#define CID_CHAIN_H

#include <callerid/tnauthlist.h>
#include <callerid/verdict.h>

#include <openssl/x509.h>

#include <stdint.h>

/* Anchors and CRLs; nothing else is ever trusted. One thread at a time. */
struct cid_trust;

enum callerid_status cid_trust_new(struct cid_trust **trust_out, struct callerid_error *err);
void cid_trust_free(struct cid_trust *trust); /* NULL is fine */

/* As callerid_context_add_anchors() and callerid_context_add_crl(). A text
 * with a part that cannot be read adds nothing. */
enum callerid_status cid_trust_add_anchors(struct cid_trust *trust, const char *list,
					   const char *pem, size_t len, struct callerid_error *err);
enum callerid_status cid_trust_add_crl(struct cid_trust *trust, const char *pem, size_t len,
				       struct callerid_error *err);

X509_STORE *cid_trust_store(const struct cid_trust *trust); /* borrowed */
bool cid_trust_has_crls(const struct cid_trust *trust);
/* The name of the list that anchor came with; "" when it is no anchor. Borrowed. */
const char *cid_trust_list(const struct cid_trust *trust, const X509 *anchor);

/* What one check says; why may be "". */
struct cid_finding {
	enum callerid_reason reason; /* OK: nothing against it */
	char why[CALLERID_WHY_MAX + 1];
};

/*
 * All that a certificate file says, good or bad: a failed check may be one that the policy only
 * warns of. Counted, because the cache and running verifications share it; immutable otherwise.
 */
struct cid_cert {
	unsigned refs;
	EVP_PKEY_CTX *key;		    /* ready to verify; NULL unless file.reason is OK */
	int64_t not_before, not_after;	    /* of the signer's certificate */
	struct callerid_tnauthlist *tnauth; /* NULL unless scope.reason is OK */
	struct cid_finding file;	    /* check "cert" */
	struct cid_finding path;	    /* check "chain" */
	struct cid_finding scope;	    /* check "authority", as far as the certificate goes */
	/* The findings hold from same_from to before same_until: no date of theirs lies between. */
	int64_t same_from, same_until;
	bool good; /* all three findings are OK */
};

/* Looks at what was found at x5u. NULL: no memory. The caller holds the one reference. Without
 * trust only what the certificates say of themselves is looked at. */
struct cid_cert *cid_chain_check(const struct cid_trust *trust, const void *body, size_t len,
				 int64_t now);

struct cid_cert *cid_cert_hold(struct cid_cert *cert);
void cid_cert_release(struct cid_cert *cert); /* NULL is fine */

#endif
