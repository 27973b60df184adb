/* SPDX-License-Identifier: Apache-2.0 */
/* If-Match and If-None-Match against one version. */
#include "svc/registry/http/call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A call whose only header, if it has one, has this value. */
static const char *header_of(const struct http_call *call, const char *name)
{
	(void)name;
	return call->connection;
}

static struct http_call call_with(const char *value)
{
	return (struct http_call){.header = header_of, .connection = (void *)value};
}

static void if_match_compares_strongly(void **state)
{
	/* RFC 9110 §13.1.1: "an origin server MUST use the strong comparison function" */
	static const struct {
		const char *header;
		enum problem problem;
	} cases[] = {
		{"\"7\"", PROBLEM_NONE},
		{"*", PROBLEM_NONE},
		{"\"6\", \"7\"", PROBLEM_NONE},
		{"\"6\",\"7\" , \"8\"", PROBLEM_NONE},
		{NULL, PROBLEM_PRECONDITION_REQUIRED},
		{"", PROBLEM_VERSION_MISMATCH},
		{"7", PROBLEM_VERSION_MISMATCH},
		{"\"7", PROBLEM_VERSION_MISMATCH},
		{"\"77\"", PROBLEM_VERSION_MISMATCH},
		{"\"7\"x", PROBLEM_VERSION_MISMATCH},
		{"W/\"7\"", PROBLEM_VERSION_MISMATCH},
		{"W/\"7\", \"6\"", PROBLEM_VERSION_MISMATCH},
		{"**", PROBLEM_VERSION_MISMATCH},
		{",,,", PROBLEM_VERSION_MISMATCH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_call call = call_with(cases[i].header);
		assert_int_equal(http_matches(&call, 7), cases[i].problem == PROBLEM_NONE);
		assert_int_equal(call.answer.problem, cases[i].problem);
		http_answer_clear(&call.answer);
	}
}

static void if_none_match_compares_weakly_and_answers_304(void **state)
{
	/* RFC 9110 §13.1.2: "A recipient MUST use the weak comparison function" */
	static const struct {
		const char *header;
		bool unchanged;
	} cases[] = {
		{"\"7\"", true},   {"W/\"7\"", true}, {"*", true}, {"\"1\", W/\"7\"", true},
		{"\"77\"", false}, {"7", false},      {"", false}, {NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_call call = call_with(cases[i].header);
		assert_int_equal(http_is_unchanged(&call, "\"7\""), cases[i].unchanged);
		assert_int_equal(call.answer.status, cases[i].unchanged ? 304 : 0);
		assert_string_equal(call.answer.etag, cases[i].unchanged ? "\"7\"" : "");
		http_answer_clear(&call.answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(if_match_compares_strongly),
		cmocka_unit_test(if_none_match_compares_weakly_and_answers_304),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
