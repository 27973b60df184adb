/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates inside the token: x5c of the JOSE header (RFC 7515 §4.1.6), where a policy takes it.
 */
#ifndef CID_X5C_H
#define CID_X5C_H

#include "context.h"
#include "jws.h"

/*
 * What is known of the certificates in x5c, held for the caller. NULL: nothing that is worth
 * anything is there, or the path is not complete: the certificate is then asked for by its URL.
 * CALLERID_ENOMEM: it is not known what is there.
 */
enum callerid_status cid_x5c_cert(struct callerid_context *ctx, const struct cid_jws *jws,
				  int64_t now, struct cid_cert **cert_out);

#endif
