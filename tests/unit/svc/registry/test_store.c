/* SPDX-License-Identifier: Apache-2.0 */
/* The store on a real SQLite file: versions, tenants, compare-and-set. */
#include "fixture.h"

#include "svc/registry/domain/scope.h"
#include "svc/registry/store/brands.h"
#include "svc/registry/store/businesses.h"
#include "svc/registry/store/certificates.h"
#include "svc/registry/store/intents.h"
#include "svc/registry/store/migrations.h"
#include "svc/registry/store/numbers.h"
#include "svc/registry/store/tenants.h"

#include <pthread.h>
#include <sys/stat.h>

#define NOW INT64_C(1800000000000)

struct open_store {
	struct fixture fixture;
	struct store *store;
	struct db *db;
};

static int open_it(void **state)
{
	struct open_store *open = calloc(1, sizeof *open);
	char err[400];

	fixture_prepare(&open->fixture);
	const struct store_params params = {open->fixture.database, 4};
	open->store = store_open(&params, err, sizeof err);
	assert_non_null(open->store);
	open->db = store_take(open->store);
	*state = open;
	return 0;
}

static int close_it(void **state)
{
	struct open_store *open = *state;

	store_give(open->store, open->db);
	store_close(open->store);
	fixture_clear(&open->fixture);
	free(open);
	return 0;
}

static void add_world(struct db *db)
{
	static const char *const sql =
		"INSERT INTO tenants VALUES ('ten_a', 'A', 0), ('ten_b', 'B', 0);"
		"INSERT INTO businesses (id, tenant, name, country, created_at)"
		" VALUES ('biz_a', 'ten_a', 'A', 'US', 0);"
		"INSERT INTO brands VALUES ('brd_a', 'ten_a', 'biz_a', 'A', 1, NULL, 0);";

	assert_int_equal(db_exec(db, sql), STORE_OK);
}

static void migration_is_numbered_forward_and_may_be_repeated(void **state)
{
	struct open_store *open = *state;
	char err[400];
	int from = -1;
	struct stat st;

	for (size_t i = 0; i < migrations_count; i++)
		assert_int_equal(migrations[i].version, i + 1);
	assert_int_equal(migrations[migrations_count - 1].version, STORE_SCHEMA_VERSION);
	assert_true(store_migrate(open->fixture.database, &from, err, sizeof err));
	assert_int_equal(from, STORE_SCHEMA_VERSION);
	assert_int_equal(stat(open->fixture.database, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(open->fixture.pair_key_file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void an_older_or_newer_or_foreign_file_is_refused_with_a_clear_message(void **state)
{
	static const struct {
		const char *sql, *words;
	} cases[] = {
		{"PRAGMA user_version = 0", "--migrate"},
		{"PRAGMA user_version = 99", "newer"},
		{"PRAGMA user_version = 1; PRAGMA application_id = 7", "not a registry"},
	};
	struct open_store *open = *state;
	const struct store_params params = {open->fixture.database, 1};
	char err[400];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(db_exec(open->db, cases[i].sql), STORE_OK);
		assert_null(store_open(&params, err, sizeof err));
		assert_non_null(strstr(err, cases[i].words));
		assert_non_null(strstr(err, open->fixture.database));
	}
	const struct store_params absent = {"/nonexistent/registry.db", 1};
	assert_null(store_open(&absent, err, sizeof err));
	assert_non_null(strstr(err, absent.path));
}

static void writes_are_flushed_and_rows_refer_to_rows(void **state)
{
	struct open_store *open = *state;
	struct db_query *sync = db_query(open->db, "PRAGMA synchronous");
	struct db_query *keys = db_query(open->db, "PRAGMA foreign_keys");
	struct db_query *mode = db_query(open->db, "PRAGMA journal_mode");
	char text[16];

	assert_int_equal(db_step(sync), STORE_OK);
	assert_int_equal(db_int(sync, 0), 2); /* FULL */
	db_done(sync);
	assert_int_equal(db_step(keys), STORE_OK);
	assert_int_equal(db_int(keys, 0), 1);
	db_done(keys);
	assert_int_equal(db_step(mode), STORE_OK);
	db_text(mode, 0, text, sizeof text);
	assert_string_equal(text, "wal");
	db_done(mode);
}

static void a_tenant_reaches_its_own_rows_only(void **state)
{
	struct open_store *open = *state;
	struct db *db = open->db;
	struct business_row business;
	struct brand_row brand = {
		.id = "brd_b", .tenant = "ten_b", .business = "biz_a", .name = "B"};
	struct number_row number = {
		.id = "num_a", .tenant = "ten_a", .number = "12155551212", .brand = "brd_a"};
	struct binding_row binding;

	add_world(db);
	assert_int_equal(store_businesses_get(db, "ten_a", "biz_a", &business), STORE_OK);
	assert_int_equal(store_businesses_get(db, "ten_b", "biz_a", &business), STORE_NONE);
	assert_int_equal(store_brands_add(db, &brand), STORE_NONE);
	assert_int_equal(store_numbers_add(db, &number), STORE_OK);
	assert_int_equal(store_bindings_own(db, "ten_a", "12155551212", &binding), STORE_OK);
	assert_int_equal(store_bindings_own(db, "ten_b", "12155551212", &binding), STORE_NONE);
	assert_int_equal(store_numbers_remove(db, "ten_b", "num_a"), STORE_NONE);
	assert_int_equal(store_bindings_public(db, "12155551212", &binding), STORE_OK);
	assert_int_equal(store_numbers_remove(db, "ten_a", "num_a"), STORE_OK);
	assert_int_equal(store_bindings_public(db, "12155551212", &binding), STORE_NONE);
}

static void a_number_is_bound_once_across_tenants(void **state)
{
	struct open_store *open = *state;
	struct number_row number = {
		.id = "num_1", .tenant = "ten_a", .number = "12155551212", .brand = "brd_a"};

	add_world(open->db);
	assert_int_equal(store_numbers_add(open->db, &number), STORE_OK);
	memcpy(number.id, "num_2", 6);
	assert_int_equal(store_numbers_add(open->db, &number), STORE_CONFLICT);
}

static struct intent_row intent(const char *id, int64_t now)
{
	struct intent_row row = {.tenant = "ten_a",
				 .brand = "brd_a",
				 .caller = "12155551212",
				 .callee = {1},
				 .code = "other",
				 .text = "x",
				 .created_ms = now,
				 .expires_ms = now + 120000};

	snprintf(row.id, sizeof row.id, "%s", id);
	return row;
}

static void an_intent_is_matched_by_compare_and_set(void **state)
{
	struct open_store *open = *state;
	struct intent_row row = intent("int_1", NOW), found;
	const uint8_t callee[PAIRTAG_SIZE] = {1}, other[PAIRTAG_SIZE] = {2},
		      call[PAIRTAG_SIZE] = {3};
	struct intent_key key = {"brd_a", callee, call, NOW + 1000};
	struct intent_key wrong = {"brd_a", other, call, NOW + 1000};
	struct intent_key late = {"brd_a", callee, call, NOW + 120000};

	add_world(open->db);
	assert_int_equal(store_intents_add(open->db, &row), STORE_OK);
	assert_int_equal(store_intents_match(open->db, "int_1", &wrong), STORE_NONE);
	assert_int_equal(store_intents_match(open->db, "int_1", &late), STORE_NONE);
	assert_int_equal(store_intents_of_call(open->db, &key, &found), STORE_NONE);
	assert_int_equal(store_intents_match(open->db, "int_1", &key), STORE_OK);
	assert_int_equal(store_intents_match(open->db, "int_1", &key), STORE_NONE);
	assert_int_equal(store_intents_of_call(open->db, &key, &found), STORE_OK);
	assert_string_equal(found.id, "int_1");
	assert_int_equal(store_intents_cancel(open->db, "ten_a", "int_1"), STORE_NONE);
}

static void the_newest_of_two_intents_is_taken_first(void **state)
{
	struct open_store *open = *state;
	struct intent_row first = intent("int_1", NOW), second = intent("int_2", NOW), found;
	const uint8_t callee[PAIRTAG_SIZE] = {1};
	const struct intent_key key = {"brd_a", callee, NULL, NOW + 1};

	add_world(open->db);
	assert_int_equal(store_intents_add(open->db, &first), STORE_OK);
	assert_int_equal(store_intents_add(open->db, &second), STORE_OK);
	assert_int_equal(store_intents_announced(open->db, &key, &found), STORE_OK);
	assert_string_equal(found.id, "int_2");
}

static void intents_are_forgotten_after_a_day(void **state)
{
	struct open_store *open = *state;
	struct intent_row old = intent("int_1", NOW);
	struct intent_row within = intent("int_2", NOW + INTENT_KEEP_MS);
	struct intent_row after = intent("int_3", NOW + INTENT_KEEP_MS + 1);
	struct intent_row found;

	add_world(open->db);
	assert_int_equal(store_intents_add(open->db, &old), STORE_OK);
	assert_int_equal(store_intents_add(open->db, &within), STORE_OK);
	assert_int_equal(store_intents_get(open->db, "ten_a", "int_1", &found), STORE_OK);
	assert_int_equal(store_intents_add(open->db, &after), STORE_OK);
	assert_int_equal(store_intents_get(open->db, "ten_a", "int_1", &found), STORE_NONE);
	assert_int_equal(store_intents_get(open->db, "ten_a", "int_2", &found), STORE_OK);
}

static void a_failed_transaction_leaves_nothing(void **state)
{
	struct open_store *open = *state;
	struct tenant_row row = {.id = "ten_x", .name = "X"}, found;

	assert_int_equal(db_begin(open->db), STORE_OK);
	assert_int_equal(store_tenants_add(open->db, &row), STORE_OK);
	assert_int_equal(db_end(open->db, STORE_CONFLICT), STORE_CONFLICT);
	assert_int_equal(store_tenants_by_name(open->db, "X", &found), STORE_NONE);
	assert_int_equal(db_begin(open->db), STORE_OK);
	assert_int_equal(db_end(open->db, store_tenants_add(open->db, &row)), STORE_OK);
	assert_int_equal(store_tenants_by_name(open->db, "X", &found), STORE_OK);
}

static void another_process_writing_makes_us_busy_and_then_lets_us_in(void **state)
{
	struct open_store *open = *state;
	char err[200];
	/* a connection without our writer is what another process has */
	struct db *other = db_open(open->fixture.database, false, NULL, err, sizeof err);

	assert_non_null(other);
	assert_int_equal(db_exec(other, "BEGIN IMMEDIATE"), STORE_OK);
	assert_int_equal(db_begin(open->db), STORE_BUSY);
	assert_int_equal(db_exec(other, "COMMIT"), STORE_OK);
	assert_int_equal(db_begin(open->db), STORE_OK);
	assert_int_equal(db_end(open->db, STORE_OK), STORE_OK);
	db_close(other);
}

static void *write_many(void *magic)
{
	struct store *store = magic;

	for (int i = 0; i < 25; i++) {
		struct db *db = store_take(store);
		struct tenant_row row;
		assert_true(auth_random_id(ID_TENANT, row.id));
		memcpy(row.name, row.id, sizeof row.id);
		row.created_ms = 0;
		assert_int_equal(db_begin(db), STORE_OK);
		assert_int_equal(db_end(db, store_tenants_add(db, &row)), STORE_OK);
		store_give(store, db);
	}
	return NULL;
}

static void threads_write_one_after_the_other_and_none_is_refused(void **state)
{
	struct open_store *open = *state;
	pthread_t threads[8]; /* more than connections: they wait for them */

	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, open->store), 0);
	for (size_t i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	struct db_query *query = db_query(open->db, "SELECT count(*) FROM tenants");
	assert_int_equal(db_step(query), STORE_OK);
	assert_int_equal(db_int(query, 0), 200);
	db_done(query);
}

static void a_parameter_that_is_not_there_is_a_failure_and_not_a_wrong_row(void **state)
{
	struct open_store *open = *state;
	struct db_query *query = db_query(open->db, "SELECT 1 WHERE :a IS NULL");

	db_bind_int(query, ":b", 1);
	assert_int_equal(db_step(query), STORE_FAILED);
	assert_non_null(strstr(db_error(open->db), ":b"));
	db_done(query);
}

static void readiness_is_that_the_database_answers(void **state)
{
	struct open_store *open = *state;
	char why[200] = "";

	assert_true(store_ready(open->store, why, sizeof why));
	assert_int_equal(db_exec(open->db, "ALTER TABLE tenants RENAME TO gone"), STORE_OK);
	assert_false(store_ready(open->store, why, sizeof why));
	assert_non_null(strstr(why, "tenants"));
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, open_it, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(migration_is_numbered_forward_and_may_be_repeated),
		STORE_TEST(an_older_or_newer_or_foreign_file_is_refused_with_a_clear_message),
		STORE_TEST(writes_are_flushed_and_rows_refer_to_rows),
		STORE_TEST(a_tenant_reaches_its_own_rows_only),
		STORE_TEST(a_number_is_bound_once_across_tenants),
		STORE_TEST(an_intent_is_matched_by_compare_and_set),
		STORE_TEST(the_newest_of_two_intents_is_taken_first),
		STORE_TEST(intents_are_forgotten_after_a_day),
		STORE_TEST(a_failed_transaction_leaves_nothing),
		STORE_TEST(another_process_writing_makes_us_busy_and_then_lets_us_in),
		STORE_TEST(threads_write_one_after_the_other_and_none_is_refused),
		STORE_TEST(a_parameter_that_is_not_there_is_a_failure_and_not_a_wrong_row),
		STORE_TEST(readiness_is_that_the_database_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
