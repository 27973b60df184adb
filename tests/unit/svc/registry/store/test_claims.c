/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of claims on both engines. */
#include "svc/registry/store/claims.h"

#include "tests/unit/svc/registry/store/numbers_rows.h"

#include <pthread.h>

static void what_overlaps_anothers_verified_claim_is_taken(void **state)
{
	static const struct {
		const char *held, *asked;
		enum store_status expected;
	} cases[] = {
		{"12155551212", "12155551212", STORE_OK},
		{"1215555121x", "12155551210", STORE_OK},
		{"1215555121x", "12155551219", STORE_OK},
		{"121555512xx", "12155551299", STORE_OK},
		{"12155551xxx", "12155551999", STORE_OK},
		{"12155551xxx", "1215555199x", STORE_OK},
		{"12155551xxx", "121555519xx", STORE_OK},
		{"12155551xxx", "12155551xxx", STORE_OK},
		{"12155551210", "1215555121x", STORE_OK},
		{"12155551219", "1215555121x", STORE_OK},
		{"12155551999", "12155551xxx", STORE_OK},
		{"1215555199x", "12155551xxx", STORE_OK},
		{"121555519xx", "12155551xxx", STORE_OK},
		{"1215555199x", "121555519xx", STORE_OK},
		{"1215555121x", "12155551220", STORE_NONE},
		{"1215555121x", "12155551209", STORE_NONE},
		{"12155551209", "1215555121x", STORE_NONE},
		{"12155551220", "1215555121x", STORE_NONE},
		{"12155552000", "12155551xxx", STORE_NONE},
		{"12155550999", "12155551xxx", STORE_NONE},
		/* other lengths are other numbers */
		{"121555512120", "1215555121x", STORE_NONE},
		{"1215555121x", "121555512120", STORE_NONE},
		{"1215555121x", "121555512xxx", STORE_NONE},
		{"1215555121", "1215555121x", STORE_NONE},
	};
	struct db *db = ((struct store_world *)*state)->db;

	rows_begin(db);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		store_must(db, db_begin(db, &across_write));
		rows_hold(db, "clm_1", HERS, cases[i].held);
		if (store_claims_taken(db, MINE, cases[i].asked) != cases[i].expected)
			fail_msg("%s held, %s asked", cases[i].held, cases[i].asked);
		assert_int_equal(block_overlaps(cases[i].held, cases[i].asked),
				 cases[i].expected == STORE_OK);
		/* what is one's own is not taken */
		assert_int_equal(store_claims_taken(db, HERS, cases[i].asked), STORE_NONE);
		(void)db_end(db, STORE_NONE);
	}
}

static void only_a_verified_claim_excludes_others(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct claim_row row = rows_claim("clm_1", HERS, "12155551212");

	rows_begin(db);
	for (int one = 0; one < CLAIM_STATES; one++) {
		row.state = (enum claim_state)one;
		store_must(db, db_begin(db, &across_write));
		store_must(db, store_claims_add(db, &row));
		assert_int_equal(store_claims_taken(db, MINE, "12155551212"),
				 one == CLAIM_VERIFIED ? STORE_OK : STORE_NONE);
		(void)db_end(db, STORE_NONE);
	}
}

static void the_narrowest_claim_that_covers_all_and_is_proved_is_found(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct claim_row row = rows_claim("clm_4", MINE, "1215555122x"), found;

	rows_begin(db);
	store_must(db, db_begin(db, &across_write));
	rows_hold(db, "clm_1", MINE, "12155551xxx");
	rows_hold(db, "clm_2", MINE, "1215555121x");
	rows_hold(db, "clm_3", HERS, "12155552xxx");
	row.reprove_ms = NOW;
	store_must(db, store_claims_add(db, &row));
	static const struct {
		const char *asked, *claim;
	} cases[] = {
		{"12155551212", "clm_2"}, {"1215555121x", "clm_2"}, {"121555512xx", "clm_1"},
		{"12155551xxx", "clm_1"}, {"12155551299", "clm_1"}, {"12155552000", NULL},
		{"12155550999", NULL},	  {"121555512120", NULL},   {"12155551220", "clm_1"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum store_status status =
			store_claims_covering(db, MINE, cases[i].asked, NOW, &found);
		assert_int_equal(status, cases[i].claim != NULL ? STORE_OK : STORE_NONE);
		if (status == STORE_OK)
			assert_string_equal(found.id, cases[i].claim);
	}
	assert_int_equal(
		store_claims_covering(db, MINE, "12155551212", NOW + CLAIM_REPROVE_MS, &found),
		STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void a_claim_is_changed_from_the_version_that_was_read_only(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct claim_row row, again;

	rows_begin(db);
	store_must(db, db_begin(db, &across_write));
	rows_hold(db, "clm_1", MINE, "12155551212");
	store_must(db, store_claims_get(db, MINE, "clm_1", &row));
	again = row;
	row.state = CLAIM_REVOKED;
	store_must(db, store_claims_put(db, &row));
	assert_int_equal(row.version, 2);
	assert_int_equal(store_claims_put(db, &again), STORE_NONE);
	again.version = 2;
	snprintf(again.tenant, sizeof again.tenant, HERS);
	assert_int_equal(store_claims_put(db, &again), STORE_NONE);
	store_must(db, store_claims_get(db, "", "clm_1", &row));
	assert_int_equal(row.state, CLAIM_REVOKED);
	assert_int_equal(store_claims_get(db, HERS, "clm_1", &row), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void a_number_is_verified_once_whatever_the_caller_forgot(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct claim_row row = rows_claim("clm_2", HERS, "12155551212");

	rows_begin(db);
	store_must(db, db_begin(db, &across_write));
	rows_hold(db, "clm_1", MINE, "12155551212");
	assert_int_equal(store_claims_add(db, &row), STORE_CONFLICT);
	(void)db_end(db, STORE_NONE);
}

#define RACERS 20

struct racer {
	struct store *store;
	char id[ID_MAX + 1];
	const char *tenant, *number;
	enum store_status status;
};

static enum store_status take(struct db *db, void *magic)
{
	struct racer *racer = magic;
	struct claim_row row = rows_claim(racer->id, racer->tenant, racer->number);
	enum store_status status = store_claims_lock(db);

	if (status == STORE_OK)
		status = store_claims_taken(db, racer->tenant, racer->number);
	if (status == STORE_NONE)
		return store_claims_add(db, &row);
	return status == STORE_OK ? STORE_CONFLICT : status;
}

static void *race(void *magic)
{
	struct racer *racer = magic;
	struct db *db = store_take(racer->store, 10000);

	assert_non_null(db);
	racer->status = db_transact(db, &across_write, take, racer);
	store_give(racer->store, db);
	return NULL;
}

/* Two tenants; what one asks for overlaps all that the other asks for, and is the same text
 * nowhere. */
static void of_claims_at_once_that_overlap_one_tenant_wins(void **state)
{
	static const char *const numbers[] = {"12155551xxx", "121555512xx", "1215555121x",
					      "12155551212"};
	struct store_world *world = *state;
	struct racer racers[RACERS];
	pthread_t threads[RACERS];
	int won[2] = {0, 0};

	rows_begin(world->db);
	for (size_t i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){.store = world->store,
					   .tenant = i % 2 == 0 ? MINE : HERS,
					   .number = numbers[i % 4]};
		snprintf(racers[i].id, sizeof racers[i].id, "clm_%zu", i);
		pthread_create(&threads[i], NULL, race, &racers[i]);
	}
	for (size_t i = 0; i < RACERS; i++) {
		pthread_join(threads[i], NULL);
		assert_true(racers[i].status == STORE_OK || racers[i].status == STORE_CONFLICT);
		won[i % 2] += racers[i].status == STORE_OK;
	}
	assert_true((won[0] == 0) != (won[1] == 0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(what_overlaps_anothers_verified_claim_is_taken),
		store_test(only_a_verified_claim_excludes_others),
		store_test(the_narrowest_claim_that_covers_all_and_is_proved_is_found),
		store_test(a_claim_is_changed_from_the_version_that_was_read_only),
		store_test(a_number_is_verified_once_whatever_the_caller_forgot),
		store_test(of_claims_at_once_that_overlap_one_tenant_wins),
	};

	return store_run(tests);
}
