/* SPDX-License-Identifier: Apache-2.0 */
/* Names of parameters become numbers, and nothing else of a statement changes. */
#include "svc/registry/store/parameters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void only_names_outside_quotes_comments_and_casts_are_numbered(void **state)
{
	static const struct {
		const char *sql, *numbered;
	} cases[] = {
		{"", ""},
		{"SELECT 1", "SELECT 1"},
		{":a", "$1"},
		{"SELECT :a, :b,:a", "SELECT $1, $2,$1"},
		{"a=:tenant_2)", "a=$1)"},
		{"':a' :a", "':a' $1"},
		{"'it''s :a' :b", "'it''s :a' $1"},
		{"\"x:y\" :a", "\"x:y\" $1"},
		{"'open :a", "'open :a"},
		{"1 -- :a ' \n:b", "1 -- :a ' \n$1"},
		{"1 - :a-:b", "1 - $1-$2"},
		{":a::text, x::int", "$1::text, x::int"},
		{"a[1:2] : b :", "a[1:2] : b :"},
		{":1", ":1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct parameters parameters;
		char *numbered = parameters_number(cases[i].sql, &parameters);
		assert_non_null(numbered);
		assert_string_equal(numbered, cases[i].numbered);
		free(numbered);
	}
}

static void a_parameter_is_found_by_its_name(void **state)
{
	struct parameters parameters;
	char *numbered = parameters_number(":a :ab :b :a", &parameters);

	(void)state;
	assert_int_equal(parameters.count, 3);
	assert_int_equal(parameters_find(&parameters, ":a"), 1);
	assert_int_equal(parameters_find(&parameters, ":ab"), 2);
	assert_int_equal(parameters_find(&parameters, ":b"), 3);
	assert_int_equal(parameters_find(&parameters, ":c"), 0);
	assert_int_equal(parameters_find(&parameters, "a"), 0);
	free(numbered);
}

static void too_many_names_or_one_too_long_are_refused(void **state)
{
	struct parameters parameters;
	char sql[1024] = "", *numbered;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < PARAMETERS_MAX; i++)
		len += (size_t)snprintf(sql + len, sizeof sql - len, ":p%d ", i);
	numbered = parameters_number(sql, &parameters);
	assert_non_null(numbered);
	free(numbered);
	snprintf(sql + len, sizeof sql - len, ":more");
	assert_null(parameters_number(sql, &parameters));
	memset(sql, 'a', sizeof sql);
	sql[0] = ':';
	sql[1 + PARAMETER_NAME_MAX] = '\0';
	numbered = parameters_number(sql, &parameters);
	assert_string_equal(numbered, "$1");
	free(numbered);
	sql[1 + PARAMETER_NAME_MAX] = 'a';
	sql[2 + PARAMETER_NAME_MAX] = '\0';
	assert_null(parameters_number(sql, &parameters));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_names_outside_quotes_comments_and_casts_are_numbered),
		cmocka_unit_test(a_parameter_is_found_by_its_name),
		cmocka_unit_test(too_many_names_or_one_too_long_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
