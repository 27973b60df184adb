/* SPDX-License-Identifier: Apache-2.0 */
/* When a look-up may be answered from memory. */
#include "svc/registry/push/recall.h"

#include "svc/registry/push/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#define NUMBER "12155551212"

struct world {
	struct table *table;
	struct recall *recall;
};

static void put(struct world *world, const char *number, const char *name, int64_t serial)
{
	struct directory_row row = {.gone = name == NULL, .serial = serial, .brand = "brd_a"};

	snprintf(row.number, sizeof row.number, "%s", number);
	snprintf(row.name, sizeof row.name, "%s", name != NULL ? name : "");
	table_begin(world->table);
	assert_true(table_put_brand(world->table, &row));
	table_end(world->table, 1);
}

static void make_current(struct world *world)
{
	recall_current(world->recall, recall_changes(world->recall), feed_clock_ms());
}

static int begin(void **state)
{
	static struct world world;

	world.table = table_new();
	world.recall = recall_new(world.table);
	assert_non_null(world.recall);
	put(&world, NUMBER, "A", 1);
	*state = &world;
	return 0;
}

static int end(void **state)
{
	struct world *world = *state;

	recall_free(world->recall);
	table_free(world->table);
	return 0;
}

static void before_the_first_look_the_database_is_asked(void **state)
{
	struct world *world = *state;
	struct directory_row row;

	assert_false(recall_number(world->recall, NUMBER, &row));
	make_current(world);
	assert_true(recall_number(world->recall, NUMBER, &row));
	assert_false(row.gone);
	assert_string_equal(row.name, "A");
	assert_true(recall_number(world->recall, "12155551213", &row));
	assert_true(row.gone);
}

static void what_was_committed_here_is_never_answered_from_before(void **state)
{
	struct world *world = *state;
	struct directory_row row;

	make_current(world);
	uint64_t before = recall_changes(world->recall);
	recall_behind(world->recall);
	assert_false(recall_number(world->recall, NUMBER, &row));
	/* a look that began before it may have missed it */
	recall_current(world->recall, before, feed_clock_ms());
	assert_false(recall_number(world->recall, NUMBER, &row));
	make_current(world);
	assert_true(recall_number(world->recall, NUMBER, &row));
}

static void what_was_not_compared_for_two_seconds_is_not_current(void **state)
{
	struct world *world = *state;
	struct directory_row row;

	recall_current(world->recall, 0, feed_clock_ms() - RECALL_MS);
	assert_false(recall_number(world->recall, NUMBER, &row));
	recall_current(world->recall, 0, feed_clock_ms() - RECALL_MS / 2);
	assert_true(recall_number(world->recall, NUMBER, &row));
}

static void a_number_with_a_score_asks_the_database(void **state)
{
	struct world *world = *state;
	struct directory_row row;

	make_current(world);
	assert_true(recall_add_score(world->recall, NUMBER));
	assert_false(recall_number(world->recall, NUMBER, &row));
	assert_true(recall_number(world->recall, "2155551212", &row));
	assert_true(recall_number(world->recall, "12155551213", &row));
}

static void what_no_telephone_numbers_text_is_asks_the_database(void **state)
{
	static const char *const texts[] = {"", "*69", "#", "1234567890123456",
					    "12345678901234567890123456789012"};
	struct world *world = *state;
	struct directory_row row;

	make_current(world);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_true(recall_add_score(world->recall, texts[i]));
		assert_false(recall_number(world->recall, texts[i], &row));
	}
}

static void an_announced_pair_is_known_until_it_is_forgotten(void **state)
{
	struct world *world = *state;
	const uint8_t pair[PAIRTAG_SIZE] = {2}, zeros[PAIRTAG_SIZE] = {0};

	assert_true(recall_has_no_intent(world->recall, pair));
	assert_true(recall_add_intent(world->recall, pair, 1000));
	assert_true(recall_add_intent(world->recall, zeros, 3000));
	assert_true(recall_add_intent(world->recall, pair, 2000));
	assert_true(recall_add_intent(world->recall, pair, 500)); /* read late: the newest counts */
	recall_forget(world->recall, 2000);
	assert_false(recall_has_no_intent(world->recall, pair));
	assert_false(recall_has_no_intent(world->recall, zeros));
	recall_forget(world->recall, 2001);
	assert_true(recall_has_no_intent(world->recall, pair));
	assert_false(recall_has_no_intent(world->recall, zeros));
}

/* One changes and says so before the change is there, as a COMMIT is there before it is in the
 * table; the others never see an older one than was there when they asked. */
struct race {
	struct world *world;
	atomic_int committed;
	atomic_bool ended;
};

static void *ask(void *magic)
{
	struct race *race = magic;
	struct directory_row row;
	uint8_t pair[PAIRTAG_SIZE];
	int wrong = 0;

	while (!race->ended) {
		int least = race->committed;
		int seen = -1;
		memset(pair, 0, sizeof pair);
		memcpy(pair, &least, sizeof least);
		if (least > 0)
			wrong += recall_has_no_intent(race->world->recall, pair);
		if (recall_number(race->world->recall, NUMBER, &row))
			wrong += sscanf(row.name, "A%d", &seen) == 1 && seen < least;
	}
	return wrong == 0 ? NULL : magic;
}

static void many_threads_see_no_change_late(void **state)
{
	struct world *world = *state;
	struct race race = {.world = world};
	pthread_t threads[3];
	char name[16];

	put(world, NUMBER, "A0", 1);
	make_current(world);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &race), 0);
	for (int i = 1; i <= 2000; i++) {
		uint8_t pair[PAIRTAG_SIZE] = {0};
		memcpy(pair, &i, sizeof i);
		assert_true(recall_add_intent(world->recall, pair, i));
		recall_behind(world->recall);
		race.committed = i;
		uint64_t changes = recall_changes(world->recall);
		snprintf(name, sizeof name, "A%d", i);
		put(world, NUMBER, name, 1);
		recall_current(world->recall, changes, feed_clock_ms());
	}
	race.ended = true;
	for (size_t i = 0; i < 3; i++) {
		void *wrong;
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(before_the_first_look_the_database_is_asked),
		TEST(what_was_committed_here_is_never_answered_from_before),
		TEST(what_was_not_compared_for_two_seconds_is_not_current),
		TEST(a_number_with_a_score_asks_the_database),
		TEST(what_no_telephone_numbers_text_is_asks_the_database),
		TEST(an_announced_pair_is_known_until_it_is_forgotten),
		TEST(many_threads_see_no_change_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
