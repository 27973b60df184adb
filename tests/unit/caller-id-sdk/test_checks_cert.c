/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate cannot say, and what is said where there is none. */
#include "tests/kit/scene.h"

#include <string.h>

#define TEST(name) static void name(void **state)
#define HEADER	   "{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}"

static const struct callerid_check_result *check(const struct callerid_verdict *verdict, unsigned i)
{
	return &verdict->passport[0].check[i];
}

TEST(rfc8226_9_a_tnauthlist_covers_no_caller_that_is_a_uri)
{
	struct scene *s = *state;

	s->call.orig[0] = kit_party("sip:alice@example.org");
	scene_add(s, scene_join(kit_token(s->world.leaf.key, HEADER,
					  "{\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,"
					  "\"orig\":{\"uri\":\"sip:alice@example.org\"}}"),
				";info=<" KIT_URL ">;alg=ES256"));
	scene_expect(s, CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY);
	assert_string_equal(
		check(callerid_verification_verdict(s->v), CALLERID_CHECK_AUTHORITY)->why,
		"it is a URI; a TNAuthList covers numbers only");
}

/* Nothing is proven then. */
TEST(rfc8224_6_2_without_a_certificate_what_needs_it_is_skipped)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	for (unsigned i = CALLERID_CHECK_CERT; i <= CALLERID_CHECK_SIGNATURE; i++)
		s->policy.mode[i] = CALLERID_MODE_WARN;
	s->chain = NULL;
	scene_add_good(s);
	verdict = scene_verify(s);
	assert_int_equal(verdict->reason, CALLERID_REASON_OK);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_NONE);
	assert_int_equal(check(verdict, CALLERID_CHECK_CERT)->result, CALLERID_RESULT_WARNED);
	assert_int_equal(check(verdict, CALLERID_CHECK_CERT)->reason,
			 CALLERID_REASON_CERT_UNAVAILABLE);
	for (unsigned i = CALLERID_CHECK_CHAIN; i <= CALLERID_CHECK_SIGNATURE; i++) {
		assert_int_equal(check(verdict, i)->result, CALLERID_RESULT_SKIPPED);
		assert_string_equal(check(verdict, i)->why, "there is no certificate");
	}
}

TEST(rfc8224_6_2_step_3_one_enforced_check_that_needs_it_ends_the_passport)
{
	struct scene *s = *state;

	s->chain = NULL;
	scene_add_good(s);
	for (unsigned one = CALLERID_CHECK_CHAIN; one <= CALLERID_CHECK_SIGNATURE; one++) {
		for (unsigned i = CALLERID_CHECK_CERT; i <= CALLERID_CHECK_SIGNATURE; i++)
			s->policy.mode[i] = i == one ? CALLERID_MODE_ENFORCE : CALLERID_MODE_WARN;
		scene_expect(s, CALLERID_REASON_CERT_UNAVAILABLE, CALLERID_CHECK_CERT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(rfc8226_9_a_tnauthlist_covers_no_caller_that_is_a_uri),
		SCENE_TEST(rfc8224_6_2_without_a_certificate_what_needs_it_is_skipped),
		SCENE_TEST(rfc8224_6_2_step_3_one_enforced_check_that_needs_it_ends_the_passport),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
