/* SPDX-License-Identifier: Apache-2.0 */
/* Remembered certificates: bounded, by the whole URL, no longer than they hold. */
#include "certcache.h"

#include "tests/kit/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

/* A finding without a certificate behind it: the cache looks at these members only. */
static struct cid_cert *cert_of(bool good, int64_t from, int64_t until)
{
	struct cid_cert *cert = calloc(1, sizeof(*cert));

	cert->refs = 1;
	cert->good = good;
	cert->same_from = from;
	cert->same_until = until;
	return cert;
}

static struct cid_certcache *cache_of(size_t max)
{
	struct cid_certcache *cache = NULL;

	assert_int_equal(cid_certcache_new(max, 1000, &cache, NULL), CALLERID_OK);
	return cache;
}

static void put(struct cid_certcache *cache, const char *url, struct cid_cert *cert, int64_t now)
{
	cid_certcache_put(cache, url, cert, now);
	cid_cert_release(cert);
}

static bool has(struct cid_certcache *cache, const char *url, int64_t now)
{
	struct cid_cert *cert = cid_certcache_get(cache, url, now);

	cid_cert_release(cert);
	return cert != NULL;
}

TEST(a_good_one_is_kept_for_its_age_and_a_bad_one_for_a_short_time)
{
	struct cid_certcache *cache = cache_of(8);

	(void)state;
	put(cache, "https://a/", cert_of(true, INT64_MIN, INT64_MAX), 5000);
	put(cache, "https://b/", cert_of(false, INT64_MIN, INT64_MAX), 5000);
	assert_true(has(cache, "https://a/", 5999));
	assert_true(has(cache, "https://b/", 5029));
	assert_false(has(cache, "https://b/", 5030));
	assert_false(has(cache, "https://a/", 6000));
	cid_certcache_free(cache);
}

TEST(it_holds_only_while_no_date_of_its_certificates_passes)
{
	struct cid_certcache *cache = cache_of(8);

	(void)state;
	put(cache, "https://a/", cert_of(true, 4990, 5010), 5000);
	assert_true(has(cache, "https://a/", 5009));
	assert_true(has(cache, "https://a/", 4990));
	assert_false(has(cache, "https://a/", 5010));
	put(cache, "https://a/", cert_of(true, 4990, 5010), 5000);
	assert_false(has(cache, "https://a/", 4989));
	cid_certcache_free(cache);
}

TEST(urls_that_differ_in_one_byte_are_different)
{
	struct cid_certcache *cache = cache_of(8);

	(void)state;
	put(cache, "https://a/x", cert_of(true, INT64_MIN, INT64_MAX), 1);
	assert_false(has(cache, "https://a/X", 1));
	assert_false(has(cache, "https://a/x/", 1));
	assert_false(has(cache, "https://a_x", 1));
	assert_true(has(cache, "https://a/x", 1));
	cid_certcache_free(cache);
}

TEST(the_least_recently_used_gives_way)
{
	struct cid_certcache *cache = cache_of(2);

	(void)state;
	put(cache, "https://a/", cert_of(true, INT64_MIN, INT64_MAX), 1);
	put(cache, "https://b/", cert_of(true, INT64_MIN, INT64_MAX), 1);
	assert_true(has(cache, "https://a/", 1));
	put(cache, "https://c/", cert_of(true, INT64_MIN, INT64_MAX), 1);
	assert_false(has(cache, "https://b/", 1));
	assert_true(has(cache, "https://a/", 1));
	assert_true(has(cache, "https://c/", 1));
	cid_certcache_free(cache);
}

TEST(one_that_is_in_use_outlives_its_place)
{
	struct cid_certcache *cache = cache_of(1);
	struct cid_cert *held;

	(void)state;
	put(cache, "https://a/", cert_of(true, INT64_MIN, 77), 1);
	held = cid_certcache_get(cache, "https://a/", 1);
	cid_certcache_flush(cache);
	assert_false(has(cache, "https://a/", 1));
	assert_int_equal(held->same_until, 77);
	cid_cert_release(held);
	cid_certcache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_is_kept_for_its_age_and_a_bad_one_for_a_short_time),
		cmocka_unit_test(it_holds_only_while_no_date_of_its_certificates_passes),
		cmocka_unit_test(urls_that_differ_in_one_byte_are_different),
		cmocka_unit_test(the_least_recently_used_gives_way),
		cmocka_unit_test(one_that_is_in_use_outlives_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
