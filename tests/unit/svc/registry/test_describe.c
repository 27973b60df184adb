/* SPDX-License-Identifier: Apache-2.0 */
/* --routes and --problems: all rows of the tables, each a line of JSON. */
#include "svc/registry/describe.h"

#include "svc/registry/api/api.h"
#include "svc/registry/http/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

/* What describe writes, as an array of its lines. */
static json_t *lines_of(bool (*describe)(FILE *file))
{
	char *text = NULL, *rest;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	json_t *lines = json_array();

	assert_non_null(file);
	assert_true(describe(file));
	assert_int_equal(fclose(file), 0);
	assert_true(len > 0 && text[len - 1] == '\n');
	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		assert_true(json_is_object(json));
		json_array_append_new(lines, json);
	}
	free(text);
	return lines;
}

static const char *text_of(const json_t *lines, size_t i, const char *name)
{
	return json_string_value(json_object_get(json_array_get(lines, i), name));
}

static void every_route_is_a_line_in_the_tables_order(void **state)
{
	json_t *lines = lines_of(describe_routes);

	(void)state;
	assert_int_equal(json_array_size(lines), api_routes.n);
	for (size_t i = 0; i < api_routes.n; i++) {
		const struct route *route = &api_routes.routes[i];
		const json_t *line = json_array_get(lines, i);
		assert_string_equal(text_of(lines, i, "operation"), route->operation);
		assert_string_equal(text_of(lines, i, "method"), route->method);
		assert_string_equal(text_of(lines, i, "path"), route->path);
		assert_int_equal(json_array_size(json_object_get(line, "doors")),
				 __builtin_popcount(route->doors & ~ROUTE_PAGES));
		assert_int_equal(json_is_true(json_object_get(line, "pages")),
				 (route->doors & ROUTE_PAGES) != 0);
		assert_true(json_is_string(json_object_get(line, "view")));
		assert_int_equal(json_is_null(json_object_get(line, "body")),
				 route->content_type == NULL);
	}
	json_decref(lines);
}

/* "open" and "any" are no permissions: a reader must not take one for a name. */
static void permissions_are_names_or_one_of_two_words(void **state)
{
	json_t *lines = lines_of(describe_routes);
	size_t open = 0, any = 0, named = 0;

	(void)state;
	for (size_t i = 0; i < api_routes.n; i++) {
		const json_t *line = json_array_get(lines, i);
		const json_t *permissions = json_object_get(line, "permissions");
		const char *word = json_string_value(permissions);
		open += word != NULL && strcmp(word, "open") == 0;
		any += word != NULL && strcmp(word, "any") == 0;
		named += json_is_array(permissions) && json_array_size(permissions) > 0;
	}
	assert_int_equal(open + any + named, api_routes.n);
	assert_true(open > 0 && any > 0 && named > 0);
	json_decref(lines);
}

static void every_problem_and_every_code_of_a_field_is_a_line(void **state)
{
	json_t *lines = lines_of(describe_problems);
	size_t n = json_array_size(lines), fields = 0;

	(void)state;
	while (problem_fields[fields].code != NULL)
		fields++;
	assert_int_equal(n, PROBLEM_COUNT - 1 + fields);
	for (size_t i = 0; i < n; i++) {
		const char *code = text_of(lines, i, i < PROBLEM_COUNT - 1 ? "code" : "field");
		assert_non_null(code);
		assert_non_null(text_of(lines, i, "detail"));
		for (size_t j = 0; j < i; j++) {
			const char *other =
				text_of(lines, j, j < PROBLEM_COUNT - 1 ? "code" : "field");
			bool same_kind = (i < PROBLEM_COUNT - 1) == (j < PROBLEM_COUNT - 1);
			assert_false(same_kind && strcmp(code, other) == 0);
		}
	}
	json_decref(lines);
}

static void a_file_that_takes_nothing_is_told(void **state)
{
	FILE *file = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(file);
	assert_false(describe_routes(file));
	assert_false(describe_problems(file));
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_is_a_line_in_the_tables_order),
		cmocka_unit_test(permissions_are_names_or_one_of_two_words),
		cmocka_unit_test(every_problem_and_every_code_of_a_field_is_a_line),
		cmocka_unit_test(a_file_that_takes_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
