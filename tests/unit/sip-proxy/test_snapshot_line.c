/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of GET /v1/snapshot as docs/api gives them, and anything else. */
#include "sip-proxy/snapshot_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ENTRY(number, block)                                                                       \
	"{\"number\":\"" number "\",\"block\":" block                                              \
	",\"customer\":\"biz_1\",\"brand\":\"brd_1\","                                             \
	"\"name\":\"Example\",\"logo_url\":null,\"logo_sha256\":null,\"strict\":true}"
#define GONE "{\"number\":\"12155551200\",\"block\":100,\"gone\":true}"

static bool read_text(const char *text, struct snapshot_line *line)
{
	return snapshot_line_read(text, strlen(text), line);
}

static void the_first_and_the_last_line_have_a_number(void **state)
{
	struct snapshot_line line;

	(void)state;
	assert_true(read_text("{\"serial\":17}", &line));
	assert_int_equal(line.kind, SNAPSHOT_LINE_SERIAL);
	assert_int_equal(line.number, 17);
	snapshot_line_clear(&line);
	assert_true(read_text("{\"end\":0}", &line));
	assert_int_equal(line.kind, SNAPSHOT_LINE_END);
	assert_int_equal(line.number, 0);
	snapshot_line_clear(&line);
}

static void an_entry_is_put_and_one_that_is_gone_is_removed(void **state)
{
	struct snapshot *snapshot =
		snapshot_new(&(struct snapshot_limits){.entries = 10, .bytes = 100000});
	struct snapshot_entry found;
	struct snapshot_line line;

	(void)state;
	assert_true(read_text(ENTRY("12155551200", "100"), &line));
	assert_int_equal(line.kind, SNAPSHOT_LINE_ENTRY);
	assert_int_equal(snapshot_line_apply(&line, snapshot), SNAPSHOT_OK);
	snapshot_line_clear(&line);
	assert_true(snapshot_find(snapshot, "12155551234", &found));
	assert_string_equal(found.name, "Example");
	assert_string_equal(found.logo_url, "");
	assert_true(found.strict);
	assert_true(read_text(GONE, &line));
	assert_int_equal(snapshot_line_apply(&line, snapshot), SNAPSHOT_OK);
	assert_int_equal(snapshot_line_apply(&line, snapshot), SNAPSHOT_OK);
	snapshot_line_clear(&line);
	assert_int_equal(snapshot_count(snapshot), 0);
	snapshot_free(snapshot);
}

static void a_number_that_is_hidden_hides_the_block_around_it(void **state)
{
	struct snapshot *snapshot =
		snapshot_new(&(struct snapshot_limits){.entries = 10, .bytes = 100000});
	struct snapshot_entry found;
	struct snapshot_line line;

	(void)state;
	assert_true(read_text(ENTRY("12155551200", "100"), &line));
	assert_int_equal(snapshot_line_apply(&line, snapshot), SNAPSHOT_OK);
	snapshot_line_clear(&line);
	assert_true(read_text("{\"number\":\"12155551230\",\"block\":10,\"gone\":true,"
			      "\"bound\":true}",
			      &line));
	assert_int_equal(line.kind, SNAPSHOT_LINE_HIDDEN);
	assert_int_equal(snapshot_line_apply(&line, snapshot), SNAPSHOT_OK);
	snapshot_line_clear(&line);
	assert_false(snapshot_find(snapshot, "12155551234", &found));
	assert_true(snapshot_find(snapshot, "12155551244", &found));
	assert_false(snapshot_knows(snapshot, "-"));
	assert_int_equal(snapshot_count(snapshot), 2);
	assert_true(read_text("{\"number\":\"12155551230\",\"block\":10,\"gone\":true}", &line));
	assert_int_equal(snapshot_line_apply(&line, snapshot), SNAPSHOT_OK);
	snapshot_line_clear(&line);
	assert_true(snapshot_find(snapshot, "12155551234", &found));
	snapshot_free(snapshot);
}

static void anything_else_is_no_line(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"17",
		"{}",
		"{\"serial\":\"17\"}",
		"{\"serial\":-1}",
		"{\"end\":1.5}",
		"{\"serial\":17}x",
		"{\"number\":\"12155551212\"}",
		"{\"number\":\"12155551212\",\"block\":1}",
		"{\"number\":\"12155551212\",\"block\":\"1\",\"gone\":true}",
		"{\"number\":\"12155551212\",\"block\":10,\"gone\":true}",
		"{\"number\":12155551212,\"block\":1,\"gone\":true}",
		ENTRY("1215555121x", "1"),
		"{\"number\":\"12155551212\",\"block\":1,\"customer\":\"b\",\"brand\":\"b\","
		"\"name\":null,\"logo_url\":null,\"logo_sha256\":null,\"strict\":true}",
		"{\"number\":\"12155551212\",\"block\":1,\"customer\":\"b\",\"brand\":\"b\","
		"\"name\":\"x\",\"logo_url\":1,\"logo_sha256\":null,\"strict\":true}",
		"{\"number\":\"12155551212\",\"block\":1,\"customer\":\"b\",\"brand\":\"b\","
		"\"name\":\"x\",\"logo_url\":null,\"logo_sha256\":null}",
		"{\"number\":\"12155551212\",\"block\":1,\"gone\":true,\"gone\":true}",
	};
	struct snapshot_line line;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (read_text(bad[i], &line))
			fail_msg("%s is taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_and_the_last_line_have_a_number),
		cmocka_unit_test(an_entry_is_put_and_one_that_is_gone_is_removed),
		cmocka_unit_test(a_number_that_is_hidden_hides_the_block_around_it),
		cmocka_unit_test(anything_else_is_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
