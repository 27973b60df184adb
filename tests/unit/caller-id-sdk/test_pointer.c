/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 6901: JSON pointers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pointer.h"

static void test_rfc6901_5_each_pointer_finds_its_value(void **state)
{
	static const struct {
		const char *pointer;
		int value;
	} rows[] = {{"/", 0},  {"/a~1b", 1}, {"/c%d", 2},   {"/i\\j", 5},
		    {"/ ", 7}, {"/m~0n", 8}, {"/o/1/x", 9}, {"/o/0", 10}};
	json_t *root = json_loads("{\"\":0,\"a/b\":1,\"c%d\":2,\"i\\\\j\":5,\" \":7,\"m~n\":8,"
				  "\"o\":[10,{\"x\":9}]}",
				  0, NULL);

	(void)state;
	assert_ptr_equal(cid_pointer_get(root, ""), root);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(json_integer_value(cid_pointer_get(root, rows[i].pointer)),
				 rows[i].value);
	json_decref(root);
}

static void test_RC4_a_pointer_that_leads_nowhere_finds_nothing(void **state)
{
	static const char *const wrong[] = {
		"a",
		"/b",
		"/a/2",
		"/a/-",
		"/a/01",
		"/a/x",
		"/a/0/x",
		"/a/1/y",
		"/a/1/",
		"/a/99999999999999999999",
		"/a~",
		"/a~2",
		"/a/18446744073709551616",
	};
	char longest[CID_POINTER_MAX + 2];
	json_t *root = json_loads("{\"a\":[1,{\"x\":2}]}", 0, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_null(cid_pointer_get(root, wrong[i]));
	memset(longest, '/', sizeof(longest));
	longest[CID_POINTER_MAX + 1] = '\0';
	assert_false(cid_pointer_is_valid(longest));
	longest[CID_POINTER_MAX] = '\0';
	assert_true(cid_pointer_is_valid(longest));
	json_decref(root);
}

static void test_the_first_token_is_the_whole_one(void **state)
{
	const char *rest = NULL;

	(void)state;
	assert_true(cid_pointer_under("/jcl/1/3/3", "jcl", &rest));
	assert_string_equal(rest, "/1/3/3");
	assert_true(cid_pointer_under("/jcl", "jcl", &rest));
	assert_string_equal(rest, "");
	assert_false(cid_pointer_under("/jclx", "jcl", &rest));
	assert_false(cid_pointer_under("/jc", "jcl", &rest));
	assert_false(cid_pointer_under("jcl", "jcl", &rest));
	assert_false(cid_pointer_under("", "jcl", &rest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc6901_5_each_pointer_finds_its_value),
		cmocka_unit_test(test_RC4_a_pointer_that_leads_nowhere_finds_nothing),
		cmocka_unit_test(test_the_first_token_is_the_whole_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
