/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store on either engine. A test program runs its table of tests on both:
 *
 *	static const struct CMUnitTest tests[] = {store_test(a_rule_holds), ...};
 *	return store_run(tests);
 *
 * Each test finds an empty registry in *state (struct store_world) and one open connection.
 */
#ifndef TEST_STORE_FIXTURE_H
#define TEST_STORE_FIXTURE_H

#include "svc/registry/store/driver.h"
#include "svc/registry/store/store.h"
#include "svc/registry/store/transfer.h"
#include "tests/kit/pgcluster.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Each test program uses a part of this. */
#pragma GCC diagnostic ignored "-Wunused-function"

#define STORE_CONNECTIONS 4
#define STORE_COUNTERS	  8

struct store_world {
	enum db_engine engine;
	char dir[64];			/* a directory of the group's own */
	char owner[192], database[192]; /* for store_migrate() and store_open() */
	char superuser[192];		/* PostgreSQL: the registry's database as its superuser */
	struct pgcluster cluster;	/* PostgreSQL */
	char counters[STORE_COUNTERS][32]; /* that a new registry has */
	size_t n_counters;
	struct store *store;
	struct db *db;	     /* the test's; taken from store */
	struct db *as_owner; /* to make room between tests, and for what the application may not */
};

static const struct db_scope across_write = {DB_WRITE, DB_ACROSS, ""};
static const struct db_scope across_read = {DB_READ, DB_ACROSS, ""};

/* The fixture's own statements must succeed. */
#define store_must(db, status_)                                                                    \
	do {                                                                                       \
		if ((status_) != STORE_OK)                                                         \
			fail_msg("%s: %s", #status_, db_error(db));                                \
	} while (0)

static struct db *store_link(const char *database, bool owner)
{
	const struct db_target target = {database, owner, NULL};
	char err[256] = "";
	struct db *db = db_open(&target, err, sizeof err);

	if (db == NULL)
		fail_msg("%s: %s", database, err);
	return db;
}

/* The two roles, and a database of the owner's: what docs/registry.md tells an operator to make. */
static void store_make_roles(struct store_world *world)
{
	char maintenance[192];

	pgcluster_url(&world->cluster, PGCLUSTER_SUPERUSER, "postgres", maintenance,
		      sizeof maintenance);
	struct db *db = store_link(maintenance, true);
	store_must(db, db_exec(db, "CREATE ROLE registry_owner LOGIN"));
	store_must(db, db_exec(db, "CREATE ROLE registry_app LOGIN"));
	store_must(db, db_exec(db, "CREATE DATABASE registry OWNER registry_owner"
				   " STRATEGY file_copy"));
	db_close(db);
	pgcluster_url(&world->cluster, "registry_owner", "registry", world->owner,
		      sizeof world->owner);
	pgcluster_url(&world->cluster, "registry_app", "registry", world->database,
		      sizeof world->database);
	pgcluster_url(&world->cluster, PGCLUSTER_SUPERUSER, "registry", world->superuser,
		      sizeof world->superuser);
}

static void store_read_counters(struct store_world *world)
{
	struct db *db = world->as_owner;

	store_must(db, db_begin(db, &across_read));
	struct db_query *query = db_query(db, "SELECT name FROM counters");
	while (db_step(query) == STORE_OK) {
		assert_true(world->n_counters < STORE_COUNTERS);
		db_text(query, 0, world->counters[world->n_counters++], sizeof world->counters[0]);
	}
	db_done(query);
	store_must(db, db_end(db, STORE_OK));
}

static void store_empty(struct store_world *world)
{
	struct db *db = world->as_owner;
	char sql[128];
	size_t count = 0;

	while (transfer_table(count) != NULL)
		count++;
	store_must(db, db_begin(db, &across_write));
	while (count-- > 0) {
		snprintf(sql, sizeof sql, "DELETE FROM %s", transfer_table(count));
		store_must(db, db_exec(db, sql));
	}
	for (size_t i = 0; i < world->n_counters; i++) {
		struct db_query *query =
			db_query(db, "INSERT INTO counters (name, value) VALUES (:name, 0)");
		db_bind_text(query, ":name", world->counters[i]);
		store_must(db, db_run(query));
	}
	store_must(db, db_end(db, STORE_OK));
}

static void store_open_world(struct store_world *world)
{
	const struct store_owner owner = {world->owner,
					  world->engine == DB_POSTGRES ? "registry_app" : NULL};
	const struct store_params params = {world->database, STORE_CONNECTIONS};
	char err[256] = "";
	int from = -1;

	if (!store_migrate(&owner, &from, err, sizeof err))
		fail_msg("store_migrate: %s", err);
	world->store = store_open(&params, err, sizeof err);
	if (world->store == NULL)
		fail_msg("store_open: %s", err);
	world->as_owner = store_link(world->owner, true);
	store_read_counters(world);
}

static struct store_world *store_world_new(enum db_engine engine)
{
	struct store_world *world = calloc(1, sizeof *world);

	assert_non_null(world);
	world->engine = engine;
	snprintf(world->dir, sizeof world->dir, "/tmp/attestel-store.XXXXXX");
	assert_non_null(mkdtemp(world->dir));
	return world;
}

static int store_world_sqlite(void **state)
{
	struct store_world *world = store_world_new(DB_SQLITE);

	snprintf(world->owner, sizeof world->owner, "sqlite:%s/registry.db", world->dir);
	snprintf(world->database, sizeof world->database, "%s/registry.db", world->dir);
	store_open_world(world);
	*state = world;
	return 0;
}

static int store_world_postgres(void **state)
{
	struct store_world *world = store_world_new(DB_POSTGRES);
	char err[256];

	/* durability is what test_crash is about; here it would only take time */
	if (pgcluster_start(false, &world->cluster, err, sizeof err) != 0)
		fail_msg("%s", err);
	store_make_roles(world);
	store_open_world(world);
	*state = world;
	return 0;
}

static int store_remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

static int store_world_close(void **state)
{
	struct store_world *world = *state;

	if (world == NULL)
		return 0;
	db_close(world->as_owner);
	store_close(world->store);
	if (world->engine == DB_POSTGRES)
		pgcluster_stop(&world->cluster);
	nftw(world->dir, store_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(world);
	return 0;
}

/* The first column of the first row. */
static int64_t store_number(struct db *db, const char *sql)
{
	struct db_query *query = db_query(db, sql);
	store_must(db, db_step(query));
	int64_t value = db_int(query, 0);

	db_done(query);
	return value;
}

static int64_t store_number_in(struct db *db, const struct db_scope *scope, const char *sql)
{
	store_must(db, db_begin(db, scope));
	int64_t value = store_number(db, sql);
	store_must(db, db_end(db, STORE_OK));
	return value;
}

static enum store_status store_exec_in(struct db *db, const struct db_scope *scope, const char *sql)
{
	store_must(db, db_begin(db, scope));
	return db_end(db, db_exec(db, sql));
}

static int store_test_begin(void **state)
{
	struct store_world *world = *state;

	store_empty(world);
	world->db = store_take(world->store, 0);
	assert_non_null(world->db);
	return 0;
}

static int store_test_end(void **state)
{
	struct store_world *world = *state;

	/* what a test that failed left open must not fail the next one */
	if (world->db->open)
		(void)db_end(world->db, STORE_NONE);
	if (world->as_owner->open)
		(void)db_end(world->as_owner, STORE_NONE);
	store_give(world->store, world->db);
	world->db = NULL;
	return 0;
}

#define store_test(function)                                                                       \
	cmocka_unit_test_setup_teardown(function, store_test_begin, store_test_end)

static bool store_has_postgres(void)
{
	if (access(PGCLUSTER_SERVER, X_OK) == 0)
		return true;
	fprintf(stderr, "SKIPPED on PostgreSQL: package postgresql-15 is not installed\n");
	return false;
}

/* tests on both engines. */
#define store_run(tests)                                                                           \
	(cmocka_run_group_tests_name("SQLite", tests, store_world_sqlite, store_world_close) +     \
	 (store_has_postgres()                                                                     \
		  ? cmocka_run_group_tests_name("PostgreSQL", tests, store_world_postgres,         \
						store_world_close)                                 \
		  : 0))

/* tests of what PostgreSQL alone does. */
#define store_run_postgres(tests)                                                                  \
	(store_has_postgres()                                                                      \
		 ? cmocka_run_group_tests_name("PostgreSQL", tests, store_world_postgres,          \
					       store_world_close)                                  \
		 : 0)

#endif
