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
	PROBLEM_CURSOR_INVALID,
	PROBLEM_IDEMPOTENCY_KEY_INVALID,
	PROBLEM_UNAUTHENTICATED,
	PROBLEM_PERMISSION_MISSING,
	PROBLEM_ROLE_NOT_GRANTABLE,
	PROBLEM_APPROVER_IS_EDITOR,
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD_NOT_ALLOWED,
	PROBLEM_TENANT_EXISTS,
	PROBLEM_TENANT_TOO_DEEP,
	PROBLEM_USER_EXISTS,
	PROBLEM_KEY_EXISTS,
	PROBLEM_KEY_ENDED,
	PROBLEM_STATE_CONFLICT,
	PROBLEM_BUSINESS_NOT_APPROVED,
	PROBLEM_BRAND_NOT_LIVE,
	PROBLEM_NUMBER_TAKEN,
	PROBLEM_NUMBER_NOT_VERIFIED,
	PROBLEM_NUMBER_BOUND,
	PROBLEM_INTENT_USED,
	PROBLEM_INTENT_CONFLICT,
	PROBLEM_RECEIPT_USED,
	PROBLEM_IDEMPOTENCY_MISMATCH,
	PROBLEM_IN_PROGRESS,
	PROBLEM_VERSION_GONE,
	PROBLEM_VERSION_MISMATCH,
	PROBLEM_BODY_TOO_LARGE,
	PROBLEM_UNSUPPORTED_MEDIA_TYPE,
	PROBLEM_INVALID_FIELDS,
	PROBLEM_LOGO_INVALID,
	PROBLEM_CERTIFICATE_INVALID,
	PROBLEM_PRIVATE_KEY_REFUSED,
	PROBLEM_RECEIPT_INVALID,
	PROBLEM_PRECONDITION_REQUIRED,
	PROBLEM_RATE_LIMITED,
	PROBLEM_INTERNAL,
	PROBLEM_NOT_CONFIGURED,
	PROBLEM_BUSY,
	PROBLEM_UNSURE,
	PROBLEM_COUNT
};

struct problem_info {
	const char *code;
	unsigned status;
	const char *title;
	const char *detail; /* when the one who answers has nothing better to say */
	const char *remedy; /* what whoever meets it does; for docs/api/problems */
};

/* Never NULL. */
const struct problem_info *problem_info(enum problem problem);

/* The codes of fields with their words, for the documentation too; NULL-terminated by code. */
struct problem_field {
	const char *code, *detail;
};
extern const struct problem_field problem_fields[];

/* The document, malloc'ed; the caller frees it. detail and errors may be NULL. NULL: no memory. */
char *problem_render(enum problem problem, const char *detail, const struct spec_errors *errors,
		     const char *request_id);

#endif
