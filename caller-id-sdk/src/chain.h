/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate behind x5u: what it is, and whether a path leads from it to our anchors. */
#ifndef CID_CHAIN_H
#define CID_CHAIN_H

#include <callerid/tnauthlist.h>
#include <callerid/verification.h>

#include "constraints.h"
#include "p256.h"

#include <openssl/x509.h>

#include <stddef.h>
#include <stdint.h>

struct cid_trust; /* trust.h */

#define CID_SUBJECT_MAX 64 /* bytes of a name in a subject; RFC 5280 has 64 characters */
#define CID_PARENTS_MAX 8  /* more than any path that we follow has issuers */

/* An issuer of the path that has a TNAuthList. */
struct cid_parent {
	struct callerid_tnauthlist *list;
	int at; /* the signer's certificate is 1 */
};

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
	/* What each verification looks at stands together: of many signers it is in no cache. */
	unsigned refs;
	bool good; /* all findings but revocation are OK */
	bool from_x5c;
	bool from_list_url; /* tnauth is what stands at tn_list_url */
	bool lacks_list;    /* it could be, and was not given */
	bool has_stale_crl;
	bool was_dear;	    /* signatures that cost much were verified to find it */
	bool is_incomplete; /* the path ended before any anchor: certificates are missing */
	/* The findings hold from same_from to before same_until: no date of theirs lies between. */
	int64_t same_from, same_until;
	int64_t not_before, not_after;	     /* of the signer's certificate */
	EVP_PKEY_CTX *key;		     /* ready to verify; NULL unless file.reason is OK */
	struct callerid_tnauthlist *tnauth;  /* its own list; NULL only when scope says why */
	struct cid_constraints *constraints; /* NULL: none, or rules says why */
	size_t n_parents;
	uint8_t point[CID_P256_POINT_LEN];	      /* of the same key; set when key is */
	char anchor_list[CALLERID_LIST_NAME_MAX + 1]; /* where the path ended; "" when it did not */
	char anchor_version[CALLERID_LIST_NAME_MAX + 1];
	struct cid_finding path;		/* check "chain" */
	char tn_list_url[CALLERID_X5U_MAX + 1]; /* RFC 8226 §10.1; "" when it names none */
	struct cid_finding file;		/* check "cert" */
	struct cid_finding scope;      /* check "authority", as far as the certificate goes */
	struct cid_finding rules;      /* check "constraints", the same */
	struct cid_finding revocation; /* CRL_MISSING: a policy may want what is missing here */
	struct cid_parent parent[CID_PARENTS_MAX];
	char subject[2][CID_SUBJECT_MAX + 1]; /* commonName, organizationName; "" when absent */
};

/* As far as the verification of a good call reads. */
#define CID_CERT_HOT (offsetof(struct cid_cert, tn_list_url) + 1)

/* Looks at what was found at x5u. NULL: no memory. The caller holds the one reference. Without
 * trust only what the certificates say of themselves is looked at. */
struct cid_cert *cid_chain_check(struct cid_trust *trust, const void *body, size_t len,
				 int64_t now);

/* The same, list being what stands at tn_list_url (RFC 8226 §10.1); it counts where the signer's
 * certificate has no TNAuthList itself. */
struct cid_cert *cid_chain_check_listed(struct cid_trust *trust, struct callerid_span body,
					struct callerid_span list, int64_t now);

/* The same for certificates that came otherwise (x5c): signer first, at least one. */
struct cid_cert *cid_chain_check_certs(struct cid_trust *trust, STACK_OF(X509) * certs,
				       int64_t now);

/* RFC 9795 §10: iss is what the certificate's subject calls itself; without regard to case. */
bool cid_cert_is_subject(const struct cid_cert *cert, const char *iss);

struct cid_cert *cid_cert_hold(struct cid_cert *cert);
void cid_cert_release(struct cid_cert *cert); /* NULL is fine */

#endif
