/* SPDX-License-Identifier: Apache-2.0 */
/* A verdict as JSON and as an explanation, for calls that passed and calls that did not. */
#include "tests/kit/scene.h"

#include <jansson.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

static json_t *json_of(struct scene *s)
{
	char *text = callerid_verdict_json(scene_verify(s));
	json_t *root;

	assert_non_null(text);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	free(text);
	return root;
}

static const char *member(const json_t *root, const char *name)
{
	return json_string_value(json_object_get(root, name));
}

TEST(json_of_a_call_that_passed)
{
	struct scene *s = *state;
	json_t *root, *claims, *checks;

	scene_add_good(s);
	root = json_of(s);
	assert_int_equal(json_object_size(root), 9);
	assert_string_equal(member(json_object_get(root, "trust"), "list"), "test-list");
	assert_true(json_is_null(json_object_get(json_object_get(root, "trust"), "version")));
	assert_string_equal(member(root, "verstat"), "TN-Validation-Passed");
	assert_string_equal(member(root, "attest"), "A");
	assert_string_equal(member(root, "origid"), "123e4567-e89b-42d3-a456-426614174000");
	assert_string_equal(member(root, "reason"), "ok");
	assert_int_equal(json_integer_value(json_object_get(root, "code")), 0);
	checks = json_object_get(root, "checks");
	assert_int_equal(json_array_size(checks), CALLERID_CHECK_COUNT);
	for (size_t i = 0; i < CALLERID_CHECK_COUNT; i++) {
		const json_t *check = json_array_get(checks, i);

		assert_int_equal(json_object_size(check), 3);
		assert_string_equal(member(check, "name"), callerid_check_name((unsigned)i));
		assert_string_equal(member(check, "result"), "passed");
		assert_non_null(member(check, "why"));
	}
	claims = json_loads("{\"attest\":\"A\",\"dest\":{\"tn\":[\"" KIT_TO
			    "\"]},\"iat\":1800000000,"
			    "\"orig\":{\"tn\":\"" KIT_FROM
			    "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}",
			    0, NULL);
	assert_true(json_equal(json_object_get(root, "claims"), claims));
	json_decref(claims);
	json_decref(root);
}

TEST(vs14_json_of_a_call_that_failed_claims_no_attestation)
{
	struct scene *s = *state;
	json_t *root;

	scene_add_good(s);
	s->call.dest = kit_party("+12155550000");
	root = json_of(s);
	assert_true(json_is_null(json_object_get(root, "attest")));
	assert_true(json_is_null(json_object_get(root, "origid")));
	assert_string_equal(member(root, "reason"), "dest_mismatch");
	assert_int_equal(json_integer_value(json_object_get(root, "code")), 438);
	assert_true(json_is_object(json_object_get(root, "claims")));
	json_decref(root);
}

TEST(json_without_identity_still_lists_the_checks)
{
	struct scene *s = *state;
	json_t *root = json_of(s);

	assert_string_equal(member(root, "reason"), "no_identity");
	assert_true(json_is_null(json_object_get(root, "claims")));
	assert_int_equal(json_array_size(json_object_get(root, "checks")), CALLERID_CHECK_COUNT);
	assert_string_equal(member(json_array_get(json_object_get(root, "checks"), 0), "result"),
			    "failed");
	json_decref(root);
}

TEST(an_explanation_begins_with_the_answer)
{
	struct scene *s = *state;
	char *text;

	scene_add_good(s);
	text = callerid_verdict_explain(scene_verify(s));
	assert_int_equal(strncmp(text, "PASSED  ", 8), 0);
	assert_non_null(strstr(text, "TN-Validation-Passed"));
	assert_non_null(strstr(text, "A, full"));
	assert_non_null(strstr(text, "Test Root (test-list)"));
	free(text);
}

TEST(an_explanation_tells_each_check_and_why)
{
	struct scene *s = *state;
	char *text;

	scene_add_good(s);
	s->policy.mode[CALLERID_CHECK_DEST] = CALLERID_MODE_WARN;
	s->call.dest = kit_party("+12155550000");
	s->chain = NULL;
	text = callerid_verdict_explain(scene_verify(s));
	assert_int_equal(strncmp(text, "NOT PASSED  ", 12), 0);
	assert_non_null(strstr(text, "cert_unavailable (SIP 436 Bad Identity Info)"));
	assert_non_null(strstr(text, "  warned   dest       the called party is not in dest\n"));
	assert_non_null(strstr(text, "  failed   cert       no answer in 500 ms\n"));
	assert_non_null(strstr(text, "  skipped  signature  an earlier check failed\n"));
	free(text);
}

TEST(an_explanation_never_calls_an_unproven_call_passed)
{
	struct scene *s = *state;
	char *text;

	scene_add_good(s);
	s->policy.mode[CALLERID_CHECK_SIGNATURE] = CALLERID_MODE_OFF;
	text = callerid_verdict_explain(scene_verify(s));
	assert_int_equal(strncmp(text, "NOT PROVEN  ", 12), 0);
	free(text);
}

TEST(a_strangers_control_bytes_reach_neither_terminal_nor_json)
{
	struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_BAD_CLAIMS};
	struct callerid_verdict verdict = {
		.n_passports = 1, .reason = CALLERID_REASON_BAD_CLAIMS, .passport = &passport};
	char *text;

	(void)state;
	memcpy(passport.x5u, "https://a/\033[2J", 14);
	text = callerid_verdict_explain(&verdict);
	assert_non_null(text);
	assert_null(strchr(text, '\033'));
	free(text);
	text = callerid_verdict_json(&verdict);
	assert_non_null(text);
	assert_null(strchr(text, '\033'));
	free(text);
}

TEST(invalid_utf8_that_a_parser_quotes_still_gives_json)
{
	struct scene *s = *state;
	json_t *root;

	/* jansson, on a broken escape, quotes the first byte of the character behind it. */
	scene_add_token(s, "{\"t\\\xeb\x80\x80\":1}", SCENE_PAYLOAD);
	root = json_of(s);
	assert_string_equal(member(root, "reason"), "bad_passport");
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(json_of_a_call_that_passed),
		SCENE_TEST(vs14_json_of_a_call_that_failed_claims_no_attestation),
		SCENE_TEST(json_without_identity_still_lists_the_checks),
		SCENE_TEST(an_explanation_begins_with_the_answer),
		SCENE_TEST(an_explanation_tells_each_check_and_why),
		SCENE_TEST(an_explanation_never_calls_an_unproven_call_passed),
		SCENE_TEST(a_strangers_control_bytes_reach_neither_terminal_nor_json),
		SCENE_TEST(invalid_utf8_that_a_parser_quotes_still_gives_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
