/* SPDX-License-Identifier: Apache-2.0 */
/* A signer's key for what is no PASSporT: the contact card of a 608 (RFC 8688). */
#ifndef CID_SIGNER_JWS_H
#define CID_SIGNER_JWS_H

#include <callerid/signer.h>

#include "json.h"

const char *cid_signer_x5u(const struct callerid_signer *signer); /* borrowed */

/* Appends "." and the signature over what w holds. CALLERID_EPERM: the certificate is not valid at
 * iat. A w that is full is for the caller to see. */
enum callerid_status cid_signer_seal(const struct callerid_signer *signer, struct cid_writer *w,
				     int64_t iat, struct callerid_error *err);

#endif
