/* SPDX-License-Identifier: Apache-2.0 */
/* If-Match and If-None-Match. */
#include "svc/registry/http/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* RFC 9110 §13.1: a list of entity tags. Ours hold no comma and no quote inside. weak: "W/" does
 * not matter (§8.8.3.2). */
static bool list_has(const char *list, const char *etag, bool weak)
{
	size_t len = strlen(etag);

	for (const char *at = list; at != NULL; at = strchr(at, ',')) {
		at += strspn(at, ", \t");
		if (weak && strncmp(at, "W/", 2) == 0)
			at += 2;
		if (strncmp(at, etag, len) == 0 && strchr(", \t", at[len]) != NULL)
			return true;
	}
	return false;
}

bool http_matches(struct http_call *call, int64_t version)
{
	const char *wanted = call->header(call, "If-Match");
	char etag[32];

	if (wanted == NULL) {
		http_reply_problem(call, PROBLEM_PRECONDITION_REQUIRED, NULL);
		return false;
	}
	snprintf(etag, sizeof etag, "\"%" PRId64 "\"", version);
	if (strcmp(wanted, "*") == 0 || list_has(wanted, etag, false))
		return true;
	http_reply_problem(call, PROBLEM_VERSION_MISMATCH, NULL);
	return false;
}

bool http_is_unchanged(struct http_call *call, const char *etag)
{
	const char *known = call->header(call, "If-None-Match");

	if (known == NULL || (strcmp(known, "*") != 0 && !list_has(known, etag, true)))
		return false;
	http_reply_none(call);
	call->answer.status = 304;
	snprintf(call->answer.etag, sizeof call->answer.etag, "%s", etag);
	return true;
}
