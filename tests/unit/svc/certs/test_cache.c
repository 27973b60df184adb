/* SPDX-License-Identifier: Apache-2.0 */
/* The memory cache keeps what was used last and copies what it keeps. */
#include "svc/certs/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/collide.h"
#include "tests/kit/compares.h"

static void put(struct certs_cache *cache, const char *url, const char *body)
{
	struct certs_cache_item item = {
		.status = CERTS_OK, .why = "", .body = body, .len = strlen(body)};

	assert_true(certs_cache_put(cache, url, &item));
}

static void item_is_a_copy(void **state)
{
	struct certs_cache *cache = certs_cache_new(4, NULL, NULL);
	char url[] = "https://a/1", why[] = "reason", body[] = "body";
	struct certs_cache_item item = {.status = CERTS_HTTP, .why = why, .body = body, .len = 4};
	const struct certs_cache_item *found;

	(void)state;
	item.expires_ms = 77;
	item.failures = 3;
	assert_true(certs_cache_put(cache, url, &item));
	memset(url, 'x', 5);
	memset(why, 'x', 6);
	memset(body, 'x', 4);
	found = certs_cache_find(cache, "https://a/1");
	assert_non_null(found);
	assert_int_equal(found->status, CERTS_HTTP);
	assert_string_equal(found->why, "reason");
	assert_memory_equal(found->body, "body", 4);
	assert_int_equal(found->expires_ms, 77);
	assert_int_equal(found->failures, 3);
	assert_null(certs_cache_find(cache, "https://a/2"));
	certs_cache_free(cache);
}

static void item_may_be_replaced_by_a_part_of_itself(void **state)
{
	struct certs_cache *cache = certs_cache_new(1, NULL, NULL);
	struct certs_cache_item item;

	(void)state;
	put(cache, "u", "first body");
	item = *certs_cache_find(cache, "u");
	item.len = 5;
	assert_true(certs_cache_put(cache, "u", &item));
	assert_int_equal(certs_cache_find(cache, "u")->len, 5);
	assert_memory_equal(certs_cache_find(cache, "u")->body, "first", 5);
	certs_cache_free(cache);
}

static void note(void *magic, const char *url)
{
	snprintf(magic, 32, "%s", url);
}

static void least_recently_used_goes_first(void **state)
{
	char evicted[32] = "";
	struct certs_cache *cache = certs_cache_new(3, note, evicted);

	(void)state;
	put(cache, "a", "1");
	put(cache, "b", "2");
	put(cache, "c", "3");
	assert_string_equal(evicted, "");
	assert_non_null(certs_cache_find(cache, "a"));
	put(cache, "d", "4");
	assert_string_equal(evicted, "b");
	assert_null(certs_cache_find(cache, "b"));
	put(cache, "c", "5"); /* replacing needs no place */
	put(cache, "e", "6");
	assert_string_equal(evicted, "a");
	assert_memory_equal(certs_cache_find(cache, "c")->body, "5", 1);
	assert_non_null(certs_cache_find(cache, "d"));
	assert_non_null(certs_cache_find(cache, "e"));
	certs_cache_free(cache);
}

static void dropped_item_is_gone_and_leaves_a_place(void **state)
{
	char evicted[32] = "";
	struct certs_cache *cache = certs_cache_new(2, note, evicted);

	(void)state;
	put(cache, "a", "1");
	put(cache, "b", "2");
	certs_cache_drop(cache, "a");
	certs_cache_drop(cache, "a");
	assert_null(certs_cache_find(cache, "a"));
	put(cache, "c", "3");
	assert_string_equal(evicted, "");
	assert_non_null(certs_cache_find(cache, "b"));
	certs_cache_free(cache);
	certs_cache_free(NULL);
}

static void flood_of_urls_stays_within_max(void **state)
{
	struct certs_cache *cache = certs_cache_new(64, NULL, NULL);
	char url[32];
	size_t kept = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(url, sizeof(url), "https://a/%d", i);
		put(cache, url, "x");
	}
	for (int i = 0; i < 10000; i++) {
		snprintf(url, sizeof(url), "https://a/%d", i);
		kept += certs_cache_find(cache, url) != NULL;
	}
	assert_int_equal(kept, 64);
	certs_cache_free(cache);
}

/* The first is found after every other one of a chain. */
static void urls_that_a_stranger_has_made_are_compared_with_no_others(void **state)
{
	struct certs_cache *cache = certs_cache_new(1000, NULL, NULL);
	collide_word *urls = collide_words(1000);

	(void)state;
	for (int i = 0; i < 1000; i++)
		put(cache, urls[i], "x");
	compares = 0;
	for (int i = 0; i < 1000; i++)
		assert_non_null(certs_cache_find(cache, urls[i]));
	assert_in_range(compares, 1000, 1100);
	certs_cache_free(cache);
	free(urls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_is_a_copy),
		cmocka_unit_test(item_may_be_replaced_by_a_part_of_itself),
		cmocka_unit_test(least_recently_used_goes_first),
		cmocka_unit_test(dropped_item_is_gone_and_leaves_a_place),
		cmocka_unit_test(flood_of_urls_stays_within_max),
		cmocka_unit_test(urls_that_a_stranger_has_made_are_compared_with_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
