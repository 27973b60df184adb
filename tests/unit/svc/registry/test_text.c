/* SPDX-License-Identifier: Apache-2.0 */
/* What may be shown beside the word "verified". */
#include "svc/registry/domain/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct text_case {
	const char *text, *code; /* code NULL: fine */
};

static void expect_all(const char *(*check)(const char *, size_t), const struct text_case *cases,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *code = check(cases[i].text, strlen(cases[i].text));
		if (cases[i].code == NULL && code != NULL)
			fail_msg("\"%s\": %s, should be fine", cases[i].text, code);
		if (cases[i].code != NULL && (code == NULL || strcmp(code, cases[i].code) != 0))
			fail_msg("\"%s\": %s, not %s", cases[i].text, code != NULL ? code : "fine",
				 cases[i].code);
	}
}

#define EXPECT(check, cases) expect_all(check, cases, sizeof(cases) / sizeof(cases)[0])

static void names_are_short_and_plain(void **state)
{
	static const struct text_case cases[] = {
		{"Example Dental", NULL},
		{"M\u00fcller & S\u00f6hne GmbH", NULL},
		{"\u682a\u5f0f\u4f1a\u793e\u4f8b", NULL},
		{"7-Eleven", NULL},
		{"Dr. Smith, D.D.S.", NULL},
		{"U.S. Bank", NULL},
		{"12345678901234567890123456789012345", "phone_number"},
		{"abcdefghijklmnopqrstuvwxyzabcdefghi", NULL},
		{"abcdefghijklmnopqrstuvwxyzabcdefghij", "too_long"},
		{"", "empty"},
		{" Example", "surrounding_space"},
		{"Example ", "surrounding_space"},
		{"a\nb", "control_character"},
		{"a\tb", "control_character"},
		{"a\x7f", "control_character"},
		{"a\xc2\x85", "control_character"},
		{"a\u2028", "control_character"},
		{"\u202e"
		 "evil",
		 "bidi_character"},
		{"a\u2066", "bidi_character"},
		{"a\u200f", "bidi_character"},
		{"a\u061c", "bidi_character"},
		{"a\u200bb", "invisible_character"},
		{"a\u00a0b", "invisible_character"},
		{"a\ufeff", "invisible_character"},
		{"a\U000e0041", "invisible_character"},
		{"Bank \u2705", "emoji"},
		{"Bank \U0001f512", "emoji"},
		{"a\ue000", "not_allowed"},
		{"\xc0\x80", "invalid_utf8"},
		{"\xed\xa0\x80", "invalid_utf8"},
		{"\xf4\x90\x80\x80", "invalid_utf8"},
		{"a\xff", "invalid_utf8"},
		{"a\xc3", "invalid_utf8"},
		{"example.com", "url"},
		{"Visit EXAMPLE.CO now", "url"},
		{"https://a", "url"},
		{"example\uff0ecom", "url"},
		{"example\u3002com", "url"},
		{"+1 (215) 555-1212", "phone_number"},
		{"Call 2155551212", "phone_number"},
	};

	(void)state;
	EXPECT(text_name_check, cases);
}

static void reasons_may_hold_digits_but_no_address(void **state)
{
	static const struct text_case cases[] = {
		{"Your appointment on Tuesday", NULL},
		{"Order 12345678 of 2026-11-22, 10:30", NULL},
		{"abcdefghijklmnopqrstuvwxyzabcdefghijabcdefghijklmnopqrstuvwxyzab", NULL},
		{"abcdefghijklmnopqrstuvwxyzabcdefghijabcdefghijklmnopqrstuvwxyzabc", "too_long"},
		{"see pay.example.com", "url"},
		{"a\x1b[31m", "control_character"},
	};

	(void)state;
	EXPECT(text_reason_check, cases);
}

static void a_length_in_characters_is_not_one_in_bytes(void **state)
{
	static const struct text_case cases[] = {
		/* 35 and 36 characters of three bytes */
		{"\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b"
		 "\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b"
		 "\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b",
		 NULL},
		{"\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b"
		 "\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b"
		 "\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b\u4f8b",
		 "too_long"},
	};

	(void)state;
	EXPECT(text_name_check, cases);
}

static void a_nul_is_a_control_character(void **state)
{
	(void)state;
	assert_string_equal(text_name_check("a\0b", 3), "control_character");
}

static void a_country_is_two_capital_letters(void **state)
{
	static const struct text_case cases[] = {
		{"US", NULL}, {"us", "not_allowed"}, {"USA", "not_allowed"}, {"U1", "not_allowed"}};

	(void)state;
	EXPECT(text_country_check, cases);
}

static void a_website_is_an_https_address_of_a_name(void **state)
{
	static const struct text_case cases[] = {
		{"https://example.com", NULL},
		{"https://www.example.com/a?b=c", NULL},
		{"http://example.com", "not_allowed"},
		{"https://", "not_allowed"},
		{"https://user@example.com", "not_allowed"},
		{"https://example.com:8443", "not_allowed"},
		{"https://localhost", "not_allowed"},
		{"https://.com", "not_allowed"},
		{"https://exa mple.com", "not_allowed"},
		{"javascript:alert(1)", "not_allowed"},
		{"https://example.com/\"><script>", "not_allowed"},
	};

	(void)state;
	EXPECT(text_website_check, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_short_and_plain),
		cmocka_unit_test(reasons_may_hold_digits_but_no_address),
		cmocka_unit_test(a_length_in_characters_is_not_one_in_bytes),
		cmocka_unit_test(a_nul_is_a_control_character),
		cmocka_unit_test(a_country_is_two_capital_letters),
		cmocka_unit_test(a_website_is_an_https_address_of_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
