/* SPDX-License-Identifier: Apache-2.0 */
/* Values of Resource-Priority (RFC 4412 §3.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <callerid/passport.h>

#include "priority.h"

static bool is_value(const char *text)
{
	return cid_priority_is_value((struct callerid_span){text, strlen(text)});
}

static void test_AS16_a_value_is_namespace_dot_priority(void **state)
{
	char longest[CALLERID_RPH_LEN + 2];

	(void)state;
	assert_true(is_value("ets.0"));
	assert_true(is_value("drsn.flash-override-override"));
	assert_true(is_value("a!%*_+`'~-.0"));
	assert_false(is_value(""));
	assert_false(is_value("ets"));
	assert_false(is_value("ets."));
	assert_false(is_value(".0"));
	assert_false(is_value("."));
	assert_false(is_value("ets.0.1"));
	assert_false(is_value("ets .0"));
	assert_false(is_value("ets.0,wps.0"));
	assert_false(is_value("ets.\"0\""));
	memset(longest, 'a', sizeof(longest));
	longest[1] = '.';
	longest[CALLERID_RPH_LEN] = '\0';
	assert_true(is_value(longest));
	longest[CALLERID_RPH_LEN] = 'a';
	longest[CALLERID_RPH_LEN + 1] = '\0';
	assert_false(is_value(longest));
}

static void test_AS16_namespaces_are_whole_names_without_case(void **state)
{
	(void)state;
	assert_true(cid_priority_is_of("ESNET.1", "esnet"));
	assert_false(cid_priority_is_of("esnet2.1", "esnet"));
	assert_false(cid_priority_is_of("es.1", "esnet"));
	assert_false(cid_priority_is_of("ets.0", ""));
}

static bool lists(const char *field, const char *value)
{
	return cid_priority_lists((struct callerid_span){field, strlen(field)}, value);
}

static void test_VS15_a_field_lists_several_values(void **state)
{
	(void)state;
	assert_true(lists("ets.0", "ets.0"));
	assert_true(lists(" ets.0 ,\r\n WPS.0", "wps.0"));
	assert_false(lists("ets.01", "ets.0"));
	assert_false(lists("ets.0;x", "ets.0"));
	assert_false(lists("", "ets.0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_AS16_a_value_is_namespace_dot_priority),
		cmocka_unit_test(test_AS16_namespaces_are_whole_names_without_case),
		cmocka_unit_test(test_VS15_a_field_lists_several_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
