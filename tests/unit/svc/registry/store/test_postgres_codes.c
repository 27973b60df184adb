/* SPDX-License-Identifier: Apache-2.0 */
/* What PostgreSQL's codes mean. */
#include "svc/registry/store/postgres_codes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void an_error_is_soft_a_conflict_or_a_failure_by_its_sqlstate(void **state)
{
	static const struct {
		const char *sqlstate;
		enum store_status status;
		bool lost;
	} cases[] = {
		{"40001", STORE_BUSY, false},	  {"40P01", STORE_BUSY, false},
		{"55P03", STORE_BUSY, false},	  {"57014", STORE_BUSY, false},
		{"53300", STORE_BUSY, false},	  {"08006", STORE_BUSY, true},
		{"57P01", STORE_BUSY, true},	  {"57P02", STORE_BUSY, true},
		{"57P03", STORE_BUSY, true},	  {"25P03", STORE_BUSY, true},
		{"23505", STORE_CONFLICT, false}, {"23503", STORE_CONFLICT, false},
		{"23514", STORE_CONFLICT, false}, {"42501", STORE_FAILED, false},
		{"42601", STORE_FAILED, false},	  {"25006", STORE_FAILED, false},
		{"25P02", STORE_FAILED, false},	  {"", STORE_FAILED, false},
	};
	bool lost;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(postgres_status(cases[i].sqlstate, &lost), cases[i].status);
		assert_int_equal(lost, cases[i].lost);
	}
}

static void integers_of_every_width_keep_their_sign(void **state)
{
	static const unsigned char bytes[][8] = {
		{0x01},
		{0xff, 0xfe},
		{0x7f, 0xff, 0xff, 0xff},
		{0x80, 0, 0, 0, 0, 0, 0, 0},
	};

	(void)state;
	assert_true(postgres_integer(bytes[0], 1) == 1);
	assert_true(postgres_integer(bytes[1], 2) == -2);
	assert_true(postgres_integer(bytes[2], 4) == INT32_MAX);
	assert_true(postgres_integer(bytes[3], 8) == INT64_MIN);
}

static void a_type_that_is_not_read_has_no_kind(void **state)
{
	enum db_kind kind = DB_NULL;

	(void)state;
	assert_true(postgres_kind(20, &kind));
	assert_int_equal(kind, DB_INT);
	assert_true(postgres_kind(17, &kind));
	assert_int_equal(kind, DB_BLOB);
	assert_false(postgres_kind(1700, &kind)); /* numeric */
	assert_int_equal(postgres_type(DB_INT), 20);
	assert_int_equal(postgres_type(DB_TEXT), 25);
	assert_int_equal(postgres_type(DB_BLOB), 17);
	assert_int_equal(postgres_type(DB_NULL), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_is_soft_a_conflict_or_a_failure_by_its_sqlstate),
		cmocka_unit_test(integers_of_every_width_keep_their_sign),
		cmocka_unit_test(a_type_that_is_not_read_has_no_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
