/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment: verstat out of and into URIs; what the callee is told of a verified brand. */
#include "sip-proxy/treat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct callerid_span span(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

static void vs12_verstat_is_cut_wherever_it_stands_and_nothing_else(void **state)
{
	static const struct {
		const char *text, *left;
		size_t n;
	} cases[] = {
		{"<tel:+1;verstat=A>", "<tel:+1>", 1},
		{"<sip:+1;verstat=A@h;user=phone>;tag=1", "<sip:+1@h;user=phone>;tag=1", 1},
		{"<sip:+1@h;VerStat=A;x=1>", "<sip:+1@h;x=1>", 1},
		{"<sip:+1@h>;verstat=A;tag=1", "<sip:+1@h>;tag=1", 1},
		{"<sip:+1@h> ; verstat = A ;tag=1", "<sip:+1@h>  ;tag=1", 1},
		{"<sip:+1@h>;\r\n\tverstat\r\n =\tA", "<sip:+1@h>", 1},
		{"<tel:+1;%76%65rstat=A>", "<tel:+1>", 1},
		{"<tel:+1;verstat>", "<tel:+1>", 1},
		{"<tel:+1;verstat=\"a;b>c\";x>", "<tel:+1;x>", 1},
		{"<tel:+1;verstat=A;verstat=B>", "<tel:+1>", 2},
		{"<sip:+1;verstat=A@h?verstat=B>", "<sip:+1@h?verstat=B>", 1},
		{"\";verstat=A\" <tel:+1>", "\";verstat=A\" <tel:+1>", 0},
		{"\"a\\\";verstat=A\" <tel:+1>", "\"a\\\";verstat=A\" <tel:+1>", 0},
		{"<tel:+1;verstatus=A>", "<tel:+1;verstatus=A>", 0},
		{"<tel:+1;xverstat=A>", "<tel:+1;xverstat=A>", 0},
		{"<tel:+1;%7>", "<tel:+1;%7>", 0},
		/* Quotes protect a display name and nothing else. */
		{"<tel:+1;x=\";verstat=A>", "<tel:+1;x=\">", 1},
		{"<tel:+1;x=\";verstat=A;y=\">", "<tel:+1;x=\";y=\">", 1},
		{"O\"N <tel:+1;verstat=A>", "O\"N <tel:+1>", 1},
		{"\"a\";verstat=A,<tel:+1>", "\"a\",<tel:+1>", 1},
		{"<tel:+1>, \";verstat=A\" <tel:+2>", "<tel:+1>, \";verstat=A\" <tel:+2>", 0},
		{"<tel:+1>;x=\"a\\\";verstat=A;y=\"", "<tel:+1>;x=\"a\\\";y=\"", 1},
		{"<tel:+1%3Bverstat%3DA>", "<tel:+1>", 1},
		{"<tel:+1;%20verstat=A>", "<tel:+1>", 1},
		{"<tel:+1;verstat:=A>", "<tel:+1:=A>", 1},
		{"<tel:+1;", "<tel:+1;", 0},
		{"\"open", "\"open", 0},
		{"", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		/* Exactly as large as the contract says: ASan watches the ends. */
		char *from = malloc(strlen(cases[i].text) + 1);
		char *to = malloc(strlen(cases[i].text) + 1);

		memcpy(from, cases[i].text, strlen(cases[i].text));
		assert_int_equal(
			treat_cut_verstat((struct callerid_span){from, strlen(cases[i].text)}, to),
			cases[i].n);
		assert_string_equal(to, cases[i].left);
		free(from);
		free(to);
	}
}

static void vs12_verstat_is_put_where_24_229_wants_it(void **state)
{
	static const struct {
		const char *text, *with;
	} cases[] = {
		{"<tel:+1>", "<tel:+1;verstat=V>"},
		{"tel:+1;x=y", "tel:+1;verstat=V;x=y"},
		{"<sip:+1@h;user=phone>;tag=1", "<sip:+1;verstat=V@h;user=phone>;tag=1"},
		{"sip:+1@h;tag=1", "sip:+1;verstat=V@h;tag=1"},
		{"\"<sip:x@y>\" <sip:+1@h>, <tel:+2>",
		 "\"<sip:x@y>\" <sip:+1;verstat=V@h>, <tel:+2>"},
		{"<sip:+1;x=y@h>", "<sip:+1;x=y;verstat=V@h>"},
		{"<sip:h>", NULL},
		{"", NULL},
		{"\"x", NULL},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct callerid_span uri;
		bool put = treat_first_uri(span(cases[i].text), &uri) &&
			   treat_put_verstat(span(cases[i].text), uri, "V", text, sizeof(text));

		assert_int_equal(put, cases[i].with != NULL);
		if (put)
			assert_string_equal(text, cases[i].with);
	}
	assert_false(treat_put_verstat(span("tel:+12155550101"), span("tel:+1"), "TN", text, 10));
}

static msg_t *make(const char *headers)
{
	char text[4096];
	int n = snprintf(text, sizeof(text),
			 "INVITE sip:b@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			 "From: <sip:+12155550101@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: c\r\n"
			 "CSeq: 1 INVITE\r\n%sContent-Length: 0\r\n\r\n",
			 headers);

	return msg_make(sip_default_mclass(), MSG_DO_EXTRACT_COPY, text, n);
}

static char *text_of(msg_t *msg)
{
	size_t len;

	return msg_as_string(msg_home(msg), msg, NULL, 0, &len);
}

static void rc14_call_info_loses_rcd_values_only(void **state)
{
	size_t removed = 0;
	msg_t *msg = make("Call-Info: <https://x/1>;purpose=info, <https://x/2>;purpose=ICON,\r\n"
			  " <https://x/3;a=b>;purpose=card,<data:>;Call-Reason=\"a, b\"\r\n"
			  "call-info : <https://x/4>;purpose=jcard\r\n"
			  "Call-Info: <https://x/5>;purpose=\"%6acard\"\r\n");
	char *text;

	(void)state;
	assert_true(treat_strip(msg, true, &removed));
	assert_int_equal(removed, 4);
	text = text_of(msg);
	assert_non_null(strstr(text, "<https://x/1>;purpose=info"));
	assert_non_null(strstr(text, "<https://x/3;a=b>;purpose=card"));
	assert_null(strstr(text, "x/2"));
	assert_null(strstr(text, "x/4"));
	assert_null(strstr(text, "x/5"));
	assert_null(strcasestr(text, "call-reason"));
	msg_destroy(msg);
}

/* An attacker with a number of its own must not get another one marked as verified. */
static void verstat_goes_to_the_number_that_was_verified(void **state)
{
	static const struct trunk_options trusted = {.title = "t", .pai = true};
	const struct trunk trunk = {.options = &trusted};
	struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_OK};
	struct callerid_verdict verdict = {
		.verstat = CALLERID_VERSTAT_PASSED, .n_passports = 1, .passport = &passport};
	struct facts facts;
	msg_t *msg =
		make("P-Asserted-Identity: <tel:+12155550188;verstat=x>, <sip:+12155550177@a>\r\n");
	size_t removed;
	char *text;

	(void)state;
	assert_true(treat_strip(msg, true, &removed));
	facts_read(msg, &trunk, &facts);
	assert_int_equal(facts.n_orig, 2);
	passport.claims.orig = facts.orig[1];
	assert_true(treat_write(msg, &facts, &verdict, NULL));
	text = text_of(msg);
	assert_non_null(strstr(text, "\r\nP-Asserted-Identity: <tel:+12155550188>, "
				     "<sip:+12155550177;verstat=TN-Validation-Passed@a>\r\n"));
	msg_destroy(msg);
}

static void vs12_pai_of_a_stranger_goes_and_verstat_stands_in_from(void **state)
{
	static const struct trunk_options stranger = {.title = "t"};
	const struct trunk trunk = {.options = &stranger};
	struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_OK};
	struct callerid_verdict verdict = {
		.verstat = CALLERID_VERSTAT_PASSED, .n_passports = 1, .passport = &passport};
	struct facts facts;
	msg_t *msg = make("P-Asserted-Identity: <tel:+12155550188>\r\n");
	size_t removed;
	char *text;

	(void)state;
	assert_true(treat_strip(msg, false, &removed));
	facts_read(msg, &trunk, &facts);
	assert_true(treat_write(msg, &facts, &verdict, NULL));
	text = text_of(msg);
	assert_null(strstr(text, "+12155550188"));
	assert_non_null(strstr(text, "<sip:+12155550101;verstat=TN-Validation-Passed@a>"));
	msg_destroy(msg);
}

static void rc14_vs14_a_passed_call_tells_attestation_origin_and_brand(void **state)
{
	struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_OK};
	struct callerid_verdict verdict = {.verstat = CALLERID_VERSTAT_PASSED,
					   .attest = CALLERID_ATTEST_A,
					   .n_passports = 1,
					   .passport = &passport};
	struct brand brand = {.verified = true,
			      .name = "Caf\xc3\xa9 \"X\"",
			      .logo_url = "https://l.example/1.png",
			      .logo_sha256 = "ba7816bf8f01cfea414140de5dae2223"
					     "b00361a396177a9cb410ff61f20015ad",
			      .reason = "Your \"table\"\r\n\\"};
	struct shown shown;
	msg_t *msg = make("P-Asserted-Identity: <tel:+12155550101>\r\n");
	static const struct trunk_options trusted = {.title = "t", .trusted = true};
	const struct trunk trunk = {.options = &trusted};
	struct facts facts;
	char *text;

	(void)state;
	facts_read(msg, &trunk, &facts);
	memcpy(passport.claims.origid, "0c1a", 5);
	shown_choose(&facts, &verdict, &brand, &shown);
	assert_true(treat_write(msg, &facts, &verdict, &shown));
	text = text_of(msg);
	assert_non_null(strstr(text, "\r\nP-Asserted-Identity: "
				     "<tel:+12155550101;verstat=TN-Validation-Passed>\r\n"));
	assert_non_null(strstr(text, "\r\nP-Attestation-Indicator: A\r\n"));
	assert_non_null(strstr(text, "\r\nP-Origination-ID: 0c1a\r\n"));
	assert_non_null(strstr(text, "Caf%C3%A9%20%5C%22X%5C%22"));
	assert_non_null(
		strstr(text, ";call-reason=\"Your \\\"table\\\" \\\\\";verified=\"true\"\r\n"));
	assert_non_null(strstr(text, "\r\nCall-Info: <https://l.example/1.png>;purpose=icon;"
				     "verified=\"true\";integrity=\"sha256-"
				     "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\"\r\n"));
	assert_null(strstr(text, "From: <sip:+12155550101;verstat"));
	msg_destroy(msg);
}

static void rc15_a_brand_that_hides_or_turns_text_is_shown_without_that(void **state)
{
	struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_OK};
	struct callerid_verdict verdict = {.verstat = CALLERID_VERSTAT_PASSED,
					   .attest = CALLERID_ATTEST_A,
					   .n_passports = 1,
					   .passport = &passport};
	struct brand brand = {.verified = true,
			      .name = "Ba\xe2\x80\xaenk\xe2\x80\x8b",
			      .logo_url = "https://l.example/1.png",
			      .logo_sha256 = "not hex"};
	struct shown shown;
	const struct facts facts = {.n_orig = 1};
	msg_t *msg = make("");
	char *text;

	(void)state;
	shown_choose(&facts, &verdict, &brand, &shown);
	assert_true(treat_write(msg, &facts, &verdict, &shown));
	text = text_of(msg);
	assert_non_null(strstr(text, "%22fn%22%2C%7B%7D%2C%22text%22%2C%22Bank%22"));
	assert_null(strstr(text, "integrity"));
	msg_destroy(msg);
}

static void a_response_loses_our_assertions_and_nothing_else(void **state)
{
	msg_t *msg = make("P-Attestation-Indicator: A\r\nP-Origination-ID: x\r\n"
			  "Call-Info: <https://x/1>;purpose=info, <data:>;verified=\"true\"\r\n"
			  "P-Asserted-Identity: <tel:+12155550199>\r\nX-Own: stays\r\n");
	struct message_header header;
	msg_header_t *at = NULL;
	char *text;

	(void)state;
	while (message_next(msg, &at, &header) && !message_is(&header, "From", 'f'))
		;
	assert_true(message_replace(msg, &header, "<sip:+1;verstat=TN-Validation-Passed@a>;tag=1"));
	treat_strip_response(msg);
	text = text_of(msg);
	assert_non_null(strstr(text, "\r\nFrom: <sip:+1@a>;tag=1\r\n"));
	assert_null(strstr(text, "P-Attestation"));
	assert_null(strstr(text, "P-Origination"));
	assert_null(strstr(text, "verified"));
	assert_non_null(strstr(text, "<https://x/1>;purpose=info"));
	assert_non_null(strstr(text, "\r\nP-Asserted-Identity: <tel:+12155550199>\r\n"));
	assert_non_null(strstr(text, "\r\nX-Own: stays\r\n"));
	msg_destroy(msg);
}

static void vs14_a_call_that_did_not_pass_tells_nothing_but_verstat(void **state)
{
	struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_BAD_SIGNATURE};
	struct callerid_verdict verdict = {
		.verstat = CALLERID_VERSTAT_FAILED, .n_passports = 1, .passport = &passport};
	struct brand brand = {.verified = true, .name = "Bank"};
	struct shown shown;
	const struct facts facts = {.n_orig = 1};
	msg_t *msg = make("");
	char *text;

	(void)state;
	shown_choose(&facts, &verdict, &brand, &shown);
	assert_true(treat_write(msg, &facts, &verdict, &shown));
	text = text_of(msg);
	assert_non_null(
		strstr(text, "From: <sip:+12155550101;verstat=TN-Validation-Failed@a>;tag=1"));
	assert_null(strstr(text, "Attestation"));
	assert_null(strstr(text, "Call-Info"));
	msg_destroy(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vs12_verstat_is_cut_wherever_it_stands_and_nothing_else),
		cmocka_unit_test(vs12_verstat_is_put_where_24_229_wants_it),
		cmocka_unit_test(rc14_call_info_loses_rcd_values_only),
		cmocka_unit_test(verstat_goes_to_the_number_that_was_verified),
		cmocka_unit_test(vs12_pai_of_a_stranger_goes_and_verstat_stands_in_from),
		cmocka_unit_test(rc14_vs14_a_passed_call_tells_attestation_origin_and_brand),
		cmocka_unit_test(rc15_a_brand_that_hides_or_turns_text_is_shown_without_that),
		cmocka_unit_test(a_response_loses_our_assertions_and_nothing_else),
		cmocka_unit_test(vs14_a_call_that_did_not_pass_tells_nothing_but_verstat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
