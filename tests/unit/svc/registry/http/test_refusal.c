/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the frame's refusals, for every route of the program. */
#include "svc/registry/http/refusal.h"

#include "svc/registry/api/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_refusal_names_the_permission_and_the_role(void **state)
{
	static const struct route route = {.permissions = PERMIT(KEYS) | PERMIT(AUDIT)};
	const struct route_match match = {.route = &route};
	struct http_caller caller = {.role = ROLE_CARRIER};
	char out[REFUSAL_MAX];

	(void)state;
	assert_string_equal(refusal_detail(PROBLEM_PERMISSION_MISSING, &match, &caller, out),
			    "This needs keys or audit; this key's role is carrier.");
	caller.role = ROLE_OWNER;
	assert_string_equal(refusal_detail(PROBLEM_PERMISSION_MISSING, &match, &caller, out),
			    "This needs keys or audit; this key's role is owner, and the key or "
			    "token was made with less.");
}

static void what_the_catalogue_says_well_stays(void **state)
{
	const struct route_match match = {.route = NULL};
	const struct http_caller caller = {.role = ROLE_APP};
	char out[REFUSAL_MAX];

	(void)state;
	assert_null(refusal_detail(PROBLEM_NOT_FOUND, &match, &caller, out));
	assert_null(refusal_detail(PROBLEM_UNAUTHENTICATED, &match, &caller, out));
	assert_null(refusal_detail(PROBLEM_BAD_REQUEST, &match, &caller, out));
}

/* The texts end in a full stop, so none was cut. */
static void the_words_fit_for_every_route(void **state)
{
	static const enum problem problems[] = {
		PROBLEM_UNSUPPORTED_MEDIA_TYPE, PROBLEM_BODY_TOO_LARGE, PROBLEM_JSON_TOO_MANY_KEYS,
		PROBLEM_QUERY_NOT_ALLOWED, PROBLEM_PERMISSION_MISSING};
	const struct http_caller caller = {.role = ROLE_BRAND_APPROVER};

	(void)state;
	for (size_t i = 0; i < api_routes.n; i++) {
		const struct route_match match = {.route = &api_routes.routes[i]};
		bool any = match.route->permissions == ROUTE_ANY;
		bool body = match.route->content_type != NULL;
		for (size_t p = body ? 0 : 3; p < 5 - (size_t)any; p++) {
			char out[REFUSAL_MAX];
			const char *text = refusal_detail(problems[p], &match, &caller, out);
			assert_non_null(text);
			assert_int_equal(text[strlen(text) - 1], '.');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_names_the_permission_and_the_role),
		cmocka_unit_test(what_the_catalogue_says_well_stays),
		cmocka_unit_test(the_words_fit_for_every_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
