/* SPDX-License-Identifier: Apache-2.0 */
/* The quick reader against the thorough one: whatever it takes is the same, what it leaves is as it
 * was. */
#include "svc/registry/http/jsonquick.h"

#include "svc/registry/domain/e164.h"
#include "svc/registry/http/jsontext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct target {
	const char *name, *word;
	int64_t count;
	bool flag, inner_flag;
	int choice;
	struct tn number;
};

static const char *check_word(const char *text, size_t len)
{
	return len == strlen(text) && text[0] == 'w' ? NULL : "not_allowed";
}

static const char *const choices[] = {"red", "green", NULL};
static const struct spec_field inner_fields[] = {
	{.name = "flag", .type = SPEC_BOOL, .offset = offsetof(struct target, inner_flag)},
	{.name = "choice",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct target, choice),
	 .required = true,
	 .choices = choices},
};
static const struct spec inner = SPEC(inner_fields);
static const struct spec_field fields[] = {
	{.name = "name", .type = SPEC_STRING, .offset = offsetof(struct target, name), .max = 5},
	{.name = "word",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct target, word),
	 .check = check_word},
	{.name = "count",
	 .type = SPEC_INT,
	 .offset = offsetof(struct target, count),
	 .min = 0,
	 .max = 100},
	{.name = "flag", .type = SPEC_BOOL, .offset = offsetof(struct target, flag)},
	{.name = "number", .type = SPEC_NUMBER, .offset = offsetof(struct target, number)},
	{.name = "inner", .type = SPEC_OBJECT, .required = true, .object = &inner},
};
static const struct spec spec = SPEC(fields);

#define NEED "\"inner\":{\"choice\":\"green\"}"

/* The first are quick; the others are not, right or wrong. */
static const char *const quick[] = {
	"{" NEED "}",
	" {\t\"inner\" : {\r\n\"choice\" : \"red\" , \"flag\":true } } \n",
	"{\"name\":\"\"," NEED "}",
	"{\"name\":\"12345\",\"word\":\"w\",\"count\":100,\"flag\":false," NEED "}",
	"{\"number\":\"+1 (215) 555-1212\",\"count\":0," NEED "}",
	"{\"name\":\"a/{}[\"," NEED "}",
};
static const char *const slow[] = {
	"",
	"{",
	"{}",
	"[]",
	"null",
	"\"inner\"",
	"{" NEED,
	"{" NEED ",}",
	"{," NEED "}",
	"{" NEED "}x",
	"{" NEED "}}",
	"{" NEED "} {}",
	"{\"inner\":{\"choice\":\"green\"},}",
	"{" NEED "," NEED "}",
	"{\"name\":\"a\",\"name\":\"a\"," NEED "}",
	"{\"other\":1," NEED "}",
	"{\"nam\":\"a\"," NEED "}",
	"{\"name\":\"123456\"," NEED "}",
	"{\"name\":\"a\\u0062\"," NEED "}",
	"{\"name\":\"\xc3\xa9\"," NEED "}",
	"{\"name\":\"a\nb\"," NEED "}",
	"{\"name\":\"a," NEED "}",
	"{\"name\":null," NEED "}",
	"{\"name\":1," NEED "}",
	"{\"word\":\"x\"," NEED "}",
	"{\"name\":\"ab\",\"word\":\"x\"," NEED "}",
	"{\"count\":101," NEED "}",
	"{\"count\":-0," NEED "}",
	"{\"count\":-1," NEED "}",
	"{\"count\":00," NEED "}",
	"{\"count\":01," NEED "}",
	"{\"count\":1.0," NEED "}",
	"{\"count\":1e1," NEED "}",
	"{\"count\":," NEED "}",
	"{\"count\":99999999999999999999," NEED "}",
	"{\"flag\":True," NEED "}",
	"{\"flag\":1," NEED "}",
	"{\"flag\":truefalse," NEED "}",
	"{\"number\":\"12;ext=3\"," NEED "}",
	"{\"inner\":{}}",
	"{\"inner\":{\"choice\":\"blue\"}}",
	"{\"inner\":{\"choice\":\"gree\"}}",
	"{\"inner\":{\"choice\":\"green\",\"deep\":{\"a\":1}}}",
	"{\"inner\":[]}",
	"{\"inner\" \"choice\"}",
	"{'inner':{\"choice\":\"green\"}}",
};

static void same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL)
		assert_string_equal(a, b);
}

/* Whether the quick one took it; then the thorough one must have made the same of it. */
static bool compare(const char *bytes, size_t len)
{
	char *text = malloc(len + 1);
	struct target fast = {.choice = 7, .count = 7}, thorough = fast;
	struct spec_errors errors;
	json_t *json = NULL;

	assert_non_null(text);
	memcpy(text, bytes, len);
	bool taken = jsonquick_fill(&spec, text, len, &fast);
	if (taken) {
		assert_int_equal(jsontext_load((const uint8_t *)bytes, len, &json), JSONTEXT_OK);
		assert_true(spec_fill(&spec, json, &thorough, &errors));
		same_text(fast.name, thorough.name);
		same_text(fast.word, thorough.word);
		assert_int_equal(fast.count, thorough.count);
		assert_int_equal(fast.flag, thorough.flag);
		assert_int_equal(fast.inner_flag, thorough.inner_flag);
		assert_int_equal(fast.choice, thorough.choice);
		assert_string_equal(fast.number.text, thorough.number.text);
	} else {
		assert_memory_equal(text, bytes, len);
	}
	json_decref(json);
	free(text);
	return taken;
}

static void a_plain_body_is_read_as_by_jansson(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof quick / sizeof quick[0]; i++)
		assert_true(compare(quick[i], strlen(quick[i])));
}

static void what_is_not_plain_is_left_as_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof slow / sizeof slow[0]; i++)
		assert_false(compare(slow[i], strlen(slow[i])));
	assert_false(compare("{" NEED "\0}", sizeof "{" NEED "\0}" - 1));
}

/* Each body with each of its bytes gone, doubled, or another, and cut anywhere. */
static void a_body_with_any_byte_changed_is_never_read_otherwise(void **state)
{
	static const char others[] = "{}[]\":,\\ 09-.etn\n\x01\x7f\xc3";
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof quick / sizeof quick[0]; i++) {
		size_t len = strlen(quick[i]);
		for (size_t at = 0; at < len; at++) {
			compare(quick[i], at);
			memcpy(text, quick[i], at);
			memcpy(text + at, quick[i] + at + 1, len - at - 1);
			compare(text, len - 1);
			memcpy(text + at + 1, quick[i] + at, len - at);
			text[at] = quick[i][at];
			compare(text, len + 1);
			memcpy(text, quick[i], len);
			for (size_t k = 0; k < sizeof others; k++) {
				text[at] = others[k];
				compare(text, len);
			}
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_body_is_read_as_by_jansson),
		cmocka_unit_test(what_is_not_plain_is_left_as_it_was),
		cmocka_unit_test(a_body_with_any_byte_changed_is_never_read_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
