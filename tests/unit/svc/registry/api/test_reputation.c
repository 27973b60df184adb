/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of labels that end by themselves, on both engines. */
#include "svc/registry/api/reputation.h"

#include "tests/unit/svc/registry/store/store_fixture.h"

#define NOW    INT64_C(1800000000000)
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define NUMBER "12155551212"

/* A score as it is written when ten have reported at NOW. */
static void flag(struct db *db, struct score_row *row)
{
	*row = (struct score_row){.number = NUMBER,
				  .worst = "fraud",
				  .unwanted_ppm = 10000000,
				  .evidence = "[]",
				  .computed_ms = NOW};
	reputation_fade(row, NOW);
	assert_string_equal(row->label, "fraud");
	assert_true(row->fades_ms > NOW);
	store_must(db, store_scores_put(db, row));
}

static int64_t count(struct db *db, const char *sql)
{
	struct db_query *query = db_query(db, sql);

	store_must(db, db_step(query));
	int64_t n = db_int(query, 0);
	db_done(query);
	return n;
}

static void a_label_ends_at_its_time_and_its_holder_and_followers_hear_of_it(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct score_row row;

	store_must(db, db_begin(db, &across_write));
	store_must(db,
		   db_exec(db, "INSERT INTO tenants (id, name, level, vouched, state, version,"
			       " created_at) VALUES ('ten_1', 'a', 1, 1, 'active', 1, 1);"
			       "INSERT INTO claims (id, tenant, number, state, version, created_at,"
			       " updated_at) VALUES ('clm_1', 'ten_1', '1215555121x', 'verified',"
			       " 1, 1, 1)"));
	flag(db, &row);
	assert_int_equal(reputation_age(db, row.fades_ms - 1), STORE_NONE);
	store_must(db, reputation_age(db, row.fades_ms));
	store_must(db, store_scores_get(db, NUMBER, &row));
	assert_string_equal(row.label, "none");
	assert_int_equal(row.fades_ms, 0);
	assert_true(row.low_ppm <= 600000);
	assert_int_equal(reputation_age(db, NOW + 1000 * DAY_MS), STORE_NONE);
	assert_int_equal(
		count(db, "SELECT count(*) FROM directory_log WHERE number = '" NUMBER "'"), 1);
	assert_int_equal(count(db, "SELECT count(*) FROM events WHERE tenant = 'ten_1'"
				   " AND kind = 'number.cleared' AND object = '" NUMBER "'"),
			 1);
	store_must(db, db_end(db, STORE_OK));
}

static void a_score_that_is_shown_has_faded_and_keeps_its_evidence(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct score_row row;

	store_must(db, db_begin(db, &across_write));
	flag(db, &row);
	int64_t low = row.low_ppm;
	reputation_fade(&row, NOW + 7 * DAY_MS);
	assert_true(row.low_ppm < low);
	/* in two steps as in one */
	reputation_fade(&row, NOW + 14 * DAY_MS);
	assert_in_range(row.unwanted_ppm, 4999999, 5000001);
	assert_string_equal(row.evidence, "[]");
	store_must(db, db_end(db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_label_ends_at_its_time_and_its_holder_and_followers_hear_of_it),
		store_test(a_score_that_is_shown_has_faded_and_keeps_its_evidence),
	};

	return store_run(tests);
}
