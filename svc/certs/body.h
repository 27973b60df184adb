/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a body looks like certificates: the last step of a fetch, the first of loading a file. */
#ifndef CERTS_BODY_H
#define CERTS_BODY_H

#include "svc/certs/certs.h"

/* CERTS_OK, CERTS_TOO_LARGE or CERTS_NOT_PEM; *why_out is static, "" when CERTS_OK. */
enum certs_status certs_body_check(const char *body, size_t len, const char **why_out);

#endif
