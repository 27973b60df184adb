/* SPDX-License-Identifier: Apache-2.0 */
/* What SQLite alone does: its file, its flush, its one writer. */
#include "tests/unit/svc/registry/store/store_fixture.h"

#include <pthread.h>
#include <sys/stat.h>

static void the_file_is_for_its_owner_only(void **state)
{
	struct store_world *world = *state;
	struct stat status;

	assert_int_equal(stat(world->database, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void pragma_is(struct db *db, const char *sql, const char *value)
{
	struct db_query *query = db_query(db, sql);
	char text[32];

	store_must(db, db_step(query));
	snprintf(text, sizeof text, "%lld", (long long)db_int(query, 0));
	assert_string_equal(db_text_borrow(query, 0)[0] != '\0' ? db_text_borrow(query, 0) : text,
			    value);
	db_done(query);
}

static void writes_are_flushed_and_rows_refer_to_rows(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	store_must(db, db_begin(db, &across_write)); /* asking for a mode counts as a write */
	pragma_is(db, "PRAGMA synchronous", "2");
	pragma_is(db, "PRAGMA foreign_keys", "1");
	pragma_is(db, "PRAGMA journal_mode", "wal");
	pragma_is(db, "PRAGMA application_id", "1096045140");
	store_must(db, db_end(db, STORE_OK));
	store_must(db, db_begin(db, &across_write));
	assert_int_equal(db_exec(db, "INSERT INTO users (id, tenant, name, role, state, version,"
				     " created_at) VALUES ('u', 'ten_none', 'x', 'owner', 'a', 1,"
				     " 1)"),
			 STORE_CONFLICT);
	assert_int_equal(db_end(db, STORE_OK), STORE_CONFLICT);
}

/* 0: opening it as a registry worked. */
static int refused(const char *path, const char *words)
{
	const struct store_params params = {path, 1};
	const struct store_owner owner = {path, NULL};
	char err[400] = "";
	int from;

	assert_null(store_open(&params, err, sizeof err));
	if (strstr(err, words) == NULL)
		fail_msg("%s", err);
	assert_false(store_migrate(&owner, &from, err, sizeof err));
	if (strstr(err, words) == NULL)
		fail_msg("%s", err);
	return 1;
}

static void somebody_elses_file_is_neither_served_nor_migrated(void **state)
{
	struct store_world *world = *state;
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/text", world->dir);
	file = fopen(path, "w");
	fputs("this is no database, only a text that is long enough to be taken for one\n", file);
	fclose(file);
	assert_true(refused(path, "not a database"));
	unlink(path);
	const struct db_target target = {path, true, NULL};
	char err[256];
	struct db *db = db_open(&target, err, sizeof err);
	store_must(db, db_exec(db, "CREATE TABLE theirs (x)"));
	db_close(db);
	assert_true(refused(path, "not a registry's database"));
	unlink(path);
}

static void a_role_is_refused_since_a_file_has_none(void **state)
{
	struct store_world *world = *state;
	const struct store_owner owner = {world->owner, "registry_app"};
	char err[256] = "";
	int from;

	assert_false(store_migrate(&owner, &from, err, sizeof err));
	assert_non_null(strstr(err, "no roles"));
}

static void another_process_that_writes_makes_us_busy_and_then_lets_us_in(void **state)
{
	struct store_world *world = *state;
	/* the owner's connection does not share our writer's turn: as another process's */
	struct db *other = world->as_owner;
	int64_t before_ms = db_clock_ms();

	store_must(other, db_begin(other, &across_write));
	assert_int_equal(db_begin(world->db, &across_write), STORE_BUSY);
	assert_in_range(db_clock_ms() - before_ms, 1900, 4000);
	/* but it does not keep us from reading */
	store_must(world->db, db_begin(world->db, &across_read));
	store_must(world->db, db_end(world->db, STORE_OK));
	store_must(other, db_end(other, STORE_OK));
	store_must(world->db, db_begin(world->db, &across_write));
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void a_thread_that_writes_too_long_makes_the_others_busy(void **state)
{
	struct store_world *world = *state;
	struct db *other = store_take(world->store, 0);
	int64_t before_ms = db_clock_ms();

	store_must(other, db_begin(other, &across_write));
	assert_int_equal(db_begin(world->db, &across_write), STORE_BUSY);
	assert_in_range(db_clock_ms() - before_ms, 1900, 4000);
	store_must(other, db_end(other, STORE_NONE) == STORE_NONE ? STORE_OK : STORE_FAILED);
	store_must(world->db, db_begin(world->db, &across_write));
	store_must(world->db, db_end(world->db, STORE_OK));
	store_give(world->store, other);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(the_file_is_for_its_owner_only),
		store_test(writes_are_flushed_and_rows_refer_to_rows),
		store_test(somebody_elses_file_is_neither_served_nor_migrated),
		store_test(a_role_is_refused_since_a_file_has_none),
		store_test(another_process_that_writes_makes_us_busy_and_then_lets_us_in),
		store_test(a_thread_that_writes_too_long_makes_the_others_busy),
	};

	return cmocka_run_group_tests(tests, store_world_sqlite, store_world_close);
}
