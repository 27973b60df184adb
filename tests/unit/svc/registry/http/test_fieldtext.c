/* SPDX-License-Identifier: Apache-2.0 */
/* The words of an error: what the field takes. */
#include "svc/registry/http/fieldtext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const colours[] = {"red", "green", NULL};

static const char *never(const char *text, size_t len)
{
	(void)text;
	(void)len;
	return NULL;
}

static void each_kind_of_field_says_what_it_takes(void **state)
{
	static const struct {
		struct spec_field field;
		const char *code, *text;
	} cases[] = {
		{{.type = SPEC_CHOICE, .choices = colours}, "not_allowed", "x: one of red, green"},
		{{.type = SPEC_SET, .choices = colours},
		 "not_allowed",
		 "x: one of red, green; each once"},
		{{.type = SPEC_SET, .choices = colours}, "empty", "x: at least one item is needed"},
		{{.type = SPEC_INT, .min = -1, .max = INT64_MAX},
		 "out_of_range",
		 "x: -1 to 9223372036854775807"},
		{{.type = SPEC_LIST, .max = 7}, "too_long", "x: at most 7 items"},
		{{.type = SPEC_STRING}, "too_long", "x: at most 256 bytes"},
		{{.type = SPEC_STRING, .max = 9}, "too_long", "x: at most 9 bytes"},
		/* the check's own limit may be another, and in characters */
		{{.type = SPEC_STRING, .max = 9, .check = never}, "too_long", "x"},
		{{.type = SPEC_STRING, .check = never, .hint = "a b"}, "not_allowed", "x: a b"},
		{{.type = SPEC_STRING, .check = never, .hint = "a b"}, "emoji", "x"},
		{{.type = SPEC_STRING, .check = never}, "not_allowed", "x"},
		{{.type = SPEC_BOOL}, "wrong_type", "x: true or false is expected"},
		{{.type = SPEC_TEXTS}, "wrong_type", "x: a list of texts is expected"},
		{{.type = SPEC_OBJECT}, "required", "x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char out[FIELDTEXT_MAX];
		const struct spec_error error = {.code = cases[i].code,
						 .field = &cases[i].field,
						 .hint = cases[i].field.hint};
		fieldtext_write(&error, "x", out);
		assert_string_equal(out, cases[i].text);
	}
}

static void without_a_field_there_is_the_hint_or_the_code_alone(void **state)
{
	struct spec_error error = {.code = "not_allowed"};
	char out[FIELDTEXT_MAX];

	(void)state;
	fieldtext_write(&error, "x", out);
	assert_string_equal(out, "x");
	error.hint = "an object";
	fieldtext_write(&error, "x", out);
	assert_string_equal(out, "x: an object");
}

static void a_long_list_of_choices_ends_at_a_whole_one(void **state)
{
	const char *choices[65] = {NULL};
	const struct spec_field field = {.type = SPEC_SET, .choices = choices};
	const struct spec_error error = {.code = "not_allowed", .field = &field};
	char out[FIELDTEXT_MAX];

	(void)state;
	for (size_t n = 1; n < 65; n++) {
		choices[n - 1] = "twelve-bytes";
		fieldtext_write(&error, "x", out);
		assert_non_null(strstr(out, "twelve-bytes; each once"));
		assert_int_equal(strspn(out + strlen("x: one of"), " twelv-bys,;acho n"),
				 strlen(out) - strlen("x: one of"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_field_says_what_it_takes),
		cmocka_unit_test(without_a_field_there_is_the_hint_or_the_code_alone),
		cmocka_unit_test(a_long_list_of_choices_ends_at_a_whole_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
