/* SPDX-License-Identifier: Apache-2.0 */
/* Row-level security, and which roles may do what on PostgreSQL. */
#include "tests/unit/svc/registry/store/store_rows.h"

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
		assert_int_equal(store_number_in(world->db, &across_write, sql), all);
		assert_int_equal(store_number_in(world->db, &as_one, sql), 1);
		assert_int_equal(store_number_in(world->db, &as_two, sql), all - 1);
		assert_int_equal(store_number_in(world->db, &as_nobody, sql), 0);
		/* the owner as well: FORCE */
		assert_int_equal(store_number_in(world->as_owner, &as_two, sql), all - 1);
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
		int64_t before = store_number_in(world->db, &across_write, counts.sql[i]);
		struct db *db = strcmp(deletes.sql[i], "DELETE FROM audit") == 0 ? world->as_owner
										 : world->db;
		store_must(db, store_exec_in(db, &as_nobody, deletes.sql[i]));
		assert_int_equal(store_number_in(world->db, &across_write, counts.sql[i]), before);
	}
	store_must(world->db,
		   store_exec_in(world->db, &as_two, "UPDATE keys SET role = 'operator'"));
	assert_int_equal(store_number_in(world->db, &across_write,
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
		   store_exec_in(
			   world->db, &as_two,
			   "INSERT INTO users (id, tenant, name, role, state, version, created_at)"
			   " VALUES ('usr_3', 'ten_2', 'Own', 'owner', 'active', 1, 2)"));
	for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
		assert_int_equal(store_exec_in(world->db, &as_two, writes[i]), STORE_FAILED);
		assert_non_null(strstr(db_error(world->db), "row-level security"));
	}
}

static void what_a_transaction_could_see_ends_with_it(void **state)
{
	struct store_world *world = *state;
	struct db *db = world->db;

	store_fill(world->as_owner);
	assert_int_equal(store_number_in(db, &across_write, "SELECT count(*) FROM users"), 1);
	store_must(db, db_exec(db, "CREATE TEMPORARY TABLE seen AS SELECT * FROM attestel.users"));
	assert_int_equal(store_number_in(db, &across_read, "SELECT count(*) FROM pg_temp.seen"), 0);
	store_must(db, db_exec(db, "DROP TABLE pg_temp.seen"));
}

static bool is_reviewed(const char *sql)
{
	static const char *const tables[] = {"tenants", "businesses", "brands", "brand_versions",
					     "claims"};
	const char *table = strstr(sql, "FROM ") + strlen("FROM ");

	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		if (strcmp(tables[i], table) == 0)
			return true;
	}
	return false;
}

static void a_review_reads_what_vetters_decide_on_and_nothing_else_of_others(void **state)
{
	static const struct db_scope review = {DB_READ, DB_REVIEW, "ten_2"};
	struct store_world *world = *state;
	static struct names counts;

	store_fill(world->as_owner);
	with_tables(world->db, "SELECT count(*) FROM ", "", &counts);
	for (size_t i = 0; i < counts.n; i++) {
		const char *sql = counts.sql[i];
		const bool tenants = strcmp(sql, "SELECT count(*) FROM tenants") == 0;
		int64_t seen = is_reviewed(sql) ? 1 + tenants : 0;
		assert_int_equal(store_number_in(world->db, &review, sql), seen);
		/* and it ends with the transaction */
		assert_int_equal(store_number_in(world->db, &as_two, sql), tenants);
	}
}

static void a_review_writes_nothing_of_others(void **state)
{
	static const struct db_scope review = {DB_WRITE, DB_REVIEW, "ten_2"};
	struct store_world *world = *state;
	static struct names deletes;

	store_fill(world->as_owner);
	with_tables(world->db, "DELETE FROM ", "", &deletes);
	for (size_t i = 0; i < deletes.n; i++) {
		if (strcmp(deletes.sql[i], "DELETE FROM tenants") == 0 ||
		    strcmp(deletes.sql[i], "DELETE FROM audit") == 0)
			continue; /* it has a row of ten_2; nobody may */
		store_must(world->db, store_exec_in(world->db, &review, deletes.sql[i]));
	}
	store_must(world->db, store_exec_in(world->db, &review,
					    "UPDATE tenants SET name = 'x' WHERE id = 'ten_1'"));
	with_tables(world->db, "SELECT count(*) FROM ", "", &deletes);
	for (size_t i = 0; i < deletes.n; i++)
		assert_true(store_number_in(world->db, &as_one, deletes.sql[i]) == 1);
	assert_int_equal(store_number_in(world->db, &as_one,
					 "SELECT count(*) FROM tenants WHERE name = 'x'"),
			 0);
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
		if (store_exec_in(world->db, &across_write, denied[i]) != STORE_FAILED)
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

static void a_database_that_is_not_utf8_is_refused(void **state)
{
	struct store_world *world = *state;
	struct db *superuser = store_link(world->superuser, true);
	char url[192], err[256] = "";
	int from;
	const struct store_owner owner = {url, "registry_app"};

	store_must(superuser, db_exec(superuser, "CREATE DATABASE ascii OWNER registry_owner"
						 " TEMPLATE template0 ENCODING 'SQL_ASCII'"));
	pgcluster_url(&world->cluster, "registry_owner", "ascii", url, sizeof url);
	assert_false(store_migrate(&owner, &from, err, sizeof err));
	assert_non_null(strstr(err, "UTF8"));
	store_must(superuser, db_exec(superuser, "DROP DATABASE ascii"));
	db_close(superuser);
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_tenant_sees_none_of_anothers_rows_without_any_where),
		store_test(a_tenant_changes_and_deletes_none_of_anothers_rows),
		store_test(a_tenant_writes_no_row_that_is_anothers),
		store_test(what_a_transaction_could_see_ends_with_it),
		store_test(a_review_reads_what_vetters_decide_on_and_nothing_else_of_others),
		store_test(a_review_writes_nothing_of_others),
		store_test(the_application_changes_no_table_no_policy_and_no_past),
		store_test(a_role_that_security_does_not_bind_may_not_serve),
		store_test(a_migration_wants_a_role_that_exists_and_is_not_the_owner),
		store_test(a_password_in_the_database_is_refused_and_not_repeated),
		store_test(a_server_that_is_not_there_is_an_error_at_once),
		store_test(a_database_that_is_not_utf8_is_refused),
		store_test(a_password_comes_from_its_file_and_from_nowhere_else),
	};

	return store_run_postgres(tests);
}
