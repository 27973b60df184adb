/* SPDX-License-Identifier: Apache-2.0 */
/* AS8: certificates change without a gap, and old URLs stay while anybody may ask for them. */
#include "tests/kit/pki.h"

#include <callerid/signer_set.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

/* A signer valid between these, at https://x.example/<name>. */
static struct callerid_signer *signer_of(const char *name, int64_t from, int64_t until)
{
	struct kit_cert cert = kit_cert(&(struct kit_spec){.cn = name,
							   .tnauth = kit_numbers,
							   .n_tnauth = 2,
							   .not_before = from,
							   .not_after = until});
	char *key = kit_key_pem(cert.key), *pem = kit_pem(&cert, NULL, NULL);
	char x5u[64];
	struct callerid_signer_params params = {.key_pem = key,
						.key_len = strlen(key),
						.cert_pem = pem,
						.cert_len = strlen(pem),
						.x5u = x5u};
	struct callerid_signer *signer = NULL;

	snprintf(x5u, sizeof(x5u), "https://x.example/%s", name);
	assert_int_equal(callerid_signer_new(&params, &signer, NULL), CALLERID_OK);
	free(key);
	free(pem);
	kit_cert_free(&cert);
	return signer;
}

static struct callerid_signer_set *set_of(void)
{
	struct callerid_signer_set *set = NULL;

	assert_int_equal(callerid_signer_set_new(&set, NULL), CALLERID_OK);
	return set;
}

static void give(struct callerid_signer_set *set, const char *name, int64_t from, int64_t until)
{
	assert_int_equal(callerid_signer_set_give(set, signer_of(name, from, until), NULL),
			 CALLERID_OK);
}

static const char *name_at(const struct callerid_signer_set *set, int64_t iat)
{
	const struct callerid_signer *signer = callerid_signer_set_at(set, iat);

	return signer == NULL ? "none" : strrchr(callerid_signer_x5u(signer), '/') + 1;
}

static int64_t served_until(const struct callerid_signer_set *set, const char *name)
{
	const char *x5u;
	int64_t until;

	for (size_t i = 0; callerid_signer_set_url(set, i, &x5u, &until); i++) {
		if (strcmp(strrchr(x5u, '/') + 1, name) == 0)
			return until;
	}
	return -1;
}

TEST(as8_the_newest_certificate_that_has_settled_signs)
{
	struct callerid_signer_set *set = set_of();
	const int64_t t = KIT_NOW;

	(void)state;
	/* Given in any order. */
	give(set, "b", t + 1000, t + 3000);
	give(set, "a", t, t + 2000);
	assert_string_equal(name_at(set, t - 1), "none");
	assert_string_equal(name_at(set, t), "a"); /* there is no other */
	assert_string_equal(name_at(set, t + 1000), "a");
	assert_string_equal(name_at(set, t + 1000 + CALLERID_SIGNER_LEAD_S - 1), "a");
	assert_string_equal(name_at(set, t + 1000 + CALLERID_SIGNER_LEAD_S), "b");
	assert_string_equal(name_at(set, t + 3000), "b");
	assert_string_equal(name_at(set, t + 3001), "none");
	callerid_signer_set_free(set);
}

TEST(as8_a_successor_signs_at_once_when_the_old_certificate_has_ended)
{
	struct callerid_signer_set *set = set_of();
	const int64_t t = KIT_NOW;

	(void)state;
	give(set, "a", t, t + 1000);
	give(set, "b", t + 990, t + 3000);
	assert_string_equal(name_at(set, t + 1000), "a");
	assert_string_equal(name_at(set, t + 1001), "b");
	callerid_signer_set_free(set);
}

TEST(as8_every_signer_that_is_chosen_signs_what_verifiers_take)
{
	struct callerid_signer_set *set = set_of();
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;

	(void)state;
	give(set, "a", KIT_NOW - 1000, KIT_NOW + 1000);
	give(set, "b", KIT_NOW - 100, KIT_NOW + 9000);
	assert_int_equal(callerid_signer_sign(callerid_signer_set_at(set, claims.iat), &claims,
					      &identity, NULL),
			 CALLERID_OK);
	assert_non_null(strstr(identity, ";info=<https://x.example/a>"));
	free(identity);
	claims.iat = KIT_NOW + 200;
	assert_int_equal(callerid_signer_sign(callerid_signer_set_at(set, claims.iat), &claims,
					      &identity, NULL),
			 CALLERID_OK);
	assert_non_null(strstr(identity, ";info=<https://x.example/b>"));
	free(identity);
	callerid_signer_set_free(set);
}

TEST(as8_an_old_url_is_served_a_day_and_an_hour_after_its_last_use)
{
	struct callerid_signer_set *set = set_of();
	const int64_t t = KIT_NOW, keep = CALLERID_SIGNER_KEEP_S;

	(void)state;
	assert_true(keep > 86400 + 60);
	give(set, "a", t, t + 100000);
	assert_int_equal(served_until(set, "a"), t + 100000 + keep);
	give(set, "b", t + 1000, t + 200000);
	assert_int_equal(served_until(set, "a"), t + 1000 + CALLERID_SIGNER_LEAD_S - 1 + keep);
	assert_int_equal(served_until(set, "b"), t + 200000 + keep);
	/* One that ends before the old one gives the place back. */
	give(set, "c", t + 2000, t + 3000);
	assert_int_equal(served_until(set, "b"), t + 200000 + keep);
	assert_string_equal(name_at(set, t + 2500), "c");
	assert_string_equal(name_at(set, t + 3001), "b");
	/* Not a moment earlier. */
	assert_int_equal(callerid_signer_set_expire(set, served_until(set, "a")), 0);
	assert_int_equal(callerid_signer_set_expire(set, served_until(set, "a") + 1), 1);
	assert_int_equal(served_until(set, "a"), -1);
	assert_string_equal(name_at(set, t + 2500), "c");
	callerid_signer_set_free(set);
}

TEST(as8_a_new_certificate_needs_a_url_of_its_own)
{
	struct callerid_signer_set *set = set_of();
	struct callerid_signer *again = signer_of("a", KIT_NOW + 5, KIT_NOW + 5000);

	(void)state;
	give(set, "a", KIT_NOW, KIT_NOW + 1000);
	assert_int_equal(callerid_signer_set_give(set, again, NULL), CALLERID_EINVAL);
	callerid_signer_free(again); /* still ours */
	callerid_signer_set_free(set);
}

TEST(as8_a_set_is_bounded)
{
	struct callerid_signer_set *set = set_of();
	struct callerid_signer *more = signer_of("more", KIT_NOW, KIT_NOW + 10);

	(void)state;
	for (int i = 0; i < CALLERID_SIGNERS_MAX; i++) {
		char name[8];

		snprintf(name, sizeof(name), "%d", i);
		give(set, name, KIT_NOW, KIT_NOW + 10);
	}
	assert_int_equal(callerid_signer_set_give(set, more, NULL), CALLERID_ELIMIT);
	callerid_signer_free(more);
	callerid_signer_set_free(set);
	callerid_signer_set_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as8_the_newest_certificate_that_has_settled_signs),
		cmocka_unit_test(as8_a_successor_signs_at_once_when_the_old_certificate_has_ended),
		cmocka_unit_test(as8_every_signer_that_is_chosen_signs_what_verifiers_take),
		cmocka_unit_test(as8_an_old_url_is_served_a_day_and_an_hour_after_its_last_use),
		cmocka_unit_test(as8_a_new_certificate_needs_a_url_of_its_own),
		cmocka_unit_test(as8_a_set_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
