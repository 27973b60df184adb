/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's answers as docs/api gives them, and anything else. */
#include "sip-proxy/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool read_answer(enum registry_question question, const char *json,
			struct registry_answer *answer)
{
	return registry_read(question, json, strlen(json), answer);
}

static void as10_an_attestation_has_its_letter_and_its_reason(void **state)
{
	struct registry_answer answer;

	(void)state;
	assert_true(read_answer(
		REGISTRY_ATTESTATION,
		"{\"attest\":\"B\",\"reason\":\"customer known, number not theirs\"}", &answer));
	assert_true(answer.answered);
	assert_int_equal(answer.attest, CALLERID_ATTEST_B);
	assert_string_equal(answer.why, "customer known, number not theirs");
}

static void a_lookup_has_brand_and_reason_or_neither(void **state)
{
	struct registry_answer answer;

	(void)state;
	assert_true(read_answer(
		REGISTRY_LOOKUP,
		"{\"number\":\"1\",\"verified\":true,\"brand\":{\"id\":\"brd_1\",\"name\":"
		"\"Example\",\"logo_url\":\"https://l/"
		"1.png\",\"logo_sha256\":\"ab\"},\"reason\":{\"code\":\"a\","
		"\"text\":\"Your appointment\"},\"receipt\":\"r1\",\"cache_s\":0}",
		&answer));
	assert_true(answer.brand.verified);
	assert_string_equal(answer.brand.name, "Example");
	assert_string_equal(answer.brand.logo_url, "https://l/1.png");
	assert_string_equal(answer.brand.logo_sha256, "ab");
	assert_string_equal(answer.brand.reason, "Your appointment");
	assert_string_equal(answer.receipt, "r1");
	assert_true(read_answer(REGISTRY_LOOKUP,
				"{\"verified\":false,\"brand\":null,\"reason\":null}", &answer));
	assert_false(answer.brand.verified);
	assert_string_equal(answer.brand.name, "");
	assert_string_equal(answer.brand.reason, "");
	assert_string_equal(answer.claimed, "");
	assert_false(answer.partial);
}

static void what_is_only_claimed_is_no_brand(void **state)
{
	struct registry_answer answer;

	(void)state;
	assert_true(read_answer(REGISTRY_LOOKUP,
				"{\"verified\":false,\"brand\":{\"name\":\"Bank\",\"logo_url\":"
				"\"https://l/1.png\"},\"reason\":{\"text\":\"Hello\"},"
				"\"claimed\":{\"name\":\"Bank\"},\"reputation\":{\"label\":"
				"\"spam\",\"score\":0.9},\"receipt\":\"r\",\"partial\":true}",
				&answer));
	assert_string_equal(answer.brand.name, "");
	assert_string_equal(answer.brand.logo_url, "");
	assert_string_equal(answer.brand.reason, "");
	assert_string_equal(answer.claimed, "Bank");
	assert_string_equal(answer.label, "spam");
	assert_string_equal(answer.receipt, "");
	assert_true(answer.partial);
	assert_string_equal(answer.source, "registry");
}

static void anything_else_is_no_answer(void **state)
{
	static const struct {
		enum registry_question question;
		const char *json;
	} bad[] = {
		{REGISTRY_ATTESTATION, ""},
		{REGISTRY_ATTESTATION, "[]"},
		{REGISTRY_ATTESTATION, "{}"},
		{REGISTRY_ATTESTATION, "{\"attest\":\"D\"}"},
		{REGISTRY_ATTESTATION, "{\"attest\":\"ABC\"}"},
		{REGISTRY_ATTESTATION, "{\"attest\":\"\"}"},
		{REGISTRY_ATTESTATION, "{\"attest\":65}"},
		{REGISTRY_ATTESTATION, "{\"attest\":\"C\",\"attest\":\"A\"}"},
		{REGISTRY_ATTESTATION, "{\"attest\":\"A\"} x"},
		{REGISTRY_LOOKUP, "null"},
		{REGISTRY_LOOKUP, "{\"brand\":{\"name\":\"Bank\"}}"},
		{REGISTRY_LOOKUP, "{\"verified\":\"true\",\"brand\":{\"name\":\"Bank\"}}"},
	};
	struct registry_answer answer;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (read_answer(bad[i].question, bad[i].json, &answer))
			fail_msg("%s is taken", bad[i].json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as10_an_attestation_has_its_letter_and_its_reason),
		cmocka_unit_test(a_lookup_has_brand_and_reason_or_neither),
		cmocka_unit_test(what_is_only_claimed_is_no_brand),
		cmocka_unit_test(anything_else_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
