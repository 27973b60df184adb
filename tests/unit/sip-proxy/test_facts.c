/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a request: Identity in any spelling, caller, called, Date, emergency. */
#include "sip-proxy/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct trunk_options trusted = {.title = "t", .trusted = true};
static const struct trunk_options stranger = {.title = "s"};
static const struct trunk_options british = {
	.title = "b", .country_code = "44", .national_prefix = "0", .international_prefix = "00"};

static msg_t *make(const char *uri, const char *headers)
{
	char text[8192];
	int n = snprintf(text, sizeof(text),
			 "INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
			 "f: \"A\" <sip:+12155550101@a.example>;tag=1\r\n"
			 "To: <sip:+12155550199@b.example;user=phone>\r\nCall-ID: c\r\n"
			 "CSeq: 1 INVITE\r\n%sContent-Length: 0\r\n\r\n",
			 uri, headers);
	msg_t *msg = msg_make(sip_default_mclass(), MSG_DO_EXTRACT_COPY, text, n);

	assert_non_null(msg);
	assert_non_null(sip_object(msg)->sip_request);
	return msg;
}

static msg_t *read_facts(const char *uri, const char *headers, const struct trunk_options *options,
			 struct facts *facts_out)
{
	const struct trunk trunk = {.options = options,
				    .plan = {options->country_code, options->national_prefix,
					     options->international_prefix,
					     (unsigned)options->min_digits}};
	msg_t *msg = make(uri, headers);

	facts_read(msg, &trunk, facts_out);
	return msg;
}

static void expect_span(struct callerid_span span, const char *text)
{
	assert_int_equal(span.n, strlen(text));
	assert_memory_equal(span.p, text, span.n);
}

static void pp15_vs7_identity_is_found_in_every_spelling_in_order(void **state)
{
	static const char *const expected[] = {"a;info=<https://x/1>",
					       "b;info=<https://x/2>",
					       "c;info=<https://x/3>",
					       "d",
					       "e;info=<https://x/,4>",
					       "f",
					       "g"};
	struct facts facts;
	msg_t *msg =
		read_facts("sip:+12155550199@b",
			   "Identity: a;info=<https://x/1>\r\nIDENTITY : b;info=<https://x/2>\r\n"
			   "y:c;info=<https://x/3>\r\nIdentity: d,e;info=<https://x/,4>\r\n"
			   "Y \t: \r\n f\r\nidentity\t:\tg  \r\nX-Identity: no\r\n",
			   &stranger, &facts);

	(void)state;
	assert_int_equal(facts.n_identity, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++)
		expect_span(facts.identity[i], expected[i]);
	msg_destroy(msg);
}

static void at_most_16_identities_are_kept_and_the_rest_is_counted(void **state)
{
	struct facts facts;
	msg_t *msg = read_facts("sip:+12155550199@b",
				"Identity: 1,2,3,4,5\r\ny: 6,7\r\nIdentity: 8\r\nIdentity: 9,10\r\n"
				"y: 11,12,13,14,15\r\nIdentity: 16,17,18\r\n",
				&stranger, &facts);

	(void)state;
	assert_int_equal(facts.n_identity, CALLERID_IDENTITIES_MAX);
	assert_int_equal(facts.n_identity_ignored, 2);
	expect_span(facts.identity[15], "16");
	msg_destroy(msg);
}

#define PAI                                                                                        \
	"P-Asserted-Identity: \"B, <tel:+1>\" <sip:+12155550177@a.example>\r\n"                    \
	"p-asserted-identity : <tel:+12155550188>, <tel:+12155550166>\r\n"

static void as12_cn6_caller_is_pai_tel_then_sip_of_a_trusted_trunk(void **state)
{
	struct facts facts;
	msg_t *msg = read_facts("sip:+12155550199@b", PAI, &trusted, &facts);

	(void)state;
	assert_true(facts.has_pai);
	assert_int_equal(facts.n_orig, 2);
	assert_string_equal(facts.orig[0].text, "12155550188");
	assert_string_equal(facts.orig[1].text, "12155550177");
	msg_destroy(msg);
}

static void as12_cn6_caller_is_from_when_pai_is_absent_or_not_to_be_believed(void **state)
{
	static const struct trunk_options *const options[] = {&stranger, &trusted};
	static const char *const headers[] = {PAI, ""};
	struct facts facts;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		msg_t *msg = read_facts("sip:+12155550199@b", headers[i], options[i], &facts);

		assert_false(facts.has_pai);
		assert_int_equal(facts.n_orig, 1);
		assert_string_equal(facts.orig[0].text, "12155550101");
		assert_string_equal(facts.dest.text, "12155550199");
		msg_destroy(msg);
	}
}

static void cn3_dial_strings_follow_the_trunks_plan(void **state)
{
	struct facts facts;
	msg_t *msg = read_facts("sip:02079460123@b;user=phone", "", &british, &facts);

	(void)state;
	assert_string_equal(facts.called.text, "442079460123");
	msg_destroy(msg);
}

static void date_is_kept_as_received_and_its_doubles_counted(void **state)
{
	struct facts facts;
	msg_t *msg = read_facts("sip:+12155550199@b", "Date : Wed, 29 Mar 2028 10:00:00 GMT\r\n",
				&stranger, &facts);

	(void)state;
	assert_int_equal(facts.n_date, 1);
	expect_span(facts.date, "Wed, 29 Mar 2028 10:00:00 GMT");
	msg_destroy(msg);
}

static void emergencies_are_recognised(void **state)
{
	static const struct {
		const char *uri, *headers;
		bool emergency;
	} cases[] = {
		{"sip:911@b", "", true},
		{"sip:112@b;user=phone", "", true},
		{"tel:999", "", true},
		{"urn:service:sos", "", true},
		{"urn:service:sos.police", "", true},
		{"sip:+12155550199@b", "Priority: psap-callback\r\n", true},
		{"sip:+12155550199@b", "priority : PSAP-Callback\r\n", true},
		{"sip:+12155550199@b", "Resource-Priority: q735.1, esnet.0\r\n", true},
		{"sip:+12155550199@b", "Resource-Priority: q735.1\r\n", false},
		{"sip:+12155550199@b", "Priority: emergency\r\n", false},
		{"sip:9112@b", "", false},
		{"urn:service:sosx", "", false},
		{"urn:service:counseling", "", false},
	};
	struct facts facts;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		msg_t *msg = read_facts(cases[i].uri, cases[i].headers, &stranger, &facts);

		if (facts.emergency != cases[i].emergency)
			fail_msg("%s %s", cases[i].uri, cases[i].headers);
		msg_destroy(msg);
	}
}

static void display_name_is_without_quotes_and_escapes(void **state)
{
	static const struct {
		const struct trunk_options *options;
		const char *headers, *name;
	} cases[] = {
		{&stranger, "", "A"},
		{&trusted, "P-Asserted-Identity: \"B \\\"C\\\" \\\\\" <tel:+1215>\r\n",
		 "B \"C\" \\"},
		{&trusted, "P-Asserted-Identity: Two Words <tel:+1215>\r\n", "Two Words"},
		{&trusted, "P-Asserted-Identity: <tel:+1215>\r\n", "A"},
		{&trusted, "P-Asserted-Identity: tel:+1215\r\n", "A"},
		{&stranger, "P-Asserted-Identity: \"B\" <tel:+1215>\r\n", "A"},
	};
	struct facts facts;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		msg_t *msg = read_facts("sip:+12155550199@b", cases[i].headers, cases[i].options,
					&facts);

		assert_string_equal(facts.name, cases[i].name);
		msg_destroy(msg);
	}
}

static void priority_and_body_are_kept_as_received(void **state)
{
	struct facts facts;
	msg_t *msg = read_facts("sip:+12155550199@b",
				"Resource-Priority: ets.0, wps.1\r\nresource-priority: q735.1\r\n"
				"Priority: urgent\r\nPriority: normal\r\n",
				&stranger, &facts);

	(void)state;
	assert_int_equal(facts.n_resource_priority, 2);
	expect_span(facts.resource_priority[0], "ets.0, wps.1");
	expect_span(facts.resource_priority[1], "q735.1");
	expect_span(facts.priority, "urgent");
	assert_non_null(facts.sdp.p);
	assert_int_equal(facts.sdp.n, 0);
	msg_destroy(msg);
}

static void expect_reason(const char *headers, const char *reason)
{
	char found[CALLERID_CALLINFO_REASON_MAX + 1];
	msg_t *msg = make("sip:+12155550199@b", headers);

	memset(found, 'x', sizeof(found));
	facts_read_reason(msg, found);
	assert_string_equal(found, reason);
	msg_destroy(msg);
}

static void rfc9795_9_call_reason_is_the_first_of_call_info_that_can_be_read(void **state)
{
	char longest[700];

	(void)state;
	expect_reason("", "");
	expect_reason("Call-Info: <data:>;purpose=jcard;call-reason=\"a \\\"b\\\", c\"\r\n",
		      "a \"b\", c");
	expect_reason("CALL-INFO : <https://x/>;purpose=info\r\n"
		      "call-info:\t<https://x/>;purpose=icon, <data:>;Call-Reason=one\r\n"
		      "Call-Info: <data:>;call-reason=two\r\n",
		      "one");
	expect_reason("Call-Info: nonsense;call-reason=no, <data:>;call-reason=yes\r\n", "yes");
	expect_reason("Call-Info: <data:>;call-reason=a;call-reason=b\r\n", "");
	expect_reason("X-Call-Info: <data:>;call-reason=no\r\n", "");
	snprintf(longest, sizeof(longest), "Call-Info: <data:>;call-reason=\"%0*d\"\r\n",
		 CALLERID_CALLINFO_REASON_MAX + 1, 0);
	expect_reason(longest, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pp15_vs7_identity_is_found_in_every_spelling_in_order),
		cmocka_unit_test(at_most_16_identities_are_kept_and_the_rest_is_counted),
		cmocka_unit_test(as12_cn6_caller_is_pai_tel_then_sip_of_a_trusted_trunk),
		cmocka_unit_test(as12_cn6_caller_is_from_when_pai_is_absent_or_not_to_be_believed),
		cmocka_unit_test(cn3_dial_strings_follow_the_trunks_plan),
		cmocka_unit_test(date_is_kept_as_received_and_its_doubles_counted),
		cmocka_unit_test(emergencies_are_recognised),
		cmocka_unit_test(display_name_is_without_quotes_and_escapes),
		cmocka_unit_test(priority_and_body_are_kept_as_received),
		cmocka_unit_test(rfc9795_9_call_reason_is_the_first_of_call_info_that_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
