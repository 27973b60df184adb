/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts: limits and their defaults. */
#include "tests/kit/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

TEST(limits_may_be_left_out)
{
	struct callerid_context *ctx = NULL;

	(void)state;
	assert_int_equal(callerid_context_new(NULL, &ctx, NULL), CALLERID_OK);
	callerid_context_free(ctx);
	callerid_context_free(NULL);
}

TEST(a_negative_age_is_the_programs_mistake)
{
	struct callerid_context *ctx = NULL;
	struct callerid_error err;

	(void)state;
	assert_int_equal(
		callerid_context_new(&(struct callerid_limits){.key_max_age_s = -1}, &ctx, &err),
		CALLERID_EINVAL);
	assert_null(ctx);
	assert_string_not_equal(err.text, "");
}

TEST(more_replay_entries_than_any_machine_wants_are_the_programs_mistake)
{
	struct callerid_context *ctx = NULL;
	struct callerid_limits limits = {.replay_entries = ((size_t)1 << 28) + 1};

	(void)state;
	assert_int_equal(callerid_context_new(&limits, &ctx, NULL), CALLERID_EINVAL);
	assert_null(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_may_be_left_out),
		cmocka_unit_test(a_negative_age_is_the_programs_mistake),
		cmocka_unit_test(
			more_replay_entries_than_any_machine_wants_are_the_programs_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
