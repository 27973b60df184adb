/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals that are no fault of a PASSporT: 603 of an analytics engine, 607, 608. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <callerid/reason.h>

#define URL "https://redress.example.net/r?c=1"

static bool parse(int code, const char *text, struct callerid_span *url)
{
	struct callerid_reason_value value;

	*url = (struct callerid_span){NULL, 0};
	assert_int_equal(callerid_reason_parse(text, strlen(text), &value, NULL), CALLERID_OK);
	return callerid_analytics_parse(code, &value, url);
}

static void test_VS17_response_phrases(void **state)
{
	(void)state;
	assert_string_equal(callerid_response_phrase(603), "Network Blocked");
	assert_string_equal(callerid_response_phrase(607), "Unwanted");
	assert_string_equal(callerid_response_phrase(608), "Rejected");
	assert_string_equal(callerid_response_phrase(438), "Invalid Identity Header");
	assert_null(callerid_response_phrase(200));
}

static void test_VS17_603_is_written_byte_for_byte(void **state)
{
	char text[256];
	const char *want = "SIP;cause=603;text=\"v=analytics1;url=" URL "\";location=TN";

	(void)state;
	assert_int_equal(callerid_analytics_write(URL, text, sizeof(text)), strlen(want));
	assert_string_equal(text, want);
	assert_int_equal(callerid_analytics_write(URL, text, strlen(want)), 0);
	assert_string_equal(text, "");
}

static void test_VS17_603_takes_urls_for_persons_only(void **state)
{
	static const char *const good[] = {URL, "mailto:a@example.net", "tel:+12155551212",
					   "sip:help@example.net"};
	static const char *const bad[] = {"",
					  "https://",
					  "http://example.net",
					  "javascript:x",
					  "https://a;b",
					  "https://a\"b",
					  "https://a b",
					  "https://a\\b",
					  "https://a\r\nVia: x"};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(callerid_analytics_write(good[i], text, sizeof(text)) > 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(callerid_analytics_write(bad[i], text, sizeof(text)), 0);
}

static void test_VS17_603_needs_both_the_code_and_the_text(void **state)
{
	struct callerid_span url;
	char text[256];

	(void)state;
	assert_true(callerid_analytics_write(URL, text, sizeof(text)) > 0);
	assert_true(parse(603, text, &url));
	assert_int_equal(url.n, strlen(URL));
	assert_memory_equal(url.p, URL, url.n);
	assert_true(parse(603, "Q.850;cause=21;text=\"V=Analytics1;x=y;url=" URL "\"", &url));
	assert_int_equal(url.n, strlen(URL));
	assert_false(parse(600, text, &url));
	assert_false(parse(608, text, &url));
	assert_false(parse(603, "SIP;cause=603;text=\"analytics\"", &url));
	assert_false(parse(603, "SIP;cause=603;text=\" v=analytics1;url=" URL "\"", &url));
	assert_false(parse(603, "SIP;cause=603;text=\"v=analytics12;url=" URL "\"", &url));
	assert_false(parse(603, "SIP;cause=603", &url));
	assert_false(parse(603, "SIP;cause=600;text=\"v=analytics1;url=" URL "\"", &url));
	assert_false(parse(603, "Q.850;cause=603;text=\"v=analytics1;\"", &url));
	assert_false(parse(603, "STIR;cause=603;text=\"v=analytics1;\"", &url));
	assert_int_equal(url.n, 0);
}

static void test_VS17_603_with_a_url_for_nobody_has_none(void **state)
{
	static const char *const texts[] = {
		"SIP;cause=603;text=\"v=analytics1;\"",
		"SIP;cause=603;text=\"v=analytics1;url=\"",
		"SIP;cause=603;text=\"v=analytics1;url=javascript:x\"",
		"SIP;cause=603;text=\"v=analytics1;url=https://a b\"",
		"SIP;cause=603;text=\"v=analytics1;curl=" URL "\"",
	};
	struct callerid_span url;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_true(parse(603, texts[i], &url));
		assert_int_equal(url.n, 0);
	}
}

static bool caps(const char *text)
{
	return callerid_feature_caps_has_608(text, strlen(text));
}

static void test_VS17_608_is_for_who_said_sip_608(void **state)
{
	(void)state;
	assert_true(caps("*;+sip.608"));
	assert_true(caps("* ; +g.3gpp.x=\"<a,b>\" ; +SIP.608"));
	assert_true(caps("*;+a, *;+sip.608=\"TRUE\""));
	assert_false(caps(""));
	assert_false(caps("*"));
	assert_false(caps("*;+sip.6080"));
	assert_false(caps("*;sip.608"));
	assert_false(caps("*;+a=\"+sip.608\""));
	assert_false(caps("+sip.608"));
	assert_false(caps("x;+sip.608"));
}

static void test_VS17_608_call_info_names_the_card(void **state)
{
	static const char field[] = "<https://a.example/icon>;purpose=icon, "
				    "<https://b.example/card,1> ; Purpose = \"JWScard\"";
	struct callerid_span uri;
	char text[128];

	(void)state;
	assert_true(callerid_jwscard_call_info("https://b.example/card", text, sizeof(text)) > 0);
	assert_string_equal(text, "<https://b.example/card>;purpose=jwscard");
	assert_true(callerid_jwscard_uri(text, strlen(text), &uri));
	assert_int_equal(uri.n, strlen("https://b.example/card"));
	assert_true(callerid_jwscard_uri(field, strlen(field), &uri));
	assert_int_equal(uri.n, strlen("https://b.example/card,1"));
	assert_memory_equal(uri.p, "https://b.example/card,1", uri.n);
	assert_false(callerid_jwscard_uri("<https://a>;purpose=icon", 24, &uri));
	assert_false(callerid_jwscard_uri("<https://a>", 11, &uri));
	assert_false(callerid_jwscard_uri("<https://a b>;purpose=jwscard", 29, &uri));
	assert_false(callerid_jwscard_uri("https://a;purpose=jwscard", 25, &uri));
	assert_int_equal(callerid_jwscard_call_info("https://a>b", text, sizeof(text)), 0);
	assert_int_equal(callerid_jwscard_call_info("https://b.example/card", text, 40), 0);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_VS17_response_phrases),
		cmocka_unit_test(test_VS17_603_is_written_byte_for_byte),
		cmocka_unit_test(test_VS17_603_takes_urls_for_persons_only),
		cmocka_unit_test(test_VS17_603_needs_both_the_code_and_the_text),
		cmocka_unit_test(test_VS17_603_with_a_url_for_nobody_has_none),
		cmocka_unit_test(test_VS17_608_is_for_who_said_sip_608),
		cmocka_unit_test(test_VS17_608_call_info_names_the_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
