/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of businesses, brands, their versions, reasons and logos on both engines. */
#include "svc/registry/store/brands.h"

#include "svc/registry/store/logos.h"
#include "svc/registry/store/reasons.h"
#include "tests/unit/svc/registry/store/numbers_rows.h"

static struct db *begin(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	rows_begin(db);
	store_must(db, db_begin(db, &across_write));
	return db;
}

static struct version_row version(int64_t number)
{
	struct version_row row = {.number = number, .state = VERSION_IN_REVIEW, .created_ms = NOW};

	snprintf(row.brand, sizeof row.brand, "brd_1");
	snprintf(row.tenant, sizeof row.tenant, MINE);
	snprintf(row.name, sizeof row.name, "Next");
	snprintf(row.editor, sizeof row.editor, "key_1");
	return row;
}

static void a_decision_leaves_what_a_version_shows_as_it_was(void **state)
{
	struct db *db = begin(state);
	struct version_row row = version(2), found;
	struct brand_row brand;

	store_must(db, store_brands_get(db, MINE, "brd_1", &brand));
	store_must(db, store_versions_add(db, &row));
	row.state = VERSION_REJECTED;
	row.decided_ms = NOW + 1;
	row.created_ms = 0;
	snprintf(row.findings, sizeof row.findings, "[\"no\"]");
	snprintf(row.approver, sizeof row.approver, "key_9");
	snprintf(row.name, sizeof row.name, "Another");
	snprintf(row.editor, sizeof row.editor, "key_8");
	snprintf(row.logo, sizeof row.logo, "aa");
	store_must(db, store_versions_decide(db, &row));
	store_must(db, store_versions_get(db, &brand, 2, &found));
	assert_string_equal(found.name, "Next");
	assert_string_equal(found.editor, "key_1");
	assert_string_equal(found.logo, "");
	assert_int_equal(found.created_ms, NOW);
	assert_string_equal(found.findings, "[\"no\"]");
	assert_string_equal(found.approver, "key_9");
	assert_int_equal(found.state, VERSION_REJECTED);
	assert_int_equal(store_versions_get(db, &brand, 3, &found), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void the_newest_version_that_waits_is_found_unless_it_was_overtaken(void **state)
{
	struct db *db = begin(state);
	struct version_row row = version(2), found;
	struct brand_row brand;

	store_must(db, store_brands_get(db, MINE, "brd_1", &brand));
	assert_int_equal(store_versions_waiting(db, &brand, &found), STORE_NONE);
	store_must(db, store_versions_add(db, &row));
	row = version(3);
	store_must(db, store_versions_add(db, &row));
	store_must(db, store_versions_waiting(db, &brand, &found));
	assert_int_equal(found.number, 3);
	row.state = VERSION_REJECTED;
	store_must(db, store_versions_decide(db, &row));
	store_must(db, store_versions_waiting(db, &brand, &found));
	assert_int_equal(found.number, 2);
	brand.live = 2;
	assert_int_equal(store_versions_waiting(db, &brand, &found), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void a_version_is_its_tenants_alone(void **state)
{
	struct db *db = begin(state);
	struct version_row row = version(1), found;
	struct brand_row brand;
	size_t n;

	store_must(db, store_brands_get(db, "", "brd_1", &brand));
	snprintf(brand.tenant, sizeof brand.tenant, HERS);
	assert_int_equal(store_versions_get(db, &brand, 1, &found), STORE_NONE);
	store_must(db, store_versions_list(db, &brand, 1, &found, &n));
	assert_int_equal(n, 0);
	snprintf(row.tenant, sizeof row.tenant, HERS);
	assert_int_equal(store_versions_decide(db, &row), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void a_version_of_a_number_that_is_there_is_refused(void **state)
{
	struct db *db = begin(state);
	struct version_row row = version(1);

	assert_int_equal(store_versions_add(db, &row), STORE_CONFLICT);
	(void)db_end(db, STORE_NONE);
}

static void businesses_brands_and_reasons_are_their_tenants_alone(void **state)
{
	struct db *db = begin(state);
	struct business_row business;
	struct brand_row brand;
	struct reason_row reason = {.version = 1}, found;
	size_t n;

	assert_int_equal(store_businesses_get(db, HERS, "biz_1", &business), STORE_NONE);
	store_must(db, store_businesses_list(db, HERS, 0, 1, &business, &n));
	assert_string_equal(business.id, "biz_2");
	store_must(db, store_businesses_get(db, "", "biz_1", &business));
	snprintf(business.tenant, sizeof business.tenant, HERS);
	assert_int_equal(store_businesses_put(db, &business), STORE_NONE);
	assert_int_equal(store_brands_get(db, HERS, "brd_1", &brand), STORE_NONE);
	store_must(db, store_brands_list(db, HERS, 0, 1, &brand, &n));
	assert_string_equal(brand.id, "brd_2");
	store_must(db, store_brands_get(db, "", "brd_1", &brand));
	snprintf(brand.tenant, sizeof brand.tenant, HERS);
	assert_int_equal(store_brands_put(db, &brand), STORE_NONE);
	snprintf(reason.id, sizeof reason.id, "rsn_1");
	snprintf(reason.tenant, sizeof reason.tenant, HERS);
	snprintf(reason.brand, sizeof reason.brand, "brd_1");
	assert_int_equal(store_reasons_add(db, &reason), STORE_NONE);
	snprintf(reason.tenant, sizeof reason.tenant, MINE);
	store_must(db, store_reasons_add(db, &reason));
	assert_int_equal(store_reasons_get(db, HERS, "rsn_1", &found), STORE_NONE);
	store_must(db, store_reasons_list(db, HERS, 0, 1, &found, &n));
	assert_int_equal(n, 0);
	assert_int_equal(store_reasons_retire(db, HERS, "rsn_1"), STORE_NONE);
	store_must(db, store_reasons_retire(db, MINE, "rsn_1"));
	assert_int_equal(store_reasons_retire(db, MINE, "rsn_1"), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void a_brand_is_changed_from_the_version_that_was_read_only(void **state)
{
	struct db *db = begin(state);
	struct brand_row brand, old;

	store_must(db, store_brands_get(db, MINE, "brd_1", &brand));
	old = brand;
	brand.state = BRAND_SUSPENDED;
	store_must(db, store_brands_put(db, &brand));
	assert_int_equal(brand.version, 2);
	assert_int_equal(store_brands_put(db, &old), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void all_brands_of_a_business_are_told_of_and_no_others(void **state)
{
	struct db *db = begin(state);
	struct business_row business;
	struct brand_row brand;

	store_must(db, store_brands_get(db, MINE, "brd_1", &brand));
	for (int i = 0; i < 1100; i++) {
		snprintf(brand.id, sizeof brand.id, "brd_more_%d", i);
		store_must(db, store_brands_add(db, &brand));
	}
	store_must(db, store_businesses_get(db, MINE, "biz_1", &business));
	store_must(db, store_brands_of_business_changed(db, &business, NOW));
	assert_int_equal(store_number(db, "SELECT count(*) FROM directory_log"), 1101);
	assert_int_equal(
		store_number(db, "SELECT count(*) FROM directory_log WHERE number = 'brd_2'"), 0);
	store_must(db, db_end(db, STORE_OK));
}

static void a_logo_is_kept_once_and_is_of_all_who_sent_it(void **state)
{
	struct db *db = begin(state);
	const uint8_t body[] = {1, 0, 2};
	struct logo_row row = {MINE, "aa", body, sizeof body, NOW};
	void *copy;
	size_t len;

	store_must(db, store_logos_add(db, &row));
	store_must(db, store_logos_add(db, &row));
	store_must(db, store_logos_owned(db, MINE, "aa"));
	assert_int_equal(store_logos_owned(db, HERS, "aa"), STORE_NONE);
	row.tenant = HERS;
	store_must(db, store_logos_add(db, &row));
	store_must(db, store_logos_owned(db, HERS, "aa"));
	assert_int_equal(store_number(db, "SELECT count(*) FROM logos"), 1);
	store_must(db, store_logos_public(db, "aa", &copy, &len));
	assert_int_equal(len, sizeof body);
	assert_memory_equal(copy, body, sizeof body);
	free(copy);
	assert_int_equal(store_logos_public(db, "bb", &copy, &len), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_decision_leaves_what_a_version_shows_as_it_was),
		store_test(the_newest_version_that_waits_is_found_unless_it_was_overtaken),
		store_test(a_version_is_its_tenants_alone),
		store_test(a_version_of_a_number_that_is_there_is_refused),
		store_test(businesses_brands_and_reasons_are_their_tenants_alone),
		store_test(a_brand_is_changed_from_the_version_that_was_read_only),
		store_test(all_brands_of_a_business_are_told_of_and_no_others),
		store_test(a_logo_is_kept_once_and_is_of_all_who_sent_it),
	};

	return store_run(tests);
}
