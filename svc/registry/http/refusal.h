/* SPDX-License-Identifier: Apache-2.0 */
/* Why the frame refused a request, in words that say what this route wants. */
#ifndef REGISTRY_REFUSAL_H
#define REGISTRY_REFUSAL_H

#include "svc/registry/http/call.h"
#include "svc/registry/http/router.h"

#define REFUSAL_MAX 256

/* NULL: the catalogue says enough; else out. Nothing of it comes from the request. */
const char *refusal_detail(enum problem problem, const struct route_match *match,
			   const struct http_caller *caller, char out[REFUSAL_MAX]);

#endif
