/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the errors of the REST doors. */
#include "svc/registry/api/stir_error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Headers that a test's request has: Content-Length, which may be NULL. */
static const char *header(const struct http_call *call, const char *name)
{
	return strcmp(name, "Content-Length") == 0 ? call->connection : NULL;
}

static void rs3_accept_is_honoured(void **state)
{
	static const struct {
		const char *accept;
		bool accepts;
	} rows[] = {
		{NULL, true},
		{"application/json", true},
		{"Application/JSON", true},
		{"application/json;charset=utf-8", true},
		{"application/*", true},
		{"*/*", true},
		{"text/html, application/json;q=0.5", true},
		{"text/html,*/*;q=0.001", true},
		{"application/json;q=1", true},
		{"", false},
		{"text/html", false},
		{"application/json;q=0", false},
		{"application/json; q=0.000", false},
		{"application/jsonx", false},
		{"application", false},
		{",,,", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (stir_accepts_json(rows[i].accept) != rows[i].accepts)
			fail_msg("Accept: %s", rows[i].accept);
	}
}

struct expected {
	enum problem problem;
	const char *length; /* Content-Length */
	const char *id;
	unsigned status;
};

static void check(const struct expected *expected)
{
	struct http_call call = {.header = header,
				 .connection = (void *)(uintptr_t)expected->length};
	unsigned status = problem_info(expected->problem)->status;
	char *text = stir_style.render(&call, expected->problem, NULL, NULL, &status);
	json_t *json = json_loads(text, 0, NULL);
	const char *kind =
		strncmp(expected->id, "SVC", 3) == 0 ? "serviceException" : "policyException";
	json_t *error = json_object_get(json_object_get(json, "requestError"), kind);

	assert_non_null(error);
	assert_string_equal(json_string_value(json_object_get(error, "messageId")), expected->id);
	assert_int_equal(status, expected->status);
	assert_true(json_is_array(json_object_get(error, "variables")));
	assert_true(json_string_length(json_object_get(error, "text")) > 0);
	json_decref(json);
	free(text);
}

static void rs4_each_problem_has_its_message(void **state)
{
	static const struct expected rows[] = {
		{PROBLEM_JSON_INVALID, "0", "SVC4000", 400},
		{PROBLEM_UNSUPPORTED_MEDIA_TYPE, "0", "SVC4000", 400},
		{PROBLEM_JSON_INVALID, NULL, "SVC4007", 411},
		{PROBLEM_UNSUPPORTED_MEDIA_TYPE, NULL, "SVC4007", 411},
		{PROBLEM_JSON_INVALID, "10", "SVC4006", 400},
		{PROBLEM_JSON_TOO_DEEP, "10", "SVC4006", 400},
		{PROBLEM_UNSUPPORTED_MEDIA_TYPE, "10", "SVC4004", 415},
		{PROBLEM_NOT_FOUND, "10", "SVC4003", 404},
		{PROBLEM_METHOD_NOT_ALLOWED, "10", "POL4050", 405},
		{PROBLEM_UNAUTHENTICATED, "10", "POL4010", 401},
		{PROBLEM_PERMISSION_MISSING, "10", "POL4030", 403},
		{PROBLEM_RATE_LIMITED, "10", "POL4290", 429},
		{PROBLEM_BODY_TOO_LARGE, "10", "POL4130", 413},
		{PROBLEM_BUSY, "10", "POL5030", 503},
		{PROBLEM_INTERNAL, "10", "POL5000", 500},
		{PROBLEM_NOT_CONFIGURED, "10", "POL5010", 501},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(&rows[i]);
}

static void rs4_every_problem_of_the_catalogue_can_be_told(void **state)
{
	const struct http_call call = {.header = header, .connection = (void *)(uintptr_t) "1"};

	(void)state;
	for (int i = 0; i < PROBLEM_COUNT; i++) {
		unsigned status = problem_info((enum problem)i)->status;
		char *text = stir_style.render(&call, (enum problem)i, NULL, NULL, &status);
		json_t *json = json_loads(text, 0, NULL);
		assert_int_equal(json_object_size(json_object_get(json, "requestError")), 1);
		assert_in_range(status, 400, 503);
		json_decref(json);
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rs3_accept_is_honoured),
		cmocka_unit_test(rs4_each_problem_has_its_message),
		cmocka_unit_test(rs4_every_problem_of_the_catalogue_can_be_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
