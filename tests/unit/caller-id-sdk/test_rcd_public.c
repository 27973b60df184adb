/* SPDX-License-Identifier: Apache-2.0 */
/* RC4, RC8, RC9, RC11: digests made and compared; what is shown, and whose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/rcd.h>
#include <callerid/verdict.h>

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

/* What is shown of a PASSporT with this rcd, when all its parts are in state. */
static struct callerid_rcd show(const char *text, enum callerid_rcd_state state)
{
	static struct callerid_passport_verdict p;
	struct callerid_rcd rcd;

	memset(&p, 0, sizeof(p));
	p.claims.rcd = text;
	p.rcd.usable = true;
	for (unsigned i = 0; i < CALLERID_RCD_PARTS; i++)
		p.rcd.part[i] = state;
	assert_int_equal(callerid_rcd_show(&p, &rcd), CALLERID_OK);
	return rcd;
}

TEST(RC8_the_number_of_apn_is_shown_when_it_fits)
{
	static const char good[] = "{\"nam\":\"Q\",\"apn\":\"12155551212\"}";
	char rcd[64 + CALLERID_TN_MAX];
	int n = CALLERID_TN_MAX;

	(void)state;
	assert_string_equal(show(good, CALLERID_RCD_CLAIMED).number, "12155551212");
	assert_string_equal(show(good, CALLERID_RCD_MISMATCH).number, "");
	assert_string_equal(show(good, CALLERID_RCD_ABSENT).number, "");
	snprintf(rcd, sizeof(rcd), "{\"apn\":\"%0*d\"}", n, 1);
	assert_int_equal(strlen(show(rcd, CALLERID_RCD_CLAIMED).number), CALLERID_TN_MAX);
	snprintf(rcd, sizeof(rcd), "{\"apn\":\"%0*d\"}", n + 1, 1);
	assert_string_equal(show(rcd, CALLERID_RCD_CLAIMED).number, "");
}

TEST(RC9_a_url_is_shown_when_it_is_https_fits_and_can_be_checked)
{
	static const char inside[] = "{\"icn\":\"data:image/png;base64,AAAA\"}";
	static char rcd[CALLERID_RCD_URL_MAX + 64];
	int n = CALLERID_RCD_URL_MAX - (int)strlen("https://a.example/");

	(void)state;
	assert_string_equal(show(RCD_ICON, CALLERID_RCD_VERIFIED).icon, ICON);
	assert_string_equal(show(RCD_ICON, CALLERID_RCD_NOT_FETCHED).icon, ICON);
	assert_string_equal(show(RCD_ICON, CALLERID_RCD_UNVERIFIABLE).icon, "");
	assert_string_equal(show(RCD_ICON, CALLERID_RCD_MISMATCH).icon, "");
	assert_string_equal(show(inside, CALLERID_RCD_VERIFIED).icon, "");
	snprintf(rcd, sizeof(rcd), "{\"icn\":\"https://a.example/%0*d\"}", n, 1);
	assert_int_equal(strlen(show(rcd, CALLERID_RCD_VERIFIED).icon), CALLERID_RCD_URL_MAX);
	snprintf(rcd, sizeof(rcd), "{\"icn\":\"https://a.example/%0*d\"}", n + 1, 1);
	assert_string_equal(show(rcd, CALLERID_RCD_VERIFIED).icon, "");
}

TEST(RC11_a_first_party_goes_before_a_third_and_rcd_before_a_reason)
{
	static struct callerid_passport_verdict p[3];
	struct callerid_verdict verdict = {.passport = p, .n_passports = 3, .decided_by = 2};

	(void)state;
	memset(p, 0, sizeof(p));
	assert_null(callerid_verdict_rcd(&verdict));
	p[0].rcd.usable = p[0].rcd.third_party = true;
	p[0].claims.rcd = "{\"nam\":\"third\"}";
	assert_ptr_equal(callerid_verdict_rcd(&verdict), &p[0]);
	p[1].rcd.usable = true;
	p[1].claims.crn = "a first party's reason";
	assert_ptr_equal(callerid_verdict_rcd(&verdict), &p[1]);
	p[2].rcd.usable = true;
	p[2].claims.crn = "that of who signed the attestation";
	assert_ptr_equal(callerid_verdict_rcd(&verdict), &p[2]);
	p[1].claims.rcd = "{\"nam\":\"first\"}";
	assert_ptr_equal(callerid_verdict_rcd(&verdict), &p[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(RC4_the_helper_says_which_content_is_missing),
		cmocka_unit_test(RC9_a_content_that_is_fetched_later_can_be_compared),
		cmocka_unit_test(RC8_the_number_of_apn_is_shown_when_it_fits),
		cmocka_unit_test(RC9_a_url_is_shown_when_it_is_https_fits_and_can_be_checked),
		cmocka_unit_test(RC11_a_first_party_goes_before_a_third_and_rcd_before_a_reason),
		cmocka_unit_test(names_of_parts_and_states_are_stable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
