/* SPDX-License-Identifier: Apache-2.0 */
/* Answers in memory: which are found again, how long, and how many. */
#include "svc/registry/http/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1000000)

static int start(void **state)
{
	*state = replays_new();
	return *state != NULL ? 0 : -1;
}

static int stop(void **state)
{
	replays_free(*state);
	return 0;
}

/* The key differs in its last bytes only: the table's hash is that of the first. */
static struct replay replay_of(uint32_t key, uint8_t request)
{
	struct replay replay = {.request = {request}, .status = 200};

	memcpy(replay.key + IDEMPOTENCY_HASH - sizeof key, &key, sizeof key);
	if (key % 2 == 0)
		memcpy(replay.key, &key, sizeof key);
	return replay;
}

static void keep(struct replays *replays, uint32_t key, const char *body, int64_t now_ms)
{
	struct replay replay = replay_of(key, 1);

	replay.body = body;
	replay.len = strlen(body);
	replays_keep(replays, now_ms, &replay);
}

static enum replay_found find(struct replays *replays, uint32_t key, uint8_t request,
			      int64_t now_ms)
{
	struct replay replay = replay_of(key, request);
	enum replay_found found = replays_find(replays, now_ms, &replay);

	if (found == REPLAY_SAME)
		free((char *)replay.body);
	return found;
}

static void the_same_key_and_request_find_the_answer_and_another_request_does_not(void **state)
{
	struct replay replay = replay_of(7, 1);

	keep(*state, 7, "{\"a\":1}", NOW);
	assert_int_equal(replays_find(*state, NOW, &replay), REPLAY_SAME);
	assert_int_equal(replay.status, 200);
	assert_int_equal(replay.len, 7);
	assert_string_equal(replay.body, "{\"a\":1}");
	free((char *)replay.body);
	assert_int_equal(find(*state, 7, 2, NOW), REPLAY_OTHER);
	assert_int_equal(find(*state, 9, 1, NOW), REPLAY_NEW);
}

static void an_answer_is_gone_after_its_time_and_when_the_clock_was_set_back(void **state)
{
	keep(*state, 7, "{}", NOW);
	assert_int_equal(find(*state, 7, 1, NOW + REPLAY_KEEP_MS - 1), REPLAY_SAME);
	assert_int_equal(find(*state, 7, 1, NOW + REPLAY_KEEP_MS), REPLAY_NEW);
	keep(*state, 7, "{}", NOW);
	assert_int_equal(find(*state, 7, 1, NOW - 1), REPLAY_NEW);
	assert_int_equal(find(*state, 7, 1, NOW), REPLAY_NEW);
}

static void what_is_kept_anew_is_the_newest(void **state)
{
	struct replay replay = replay_of(7, 1);

	keep(*state, 7, "old", NOW);
	keep(*state, 7, "new", NOW + REPLAY_KEEP_MS / 2);
	assert_int_equal(replays_find(*state, NOW + REPLAY_KEEP_MS, &replay), REPLAY_SAME);
	assert_string_equal(replay.body, "new");
	free((char *)replay.body);
}

static void one_more_than_there_is_room_for_takes_the_place_of_the_oldest(void **state)
{
	for (uint32_t key = 0; key <= REPLAY_ANSWERS; key++)
		keep(*state, key, "{}", NOW);
	assert_int_equal(find(*state, 0, 1, NOW), REPLAY_NEW);
	assert_int_equal(find(*state, 1, 1, NOW), REPLAY_SAME);
	assert_int_equal(find(*state, REPLAY_ANSWERS, 1, NOW), REPLAY_SAME);
}

static void bodies_have_a_limit_each_and_together(void **state)
{
	char *body = calloc(1, REPLAY_BODY_MAX + 2);
	const uint32_t fit = REPLAY_BYTES / REPLAY_BODY_MAX;

	memset(body, 'x', REPLAY_BODY_MAX + 1);
	keep(*state, 0, body, NOW);
	assert_int_equal(find(*state, 0, 1, NOW), REPLAY_NEW);
	body[REPLAY_BODY_MAX] = 0;
	for (uint32_t key = 0; key <= fit; key++)
		keep(*state, key, body, NOW);
	assert_int_equal(find(*state, 0, 1, NOW), REPLAY_NEW);
	assert_int_equal(find(*state, 1, 1, NOW), REPLAY_SAME);
	assert_int_equal(find(*state, fit, 1, NOW), REPLAY_SAME);
	free(body);
}

#define REPLAY_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REPLAY_TEST(the_same_key_and_request_find_the_answer_and_another_request_does_not),
		REPLAY_TEST(an_answer_is_gone_after_its_time_and_when_the_clock_was_set_back),
		REPLAY_TEST(what_is_kept_anew_is_the_newest),
		REPLAY_TEST(one_more_than_there_is_room_for_takes_the_place_of_the_oldest),
		REPLAY_TEST(bodies_have_a_limit_each_and_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
