/* SPDX-License-Identifier: Apache-2.0 */
/* RC14: Call-Info values of RFC 9796, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/callinfo.h>
#include <callerid/rcd.h>

#define DIGEST "sha256-RojgWwU6xUtI4q82+kHPyHm1JKbm7+663bMvzymhkl4"

static struct callerid_span span(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

static enum callerid_status parse(const char *text, struct callerid_callinfo *info)
{
	return callerid_callinfo_parse(text, strlen(text), info, NULL);
}

static struct callerid_callinfo jcard(const char *reason)
{
	struct callerid_callinfo info = {.uri = {"https://example.com/q.json", 26},
					 .purpose = CALLERID_CALLINFO_JCARD};

	memcpy(info.reason, reason, strlen(reason) + 1);
	return info;
}

static void expect(const struct callerid_callinfo *info, const char *wanted)
{
	struct callerid_callinfo again;
	char text[1024];

	assert_int_equal(callerid_callinfo_build(info, text, sizeof(text), NULL), CALLERID_OK);
	assert_string_equal(text, wanted);
	assert_int_equal(callerid_callinfo_parse(text, strlen(text), &again, NULL), CALLERID_OK);
	assert_int_equal(again.uri.n, info->uri.n);
	if (info->uri.n > 0) {
		assert_memory_equal(again.uri.p, info->uri.p, info->uri.n);
		assert_int_equal(again.purpose, info->purpose);
	}
	assert_string_equal(again.reason, info->reason);
	assert_int_equal(again.verified, info->verified);
	assert_int_equal(again.integrity.n, info->integrity.n);
}

static void test_RC14_values_are_built_byte_exactly_and_read_back(void **state)
{
	struct callerid_callinfo info = jcard("");

	(void)state;
	expect(&info, "<https://example.com/q.json>;purpose=jcard");
	info = jcard("For your ears only");
	expect(&info, "<https://example.com/q.json>;purpose=jcard"
		      ";call-reason=\"For your ears only\"");
	info.verified = true;
	info.integrity = span(DIGEST);
	expect(&info,
	       "<https://example.com/q.json>;purpose=jcard"
	       ";call-reason=\"For your ears only\";verified=\"true\";integrity=\"" DIGEST "\"");
	info = (struct callerid_callinfo){.uri = {"https://example.com/q.png", 25},
					  .purpose = CALLERID_CALLINFO_ICON,
					  .verified = true};
	expect(&info, "<https://example.com/q.png>;purpose=icon;verified=\"true\"");
}

static void test_RC14_a_reason_alone_has_the_null_uri_and_purpose_jcard(void **state)
{
	struct callerid_callinfo info = {.reason = "For your ears only"};

	(void)state;
	expect(&info, "<data:>;purpose=jcard;call-reason=\"For your ears only\"");
	info.purpose = CALLERID_CALLINFO_ICON;
	expect(&info, "<data:>;purpose=jcard;call-reason=\"For your ears only\"");
}

/* "the display-name information ... has been verified ... when the following is present" */
static void test_rfc9796_7_verified_alone_has_the_null_uri_and_purpose_jcard(void **state)
{
	struct callerid_callinfo info = {.verified = true};

	(void)state;
	expect(&info, "<data:>;purpose=jcard;verified=\"true\"");
	memcpy(info.reason, "Rendezvous", sizeof("Rendezvous"));
	expect(&info, "<data:>;purpose=jcard;call-reason=\"Rendezvous\";verified=\"true\"");
}

static void test_RC14_rfc9796_8_integrity_is_of_a_uri(void **state)
{
	struct callerid_callinfo info = {.verified = true, .integrity = span(DIGEST)};
	char text[256];

	(void)state;
	assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL), CALLERID_EINVAL);
	info = jcard("");
	info.integrity = span(DIGEST);
	assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL), CALLERID_OK);
}

/* For a jCard as for an icon: who verified says so, and of which bytes. */
static void test_RC14_rfc9796_8_integrity_stands_beside_verified_for_jcard_and_icon(void **state)
{
	static const char *const digests[] = {
		DIGEST,
		"sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn",
	};
	char wanted[256];

	(void)state;
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		struct callerid_callinfo info = jcard("");

		info.verified = true;
		info.integrity = span(digests[i]);
		snprintf(wanted, sizeof(wanted),
			 "<https://example.com/"
			 "q.json>;purpose=jcard;verified=\"true\";integrity=\"%s\"",
			 digests[i]);
		expect(&info, wanted);
		info.purpose = CALLERID_CALLINFO_ICON;
		snprintf(wanted, sizeof(wanted),
			 "<https://example.com/"
			 "q.json>;purpose=icon;verified=\"true\";integrity=\"%s\"",
			 digests[i]);
		expect(&info, wanted);
	}
}

static void test_RC14_rfc9796_8_a_strangers_integrity_is_read_in_any_place(void **state)
{
	struct callerid_callinfo info;

	(void)state;
	assert_int_equal(parse("<https://e.com/q>;integrity=\"" DIGEST
			       "\";VERIFIED=\"true\";purpose=jcard",
			       &info),
			 CALLERID_OK);
	assert_true(info.verified);
	assert_int_equal(info.purpose, CALLERID_CALLINFO_JCARD);
	assert_memory_equal(info.integrity.p, DIGEST, info.integrity.n);
	assert_int_equal(info.integrity.n, strlen(DIGEST));
	/* An algorithm that is not ours is no error (RFC 9795 §6); ours with another length is. */
	assert_int_equal(parse("<https://e.com/q>;purpose=jcard;integrity=\"sha1-AAAA\"", &info),
			 CALLERID_OK);
	assert_memory_equal(info.integrity.p, "sha1-AAAA", 9);
	assert_int_equal(parse("<https://e.com/q>;purpose=jcard;integrity=\"sha384-AAAA\"", &info),
			 CALLERID_ESYNTAX);
	assert_int_equal(parse("<data:>;purpose=jcard;integrity=\"" DIGEST "\"", &info),
			 CALLERID_ESYNTAX);
}

static void test_RC14_rfc9796_8_an_integrity_nobody_has_to_know_is_not_written(void **state)
{
	struct callerid_callinfo info = jcard("");
	char text[256];

	(void)state;
	info.integrity = span("sha1-AAAA");
	assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL), CALLERID_EINVAL);
}

static void test_RC15_a_reason_that_hides_or_turns_what_is_shown_is_not_written(void **state)
{
	static const char *const wrong[] = {
		"a\xe2\x80\xae"
		"b", /* U+202E */
		"a\xe2\x81\xa6"
		"b", /* U+2066 */
		"a\xe2\x80\x8b"
		"b", /* U+200B */
		"a\xc2\x9b"
		"31m", /* U+009B, CSI */
		"a\xc2\xad"
		"b", /* U+00AD */
		"a\x1b[31m",
		"a\xff",
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct callerid_callinfo info = jcard(wrong[i]);

		if (callerid_callinfo_build(&info, text, sizeof(text), NULL) != CALLERID_EINVAL)
			fail_msg("written: %s", text);
		(void)callerid_text_clean(wrong[i], strlen(wrong[i]), CALLERID_REASON_CHARS_MAX,
					  info.reason, sizeof(info.reason));
		assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL),
				 CALLERID_OK);
	}
}

static void test_rfc9796_5_a_jcard_is_https_data_or_cid(void **state)
{
	static const struct {
		const char *uri;
		enum callerid_status jcard, icon;
	} rows[] = {
		{"https://e.com/q", CALLERID_OK, CALLERID_OK},
		{"HTTPS://e.com/q", CALLERID_OK, CALLERID_OK},
		{"cid:1@e.com", CALLERID_OK, CALLERID_OK},
		{"data:application/json,x", CALLERID_OK, CALLERID_OK},
		{"http://e.com/q", CALLERID_EINVAL, CALLERID_OK},
		{"ftp://e.com/q", CALLERID_EINVAL, CALLERID_OK},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct callerid_callinfo info = jcard("");

		info.uri = span(rows[i].uri);
		assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL),
				 rows[i].jcard);
		info.purpose = CALLERID_CALLINFO_ICON;
		assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL),
				 rows[i].icon);
	}
}

static void test_RC14_reasons_are_quoted_as_rfc3261_quotes(void **state)
{
	struct callerid_callinfo info = jcard("a \"b\" \\ c;d=e,<f>");

	(void)state;
	expect(&info, "<https://example.com/q.json>;purpose=jcard"
		      ";call-reason=\"a \\\"b\\\" \\\\ c;d=e,<f>\"");
	info = jcard("\xc5\xa0iauliai");
	expect(&info, "<https://example.com/q.json>;purpose=jcard"
		      ";call-reason=\"\xc5\xa0iauliai\"");
}

static void test_RC14_what_would_break_the_header_is_not_built(void **state)
{
	static const char *const reasons[] = {"a\r\nb", "a\nb", "a\tb", "\x7f", "\xff", "a\xc5"};
	static const char *const uris[] = {"https://e.com/a>b",
					   "https://e.com/<",
					   "https://e.com/\"",
					   "https://e.com/a b",
					   "https://e.com/a\r\n",
					   "e.com",
					   "data:"};
	struct callerid_callinfo info;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		info = jcard(reasons[i]);
		assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL),
				 CALLERID_EINVAL);
	}
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		info = jcard("x");
		info.uri = span(uris[i]);
		assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL),
				 CALLERID_EINVAL);
	}
	info = jcard("x");
	info.integrity = span("sha1-AAAA");
	assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL), CALLERID_EINVAL);
	info = jcard("x");
	info.purpose = CALLERID_CALLINFO_OTHER;
	assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL), CALLERID_EINVAL);
	info = (struct callerid_callinfo){.purpose = CALLERID_CALLINFO_JCARD};
	assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL), CALLERID_EINVAL);
}

static void test_RC14_a_small_buffer_is_a_limit(void **state)
{
	struct callerid_callinfo info = jcard("x");
	char text[256];
	size_t n;

	(void)state;
	assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL), CALLERID_OK);
	n = strlen(text);
	assert_int_equal(callerid_callinfo_build(&info, text, n + 1, NULL), CALLERID_OK);
	for (size_t size = 0; size <= n; size++)
		assert_int_equal(callerid_callinfo_build(&info, text, size, NULL), CALLERID_ELIMIT);
}

static void test_RC14_any_legal_spelling_is_read(void **state)
{
	struct callerid_callinfo info;

	(void)state;
	assert_int_equal(parse(" <https://example.com/q.json> ; VERIFIED = \"true\" ;\r\n "
			       "Call-Reason=\"a\\\"b\" ; foo=bar;baz;Purpose=JCARD",
			       &info),
			 CALLERID_OK);
	assert_int_equal(info.purpose, CALLERID_CALLINFO_JCARD);
	assert_true(info.verified);
	assert_string_equal(info.reason, "a\"b");
	assert_int_equal(parse("<https://example.com/q.json>", &info), CALLERID_OK);
	assert_int_equal(info.purpose, CALLERID_CALLINFO_OTHER);
	assert_int_equal(parse("<https://example.com/q>;purpose=info;verified=\"false\"", &info),
			 CALLERID_OK);
	assert_int_equal(info.purpose, CALLERID_CALLINFO_OTHER);
	assert_false(info.verified);
	/* Only "true" is true. */
	assert_int_equal(parse("<a:b>;verified", &info), CALLERID_OK);
	assert_false(info.verified);
	assert_int_equal(parse("<a:b>;verified=\"truely\"", &info), CALLERID_OK);
	assert_false(info.verified);
	assert_int_equal(parse("<data:>;purpose=jcard;call-reason=x", &info), CALLERID_OK);
	assert_int_equal(info.uri.n, 0);
	assert_string_equal(info.reason, "x");
}

static void test_RC14_broken_values_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"https://example.com/q",
		"<>",
		"<x>",
		"<https://e.com/a b>",
		"<https://example.com/q",
		"<https://example.com/q>purpose=jcard",
		"<https://example.com/q>;purpose=jcard;purpose=icon",
		"<https://example.com/q>;call-reason=\"a\";Call-Reason=\"b\"",
		"<https://example.com/q>;verified=\"true\";verified=\"true\"",
		"<https://example.com/q>;call-reason=\"a",
		"<https://example.com/q>;call-reason=\"a\\\"",
		"<https://example.com/q>;integrity=\"sha256-AAAA\"",
		"<https://example.com/q>;integrity",
		"<https://example.com/q>;=x",
		"<https://example.com/q>;;",
		"<https://example.com/q>;a=1;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q;r",
	};
	struct callerid_callinfo info;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse(wrong[i], &info) != CALLERID_ESYNTAX)
			fail_msg("read: %s", wrong[i]);
	}
	assert_int_equal(callerid_callinfo_parse("<a:b>;call-reason=\"\0\"", 21, &info, NULL),
			 CALLERID_ESYNTAX);
}

static void test_RC14_sizes_are_bounded(void **state)
{
	struct callerid_callinfo info;
	char *text = malloc(70000);

	(void)state;
	memset(text, 'x', 70000);
	memcpy(text, "<a:b>;call-reason=\"", 19);
	text[19 + 512] = '"';
	assert_int_equal(callerid_callinfo_parse(text, 19 + 513, &info, NULL), CALLERID_OK);
	assert_int_equal(strlen(info.reason), 512);
	text[19 + 512] = 'x';
	text[19 + 513] = '"';
	assert_int_equal(callerid_callinfo_parse(text, 19 + 514, &info, NULL), CALLERID_ESYNTAX);
	assert_int_equal(callerid_callinfo_parse(text, 65536, &info, NULL), CALLERID_ELIMIT);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_RC14_values_are_built_byte_exactly_and_read_back),
		cmocka_unit_test(test_RC14_a_reason_alone_has_the_null_uri_and_purpose_jcard),
		cmocka_unit_test(test_rfc9796_7_verified_alone_has_the_null_uri_and_purpose_jcard),
		cmocka_unit_test(test_RC14_rfc9796_8_integrity_is_of_a_uri),
		cmocka_unit_test(
			test_RC14_rfc9796_8_integrity_stands_beside_verified_for_jcard_and_icon),
		cmocka_unit_test(test_RC14_rfc9796_8_a_strangers_integrity_is_read_in_any_place),
		cmocka_unit_test(
			test_RC14_rfc9796_8_an_integrity_nobody_has_to_know_is_not_written),
		cmocka_unit_test(
			test_RC15_a_reason_that_hides_or_turns_what_is_shown_is_not_written),
		cmocka_unit_test(test_rfc9796_5_a_jcard_is_https_data_or_cid),
		cmocka_unit_test(test_RC14_reasons_are_quoted_as_rfc3261_quotes),
		cmocka_unit_test(test_RC14_what_would_break_the_header_is_not_built),
		cmocka_unit_test(test_RC14_a_small_buffer_is_a_limit),
		cmocka_unit_test(test_RC14_any_legal_spelling_is_read),
		cmocka_unit_test(test_RC14_broken_values_are_refused),
		cmocka_unit_test(test_RC14_sizes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
