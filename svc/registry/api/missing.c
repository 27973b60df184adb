/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers that are not written yet; each line goes when its handler comes. */
#include "svc/registry/api/api.h"

#include "svc/registry/http/call.h"

#define MISSING(name)                                                                              \
	void name(struct http_call *call)                                                          \
	{                                                                                          \
		http_reply_problem(call, PROBLEM_NOT_CONFIGURED, NULL);                            \
	}

/* clang-format off */
MISSING(api_stir_signing)
MISSING(api_stir_verification)
/* clang-format on */
