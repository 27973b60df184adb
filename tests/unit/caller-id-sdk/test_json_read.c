/* SPDX-License-Identifier: Apache-2.0 */
/* Our reader of JSON against its grammar, and against jansson's where that had memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <string.h>

#include "json.h"

#define MUTATIONS 100000
#define TEXT_MAX  512

static json_t *load(const char *text, size_t len)
{
	return cid_json_load_value(text, len, CID_JSON_MAX, NULL);
}

static void RFC8259_7_every_escape_is_read_as_its_character(void **state)
{
	static const struct {
		const char *text, *value;
	} rows[] = {
		{"\"\"", ""},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
		{"\"\\u0041\\u00e9\\u20AC\\ud83d\\uDCDE\"",
		 "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\x9e"},
		{"\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
		 "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
		{"\"\\ud800\\udc00\\udbff\\udfff\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
		{"\"plain \xe2\x82\xac\\n plain\"", "plain \xe2\x82\xac\n plain"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *value = load(rows[i].text, strlen(rows[i].text));

		assert_non_null(value);
		assert_string_equal(json_string_value(value), rows[i].value);
		json_decref(value);
	}
}

static void RFC8259_8_names_with_escapes_keep_their_values_apart(void **state)
{
	static const char text[] =
		"{\"\\u0061\":\"\\u0031\",\"b\\n\":{\"\\t\":\"\\\\\",\"d\":[\"\\\"\"]},"
		"\"\\u0063\":\"\\u0033\"}";
	json_t *root = load(text, sizeof(text) - 1), *inner;

	(void)state;
	assert_non_null(root);
	assert_int_equal(json_object_size(root), 3);
	assert_string_equal(json_string_value(json_object_get(root, "a")), "1");
	assert_string_equal(json_string_value(json_object_get(root, "c")), "3");
	inner = json_object_get(root, "b\n");
	assert_string_equal(json_string_value(json_object_get(inner, "\t")), "\\");
	assert_string_equal(json_string_value(json_array_get(json_object_get(inner, "d"), 0)),
			    "\"");
	json_decref(root);
}

static void RFC8259_6_integers_are_exact_to_their_ends(void **state)
{
	static const struct {
		const char *text;
		json_int_t value;
	} rows[] = {
		{"0", 0},
		{"-0", 0},
		{"-1", -1},
		{"1800000000", 1800000000},
		{"9223372036854775807", INT64_MAX},
		{"-9223372036854775808", INT64_MIN},
	};
	static const char *const over[] = {"9223372036854775808", "-9223372036854775809",
					   "99999999999999999999999999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *value = load(rows[i].text, strlen(rows[i].text));

		assert_true(json_is_integer(value));
		assert_true(json_integer_value(value) == rows[i].value);
		json_decref(value);
	}
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		assert_null(load(over[i], strlen(over[i])));
}

/* Digits of a number that is longer than what is copied of it. */
static void a_fraction_is_bounded_in_length(void **state)
{
	char text[160];
	struct callerid_error err = {.status = CALLERID_OK};
	json_t *value;

	(void)state;
	memset(text, '0', sizeof(text));
	text[1] = '.';
	value = cid_json_load_value(text, 127, CID_JSON_MAX, &err);
	assert_true(json_is_real(value));
	json_decref(value);
	assert_null(cid_json_load_value(text, 128, CID_JSON_MAX, &err));
	assert_int_equal(err.status, CALLERID_ELIMIT);
	assert_null(load("1e400", 5));
	assert_null(load("-1e400", 6));
}

static void a_fraction_is_read_alike_in_every_locale(void **state)
{
	static const char *const with_comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "lt_LT.UTF-8"};
	json_t *value;
	bool set = false;

	(void)state;
	for (size_t i = 0; i < 3 && !set; i++)
		set = setlocale(LC_ALL, with_comma[i]) != NULL;
	value = load("1.5e1", 5);
	(void)setlocale(LC_ALL, "C");
	assert_true(json_is_real(value));
	assert_true(json_real_value(value) == 15.0);
	json_decref(value);
	if (!set)
		print_message("no locale with a comma is installed: read in C only\n");
}

static void a_flaw_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"{\"a\":1,\"a\":2}", "a name for the second time at byte 11"},
		{"{\"a\":1}x", "something behind the value at byte 8"},
		{"[1 2]", "neither a comma nor the end at byte 4"},
		{"\"\\u00", "a \\u without four digits at byte 4"},
		{"\"\\q\"", "an unknown escape at byte 3"},
		{"\"ab", "a text without an end at byte 4"},
		{"{1:2}", "no name in quotes at byte 2"},
		{"{\"a\" 2}", "no colon at byte 6"},
		{"1.", "a point without digits at byte 3"},
		{"1e+", "an exponent without digits at byte 4"},
		{"tru", "no value at byte 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct callerid_error err = {.text = ""};

		assert_null(cid_json_load_value(rows[i].text, strlen(rows[i].text), 100, &err));
		assert_string_equal(err.text, rows[i].why);
		assert_int_equal(err.status, CALLERID_ESYNTAX);
	}
}

/* Deterministic: a failure can be met again. */
static uint32_t next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Some bytes replaced, one taken out, or one put in twice: mostly by what JSON is made of. */
static size_t mutate(char *text, size_t len, uint32_t *seed)
{
	static const char parts[] =
		"\"\\{}[],:0123456789.eE+-untrfalsb/ \n\x01\x7f\xc3\xa9\xed\xf4";

	for (uint32_t n = next(seed) % 3 + 1; n > 0; n--) {
		size_t at = next(seed) % len;

		switch (next(seed) % 3) {
		case 0:
			text[at] = parts[next(seed) % (sizeof(parts) - 1)];
			break;
		case 1:
			memmove(text + at, text + at + 1, len - at - 1);
			len--;
			break;
		case 2:
			memmove(text + at + 1, text + at, len - at);
			len++;
			break;
		}
		if (len == 0)
			return 0;
	}
	return len;
}

static void compare(const char *text, size_t len)
{
	json_t *ours = load(text, len);
	json_t *theirs = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

	if ((ours == NULL) != (theirs == NULL) || (ours != NULL && json_equal(ours, theirs) == 0))
		fail_msg("%s by us, %s by jansson: %.*s", ours == NULL ? "refused" : "read",
			 theirs == NULL ? "refused" : "read", (int)len, text);
	json_decref(ours);
	json_decref(theirs);
}

static void every_text_is_read_as_jansson_reads_it(void **state)
{
	static const char *const seeds[] = {
		"{\"attest\":\"A\",\"dest\":{\"tn\":[\"12155550113\"]},\"iat\":1443208345.5e-1,"
		"\"orig\":{\"tn\":\"12155550112\"}}",
		"[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Q "
		"\\u20ac\"]]]",
		"{\"a\":\"\\ud83d\\udcde\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"b\":[true,false,null,-0,0.5,"
		"-1.25E+3,\"\xc3\xa9\xed\x9f\xbf\xf4\x8f\xbf\xbf\"]} ",
		" \t\r\n[ ] ",
	};
	uint32_t seed = 2463534242;
	char text[TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i < MUTATIONS; i++) {
		const char *from = seeds[i % 4];
		size_t len = strlen(from);

		memcpy(text, from, len);
		len = mutate(text, len, &seed);
		if (len > 0)
			compare(text, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(RFC8259_7_every_escape_is_read_as_its_character),
		cmocka_unit_test(RFC8259_8_names_with_escapes_keep_their_values_apart),
		cmocka_unit_test(RFC8259_6_integers_are_exact_to_their_ends),
		cmocka_unit_test(a_fraction_is_bounded_in_length),
		cmocka_unit_test(a_fraction_is_read_alike_in_every_locale),
		cmocka_unit_test(a_flaw_is_told_with_its_place),
		cmocka_unit_test(every_text_is_read_as_jansson_reads_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
