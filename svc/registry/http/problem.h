/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of errors that the API answers with (RFC 9457). Codes are stable. */
#ifndef REGISTRY_PROBLEM_H
#define REGISTRY_PROBLEM_H

#include "svc/registry/http/jsonspec.h"

#include <stddef.h>

enum problem {
	PROBLEM_NONE = 0,
	PROBLEM_BAD_REQUEST,
	PROBLEM_JSON_INVALID,
	PROBLEM_JSON_TOO_DEEP,
	PROBLEM_JSON_TOO_MANY_KEYS,
	PROBLEM_QUERY_NOT_ALLOWED,
	PROBLEM_UNAUTHENTICATED,
	PROBLEM_SCOPE_MISSING,
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD_NOT_ALLOWED,
	PROBLEM_TENANT_EXISTS,
	PROBLEM_NUMBER_TAKEN,
	PROBLEM_INTENT_USED,
	PROBLEM_BODY_TOO_LARGE,
	PROBLEM_UNSUPPORTED_MEDIA_TYPE,
	PROBLEM_INVALID_FIELDS,
	PROBLEM_LOGO_INVALID,
	PROBLEM_CERTIFICATE_INVALID,
	PROBLEM_PRIVATE_KEY_REFUSED,
	PROBLEM_INTERNAL,
	PROBLEM_BUSY,
	PROBLEM_COUNT
};

struct problem_info {
	const char *code;
	unsigned status;
	const char *title;
	const char *detail; /* when the one who answers has nothing better to say */
};

/* Never NULL. */
const struct problem_info *problem_info(enum problem problem);

/* The document, malloc'ed; the caller frees it. detail and errors may be NULL. NULL: no memory. */
char *problem_render(enum problem problem, const char *detail, const struct spec_errors *errors,
		     const char *request_id);

#endif
