/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's rules, which are the same for both engines. */
#include "svc/registry/store/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/registry/store/store.h"

static const struct db_scope reading = {DB_READ, DB_ACROSS, ""};
static const struct db_scope writing = {DB_WRITE, DB_ACROSS, ""};

struct world {
	char dir[64], database[96];
	struct store *store;
	struct db *db;
};

static int set_up(void **state)
{
	static struct world world;
	char err[256] = "";
	int from = -1;

	snprintf(world.dir, sizeof world.dir, "/tmp/test_db.XXXXXX");
	assert_non_null(mkdtemp(world.dir));
	snprintf(world.database, sizeof world.database, "sqlite:%s/registry.db", world.dir);
	const struct store_owner owner = {world.database, NULL};
	assert_true(store_migrate(&owner, &from, err, sizeof err));
	assert_int_equal(from, 0);
	const struct store_params params = {world.database, 2};
	world.store = store_open(&params, err, sizeof err);
	assert_string_equal(err, "");
	assert_non_null(world.store);
	world.db = store_take(world.store, 0);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	char path[128];

	store_give(world->store, world->db);
	store_close(world->store);
	for (size_t i = 0; i < 3; i++) {
		static const char *const ends[] = {"", "-wal", "-shm"};
		snprintf(path, sizeof path, "%s%s", world->database + strlen("sqlite:"), ends[i]);
		unlink(path);
	}
	rmdir(world->dir);
	return 0;
}

static enum store_status add(struct db *db, const char *name, int64_t value)
{
	struct db_query *query =
		db_query(db, "INSERT INTO counters (name, value) VALUES (:name, :value)");

	db_bind_text(query, ":name", name);
	db_bind_int(query, ":value", value);
	return db_run(query);
}

static int64_t value_of(struct db *db, const char *name)
{
	struct db_query *query = db_query(db, "SELECT value FROM counters WHERE name = :name");
	int64_t value = -1;

	db_bind_text(query, ":name", name);
	if (db_step(query) == STORE_OK)
		value = db_int(query, 0);
	db_done(query);
	return value;
}

static void a_committed_row_is_read_again(void **state)
{
	struct db *db = ((struct world *)*state)->db;

	assert_int_equal(db_begin(db, &writing), STORE_OK);
	assert_int_equal(db_end(db, add(db, "a", INT64_MIN)), STORE_OK);
	assert_int_equal(db_begin(db, &reading), STORE_OK);
	assert_true(value_of(db, "a") == INT64_MIN);
	assert_int_equal(db_end(db, STORE_OK), STORE_OK);
}

static void what_was_rolled_back_is_gone(void **state)
{
	struct db *db = ((struct world *)*state)->db;

	assert_int_equal(db_begin(db, &writing), STORE_OK);
	assert_int_equal(add(db, "a", 1), STORE_OK);
	assert_int_equal(db_end(db, STORE_NONE), STORE_NONE);
	assert_int_equal(db_begin(db, &reading), STORE_OK);
	assert_int_equal(value_of(db, "a"), -1);
	assert_int_equal(db_end(db, STORE_OK), STORE_OK);
}

static void after_a_conflict_the_transaction_can_only_be_rolled_back(void **state)
{
	struct db *db = ((struct world *)*state)->db;

	assert_int_equal(db_begin(db, &writing), STORE_OK);
	assert_int_equal(add(db, "a", 1), STORE_OK);
	assert_int_equal(add(db, "a", 2), STORE_CONFLICT);
	assert_int_equal(add(db, "b", 3), STORE_FAILED);
	assert_int_equal(db_end(db, STORE_OK), STORE_CONFLICT);
	assert_int_equal(db_begin(db, &reading), STORE_OK);
	assert_int_equal(value_of(db, "a"), -1);
	assert_int_equal(db_end(db, STORE_OK), STORE_OK);
}

static void statements_need_a_transaction_and_writes_one_that_writes(void **state)
{
	struct db *db = ((struct world *)*state)->db;

	assert_int_equal(add(db, "a", 1), STORE_FAILED);
	assert_int_equal(db_begin(db, &reading), STORE_OK);
	assert_int_equal(add(db, "a", 1), STORE_FAILED);
	assert_int_equal(db_end(db, STORE_OK), STORE_FAILED);
	assert_int_equal(db_end(db, STORE_OK), STORE_FAILED);
}

struct tries {
	int run, busy; /* busy: how many times it says so */
};

static enum store_status busy_work(struct db *db, void *magic)
{
	struct tries *tries = magic;

	return tries->run++ < tries->busy ? STORE_BUSY : add(db, "a", tries->run);
}

static void a_soft_error_is_tried_five_times_at_most(void **state)
{
	struct db *db = ((struct world *)*state)->db;
	struct tries soon = {0, 2}, never = {0, 100};

	assert_int_equal(db_transact(db, &writing, busy_work, &soon), STORE_OK);
	assert_int_equal(soon.run, 3);
	assert_int_equal(db_transact(db, &writing, busy_work, &never), STORE_BUSY);
	assert_int_equal(never.run, 5);
}

static void the_version_is_found_by_the_second_migration(void **state)
{
	struct world *world = *state;
	const struct store_owner owner = {world->database, NULL};
	char err[256] = "";
	int from = -1;

	assert_true(store_migrate(&owner, &from, err, sizeof err));
	assert_int_equal(from, 1);
}

static void an_empty_pool_gives_nothing_when_the_wait_is_over(void **state)
{
	struct world *world = *state;
	struct db *second = store_take(world->store, 0);

	assert_non_null(second);
	assert_null(store_take(world->store, 50));
	store_give(world->store, second);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_committed_row_is_read_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_rolled_back_is_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			after_a_conflict_the_transaction_can_only_be_rolled_back, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			statements_need_a_transaction_and_writes_one_that_writes, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_soft_error_is_tried_five_times_at_most, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_version_is_found_by_the_second_migration,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_empty_pool_gives_nothing_when_the_wait_is_over,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
