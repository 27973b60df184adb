/* SPDX-License-Identifier: Apache-2.0 */
/* Names, codes and the RFC 9410 Reason header. */
#include <callerid/verdict.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

TEST(vs13_every_reason_has_its_code_and_verstat)
{
	static const struct {
		const char *name;
		int code;
		enum callerid_verstat verstat;
	} rows[] = {
		{"ok", 0, CALLERID_VERSTAT_PASSED},
		{"no_identity", 428, CALLERID_VERSTAT_NONE},
		{"unsupported_ppt", 428, CALLERID_VERSTAT_NONE},
		{"no_proof", 428, CALLERID_VERSTAT_NONE},
		{"no_caller", 400, CALLERID_VERSTAT_NONE},
		{"bad_header", 438, CALLERID_VERSTAT_NONE},
		{"bad_info", 436, CALLERID_VERSTAT_NONE},
		{"bad_passport", 436, CALLERID_VERSTAT_NONE},
		{"bad_alg", 437, CALLERID_VERSTAT_NONE},
		{"compact_form", 438, CALLERID_VERSTAT_NONE},
		{"ppt_mismatch", 438, CALLERID_VERSTAT_NONE},
		{"bad_claims", 438, CALLERID_VERSTAT_NONE},
		{"orig_mismatch", 438, CALLERID_VERSTAT_NONE},
		{"dest_mismatch", 438, CALLERID_VERSTAT_NONE},
		{"media_mismatch", 438, CALLERID_VERSTAT_NONE},
		{"media_not_secure", 488, CALLERID_VERSTAT_NONE},
		{"priority_mismatch", 438, CALLERID_VERSTAT_NONE},
		{"date_stale", 403, CALLERID_VERSTAT_NONE},
		{"iat_stale", 403, CALLERID_VERSTAT_NONE},
		{"iat_future", 403, CALLERID_VERSTAT_NONE},
		{"cert_unavailable", 436, CALLERID_VERSTAT_NONE},
		{"cert_unreadable", 437, CALLERID_VERSTAT_FAILED},
		{"cert_untrusted", 437, CALLERID_VERSTAT_FAILED},
		{"cert_expired", 437, CALLERID_VERSTAT_FAILED},
		{"cert_revoked", 437, CALLERID_VERSTAT_FAILED},
		{"cert_not_valid_at_iat", 437, CALLERID_VERSTAT_FAILED},
		{"crl_missing", 437, CALLERID_VERSTAT_NONE},
		{"not_authorized", 437, CALLERID_VERSTAT_FAILED},
		{"not_permitted", 437, CALLERID_VERSTAT_FAILED},
		{"bad_signature", 438, CALLERID_VERSTAT_FAILED},
		{"replayed", 438, CALLERID_VERSTAT_NONE},
		{"diversion_broken", 438, CALLERID_VERSTAT_NONE},
		{"diversion_loop", 438, CALLERID_VERSTAT_NONE},
		{"content_mismatch", 438, CALLERID_VERSTAT_NONE},
		{"content_unusable", 438, CALLERID_VERSTAT_NONE},
		{"name_differs", 438, CALLERID_VERSTAT_NONE},
		{"limit", 438, CALLERID_VERSTAT_NONE},
		{"no_memory", 500, CALLERID_VERSTAT_NONE},
	};

	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), CALLERID_REASON_COUNT);
	for (unsigned i = 0; i < CALLERID_REASON_COUNT; i++) {
		const struct callerid_reason_info *info = callerid_reason_info(i);

		assert_string_equal(info->name, rows[i].name);
		assert_int_equal(info->code, rows[i].code);
		assert_int_equal(info->verstat, rows[i].verstat);
		assert_string_not_equal(info->text, "");
	}
	assert_null(callerid_reason_info(CALLERID_REASON_COUNT));
}

TEST(vs8_codes_have_the_phrases_of_rfc_8224)
{
	(void)state;
	assert_string_equal(callerid_reason_info(CALLERID_REASON_DATE_STALE)->phrase, "Stale Date");
	assert_string_equal(callerid_reason_info(CALLERID_REASON_NO_IDENTITY)->phrase,
			    "Use Identity Header");
	assert_string_equal(callerid_reason_info(CALLERID_REASON_BAD_INFO)->phrase,
			    "Bad Identity Info");
	assert_string_equal(callerid_reason_info(CALLERID_REASON_CERT_UNTRUSTED)->phrase,
			    "Unsupported Credential");
	assert_string_equal(callerid_reason_info(CALLERID_REASON_BAD_SIGNATURE)->phrase,
			    "Invalid Identity Header");
}

TEST(names_go_both_ways_without_regard_to_case)
{
	enum callerid_check check;
	enum callerid_mode mode;

	(void)state;
	for (unsigned i = 0; i < CALLERID_CHECK_COUNT; i++) {
		assert_true(callerid_check_by_name(callerid_check_name(i), &check));
		assert_int_equal(check, i);
	}
	assert_true(callerid_check_by_name("IAT", &check));
	assert_int_equal(check, CALLERID_CHECK_IAT);
	assert_true(callerid_mode_by_name("Warn", &mode));
	assert_int_equal(mode, CALLERID_MODE_WARN);
	assert_false(callerid_check_by_name("iats", &check));
	assert_false(callerid_check_by_name("", &check));
	assert_false(callerid_mode_by_name(NULL, &mode));
}

TEST(names_out_of_range_are_null)
{
	(void)state;
	assert_null(callerid_check_name(CALLERID_CHECK_COUNT));
	assert_null(callerid_result_name((enum callerid_result)4));
	assert_null(callerid_mode_name((enum callerid_mode)3));
	assert_null(callerid_verstat_name((enum callerid_verstat) - 1));
	assert_string_equal(callerid_verstat_name(CALLERID_VERSTAT_NONE), "No-TN-Validation");
}

TEST(vs9_reason_header_names_cause_text_and_compact_ppi)
{
	struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_BAD_SIGNATURE,
						     .signature = "abc-_"};
	const char *want = "STIR ;cause=438 ;text=\"Invalid Identity Header\" ;ppi=\"..abc-_\"";
	char text[128];

	(void)state;
	assert_int_equal(callerid_verdict_reason_header(&passport, text, sizeof(text)),
			 strlen(want));
	assert_string_equal(text, want);
	assert_int_equal(callerid_verdict_reason_header(&passport, text, strlen(want)), 0);
	assert_int_equal(callerid_verdict_reason_header(&passport, text, 0), 0);
}

TEST(vs9_reason_header_without_signature_has_no_ppi)
{
	struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_DATE_STALE};
	char text[128];

	(void)state;
	assert_true(callerid_verdict_reason_header(&passport, text, sizeof(text)) > 0);
	assert_string_equal(text, "STIR ;cause=403 ;text=\"Stale Date\"");
}

TEST(vs9_what_passed_or_has_no_stir_cause_has_no_reason_header)
{
	struct callerid_passport_verdict passport = {.reason = CALLERID_REASON_OK};
	char text[128];

	(void)state;
	assert_int_equal(callerid_verdict_reason_header(&passport, text, sizeof(text)), 0);
	passport.reason = CALLERID_REASON_NO_CALLER;
	assert_int_equal(callerid_verdict_reason_header(&passport, text, sizeof(text)), 0);
	passport.reason = CALLERID_REASON_NO_MEMORY;
	assert_int_equal(callerid_verdict_reason_header(&passport, text, sizeof(text)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vs13_every_reason_has_its_code_and_verstat),
		cmocka_unit_test(vs8_codes_have_the_phrases_of_rfc_8224),
		cmocka_unit_test(names_go_both_ways_without_regard_to_case),
		cmocka_unit_test(names_out_of_range_are_null),
		cmocka_unit_test(vs9_reason_header_names_cause_text_and_compact_ppi),
		cmocka_unit_test(vs9_reason_header_without_signature_has_no_ppi),
		cmocka_unit_test(vs9_what_passed_or_has_no_stir_cause_has_no_reason_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
