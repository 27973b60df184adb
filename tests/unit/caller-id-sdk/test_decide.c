/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding is a pure, total function of facts and rules. */
#include <callerid/decide.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

static struct callerid_verdict verdict_of(enum callerid_reason reason)
{
	return (struct callerid_verdict){.reason = reason};
}

TEST(without_rules_every_verdict_labels_and_none_rejects)
{
	(void)state;
	for (unsigned i = 0; i < CALLERID_REASON_COUNT; i++) {
		struct callerid_verdict verdict = verdict_of(i);
		struct callerid_facts facts = {.verdict = &verdict};
		struct callerid_rules rules = {0};
		struct callerid_decision decision = callerid_decide(&facts, &rules);

		assert_int_equal(decision.action, CALLERID_ACTION_LABEL);
		assert_int_equal(decision.code, 0);
		assert_int_equal(callerid_decide(&facts, NULL).action, CALLERID_ACTION_LABEL);
	}
}

/* A call is never blocked by our own trouble, whatever the rules list. */
TEST(a_verdict_that_could_not_be_made_lets_the_call_pass)
{
	(void)state;
	for (unsigned i = 0; i < CALLERID_REASON_COUNT; i++) {
		struct callerid_verdict verdict = {.reason = i, .status = CALLERID_ENOMEM};
		struct callerid_facts facts = {.verdict = &verdict};
		struct callerid_rules rules = {0};

		rules.reject[i] = true;
		assert_int_equal(callerid_decide(&facts, &rules).action, CALLERID_ACTION_ALLOW);
	}
}

TEST(a_listed_reason_rejects_with_its_code_and_names_its_rule)
{
	(void)state;
	for (unsigned i = 1; i < CALLERID_REASON_COUNT; i++) {
		struct callerid_verdict verdict = verdict_of(i);
		struct callerid_facts facts = {.verdict = &verdict};
		struct callerid_rules rules = {0};
		struct callerid_decision decision;
		char rule[64];

		rules.reject[i] = true;
		decision = callerid_decide(&facts, &rules);
		snprintf(rule, sizeof(rule), "reject:%s", callerid_reason_info(i)->name);
		assert_int_equal(decision.action, CALLERID_ACTION_REJECT);
		assert_int_equal(decision.code, callerid_reason_info(i)->code);
		assert_string_equal(decision.phrase, callerid_reason_info(i)->phrase);
		assert_string_equal(decision.rule, rule);
		assert_string_not_equal(decision.why, "");
	}
}

TEST(a_verified_call_is_not_rejected_even_when_listed)
{
	struct callerid_verdict verdict = verdict_of(CALLERID_REASON_OK);
	struct callerid_facts facts = {.verdict = &verdict};
	struct callerid_rules rules = {.reject = {[CALLERID_REASON_OK] = true}};

	(void)state;
	assert_int_equal(callerid_decide(&facts, &rules).action, CALLERID_ACTION_LABEL);
}

TEST(an_emergency_call_is_never_rejected)
{
	struct callerid_verdict verdict = verdict_of(CALLERID_REASON_BAD_SIGNATURE);
	struct callerid_facts facts = {.verdict = &verdict, .emergency = true};
	struct callerid_rules rules = {.reject = {[CALLERID_REASON_BAD_SIGNATURE] = true}};

	(void)state;
	assert_int_equal(callerid_decide(&facts, &rules).action, CALLERID_ACTION_LABEL);
	assert_string_equal(callerid_decide(&facts, &rules).rule, "emergency");
}

TEST(a_call_that_was_not_verified_goes_on_as_it_is)
{
	struct callerid_facts facts = {.verdict = NULL};
	struct callerid_verdict odd = verdict_of((enum callerid_reason)999);
	struct callerid_facts strange = {.verdict = &odd};

	(void)state;
	assert_int_equal(callerid_decide(&facts, NULL).action, CALLERID_ACTION_ALLOW);
	assert_int_equal(callerid_decide(&strange, NULL).action, CALLERID_ACTION_ALLOW);
}

TEST(actions_have_names)
{
	(void)state;
	assert_string_equal(callerid_action_name(CALLERID_ACTION_ALLOW), "allow");
	assert_string_equal(callerid_action_name(CALLERID_ACTION_LABEL), "label");
	assert_string_equal(callerid_action_name(CALLERID_ACTION_REJECT), "reject");
	assert_null(callerid_action_name((enum callerid_action)9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rules_every_verdict_labels_and_none_rejects),
		cmocka_unit_test(a_verdict_that_could_not_be_made_lets_the_call_pass),
		cmocka_unit_test(a_listed_reason_rejects_with_its_code_and_names_its_rule),
		cmocka_unit_test(a_verified_call_is_not_rejected_even_when_listed),
		cmocka_unit_test(an_emergency_call_is_never_rejected),
		cmocka_unit_test(a_call_that_was_not_verified_goes_on_as_it_is),
		cmocka_unit_test(actions_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
