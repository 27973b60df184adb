/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's rules, which are the same for both engines. */
#include "svc/registry/store/db.h"

#include "tests/unit/svc/registry/store/store_fixture.h"

#include <pthread.h>
#include <time.h>

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

static void a_transaction_within_a_transaction_is_refused(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	store_must(db, db_begin(db, &across_write));
	assert_int_equal(db_begin(db, &across_write), STORE_FAILED);
	assert_int_equal(db_await(db, "attestel_events", 0), STORE_FAILED);
	store_must(db, add(db, "a", 1));
	store_must(db, db_end(db, STORE_OK));
	assert_int_equal(db_end(db, STORE_OK), STORE_FAILED);
}

static void a_run_that_changes_nothing_says_so(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	store_must(db, db_begin(db, &across_write));
	store_must(db, add(db, "a", 1));
	assert_int_equal(db_run(db_query(db, "UPDATE counters SET value = 2 WHERE name = 'b'")),
			 STORE_NONE);
	assert_int_equal(db_run(db_query(db, "INSERT INTO counters (name, value) VALUES ('a', 2)"
					     " ON CONFLICT (name) DO NOTHING")),
			 STORE_NONE);
	assert_int_equal(db_run(db_query(db, "SELECT * FROM counters")), STORE_NONE);
	assert_int_equal(db_run(db_query(db, "UPDATE counters SET value = 2 WHERE name = 'a'"
					     " RETURNING value")),
			 STORE_OK);
	assert_int_equal(db_run(db_query(db, "DELETE FROM counters WHERE name = 'a'")), STORE_OK);
	assert_int_equal(value_of(db, "a"), -1);
	store_must(db, db_end(db, STORE_OK));
}

static void a_name_that_a_statement_has_twice_is_one_parameter(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	store_must(db, db_begin(db, &across_write));
	struct db_query *query = db_query(db, "INSERT INTO counters (name, value)"
					      " VALUES (:name, 1), (:name || '2', :value),"
					      " (:name || ':name', :value)");
	db_bind_text(query, ":name", "a");
	db_bind_int(query, ":value", 5);
	store_must(db, db_run(query));
	assert_int_equal(value_of(db, "a2"), 5);
	assert_int_equal(value_of(db, "a:name"), 5);
	store_must(db, db_end(db, STORE_OK));
}

static void a_parameter_that_is_not_there_is_a_failure_and_not_a_wrong_row(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	store_must(db, db_begin(db, &across_read));
	struct db_query *query = db_query(db, "SELECT value FROM counters WHERE name = :name");
	db_bind_text(query, ":nome", "events");
	db_bind_text(query, ":name", "events");
	assert_int_equal(db_step(query), STORE_FAILED);
	assert_non_null(strstr(db_error(db), ":nome"));
	db_done(query);
	assert_int_equal(db_end(db, STORE_OK), STORE_FAILED);
}

static void a_statement_that_is_wrong_is_a_failure(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	for (int i = 0; i < 2; i++) {
		store_must(db, db_begin(db, &across_read));
		struct db_query *query = db_query(db, "SELECT x FROM nowhere");
		assert_int_equal(db_step(query), STORE_FAILED);
		if (strstr(db_error(db), "nowhere") == NULL)
			fail_msg("%s", db_error(db));
		assert_int_equal(db_int(query, 0), 0);
		assert_string_equal(db_text_borrow(query, 0), "");
		db_done(query);
		assert_int_equal(db_end(db, STORE_OK), STORE_FAILED);
	}
	/* the connection goes on */
	store_must(db, db_begin(db, &across_read));
	assert_int_equal(value_of(db, "events"), 0);
	store_must(db, db_end(db, STORE_OK));
}

static void one_statement_too_many_is_a_failure(void **state)
{
	struct store_world *world = *state;
	struct db *db = store_link(world->owner, true);
	static char texts[DB_QUERIES_MAX + 1][40];
	enum store_status status = STORE_OK;
	size_t n = 0;

	store_must(db, db_begin(db, &across_read));
	while (status == STORE_OK && n <= DB_QUERIES_MAX) {
		snprintf(texts[n], sizeof texts[n], "SELECT CAST(%zu AS BIGINT)", n);
		struct db_query *query = db_query(db, texts[n]);
		status = db_step(query);
		if (status == STORE_OK)
			assert_int_equal(db_int(query, 0), n++);
		db_done(query);
	}
	assert_int_equal(n, DB_QUERIES_MAX);
	assert_int_equal(status, STORE_FAILED);
	assert_int_equal(db_end(db, STORE_OK), STORE_FAILED);
	db_close(db);
}

static void a_read_sees_one_state(void **state)
{
	struct store_world *world = *state;
	struct db *writer = store_take(world->store, 0);

	store_must(world->db, db_begin(world->db, &across_read));
	assert_int_equal(value_of(world->db, "a"), -1);
	store_must(writer, db_begin(writer, &across_write));
	store_must(writer, add(writer, "a", 1));
	store_must(writer, db_end(writer, STORE_OK));
	assert_int_equal(value_of(world->db, "a"), -1);
	store_must(world->db, db_end(world->db, STORE_OK));
	store_must(world->db, db_begin(world->db, &across_read));
	assert_int_equal(value_of(world->db, "a"), 1);
	store_must(world->db, db_end(world->db, STORE_OK));
	store_give(world->store, writer);
}

static enum store_status notify_work(struct db *db, void *magic)
{
	(void)magic;
	enum store_status status = add(db, "a", 1);
	return status == STORE_OK && db_engine(db) == DB_POSTGRES
		       ? db_exec(db, "SELECT pg_notify('attestel_events', '')")
		       : status;
}

static void *notify_later(void *magic)
{
	const struct timespec pause = {0, 100000000};

	nanosleep(&pause, NULL);
	return (void *)(intptr_t)db_transact(magic, &across_write, notify_work, NULL);
}

static void who_waits_for_others_hears_of_their_commit_and_of_no_more(void **state)
{
	struct store_world *world = *state;
	struct db *writer = store_take(world->store, 0);
	pthread_t thread;
	void *status;
	int64_t before_ms = db_clock_ms();

	assert_int_equal(db_await(world->db, "attestel_events", 50), STORE_NONE);
	assert_in_range(db_clock_ms() - before_ms, 50, 1000);
	pthread_create(&thread, NULL, notify_later, writer);
	before_ms = db_clock_ms();
	assert_int_equal(db_await(world->db, "attestel_events", 10000), STORE_OK);
	assert_in_range(db_clock_ms() - before_ms, 0, 5000);
	pthread_join(thread, &status);
	assert_null(status);
	assert_int_equal(db_await(world->db, "attestel_events", 20), STORE_NONE);
	/* what came while it did something else is not missed */
	store_must(writer, db_begin(writer, &across_write));
	store_must(writer, db_run(db_query(writer, "DELETE FROM counters WHERE name = 'a'")));
	store_must(writer, db_end(writer, STORE_OK));
	store_must(writer, db_transact(writer, &across_write, notify_work, NULL));
	store_must(world->db, db_begin(world->db, &across_read));
	assert_int_equal(value_of(world->db, "a"), 1);
	store_must(world->db, db_end(world->db, STORE_OK));
	assert_int_equal(db_await(world->db, "attestel_events", 20), STORE_OK);
	store_give(world->store, writer);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_committed_row_is_read_again),
		store_test(what_was_rolled_back_is_gone),
		store_test(after_a_conflict_the_transaction_can_only_be_rolled_back),
		store_test(statements_need_a_transaction_and_writes_one_that_writes),
		store_test(a_soft_error_is_tried_five_times_at_most),
		store_test(a_transaction_within_a_transaction_is_refused),
		store_test(a_run_that_changes_nothing_says_so),
		store_test(a_name_that_a_statement_has_twice_is_one_parameter),
		store_test(a_parameter_that_is_not_there_is_a_failure_and_not_a_wrong_row),
		store_test(a_statement_that_is_wrong_is_a_failure),
		store_test(one_statement_too_many_is_a_failure),
		store_test(a_read_sees_one_state),
		store_test(who_waits_for_others_hears_of_their_commit_and_of_no_more),
	};

	return store_run(tests);
}
