/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of bindings, and of what the directory makes of them, on both engines. */
#include "svc/registry/store/bindings.h"

#include "svc/registry/store/ageing.h"
#include "svc/registry/store/directory.h"
#include "svc/registry/store/events.h"
#include "tests/unit/svc/registry/store/numbers_rows.h"

static struct db *begin(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	rows_begin(db);
	store_must(db, db_begin(db, &across_write));
	rows_hold(db, "clm_1", MINE, "12155551xxx");
	return db;
}

static void a_number_is_bound_once_and_the_transaction_goes_on(void **state)
{
	struct db *db = begin(state);
	struct binding_row row = rows_binding("bnd_2", "clm_1", "12155551212");

	rows_bind(db, "bnd_1", "clm_1", "12155551212");
	assert_int_equal(store_bindings_add(db, &row), STORE_CONFLICT);
	rows_bind(db, "bnd_3", "clm_1", "1215555121x");
	store_must(db, db_end(db, STORE_OK));
}

static void the_narrowest_binding_is_found(void **state)
{
	struct db *db = begin(state);
	struct binding_row found;
	struct directory_row entry;
	static const struct {
		const char *number, *binding, *entry;
	} cases[] = {
		{"12155551211", "bnd_1", "12155551211"},
		{"12155551212", "bnd_2", "1215555121x"},
		{"12155551221", "bnd_3", "121555512xx"},
		{"12155551300", "bnd_4", "12155551xxx"},
		{"12155552000", NULL, NULL},
		{"121555512110", NULL, NULL},
	};

	rows_bind(db, "bnd_4", "clm_1", "12155551xxx");
	rows_bind(db, "bnd_1", "clm_1", "12155551211");
	rows_bind(db, "bnd_3", "clm_1", "121555512xx");
	rows_bind(db, "bnd_2", "clm_1", "1215555121x");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum store_status expected = cases[i].binding != NULL ? STORE_OK : STORE_NONE;
		assert_int_equal(store_bindings_find(db, MINE, cases[i].number, &found), expected);
		assert_int_equal(store_directory_find(db, cases[i].number, &entry), expected);
		assert_int_equal(store_bindings_find(db, HERS, cases[i].number, &found),
				 STORE_NONE);
		if (expected != STORE_OK)
			continue;
		store_must(db, store_bindings_find(db, MINE, cases[i].number, &found));
		assert_string_equal(found.id, cases[i].binding);
		assert_string_equal(entry.number, cases[i].entry);
	}
	store_must(db, db_end(db, STORE_OK));
}

static void what_is_not_public_is_in_no_look_up_and_gone_from_the_directory(void **state)
{
	static const char *const hidden[] = {"UPDATE bindings SET state = 'suspended'",
					     "UPDATE brands SET state = 'suspended'",
					     "UPDATE brands SET state = 'new', live = NULL",
					     "UPDATE businesses SET state = 'suspended'",
					     "UPDATE businesses SET state = 'expired'",
					     "UPDATE businesses SET state = 'closed'"};
	struct db *db = begin(state);
	struct directory_row entry, page[DIRECTORY_PAGE];
	size_t n;

	rows_bind(db, "bnd_1", "clm_1", "12155551212");
	store_must(db, db_end(db, STORE_OK));
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
		store_must(db, db_begin(db, &across_write));
		store_must(db, store_directory_find(db, "12155551212", &entry));
		store_must(db, db_exec(db, hidden[i]));
		assert_int_equal(store_directory_find(db, "12155551212", &entry), STORE_NONE);
		store_must(db, store_directory_get(db, "12155551212", &entry));
		assert_true(entry.gone);
		store_must(db, store_directory_page(db, 0, page, &n));
		assert_true(n == 1 && page[0].gone);
		store_must(db, store_directory_of_brand(db, "brd_1", 0, page, &n));
		assert_true(n == 1 && page[0].gone);
		(void)db_end(db, STORE_NONE);
	}
}

static void a_narrow_binding_that_is_not_public_hides_the_block_around_it(void **state)
{
	struct db *db = begin(state);
	struct directory_row entry;

	rows_bind(db, "bnd_1", "clm_1", "12155551xxx");
	rows_bind(db, "bnd_2", "clm_1", "1215555121x");
	store_must(db, db_exec(db, "UPDATE bindings SET state = 'suspended' WHERE id = 'bnd_2'"));
	assert_int_equal(store_directory_find(db, "12155551212", &entry), STORE_NONE);
	store_must(db, store_directory_find(db, "12155551222", &entry));
	assert_string_equal(entry.number, "12155551xxx");
	store_must(db, store_bindings_remove(db, MINE, "bnd_2"));
	store_must(db, store_directory_find(db, "12155551212", &entry));
	assert_string_equal(entry.number, "12155551xxx");
	store_must(db, db_end(db, STORE_OK));
}

static void a_binding_is_its_tenants_alone(void **state)
{
	struct db *db = begin(state);
	struct binding_row row;
	struct binding_filter filter = {HERS, "", 0, 1};
	size_t n;

	rows_bind(db, "bnd_1", "clm_1", "12155551212");
	assert_int_equal(store_bindings_get(db, HERS, "bnd_1", &row), STORE_NONE);
	assert_int_equal(store_bindings_remove(db, HERS, "bnd_1"), STORE_NONE);
	store_must(db, store_bindings_list(db, &filter, &row, &n));
	assert_int_equal(n, 0);
	filter.brand = "brd_1";
	store_must(db, store_bindings_list(db, &filter, &row, &n));
	assert_int_equal(n, 0);
	store_must(db, store_bindings_drop(db, HERS, "clm_1", NOW));
	store_must(db, store_bindings_get(db, MINE, "bnd_1", &row));
	snprintf(row.tenant, sizeof row.tenant, HERS);
	assert_int_equal(store_bindings_put(db, &row), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void a_binding_is_changed_from_the_version_that_was_read_only(void **state)
{
	struct db *db = begin(state);
	struct binding_row row, old;

	rows_bind(db, "bnd_1", "clm_1", "12155551212");
	store_must(db, store_bindings_get(db, MINE, "bnd_1", &row));
	old = row;
	row.strict = row.suspended = true;
	store_must(db, store_bindings_put(db, &row));
	assert_int_equal(store_bindings_put(db, &old), STORE_NONE);
	store_must(db, store_bindings_get(db, MINE, "bnd_1", &old));
	assert_true(old.strict && old.suspended && old.version == 2);
	store_must(db, db_end(db, STORE_OK));
}

static void the_bindings_of_a_claim_go_together_and_each_is_told_of(void **state)
{
	struct db *db = begin(state);
	char id[ID_MAX + 1], number[BLOCK_MAX + 1];

	rows_hold(db, "clm_2", MINE, "12155552xxx");
	rows_bind(db, "bnd_other", "clm_2", "12155552000");
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof id, "bnd_%d", i);
		snprintf(number, sizeof number, "12155551%03d", i);
		rows_bind(db, id, "clm_1", number);
	}
	store_must(db, store_bindings_drop(db, MINE, "clm_1", NOW));
	assert_int_equal(store_number(db, "SELECT count(*) FROM bindings"), 1);
	assert_int_equal(store_number(db, "SELECT count(DISTINCT number) FROM directory_log"),
			 1000);
	/* serials without a hole, the counter at the last */
	assert_int_equal(store_number(db, "SELECT max(serial) - min(serial) FROM directory_log"),
			 999);
	assert_int_equal(store_number(db, "SELECT max(serial) FROM directory_log"),
			 store_number(db, "SELECT value FROM counters WHERE name = 'events'"));
	store_must(db, store_bindings_drop(db, MINE, "clm_1", NOW));
	store_must(db, db_end(db, STORE_OK));
}

static void an_approval_and_a_proof_end_when_they_are_due_and_once(void **state)
{
	struct db *db = begin(state);
	struct directory_row entry;
	struct claim_row claim;

	rows_bind(db, "bnd_1", "clm_1", "12155551212");
	store_must(db, db_exec(db, "UPDATE businesses SET expires_at = 1800000000500"
				   " WHERE id = 'biz_1'"));
	assert_int_equal(store_ageing_business(db, NOW + 499), STORE_NONE);
	store_must(db, store_directory_find(db, "12155551212", &entry));
	store_must(db, store_ageing_business(db, NOW + 500));
	assert_int_equal(store_ageing_business(db, NOW + 500), STORE_NONE);
	assert_int_equal(store_directory_find(db, "12155551212", &entry), STORE_NONE);
	assert_int_equal(store_number(db, "SELECT count(*) FROM directory_log"
					  " WHERE number = 'brd_1'"),
			 1);
	assert_int_equal(store_number(db, "SELECT count(*) FROM businesses"
					  " WHERE state = 'expired' AND version = 2"),
			 1);

	const int64_t end_ms = NOW + CLAIM_REPROVE_MS;
	assert_int_equal(store_ageing_claim(db, end_ms - 1), STORE_NONE);
	store_must(db, store_ageing_claim(db, end_ms));
	assert_int_equal(store_ageing_claim(db, end_ms), STORE_NONE);
	store_must(db, store_claims_get(db, MINE, "clm_1", &claim));
	assert_int_equal(claim.state, CLAIM_AGED_OUT);
	assert_int_equal(store_number(db, "SELECT count(*) FROM bindings"), 0);
	assert_int_equal(store_claims_taken(db, HERS, "12155551212"), STORE_NONE);
	assert_int_equal(store_number(db, "SELECT count(*) FROM audit WHERE tenant = 'ten_1'"
					  " AND actor = 'registry'"),
			 2);
	store_must(db, db_end(db, STORE_OK));
}

static void what_never_ends_is_left_alone(void **state)
{
	struct db *db = begin(state);
	struct claim_row row = rows_claim("clm_2", HERS, "12155552222");

	row.proof = PROOF_VOUCHED;
	row.reprove_ms = 0;
	store_must(db, store_claims_add(db, &row));
	store_must(db, store_ageing_claim(db, INT64_MAX));
	assert_int_equal(store_ageing_claim(db, INT64_MAX), STORE_NONE);
	assert_int_equal(store_ageing_business(db, INT64_MAX), STORE_NONE);
	store_must(db, store_claims_get(db, HERS, "clm_2", &row));
	assert_int_equal(row.state, CLAIM_VERIFIED);
	store_must(db, db_end(db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_number_is_bound_once_and_the_transaction_goes_on),
		store_test(the_narrowest_binding_is_found),
		store_test(what_is_not_public_is_in_no_look_up_and_gone_from_the_directory),
		store_test(a_narrow_binding_that_is_not_public_hides_the_block_around_it),
		store_test(a_binding_is_its_tenants_alone),
		store_test(a_binding_is_changed_from_the_version_that_was_read_only),
		store_test(the_bindings_of_a_claim_go_together_and_each_is_told_of),
		store_test(an_approval_and_a_proof_end_when_they_are_due_and_once),
		store_test(what_never_ends_is_left_alone),
	};

	return store_run(tests);
}
