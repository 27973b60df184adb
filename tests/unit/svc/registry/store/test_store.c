/* SPDX-License-Identifier: Apache-2.0 */
/* The pool, the migration, and what a store refuses to open. */
#include "svc/registry/store/store.h"

#include "tests/unit/svc/registry/store/store_fixture.h"

#include "svc/registry/store/migrations.h"

#include <pthread.h>
#include <sys/stat.h>

static struct store_owner owner_of(const struct store_world *world)
{
	return (struct store_owner){world->owner,
				    world->engine == DB_POSTGRES ? "registry_app" : NULL};
}

static void a_migration_may_be_repeated_and_finds_the_version(void **state)
{
	struct store_world *world = *state;
	const struct store_owner owner = owner_of(world);
	char err[256] = "";
	int from = -1;

	assert_true(store_migrate(&owner, &from, err, sizeof err));
	assert_int_equal(from, migrations_newest());
}

struct migrating {
	struct store_owner owner;
	int from;
	bool done;
	char err[256];
};

static void *migrate_run(void *magic)
{
	struct migrating *migrating = magic;

	migrating->done = store_migrate(&migrating->owner, &migrating->from, migrating->err,
					sizeof migrating->err);
	return NULL;
}

/* A database without any schema, of the world's kind. */
static void make_bare(struct store_world *world, char *owner_out, size_t size)
{
	if (world->engine == DB_SQLITE) {
		snprintf(owner_out, size, "%s/bare.db", world->dir);
		return;
	}
	struct db *db = store_link(world->superuser, true);
	store_must(db, db_exec(db, "CREATE DATABASE bare OWNER registry_owner STRATEGY file_copy"));
	db_close(db);
	pgcluster_url(&world->cluster, "registry_owner", "bare", owner_out, size);
}

static void drop_bare(struct store_world *world, const char *owner)
{
	if (world->engine == DB_SQLITE) {
		unlink(owner);
		return;
	}
	struct db *db = store_link(world->superuser, true);
	store_must(db, db_exec(db, "DROP DATABASE bare"));
	db_close(db);
}

static void of_migrations_at_once_one_makes_the_schema_and_all_succeed(void **state)
{
	struct store_world *world = *state;
	struct migrating migrating[4];
	pthread_t threads[4];
	char owner[192];
	int made = 0;

	make_bare(world, owner, sizeof owner);
	for (size_t i = 0; i < 4; i++) {
		migrating[i] = (struct migrating){.owner = owner_of(world), .from = -1};
		migrating[i].owner.database = owner;
		pthread_create(&threads[i], NULL, migrate_run, &migrating[i]);
	}
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < 4; i++) {
		if (!migrating[i].done)
			fail_msg("%s", migrating[i].err);
		made += migrating[i].from == 0;
	}
	assert_int_equal(made, 1);
	drop_bare(world, owner);
}

static void a_schema_older_or_newer_than_ours_is_refused_with_what_to_do(void **state)
{
	static const struct {
		const char *change, *undo, *words;
	} cases[] = {
		{"UPDATE schema_version SET version = version + 97",
		 "UPDATE schema_version SET version = version - 97", "newer program"},
		{"UPDATE schema_version SET version = version - 1",
		 "UPDATE schema_version SET version = version + 1", "--migrate"},
		{"ALTER TABLE schema_version RENAME TO gone",
		 "ALTER TABLE gone RENAME TO schema_version", "--migrate"},
	};
	struct store_world *world = *state;
	const struct store_params params = {world->database, 1};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char err[400] = "";
		store_must(world->as_owner, db_exec(world->as_owner, cases[i].change));
		assert_null(store_open(&params, err, sizeof err));
		store_must(world->as_owner, db_exec(world->as_owner, cases[i].undo));
		if (strstr(err, cases[i].words) == NULL || strstr(err, world->database) == NULL)
			fail_msg("%s", err);
	}
}

static void a_schema_newer_than_ours_is_not_migrated_back(void **state)
{
	struct store_world *world = *state;
	const struct store_owner owner = owner_of(world);
	char err[400] = "";
	int from;

	store_must(world->as_owner,
		   db_exec(world->as_owner, "UPDATE schema_version SET version = version + 97"));
	assert_false(store_migrate(&owner, &from, err, sizeof err));
	assert_non_null(strstr(err, "newer program"));
	store_must(world->as_owner,
		   db_exec(world->as_owner, "UPDATE schema_version SET version = version - 97"));
}

/* What the second version added is taken away again. */
static const char first_version[] =
	"DROP INDEX businesses_waiting; DROP INDEX versions_waiting; DROP INDEX claims_waiting;"
	"ALTER TABLE businesses DROP COLUMN review; ALTER TABLE brand_versions DROP COLUMN review;"
	"ALTER TABLE claims DROP COLUMN review; DELETE FROM counters WHERE name = 'reviews';"
	"DELETE FROM schema_version WHERE version = 2";

/* Each is named by the place that it should get; "none" does not wait. */
static const char first_rows[] =
	"INSERT INTO tenants (id, name, level, vouched, state, version, created_at)"
	" VALUES ('ten_1', 'a', 1, 0, 'active', 1, 1);"
	"INSERT INTO businesses (id, tenant, name, country, state, version, created_at, updated_at)"
	" VALUES ('biz_4', 'ten_1', 'A', 'US', 'submitted', 1, 1, 40),"
	" ('biz_1', 'ten_1', 'A', 'US', 'submitted', 1, 2, 10),"
	" ('biz_none', 'ten_1', 'A', 'US', 'draft', 1, 1, 1);"
	"INSERT INTO brands (id, tenant, business, latest, state, version, created_at, updated_at)"
	" VALUES ('brd_1', 'ten_1', 'biz_1', 3, 'new', 1, 1, 1);"
	"INSERT INTO brand_versions (brand, number, tenant, name, state, editor, created_at)"
	" VALUES ('brd_1', 5, 'ten_1', 'A', 'in_review', 'key_1', 40),"
	" ('brd_1', 2, 'ten_1', 'A', 'approved', 'key_1', 20),"
	" ('brd_1', 9, 'ten_1', 'A', 'rejected', 'key_1', 5);"
	"INSERT INTO claims (id, tenant, number, state, version, created_at, updated_at)"
	" VALUES ('clm_3', 'ten_1', '12155551212', 'pending', 1, 30, 30),"
	" ('clm_6', 'ten_1', '12155551213', 'conflict', 1, 1, 50),"
	" ('clm_none', 'ten_1', '12155551214', 'verified', 1, 1, 1)";

static void what_waited_before_there_was_a_queue_has_its_place_by_its_age(void **state)
{
	static const char *const wrong[] = {
		"SELECT count(*) FROM businesses WHERE COALESCE(review, 0) <>"
		" CASE id WHEN 'biz_1' THEN 1 WHEN 'biz_4' THEN 4 ELSE 0 END",
		"SELECT count(*) FROM brand_versions WHERE COALESCE(review, 0) <>"
		" CASE WHEN number = 9 THEN 0 ELSE number END",
		"SELECT count(*) FROM claims WHERE COALESCE(review, 0) <>"
		" CASE id WHEN 'clm_3' THEN 3 WHEN 'clm_6' THEN 6 ELSE 0 END",
		"SELECT value - 6 FROM counters WHERE name = 'reviews'",
	};
	struct store_world *world = *state;
	struct store_owner owner = owner_of(world);
	char database[192], err[256] = "";
	int from = -1;

	make_bare(world, database, sizeof database);
	owner.database = database;
	assert_true(store_migrate(&owner, &from, err, sizeof err));
	struct db *db = store_link(database, true);
	store_must(db, store_exec_in(db, &across_write, first_version));
	store_must(db, store_exec_in(db, &across_write, first_rows));
	if (!store_migrate(&owner, &from, err, sizeof err))
		fail_msg("%s", err);
	assert_int_equal(from, 1);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(store_number_in(db, &across_read, wrong[i]), 0);
	db_close(db);
	drop_bare(world, database);
}

static void readiness_is_that_the_database_answers(void **state)
{
	struct store_world *world = *state;
	char why[256] = "";

	assert_true(store_ready(world->store, why, sizeof why));
	store_must(world->as_owner, db_exec(world->as_owner, "ALTER TABLE tenants RENAME TO gone"));
	assert_false(store_ready(world->store, why, sizeof why));
	assert_non_null(strstr(why, "tenants"));
	store_must(world->as_owner, db_exec(world->as_owner, "ALTER TABLE gone RENAME TO tenants"));
}

static void an_empty_pool_gives_nothing_when_the_wait_is_over(void **state)
{
	struct store_world *world = *state;
	struct db *taken[STORE_CONNECTIONS - 1];
	char why[256] = "";

	for (size_t i = 0; i < STORE_CONNECTIONS - 1; i++) {
		taken[i] = store_take(world->store, 0);
		assert_non_null(taken[i]);
	}
	int64_t before_ms = db_clock_ms();
	assert_null(store_take(world->store, 0));
	assert_true(db_clock_ms() - before_ms < 100);
	before_ms = db_clock_ms();
	assert_null(store_take(world->store, 200));
	assert_in_range(db_clock_ms() - before_ms, 200, 1000);
	assert_false(store_ready(world->store, why, sizeof why));
	assert_non_null(strstr(why, "no connection"));
	for (size_t i = 0; i < STORE_CONNECTIONS - 1; i++)
		store_give(world->store, taken[i]);
	assert_true(store_ready(world->store, why, sizeof why));
}

struct giving {
	struct store *store;
	struct db *db;
};

static void *give_later(void *magic)
{
	struct giving *giving = magic;
	const struct timespec pause = {0, 50000000};

	nanosleep(&pause, NULL);
	store_give(giving->store, giving->db);
	return NULL;
}

static void who_waits_gets_the_connection_that_is_given_back(void **state)
{
	struct store_world *world = *state;
	struct db *taken[STORE_CONNECTIONS - 1], *got;
	pthread_t thread;

	for (size_t i = 0; i < STORE_CONNECTIONS - 1; i++)
		taken[i] = store_take(world->store, 0);
	struct giving giving = {world->store, taken[0]};
	pthread_create(&thread, NULL, give_later, &giving);
	got = store_take(world->store, 10000);
	assert_ptr_equal(got, taken[0]);
	pthread_join(thread, NULL);
	for (size_t i = 0; i < STORE_CONNECTIONS - 1; i++)
		store_give(world->store, taken[i]);
}

#define THREADS 8 /* more than connections: they wait for them */
#define EACH	25

static enum store_status count_one(struct db *db, void *magic)
{
	struct db_query *query =
		db_query(db, "UPDATE counters SET value = value + 1 WHERE name = 'events'");

	(void)magic;
	return db_run(query);
}

static void *count_many(void *magic)
{
	struct store *store = magic;
	uintptr_t failures = 0;

	for (int i = 0; i < EACH; i++) {
		struct db *db = store_take(store, 10000);
		if (db == NULL) {
			failures++;
			continue;
		}
		failures += db_transact(db, &across_write, count_one, NULL) != STORE_OK;
		store_give(store, db);
	}
	return (void *)failures;
}

static void threads_write_at_once_and_nothing_is_lost_or_refused(void **state)
{
	struct store_world *world = *state;
	pthread_t threads[THREADS];
	void *failures;

	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count_many, world->store);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failures);
		assert_null(failures);
	}
	store_must(world->db, db_begin(world->db, &across_read));
	struct db_query *query =
		db_query(world->db, "SELECT value FROM counters WHERE name = 'events'");
	store_must(world->db, db_step(query));
	assert_int_equal(db_int(query, 0), THREADS * EACH);
	db_done(query);
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void what_is_not_there_is_refused_and_not_made(void **state)
{
	struct store_world *world = *state;
	char path[128], err[400] = "";
	const struct store_params params = {path, 1};

	snprintf(path, sizeof path, "%s/none.db", world->dir);
	assert_null(store_open(&params, err, sizeof err));
	assert_non_null(strstr(err, path));
	assert_non_null(strstr(err, "--migrate"));
	assert_int_not_equal(access(path, F_OK), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_migration_may_be_repeated_and_finds_the_version),
		store_test(of_migrations_at_once_one_makes_the_schema_and_all_succeed),
		store_test(a_schema_older_or_newer_than_ours_is_refused_with_what_to_do),
		store_test(a_schema_newer_than_ours_is_not_migrated_back),
		store_test(what_waited_before_there_was_a_queue_has_its_place_by_its_age),
		store_test(readiness_is_that_the_database_answers),
		store_test(an_empty_pool_gives_nothing_when_the_wait_is_over),
		store_test(who_waits_gets_the_connection_that_is_given_back),
		store_test(threads_write_at_once_and_nothing_is_lost_or_refused),
		store_test(what_is_not_there_is_refused_and_not_made),
	};

	return store_run(tests);
}
