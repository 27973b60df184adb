/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a connection to PostgreSQL: losses, locks, limits. */
#include "tests/unit/svc/registry/store/store_rows.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

static int64_t backend_of(struct db *db)
{
	return store_number_in(db, &across_read, "SELECT CAST(pg_backend_pid() AS BIGINT)");
}

static void terminate(struct store_world *world, int64_t pid)
{
	struct db *superuser = store_link(world->superuser, true);

	store_must(superuser, db_begin(superuser, &across_read));
	struct db_query *query =
		db_query(superuser, "SELECT pg_terminate_backend(CAST(:pid AS INT),"
				    " 5000)");
	db_bind_int(query, ":pid", pid);
	store_must(superuser, db_step(query));
	assert_int_equal(db_int(query, 0), 1);
	db_done(query);
	store_must(superuser, db_end(superuser, STORE_OK));
	db_close(superuser);
}

struct cut {
	struct store_world *world;
	int runs;
	int64_t pid;
};

/* The connection is lost in the midst of the first run. */
static enum store_status cut_work(struct db *db, void *magic)
{
	struct cut *cut = magic;

	enum store_status status =
		db_exec(db, "INSERT INTO counters (name, value) VALUES ('a', 1)");
	if (cut->runs++ == 0)
		terminate(cut->world, cut->pid);
	return status == STORE_OK
		       ? db_exec(db, "INSERT INTO counters (name, value) VALUES ('b', 1)")
		       : status;
}

static void a_connection_lost_before_commit_is_made_again_and_the_work_run_again(void **state)
{
	struct store_world *world = *state;
	struct cut cut = {world, 0, backend_of(world->db)};

	store_must(world->db, db_transact(world->db, &across_write, cut_work, &cut));
	assert_int_equal(cut.runs, 2);
	assert_int_equal(store_number_in(world->db, &across_read,
					 "SELECT count(*) FROM counters WHERE name IN ('a', 'b')"),
			 2);
	assert_true(backend_of(world->db) != cut.pid);
}

static void a_connection_closed_while_idle_costs_nobody_a_try(void **state)
{
	struct store_world *world = *state;

	terminate(world, backend_of(world->db));
	store_must(world->db, db_begin(world->db, &across_write));
	assert_int_equal(store_number(world->db, "SELECT count(*) FROM tenants"), 0);
	store_must(world->db, db_end(world->db, STORE_OK));
}

/* A deferred trigger runs inside COMMIT. */
static void trigger_in_commit(struct store_world *world, const char *statement)
{
	char sql[512];
	struct db *superuser = store_link(world->superuser, true);

	snprintf(sql, sizeof sql,
		 "CREATE OR REPLACE FUNCTION public.at_commit() RETURNS trigger LANGUAGE plpgsql"
		 " AS $f$ BEGIN %s; RETURN NULL; END $f$;"
		 "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON counters"
		 " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.at_commit()",
		 statement);
	store_must(superuser, db_exec(superuser, sql));
	db_close(superuser);
}

static void drop_trigger(struct store_world *world)
{
	struct db *superuser = store_link(world->superuser, true);

	store_must(superuser, db_exec(superuser, "DROP TRIGGER at_commit ON counters"));
	db_close(superuser);
}

struct counted {
	int runs;
};

static enum store_status insert_work(struct db *db, void *magic)
{
	((struct counted *)magic)->runs++;
	return db_exec(db, "INSERT INTO counters (name, value) VALUES ('a', 1)");
}

static void a_connection_lost_in_commit_leaves_it_unsure_and_is_not_run_again(void **state)
{
	struct store_world *world = *state;
	struct counted counted = {0};

	trigger_in_commit(world, "PERFORM pg_terminate_backend(pg_backend_pid());"
				 "PERFORM pg_sleep(5)");
	assert_int_equal(db_transact(world->db, &across_write, insert_work, &counted),
			 STORE_UNSURE);
	assert_int_equal(counted.runs, 1);
	drop_trigger(world);
	/* the connection works again */
	assert_int_equal(store_number_in(world->db, &across_read,
					 "SELECT count(*) FROM counters WHERE name = 'a'"),
			 0);
}

static void what_a_deferred_rule_refuses_is_no_success(void **state)
{
	struct store_world *world = *state;
	struct counted counted = {0};

	trigger_in_commit(world, "RAISE EXCEPTION USING ERRCODE = 'check_violation'");
	assert_int_equal(db_transact(world->db, &across_write, insert_work, &counted),
			 STORE_CONFLICT);
	drop_trigger(world);
	assert_int_equal(store_number_in(world->db, &across_read,
					 "SELECT count(*) FROM counters WHERE name = 'a'"),
			 0);
}

static void a_statement_ends_after_two_seconds_and_counts_as_busy(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	int64_t before_ms = db_clock_ms();

	store_must(db, db_begin(db, &across_read));
	assert_int_equal(db_exec(db, "SELECT pg_sleep(30)"), STORE_BUSY);
	assert_int_equal(db_end(db, STORE_OK), STORE_BUSY);
	assert_in_range(db_clock_ms() - before_ms, 1900, 3500);
	assert_true(backend_of(db) > 0);
}

static void a_server_that_says_nothing_counts_as_lost(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	pid_t pid = (pid_t)backend_of(db);
	int64_t before_ms = db_clock_ms();

	store_must(db, db_begin(db, &across_read));
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(db_exec(db, "SELECT 1"), STORE_BUSY);
	assert_in_range(db_clock_ms() - before_ms, 3900, 5500);
	assert_int_equal(db_end(db, STORE_OK), STORE_BUSY);
	/* a new connection, while the old server process still stands still */
	assert_true(backend_of(db) != pid);
	assert_int_equal(kill(pid, SIGCONT), 0);
}

static void a_real_serialisation_failure_is_busy(void **state)
{
	struct store_world *world = *state;
	struct db *first = world->as_owner, *second = store_link(world->owner, true);

	store_must(first, db_exec(first, "BEGIN ISOLATION LEVEL SERIALIZABLE"));
	store_must(second, db_exec(second, "BEGIN ISOLATION LEVEL SERIALIZABLE"));
	store_must(first, db_exec(first, "SELECT * FROM counters"));
	store_must(second, db_exec(second, "SELECT * FROM counters"));
	store_must(first, db_exec(first, "UPDATE counters SET value = value + 1"));
	store_must(first, db_exec(first, "COMMIT"));
	assert_int_equal(db_exec(second, "UPDATE counters SET value = value + 1"), STORE_BUSY);
	assert_non_null(strstr(db_error(second), "40001"));
	store_must(second, db_exec(second, "ROLLBACK"));
	db_close(second);
}

/* Two threads that take two rows, each the other's first one second. */
struct crossing {
	struct db *db;
	const char *first, *second;
	pthread_barrier_t *met;
	int runs;
	enum store_status status;
};

static enum store_status crossing_work(struct db *db, void *magic)
{
	struct crossing *crossing = magic;
	enum store_status status = db_exec(db, crossing->first);

	if (crossing->runs++ == 0)
		pthread_barrier_wait(crossing->met);
	return status == STORE_OK ? db_exec(db, crossing->second) : status;
}

static void *crossing_run(void *magic)
{
	struct crossing *crossing = magic;

	crossing->status = db_transact(crossing->db, &across_write, crossing_work, crossing);
	return NULL;
}

static void a_deadlock_is_run_again_until_both_are_done(void **state)
{
	struct store_world *world = *state;
	static const char a[] = "UPDATE counters SET value = value + 1 WHERE name = 'a'";
	static const char b[] = "UPDATE counters SET value = value + 1 WHERE name = 'b'";
	pthread_barrier_t met;
	struct db *other = store_take(world->store, 0);
	struct crossing crossings[] = {{world->db, a, b, &met, 0, STORE_FAILED},
				       {other, b, a, &met, 0, STORE_FAILED}};
	pthread_t threads[2];

	store_must(world->db, store_exec_in(world->db, &across_write,
					    "INSERT INTO counters VALUES ('a', 0), ('b', 0)"));
	pthread_barrier_init(&met, NULL, 2);
	for (size_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, crossing_run, &crossings[i]);
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&met);
	store_give(world->store, other);
	assert_int_equal(crossings[0].status, STORE_OK);
	assert_int_equal(crossings[1].status, STORE_OK);
	assert_true(crossings[0].runs + crossings[1].runs >= 3); /* one of them was the victim */
	assert_int_equal(store_number_in(world->db, &across_read,
					 "SELECT count(*) FROM counters WHERE name IN ('a', 'b')"
					 " AND value = 2"),
			 2);
}

static void a_lock_that_is_held_for_long_is_busy(void **state)
{
	struct store_world *world = *state;
	struct db *holder = world->as_owner;
	int64_t before_ms = db_clock_ms();

	store_must(holder, db_begin(holder, &across_write));
	store_must(holder, db_lock(holder, "numbers"));
	store_must(world->db, db_begin(world->db, &across_write));
	store_must(world->db, db_lock(world->db, "another name"));
	assert_int_equal(db_lock(world->db, "numbers"), STORE_BUSY);
	assert_in_range(db_clock_ms() - before_ms, 1400, 3000);
	assert_int_equal(db_end(world->db, STORE_OK), STORE_BUSY);
	store_must(holder, db_end(holder, STORE_OK));
	store_must(world->db, db_begin(world->db, &across_write));
	store_must(world->db, db_lock(world->db, "numbers"));
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void a_type_that_is_not_read_is_an_error_and_not_a_null(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	store_must(db, db_begin(db, &across_read));
	struct db_query *query = db_query(db, "SELECT sum(value) AS total FROM counters");
	assert_int_equal(db_step(query), STORE_FAILED);
	assert_non_null(strstr(db_error(db), "column total"));
	db_done(query);
	assert_int_equal(db_end(db, STORE_OK), STORE_FAILED);
}

static void the_server_restarts_and_the_pool_goes_on(void **state)
{
	struct store_world *world = *state;
	char err[256] = "";

	store_fill(world->as_owner);
	pgcluster_kill(&world->cluster);
	assert_int_equal(db_begin(world->db, &across_read), STORE_BUSY);
	assert_false(store_ready(world->store, err, sizeof err));
	if (pgcluster_restart(&world->cluster, err, sizeof err) != 0)
		fail_msg("%s", err);
	assert_int_equal(store_number_in(world->db, &across_read, "SELECT count(*) FROM tenants"),
			 2);
	assert_true(store_ready(world->store, err, sizeof err));
}

#define KILLS	   5
#define WRITES_MAX 100000

/* What a writer was told of its writes, while the server dies again and again. */
struct journal {
	struct db *db;
	atomic_bool stop;
	int64_t n; /* writes tried; each has a name of its own */
	enum store_status told[WRITES_MAX];
};

static enum store_status write_next(struct db *db, void *magic)
{
	const struct journal *journal = magic;
	struct db_query *query =
		db_query(db, "INSERT INTO directory_log (serial, number, at) VALUES (:n, 'x', 1)");

	db_bind_int(query, ":n", journal->n);
	return db_run(query);
}

static void *write_all_the_time(void *magic)
{
	struct journal *journal = magic;

	for (; !atomic_load(&journal->stop) && journal->n < WRITES_MAX; journal->n++)
		journal->told[journal->n] =
			db_transact(journal->db, &across_write, write_next, journal);
	return NULL;
}

static void no_write_is_lost_or_done_in_secret_when_the_server_is_killed(void **state)
{
	struct store_world *world = *state;
	const struct timespec while_it_writes = {0, 200000000};
	struct journal *journal = calloc(1, sizeof *journal);
	size_t told[3] = {0, 0, 0}; /* done, not done, unsure */
	char err[256];
	pthread_t thread;

	journal->db = store_take(world->store, 0);
	pthread_create(&thread, NULL, write_all_the_time, journal);
	for (int i = 0; i < KILLS; i++) {
		nanosleep(&while_it_writes, NULL);
		pgcluster_kill(&world->cluster);
		assert_int_equal(pgcluster_restart(&world->cluster, err, sizeof err), 0);
	}
	nanosleep(&while_it_writes, NULL);
	atomic_store(&journal->stop, true);
	pthread_join(thread, NULL);
	store_give(world->store, journal->db);
	store_must(world->db, db_begin(world->db, &across_read));
	for (int64_t i = 0; i < journal->n; i++) {
		struct db_query *query =
			db_query(world->db, "SELECT 1 FROM directory_log WHERE serial = :n");
		db_bind_int(query, ":n", i);
		enum store_status found = db_step(query);
		db_done(query);
		if (journal->told[i] == STORE_OK)
			assert_int_equal(found, STORE_OK);
		else if (journal->told[i] == STORE_BUSY)
			assert_int_equal(found, STORE_NONE);
		else
			assert_int_equal(journal->told[i], STORE_UNSURE);
		told[journal->told[i] == STORE_OK ? 0 : journal->told[i] == STORE_BUSY ? 1 : 2]++;
	}
	store_must(world->db, db_end(world->db, STORE_OK));
	print_message("%zu writes done, %zu not, %zu unsure\n", told[0], told[1], told[2]);
	assert_true(told[0] > KILLS);
	free(journal);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_connection_lost_before_commit_is_made_again_and_the_work_run_again),
		store_test(a_connection_closed_while_idle_costs_nobody_a_try),
		store_test(a_connection_lost_in_commit_leaves_it_unsure_and_is_not_run_again),
		store_test(what_a_deferred_rule_refuses_is_no_success),
		store_test(a_statement_ends_after_two_seconds_and_counts_as_busy),
		store_test(a_server_that_says_nothing_counts_as_lost),
		store_test(a_real_serialisation_failure_is_busy),
		store_test(a_deadlock_is_run_again_until_both_are_done),
		store_test(a_lock_that_is_held_for_long_is_busy),
		store_test(a_type_that_is_not_read_is_an_error_and_not_a_null),
		store_test(the_server_restarts_and_the_pool_goes_on),
		store_test(no_write_is_lost_or_done_in_secret_when_the_server_is_killed),
	};

	return store_run_postgres(tests);
}
