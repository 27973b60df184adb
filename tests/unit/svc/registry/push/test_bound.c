/* SPDX-License-Identifier: Apache-2.0 */
/* Packed texts, and the narrowest binding around a number or block. */
#include "svc/registry/push/bound.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct siphash_key secret = {{7, 0}};

static uint64_t packed(const char *text)
{
	uint64_t value = 0;

	assert_true(bound_pack(text, &value));
	return value;
}

static void packed_texts_come_back_and_compare_as_texts_do(void **state)
{
	static const char *const sorted[] = {"",
					     "0",
					     "1215555121",
					     "12155551212",
					     "1215555121x",
					     "12155551xxx",
					     "44",
					     "999999999999999"};
	char text[BOUND_CHARS];

	(void)state;
	for (size_t i = 0; i < sizeof sorted / sizeof sorted[0]; i++) {
		bound_unpack(packed(sorted[i]), text);
		assert_string_equal(text, sorted[i]);
		if (i > 0)
			assert_true(packed(sorted[i - 1]) < packed(sorted[i]));
	}
}

static void what_is_no_number_or_block_is_not_packed(void **state)
{
	static const char *const wrong[] = {"1234567890123456", "*67", "+1", "1 2", "12X", "a"};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(bound_pack(wrong[i], &value));
}

static void the_narrowest_binding_decides_hidden_ones_too(void **state)
{
	struct bound bound;

	(void)state;
	bound_init(&bound, &secret);
	assert_true(bound_over(&bound, packed("12155551212")) == BOUND_NONE);
	assert_true(bound_put(&bound, packed("12155551xxx"), 2));
	assert_true(bound_put(&bound, packed("1215555121x"), BOUND_HIDDEN));
	assert_true(bound_put(&bound, packed("12155551212"), 5));
	assert_true(bound_over(&bound, packed("12155551212")) == 5);
	assert_true(bound_around(&bound, packed("12155551212")) == BOUND_HIDDEN);
	assert_true(bound_over(&bound, packed("1215555121x")) == BOUND_HIDDEN);
	assert_true(bound_around(&bound, packed("1215555121x")) == 2);
	assert_true(bound_around(&bound, packed("12155551xxx")) == BOUND_NONE);
	assert_true(bound_over(&bound, packed("12155552212")) == BOUND_NONE);
	assert_true(bound_put(&bound, packed("1215555121x"), BOUND_NONE));
	assert_true(bound_around(&bound, packed("12155551212")) == 2);
	bound_clear(&bound);
	assert_true(bound_over(&bound, packed("12155551212")) == BOUND_NONE);
}

/* A caller may have any digits. */
static void the_shortest_texts_are_asked_for_without_harm(void **state)
{
	static const char *const texts[] = {"", "1", "12", "911", "x", "xx", "xxx", "xxxx"};
	struct bound bound;

	(void)state;
	bound_init(&bound, &secret);
	assert_true(bound_put(&bound, packed("12155551xxx"), 2));
	assert_false(bound_put(&bound, 0, 2));
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_true(bound_over(&bound, packed(texts[i])) == BOUND_NONE);
		assert_true(bound_around(&bound, packed(texts[i])) == BOUND_NONE);
	}
	bound_clear(&bound);
}

static void a_part_of_a_block_is_as_long_as_it_is_and_narrower(void **state)
{
	(void)state;
	assert_true(bound_is_part(packed("12155551212"), packed("12155551xxx")));
	assert_true(bound_is_part(packed("121555512xx"), packed("12155551xxx")));
	assert_false(bound_is_part(packed("12155551xxx"), packed("12155551xxx")));
	assert_false(bound_is_part(packed("12155551xxx"), packed("121555512xx")));
	assert_false(bound_is_part(packed("12155552212"), packed("12155551xxx")));
	assert_false(bound_is_part(packed("121555512121"), packed("12155551xxx")));
	assert_false(bound_is_part(packed("12155551212"), packed("12155551212")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_texts_come_back_and_compare_as_texts_do),
		cmocka_unit_test(what_is_no_number_or_block_is_not_packed),
		cmocka_unit_test(the_narrowest_binding_decides_hidden_ones_too),
		cmocka_unit_test(the_shortest_texts_are_asked_for_without_harm),
		cmocka_unit_test(a_part_of_a_block_is_as_long_as_it_is_and_narrower),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
