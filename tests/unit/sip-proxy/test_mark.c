/* SPDX-License-Identifier: Apache-2.0 */
/* The mark of a relayed dialog in Record-Route, which strangers send back to us. */
#include "sip-proxy/mark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void a_mark_comes_back_as_it_went(void **state)
{
	char text[MARK_TEXT_MAX];

	(void)state;
	for (unsigned in = MEDIA_OFF; in <= MEDIA_WEBRTC; in++)
		for (unsigned out = MEDIA_OFF; out <= MEDIA_WEBRTC; out++) {
			const struct mark mark = {.set = true,
						  .relay = in % 2,
						  .caller = (enum trunk_media)in,
						  .callee = (enum trunk_media)out,
						  .tag = mark_hash("a tag")};
			struct mark back;

			mark_write(&mark, text);
			back = mark_parse(text, 2);
			assert_true(back.set);
			assert_int_equal(back.relay, in % 2);
			assert_int_equal(back.caller, in);
			assert_int_equal(back.callee, out);
			assert_int_equal(back.tag, mark.tag);
		}
}

static void what_is_no_mark_or_names_a_relay_that_is_not_there_counts_for_nothing(void **state)
{
	static const char *const wrong[] = {
		"",
		"0",
		"0rw",
		"0rw1f2e3d4",
		"0rw1f2e3d4cc",
		"0rw1F2E3D4C",
		"0rx1f2e3d4c",
		"2rw1f2e3d4c",
		"9rw1f2e3d4c",
		":rw1f2e3d4c",
		"-rw1f2e3d4c",
		"0rw 1f2e3d4",
		"0r\0001f2e3d",
		"0rw1f2e3d4\n",
	};

	(void)state;
	assert_true(mark_parse("0rw1f2e3d4c", 2).set);
	assert_true(mark_parse("1rw1f2e3d4c", 2).set);
	assert_false(mark_parse("1rw1f2e3d4c", 1).set);
	assert_false(mark_parse("0rw1f2e3d4c", 0).set);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(mark_parse(wrong[i], 2).set);
}

static void the_tags_of_two_ends_differ_in_their_hash(void **state)
{
	(void)state;
	assert_int_not_equal(mark_hash("a"), mark_hash("b"));
	assert_int_equal(mark_hash(NULL), mark_hash(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_comes_back_as_it_went),
		cmocka_unit_test(
			what_is_no_mark_or_names_a_relay_that_is_not_there_counts_for_nothing),
		cmocka_unit_test(the_tags_of_two_ends_differ_in_their_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
