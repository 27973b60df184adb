/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from strangers: what is read, what is refused, and where the error points. */
#include "svc/registry/http/jsonspec.h"

#include "svc/registry/domain/e164.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/http/jsontext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct torture {
	const char *text;
	size_t len; /* 0: up to its NUL */
	enum jsontext_fault fault;
};

static const struct torture list[] = {
	/* read */
	{"{}", 0, JSONTEXT_OK},
	{" \t\r\n{ } \n", 0, JSONTEXT_OK},
	{"[]", 0, JSONTEXT_OK},
	{"{\"a\":[1,-0.5e+10,true,false,null,\"\"]}", 0, JSONTEXT_OK},
	{"{\"\\u00e9\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\":\"\xc3\xa9\"}", 0, JSONTEXT_OK},
	{"{\"a\":\"[[[[[[[[[[[[[[[[[[[[\"}", 0, JSONTEXT_OK},
	{"{\"a\":\"\\\"[[[[[[[[[[[[[[[[[[[[\"}", 0, JSONTEXT_OK},
	{"[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", 0, JSONTEXT_OK},
	{"{\"\":1}", 0, JSONTEXT_OK},
	/* refused */
	{"", 0, JSONTEXT_INVALID},
	{" ", 0, JSONTEXT_INVALID},
	{"1", 0, JSONTEXT_INVALID},
	{"\"a\"", 0, JSONTEXT_INVALID},
	{"null", 0, JSONTEXT_INVALID},
	{"{", 0, JSONTEXT_INVALID},
	{"}", 0, JSONTEXT_INVALID},
	{"{}}", 0, JSONTEXT_INVALID},
	{"{}{}", 0, JSONTEXT_INVALID},
	{"{} x", 0, JSONTEXT_INVALID},
	{"{\"a\"}", 0, JSONTEXT_INVALID},
	{"{\"a\":}", 0, JSONTEXT_INVALID},
	{"{\"a\":1,}", 0, JSONTEXT_INVALID},
	{"{,}", 0, JSONTEXT_INVALID},
	{"{a:1}", 0, JSONTEXT_INVALID},
	{"{'a':1}", 0, JSONTEXT_INVALID},
	{"{1:1}", 0, JSONTEXT_INVALID},
	{"[1,]", 0, JSONTEXT_INVALID},
	{"[01]", 0, JSONTEXT_INVALID},
	{"[+1]", 0, JSONTEXT_INVALID},
	{"[1.]", 0, JSONTEXT_INVALID},
	{"[.5]", 0, JSONTEXT_INVALID},
	{"[0x10]", 0, JSONTEXT_INVALID},
	{"[NaN]", 0, JSONTEXT_INVALID},
	{"[Infinity]", 0, JSONTEXT_INVALID},
	{"[1e999]", 0, JSONTEXT_INVALID},
	{"[123456789012345678901234567890]", 0, JSONTEXT_INVALID},
	{"[True]", 0, JSONTEXT_INVALID},
	{"[nul]", 0, JSONTEXT_INVALID},
	{"// a\n{}", 0, JSONTEXT_INVALID},
	{"{}/**/", 0, JSONTEXT_INVALID},
	{"\xef\xbb\xbf{}", 0, JSONTEXT_INVALID},
	{"{\"a\":1,\"a\":2}", 0, JSONTEXT_INVALID},
	{"{\"a\":1,\"\\u0061\":2}", 0, JSONTEXT_INVALID},
	{"{\"b\":{\"a\":1,\"a\":2}}", 0, JSONTEXT_INVALID},
	{"[\"\\u0000\"]", 0, JSONTEXT_INVALID},
	{"{\"\\u0000\":1}", 0, JSONTEXT_INVALID},
	{"[\"a\0b\"]", 7, JSONTEXT_INVALID},
	{"{}\0", 3, JSONTEXT_INVALID},
	{"\0{}", 3, JSONTEXT_INVALID},
	{"[\"\n\"]", 0, JSONTEXT_INVALID},
	{"[\"\x01\"]", 0, JSONTEXT_INVALID},
	{"[\"\\x41\"]", 0, JSONTEXT_INVALID},
	{"[\"\\ud800\"]", 0, JSONTEXT_INVALID},
	{"[\"\\udc00\\ud800\"]", 0, JSONTEXT_INVALID},
	{"[\"\\u12\"]", 0, JSONTEXT_INVALID},
	{"[\"\xff\"]", 0, JSONTEXT_INVALID},
	{"[\"\xc0\xaf\"]", 0, JSONTEXT_INVALID},
	{"[\"\xed\xa0\x80\"]", 0, JSONTEXT_INVALID},
	{"[\"\xf4\x90\x80\x80\"]", 0, JSONTEXT_INVALID},
	{"[\"\xe2\x82\"]", 0, JSONTEXT_INVALID},
	{"{\"a\":\"", 0, JSONTEXT_INVALID},
	{"{\"a\":\"\\", 0, JSONTEXT_INVALID},
	{"\xff\xfe{\0}\0", 6, JSONTEXT_INVALID},
	/* too much */
	{"[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", 0, JSONTEXT_TOO_DEEP},
	{"[[[[[[[[[[[[[[[[[", 0, JSONTEXT_TOO_DEEP},
	{"{\"a\":[[[[[[[[[[[[[[[[", 0, JSONTEXT_TOO_DEEP},
};

static void torture_list_is_read_or_refused_as_stated(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		json_t *json = NULL;
		size_t len = list[i].len > 0 ? list[i].len : strlen(list[i].text);
		/* on the heap, so that reading past its end is seen */
		uint8_t *copy = malloc(len > 0 ? len : 1);
		memcpy(copy, list[i].text, len);
		enum jsontext_fault fault = jsontext_load(copy, len, &json);
		if (fault != list[i].fault)
			fail_msg("%zu: %s: %d", i, list[i].text, fault);
		assert_int_equal(fault == JSONTEXT_OK, json != NULL);
		json_decref(json);
		free(copy);
	}
}

#define NAMES_SIZE (20 * (JSONTEXT_KEYS_MAX + 2))

static void names_are_read_up_to_the_limit_and_one_more_is_not(void **state)
{
	(void)state;
	for (int keys = JSONTEXT_KEYS_MAX; keys <= JSONTEXT_KEYS_MAX + 1; keys++) {
		char *text = calloc(1, NAMES_SIZE);
		size_t at = (size_t)snprintf(text, NAMES_SIZE, "{\"k0\":0");
		json_t *json = NULL;
		for (int i = 1; i < keys; i++)
			at += (size_t)snprintf(text + at, NAMES_SIZE - at, ",\"k%d\":0", i);
		at += (size_t)snprintf(text + at, NAMES_SIZE - at, "}");
		assert_int_equal(jsontext_load((uint8_t *)text, at, &json),
				 keys == JSONTEXT_KEYS_MAX ? JSONTEXT_OK : JSONTEXT_TOO_MANY_KEYS);
		json_decref(json);
		free(text);
	}
}

struct target {
	const char *name;
	int64_t count;
	bool flag;
	int choice;
	uint64_t set;
	struct tn number;
	int64_t inner;
};

static const char *const colours[] = {"red", "green", "blue", NULL};

static const struct spec_field inner_fields[] = {
	{.name = "inner",
	 .type = SPEC_INT,
	 .offset = offsetof(struct target, inner),
	 .required = true,
	 .min = 0,
	 .max = 9},
};
static const struct spec inner = SPEC(inner_fields);

static const struct spec_field fields[] = {
	{.name = "name",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct target, name),
	 .required = true,
	 .max = 10,
	 .check = text_name_check},
	{.name = "count",
	 .type = SPEC_INT,
	 .offset = offsetof(struct target, count),
	 .min = 10,
	 .max = 600},
	{.name = "flag", .type = SPEC_BOOL, .offset = offsetof(struct target, flag)},
	{.name = "choice",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct target, choice),
	 .choices = colours},
	{.name = "set",
	 .type = SPEC_SET,
	 .offset = offsetof(struct target, set),
	 .choices = colours},
	{.name = "number", .type = SPEC_NUMBER, .offset = offsetof(struct target, number)},
	{.name = "object", .type = SPEC_OBJECT, .object = &inner},
};
static const struct spec spec = SPEC(fields);

static bool fill_from(const char *text, struct target *target, struct spec_errors *errors)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	bool filled = spec_fill(&spec, json, target, errors);
	if (filled && target->name != NULL)
		target->name = NULL; /* borrowed from json */
	json_decref(json);
	return filled;
}

static void a_whole_object_fills_every_member(void **state)
{
	struct target target = {.choice = -1};
	struct spec_errors errors;

	(void)state;
	assert_true(fill_from("{\"name\":\"A\",\"count\":600,\"flag\":true,\"choice\":\"blue\","
			      "\"set\":[\"blue\",\"red\"],\"number\":\"+12155551212\","
			      "\"object\":{\"inner\":7}}",
			      &target, &errors));
	assert_int_equal(target.count, 600);
	assert_true(target.flag);
	assert_int_equal(target.choice, 2);
	assert_int_equal(target.set, 5);
	assert_string_equal(target.number.text, "12155551212");
	assert_int_equal(target.inner, 7);
}

static void an_optional_field_that_is_absent_or_null_leaves_the_default(void **state)
{
	struct target target = {.count = 120, .choice = -1, .flag = true};
	struct spec_errors errors;

	(void)state;
	assert_true(fill_from("{\"name\":\"A\",\"count\":null,\"flag\":null}", &target, &errors));
	assert_int_equal(target.count, 120);
	assert_true(target.flag);
	assert_int_equal(target.choice, -1);
	assert_string_equal(target.number.text, "");
}

static void each_error_names_its_field_and_a_stable_code(void **state)
{
	static const struct {
		const char *text, *pointer, *code;
	} cases[] = {
		{"{}", "/name", "required"},
		{"{\"name\":null}", "/name", "required"},
		{"{\"name\":1}", "/name", "wrong_type"},
		{"{\"name\":\"\"}", "/name", "empty"},
		{"{\"name\":\"12345678901\"}", "/name", "too_long"},
		{"{\"name\":\"a\\u202e\"}", "/name", "bidi_character"},
		{"{\"name\":\"a\",\"count\":9}", "/count", "out_of_range"},
		{"{\"name\":\"a\",\"count\":601}", "/count", "out_of_range"},
		{"{\"name\":\"a\",\"count\":-9223372036854775808}", "/count", "out_of_range"},
		{"{\"name\":\"a\",\"count\":10.0}", "/count", "wrong_type"},
		{"{\"name\":\"a\",\"count\":\"10\"}", "/count", "wrong_type"},
		{"{\"name\":\"a\",\"flag\":1}", "/flag", "wrong_type"},
		{"{\"name\":\"a\",\"choice\":\"Red\"}", "/choice", "not_allowed"},
		{"{\"name\":\"a\",\"choice\":0}", "/choice", "wrong_type"},
		{"{\"name\":\"a\",\"set\":[]}", "/set", "empty"},
		{"{\"name\":\"a\",\"set\":[\"red\",\"red\"]}", "/set", "not_allowed"},
		{"{\"name\":\"a\",\"set\":[1]}", "/set", "not_allowed"},
		{"{\"name\":\"a\",\"set\":\"red\"}", "/set", "wrong_type"},
		{"{\"name\":\"a\",\"number\":\"bob\"}", "/number", "number_invalid"},
		{"{\"name\":\"a\",\"number\":12155551212}", "/number", "wrong_type"},
		{"{\"name\":\"a\",\"object\":[]}", "/object", "wrong_type"},
		{"{\"name\":\"a\",\"object\":{}}", "/object/inner", "required"},
		{"{\"name\":\"a\",\"object\":{\"inner\":1,\"x\":1}}", "/object/x", "unknown_field"},
		{"{\"name\":\"a\",\"Name\":\"b\"}", "/Name", "unknown_field"},
		{"{\"name\":\"a\",\"a/b~c\":1}", "/a~1b~0c", "unknown_field"},
		{"[]", "", "wrong_type"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct target target = {.choice = -1};
		struct spec_errors errors;
		assert_false(fill_from(cases[i].text, &target, &errors));
		assert_int_equal(errors.n, 1);
		assert_string_equal(errors.item[0].pointer, cases[i].pointer);
		assert_string_equal(errors.item[0].code, cases[i].code);
	}
}

static void errors_and_their_pointers_are_bounded_and_stay_utf8(void **state)
{
	char text[4096] = "{\"name\":\"a\"";
	size_t at = strlen(text);
	struct target target;
	struct spec_errors errors;

	(void)state;
	for (int i = 0; i < 30; i++) {
		at += (size_t)snprintf(text + at, sizeof text - at, ",\"%.*s", i % 4, "xxx");
		for (int j = 0; j < 40; j++)
			at += (size_t)snprintf(text + at, sizeof text - at, "%s",
					       j > 36 ? "~" : "\u20ac");
		at += (size_t)snprintf(text + at, sizeof text - at, "%d\":1", i);
		if (at > 3500)
			break;
	}
	snprintf(text + at, sizeof text - at, "}");
	assert_false(fill_from(text, &target, &errors));
	assert_in_range(errors.n, 2, SPEC_ERRORS_MAX);
	for (size_t i = 0; i < errors.n; i++) {
		json_t *string = json_string(errors.item[i].pointer); /* NULL unless UTF-8 */
		assert_non_null(string);
		json_decref(string);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_list_is_read_or_refused_as_stated),
		cmocka_unit_test(names_are_read_up_to_the_limit_and_one_more_is_not),
		cmocka_unit_test(a_whole_object_fills_every_member),
		cmocka_unit_test(an_optional_field_that_is_absent_or_null_leaves_the_default),
		cmocka_unit_test(each_error_names_its_field_and_a_stable_code),
		cmocka_unit_test(errors_and_their_pointers_are_bounded_and_stay_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
