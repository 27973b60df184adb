/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and CRLs out of PEM or DER text, within bounds. */
#ifndef CID_CERTFILE_H
#define CID_CERTFILE_H

#include <callerid/error.h>

#include <openssl/x509.h>

#include <stddef.h>

/*
 * The certificates of body, in its order, 1 to max of them: PEM, with whatever stands around the
 * blocks ignored, or one DER certificate. *certs_out is the caller's (cid_certs_free()).
 * CALLERID_ESYNTAX: none, or one that does not parse; CALLERID_ELIMIT: more than max.
 */
enum callerid_status cid_certfile_read(const void *body, size_t len, int max,
				       STACK_OF(X509) * *certs_out, struct callerid_error *err);

/* The CRLs of a PEM text, at least one, or one in DER. The caller's: cid_crlfile_free(). */
enum callerid_status cid_crlfile_read(const char *body, size_t len, STACK_OF(X509_CRL) * *crls_out,
				      struct callerid_error *err);

void cid_certs_free(STACK_OF(X509) * certs);	  /* NULL is fine */
void cid_crlfile_free(STACK_OF(X509_CRL) * crls); /* NULL is fine */

#endif
