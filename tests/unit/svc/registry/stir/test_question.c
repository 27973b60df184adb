/* SPDX-License-Identifier: Apache-2.0 */
/* The verification door's question and answer on the signed vectors of tests/vectors. */
#include "svc/registry/stir/question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define IDENTITY_MAX 65536

static const char *const sets[] = {"shaken", "base",	     "claims",	  "header",	 "tampered",
				   "facts",  "certificates", "delegates", "constraints", NULL};

/* What a request of ATIS-1000082 cannot say: more than numbers, one Date and Identity. */
static bool is_askable(json_t *vector)
{
	static const char *const others[] = {
		"request_uri",	"sdp",	     "priority", "resource_priority",
		"display_name", "call_info", "date",	 NULL};
	json_t *call = json_object_get(vector, "call");
	json_t *policy = json_object_get(vector, "policy");
	struct callerid_party party;

	for (size_t i = 0; others[i] != NULL; i++) {
		if (json_object_get(call, others[i]) != NULL)
			return false;
	}
	/* it is about a call without Date: a request has a time */
	if (strcmp(json_string_value(json_object_get(vector, "name")), "base-compact-no-date") == 0)
		return false;
	if (json_object_get(policy, "namespaces") != NULL ||
	    json_array_size(json_object_get(call, "from")) != 1)
		return false;
	const char *from = json_string_value(json_array_get(json_object_get(call, "from"), 0));
	const char *to = json_string_value(json_object_get(call, "to"));
	return callerid_party_parse(from, strlen(from), NULL, &party, NULL) == CALLERID_OK &&
	       party.kind == CALLERID_PARTY_TN &&
	       callerid_party_parse(to, strlen(to), NULL, &party, NULL) == CALLERID_OK &&
	       party.kind == CALLERID_PARTY_TN;
}

static void party(const char *text, struct callerid_party *party_out)
{
	assert_int_equal(callerid_party_parse(text, strlen(text), NULL, party_out, NULL),
			 CALLERID_OK);
}

/* Several fields are one, joined by commas (RFC 3261 §7.3.1). */
static void join(json_t *values, char text_out[IDENTITY_MAX])
{
	size_t at = 0;

	text_out[0] = 0;
	for (size_t i = 0; i < json_array_size(values); i++)
		at += (size_t)snprintf(text_out + at, IDENTITY_MAX - at, "%s%s", i > 0 ? ", " : "",
				       json_string_value(json_array_get(values, i)));
	assert_true(at < IDENTITY_MAX);
}

static const struct callerid_verdict *decide(struct callerid_verification *v, json_t *set,
					     json_t *vector)
{
	json_t *unavailable = json_object_get(json_object_get(vector, "call"), "unavailable");
	const char *url;

	while ((url = callerid_verification_wants(v)) != NULL) {
		const char *pem = json_string_value(
			json_object_get(json_object_get(set, "certificates"), url));
		for (size_t i = 0; i < json_array_size(unavailable); i++) {
			if (strcmp(json_string_value(json_array_get(unavailable, i)), url) == 0)
				pem = NULL;
		}
		char copy[CALLERID_X5U_MAX + 1];
		snprintf(copy, sizeof copy, "%s", url);
		if (pem != NULL)
			callerid_verification_supply(v, copy, pem, strlen(pem));
		else
			callerid_verification_unavailable(v, copy, "nothing is there");
	}
	return callerid_verification_verdict(v);
}

static int code_of(const char *reason)
{
	for (int i = 0; i < CALLERID_REASON_COUNT; i++) {
		const struct callerid_reason_info *info =
			callerid_reason_info((enum callerid_reason)i);
		if (strcmp(info->name, reason) == 0)
			return info->code;
	}
	fail_msg("no reason %s", reason);
	return 0;
}

static void compare(json_t *vector, const struct callerid_verdict *verdict)
{
	json_t *expected = json_object_get(vector, "expected");
	int code = code_of(json_string_value(json_object_get(expected, "reason")));
	json_t *whole = stir_question_answer(verdict);
	json_t *answer = json_object_get(whole, "verificationResponse");
	const char *name = json_string_value(json_object_get(vector, "name"));
	const char *said = json_string_value(json_object_get(answer, "verstat"));
	const char *reason = json_string_value(json_object_get(answer, "reasonCode"));
	char wanted[12];

	snprintf(wanted, sizeof wanted, "%d", code);
	if (strcmp(said, json_string_value(json_object_get(expected, "verstat"))) != 0)
		fail_msg("%s: %s", name, said);
	if (code == 0 ? reason != NULL : reason == NULL || strcmp(reason, wanted) != 0)
		fail_msg("%s: code %s instead of %s", name, reason, wanted);
	assert_int_equal(json_object_size(answer), code == 0 ? 1 : 4);
	json_decref(whole);
}

static void verify(json_t *set, json_t *vector)
{
	json_t *call = json_object_get(vector, "call"), *policy = json_object_get(vector, "policy");
	const struct callerid_limits small = {.replay_entries = 1};
	struct callerid_policy rules = {
		.accept_spc = json_is_true(json_object_get(policy, "accept_spc")),
		.max_signatures =
			(unsigned)json_integer_value(json_object_get(policy, "max_signatures")),
		.mode = {[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF}};
	const char *anchors =
		json_string_value(json_object_get(json_object_get(set, "anchors"), "pem"));
	static char identity[IDENTITY_MAX];
	struct callerid_context *ctx = NULL;
	struct callerid_verification *v = NULL;
	struct stir_question question = {
		.n_to = 1,
		.time_s = json_integer_value(json_object_get(call, "now")),
		.now_s = json_integer_value(json_object_get(call, "now")),
		.identity = identity,
	};

	join(json_object_get(vector, "identity"), identity);
	party(json_string_value(json_array_get(json_object_get(call, "from"), 0)), &question.from);
	party(json_string_value(json_object_get(call, "to")), &question.to[0]);
	assert_int_equal(callerid_context_new(&small, &ctx, NULL), CALLERID_OK);
	assert_int_equal(
		callerid_context_add_anchors(ctx, "vectors", anchors, strlen(anchors), NULL),
		CALLERID_OK);
	assert_int_equal(stir_question_begin(ctx, &question, 0, &rules, &v), CALLERID_OK);
	compare(vector, decide(v, set, vector));
	callerid_verification_free(v);
	callerid_context_free(ctx);
}

static void rs2_vs13_the_vectors_have_their_verstat_and_code(void **state)
{
	size_t asked = 0;

	(void)state;
	for (size_t i = 0; sets[i] != NULL; i++) {
		char path[80];
		snprintf(path, sizeof path, "tests/vectors/%s.json", sets[i]);
		json_t *set = json_load_file(path, 0, NULL), *vector;
		assert_non_null(set);
		size_t k;
		json_array_foreach(json_object_get(set, "vectors"), k, vector)
		{
			if (!is_askable(vector))
				continue;
			verify(set, vector);
			asked++;
		}
		json_decref(set);
	}
	print_message("%zu vectors\n", asked);
	assert_true(asked >= 50);
}

static void a_time_that_no_date_can_say_is_an_error(void **state)
{
	struct stir_question question = {.n_to = 1, .time_s = -1, .identity = (char[]){"x"}};
	struct callerid_verification *v = NULL;

	(void)state;
	assert_int_equal(stir_question_begin(NULL, &question, 0, NULL, &v), CALLERID_EINVAL);
	assert_null(v);
}

static void another_called_number_is_tried_only_when_this_one_was_not_called(void **state)
{
	const struct stir_question question = {.n_to = 2};
	struct callerid_verdict verdict = {.reason = CALLERID_REASON_DEST_MISMATCH};

	(void)state;
	assert_true(stir_question_goes_on(&question, 0, &verdict));
	assert_false(stir_question_goes_on(&question, 1, &verdict));
	verdict.reason = CALLERID_REASON_BAD_SIGNATURE;
	assert_false(stir_question_goes_on(&question, 0, &verdict));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rs2_vs13_the_vectors_have_their_verstat_and_code),
		cmocka_unit_test(a_time_that_no_date_can_say_is_an_error),
		cmocka_unit_test(another_called_number_is_tried_only_when_this_one_was_not_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
