/* SPDX-License-Identifier: Apache-2.0 */
/* How many fetches may begin: in all, to one host, at once and over time. */
#include "svc/certs/quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/kit/collide.h"
#include "tests/kit/compares.h"

/* How many of n asks for one host at one moment are granted. */
static int take(struct certs_quota *quota, const char *host, int n, int64_t now_ms)
{
	int taken = 0;

	for (int i = 0; i < n; i++)
		taken += certs_quota_take(quota, host, now_ms);
	return taken;
}

static void host_gets_a_burst_then_its_rate(void **state)
{
	struct certs_quota *quota = certs_quota_new(1000, 5);

	(void)state;
	assert_int_equal(take(quota, "a.example", 100, 0), 20);
	assert_int_equal(take(quota, "a.example", 100, 199), 0);
	assert_int_equal(take(quota, "a.example", 100, 200), 1);
	assert_int_equal(take(quota, "a.example", 100, 1200), 5);
	/* However long it was quiet, a burst is no longer than that. */
	assert_int_equal(take(quota, "a.example", 100, 1000000), 20);
	/* Nor does a clock that goes back give anything. */
	assert_int_equal(take(quota, "a.example", 100, 500), 0);
	certs_quota_free(quota);
}

static void hosts_do_not_share_and_case_makes_no_other_host(void **state)
{
	struct certs_quota *quota = certs_quota_new(1000, 5);

	(void)state;
	assert_int_equal(take(quota, "a.example", 100, 0), 20);
	assert_int_equal(take(quota, "A.Example", 100, 0), 0);
	assert_int_equal(take(quota, "b.example", 100, 0), 20);
	certs_quota_free(quota);
}

static void all_hosts_together_are_bounded(void **state)
{
	struct certs_quota *quota = certs_quota_new(50, 5);
	char host[32];
	int taken = 0;

	/* 500 calls a second for a minute, each with a host of its own. */
	(void)state;
	for (int i = 0; i < 30000; i++) {
		snprintf(host, sizeof(host), "h%d.example", i);
		taken += take(quota, host, 1, i * 2);
	}
	assert_in_range(taken, 60 * 50, 60 * 50 + 200);
	certs_quota_free(quota);
}

static void forgotten_host_has_filled_up_again_anyway(void **state)
{
	struct certs_quota *quota = certs_quota_new(50, 5);
	char host[32];
	int64_t now_ms = 0;
	int others = 0;

	(void)state;
	assert_int_equal(take(quota, "victim.example", 100, 0), 20);
	for (; others < 1024; now_ms += 10) {
		snprintf(host, sizeof(host), "h%d.example", others);
		others += take(quota, host, 1, now_ms);
	}
	assert_true(now_ms > CERTS_QUOTA_BURST_S * 1000);
	assert_int_equal(take(quota, "victim.example", 100, now_ms + 10000), 20);
	certs_quota_free(quota);
	certs_quota_free(NULL);
}

static void hosts_that_a_stranger_has_made_are_compared_with_no_others(void **state)
{
	struct certs_quota *quota = certs_quota_new(10000, 5);
	collide_word *hosts = collide_words(1000);

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_true(certs_quota_take(quota, hosts[i], 0));
	compares = 0;
	for (int i = 0; i < 1000; i++)
		assert_true(certs_quota_take(quota, hosts[i], 0));
	assert_in_range(compares, 1000, 1100);
	certs_quota_free(quota);
	free(hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_gets_a_burst_then_its_rate),
		cmocka_unit_test(hosts_do_not_share_and_case_makes_no_other_host),
		cmocka_unit_test(all_hosts_together_are_bounded),
		cmocka_unit_test(forgotten_host_has_filled_up_again_anyway),
		cmocka_unit_test(hosts_that_a_stranger_has_made_are_compared_with_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
