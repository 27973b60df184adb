/* SPDX-License-Identifier: Apache-2.0 */
/* JSON of strangers within its bounds; canonical JSON out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "json.h"

static enum callerid_status load(const char *text, size_t len)
{
	struct callerid_error err = {.status = CALLERID_OK};
	json_t *root = cid_json_load(text, len, &err);

	assert_int_equal(root == NULL, err.status != CALLERID_OK);
	json_decref(root);
	return err.status;
}

static void test_an_object_is_read(void **state)
{
	static const char text[] = " {\"a\":[1,2.5,\"x\",null,true]}\r\n";

	(void)state;
	assert_int_equal(load("{}", 2), CALLERID_OK);
	assert_int_equal(load(text, sizeof(text) - 1), CALLERID_OK);
}

static void test_what_is_not_one_json_object_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		" ",
		"[]",
		"1",
		"\"x\"",
		"null",
		"{",
		"{}}",
		"{} {}",
		"{\"a\":1,}",
		"{'a':1}",
		"{\"a\":01}",
		"{\"a\":NaN}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xc0\x80\"}",
		"{\"a\":\"\xed\xa0\x80\"}",
		"{\"a\":\"\\u0000\"}",
		"{\"\\u0000\":1}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":99999999999999999999}",
		"{\"a\":\"\n\"}",
		"/* */{}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (load(wrong[i], strlen(wrong[i])) != CALLERID_ESYNTAX)
			fail_msg("not refused: %s", wrong[i]);
	}
	assert_int_equal(load("{\"a\":1}\0", 8), CALLERID_ESYNTAX);
	assert_int_equal(load("{\"a\0b\":1}", 9), CALLERID_ESYNTAX);
}

static void test_PP10_duplicate_names_are_refused_at_any_depth(void **state)
{
	(void)state;
	assert_int_equal(load("{\"a\":1,\"a\":1}", 13), CALLERID_ESYNTAX);
	assert_int_equal(load("{\"a\":1,\"\\u0061\":1}", 18), CALLERID_ESYNTAX);
	assert_int_equal(load("{\"x\":[{\"a\":1,\"b\":2,\"a\":3}]}", 27), CALLERID_ESYNTAX);
}

/* {"a":[[...]]} of depth levels in all. */
static size_t nested(char *text, size_t depth)
{
	memcpy(text, "{\"a\":", 5);
	memset(text + 5, '[', depth - 1);
	memset(text + 5 + depth - 1, ']', depth - 1);
	text[5 + 2 * (depth - 1)] = '}';
	return 6 + 2 * (depth - 1);
}

static void test_depth_is_bounded_before_the_parser_sees_the_text(void **state)
{
	static char text[CID_JSON_MAX];

	(void)state;
	assert_int_equal(load(text, nested(text, 16)), CALLERID_OK);
	assert_int_equal(load(text, nested(text, 17)), CALLERID_ELIMIT);
	assert_int_equal(load(text, nested(text, 2000)), CALLERID_ELIMIT);
	memset(text, '[', sizeof(text));
	assert_int_equal(load(text, sizeof(text)), CALLERID_ELIMIT);
}

static void test_brackets_inside_strings_have_no_depth(void **state)
{
	static const char text[] = "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[\\\\\"}";

	(void)state;
	assert_int_equal(load(text, sizeof(text) - 1), CALLERID_OK);
}

static void test_size_is_bounded(void **state)
{
	static char text[CID_JSON_MAX + 1];

	(void)state;
	memset(text, ' ', sizeof(text));
	memcpy(text, "{}", 2);
	assert_int_equal(load(text, CID_JSON_MAX), CALLERID_OK);
	assert_int_equal(load(text, CID_JSON_MAX + 1), CALLERID_ELIMIT);
}

static void writes(const char *in, size_t len, const char *out)
{
	char buffer[128];
	struct cid_writer w;

	cid_writer_init(&w, buffer, sizeof(buffer));
	cid_write_string(&w, in, len);
	assert_false(w.full);
	assert_int_equal(w.len, strlen(out));
	assert_memory_equal(buffer, out, w.len);
}

static void test_PP9_strings_are_written_canonically(void **state)
{
	(void)state;
	writes("", 0, "\"\"");
	writes("a/b", 3, "\"a/b\"");
	writes("\"\\\b\f\n\r\t", 7, "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
	writes("\x01\x1f", 2, "\"\\u0001\\u001f\"");
	writes("a\0b", 3, "\"a\\u0000b\"");
	writes("\x7f", 1, "\"\x7f\"");
	writes("\xc5\xa0iauliai \xe2\x82\xac \xf0\x9f\x93\x9e", 18,
	       "\"\xc5\xa0iauliai \xe2\x82\xac \xf0\x9f\x93\x9e\"");
}

static void test_invalid_utf8_cannot_be_written(void **state)
{
	static const char *const wrong[] = {
		"\x80",
		"\xc0\x80",
		"\xc1\xbf",
		"\xc3",
		"\xc3x",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xe2\x82",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
	};
	char buffer[64];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct cid_writer w;

		cid_writer_init(&w, buffer, sizeof(buffer));
		cid_write_string(&w, wrong[i], strlen(wrong[i]));
		assert_true(w.full);
	}
}

static void test_integers(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} rows[] = {
		{0, "0"},
		{7, "7"},
		{-1, "-1"},
		{1443208345, "1443208345"},
		{INT64_MAX, "9223372036854775807"},
		{INT64_MIN, "-9223372036854775808"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buffer[32];
		struct cid_writer w;

		cid_writer_init(&w, buffer, sizeof(buffer));
		cid_write_int(&w, rows[i].value);
		assert_int_equal(w.len, strlen(rows[i].text));
		assert_memory_equal(buffer, rows[i].text, w.len);
	}
}

static void test_a_full_writer_stays_full_and_inside(void **state)
{
	char buffer[5] = "....";
	struct cid_writer w;

	(void)state;
	cid_writer_init(&w, buffer, 4);
	cid_write(&w, "abc", 3);
	cid_write_text(&w, "de");
	assert_true(w.full);
	cid_write_b64url(&w, "x", 1);
	cid_write(&w, "d", 1);
	cid_write_int(&w, 1);
	assert_int_equal(w.len, 3);
	assert_int_equal(buffer[3], '.');
	cid_writer_init(&w, buffer, 4);
	cid_write_b64url(&w, "foo", 3);
	assert_false(w.full);
	assert_memory_equal(buffer, "Zm9v", 4);
	cid_write_b64url(&w, "", 0);
	assert_false(w.full);
	cid_write_b64url(&w, "f", 1);
	assert_true(w.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_object_is_read),
		cmocka_unit_test(test_what_is_not_one_json_object_is_refused),
		cmocka_unit_test(test_PP10_duplicate_names_are_refused_at_any_depth),
		cmocka_unit_test(test_depth_is_bounded_before_the_parser_sees_the_text),
		cmocka_unit_test(test_brackets_inside_strings_have_no_depth),
		cmocka_unit_test(test_size_is_bounded),
		cmocka_unit_test(test_PP9_strings_are_written_canonically),
		cmocka_unit_test(test_invalid_utf8_cannot_be_written),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_a_full_writer_stays_full_and_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
