/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of UTF-8: RFC 3629 §3, what is a character and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "svc/runtime/utf8.h"

static void every_character_is_read_as_itself(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		char text[4] = {(char)cp};
		size_t len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
		static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
		for (size_t i = 1; len > 1 && i < len; i++)
			text[i] = (char)(0x80 | ((cp >> (6 * (len - 1 - i))) & 0x3F));
		if (len > 1)
			text[0] = (char)(leads[len] | (cp >> (6 * (len - 1))));
		uint32_t read = 0;
		size_t expected = cp >= 0xD800 && cp <= 0xDFFF ? 0 : len;
		assert_int_equal(utf8_next(text, len, &read), expected);
		assert_true(expected == 0 || read == cp);
		assert_int_equal(utf8_next(text, len - 1, &read), 0); /* cut short */
	}
}

static void overlong_forms_and_stray_bytes_are_no_characters(void **state)
{
	(void)state;
	static const char *const wrong[] = {"\xc0\x80",
					    "\xc1\xbf",
					    "\xe0\x80\x80",
					    "\xe0\x9f\xbf",
					    "\xf0\x80\x80\x80",
					    "\xf0\x8f\xbf\xbf",
					    "\xf4\x90\x80\x80",
					    "\xf5\x80\x80\x80",
					    "\x80",
					    "\xbf",
					    "\xfe",
					    "\xff",
					    "\xc3(",
					    "\xe2\x82(",
					    "\xf0\x9f\x98("};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint32_t cp;
		assert_int_equal(utf8_next(wrong[i], strlen(wrong[i]), &cp), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_is_read_as_itself),
		cmocka_unit_test(overlong_forms_and_stray_bytes_are_no_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
