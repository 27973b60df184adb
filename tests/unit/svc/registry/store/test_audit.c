/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the audit rows on both engines. */
#include "svc/registry/store/audit.h"

#include "tests/unit/svc/registry/store/numbers_rows.h"

#include <pthread.h>

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

static void whatever_is_changed_breaks_the_chain_from_there(void **state)
{
	static const struct {
		const char *change;
		int64_t broken;
	} cases[] = {
		{"UPDATE audit SET detail = 'x' WHERE serial = 3", 3},
		{"UPDATE audit SET at = at + 1 WHERE serial = 4", 4},
		{"UPDATE audit SET actor = 'key_2' WHERE serial = 1", 1},
		{"DELETE FROM audit WHERE serial = 2", 2},
		{"DELETE FROM audit WHERE serial = 5", 5},
		{"DELETE FROM audit", 1},
		{"DELETE FROM audit_heads", 6},
		{"UPDATE audit SET tenant = 'ten_2' WHERE serial = 5", 5},
	};
	struct store_world *world = *state;
	struct db *db = world->as_owner;
	struct audit_row rows[5];
	int64_t broken;

	rows_begin(world->db);
	for (int i = 0; i < 5; i++)
		rows[i] = row_of(MINE, i);
	store_must(world->db, db_begin(world->db, &across_write));
	store_must(world->db, store_audit_add_all(world->db, rows, 5));
	store_must(world->db, db_end(world->db, STORE_OK));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		store_must(db, db_begin(db, &across_write));
		store_must(db, store_audit_verify(db, MINE, &broken));
		store_must(db, db_exec(db, cases[i].change));
		assert_int_equal(store_audit_verify(db, MINE, &broken), STORE_CONFLICT);
		assert_int_equal(broken, cases[i].broken);
		(void)db_end(db, STORE_NONE);
	}
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
		store_test(rows_added_together_are_linked_as_those_added_one_by_one),
		store_test(whatever_is_changed_breaks_the_chain_from_there),
		store_test(rows_added_at_once_make_one_chain),
	};

	return store_run(tests);
}
