/* SPDX-License-Identifier: Apache-2.0 */
/* Each reason of a drop has a label that a metric may carry, and words of its own. */
#include "media/path/drop.h"

#include "path_kit.h"

static void test_each_reason_has_a_label_and_words_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < DROP_COUNT; i++) {
		const char *label = drop_label((enum drop_reason)i);

		assert_int_equal(strspn(label, "abcdefghijklmnopqrstuvwxyz_"), strlen(label));
		assert_true(strlen(label) > 0 && strlen(drop_words((enum drop_reason)i)) > 0);
		for (int k = 0; k < i; k++) {
			assert_string_not_equal(label, drop_label((enum drop_reason)k));
			assert_string_not_equal(drop_words((enum drop_reason)i),
						drop_words((enum drop_reason)k));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_reason_has_a_label_and_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
