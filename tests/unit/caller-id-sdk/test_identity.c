/* SPDX-License-Identifier: Apache-2.0 */
/* Identity header fields in every legal spelling, and in the illegal ones that peers send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/identity.h>

#define URL "https://cert.example.org/passport.cer"

static enum callerid_status parse(const char *text, struct callerid_identity *id,
				  struct callerid_error *err)
{
	return callerid_identity_parse(text, strlen(text), id, err);
}

static void is_span(struct callerid_span span, const char *text)
{
	assert_int_equal(span.n, strlen(text));
	assert_memory_equal(span.p, text, span.n);
}

static void test_PP15_the_usual_form_is_split(void **state)
{
	static const char text[] = "aa.bb.cc;info=<" URL ">;alg=ES256;ppt=shaken";
	struct callerid_identity id;

	(void)state;
	assert_int_equal(parse(text, &id, NULL), CALLERID_OK);
	is_span(id.token, "aa.bb.cc");
	is_span(id.info, URL);
	is_span(id.alg, "ES256");
	is_span(id.ppt, "shaken");
	assert_false(id.compact);
	assert_int_equal(id.n_unknown, 0);
	assert_ptr_equal(id.token.p, text);
}

static void test_PP4_PP15_every_legal_spelling_says_the_same(void **state)
{
	static const char *const spellings[] = {
		"aa.bb.cc;info=<" URL ">;alg=ES256;ppt=\"shaken\"",
		"aa.bb.cc;info=<" URL ">;ppt=shaken;alg=ES256",
		"aa.bb.cc;ppt=shaken;alg=\"ES256\";info=<" URL ">",
		"aa.bb.cc ; info = <" URL "> ; alg = ES256 ; ppt = \"shaken\"",
		"aa.bb.cc\r\n ;info=<" URL ">\r\n\t;alg=ES256;\r\n ppt=shaken",
		"aa.bb.cc\n ;info=<" URL ">;alg=ES256;ppt=shaken",
		"aa.bb.cc;INFO=<" URL ">;Alg=ES256;PPT=shaken",
		" \taa.bb.cc;info=<" URL ">;alg=ES256;ppt=shaken \r\n",
		"aa.bb.cc;info=<" URL ">;alg=ES256;ppt=shaken\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct callerid_identity id;

		if (parse(spellings[i], &id, NULL) != CALLERID_OK)
			fail_msg("refused: %s", spellings[i]);
		is_span(id.token, "aa.bb.cc");
		is_span(id.info, URL);
		is_span(id.alg, "ES256");
		is_span(id.ppt, "shaken");
	}
}

static void test_absent_parameters_are_empty_spans(void **state)
{
	struct callerid_identity id;

	(void)state;
	assert_int_equal(parse("aa.bb.cc;info=<" URL ">", &id, NULL), CALLERID_OK);
	assert_null(id.alg.p);
	assert_null(id.ppt.p);
	assert_int_equal(id.alg.n + id.ppt.n, 0);
}

static void test_rfc8225_7_compact_form_is_recognised(void **state)
{
	struct callerid_identity id;

	(void)state;
	assert_int_equal(parse("..cc;info=<" URL ">;ppt=shaken", &id, NULL), CALLERID_OK);
	assert_true(id.compact);
	is_span(id.token, "..cc");
}

static void test_unknown_generic_params_are_counted_and_ignored(void **state)
{
	struct callerid_identity id;

	(void)state;
	assert_int_equal(
		parse("aa.bb.cc;a;info=<" URL ">;b=c;d=\"e;f\\\"<g>\";h=[2001:db8::1]", &id, NULL),
		CALLERID_OK);
	assert_int_equal(id.n_unknown, 4);
	is_span(id.info, URL);
}

static void test_PP15_a_missing_semicolon_after_info_is_a_syntax_error(void **state)
{
	struct callerid_identity id = {.n_unknown = 99};
	struct callerid_error err;

	(void)state;
	assert_int_equal(parse("aa.bb.cc;info=<" URL ">alg=ES256", &id, &err), CALLERID_ESYNTAX);
	assert_string_equal(err.where, "identity");
	assert_int_equal(id.n_unknown, 99);
}

static void test_trouble_with_info_alone_is_named_info(void **state)
{
	static const char *const wrong[] = {
		"aa.bb.cc",
		"aa.bb.cc;alg=ES256;ppt=shaken",
		"aa.bb.cc;info",
		"aa.bb.cc;info=",
		"aa.bb.cc;info=<>",
		"aa.bb.cc;info=<nonsense>",
		"aa.bb.cc;info=<https:>",
		"aa.bb.cc;info=" URL,
		"aa.bb.cc;info=\"" URL "\"",
		"aa.bb.cc;info=\"<" URL ">\"",
		"aa.bb.cc;info=<" URL,
		"aa.bb.cc;info=< " URL ">",
		"aa.bb.cc;info=<" URL ">;info=<" URL ">",
		"aa.bb.cc;info=<https://a\r\n b>",
		"aa.bb.cc;info=<https://\x01>",
		"aa.bb.cc;info=<https://\xc3\xa9>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct callerid_identity id;
		struct callerid_error err;

		if (parse(wrong[i], &id, &err) != CALLERID_ESYNTAX)
			fail_msg("accepted: %s", wrong[i]);
		if (strcmp(err.where, "info") != 0)
			fail_msg("%s said %s, %s", wrong[i], err.where, err.text);
	}
}

static void test_what_breaks_the_grammar_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		" ",
		";",
		";info=<" URL ">",
		"aa.bb;info=<" URL ">",
		"aa;info=<" URL ">",
		"aa.bb.cc.dd;info=<" URL ">",
		"aa..cc;info=<" URL ">",
		".bb.cc;info=<" URL ">",
		"aa.bb.;info=<" URL ">",
		"...;info=<" URL ">",
		"..;info=<" URL ">",
		"a+.bb.cc;info=<" URL ">",
		"a/.bb.cc;info=<" URL ">",
		"aa.bb.cc=;info=<" URL ">",
		"aa.bb.cc==;info=<" URL ">",
		"\"aa.bb.cc\";info=<" URL ">",
		"aa.bb .cc;info=<" URL ">",
		"aa.bb.cc info=<" URL ">",
		"aa.bb.cc;;info=<" URL ">",
		"aa.bb.cc;info=<" URL ">;",
		"aa.bb.cc;info=<" URL ">;=x",
		"aa.bb.cc;info=<" URL ">;alg=",
		"aa.bb.cc;info=<" URL ">;alg",
		"aa.bb.cc;info=<" URL ">;alg=\"\"",
		"aa.bb.cc;info=<" URL ">;ppt=\"sha ken\"",
		"aa.bb.cc;info=<" URL ">;ppt=\"shaken",
		"aa.bb.cc;info=<" URL ">;ppt=\"sha\\ken\"",
		"aa.bb.cc;info=<" URL ">;ppt=shaken;ppt=shaken",
		"aa.bb.cc;info=<" URL ">;alg=ES256;alg=none",
		"aa.bb.cc;info=<" URL ">;ppt=<shaken>",
		"aa.bb.cc;info=<" URL ">;x=<y>",
		"aa.bb.cc;info=<" URL ">;x=\"y\x01\"",
		"aa.bb.cc;info=<" URL ">;x=\"y\\\r\n z\"",
		"aa.bb.cc;info=<" URL ">;x=\"y\\\nz\"",
		"aa.bb.cc;info=<" URL ">;x=\"y\\",
		"aa.bb.cc;info=<" URL ">,aa.bb.cc;info=<" URL ">",
		"aa.bb.cc\r\n;info=<" URL ">",
		"aa.bb.cc\n;info=<" URL ">",
		"aa.bb.cc\r ;info=<" URL ">",
		"aa.bb.cc;info=<" URL ">\r\n\r\n;ppt=x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct callerid_identity id;

		if (parse(wrong[i], &id, NULL) != CALLERID_ESYNTAX)
			fail_msg("accepted: %s", wrong[i]);
	}
}

static void test_a_nul_anywhere_is_refused(void **state)
{
	static const char text[] = "aa.bb.cc;info=<" URL ">;alg=ES256;x=\"y\";ppt=shaken";
	const size_t len = sizeof(text) - 1;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		struct callerid_identity id;
		char broken[sizeof(text)];

		memcpy(broken, text, sizeof(text));
		broken[i] = '\0';
		if (callerid_identity_parse(broken, len, &id, NULL) != CALLERID_ESYNTAX)
			fail_msg("accepted a NUL at %zu", i);
	}
}

static void test_no_prefix_reads_past_its_end(void **state)
{
	static const char text[] = "aa.bb.cc ;\r\n info = <" URL "> ; alg=\"ES256\" ; ppt=shaken";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		struct callerid_identity id;
		char *copy = malloc(len + 1); /* ends with the text: a sanitizer sees one too far */

		assert_non_null(copy);
		memcpy(copy + 1, text, len);
		if (callerid_identity_parse(copy + 1, len, &id, NULL) == CALLERID_OK)
			assert_true(len > sizeof(URL));
		free(copy);
	}
}

static void test_limits_bytes_and_parameters(void **state)
{
	static char text[65536];
	struct callerid_identity id;
	size_t n;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(callerid_identity_parse(text, sizeof(text), &id, NULL), CALLERID_ELIMIT);
	assert_int_equal(callerid_identity_parse(text, CALLERID_IDENTITY_MAX, &id, NULL),
			 CALLERID_ELIMIT); /* the token alone is over its limit */
	n = (size_t)snprintf(text, sizeof(text), "aa.bb.cc;info=<" URL ">");
	for (int i = 0; i < 15; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ";p%d", i);
	assert_int_equal(callerid_identity_parse(text, n, &id, NULL), CALLERID_OK);
	assert_int_equal(id.n_unknown, 15);
	n += (size_t)snprintf(text + n, sizeof(text) - n, ";p16");
	assert_int_equal(callerid_identity_parse(text, n, &id, NULL), CALLERID_ELIMIT);
}

static void test_VS7_comma_joined_values_are_split_outside_quotes_and_brackets(void **state)
{
	static const char text[] = " aa.bb.cc;info=<https://a/?x,y> ,\r\n dd.ee.ff;x=\"a,\\\",b\";"
				   "info=<" URL ">,,  , gg.hh.ii;info=<" URL ">,";
	struct callerid_span rest = {text, sizeof(text) - 1}, value;

	(void)state;
	assert_true(callerid_identity_next(&rest, &value));
	is_span(value, "aa.bb.cc;info=<https://a/?x,y>");
	assert_true(callerid_identity_next(&rest, &value));
	is_span(value, "dd.ee.ff;x=\"a,\\\",b\";info=<" URL ">");
	assert_true(callerid_identity_next(&rest, &value));
	is_span(value, "gg.hh.ii;info=<" URL ">");
	assert_false(callerid_identity_next(&rest, &value));
	assert_int_equal(rest.n, 0);
}

static void test_splitting_ends_on_anything(void **state)
{
	static const char *const odd[] = {"",  ",",    ",,,",	  " , ", "\"",
					  "<", "\"\\", "a,\"b,c", "\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct callerid_span rest = {odd[i], strlen(odd[i])}, value = {NULL, 0};
		int n = 0;

		while (callerid_identity_next(&rest, &value)) {
			assert_true(value.n > 0);
			assert_true(++n < 3);
		}
		assert_int_equal(rest.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_PP15_the_usual_form_is_split),
		cmocka_unit_test(test_PP4_PP15_every_legal_spelling_says_the_same),
		cmocka_unit_test(test_absent_parameters_are_empty_spans),
		cmocka_unit_test(test_rfc8225_7_compact_form_is_recognised),
		cmocka_unit_test(test_unknown_generic_params_are_counted_and_ignored),
		cmocka_unit_test(test_PP15_a_missing_semicolon_after_info_is_a_syntax_error),
		cmocka_unit_test(test_trouble_with_info_alone_is_named_info),
		cmocka_unit_test(test_what_breaks_the_grammar_is_refused),
		cmocka_unit_test(test_a_nul_anywhere_is_refused),
		cmocka_unit_test(test_no_prefix_reads_past_its_end),
		cmocka_unit_test(test_limits_bytes_and_parameters),
		cmocka_unit_test(
			test_VS7_comma_joined_values_are_split_outside_quotes_and_brackets),
		cmocka_unit_test(test_splitting_ends_on_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
