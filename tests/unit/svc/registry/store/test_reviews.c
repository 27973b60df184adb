/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the queue of reviews on both engines. */
#include "svc/registry/store/reviews.h"

#include "tests/unit/svc/registry/store/numbers_rows.h"

static struct db *begin(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	rows_begin(db);
	store_must(db, db_begin(db, &across_write));
	return db;
}

/* The identifiers in their order: "clm_1 biz_1". */
static const char *queue(struct db *db, const char *kind, const char *state)
{
	static char text[256];
	struct review_row rows[8];
	const struct review_filter filter = {kind, state, 0, 8};
	size_t n = 0, len = 0;

	text[0] = 0;
	store_must(db, store_reviews_list(db, &filter, rows, &n));
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i > 0 ? " " : "",
					rows[i].id);
	return text;
}

static void submit(struct db *db, const char *id, enum business_state state)
{
	struct business_row row;

	store_must(db, store_businesses_get(db, "", id, &row));
	row.state = state;
	store_must(db, store_businesses_put(db, &row));
}

static void add_version(struct db *db, const char *brand, int64_t number)
{
	struct version_row row = {.number = number, .state = VERSION_IN_REVIEW, .created_ms = NOW};

	snprintf(row.brand, sizeof row.brand, "%s", brand);
	snprintf(row.tenant, sizeof row.tenant, MINE);
	snprintf(row.name, sizeof row.name, "Next");
	snprintf(row.editor, sizeof row.editor, "key_1");
	store_must(db, store_versions_add(db, &row));
}

static void what_waits_stands_in_the_order_in_which_it_began_to(void **state)
{
	struct db *db = begin(state);
	struct claim_row claim = rows_claim("clm_1", HERS, "12155551212");

	claim.state = CLAIM_PENDING;
	submit(db, "biz_2", BUSINESS_SUBMITTED);
	store_must(db, store_claims_add(db, &claim));
	add_version(db, "brd_1", 2);
	submit(db, "biz_1", BUSINESS_SUBMITTED);
	assert_string_equal(queue(db, "", ""), "biz_2 clm_1 brd_1 biz_1");
	assert_string_equal(queue(db, "business", ""), "biz_2 biz_1");
	assert_string_equal(queue(db, "", "in_review"), "brd_1");
	assert_string_equal(queue(db, "claim", "submitted"), "");
	submit(db, "biz_2", BUSINESS_REJECTED);
	assert_string_equal(queue(db, "", ""), "clm_1 brd_1 biz_1");
	submit(db, "biz_2", BUSINESS_SUBMITTED);
	claim.state = CLAIM_CONFLICT; /* it still waits, in its place */
	store_must(db, store_claims_put(db, &claim));
	assert_string_equal(queue(db, "", ""), "clm_1 brd_1 biz_1 biz_2");
	claim.state = CLAIM_VERIFIED;
	store_must(db, store_claims_put(db, &claim));
	assert_string_equal(queue(db, "", ""), "brd_1 biz_1 biz_2");
	store_must(db, db_end(db, STORE_OK));
}

static void a_version_leaves_the_queue_when_it_is_decided_on_or_overtaken(void **state)
{
	struct db *db = begin(state);
	struct version_row row;
	struct brand_row brand;

	store_must(db, store_brands_get(db, MINE, "brd_1", &brand));
	add_version(db, "brd_1", 2);
	add_version(db, "brd_1", 3);
	store_must(db, store_versions_get(db, &brand, 2, &row));
	row.state = VERSION_APPROVED;
	store_must(db, store_versions_decide(db, &row));
	assert_string_equal(queue(db, "brand", ""), "brd_1 brd_1");
	brand.live = 3;
	store_must(db, store_brands_put(db, &brand));
	assert_string_equal(queue(db, "brand", ""), "");
	brand.live = 1;
	store_must(db, store_brands_put(db, &brand));
	row.state = VERSION_REJECTED;
	store_must(db, store_versions_decide(db, &row));
	assert_string_equal(queue(db, "brand", ""), "brd_1");
	store_must(db, db_end(db, STORE_OK));
}

static void pages_go_on_behind_the_last_place(void **state)
{
	struct db *db = begin(state);
	struct review_row rows[2];
	struct review_filter filter = {"", "", 0, 2};
	size_t n;

	for (int64_t number = 2; number < 5; number++)
		add_version(db, "brd_1", number);
	store_must(db, store_reviews_list(db, &filter, rows, &n));
	assert_true(n == 2 && rows[0].number == 2 && rows[1].number == 3);
	assert_int_equal(rows[1].kind, REVIEW_OF_BRAND);
	assert_string_equal(rows[1].tenant, MINE);
	filter.after = rows[1].place;
	store_must(db, store_reviews_list(db, &filter, rows, &n));
	assert_true(n == 1 && rows[0].number == 4);
	store_must(db, db_end(db, STORE_OK));
}

static void a_claims_rivals_are_those_of_others_that_overlap_it(void **state)
{
	struct db *db = begin(state);
	struct claim_row mine = rows_claim("clm_1", MINE, "1215555121x"), rows[4];
	size_t n;

	rows_hold(db, "clm_2", HERS, "12155551212");
	rows_hold(db, "clm_3", HERS, "12155551219");
	rows_hold(db, "clm_4", HERS, "12155551220");
	rows_hold(db, "clm_5", MINE, "12155551215");
	store_must(db, store_claims_rivals(db, &mine, 4, rows, &n));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].id, "clm_2");
	assert_string_equal(rows[1].id, "clm_3");
	store_must(db, store_claims_rivals(db, &mine, 1, rows, &n));
	assert_int_equal(n, 1);
	mine = rows_claim("clm_1", MINE, "12155551299");
	store_must(db, store_claims_rivals(db, &mine, 4, rows, &n));
	assert_int_equal(n, 0);
	store_must(db, db_end(db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(what_waits_stands_in_the_order_in_which_it_began_to),
		store_test(a_version_leaves_the_queue_when_it_is_decided_on_or_overtaken),
		store_test(pages_go_on_behind_the_last_place),
		store_test(a_claims_rivals_are_those_of_others_that_overlap_it),
	};

	return store_run(tests);
}
