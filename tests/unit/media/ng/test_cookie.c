/* SPDX-License-Identifier: Apache-2.0 */
/* The cookie cache: how long a reply is kept, and what is never forgotten. */
#include "media/ng/cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct cookie_limits wide = {.count_max = 1000, .bytes_max = 1000000};

static struct cookie *look(struct cookies *cookies, const char *key, int64_t now_ms, bool expected)
{
	bool is_new = !expected;
	struct cookie *cookie = cookies_look(cookies, key, strlen(key), now_ms, &is_new);

	assert_non_null(cookie);
	if (is_new != expected)
		fail_msg("%s at %lld: new %d", key, (long long)now_ms, is_new);
	return cookie;
}

static void run(struct cookies *cookies, const char *key, int64_t now_ms, const char *reply)
{
	struct cookie *cookie = look(cookies, key, now_ms, true);

	cookies_done(cookies, cookie, strdup(reply), strlen(reply));
}

static void a_reply_is_kept_for_one_generation_at_least_and_two_at_most(void **state)
{
	struct cookies *cookies = cookies_new(&wide, 0);

	(void)state;
	run(cookies, "first", 0, "one");
	run(cookies, "last", COOKIE_GENERATION_MS - 1, "two");
	assert_string_equal(look(cookies, "first", COOKIE_GENERATION_MS, false)->reply, "one");
	assert_string_equal(look(cookies, "last", 2 * COOKIE_GENERATION_MS - 1, false)->reply,
			    "two");
	look(cookies, "first", 2 * COOKIE_GENERATION_MS, true);
	look(cookies, "last", 2 * COOKIE_GENERATION_MS, true);
	cookies_free(cookies);
}

static void after_a_long_silence_nothing_is_left(void **state)
{
	struct cookies *cookies = cookies_new(&wide, 0);

	(void)state;
	run(cookies, "a", 0, "one");
	look(cookies, "a", 2 * COOKIE_GENERATION_MS, true);
	cookies_free(cookies);
}

static void replies_go_in_time_though_no_command_comes(void **state)
{
	struct cookies *cookies = cookies_new(&wide, 0);
	struct cookie *running;

	(void)state;
	run(cookies, "a", 0, "one");
	running = look(cookies, "b", 0, true);
	cookies_tick(cookies, 2 * COOKIE_GENERATION_MS - 1);
	assert_int_equal(cookies_count(cookies), 2);
	cookies_tick(cookies, 2 * COOKIE_GENERATION_MS - 1);
	assert_int_equal(cookies_count(cookies), 2);
	cookies_tick(cookies, 3 * COOKIE_GENERATION_MS - 1);
	assert_int_equal(cookies_count(cookies), 1);
	cookies_tick(cookies, 9 * COOKIE_GENERATION_MS);
	assert_ptr_equal(look(cookies, "b", 9 * COOKIE_GENERATION_MS, false), running);
	cookies_free(cookies);
}

static void a_command_that_runs_is_never_forgotten(void **state)
{
	struct cookies *cookies = cookies_new(&wide, 0);
	struct cookie *slow = look(cookies, "slow", 0, true);
	int64_t now = 0;
	int magic;

	(void)state;
	slow->magic = &magic;
	for (int i = 0; i < 10; i++)
		run(cookies, (const char[]){(char)('a' + i), 0}, now += COOKIE_GENERATION_MS, "x");
	assert_ptr_equal(look(cookies, "slow", now, false), slow);
	assert_ptr_equal(slow->magic, &magic);
	cookies_done(cookies, slow, strdup("late"), 4);
	assert_string_equal(look(cookies, "slow", now + COOKIE_GENERATION_MS - 1, false)->reply,
			    "late");
	cookies_free(cookies);
}

static void a_full_generation_goes_early_and_the_latest_stay(void **state)
{
	const struct cookie_limits narrow = {.count_max = 10, .bytes_max = 1000000};
	struct cookies *cookies = cookies_new(&narrow, 0);
	char key[8];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		run(cookies, key, 0, "x");
		assert_in_range(cookies_count(cookies), 1, 20);
		for (int k = i > 9 ? i - 9 : 0; k < i; k++) {
			snprintf(key, sizeof(key), "%d", k);
			look(cookies, key, 0, false);
		}
	}
	assert_in_range(cookies_early(cookies), 90, 200);
	cookies_free(cookies);
}

static void replies_count_by_their_bytes(void **state)
{
	const struct cookie_limits narrow = {.count_max = 1000, .bytes_max = 10000};
	struct cookies *cookies = cookies_new(&narrow, 0);
	char key[8];

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct cookie *cookie;
		char *reply = calloc(1, 5000);

		snprintf(key, sizeof(key), "%d", i);
		cookie = look(cookies, key, 0, true);
		cookies_done(cookies, cookie, reply, 5000);
		assert_in_range(cookies_count(cookies), 1, 4);
	}
	cookies_free(cookies);
}

static void a_dropped_command_leaves_its_cookie_free(void **state)
{
	struct cookies *cookies = cookies_new(&wide, 0);

	(void)state;
	cookies_drop(cookies, look(cookies, "a", 0, true));
	assert_int_equal(cookies_count(cookies), 0);
	look(cookies, "a", 0, true);
	/* one that is the beginning of another */
	look(cookies, "ab", 0, true);
	cookies_free(cookies);
	cookies_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_is_kept_for_one_generation_at_least_and_two_at_most),
		cmocka_unit_test(after_a_long_silence_nothing_is_left),
		cmocka_unit_test(replies_go_in_time_though_no_command_comes),
		cmocka_unit_test(a_command_that_runs_is_never_forgotten),
		cmocka_unit_test(a_full_generation_goes_early_and_the_latest_stay),
		cmocka_unit_test(replies_count_by_their_bytes),
		cmocka_unit_test(a_dropped_command_leaves_its_cookie_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
