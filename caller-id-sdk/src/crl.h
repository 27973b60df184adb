/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists, complete and indirect (RFC 5280 §5): kept, borne out, and looked into. */
#ifndef CID_CRL_H
#define CID_CRL_H

#include <callerid/error.h>

#include <openssl/x509.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cid_crls; /* one thread at a time */

enum callerid_status cid_crls_new(struct cid_crls **crls_out, struct callerid_error *err);
void cid_crls_free(struct cid_crls *crls); /* NULL is fine */

/* As callerid_context_add_crl(). A text with a part that cannot be read adds nothing. */
enum callerid_status cid_crls_add(struct cid_crls *crls, const char *text, size_t len,
				  struct callerid_error *err);

size_t cid_crls_count(const struct cid_crls *crls);

/* Whose certificate is looked up, and who may say that it is revoked. All borrowed. */
struct cid_crl_query {
	X509 *cert;
	X509 *issuer;		  /* of cert */
	X509 *anchor;		  /* the end of the path: may sign indirect CRLs */
	STACK_OF(X509) * signers; /* CRL issuers; NULL: none */
	int64_t now;
};

struct cid_crl_answer {
	bool is_revoked; /* a CRL that is borne out lists it, current or not */
	bool is_covered; /* a current one speaks for it, and does not list it */
	bool is_stale;	 /* one speaks for it that is out of date, or not yet in date */
	bool no_memory;	 /* to look: then nothing else here is an answer */
	int64_t changes; /* when that may be different; INT64_MAX: never */
};

void cid_crls_look_up(struct cid_crls *crls, const struct cid_crl_query *query,
		      struct cid_crl_answer *answer_out);

#endif
