/* SPDX-License-Identifier: Apache-2.0 */
/* What a callee is shown: the rule between a call's own PASSporT and the registry. */
#include "sip-proxy/shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ICON	     "https://cdn.example/rcd.png"
#define CARD	     "https://cdn.example/card.json"
#define DIGEST	     "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
#define DIGEST_HEX   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* A shaken PASSporT that passed with attestation A, and an rcd PASSporT beside it. */
struct scene {
	struct facts facts;
	struct callerid_passport_verdict passport[2];
	struct callerid_verdict verdict;
	struct brand brand;
	struct shown shown;
};

static void begin(struct scene *s, const char *rcd, const char *crn)
{
	static const struct callerid_party caller = {.kind = CALLERID_PARTY_TN,
						     .text = "12155550101"};
	struct callerid_passport_verdict *rich = &s->passport[1];

	memset(s, 0, sizeof(*s));
	memcpy(s->passport[0].claims.ppt, "shaken", 7);
	memcpy(rich->claims.ppt, "rcd", 4);
	s->passport[0].claims.orig = rich->claims.orig = caller;
	rich->claims.rcd = rcd;
	rich->claims.crn = crn;
	rich->rcd.usable = rcd != NULL || crn != NULL;
	for (unsigned i = 0; i < CALLERID_RCD_PARTS; i++)
		rich->rcd.part[i] = CALLERID_RCD_CLAIMED;
	s->verdict = (struct callerid_verdict){.verstat = CALLERID_VERSTAT_PASSED,
					       .attest = CALLERID_ATTEST_A,
					       .n_passports = 2,
					       .passport = s->passport};
	s->brand = (struct brand){.verified = true,
				  .name = "Registered",
				  .logo_url = "https://registry.example/logo.png",
				  .logo_sha256 = DIGEST_HEX,
				  .reason = "Told before"};
}

static const struct shown *choose(struct scene *s)
{
	shown_choose(&s->facts, &s->verdict, &s->brand, &s->shown);
	return &s->shown;
}

static void expect(const char *found, const char *wanted)
{
	if (found == NULL || wanted == NULL)
		assert_ptr_equal(found, wanted);
	else
		assert_string_equal(found, wanted);
}

static void rc14_the_signed_name_and_logo_go_before_those_of_the_registry(void **state)
{
	static const struct {
		const char *rcd, *crn;
		const char *name, *name_by, *logo, *reason, *reason_by;
	} rows[] = {
		{"{\"nam\":\"Signed\",\"icn\":\"" ICON "\"}", "Now", "Signed", "rcd", ICON, "Now",
		 "rcd"},
		{"{\"nam\":\"Signed\"}", NULL, "Signed", "rcd", "", "Told before", "registry"},
		{NULL, "Now", "Registered", "registry", "https://registry.example/logo.png", "Now",
		 "rcd"},
		/* A logo without a name does not stand beside the name of another. */
		{"{\"nam\":\"\",\"icn\":\"" ICON "\"}", NULL, "Registered", "registry",
		 "https://registry.example/logo.png", "Told before", "registry"},
		/* Both say the same name: the registry has the logo. */
		{"{\"nam\":\"Registered\"}", NULL, "Registered", "rcd",
		 "https://registry.example/logo.png", "Told before", "registry"},
		{"{\"nam\":\"Registered\",\"icn\":\"" ICON "\"}", NULL, "Registered", "rcd", ICON,
		 "Told before", "registry"},
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(&s, rows[i].rcd, rows[i].crn);
		choose(&s);
		expect(s.shown.name, rows[i].name);
		expect(s.shown.name_by, rows[i].name_by);
		expect(s.shown.logo.url, rows[i].logo);
		expect(s.shown.reason, rows[i].reason);
		expect(s.shown.reason_by, rows[i].reason_by);
		expect(s.shown.rcd, "shown");
		expect(s.shown.card.url, "");
	}
}

static void digests_go_with_what_they_are_of(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, "{\"nam\":\"Signed\",\"icn\":\"" ICON "\"}", NULL);
	s.passport[1].claims.rcdi = "{\"/icn\":\"" DIGEST "\",\"/nam\":\"sha256-other\"}";
	expect(choose(&s)->logo.integrity, DIGEST);
	begin(&s, "{\"nam\":\"\",\"jcl\":\"" CARD "\"}", NULL);
	s.passport[1].claims.rcdi = "{\"/jcl\":\"" DIGEST "\"}";
	expect(choose(&s)->card.url, CARD);
	expect(s.shown.card.integrity, DIGEST);
	expect(s.shown.name, "");
	expect(s.shown.logo.url, "");
	expect(s.shown.name_by, "rcd");
	begin(&s, NULL, "Now");
	expect(choose(&s)->logo.integrity, DIGEST); /* the registry's, from hex */
	begin(&s, NULL, "Now");
	memset(s.brand.logo_sha256, 'z', 64);
	expect(choose(&s)->logo.integrity, "");
	begin(&s, NULL, NULL);
	memcpy(s.brand.logo_url, "https://x/a b", 14);
	expect(choose(&s)->logo.url, "");
	expect(s.shown.logo.integrity, "");
}

static void what_is_not_what_its_digest_says_is_left_out(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, "{\"nam\":\"Signed\",\"icn\":\"" ICON "\"}", "Now");
	s.passport[1].rcd.part[CALLERID_RCD_ICON] = CALLERID_RCD_MISMATCH;
	expect(choose(&s)->logo.url, "");
	expect(s.shown.name, "Signed");
	s.passport[1].rcd.part[CALLERID_RCD_NAME] = CALLERID_RCD_MISMATCH;
	expect(choose(&s)->name, "Registered");
	expect(s.shown.reason_by, "rcd");
}

static void rc8_rc11_of_what_failed_or_has_no_first_party_nothing_is_shown(void **state)
{
	static const struct {
		enum callerid_reason reason;
		bool third_party;
		const char *fault, *said;
	} rows[] = {
		{CALLERID_REASON_BAD_SIGNATURE, false, NULL, "bad_signature"},
		{CALLERID_REASON_NOT_PERMITTED, false, NULL, "not_permitted"},
		{CALLERID_REASON_OK, true, NULL, "not_first_party"},
		{CALLERID_REASON_OK, false, "rcd is no object", "malformed"},
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(&s, "{\"nam\":\"Signed\",\"icn\":\"" ICON "\"}", "Now");
		s.passport[1].reason = rows[i].reason;
		s.passport[1].rcd.usable = false;
		s.passport[1].rcd.third_party = rows[i].third_party;
		s.passport[1].claims.rcd_fault = rows[i].fault;
		expect(choose(&s)->rcd, rows[i].said);
		expect(s.shown.name, "Registered");
		expect(s.shown.reason, "Told before");
		assert_null(strstr(s.shown.logo.url, "rcd.png"));
	}
}

static void of_a_call_without_a_label_nothing_is_shown_at_all(void **state)
{
	static const struct {
		enum callerid_verstat verstat;
		enum callerid_attest attest;
		bool unlabelled;
		const char *said;
	} rows[] = {
		{CALLERID_VERSTAT_FAILED, CALLERID_ATTEST_NONE, false, "not_passed"},
		{CALLERID_VERSTAT_NONE, CALLERID_ATTEST_NONE, false, "not_passed"},
		{CALLERID_VERSTAT_PASSED, CALLERID_ATTEST_B, false, "attestation"},
		{CALLERID_VERSTAT_PASSED, CALLERID_ATTEST_C, false, "attestation"},
		{CALLERID_VERSTAT_PASSED, CALLERID_ATTEST_A, true, "unlabelled"},
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(&s, "{\"nam\":\"Signed\",\"icn\":\"" ICON "\"}", "Now");
		s.verdict.verstat = rows[i].verstat;
		s.verdict.attest = rows[i].attest;
		s.facts.unlabelled = rows[i].unlabelled;
		expect(choose(&s)->rcd, rows[i].said);
		expect(s.shown.name, "");
		expect(s.shown.reason, "");
		expect(s.shown.logo.url, "");
		assert_null(s.shown.name_by);
		assert_null(s.shown.reason_by);
	}
}

static void rcd_that_was_signed_for_another_caller_is_not_shown(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, "{\"nam\":\"Signed\"}", NULL);
	memcpy(s.passport[1].claims.orig.text, "12155550102", 12);
	expect(choose(&s)->rcd, "other_caller");
	expect(s.shown.name, "Registered");
}

/* A third party's certificate does not cover the number; what the registry knows of it comes first,
 * and neither lends the other its name, logo or reason. */
static void rc11_rfc9795_10_a_third_partys_words_never_stand_beside_the_registrys(void **state)
{
	static const struct {
		const char *rcd, *crn;
	} rows[] = {
		{"{\"nam\":\"Signed\",\"icn\":\"" ICON "\"}", "Now"},
		{"{\"nam\":\"Signed\"}", NULL},
		{"{\"nam\":\"\",\"jcl\":\"" CARD "\"}", NULL},
		{NULL, "Press 1"},
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(&s, rows[i].rcd, rows[i].crn);
		s.passport[1].rcd.third_party = true;
		expect(choose(&s)->rcd, "third_party");
		expect(s.shown.name, "Registered");
		expect(s.shown.name_by, "registry");
		expect(s.shown.logo.url, "https://registry.example/logo.png");
		expect(s.shown.card.url, "");
		expect(s.shown.reason, "Told before");
	}
	begin(&s, rows[0].rcd, rows[0].crn);
	s.passport[1].rcd.third_party = true;
	shown_choose(&s.facts, &s.verdict, NULL, &s.shown);
	expect(s.shown.name, "Signed");
	expect(s.shown.reason, "Now");
	s.brand.verified = false;
	expect(choose(&s)->name, "Signed");
}

static void a_base_passport_has_no_attestation_and_vouches_for_its_number(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, "{\"nam\":\"Signed\"}", NULL);
	s.verdict.attest = CALLERID_ATTEST_NONE;
	s.passport[0].claims.ppt[0] = 0;
	expect(choose(&s)->name, "Signed");
}

static void rc15_texts_are_cleaned_whoever_they_are_from(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, "{\"nam\":\"Si\xe2\x80\xaegned\"}", "N\xe2\x80\x8bow");
	expect(choose(&s)->name, "Signed");
	expect(s.shown.reason, "Now");
	begin(&s, NULL, NULL);
	memcpy(s.brand.name, "Ba\xe2\x80\xaenk", 8);
	expect(choose(&s)->name, "Bank");
	assert_null(s.shown.rcd);
}

static void rc15_a_word_of_look_alike_letters_is_shown_of_nobody(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, "{\"nam\":\"B\xd0\xb0nk\",\"icn\":\"" ICON "\"}", "Now");
	expect(choose(&s)->rcd, "look_alike");
	expect(s.shown.name, "Registered");
	expect(s.shown.reason, "Told before");
	begin(&s, "{\"nam\":\"Signed\"}", "N\xce\xbfw");
	expect(choose(&s)->rcd, "look_alike");
	begin(&s, NULL, NULL);
	memcpy(s.brand.name, "B\xd0\xb0nk", 6);
	expect(choose(&s)->name, "");
	expect(s.shown.reason, "");
	begin(&s, "{\"nam\":\"\xd0\x91\xd0\xb0\xd0\xbd\xd0\xba One\"}", NULL);
	expect(choose(&s)->rcd, "shown"); /* each word in its own script */
}

static void a_brand_that_is_not_verified_or_has_no_name_shows_nothing(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL, NULL);
	s.brand.verified = false;
	expect(choose(&s)->name, "");
	expect(s.shown.reason, "");
	begin(&s, NULL, NULL);
	memcpy(s.brand.name, "\xe2\x80\xae", 4);
	expect(choose(&s)->name, "");
	expect(s.shown.logo.url, "");
	shown_choose(&s.facts, &s.verdict, NULL, &s.shown);
	expect(s.shown.name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rc14_the_signed_name_and_logo_go_before_those_of_the_registry),
		cmocka_unit_test(digests_go_with_what_they_are_of),
		cmocka_unit_test(what_is_not_what_its_digest_says_is_left_out),
		cmocka_unit_test(rc8_rc11_of_what_failed_or_has_no_first_party_nothing_is_shown),
		cmocka_unit_test(of_a_call_without_a_label_nothing_is_shown_at_all),
		cmocka_unit_test(rcd_that_was_signed_for_another_caller_is_not_shown),
		cmocka_unit_test(
			rc11_rfc9795_10_a_third_partys_words_never_stand_beside_the_registrys),
		cmocka_unit_test(a_base_passport_has_no_attestation_and_vouches_for_its_number),
		cmocka_unit_test(rc15_texts_are_cleaned_whoever_they_are_from),
		cmocka_unit_test(rc15_a_word_of_look_alike_letters_is_shown_of_nobody),
		cmocka_unit_test(a_brand_that_is_not_verified_or_has_no_name_shows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
