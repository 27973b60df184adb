/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate lint from outside: what its values are called, and what is not there. */
#include "tests/kit/pki.h"

#include <callerid/certlint.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

TEST(every_value_has_a_name_and_no_other_has_one)
{
	(void)state;
	assert_string_equal(callerid_certlint_kind_name(CALLERID_CERTLINT_AUTO), "auto");
	assert_string_equal(callerid_certlint_kind_name(CALLERID_CERTLINT_ROOT), "root");
	assert_string_equal(callerid_certlint_kind_name(CALLERID_CERTLINT_CA), "ca");
	assert_string_equal(callerid_certlint_kind_name(CALLERID_CERTLINT_END_ENTITY),
			    "end-entity");
	assert_string_equal(callerid_certlint_kind_name((enum callerid_certlint_kind)3), "?");
	assert_string_equal(callerid_certlint_severity_name(CALLERID_CERTLINT_NOTICE), "notice");
	assert_string_equal(callerid_certlint_severity_name(CALLERID_CERTLINT_WARNING), "warning");
	assert_string_equal(callerid_certlint_severity_name(CALLERID_CERTLINT_ERROR), "error");
	assert_string_equal(callerid_certlint_severity_name((enum callerid_certlint_severity)3),
			    "?");
	assert_string_equal(callerid_certlint_result_name(CALLERID_CERTLINT_PASS), "pass");
	assert_string_equal(callerid_certlint_result_name(CALLERID_CERTLINT_FAIL), "fail");
	assert_string_equal(callerid_certlint_result_name(CALLERID_CERTLINT_NOT_APPLICABLE),
			    "not_applicable");
	assert_string_equal(callerid_certlint_result_name((enum callerid_certlint_result)3), "?");
}

TEST(what_is_out_of_range_is_not_there)
{
	struct kit_cert root = kit_cert(&(struct kit_spec){.cn = "Root"});
	char *pem = kit_pem(&root, NULL, NULL);
	struct callerid_certlint *lint = NULL;
	size_t n_rules = callerid_certlint_rule_count();

	(void)state;
	assert_int_equal(
		callerid_certlint_run(pem, strlen(pem), CALLERID_CERTLINT_AUTO, &lint, NULL),
		CALLERID_OK);
	assert_int_equal(callerid_certlint_count(lint), 1);
	assert_int_equal(callerid_certlint_kind_of(lint, 0), CALLERID_CERTLINT_ROOT);
	assert_non_null(callerid_certlint_answer(lint, 0, n_rules - 1));
	assert_null(callerid_certlint_rule_at(n_rules));
	assert_null(callerid_certlint_answer(lint, 0, n_rules));
	assert_null(callerid_certlint_answer(lint, 1, 0));
	assert_int_equal(callerid_certlint_kind_of(lint, 1), CALLERID_CERTLINT_AUTO);
	assert_string_equal(callerid_certlint_subject(lint, 1), "");
	assert_int_equal(callerid_certlint_failures(lint, 0, CALLERID_CERTLINT_ERROR) > 0, true);
	assert_int_equal(callerid_certlint_failures(lint, 1, CALLERID_CERTLINT_ERROR), 0);
	callerid_certlint_free(lint);
	callerid_certlint_free(NULL);
	free(pem);
	kit_cert_free(&root);
}

TEST(a_kind_that_is_none_is_the_programs_mistake)
{
	struct callerid_certlint *lint = NULL;
	struct callerid_error err;

	(void)state;
	assert_int_equal(callerid_certlint_run("x", 1, (enum callerid_certlint_kind)3, &lint, &err),
			 CALLERID_EINVAL);
	assert_null(lint);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_has_a_name_and_no_other_has_one),
		cmocka_unit_test(what_is_out_of_range_is_not_there),
		cmocka_unit_test(a_kind_that_is_none_is_the_programs_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
