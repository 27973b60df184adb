/* SPDX-License-Identifier: Apache-2.0 */
/* RC4, RC9: digests made for a signer, and compared by whoever fetches a content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <callerid/rcd.h>

#define TEST(name) static void name(void **state)

#define ICON	 "https://example.com/q.png"
#define PNG	 "\x89PNG not really"
#define RCD_ICON "{\"nam\":\"Q Branch\",\"icn\":\"" ICON "\"}"

TEST(RC4_the_helper_says_which_content_is_missing)
{
	struct callerid_digest_params params = {.rcd = RCD_ICON};
	struct callerid_error err;
	char *rcdi = NULL;

	(void)state;
	assert_int_equal(callerid_rcd_digests(&params, &rcdi, &err), CALLERID_EINVAL);
	assert_string_equal(err.text, "the content of " ICON " is missing");
	params.rcd = "{}";
	assert_int_equal(callerid_rcd_digests(&params, &rcdi, &err), CALLERID_EINVAL);
	params.rcd = "{";
	assert_int_equal(callerid_rcd_digests(&params, &rcdi, &err), CALLERID_ESYNTAX);
	params.rcd = "{\"nam\":\"\"}";
	params.alg = "sha1";
	assert_int_equal(callerid_rcd_digests(&params, &rcdi, &err), CALLERID_EINVAL);
	params.alg = "sha384";
	assert_int_equal(callerid_rcd_digests(&params, &rcdi, &err), CALLERID_OK);
	assert_string_equal(rcdi, "{}");
	free(rcdi);
}

TEST(RC9_a_content_that_is_fetched_later_can_be_compared)
{
	char *rcdi = NULL;
	struct callerid_content one = {ICON, PNG, sizeof(PNG) - 1};
	struct callerid_digest_params params = {.rcd = RCD_ICON};
	bool same = false;
	struct callerid_error err = {.text = ""};

	(void)state;
	params.contents = &one;
	params.n_contents = 1;
	assert_int_equal(callerid_rcd_digests(&params, &rcdi, NULL), CALLERID_OK);
	assert_int_equal(callerid_rcd_compare(rcdi, "/icn", &one, &same, NULL), CALLERID_OK);
	assert_true(same);
	one.len--;
	assert_int_equal(callerid_rcd_compare(rcdi, "/icn", &one, &same, NULL), CALLERID_OK);
	assert_false(same);
	assert_int_equal(callerid_rcd_compare(rcdi, "/jcl", &one, &same, NULL), CALLERID_ESYNTAX);
	assert_int_equal(callerid_rcd_compare("[]", "/icn", &one, &same, NULL), CALLERID_ESYNTAX);
	assert_int_equal(callerid_rcd_compare(NULL, "/icn", &one, &same, NULL), CALLERID_EINVAL);
	assert_int_equal(
		callerid_rcd_compare("{\"/icn\":\"sha1-AAAA\"}", "/icn", &one, &same, &err),
		CALLERID_ESYNTAX);
	assert_string_equal(err.text, "the digest is by an algorithm that is not known here");
	free(rcdi);
}

TEST(names_of_parts_and_states_are_stable)
{
	(void)state;
	assert_string_equal(callerid_rcd_part_name(CALLERID_RCD_NAME), "name");
	assert_string_equal(callerid_rcd_part_name(CALLERID_RCD_REASON), "reason");
	assert_null(callerid_rcd_part_name(CALLERID_RCD_PARTS));
	assert_string_equal(callerid_rcd_state_name(CALLERID_RCD_NOT_FETCHED), "not_fetched");
	assert_string_equal(callerid_rcd_state_name(CALLERID_RCD_UNVERIFIABLE), "unverifiable");
	assert_string_equal(callerid_rcd_state_name(CALLERID_RCD_MISMATCH), "mismatch");
	assert_null(callerid_rcd_state_name(CALLERID_RCD_MISMATCH + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(RC4_the_helper_says_which_content_is_missing),
		cmocka_unit_test(RC9_a_content_that_is_fetched_later_can_be_compared),
		cmocka_unit_test(names_of_parts_and_states_are_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
