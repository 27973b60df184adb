/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the chains of audit rows on both engines. */
#include "svc/registry/store/audit.h"

#include "tests/unit/svc/registry/store/numbers_rows.h"

#include <pthread.h>

#define ROWS 4

static void add(struct db *db, const char *tenant, int64_t serial)
{
	struct audit_row row = {.at_ms = 1000 + serial};

	snprintf(row.tenant, sizeof row.tenant, "%s", tenant);
	snprintf(row.actor, sizeof row.actor, "key_1");
	snprintf(row.action, sizeof row.action, "user.created");
	snprintf(row.object, sizeof row.object, "usr_%d", (int)serial);
	snprintf(row.detail, sizeof row.detail, "naïve 日本");
	store_must(db, store_audit_add(db, &row));
	assert_int_equal(row.serial, serial);
}

/* Two tenants with ROWS rows each, one with none. */
static void begin_with_rows(struct db *db)
{
	store_must(db, db_begin(db, &across_write));
	store_must(db, db_exec(db, "INSERT INTO tenants (id, name, level, vouched, state, version,"
				   " created_at) VALUES ('ten_1', 'a', 1, 1, 'active', 1, 1),"
				   " ('ten_2', 'b', 1, 0, 'active', 1, 1),"
				   " ('ten_3', 'c', 1, 0, 'active', 1, 1)"));
	for (int64_t serial = 1; serial <= ROWS; serial++) {
		add(db, "ten_1", serial);
		add(db, "ten_2", serial);
	}
}

static void a_chain_as_it_was_written_is_whole_and_so_is_an_empty_one(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	static const char *const tenants[] = {"ten_1", "ten_2", "ten_3"};
	int64_t broken;

	begin_with_rows(db);
	for (size_t i = 0; i < 3; i++)
		store_must(db, store_audit_verify(db, tenants[i], &broken));
	store_must(db, db_end(db, STORE_OK));
}

static void rows_are_listed_in_their_order_and_of_one_tenant(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct audit_row rows[ROWS + 1];
	size_t n;

	begin_with_rows(db);
	store_must(db, store_audit_list(db, "ten_1", 1, ROWS + 1, rows, &n));
	assert_int_equal(n, ROWS - 1);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rows[i].serial, i + 2);
		assert_string_equal(rows[i].tenant, "ten_1");
		assert_string_equal(rows[i].detail, "naïve 日本");
	}
	store_must(db, db_end(db, STORE_OK));
}

/* Rows that begin a chain alike have other hashes in another tenant's. */
static void a_hash_covers_the_tenant(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	begin_with_rows(db);
	assert_int_equal(store_number(db, "SELECT count(*) FROM audit a JOIN audit b"
					  " ON a.hash = b.hash AND a.tenant < b.tenant"),
			 0);
	store_must(db, db_end(db, STORE_OK));
}

/* By the owner of the schema: on PostgreSQL the application may only add rows. */
static void whatever_was_changed_is_found_where_it_begins(void **state)
{
	struct db *db = ((struct store_world *)*state)->as_owner;
	static const struct {
		const char *sql;
		int64_t broken;
	} cases[] = {
		{"UPDATE audit SET actor = 'key_2' WHERE tenant = 'ten_1' AND serial = 1", 1},
		{"UPDATE audit SET action = 'x.y' WHERE tenant = 'ten_1' AND serial = 2", 2},
		{"UPDATE audit SET object = '' WHERE tenant = 'ten_1' AND serial = 3", 3},
		{"UPDATE audit SET detail = detail || ' ' WHERE tenant = 'ten_1' AND serial = 4",
		 4},
		{"UPDATE audit SET at = at - 1 WHERE tenant = 'ten_1' AND serial = 2", 2},
		{"UPDATE audit SET tenant = 'ten_3' WHERE tenant = 'ten_1' AND serial = 4", 4},
		{"DELETE FROM audit WHERE tenant = 'ten_1' AND serial = 2", 2},
		{"DELETE FROM audit WHERE tenant = 'ten_1' AND serial = 4", 4},
		{"DELETE FROM audit WHERE tenant = 'ten_1'", 1},
		{"DELETE FROM audit_heads WHERE tenant = 'ten_1'", ROWS + 1},
		{"UPDATE audit_heads SET serial = 9 WHERE tenant = 'ten_1'", ROWS + 1},
		{"UPDATE audit_heads SET hash = (SELECT hash FROM audit WHERE tenant = 'ten_2'"
		 " AND serial = 4) WHERE tenant = 'ten_1'",
		 ROWS + 1},
	};
	int64_t broken = 0;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin_with_rows(db);
		store_must(db, db_exec(db, cases[i].sql));
		assert_int_equal(store_audit_verify(db, "ten_1", &broken), STORE_CONFLICT);
		assert_int_equal(broken, cases[i].broken);
		store_must(db, store_audit_verify(db, "ten_2", &broken));
		assert_int_equal(db_end(db, STORE_NONE), STORE_NONE);
	}
}

static struct audit_row row_of(const char *tenant, int i)
{
	struct audit_row row = {.at_ms = NOW + i};

	snprintf(row.tenant, sizeof row.tenant, "%s", tenant);
	snprintf(row.actor, sizeof row.actor, "key_1");
	snprintf(row.action, sizeof row.action, "claim.created");
	snprintf(row.object, sizeof row.object, "clm_%d", i);
	return row;
}

static void rows_added_together_are_linked_as_those_added_one_by_one(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct audit_row rows[50], found[60];
	int64_t broken;
	size_t n;

	rows_begin(db);
	store_must(db, db_begin(db, &across_write));
	for (int i = 0; i < 50; i++)
		rows[i] = row_of(MINE, i + 1);
	store_must(db, store_audit_add_all(db, rows, 20));
	store_must(db, store_audit_add_all(db, rows, 0));
	for (int i = 20; i < 25; i++)
		store_must(db, store_audit_add(db, &rows[i]));
	store_must(db, store_audit_add_all(db, rows + 25, 25));
	store_must(db, store_audit_list(db, MINE, 0, 60, found, &n));
	assert_int_equal(n, 50);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(found[i].serial, i + 1);
		assert_string_equal(found[i].object, rows[i].object);
		assert_memory_equal(found[i].hash, rows[i].hash, AUDIT_HASH);
	}
	store_must(db, store_audit_verify(db, MINE, &broken));
	store_must(db, store_audit_list(db, HERS, 0, 60, found, &n));
	assert_int_equal(n, 0);
	store_must(db, db_end(db, STORE_OK));
}

#define THREADS 8

static enum store_status add_three(struct db *db, void *magic)
{
	struct audit_row rows[3];

	(void)magic;
	for (int i = 0; i < 3; i++)
		rows[i] = row_of(MINE, i);
	return store_audit_add_all(db, rows, 3);
}

static void *add_many(void *magic)
{
	struct store *store = magic;
	uintptr_t failures = 0;

	for (int i = 0; i < 10; i++) {
		struct db *db = store_take(store, 10000);
		failures +=
			db == NULL || db_transact(db, &across_write, add_three, NULL) != STORE_OK;
		if (db != NULL)
			store_give(store, db);
	}
	return (void *)failures;
}

static void rows_added_at_once_make_one_chain(void **state)
{
	struct store_world *world = *state;
	struct db *db = world->db;
	pthread_t threads[THREADS];
	void *failures;
	int64_t broken;

	rows_begin(db);
	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, add_many, world->store);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failures);
		assert_null(failures);
	}
	store_must(db, db_begin(db, &across_read));
	store_must(db, store_audit_verify(db, MINE, &broken));
	assert_int_equal(broken, THREADS * 30 + 1);
	store_must(db, db_end(db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_chain_as_it_was_written_is_whole_and_so_is_an_empty_one),
		store_test(rows_are_listed_in_their_order_and_of_one_tenant),
		store_test(a_hash_covers_the_tenant),
		store_test(whatever_was_changed_is_found_where_it_begins),
		store_test(rows_added_together_are_linked_as_those_added_one_by_one),
		store_test(rows_added_at_once_make_one_chain),
	};

	return store_run(tests);
}
