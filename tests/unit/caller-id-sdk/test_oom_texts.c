/* SPDX-License-Identifier: Apache-2.0 */
/* What is decided and written beside a verification needs no memory, and so cannot lack it. */
#include "tests/kit/oom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <callerid/callinfo.h>
#include <callerid/date.h>
#include <callerid/decide.h>
#include <callerid/identity.h>
#include <callerid/reason.h>

static struct callerid_span span(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

static void decide(void *data)
{
	const struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_REPLAYED};
	const struct callerid_verdict verdict = {
		.reason = CALLERID_REASON_REPLAYED, .code = 438, .passport = &passport};
	struct callerid_rules rules = {.reject = {false}};
	struct callerid_facts facts = {.verdict = &verdict};

	(void)data;
	rules.reject[CALLERID_REASON_REPLAYED] = true;
	assert_int_equal(callerid_decide(&facts, &rules).code, 438);
}

static void write_callinfo(void *data)
{
	struct callerid_callinfo info = {.uri = span("https://example.com/q.json"),
					 .purpose = CALLERID_CALLINFO_JCARD,
					 .reason = "Your order"};
	char text[512];

	(void)data;
	assert_int_equal(callerid_callinfo_build(&info, text, sizeof(text), NULL), CALLERID_OK);
	assert_int_equal(callerid_callinfo_parse(text, strlen(text), &info, NULL), CALLERID_OK);
	assert_string_equal(info.reason, "Your order");
}

static void write_reasons(void *data)
{
	struct callerid_reason_value value;
	struct callerid_span url, uri;
	char text[512];

	(void)data;
	assert_true(callerid_reason_stir(438, span("..abc"), text, sizeof(text)) > 0);
	assert_int_equal(callerid_reason_parse(text, strlen(text), &value, NULL), CALLERID_OK);
	assert_true(callerid_reason_write(&value, text, sizeof(text)) > 0);
	assert_true(callerid_analytics_write("https://example.com/", text, sizeof(text)) > 0);
	assert_int_equal(callerid_reason_parse(text, strlen(text), &value, NULL), CALLERID_OK);
	assert_true(callerid_analytics_parse(603, &value, &url));
	assert_true(callerid_jwscard_call_info("https://example.com/c", text, sizeof(text)) > 0);
	assert_true(callerid_jwscard_uri(text, strlen(text), &uri));
}

static void read_header(void *data)
{
	static const char value[] = "e30.e30.AAAA;info=<https://example.com/c.pem>;ppt=shaken";
	static const char date[] = "Fri, 15 Jan 2027 08:00:00 GMT";
	struct callerid_identity identity;
	struct callerid_party party;
	int64_t epoch;

	(void)data;
	assert_int_equal(callerid_identity_parse(value, strlen(value), &identity, NULL),
			 CALLERID_OK);
	assert_int_equal(callerid_party_parse("sip:+12155551212@example.com;user=phone", 39, NULL,
					      &party, NULL),
			 CALLERID_OK);
	assert_int_equal(callerid_date_parse(date, strlen(date), &epoch, NULL), CALLERID_OK);
}

static void a_decision_needs_no_memory(void **state)
{
	(void)state;
	assert_int_equal(kit_oom_each(decide, NULL), 0);
}

static void RC14_call_info_needs_no_memory(void **state)
{
	(void)state;
	assert_int_equal(kit_oom_each(write_callinfo, NULL), 0);
}

static void VS9_reasons_need_no_memory(void **state)
{
	(void)state;
	assert_int_equal(kit_oom_each(write_reasons, NULL), 0);
}

static void VS1_headers_numbers_and_dates_need_no_memory(void **state)
{
	(void)state;
	assert_int_equal(kit_oom_each(read_header, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decision_needs_no_memory),
		cmocka_unit_test(RC14_call_info_needs_no_memory),
		cmocka_unit_test(VS9_reasons_need_no_memory),
		cmocka_unit_test(VS1_headers_numbers_and_dates_need_no_memory),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
