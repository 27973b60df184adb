/* SPDX-License-Identifier: Apache-2.0 */
/* RC3 to RC9: Rich Call Data in whole verifications: what may be shown, and what never changes. */
#include "tests/kit/rich.h"

#include <jansson.h>

#define TEST(name) static void name(void **state)

TEST(RC7_rcd_in_shaken_is_verified_with_it)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	struct callerid_rcd rcd;

	add(s, "shaken", RCD_ICON, "your order");
	give(s, 0, ICON, PNG);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(content(verdict, 0)->result, CALLERID_RESULT_PASSED);
	assert_string_equal(content(verdict, 0)->why, "");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_NAME), "verified");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_ICON), "verified");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_REASON), "claimed");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "absent");
	assert_ptr_equal(callerid_verdict_rcd(verdict), &verdict->passport[0]);
	assert_int_equal(callerid_rcd_show(&verdict->passport[0], &rcd), CALLERID_OK);
	assert_string_equal(rcd.name, "Q Branch");
	assert_string_equal(rcd.reason, "your order");
	assert_string_equal(rcd.icon, ICON);
	assert_string_equal(rcd.jcard, "");
}

TEST(RC9_a_logo_that_was_changed_is_not_shown_and_the_name_is)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	struct callerid_rcd rcd;

	add(s, "shaken", RCD_ICON, NULL);
	give(s, 0, ICON, "another picture");
	scene_expect_passed(s); /* verstat stands */
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_A);
	assert_int_equal(content(verdict, 0)->result, CALLERID_RESULT_FAILED);
	assert_int_equal(content(verdict, 0)->reason, CALLERID_REASON_CONTENT_MISMATCH);
	assert_string_equal(content(verdict, 0)->why, "/icn is not what rcdi says");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_ICON), "mismatch");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_NAME), "verified");
	assert_int_equal(callerid_rcd_show(&verdict->passport[0], &rcd), CALLERID_OK);
	assert_string_equal(rcd.name, "Q Branch");
	assert_string_equal(rcd.icon, "");
}

TEST(RC9_what_was_not_fetched_or_is_too_long_is_no_failure)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	char *big = calloc(1, CALLERID_CONTENT_MAX + 1);

	add(s, "shaken", RCD_ICON, NULL);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(content(verdict, 0)->result, CALLERID_RESULT_PASSED);
	assert_string_equal(content(verdict, 0)->why, "/icn was not fetched");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_ICON), "not_fetched");
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	give(s, 0, ICON, "");
	files[0] = (struct callerid_content){ICON, big, CALLERID_CONTENT_MAX + 1};
	assert_string_equal(state_of(scene_verify(s), 0, CALLERID_RCD_ICON), "not_fetched");
	free(big);
}

TEST(RC9_the_check_can_be_a_warning_or_off)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	add(s, "shaken", RCD_ICON, NULL);
	give(s, 0, ICON, "another picture");
	s->policy.mode[CALLERID_CHECK_CONTENT] = CALLERID_MODE_WARN;
	verdict = scene_verify(s);
	assert_int_equal(verdict->reason, CALLERID_REASON_OK);
	assert_int_equal(content(verdict, 0)->result, CALLERID_RESULT_WARNED);
	s->policy.mode[CALLERID_CHECK_CONTENT] = CALLERID_MODE_OFF;
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	verdict = scene_verify(s);
	assert_int_equal(content(verdict, 0)->result, CALLERID_RESULT_SKIPPED);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_ICON), "claimed");
}

TEST(RC5_RC6_an_inline_jcard_and_its_pictures_stand_each_on_their_own)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	add(s, "shaken", RCD_CARD, NULL);
	give(s, 0, ICON, PNG);
	verdict = scene_verify(s);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "verified");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_MEDIA), "verified");
	give(s, 0, ICON, "forged");
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	verdict = scene_verify(s);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "verified");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_MEDIA), "mismatch");
	assert_string_equal(content(verdict, 0)->why, "/jcd/1/2/3 is not what rcdi says");
}

TEST(RC6_a_jcard_behind_jcl_is_hashed_as_it_came_and_so_are_its_uris)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	add(s, "shaken", RCD_LINK, NULL);
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	verdict = scene_verify(s);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "not_fetched");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_MEDIA), "not_fetched");
	give(s, 0, JCL, CARD);
	verdict = scene_verify(s);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "verified");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_MEDIA), "not_fetched");
	give(s, 1, ICON, PNG);
	verdict = scene_verify(s);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_MEDIA), "verified");
	/* One byte more: the same JSON, another body. */
	give(s, 0, JCL, CARD "\n");
	verdict = scene_verify(s);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "mismatch");
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
}

static char *digest_of(const char *body)
{
	struct callerid_digest_params params = {.rcd = "{\"nam\":\"\",\"icn\":\"" ICON "\"}"};
	struct callerid_content one = {ICON, body, strlen(body)};
	char *rcdi = NULL, *text;
	json_t *root;

	params.contents = &one;
	params.n_contents = 1;
	assert_int_equal(callerid_rcd_digests(&params, &rcdi, NULL), CALLERID_OK);
	root = json_loads(rcdi, 0, NULL);
	text = strdup(json_string_value(json_object_get(root, "/icn")));
	json_decref(root);
	free(rcdi);
	return text;
}

TEST(RC6_a_uri_without_a_digest_in_the_jcard_behind_jcl_is_a_mismatch)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	char more[1024], *digest = digest_of(CARD);

	snprintf(more, sizeof(more), ",\"rcd\":" RCD_LINK ",\"rcdi\":{\"/jcl\":\"%s\"}", digest);
	free(digest);
	add_raw(s, more);
	give(s, 0, JCL, CARD);
	verdict = scene_verify(s);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "verified");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_MEDIA), "mismatch");
	assert_string_equal(content(verdict, 0)->why, "/jcl/1/2/3 is a URI without a digest");
}

TEST(RC4_a_pointer_into_the_jcard_behind_jcl_that_leads_nowhere_is_a_mismatch)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	char more[1024], *digest = digest_of(PLAIN);

	snprintf(more, sizeof(more),
		 ",\"rcd\":" RCD_LINK ",\"rcdi\":{\"/jcl\":\"%s\",\"/jcl/1/9/3\":\"%s\"}", digest,
		 digest);
	free(digest);
	add_raw(s, more);
	give(s, 0, JCL, PLAIN);
	verdict = scene_verify(s);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "mismatch");
	assert_string_equal(content(verdict, 0)->why, "/jcl/1/9/3 leads nowhere");
}

TEST(RC3_what_jcl_holds_is_a_jcard)
{
	struct scene *s = *state;
	char more[1024], *digest = digest_of("[]");

	snprintf(more, sizeof(more), ",\"rcd\":" RCD_LINK ",\"rcdi\":{\"/jcl\":\"%s\"}", digest);
	add_raw(s, more);
	free(digest);
	give(s, 0, JCL, "[]");
	assert_string_equal(state_of(scene_verify(s), 0, CALLERID_RCD_JCARD), "mismatch");
}

TEST(RC3_a_uri_of_a_jcard_leads_to_no_other_jcard)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	char more[1024], *card = digest_of(CARD);

	snprintf(more, sizeof(more),
		 ",\"rcd\":" RCD_LINK ",\"rcdi\":{\"/jcl\":\"%s\",\"/jcl/1/2/3\":\"%s\"}", card,
		 card);
	add_raw(s, more);
	free(card);
	give(s, 0, JCL, CARD);
	give(s, 1, ICON, CARD);
	verdict = scene_verify(s);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "verified");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_MEDIA), "mismatch");
	assert_string_equal(content(verdict, 0)->why, "/jcl/1/2/3 leads to another jCard");
}

TEST(RC7_RC8_rfc9795_13_1_a_malformed_rcd_in_shaken_is_not_used)
{
	static const char *const wrong[] = {
		",\"rcd\":{}",
		",\"rcd\":[{\"nam\":\"Q\"}]",
		",\"rcd\":{\"nam\":\"Q\"},\"crn\":1",
		",\"rcd\":{\"nam\":\"Q\"},\"rcdi\":{\"/icn\":\"sha256-AAAA\"}",
		",\"rcd\":{\"nam\":\"Q\",\"apn\":\"+1\"}",
		",\"crn\":\"good\",\"rcd\":{\"icn\":\"" ICON "\"}",
		",\"crn\":\"good\",\"rcdi\":{}",
	};
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	struct callerid_rcd rcd;

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		s->call.n_identity = 0;
		add_raw(s, wrong[i]);
		scene_expect_passed(s);
		verdict = callerid_verification_verdict(s->v);
		assert_int_equal(content(verdict, 0)->result, CALLERID_RESULT_FAILED);
		assert_int_equal(content(verdict, 0)->reason, CALLERID_REASON_CONTENT_UNUSABLE);
		assert_string_not_equal(content(verdict, 0)->why, "");
		assert_int_equal(verdict->attest, CALLERID_ATTEST_A);
		assert_null(callerid_verdict_rcd(verdict));
		assert_int_equal(callerid_rcd_show(&verdict->passport[0], &rcd), CALLERID_OK);
		assert_string_equal(rcd.name, "");
		assert_string_equal(rcd.reason, "");
		assert_string_equal(rcd.icon, "");
	}
}

/* RFC 9795 §6 says which algorithms have to be supported; §8.2 that what could not be verified
 * takes nothing from the PASSporT. */
TEST(RC4_RC9_rfc9795_6_an_unknown_digest_is_not_verified_and_no_failure)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	struct callerid_rcd rcd;

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	add_raw(s, ",\"rcd\":" RCD_ICON ",\"rcdi\":{\"/icn\":\"sha1-AAAA\",\"/nam\":\"md5-AAAA\"}");
	for (int given = 0; given < 2; given++) {
		if (given == 1)
			give(s, 0, ICON, PNG);
		scene_expect_passed(s);
		verdict = callerid_verification_verdict(s->v);
		assert_int_equal(content(verdict, 0)->result, CALLERID_RESULT_PASSED);
		assert_string_equal(content(verdict, 0)->why,
				    "/icn has a digest by an algorithm that is not known here");
		assert_string_equal(state_of(verdict, 0, CALLERID_RCD_ICON), "unverifiable");
		assert_string_equal(state_of(verdict, 0, CALLERID_RCD_NAME), "unverifiable");
		assert_true(verdict->passport[0].rcd.usable);
		assert_int_equal(callerid_rcd_show(&verdict->passport[0], &rcd), CALLERID_OK);
		assert_string_equal(rcd.name, "Q Branch"); /* it is signed itself */
		assert_string_equal(rcd.icon, "");	   /* nobody could say what it leads to */
	}
}

TEST(RC4_RC9_rfc9795_6_nor_are_pictures_behind_such_a_jcard)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	struct callerid_rcd rcd;
	char more[1024], *digest = digest_of(PNG);

	snprintf(more, sizeof(more),
		 ",\"rcd\":" RCD_LINK ",\"rcdi\":{\"/jcl\":\"sha1-AAAA\",\"/jcl/1/2/3\":\"%s\"}",
		 digest);
	free(digest);
	add_raw(s, more);
	give(s, 0, JCL, CARD);
	give(s, 1, ICON, PNG);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_JCARD), "unverifiable");
	assert_string_equal(state_of(verdict, 0, CALLERID_RCD_MEDIA), "unverifiable");
	assert_int_equal(callerid_rcd_show(&verdict->passport[0], &rcd), CALLERID_OK);
	assert_string_equal(rcd.jcard, "");
}

TEST(RC8_nothing_of_a_passport_that_failed_may_be_shown)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	struct callerid_rcd rcd;
	char *dot;

	add(s, "shaken", RCD_ICON, "your order");
	dot = strrchr(s->texts[0], '.'); /* of the URL's end; the token's is before it */
	dot = memchr(s->texts[0], '.', (size_t)(dot - s->texts[0]));
	dot = strchr(dot + 1, '.');
	dot[1] = dot[1] == 'A' ? 'B' : 'A';
	verdict = scene_verify(s);
	assert_int_equal(verdict->reason, CALLERID_REASON_BAD_SIGNATURE);
	assert_false(verdict->passport[0].rcd.usable);
	assert_null(callerid_verdict_rcd(verdict));
	assert_int_equal(callerid_rcd_show(&verdict->passport[0], &rcd), CALLERID_OK);
	assert_string_equal(rcd.name, "");
	assert_string_equal(rcd.reason, "");
	assert_string_equal(rcd.icon, "");
}

TEST(RC8_a_signature_that_was_not_looked_at_shows_nothing)
{
	struct scene *s = *state;

	add(s, "shaken", RCD_ICON, NULL);
	s->policy.mode[CALLERID_CHECK_SIGNATURE] = CALLERID_MODE_OFF;
	assert_null(callerid_verdict_rcd(scene_verify(s)));
}

TEST(RC7_a_passport_of_type_rcd_adds_to_shaken_and_proves_no_caller)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	add(s, "rcd", "{\"nam\":\"Q Branch\"}", NULL);
	verdict = scene_verify(s);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_NONE);
	assert_true(verdict->passport[0].rcd.usable);
	scene_add_good(s);
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_A);
	assert_ptr_equal(callerid_verdict_rcd(verdict), &verdict->passport[rcd_at(verdict)]);
}

TEST(RC8_a_malformed_ppt_rcd_is_invalid_and_the_call_stands)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;

	scene_add(s, scene_join(kit_token(s->world.leaf.key,
					  "{\"alg\":\"ES256\",\"ppt\":\"rcd\",\"typ\":\"passport\","
					  "\"x5u\":\"" KIT_URL "\"}",
					  "{\"dest\":{\"tn\":[\"" KIT_TO
					  "\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
					  "\"},\"rcd\":{\"nam\":1}}"),
				";info=<" KIT_URL ">;alg=ES256;ppt=\"rcd\""));
	scene_add_good(s);
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	assert_int_equal(verdict->n_passports, 2);
	assert_int_equal(verdict->passport[1 - verdict->decided_by].reason,
			 CALLERID_REASON_BAD_CLAIMS);
	assert_null(callerid_verdict_rcd(verdict));
}

TEST(a_call_without_rich_call_data_says_nothing_of_it)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	char *text;

	scene_add_good(s);
	verdict = scene_verify(s);
	assert_string_equal(content(verdict, 0)->why, "no Rich Call Data");
	text = callerid_verdict_json(verdict);
	assert_null(strstr(text, "\"rcd\""));
	free(text);
	text = callerid_verdict_explain(verdict);
	assert_null(strstr(text, "Rich Call Data ("));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(RC7_rcd_in_shaken_is_verified_with_it),
		SCENE_TEST(RC9_a_logo_that_was_changed_is_not_shown_and_the_name_is),
		SCENE_TEST(RC9_what_was_not_fetched_or_is_too_long_is_no_failure),
		SCENE_TEST(RC9_the_check_can_be_a_warning_or_off),
		SCENE_TEST(RC5_RC6_an_inline_jcard_and_its_pictures_stand_each_on_their_own),
		SCENE_TEST(RC6_a_jcard_behind_jcl_is_hashed_as_it_came_and_so_are_its_uris),
		SCENE_TEST(RC6_a_uri_without_a_digest_in_the_jcard_behind_jcl_is_a_mismatch),
		SCENE_TEST(
			RC4_a_pointer_into_the_jcard_behind_jcl_that_leads_nowhere_is_a_mismatch),
		SCENE_TEST(RC3_what_jcl_holds_is_a_jcard),
		SCENE_TEST(RC3_a_uri_of_a_jcard_leads_to_no_other_jcard),
		SCENE_TEST(RC7_RC8_rfc9795_13_1_a_malformed_rcd_in_shaken_is_not_used),
		SCENE_TEST(RC4_RC9_rfc9795_6_an_unknown_digest_is_not_verified_and_no_failure),
		SCENE_TEST(RC4_RC9_rfc9795_6_nor_are_pictures_behind_such_a_jcard),
		SCENE_TEST(RC8_nothing_of_a_passport_that_failed_may_be_shown),
		SCENE_TEST(RC8_a_signature_that_was_not_looked_at_shows_nothing),
		SCENE_TEST(RC7_a_passport_of_type_rcd_adds_to_shaken_and_proves_no_caller),
		SCENE_TEST(RC8_a_malformed_ppt_rcd_is_invalid_and_the_call_stands),
		SCENE_TEST(a_call_without_rich_call_data_says_nothing_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
