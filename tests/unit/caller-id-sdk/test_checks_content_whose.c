/* SPDX-License-Identifier: Apache-2.0 */
/* RC11, RC12, RC15: whose Rich Call Data it is, beside which name, and how it reaches a display. */
#include "tests/kit/forward.h"
#include "tests/kit/rich.h"

#include <jansson.h>

#define TEST(name) static void name(void **state)

/* A certificate of a third party, which covers other numbers. */
static struct kit_cert third_party(struct scene *s)
{
	static const struct callerid_tnauth_entry list = {CALLERID_TNAUTH_SPC, "9999", 0};

	return kit_cert(&(struct kit_spec){.cn = "Zorin Industries",
					   .issuer = &s->world.inter,
					   .tnauth = &list,
					   .n_tnauth = 1});
}

TEST(RC11_a_third_partys_needs_a_valid_first_partys_of_the_same_orig)
{
	struct scene *s = *state;
	struct kit_cert zorin = third_party(s);
	char *chain = kit_pem(&zorin, &s->world.inter, NULL);
	struct callerid_claims claims = kit_claims();
	const struct callerid_verdict *verdict;

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	memcpy(claims.ppt, "rcd", 4);
	claims.rcd = "{\"nam\":\"James St. John Smythe\"}";
	claims.iss = "Zorin Industries";
	s->chain = chain;
	add_signed(s, claims, &zorin);
	verdict = scene_verify(s);
	assert_string_equal(verdict->passport[0].check[CALLERID_CHECK_AUTHORITY].why,
			    "a third party's: it says nothing of the number");
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	assert_true(verdict->passport[0].rcd.third_party);
	assert_false(verdict->passport[0].rcd.usable);
	assert_int_equal(content(verdict, 0)->reason, CALLERID_REASON_CONTENT_UNUSABLE);
	kit_cert_free(&zorin);
	free(chain);
}

TEST(RC11_iss_is_the_subject_of_the_certificate)
{
	struct scene *s = *state;
	struct callerid_claims claims = kit_claims();
	struct callerid_signer *signer = kit_signer(&s->world.leaf, true);
	char *identity = NULL;

	memcpy(claims.ppt, "rcd", 4);
	claims.crn = "x";
	claims.iss = "Zorin Industries";
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_EPERM);
	claims.iss = "shaken 1234";
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_OK);
	callerid_signer_free(signer);
	free(identity);
	scene_add(s, scene_join(kit_token(s->world.leaf.key,
					  "{\"alg\":\"ES256\",\"ppt\":\"rcd\",\"typ\":\"passport\","
					  "\"x5u\":\"" KIT_URL "\"}",
					  "{\"crn\":\"x\",\"dest\":{\"tn\":[\"" KIT_TO
					  "\"]},\"iat\":1800000000,\"iss\":\"Zorin\","
					  "\"orig\":{\"tn\":\"" KIT_FROM "\"}}"),
				";info=<" KIT_URL ">;alg=ES256;ppt=\"rcd\""));
	assert_int_equal(scene_verify(s)->passport[0].reason, CALLERID_REASON_NOT_AUTHORIZED);
}

/* The leaf's own subject as iss: one signer plays both parts, which §10 does not forbid. */
static void expect_third_party(struct scene *s, int64_t iat)
{
	struct callerid_claims claims = kit_claims();
	const struct callerid_verdict *verdict;

	memcpy(claims.ppt, "rcd", 4);
	claims.iat = iat;
	claims.crn = "x";
	claims.iss = "SHAKEN 1234";
	s->call.n_identity = 0;
	add_signed(s, claims, &s->world.leaf);
	scene_add_good(s);
	verdict = scene_verify(s);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
	assert_true(verdict->passport[rcd_at(verdict)].rcd.usable);
	assert_int_equal(content(verdict, rcd_at(verdict))->result, CALLERID_RESULT_PASSED);
}

TEST(RC11_with_a_first_partys_beside_it_a_third_partys_is_used)
{
	struct scene *s = *state;

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	expect_third_party(s, KIT_NOW);
	/* RFC 9795 §10.2: its iat is fresh, not that of the first party. */
	expect_third_party(s, KIT_NOW - 1);
	expect_third_party(s, KIT_NOW + 60);
}

/* A third party's PASSporT of that orig and iat by the leaf, before whatever else is added. */
static void add_third(struct scene *s, const char *orig, int64_t iat)
{
	struct callerid_claims claims = kit_claims();

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	memcpy(claims.ppt, "rcd", 4);
	claims.orig = kit_party(orig);
	claims.iat = iat;
	claims.crn = "x";
	claims.iss = "SHAKEN 1234";
	s->call.n_identity = 0;
	add_signed(s, claims, &s->world.leaf);
}

static void expect_unused(struct scene *s, enum callerid_reason reason)
{
	const struct callerid_verdict *verdict = scene_verify(s);
	const struct callerid_passport_verdict *third = &verdict->passport[rcd_at(verdict)];
	struct callerid_rcd rcd;

	assert_int_equal(third->reason, reason);
	assert_false(third->rcd.usable);
	if (reason == CALLERID_REASON_OK)
		assert_int_equal(third->check[CALLERID_CHECK_CONTENT].reason,
				 CALLERID_REASON_CONTENT_UNUSABLE);
	assert_null(callerid_verdict_rcd(verdict));
	assert_int_equal(callerid_rcd_show(third, &rcd), CALLERID_OK);
	assert_string_equal(rcd.reason, "");
}

/* RFC 9795 §10: without a first-party PASSporT that is valid, a third party's is not used. */
TEST(RC11_rfc9795_10_a_first_partys_that_failed_is_none)
{
	struct scene *s = *state;
	char *dot;

	add_third(s, "+" KIT_FROM, KIT_NOW);
	scene_add_good(s);
	dot = strchr(strchr(s->texts[s->n_texts - 1], '.') + 1, '.');
	dot[1] = dot[1] == 'A' ? 'B' : 'A';
	expect_unused(s, CALLERID_REASON_OK);
}

/* §10.2: "orig" has to be the caller of the call, and "iat" fresh. */
TEST(RC11_rfc9795_10_2_another_orig_or_a_stale_iat_is_not_used)
{
	struct scene *s = *state;

	add_third(s, "+12155559001", KIT_NOW);
	scene_add_good(s);
	expect_unused(s, CALLERID_REASON_ORIG_MISMATCH);
	add_third(s, "+" KIT_FROM, KIT_NOW - 61);
	scene_add_good(s);
	expect_unused(s, CALLERID_REASON_IAT_STALE);
	add_third(s, "+" KIT_FROM, KIT_NOW + 61);
	scene_add_good(s);
	expect_unused(s, CALLERID_REASON_IAT_FUTURE);
}

/* Both identities of the call are its caller's, and each PASSporT speaks of its own only. */
TEST(RC11_rfc9795_10_2_a_first_partys_of_the_calls_other_identity_is_none)
{
	struct scene *s = *state;

	s->call.orig[1] = kit_party("+12155559001");
	s->call.n_orig = 2;
	add_third(s, "+12155559001", KIT_NOW);
	scene_add_good(s);
	expect_unused(s, CALLERID_REASON_OK);
}

/* Its signer answers for a priority and says nothing of the number (RFC 8443 §7.1). */
TEST(RC11_rfc9795_10_an_rph_passport_is_no_first_partys)
{
	static const struct callerid_namespace granted = {"test-list", "ets"};
	static const struct callerid_span wanted = {"ets.0", 5};
	struct scene *s = *state;
	struct callerid_claims claims = kit_claims();
	struct callerid_signer_params params;
	const struct callerid_verdict *verdict;
	struct callerid_signer *signer;
	char *identity = NULL, *key, *cert;

	key = kit_key_pem(s->world.leaf.key);
	cert = kit_pem(&s->world.leaf, &s->world.inter, NULL);
	params = (struct callerid_signer_params){.key_pem = key,
						 .key_len = strlen(key),
						 .cert_pem = cert,
						 .cert_len = strlen(cert),
						 .x5u = KIT_URL,
						 .namespaces = "ets"};
	add_third(s, "+" KIT_FROM, KIT_NOW);
	memcpy(claims.ppt, "rph", 4);
	memcpy(claims.rph[0], "ets.0", 6);
	claims.n_rph = 1;
	assert_int_equal(callerid_signer_new(&params, &signer, NULL), CALLERID_OK);
	assert_int_equal(callerid_signer_sign(signer, &claims, &identity, NULL), CALLERID_OK);
	callerid_signer_free(signer);
	free(key);
	free(cert);
	scene_add(s, identity);
	s->policy.namespaces = &granted;
	s->policy.n_namespaces = 1;
	s->call.resource_priority = &wanted;
	s->call.n_resource_priority = 1;
	verdict = scene_verify(s);
	assert_int_equal(verdict->n_passports, 2);
	assert_int_equal(verdict->passport[1 - rcd_at(verdict)].reason, CALLERID_REASON_OK);
	expect_unused(s, CALLERID_REASON_OK);
}

/* Two names for one call, each signed by a certificate that covers the number. Whichever way their
 * headers are sorted, the one of who says that the number is the caller's is shown. */
TEST(RC11_of_two_first_parties_the_one_that_signed_the_attestation_is_shown)
{
	static const char *const urls[] = {"https://a.example/a.pem", "https://z.example/z.pem"};
	struct scene *s = *state;
	struct callerid_claims claims = kit_claims();
	const struct callerid_verdict *verdict;
	struct callerid_rcd rcd;

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	memcpy(claims.ppt, "rcd", 4);
	claims.rcd = "{\"nam\":\"Other\"}";
	scene_add_good(s);
	add(s, "rcd", "{\"nam\":\"Q Branch\"}", NULL);
	for (size_t i = 0; i < 2; i++) {
		struct callerid_signer *other = kit_signer_at(&s->world.leaf, urls[i]);
		char *identity = NULL;

		assert_int_equal(callerid_signer_sign(other, &claims, &identity, NULL),
				 CALLERID_OK);
		callerid_signer_free(other);
		s->call.n_identity = 2;
		scene_add(s, identity);
		scene_expect_passed(s);
		verdict = callerid_verification_verdict(s->v);
		assert_int_equal(verdict->n_passports, 3);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(verdict->passport[k].reason, CALLERID_REASON_OK);
		assert_int_equal(callerid_rcd_show(callerid_verdict_rcd(verdict), &rcd),
				 CALLERID_OK);
		assert_string_equal(rcd.name, "Q Branch");
	}
}

TEST(RC12_a_name_that_is_not_the_display_name_is_noted)
{
	struct scene *s = *state;

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	add(s, "shaken", RCD_ICON, NULL);
	assert_false(scene_verify(s)->passport[0].rcd.name_differs);
	s->call.display_name = (struct callerid_span){" Q  Branch", 10};
	assert_false(scene_verify(s)->passport[0].rcd.name_differs);
	s->call.display_name = (struct callerid_span){"Your Bank", 9};
	assert_true(scene_verify(s)->passport[0].rcd.name_differs);
}

/* "MUST additionally compare the string value of the "rcd" claim "nam" key value with the From
 * header field value or the preferred value" (RFC 9795 §12.2). */
TEST(RC12_rfc9795_12_2_another_display_name_is_a_warning_in_every_mode)
{
	static const enum callerid_mode modes[] = {CALLERID_MODE_ENFORCE, CALLERID_MODE_WARN};
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	char *text;

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	add(s, "shaken", RCD_ICON, NULL);
	give(s, 0, ICON, PNG);
	s->call.display_name = (struct callerid_span){"Your Bank", 9};
	for (size_t i = 0; i < 2; i++) {
		s->policy.mode[CALLERID_CHECK_CONTENT] = modes[i];
		verdict = scene_verify(s);
		assert_int_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
		assert_int_equal(verdict->reason, CALLERID_REASON_OK);
		assert_true(verdict->passport[0].rcd.usable);
		assert_int_equal(content(verdict, 0)->result, CALLERID_RESULT_WARNED);
		assert_int_equal(content(verdict, 0)->reason, CALLERID_REASON_NAME_DIFFERS);
		assert_string_equal(content(verdict, 0)->why,
				    "nam is not the display name of the call");
	}
	text = callerid_verdict_explain(verdict);
	assert_non_null(strstr(text, "the display name of the call is another"));
	free(text);
	s->call.n_contents = 0; /* both are said */
	assert_string_equal(content(scene_verify(s), 0)->why,
			    "nam is not the display name of the call; /icn was not fetched");
	give(s, 0, ICON, "another picture"); /* a failure is worse than a warning */
	assert_int_equal(content(scene_verify(s), 0)->reason, CALLERID_REASON_CONTENT_MISMATCH);
	s->policy.mode[CALLERID_CHECK_CONTENT] = CALLERID_MODE_OFF;
	assert_int_equal(content(scene_verify(s), 0)->result, CALLERID_RESULT_SKIPPED);
}

TEST(RC15_json_and_explanation_show_clean_text_only)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	json_t *root, *rcd;
	char *text;

	add_raw(s, ",\"crn\":\"a\\u001b[31m\\u202eb\",\"rcd\":{\"nam\":\"\xc5\xa0iauliai\\n\\u200b"
		   "Bank\"}");
	verdict = scene_verify(s);
	text = callerid_verdict_explain(verdict);
	assert_non_null(strstr(text, "Rich Call Data (may be shown)\n"));
	assert_non_null(strstr(text, "  name       claimed  \xc5\xa0iauliai Bank\n"));
	assert_non_null(strstr(text, "  reason     claimed  a[31mb\n"));
	assert_null(strchr(text, '\x1b'));
	free(text);
	text = callerid_verdict_json(verdict);
	root = json_loads(text, 0, NULL);
	rcd = json_object_get(root, "rcd");
	assert_true(json_is_true(json_object_get(rcd, "usable")));
	assert_true(json_is_false(json_object_get(rcd, "third_party")));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(rcd, "name"), "text")),
		"\xc5\xa0iauliai Bank");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(rcd, "icon"), "state")),
		"absent");
	assert_true(json_is_null(json_object_get(json_object_get(rcd, "icon"), "text")));
	assert_true(json_is_object(json_object_get(json_object_get(root, "claims"), "rcd")));
	json_decref(root);
	free(text);
}

/* Every way from a name to a display: the struct, the explanation, JSON and Call-Info. */
TEST(RC15_every_text_that_is_shown_has_gone_through_callerid_text_clean)
{
	static const char attack[] =
		"\\u202eknaB\\u0007 \\u009b31m\\u200bP\\u0430ypal\\u2066 \\u0301\\n\\u2028end";
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	struct callerid_callinfo info = {.verified = true};
	json_t *root, *rcd, *part;
	char more[512], raw[128] = "", clean[256], line[512], *text;
	struct callerid_rcd shown;
	unsigned found;

	snprintf(more, sizeof(more), ",\"crn\":\"%s\",\"rcd\":{\"nam\":\"%s\"}", attack, attack);
	add_raw(s, more);
	verdict = scene_verify(s);
	memcpy(raw, verdict->passport[0].claims.crn, strlen(verdict->passport[0].claims.crn));
	found = callerid_text_clean(raw, strlen(raw), CALLERID_REASON_CHARS_MAX, clean,
				    sizeof(clean));
	assert_int_equal(found, CALLERID_TEXT_BIDI | CALLERID_TEXT_CONTROL | CALLERID_TEXT_HIDDEN |
					CALLERID_TEXT_MIXED);
	assert_string_equal(clean, "knaB 31mP\xd0\xb0ypal end");
	assert_int_equal(callerid_rcd_show(&verdict->passport[0], &shown), CALLERID_OK);
	assert_string_equal(shown.name, clean);
	assert_string_equal(shown.reason, clean);
	assert_int_equal(shown.found, found);
	text = callerid_verdict_explain(verdict);
	assert_non_null(strstr(text, "  name       claimed  knaB 31mP\xd0\xb0ypal end\n"));
	assert_non_null(strstr(text, "  reason     claimed  knaB 31mP\xd0\xb0ypal end\n"));
	assert_non_null(strstr(text, "a word of it mixes scripts whose letters look alike\n"));
	assert_int_equal(callerid_text_clean(text, strlen(text), 32768, more, sizeof(more)) &
				 ~(unsigned)(CALLERID_TEXT_CUT | CALLERID_TEXT_MIXED),
			 0);
	free(text);
	text = callerid_verdict_json(verdict);
	root = json_loads(text, 0, NULL);
	rcd = json_object_get(root, "rcd");
	assert_true(json_is_true(json_object_get(rcd, "mixed_scripts")));
	part = json_object_get(rcd, "name");
	assert_string_equal(json_string_value(json_object_get(part, "text")), clean);
	part = json_object_get(rcd, "reason");
	assert_string_equal(json_string_value(json_object_get(part, "text")), clean);
	json_decref(root);
	free(text);
	/* What was not cleaned is not written, what was is. */
	memcpy(info.reason, raw, sizeof(raw));
	assert_int_equal(callerid_callinfo_build(&info, line, sizeof(line), NULL), CALLERID_EINVAL);
	memcpy(info.reason, shown.reason, sizeof(shown.reason));
	assert_int_equal(callerid_callinfo_build(&info, line, sizeof(line), NULL), CALLERID_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(RC11_a_third_partys_needs_a_valid_first_partys_of_the_same_orig),
		SCENE_TEST(RC11_iss_is_the_subject_of_the_certificate),
		SCENE_TEST(RC11_with_a_first_partys_beside_it_a_third_partys_is_used),
		SCENE_TEST(RC11_rfc9795_10_a_first_partys_that_failed_is_none),
		SCENE_TEST(RC11_rfc9795_10_2_another_orig_or_a_stale_iat_is_not_used),
		SCENE_TEST(RC11_rfc9795_10_2_a_first_partys_of_the_calls_other_identity_is_none),
		SCENE_TEST(RC11_rfc9795_10_an_rph_passport_is_no_first_partys),
		SCENE_TEST(RC11_of_two_first_parties_the_one_that_signed_the_attestation_is_shown),
		SCENE_TEST(RC12_a_name_that_is_not_the_display_name_is_noted),
		SCENE_TEST(RC12_rfc9795_12_2_another_display_name_is_a_warning_in_every_mode),
		SCENE_TEST(RC15_json_and_explanation_show_clean_text_only),
		SCENE_TEST(RC15_every_text_that_is_shown_has_gone_through_callerid_text_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
