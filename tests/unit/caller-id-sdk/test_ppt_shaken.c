/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8588: attest and origid, read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "ppt.h"

#define GOOD "123e4567-e89b-12d3-a456-426655440000"

static enum callerid_reason parse(const char *attest, const char *origid,
				  struct callerid_claims *claims)
{
	char text[256], why[64] = "";
	enum callerid_reason reason;
	json_t *payload;

	snprintf(text, sizeof(text), "{\"x\":0%s%s}", attest, origid);
	payload = cid_json_load(text, strlen(text), NULL);
	assert_non_null(payload);
	memset(claims, 0, sizeof(*claims));
	reason = cid_ppt_shaken.parse(payload, claims, why, sizeof(why));
	assert_int_equal(reason == CALLERID_REASON_OK, why[0] == '\0');
	json_decref(payload);
	return reason;
}

static void test_the_table_has_shaken_and_base(void **state)
{
	(void)state;
	assert_ptr_equal(cid_ppt_find("shaken", 6), &cid_ppt_shaken);
	assert_ptr_equal(cid_ppt_find("", 0), &cid_ppt_base);
	assert_ptr_equal(cid_ppt_find(NULL, 0), &cid_ppt_base);
	assert_null(cid_ppt_find("shake", 5));
	assert_null(cid_ppt_find("shakenx", 7));
	assert_null(cid_ppt_find("Shaken", 6));
	assert_null(cid_ppt_find("\0", 1));
	assert_false(cid_ppt_shaken.compact_allowed);
	assert_true(cid_ppt_base.compact_allowed);
}

static void test_rfc8588_4_attest_is_A_B_or_C(void **state)
{
	struct callerid_claims claims;

	(void)state;
	for (char c = 'A'; c <= 'C'; c++) {
		char attest[] = ",\"attest\":\"?\"";

		attest[11] = c;
		assert_int_equal(parse(attest, ",\"origid\":\"" GOOD "\"", &claims),
				 CALLERID_REASON_OK);
		assert_int_equal(claims.attest, c);
		assert_string_equal(claims.origid, GOOD);
	}
}

static void test_rfc8588_4_attest_is_the_whole_string(void **state)
{
	static const char *const wrong[] = {
		"",
		",\"attest\":\"\"",
		",\"attest\":\"D\"",
		",\"attest\":\"a\"",
		",\"attest\":\"Alpha\"",
		",\"attest\":\"AB\"",
		",\"attest\":\"A \"",
		",\"attest\":\"@\"",
		",\"attest\":[\"A\"]",
		",\"attest\":65",
		",\"attest\":null",
	};
	struct callerid_claims claims;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse(wrong[i], ",\"origid\":\"" GOOD "\"", &claims) !=
		    CALLERID_REASON_BAD_CLAIMS)
			fail_msg("accepted %s", wrong[i]);
		assert_int_equal(claims.attest, CALLERID_ATTEST_NONE);
	}
}

static void test_rfc8588_5_origid_is_a_uuid_string(void **state)
{
	static const char *const wrong[] = {
		"",
		",\"origid\":\"\"",
		",\"origid\":1",
		",\"origid\":[\"" GOOD "\"]",
		",\"origid\":\"123e4567-e89b-12d3-a456-42665544000\"",
		",\"origid\":\"123e4567-e89b-12d3-a456-4266554400000\"",
		",\"origid\":\"123e4567-e89b-12d3-a456-42665544000g\"",
		",\"origid\":\"123e4567ee89b-12d3-a456-426655440000\"",
		",\"origid\":\"{23e4567-e89b-12d3-a456-42665544000}\"",
		",\"origid\":\"123e4567e89b12d3a456426655440000\"",
	};
	struct callerid_claims claims;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse(",\"attest\":\"A\"", wrong[i], &claims) != CALLERID_REASON_BAD_CLAIMS)
			fail_msg("accepted %s", wrong[i]);
	}
	assert_int_equal(parse(",\"attest\":\"A\"",
			       ",\"origid\":\"123E4567-E89B-12D3-A456-426655440000\"", &claims),
			 CALLERID_REASON_OK);
}

static void test_rfc8588_8_the_payload_is_in_code_point_order(void **state)
{
	static const char want[] =
		"{\"attest\":\"A\",\"dest\":{\"tn\":[\"12155550131\"]},\"iat\":1443208345,"
		"\"orig\":{\"tn\":\"12155550121\"},\"origid\":\"" GOOD "\"}";
	struct callerid_claims claims = {.ppt = "shaken",
					 .iat = 1443208345,
					 .orig = {CALLERID_PARTY_TN, "12155550121"},
					 .dest = {{CALLERID_PARTY_TN, "12155550131"}},
					 .n_dest = 1,
					 .attest = CALLERID_ATTEST_A,
					 .origid = GOOD};
	char text[512];
	struct cid_writer w;

	(void)state;
	cid_writer_init(&w, text, sizeof(text));
	assert_int_equal(cid_ppt_shaken.build(&w, &claims, NULL), CALLERID_OK);
	assert_false(w.full);
	assert_int_equal(w.len, sizeof(want) - 1);
	assert_memory_equal(text, want, w.len);
	claims.attest = CALLERID_ATTEST_NONE;
	assert_int_equal(cid_ppt_shaken.build(&w, &claims, NULL), CALLERID_EINVAL);
	claims.attest = CALLERID_ATTEST_C;
	claims.origid[0] = 'x';
	assert_int_equal(cid_ppt_shaken.build(&w, &claims, NULL), CALLERID_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_has_shaken_and_base),
		cmocka_unit_test(test_rfc8588_4_attest_is_A_B_or_C),
		cmocka_unit_test(test_rfc8588_4_attest_is_the_whole_string),
		cmocka_unit_test(test_rfc8588_5_origid_is_a_uuid_string),
		cmocka_unit_test(test_rfc8588_8_the_payload_is_in_code_point_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
