/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 9795's own examples: known digests, and claims c1 to c7. They are not part of this
 * repository: without them (ATTESTEL_VECTORS, else ../shared/vectors) the tests are skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/rcd.h>

#include "canon.h"
#include "claims.h"
#include "digest.h"
#include "ppt.h"
#include "rcd.h"

#define FILE_MAX 32768

/* Skips the test that called it when the file is absent. */
static size_t load(const char *name, char text[FILE_MAX])
{
	const char *folder = getenv("ATTESTEL_VECTORS");
	char path[1024];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/rfc9795/%s",
		 folder != NULL && folder[0] != '\0' ? folder : "../shared/vectors", name);
	file = fopen(path, "rb");
	if (file == NULL) {
		print_message("skipped: %s is not there (set ATTESTEL_VECTORS)\n", path);
		skip();
	}
	n = fread(text, 1, FILE_MAX - 1, file);
	fclose(file);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	text[n] = '\0';
	return n;
}

static json_t *load_json(const char *name)
{
	char text[FILE_MAX];
	size_t n = load(name, text);
	json_t *root = cid_json_load_value(text, n, FILE_MAX, NULL);

	assert_non_null(root);
	return root;
}

/* The digest of the value's canonical text, and of the file as it is, is the printed one. */
static void expect_digest(const char *name)
{
	char body[FILE_MAX], wanted[FILE_MAX], file[64], text[CID_DIGEST_TEXT_MAX + 1];
	size_t n = load(name, body), len = 0;
	json_t *value = load_json(name);
	char *canonical = NULL;

	snprintf(file, sizeof(file), "%s.sha256", name);
	(void)load(file, wanted);
	assert_true(cid_digest_text("sha256", body, n, text));
	assert_string_equal(text, wanted);
	assert_int_equal(cid_canon_text(value, FILE_MAX, &canonical, &len), CALLERID_OK);
	assert_true(cid_digest_text("sha256", canonical, len, text));
	assert_string_equal(text, wanted);
	free(canonical);
	json_decref(value);
}

static void test_RC5_known_digest_of_nam_quotes_included(void **state)
{
	(void)state;
	expect_digest("rcdi-nam.json");
}

static void test_RC5_known_digest_of_jcd(void **state)
{
	(void)state;
	expect_digest("rcdi-jcd-6.1.json");
}

static void test_RC5_known_digest_of_jcl(void **state)
{
	(void)state;
	expect_digest("rcdi-jcl-8.3.json");
}

/* The claims of an example, as those of a ppt rcd. */
static struct callerid_claims claims_of(const char *name)
{
	json_t *payload = load_json(name);
	char why[CALLERID_WHY_MAX + 1] = "";
	struct callerid_claims claims = {.ppt = "rcd"};

	if (cid_ppt_rcd.parse(payload, &claims, why, sizeof(why)) != CALLERID_REASON_OK)
		fail_msg("%s: %s", name, why);
	json_decref(payload);
	return claims;
}

/* States of an example's parts with the jCard of §8.3 at hand. */
static void expect_parts(const char *name, const char *states)
{
	struct callerid_claims claims = claims_of(name);
	char card[FILE_MAX], why[CALLERID_WHY_MAX + 1], found[256] = "";
	size_t n = load("rcdi-jcl-8.3.json", card), hashed = 0, at = 0;
	struct callerid_content content = {"https://example.com/qbranch.json", card, n};
	struct cid_rcd_job job = {
		.claims = &claims, .contents = &content, .n_contents = 1, .hashed = &hashed};
	struct callerid_rcd_verdict verdict = {.usable = false};

	assert_true(cid_rcd_check(&job, &verdict, why, sizeof(why)));
	for (unsigned i = 0; i < CALLERID_RCD_PARTS; i++)
		at += (size_t)snprintf(found + at, sizeof(found) - at, "%s ",
				       callerid_rcd_state_name(verdict.part[i]));
	assert_string_equal(found, states);
	cid_claims_clear(&claims);
}

/* name number icon jcard media reason */
static void test_rfc9795_8_3_c1_to_c3_are_claims_without_digests(void **state)
{
	(void)state;
	expect_parts("c1-nam-only.json", "claimed absent absent absent absent absent ");
	expect_parts("c2-nam-apn-icn.json", "claimed claimed claimed absent absent absent ");
	expect_parts("c3-icn-data-uri.json", "claimed claimed claimed absent absent absent ");
}

static void test_rfc9795_8_3_c4_an_inline_jcard_with_digests_of_its_pictures(void **state)
{
	(void)state;
	expect_parts("c4-jcd-rcdi-crn.json", "claimed absent absent claimed not_fetched claimed ");
}

static void test_rfc9795_8_3_c5_the_jcard_behind_jcl_has_the_printed_digest(void **state)
{
	(void)state;
	expect_parts("c5-jcl-rcdi.json", "claimed absent absent verified not_fetched claimed ");
}

static void test_rfc9795_8_3_c6_the_name_has_the_printed_digest(void **state)
{
	(void)state;
	expect_parts("c6-nam-icn-rcdi.json", "verified absent not_fetched absent absent claimed ");
}

static void test_RC11_c7_is_a_third_partys(void **state)
{
	struct callerid_claims claims = claims_of("c7-third-party-iss.json");

	(void)state;
	assert_string_equal(claims.iss, "Zorin Industries");
	cid_claims_clear(&claims);
	expect_parts("c7-third-party-iss.json", "claimed absent absent absent absent absent ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_RC5_known_digest_of_nam_quotes_included),
		cmocka_unit_test(test_RC5_known_digest_of_jcd),
		cmocka_unit_test(test_RC5_known_digest_of_jcl),
		cmocka_unit_test(test_rfc9795_8_3_c1_to_c3_are_claims_without_digests),
		cmocka_unit_test(test_rfc9795_8_3_c4_an_inline_jcard_with_digests_of_its_pictures),
		cmocka_unit_test(test_rfc9795_8_3_c5_the_jcard_behind_jcl_has_the_printed_digest),
		cmocka_unit_test(test_rfc9795_8_3_c6_the_name_has_the_printed_digest),
		cmocka_unit_test(test_RC11_c7_is_a_third_partys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
