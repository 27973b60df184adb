/* SPDX-License-Identifier: Apache-2.0 */
/* Which checks have passed, and that none is forgotten but with its credentials. */
#include "media/path/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t *transaction(uint32_t n)
{
	static _Thread_local uint8_t bytes[ICE_TRANSACTION_LEN];

	memset(bytes, 0xa5, sizeof(bytes));
	memcpy(bytes, &n, sizeof(n));
	return bytes;
}

static void test_a_check_that_has_passed_is_never_new_again(void **state)
{
	struct opaque_heard heard = {.n = 0};

	(void)state;
	for (uint32_t n = 0; n < OPAQUE_HEARD_MAX; n++) {
		assert_true(opaque_is_new(&heard, transaction(n)));
		opaque_note(&heard, transaction(n));
	}
	for (uint32_t n = 0; n < OPAQUE_HEARD_MAX; n++)
		assert_false(opaque_is_new(&heard, transaction(n)));
	assert_true(opaque_is_new(&heard, transaction(OPAQUE_HEARD_MAX)));
	opaque_forget(&heard);
}

static void test_where_there_is_no_room_to_note_one_none_is_new(void **state)
{
	struct opaque_heard heard = {.n = 0};

	(void)state;
	for (uint32_t n = 0; n <= OPAQUE_HEARD_MAX; n++)
		opaque_note(&heard, transaction(n));
	assert_false(opaque_is_new(&heard, transaction(OPAQUE_HEARD_MAX + 1)));
	assert_null(heard.marks);
	opaque_note(&heard, transaction(1));
	assert_null(heard.marks);
}

static void test_other_credentials_begin_anew(void **state)
{
	struct opaque_heard heard = {.n = 0};

	(void)state;
	opaque_note(&heard, transaction(1));
	opaque_close(&heard);
	assert_false(opaque_is_new(&heard, transaction(2)));
	opaque_forget(&heard);
	assert_true(opaque_is_new(&heard, transaction(1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_check_that_has_passed_is_never_new_again),
		cmocka_unit_test(test_where_there_is_no_room_to_note_one_none_is_new),
		cmocka_unit_test(test_other_credentials_begin_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
