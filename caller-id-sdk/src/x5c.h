/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates inside the token: x5c of the JOSE header (RFC 7515 §4.1.6), where a policy takes it.
 */
#ifndef CID_X5C_H
#define CID_X5C_H

#include "context.h"
#include "jws.h"

/* x5c as certificates, signer first, at most CALLERID_CERT_CHAIN_MAX. NULL: there is none, it is
 * malformed, or no memory. cid_certs_free(). */
STACK_OF(X509) * cid_x5c_read(const struct cid_jws *jws);

/*
 * What is known of the certificates in x5c, held for the caller. NULL: nothing that is worth
 * anything is there, or the path is not complete: the certificate is then asked for by its URL.
 */
struct cid_cert *cid_x5c_cert(struct callerid_context *ctx, const struct cid_jws *jws, int64_t now);

#endif
