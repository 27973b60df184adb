/* SPDX-License-Identifier: Apache-2.0 */
/* One function a problem. */
#include "svc/registry/http/refusal.h"

#include <stdio.h>
#include <string.h>

struct refused {
	const struct route_match *match;
	const struct http_caller *caller;
};

typedef void writer(const struct refused *refused, char out[REFUSAL_MAX]);

static void write_type(const struct refused *refused, char out[REFUSAL_MAX])
{
	snprintf(out, REFUSAL_MAX, "This route takes Content-Type: %s.",
		 refused->match->route->content_type);
}

static void write_size(const struct refused *refused, char out[REFUSAL_MAX])
{
	snprintf(out, REFUSAL_MAX, "This route takes at most %zu bytes.",
		 refused->match->route->body_max);
}

static void write_keys(const struct refused *refused, char out[REFUSAL_MAX])
{
	snprintf(out, REFUSAL_MAX, "This route takes at most %zu JSON names.",
		 refused->match->route->keys_max);
}

static void write_methods(const struct refused *refused, char out[REFUSAL_MAX])
{
	snprintf(out, REFUSAL_MAX, "This path takes %s.", refused->match->allow);
}

/* Behind what stands there; what does not fit is cut. */
static size_t put(char out[REFUSAL_MAX], size_t at, const char *joint, const char *word)
{
	int n = snprintf(out + at, REFUSAL_MAX - at, "%s%s", joint, word);

	return n < 0 || at + (size_t)n >= REFUSAL_MAX ? REFUSAL_MAX - 1 : at + (size_t)n;
}

static void write_query(const struct refused *refused, char out[REFUSAL_MAX])
{
	const char *const *names = refused->match->route->query;
	size_t at =
		put(out, 0, "This URL takes ", names != NULL ? "no other query than" : "no query");

	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		at = put(out, at, i > 0 ? ", " : " ", names[i]);
	put(out, at, ".", "");
}

static void write_permission(const struct refused *refused, char out[REFUSAL_MAX])
{
	uint64_t needed = refused->match->route->permissions;
	bool narrowed = (role_permissions(refused->caller->role) & needed) != 0;
	size_t at = put(out, 0, "This needs", "");

	for (size_t i = 0, n = 0; i < PERMISSIONS; i++) {
		if ((needed >> i & 1) != 0)
			at = put(out, at, n++ > 0 ? " or " : " ", permission_names[i]);
	}
	at = put(out, at, "; this key's role is ", role_names[refused->caller->role]);
	put(out, at, narrowed ? ", and the key or token was made with less" : "", ".");
}

static const struct {
	enum problem problem;
	writer *write;
} writers[] = {
	{PROBLEM_UNSUPPORTED_MEDIA_TYPE, write_type},
	{PROBLEM_BODY_TOO_LARGE, write_size},
	{PROBLEM_JSON_TOO_MANY_KEYS, write_keys},
	{PROBLEM_METHOD_NOT_ALLOWED, write_methods},
	{PROBLEM_QUERY_NOT_ALLOWED, write_query},
	{PROBLEM_PERMISSION_MISSING, write_permission},
};

const char *refusal_detail(enum problem problem, const struct route_match *match,
			   const struct http_caller *caller, char out[REFUSAL_MAX])
{
	const struct refused refused = {match, caller};

	for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
		if (writers[i].problem != problem)
			continue;
		writers[i].write(&refused, out);
		return out;
	}
	return NULL;
}
