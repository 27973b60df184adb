/* SPDX-License-Identifier: Apache-2.0 */
/* JSON read with the n-th allocation failing. */
#include "tests/kit/oom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "json.h"

#define STEPS_MAX 19999 /* of kit_oom_each() */
#define LENGTHS	  300	/* texts of every length: a buffer that grows is full at one of them */

struct input {
	const char *text;
	size_t len;
	json_t *whole;
};

static void read_it(void *data)
{
	const struct input *in = data;
	struct callerid_error err = {.status = CALLERID_OK};
	json_t *value = cid_json_load_value(in->text, in->len, CID_JSON_MAX, &err);

	if (value == NULL) {
		assert_true(kit_oom_failed());
		assert_int_equal(err.status, CALLERID_ENOMEM);
		return;
	}
	assert_false(kit_oom_failed());
	assert_true(json_equal(value, in->whole));
	json_decref(value);
}

static void each(const char *text, size_t len)
{
	struct input in = {text, len, cid_json_load_value(text, len, CID_JSON_MAX, NULL)};

	assert_non_null(in.whole);
	assert_in_range(kit_oom_each(read_it, &in), 1, STEPS_MAX);
	json_decref(in.whole);
}

static void a_text_of_any_length_is_read_whole_or_there_is_no_memory(void **state)
{
	char text[LENGTHS + 2];

	(void)state;
	for (size_t n = 0; n < LENGTHS; n++) {
		memset(text, 'a', sizeof(text));
		text[0] = text[n + 1] = '"';
		each(text, n + 2);
		if (n > 2)
			memcpy(text + 1 + (n - 2) / 2, "\\n", 2);
		each(text, n + 2);
	}
}

static void a_number_of_any_length_is_read_whole_or_there_is_no_memory(void **state)
{
	char text[LENGTHS];

	(void)state;
	memset(text, '1', sizeof(text));
	for (size_t n = 1; n < 19; n++)
		each(text, n);
	text[1] = '.';
	for (size_t n = 3; n < 127; n++)
		each(text, n);
}

static void a_tree_is_read_whole_or_there_is_no_memory(void **state)
{
	static const char text[] =
		"{\"orig\":{\"uri\":\"sip:somebody@example.com\"},\"dest\":{\"tn\":["
		"\"12155550113\","
		"\"12155550114\"]},\"iat\":1443208345.25,\"a\\u0062\":{\"c\\n\":\"\\ud83d\\udcde\"}"
		","
		"\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,\"8\":8,\"9\":[1,2,3,4,5,"
		"6,7,8,9,true,false,null]}";

	(void)state;
	each(text, sizeof(text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_of_any_length_is_read_whole_or_there_is_no_memory),
		cmocka_unit_test(a_number_of_any_length_is_read_whole_or_there_is_no_memory),
		cmocka_unit_test(a_tree_is_read_whole_or_there_is_no_memory),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
