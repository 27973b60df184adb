/* SPDX-License-Identifier: Apache-2.0 */
/* The Reason header field (RFC 3326) with the causes of STIR (RFC 9410), read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/reason.h>

#define SIG                                                                                        \
	"3n1Kx0uWq9-LrZ_2bTfVdEoYc7Jm4sGh8pAiQyXtUv6RwCkNeSaBlOzFjDgMhP5"                          \
	"I1x9uW0qLrZ2bTfVdEoYc7A"
#define FULL   "eyJh.eyJk." SIG
#define STIR36 "STIR ;cause=436 ;text=\"Bad Identity Info\""

static struct callerid_span span(const char *text)
{
	return (struct callerid_span){text, text == NULL ? 0 : strlen(text)};
}

static enum callerid_status parse(const char *text, struct callerid_reason_value *value)
{
	struct callerid_error err;
	enum callerid_status status = callerid_reason_parse(text, strlen(text), value, &err);

	if (status != CALLERID_OK)
		assert_string_not_equal(err.text, "");
	return status;
}

static void test_VS9_a_stir_reason_is_written_byte_for_byte_as_rfc9410_prints_it(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(callerid_reason_stir(436, span(NULL), text, sizeof(text)), strlen(STIR36));
	assert_string_equal(text, STIR36);
	assert_true(callerid_reason_stir(436, span(".." SIG), text, sizeof(text)) > 0);
	assert_string_equal(text, STIR36 " ;ppi=\".." SIG "\"");
	assert_true(callerid_reason_stir(438, span(FULL), text, sizeof(text)) > 0);
	assert_string_equal(text,
			    "STIR ;cause=438 ;text=\"Invalid Identity Header\" ;ppi=\"" FULL "\"");
}

static void test_VS9_only_causes_of_rfc8224_are_stir_causes(void **state)
{
	static const struct {
		int code;
		const char *phrase;
	} rows[] = {{403, "Stale Date"},
		    {428, "Use Identity Header"},
		    {436, "Bad Identity Info"},
		    {437, "Unsupported Credential"},
		    {438, "Invalid Identity Header"}};
	char text[128], want[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(want, sizeof(want), "STIR ;cause=%d ;text=\"%s\"", rows[i].code,
			 rows[i].phrase);
		assert_true(callerid_reason_stir(rows[i].code, span(NULL), text, sizeof(text)) > 0);
		assert_string_equal(text, want);
	}
	for (int code = 0; code < 700; code++) {
		bool stir = code == 403 || code == 428 || (code >= 436 && code <= 438);

		assert_int_equal(callerid_reason_stir(code, span(NULL), text, sizeof(text)) > 0,
				 stir);
		assert_int_equal(text[0] == '\0', !stir);
	}
}

static void test_VS9_a_ppi_with_other_characters_or_a_small_buffer_leaves_nothing(void **state)
{
	char text[128];

	(void)state;
	assert_int_equal(callerid_reason_stir(436, span("..a\"b"), text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(callerid_reason_stir(436, span("..a\r\nVia: x"), text, sizeof(text)), 0);
	assert_int_equal(callerid_reason_stir(436, span(NULL), text, 0), 0);
	for (size_t size = 1; size <= strlen(STIR36); size++) {
		assert_int_equal(callerid_reason_stir(436, span(NULL), text, size), 0);
		assert_string_equal(text, "");
	}
	assert_int_equal(callerid_reason_stir(436, span(NULL), text, strlen(STIR36) + 1),
			 strlen(STIR36));
}

/* RFC 3326 §2: SEMI and EQUAL have white space around them, names are without case. */
static void test_VS9_any_legal_spelling_is_read(void **state)
{
	static const char *const same[] = {
		"STIR ;cause=436 ;text=\"Bad Identity Info\" ;ppi=\".." SIG "\"",
		"STIR;cause=436;text=\"Bad Identity Info\";ppi=\".." SIG "\"",
		"stir;CAUSE = 436 ; Ppi=.." SIG ";x;y=z;text=\"Bad Identity Info\"",
		"  STIR\t; cause\r\n = \r\n\t436;text= \"Bad Identity Info\" ;ppi =\".." SIG "\"  ",
		"STIR;text=\"Bad Identity Info\";a=[::1];b=\"q;,\\\"\";ppi=\".." SIG
		"\";cause=0436",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct callerid_reason_value value;

		assert_int_equal(parse(same[i], &value), CALLERID_OK);
		assert_int_equal(value.cause, 436);
		assert_int_equal(value.text.n, strlen("Bad Identity Info"));
		assert_memory_equal(value.text.p, "Bad Identity Info", value.text.n);
		assert_int_equal(value.ppi.n, strlen(".." SIG));
		assert_memory_equal(value.ppi.p, ".." SIG, value.ppi.n);
	}
}

static void test_VS9_what_breaks_the_grammar_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		";cause=436",
		"STIR cause=436",
		"STIR;",
		"STIR;;cause=436",
		"STIR;cause=",
		"STIR;cause=4x6",
		"STIR;cause=\"436\"",
		"STIR;cause=4360000000",
		"STIR;cause=-436",
		"STIR;cause=436;cause=436",
		"STIR;text=Bad",
		"STIR;text=\"Bad",
		"STIR;text=\"Bad\\\"",
		"STIR;text=\"a\";text=\"b\"",
		"STIR;ppi",
		"STIR;ppi=\"a\";PPI=\"b\"",
		"STIR;cause=436\r\n;text=\"a\"",
		"STIR;cause=436 x",
		"STIR;=436",
		"\"STIR\";cause=436",
	};
	struct callerid_reason_value value;
	char *big = calloc(1, CALLERID_REASON_VALUE_MAX + 2);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i], &value) != CALLERID_ESYNTAX)
			fail_msg("taken: %s", bad[i]);
	}
	assert_int_equal(parse("STIR;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p", &value), CALLERID_OK);
	assert_int_equal(value.n_unknown, 16);
	assert_int_equal(parse("STIR;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q", &value), CALLERID_ELIMIT);
	memset(big, 'a', CALLERID_REASON_VALUE_MAX + 1);
	assert_int_equal(parse(big, &value), CALLERID_ELIMIT);
	free(big);
}

static void test_VS9_several_values_of_one_field_are_read_one_by_one(void **state)
{
	struct callerid_span rest = span(" STIR;cause=436;text=\"a, b\" ,, SIP;cause=603;"
					 "text=\"x\\\",y\"\r\n , Q.850;cause=21 ,"),
			     one;
	struct callerid_reason_value value;
	const char *protocols[] = {"STIR", "SIP", "Q.850"};
	const int causes[] = {436, 603, 21};
	size_t n = 0;

	(void)state;
	for (; callerid_reason_next(&rest, &one); n++) {
		assert_true(n < 3);
		assert_int_equal(callerid_reason_parse(one.p, one.n, &value, NULL), CALLERID_OK);
		assert_int_equal(value.protocol.n, strlen(protocols[n]));
		assert_memory_equal(value.protocol.p, protocols[n], value.protocol.n);
		assert_int_equal(value.cause, causes[n]);
	}
	assert_int_equal(n, 3);
}

static void test_VS9_texts_with_quotes_come_back_as_they_were(void **state)
{
	static const char text[] = "say \"no\" \\ or not";
	struct callerid_reason_value value = {.protocol = {"SIP", 3},
					      .cause = 600,
					      .text = {text, sizeof(text) - 1}},
				     read;
	char line[128], back[64];

	(void)state;
	assert_true(callerid_reason_write(&value, line, sizeof(line)) > 0);
	assert_string_equal(line, "SIP;cause=600;text=\"say \\\"no\\\" \\\\ or not\"");
	assert_int_equal(parse(line, &read), CALLERID_OK);
	assert_int_equal(callerid_reason_text(read.text, back, sizeof(back)), sizeof(text) - 1);
	assert_string_equal(back, text);
	assert_int_equal(callerid_reason_text(read.text, back, 5), 0);
	assert_string_equal(back, "");
	assert_true(callerid_reason_text(span("a\tb\x7f"), back, sizeof(back)) > 0);
	assert_string_equal(back, "a?b?");
	value.text = span("line\r\nVia: evil");
	assert_int_equal(callerid_reason_write(&value, line, sizeof(line)), 0);
	value.text = span("ok");
	value.protocol = span("S P");
	assert_int_equal(callerid_reason_write(&value, line, sizeof(line)), 0);
	value.protocol = span("SIP");
	value.location = span("T;N");
	assert_int_equal(callerid_reason_write(&value, line, sizeof(line)), 0);
	value.location = span("TN");
	value.cause = -1;
	assert_true(callerid_reason_write(&value, line, sizeof(line)) > 0);
	assert_string_equal(line, "SIP;text=\"ok\";location=TN");
}

static bool about(const char *text, const char *token)
{
	struct callerid_reason_value value;

	assert_int_equal(parse(text, &value), CALLERID_OK);
	return callerid_reason_is_about(&value, span(token));
}

static void test_AS15_a_reason_is_about_our_passport_by_full_or_compact_ppi(void **state)
{
	(void)state;
	assert_true(about("STIR;cause=436;ppi=\"" FULL "\"", FULL));
	assert_true(about("STIR;cause=436;ppi=\".." SIG "\"", FULL));
	assert_true(about("STIR;cause=436;ppi=\"" FULL "\"", ".." SIG));
	assert_true(about("stir;cause=436;ppi=.." SIG, ".." SIG));
}

static void test_AS15_others_reasons_are_not_ours(void **state)
{
	(void)state;
	assert_false(about("STIR;cause=436", FULL));
	assert_false(about("SIP;cause=436;ppi=\".." SIG "\"", FULL));
	assert_false(about("STIR;cause=436;ppi=\"..x" SIG "\"", FULL));
	assert_false(about("STIR;cause=436;ppi=\"" SIG "\"", FULL));
	assert_false(about("STIR;cause=436;ppi=\"." SIG "\"", FULL));
	assert_false(about("STIR;cause=436;ppi=\"..\"", "a.b."));
	assert_false(about("STIR;cause=436;ppi=\"a.b.\"", ".."));
	/* The same signature under other words is another PASSporT. */
	assert_false(about("STIR;cause=436;ppi=\"eyJh.eyJx." SIG "\"", FULL));
	assert_false(about("STIR;text=\".." SIG "\";ppi=\"..b\"", FULL));
}

/* Published examples; not part of this repository. */
static void test_VS9_the_reasons_of_rfc9410_are_read_and_written_again(void **state)
{
	const char *folder = getenv("ATTESTEL_VECTORS");
	char path[1024], line[4096], ours[4096];
	FILE *file;
	size_t n = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s/rfc9410/reason.txt",
		 folder != NULL && folder[0] != '\0' ? folder : "../shared/vectors");
	file = fopen(path, "r");
	if (file == NULL) {
		print_message("skipped: %s is not there (set ATTESTEL_VECTORS)\n", path);
		skip();
	}
	for (; fgets(line, sizeof(line), file) != NULL; n++) {
		struct callerid_reason_value value;
		char *text = line + strlen("Reason: ");

		text[strcspn(text, "\r\n")] = '\0';
		assert_int_equal(parse(text, &value), CALLERID_OK);
		assert_int_equal(value.cause, n == 4 ? 438 : 436);
		assert_int_equal(value.ppi.n > 0, n > 0);
		assert_int_equal(callerid_reason_write(&value, ours, sizeof(ours)), strlen(text));
		assert_string_equal(ours, text);
		assert_int_equal(callerid_reason_stir(value.cause, value.ppi, ours, sizeof(ours)),
				 strlen(text));
		assert_string_equal(ours, text);
	}
	fclose(file);
	assert_int_equal(n, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_VS9_a_stir_reason_is_written_byte_for_byte_as_rfc9410_prints_it),
		cmocka_unit_test(test_VS9_only_causes_of_rfc8224_are_stir_causes),
		cmocka_unit_test(
			test_VS9_a_ppi_with_other_characters_or_a_small_buffer_leaves_nothing),
		cmocka_unit_test(test_VS9_any_legal_spelling_is_read),
		cmocka_unit_test(test_VS9_what_breaks_the_grammar_is_refused),
		cmocka_unit_test(test_VS9_several_values_of_one_field_are_read_one_by_one),
		cmocka_unit_test(test_VS9_texts_with_quotes_come_back_as_they_were),
		cmocka_unit_test(test_AS15_a_reason_is_about_our_passport_by_full_or_compact_ppi),
		cmocka_unit_test(test_AS15_others_reasons_are_not_ours),
		cmocka_unit_test(test_VS9_the_reasons_of_rfc9410_are_read_and_written_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
