/* SPDX-License-Identifier: Apache-2.0 */
/* What PostgreSQL alone does: row-level security, roles, lost connections, locks. */
#include "tests/unit/svc/registry/store/store_rows.h"

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

static const struct db_scope as_one = {DB_WRITE, DB_TENANT, "ten_1"};
static const struct db_scope as_two = {DB_WRITE, DB_TENANT, "ten_2"};
static const struct db_scope as_nobody = {DB_WRITE, DB_TENANT, ""};

#define TENANT_TABLES                                                                              \
	"SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'attestel'::regnamespace"         \
	" AND c.relkind = 'r' AND (c.relname = 'tenants' OR EXISTS (SELECT 1 FROM pg_attribute a"  \
	" WHERE a.attrelid = c.oid AND a.attname = 'tenant')) ORDER BY c.relname"

#define TABLES_MAX 32

struct names {
	size_t n;
	char sql[TABLES_MAX][96];
};

/* "begin<table>end" for every table whose rows belong to tenants. */
static void with_tables(struct db *db, const char *begin, const char *end, struct names *names)
{
	names->n = 0;
	store_must(db, db_begin(db, &across_read));
	struct db_query *query = db_query(db, TENANT_TABLES);
	while (db_step(query) == STORE_OK) {
		assert_true(names->n < TABLES_MAX);
		snprintf(names->sql[names->n++], sizeof names->sql[0], "%s%s%s", begin,
			 db_text_borrow(query, 0), end);
	}
	db_done(query);
	store_must(db, db_end(db, STORE_OK));
	assert_in_range(names->n, 18, TABLES_MAX);
}

static int64_t number(struct db *db, const char *sql)
{
	struct db_query *query = db_query(db, sql);
	store_must(db, db_step(query));
	int64_t value = db_int(query, 0);

	db_done(query);
	return value;
}

static int64_t number_in(struct db *db, const struct db_scope *scope, const char *sql)
{
	store_must(db, db_begin(db, scope));
	int64_t value = number(db, sql);
	store_must(db, db_end(db, STORE_OK));
	return value;
}

static enum store_status exec_in(struct db *db, const struct db_scope *scope, const char *sql)
{
	store_must(db, db_begin(db, scope));
	return db_end(db, db_exec(db, sql));
}

static void a_tenant_sees_none_of_anothers_rows_without_any_where(void **state)
{
	struct store_world *world = *state;
	static struct names counts;

	store_fill(
		world->as_owner); /* each table has rows of ten_1; only tenants has one of ten_2 */
	with_tables(world->db, "SELECT count(*) FROM ", "", &counts);
	for (size_t i = 0; i < counts.n; i++) {
		const char *sql = counts.sql[i];
		int64_t all = strcmp(sql, "SELECT count(*) FROM tenants") == 0 ? 2 : 1;
		assert_int_equal(number_in(world->db, &across_write, sql), all);
		assert_int_equal(number_in(world->db, &as_one, sql), 1);
		assert_int_equal(number_in(world->db, &as_two, sql), all - 1);
		assert_int_equal(number_in(world->db, &as_nobody, sql), 0);
		/* the owner as well: FORCE */
		assert_int_equal(number_in(world->as_owner, &as_two, sql), all - 1);
	}
}

static void a_tenant_changes_and_deletes_none_of_anothers_rows(void **state)
{
	struct store_world *world = *state;
	static struct names deletes, counts;

	store_fill(world->as_owner);
	with_tables(world->db, "DELETE FROM ", "", &deletes);
	with_tables(world->db, "SELECT count(*) FROM ", "", &counts);
	for (size_t i = 0; i < deletes.n; i++) {
		int64_t before = number_in(world->db, &across_write, counts.sql[i]);
		struct db *db = strcmp(deletes.sql[i], "DELETE FROM audit") == 0 ? world->as_owner
										 : world->db;
		store_must(db, exec_in(db, &as_nobody, deletes.sql[i]));
		assert_int_equal(number_in(world->db, &across_write, counts.sql[i]), before);
	}
	store_must(world->db, exec_in(world->db, &as_two, "UPDATE keys SET role = 'operator'"));
	assert_int_equal(number_in(world->db, &across_write,
				   "SELECT count(*) FROM keys WHERE role = 'operator'"),
			 0);
}

static void a_tenant_writes_no_row_that_is_anothers(void **state)
{
	struct store_world *world = *state;
	static const char *const writes[] = {
		"INSERT INTO users (id, tenant, name, role, state, version, created_at)"
		" VALUES ('usr_2', 'ten_1', 'Eve', 'owner', 'active', 1, 2)",
		"INSERT INTO events (serial, tenant, kind, object, body, at)"
		" VALUES (13, 'ten_1', 'x', 'y', '{}', 1)",
		"INSERT INTO tenants (id, name, level, vouched, state, version, created_at)"
		" VALUES ('ten_7', 'Mallory', 1, 1, 'active', 1, 1)",
		"UPDATE users SET tenant = 'ten_1'", /* its own row, given away */
	};

	store_fill(world->as_owner);
	store_must(world->db,
		   exec_in(world->db, &as_two,
			   "INSERT INTO users (id, tenant, name, role, state, version, created_at)"
			   " VALUES ('usr_3', 'ten_2', 'Own', 'owner', 'active', 1, 2)"));
	for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
		assert_int_equal(exec_in(world->db, &as_two, writes[i]), STORE_FAILED);
		assert_non_null(strstr(db_error(world->db), "row-level security"));
	}
}

static void what_a_transaction_could_see_ends_with_it(void **state)
{
	struct store_world *world = *state;
	struct db *db = world->db;

	store_fill(world->as_owner);
	assert_int_equal(number_in(db, &across_write, "SELECT count(*) FROM users"), 1);
	store_must(db, db_exec(db, "CREATE TEMPORARY TABLE seen AS SELECT * FROM attestel.users"));
	assert_int_equal(number_in(db, &across_read, "SELECT count(*) FROM pg_temp.seen"), 0);
	store_must(db, db_exec(db, "DROP TABLE pg_temp.seen"));
}

static void the_application_changes_no_table_no_policy_and_no_past(void **state)
{
	struct store_world *world = *state;
	static const char *const denied[] = {
		"CREATE TABLE attestel.mine (x int)",
		"CREATE SCHEMA mine",
		"ALTER TABLE users DISABLE ROW LEVEL SECURITY",
		"ALTER TABLE users NO FORCE ROW LEVEL SECURITY",
		"ALTER TABLE users ADD COLUMN x int",
		"DROP POLICY of_tenant ON users",
		"CREATE POLICY mine ON users USING (true)",
		"DROP TABLE users",
		"TRUNCATE users",
		"CREATE RULE mine AS ON INSERT TO users DO INSTEAD NOTHING",
		"SET ROLE registry_owner",
		"SELECT setval('users_serial_seq', 1)",
		"UPDATE audit SET detail = ''",
		"DELETE FROM audit",
		"UPDATE schema_version SET version = 9",
		"COPY users TO PROGRAM 'true'",
	};

	for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++)
		if (exec_in(world->db, &across_write, denied[i]) != STORE_FAILED)
			fail_msg("allowed: %s", denied[i]);
}

static void a_role_that_security_does_not_bind_may_not_serve(void **state)
{
	struct store_world *world = *state;
	static const struct {
		const char *make, *role, *why;
	} cases[] = {
		{"", PGCLUSTER_SUPERUSER, "a superuser"},
		{"", "registry_owner", "the owner of the schema"},
		{"CREATE ROLE passes LOGIN BYPASSRLS", "passes", "BYPASSRLS"},
		{"CREATE ROLE member LOGIN IN ROLE registry_owner", "member", "the owner of"},
		{"CREATE ROLE makes LOGIN; GRANT ALL ON SCHEMA attestel TO makes", "makes",
		 "may create tables"},
		{"CREATE ROLE powers LOGIN; CREATE ROLE stays LOGIN; ALTER ROLE powers SUPERUSER;"
		 "ALTER ROLE powers SET role = 'stays'",
		 "powers", "a superuser"},
	};
	struct db *superuser = store_link(world->superuser, true);

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char url[192], err[256] = "";
		const struct store_params params = {url, 1};
		store_must(superuser, db_exec(superuser, cases[i].make));
		pgcluster_url(&world->cluster, cases[i].role, "registry", url, sizeof url);
		assert_null(store_open(&params, err, sizeof err));
		if (strstr(err, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].role, err);
	}
	db_close(superuser);
}

static void a_migration_wants_a_role_that_exists_and_is_not_the_owner(void **state)
{
	struct store_world *world = *state;
	static const struct {
		const char *role, *why;
	} cases[] = {
		{NULL, "which role"},
		{"registry_owner", "is the owner's"},
		{"nobody'; DROP TABLE users; --", "does not exist"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct store_owner owner = {world->owner, cases[i].role};
		char err[256] = "";
		int from;
		assert_false(store_migrate(&owner, &from, err, sizeof err));
		if (strstr(err, cases[i].why) == NULL)
			fail_msg("%s", err);
	}
}

static void a_password_in_the_database_is_refused_and_not_repeated(void **state)
{
	static const char *const urls[] = {
		"postgresql://app:s3cret@/registry?host=/nowhere",
		"postgresql://app@/registry?host=/nowhere&password=s3cret",
		"postgresql://app:s3cret@[/registry",
	};

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		const struct store_params params = {urls[i], 1};
		char err[256] = "";
		assert_null(store_open(&params, err, sizeof err));
		assert_string_not_equal(err, "");
		assert_null(strstr(err, "s3cret"));
	}
}

static void a_server_that_is_not_there_is_an_error_at_once(void **state)
{
	const struct store_params params = {"postgresql://app@/registry?host=/nowhere", 1};
	char err[256] = "";
	int64_t before_ms = db_clock_ms();

	(void)state;
	assert_null(store_open(&params, err, sizeof err));
	assert_non_null(strstr(err, "/nowhere"));
	assert_true(db_clock_ms() - before_ms < 2000);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

/* From now on the server asks this role for its password. */
static void ask_for_password(struct store_world *world, const char *role)
{
	struct db *superuser = store_link(world->superuser, true);
	char path[128], text[256];

	snprintf(path, sizeof path, "%s/data/pg_hba.conf", world->cluster.dir);
	snprintf(text, sizeof text, "local all %s scram-sha-256\nlocal all all trust\n", role);
	write_file(path, text, 0644);
	store_must(superuser, db_exec(superuser, "SELECT pg_reload_conf()"));
	db_close(superuser);
}

/* The server has read its new rules: who has no password stays outside. */
static bool is_asked(const char *url)
{
	const struct db_target target = {url, false, NULL};
	const struct timespec pause = {0, 20000000};
	char err[256];

	for (int i = 0; i < 500; i++) {
		struct db *db = db_open(&target, err, sizeof err);
		if (db == NULL)
			return strstr(err, "password") != NULL;
		db_close(db);
		nanosleep(&pause, NULL);
	}
	return false;
}

static void a_password_comes_from_its_file_and_from_nowhere_else(void **state)
{
	struct store_world *world = *state;
	char url[192], with_file[320], path[96], err[256] = "";
	struct db *superuser = store_link(world->superuser, true);

	store_must(superuser, db_exec(superuser, "CREATE ROLE guarded LOGIN PASSWORD 's3cret'"
						 " IN ROLE registry_app"));
	db_close(superuser);
	ask_for_password(world, "guarded");
	pgcluster_url(&world->cluster, "guarded", "registry", url, sizeof url);
	snprintf(path, sizeof path, "%s/passfile", world->dir);
	snprintf(with_file, sizeof with_file, "%s&passfile=%s", url, path);
	const struct store_params params[] = {{url, 1}, {with_file, 1}};
	assert_true(is_asked(url));
	assert_null(store_open(&params[0], err, sizeof err));
	write_file(path, "*:*:*:guarded:wrong\n", 0600);
	assert_null(store_open(&params[1], err, sizeof err));
	assert_null(strstr(err, "wrong\n"));
	write_file(path, "*:*:*:guarded:s3cret\n", 0600);
	struct store *store = store_open(&params[1], err, sizeof err);
	if (store == NULL)
		fail_msg("%s", err);
	store_close(store);
	/* a file that others can read is no secret */
	write_file(path, "*:*:*:guarded:s3cret\n", 0644);
	assert_null(store_open(&params[1], err, sizeof err));
	ask_for_password(world, "nobody");
}

static int64_t backend_of(struct db *db)
{
	return number_in(db, &across_read, "SELECT CAST(pg_backend_pid() AS BIGINT)");
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
	assert_int_equal(number_in(world->db, &across_read,
				   "SELECT count(*) FROM counters WHERE name IN ('a', 'b')"),
			 2);
	assert_true(backend_of(world->db) != cut.pid);
}

static void a_connection_closed_while_idle_costs_nobody_a_try(void **state)
{
	struct store_world *world = *state;

	terminate(world, backend_of(world->db));
	store_must(world->db, db_begin(world->db, &across_write));
	assert_int_equal(number(world->db, "SELECT count(*) FROM tenants"), 0);
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
	assert_int_equal(number_in(world->db, &across_read,
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
	assert_int_equal(number_in(world->db, &across_read,
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

	store_must(world->db, exec_in(world->db, &across_write,
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
	assert_int_equal(number_in(world->db, &across_read,
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
	assert_int_equal(number_in(world->db, &across_read, "SELECT count(*) FROM tenants"), 2);
	assert_true(store_ready(world->store, err, sizeof err));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_tenant_sees_none_of_anothers_rows_without_any_where),
		store_test(a_tenant_changes_and_deletes_none_of_anothers_rows),
		store_test(a_tenant_writes_no_row_that_is_anothers),
		store_test(what_a_transaction_could_see_ends_with_it),
		store_test(the_application_changes_no_table_no_policy_and_no_past),
		store_test(a_role_that_security_does_not_bind_may_not_serve),
		store_test(a_migration_wants_a_role_that_exists_and_is_not_the_owner),
		store_test(a_password_in_the_database_is_refused_and_not_repeated),
		store_test(a_password_comes_from_its_file_and_from_nowhere_else),
		store_test(a_server_that_is_not_there_is_an_error_at_once),
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
	};

	return store_run_postgres(tests);
}
