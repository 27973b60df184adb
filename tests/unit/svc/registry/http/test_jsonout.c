/* SPDX-License-Identifier: Apache-2.0 */
/* What is written by hand is what jansson writes. */
#include "svc/registry/http/jsonout.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

static void same(const char *text)
{
	struct jsonout out;
	json_t *json = json_pack("[s]", text);
	char *wanted = json_dumps(json, JSON_COMPACT);

	jsonout_begin(&out, 0);
	jsonout_raw(&out, "[");
	jsonout_string(&out, text);
	jsonout_raw(&out, "]");
	assert_string_equal(out.text, wanted);
	assert_int_equal(out.len, strlen(wanted));
	free(out.text);
	free(wanted);
	json_decref(json);
}

static void every_character_is_written_as_by_jansson(void **state)
{
	char text[] = "a?b??c";

	(void)state;
	for (int c = 1; c < 128; c++) {
		text[1] = text[3] = text[4] = (char)c;
		same(text);
		same(text + 4);
	}
	same("");
	same("Zahn\xc3\xa4rztin \xe2\x80\x93 \xf0\x9f\x98\x80");
}

static void numbers_flags_and_empty_texts_have_their_words(void **state)
{
	struct jsonout out;

	(void)state;
	jsonout_begin(&out, 4);
	jsonout_uint(&out, 0);
	jsonout_raw(&out, " ");
	jsonout_uint(&out, UINT64_MAX);
	jsonout_bool(&out, true);
	jsonout_bool(&out, false);
	jsonout_text(&out, "");
	jsonout_text(&out, "x");
	assert_string_equal(out.text, "0 18446744073709551615truefalsenull\"x\"");
	free(out.text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_is_written_as_by_jansson),
		cmocka_unit_test(numbers_flags_and_empty_texts_have_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
