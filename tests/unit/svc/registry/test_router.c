/* SPDX-License-Identifier: Apache-2.0 */
/* Paths, methods and doors; and the catalogue of problems. */
#include "svc/registry/http/router.h"

#include "svc/registry/api/api.h"
#include "svc/registry/http/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_path_is_matched_exactly_and_its_part_is_kept(void **state)
{
	static const struct {
		enum http_door door;
		const char *method, *path, *route, *param;
	} cases[] = {
		{DOOR_API, "GET", "/v1/businesses", "/v1/businesses", ""},
		{DOOR_API, "HEAD", "/v1/businesses", "/v1/businesses", ""},
		{DOOR_API, "GET", "/v1/businesses/biz_a", "/v1/businesses/{id}", "biz_a"},
		{DOOR_PUBLIC, "GET", "/certificates/ab12.pem", "/certificates/{sha256}.pem",
		 "ab12"},
		{DOOR_API, "GET", "/certificates/ab12.pem", "/certificates/{sha256}.pem", "ab12"},
		{DOOR_PUBLIC, "GET", "/v1/businesses", NULL, ""},
		{DOOR_PUBLIC, "GET", "/certificates/ab12.pemx", NULL, ""},
		{DOOR_PUBLIC, "GET", "/certificates/.pem", NULL, ""},
		{DOOR_PUBLIC, "GET", "/certificates/../x.pem", NULL, ""},
		{DOOR_API, "GET", "/v1/businesses/", NULL, ""},
		{DOOR_API, "GET", "/v1/businesses/a/b", NULL, ""},
		{DOOR_API, "GET", "/v1/businesses/A", NULL, ""},
		{DOOR_API, "GET", "/v1/businesses/a%20", NULL, ""},
		{DOOR_API, "GET", "/v1/Businesses", NULL, ""},
		{DOOR_API, "GET", "", NULL, ""},
		{DOOR_API, "get", "/v1/businesses", NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct route_match match;
		router_find(&api_routes, cases[i].door, cases[i].method, cases[i].path, &match);
		if ((match.route != NULL) != (cases[i].route != NULL))
			fail_msg("%s %s", cases[i].method, cases[i].path);
		if (match.route == NULL)
			continue;
		assert_string_equal(match.route->path, cases[i].route);
		assert_string_equal(match.param, cases[i].param);
	}
}

static void a_part_of_a_path_is_bounded(void **state)
{
	char path[200] = "/v1/businesses/";
	struct route_match match;

	(void)state;
	memset(path + 15, 'a', ROUTE_PARAM_MAX);
	router_find(&api_routes, DOOR_API, "GET", path, &match);
	assert_non_null(match.route);
	path[15 + ROUTE_PARAM_MAX] = 'a';
	router_find(&api_routes, DOOR_API, "GET", path, &match);
	assert_null(match.route);
}

static void a_wrong_method_names_the_right_ones(void **state)
{
	struct route_match match;

	(void)state;
	router_find(&api_routes, DOOR_API, "PUT", "/v1/intents/int_a", &match);
	assert_null(match.route);
	assert_string_equal(match.allow, "GET, DELETE");
	assert_string_equal(match.pages, "GET, DELETE");
	router_find(&api_routes, DOOR_API, "PUT", "/v1/intents", &match);
	assert_string_equal(match.allow, "POST, GET");
	assert_string_equal(match.pages, "POST");
	router_find(&api_routes, DOOR_API, "GET", "/v1/nothing", &match);
	assert_string_equal(match.allow, "");
}

/* What strangers may ask is read only, and on the public door; all else needs a key and is not. */
static void what_needs_no_key_is_on_the_public_door_and_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_routes.n; i++) {
		const struct route *route = &api_routes.routes[i];
		bool open = route->permissions == ROUTE_OPEN;
		assert_int_equal(open, (route->doors & DOOR_PUBLIC) != 0);
		assert_true(!open || (strcmp(route->method, "GET") == 0 && route->tx != TX_WRITE));
		assert_non_null(route->handler);
		assert_non_null(route->operation);
		assert_true(route->body_max <= 262144);
	}
}

/* A GET cannot change anything whatever its handler tries: the database refuses. */
static void only_get_reads_and_all_else_writes_or_says_why_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_routes.n; i++) {
		const struct route *route = &api_routes.routes[i];
		if (strcmp(route->method, "GET") == 0)
			assert_int_not_equal(route->tx, TX_WRITE);
		if (strcmp(route->method, "DELETE") == 0 || strcmp(route->method, "PUT") == 0 ||
		    strcmp(route->method, "PATCH") == 0)
			assert_int_equal(route->tx, TX_WRITE);
	}
}

static void every_problem_has_its_own_code_and_renders(void **state)
{
	(void)state;
	for (int i = 1; i < PROBLEM_COUNT; i++) {
		const struct problem_info *info = problem_info(i);
		assert_in_range(info->status, 400, 503);
		for (int j = 1; j < i; j++)
			assert_string_not_equal(info->code, problem_info(j)->code);
		char *text = problem_render(i, NULL, NULL, "req_x");
		json_t *json = json_loads(text, 0, NULL);
		assert_string_equal(json_string_value(json_object_get(json, "code")), info->code);
		assert_string_equal(json_string_value(json_object_get(json, "request_id")),
				    "req_x");
		json_decref(json);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_matched_exactly_and_its_part_is_kept),
		cmocka_unit_test(a_part_of_a_path_is_bounded),
		cmocka_unit_test(a_wrong_method_names_the_right_ones),
		cmocka_unit_test(what_needs_no_key_is_on_the_public_door_and_changes_nothing),
		cmocka_unit_test(only_get_reads_and_all_else_writes_or_says_why_not),
		cmocka_unit_test(every_problem_has_its_own_code_and_renders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
