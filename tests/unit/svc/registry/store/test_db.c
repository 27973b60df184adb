/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's rules, which are the same for both engines. */
#include "svc/registry/store/db.h"

#include "tests/unit/svc/registry/store/store_fixture.h"

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
	struct db *db = ((struct store_world *)*state)->db;

	assert_int_equal(db_begin(db, &across_write), STORE_OK);
	assert_int_equal(db_end(db, add(db, "a", INT64_MIN)), STORE_OK);
	assert_int_equal(db_begin(db, &across_read), STORE_OK);
	assert_true(value_of(db, "a") == INT64_MIN);
	assert_int_equal(db_end(db, STORE_OK), STORE_OK);
}

static void what_was_rolled_back_is_gone(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	assert_int_equal(db_begin(db, &across_write), STORE_OK);
	assert_int_equal(add(db, "a", 1), STORE_OK);
	assert_int_equal(db_end(db, STORE_NONE), STORE_NONE);
	assert_int_equal(db_begin(db, &across_read), STORE_OK);
	assert_int_equal(value_of(db, "a"), -1);
	assert_int_equal(db_end(db, STORE_OK), STORE_OK);
}

static void after_a_conflict_the_transaction_can_only_be_rolled_back(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	assert_int_equal(db_begin(db, &across_write), STORE_OK);
	assert_int_equal(add(db, "a", 1), STORE_OK);
	assert_int_equal(add(db, "a", 2), STORE_CONFLICT);
	assert_int_equal(add(db, "b", 3), STORE_FAILED);
	assert_int_equal(db_end(db, STORE_OK), STORE_CONFLICT);
	assert_int_equal(db_begin(db, &across_read), STORE_OK);
	assert_int_equal(value_of(db, "a"), -1);
	assert_int_equal(db_end(db, STORE_OK), STORE_OK);
}

static void statements_need_a_transaction_and_writes_one_that_writes(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	assert_int_equal(add(db, "a", 1), STORE_FAILED);
	assert_int_equal(db_begin(db, &across_read), STORE_OK);
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
	struct db *db = ((struct store_world *)*state)->db;
	struct tries soon = {0, 2}, never = {0, 100};

	assert_int_equal(db_transact(db, &across_write, busy_work, &soon), STORE_OK);
	assert_int_equal(soon.run, 3);
	assert_int_equal(db_transact(db, &across_write, busy_work, &never), STORE_BUSY);
	assert_int_equal(never.run, 5);
}

static void the_version_is_found_by_the_second_migration(void **state)
{
	struct store_world *world = *state;
	const struct store_owner owner = {world->owner,
					  world->engine == DB_POSTGRES ? "registry_app" : NULL};
	char err[256] = "";
	int from = -1;

	assert_true(store_migrate(&owner, &from, err, sizeof err));
	assert_int_equal(from, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_committed_row_is_read_again),
		store_test(what_was_rolled_back_is_gone),
		store_test(after_a_conflict_the_transaction_can_only_be_rolled_back),
		store_test(statements_need_a_transaction_and_writes_one_that_writes),
		store_test(a_soft_error_is_tried_five_times_at_most),
		store_test(the_version_is_found_by_the_second_migration),
	};

	return store_run(tests);
}
