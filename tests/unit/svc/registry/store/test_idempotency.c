/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of answered requests on both engines. */
#include "svc/registry/store/idempotency.h"

#include "tests/unit/svc/registry/store/store_fixture.h"

#define NOW INT64_C(1800000000000)

static void begin_with_tenants(struct db *db)
{
	store_must(db, db_begin(db, &across_write));
	store_must(db, db_exec(db, "INSERT INTO tenants (id, name, level, vouched, state, version,"
				   " created_at) VALUES ('ten_1', 'a', 1, 1, 'active', 1, 1),"
				   " ('ten_2', 'b', 1, 0, 'active', 1, 1)"));
}

static struct idempotency_row answer(const char *tenant, uint8_t key, int64_t at_ms)
{
	struct idempotency_row row = {.key = {key},
				      .request = {9},
				      .status = 201,
				      .etag = "\"1\"",
				      .body = "{\"a\":\"日\"}",
				      .created_ms = at_ms};

	snprintf(row.tenant, sizeof row.tenant, "%s", tenant);
	return row;
}

static enum store_status add(struct db *db, const char *tenant, uint8_t key, int64_t at_ms)
{
	struct idempotency_row row = answer(tenant, key, at_ms);

	return store_idempotency_add(db, &row);
}

/* When it was answered; -1: it was not. */
static int64_t answered_at(struct db *db, const char *tenant, uint8_t key)
{
	const uint8_t name[IDEMPOTENCY_HASH] = {key};
	struct idempotency_row row;
	enum store_status status = store_idempotency_get(db, tenant, name, &row);

	if (status == STORE_NONE)
		return -1;
	store_must(db, status);
	free((char *)row.body);
	return row.created_ms;
}

static void an_answer_is_read_as_it_was_kept(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	const uint8_t key[IDEMPOTENCY_HASH] = {7};
	struct idempotency_row row;

	begin_with_tenants(db);
	store_must(db, add(db, "ten_1", 7, NOW));
	store_must(db, store_idempotency_get(db, "ten_1", key, &row));
	assert_int_equal(row.status, 201);
	assert_int_equal(row.request[0], 9);
	assert_string_equal(row.etag, "\"1\"");
	assert_string_equal(row.body, "{\"a\":\"日\"}");
	free((char *)row.body);
	assert_int_equal(answered_at(db, "ten_1", 8), -1);
	store_must(db, db_end(db, STORE_OK));
}

static void another_tenants_key_is_another_key(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	begin_with_tenants(db);
	store_must(db, add(db, "ten_1", 7, NOW));
	assert_int_equal(answered_at(db, "ten_2", 7), -1);
	store_must(db, add(db, "ten_2", 7, NOW + 1));
	assert_int_equal(answered_at(db, "ten_1", 7), NOW);
	store_must(db, db_end(db, STORE_OK));
}

static void an_answer_stands_for_24_hours_and_then_gives_way(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	begin_with_tenants(db);
	store_must(db, add(db, "ten_1", 7, NOW));
	assert_int_equal(add(db, "ten_1", 7, NOW + IDEMPOTENCY_KEEP_MS), STORE_CONFLICT);
	assert_int_equal(answered_at(db, "ten_1", 7), NOW);
	store_must(db, add(db, "ten_1", 7, NOW + IDEMPOTENCY_KEEP_MS + 1));
	assert_int_equal(answered_at(db, "ten_1", 7), NOW + IDEMPOTENCY_KEEP_MS + 1);
	store_must(db, db_end(db, STORE_OK));
}

/* Each new one deletes 20 old ones of its tenant; one among those that are left gives way too. */
static void old_answers_go_a_few_at_a_time(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	const int64_t later = NOW + 2 * IDEMPOTENCY_KEEP_MS;

	begin_with_tenants(db);
	for (uint8_t key = 0; key < 50; key++)
		store_must(db, add(db, "ten_1", key, NOW + key));
	store_must(db, add(db, "ten_2", 1, NOW));
	store_must(db, add(db, "ten_1", 200, later));
	assert_int_equal(store_number(db, "SELECT count(*) FROM idempotency"), 30 + 1 + 1);
	store_must(db, add(db, "ten_1", 49, later));
	assert_int_equal(answered_at(db, "ten_1", 49), later);
	assert_int_equal(answered_at(db, "ten_2", 1), NOW);
	store_must(db, db_end(db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(an_answer_is_read_as_it_was_kept),
		store_test(another_tenants_key_is_another_key),
		store_test(an_answer_stands_for_24_hours_and_then_gives_way),
		store_test(old_answers_go_a_few_at_a_time),
	};

	return store_run(tests);
}
