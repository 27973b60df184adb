/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of reports, used receipts, scores and decisions on both engines. */
#include "svc/registry/store/reports.h"

#include "svc/registry/store/decisions.h"
#include "svc/registry/store/receipts.h"
#include "svc/registry/store/scores.h"
#include "tests/unit/svc/registry/store/store_fixture.h"

#define NOW    INT64_C(1800000000000)
#define NUMBER "12155551212"

static void begin_with_tenants(struct db *db)
{
	store_must(db, db_begin(db, &across_write));
	store_must(db, db_exec(db, "INSERT INTO tenants (id, name, level, vouched, state, version,"
				   " created_at) VALUES ('ten_1', 'a', 1, 1, 'active', 1, 1),"
				   " ('ten_2', 'b', 1, 0, 'active', 1, 1)"));
}

static struct report_row report(unsigned i, const char *standing)
{
	struct report_row row = {.provenance = PROVENANCE_VERIFIED,
				 .reporter = INT64_MIN + i,
				 .standing = standing,
				 .created_ms = NOW + i};

	snprintf(row.id, sizeof row.id, "rep_%u", i);
	snprintf(row.tenant, sizeof row.tenant, "ten_%u", i % 2 + 1);
	snprintf(row.key, sizeof row.key, "key_%u", i);
	memcpy(row.receipt, &i, sizeof i);
	snprintf(row.number, sizeof row.number, NUMBER);
	snprintf(row.label, sizeof row.label, "fraud");
	return row;
}

static void add(struct db *db, unsigned i, const char *standing)
{
	struct report_row row = report(i, standing);

	store_must(db, store_reports_add(db, &row));
}

static void a_receipt_is_used_once_and_the_transaction_goes_on(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	const uint8_t id[RECEIPT_ID] = {1};

	begin_with_tenants(db);
	store_must(db, store_receipts_use(db, "ten_1", id, NOW));
	assert_int_equal(store_receipts_use(db, "ten_1", id, NOW), STORE_CONFLICT);
	assert_int_equal(store_receipts_use(db, "ten_2", id, NOW), STORE_CONFLICT);
	add(db, 1, "counts");
	store_must(db, db_end(db, STORE_OK));
}

/* It has expired ten minutes before it is forgotten. */
static void a_used_receipt_is_known_longer_than_it_is_good_for(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	const uint8_t first[RECEIPT_ID] = {1}, second[RECEIPT_ID] = {2}, third[RECEIPT_ID] = {3};
	const int64_t kept_ms = INT64_C(1000) * RECEIPT_S + 600000;

	begin_with_tenants(db);
	store_must(db, store_receipts_use(db, "ten_1", first, NOW));
	store_must(db, store_receipts_use(db, "ten_1", second, NOW + kept_ms));
	assert_int_equal(store_receipts_use(db, "ten_1", first, NOW + kept_ms), STORE_CONFLICT);
	store_must(db, store_receipts_use(db, "ten_1", third, NOW + kept_ms + 1));
	store_must(db, store_receipts_use(db, "ten_1", first, NOW + kept_ms + 1));
	store_must(db, db_end(db, STORE_OK));
}

static void only_reports_that_stand_and_count_are_evidence(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	const struct report_filter filter = {
		.number = NUMBER, .standing = "counts", .since_ms = NOW, .limit = 3};
	struct report_fact facts[3];
	struct report_row row;
	int64_t others = 0, recent = 0;
	size_t n = 0;

	begin_with_tenants(db);
	for (unsigned i = 0; i < 6; i++)
		add(db, i, i == 5 ? "new" : "counts");
	store_must(db, store_reports_get(db, "key_4", "rep_4", &row));
	assert_int_equal(row.reporter, INT64_MIN + 4);
	assert_false(row.undone);
	store_must(db, store_reports_undo(db, &row, NOW));
	assert_int_equal(store_reports_undo(db, &row, NOW), STORE_NONE);
	assert_int_equal(store_reports_get(db, "key_3", "rep_4", &row), STORE_NONE);
	store_must(db, store_reports_facts(db, &filter, facts, &n));
	/* 0 is too old, 4 undone, 5 new */
	assert_int_equal(n, 3);
	assert_int_equal(facts[0].at_ms, NOW + 3);
	assert_int_equal(facts[0].reporter, INT64_MIN + 3);
	assert_true(facts[0].tenant == facts[2].tenant && facts[0].tenant != facts[1].tenant);
	assert_string_equal(facts[2].label, "fraud");
	store_must(db, store_reports_others(db, &filter, &others));
	assert_int_equal(others, 1);
	store_must(db, store_reports_recent(db, INT64_MIN + 4, NOW, &recent));
	assert_int_equal(recent, 1);
	store_must(db, db_end(db, STORE_OK));
}

static void reports_are_kept_180_days(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct report_row row = report(2, "counts"), seen;

	begin_with_tenants(db);
	add(db, 1, "counts");
	row.created_ms = NOW + 1 + REPORT_KEEP_MS;
	store_must(db, store_reports_add(db, &row));
	store_must(db, store_reports_get(db, "key_1", "rep_1", &seen));
	row = report(3, "counts");
	row.created_ms = NOW + 2 + REPORT_KEEP_MS;
	store_must(db, store_reports_add(db, &row));
	assert_int_equal(store_reports_get(db, "key_1", "rep_1", &seen), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void the_narrowest_verified_claim_holds_a_number(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	char holder[ID_MAX + 1];

	begin_with_tenants(db);
	assert_int_equal(store_reports_holder(db, NUMBER, NOW, holder), STORE_NONE);
	store_must(db,
		   db_exec(db, "INSERT INTO claims (id, tenant, number, state, version, created_at,"
			       " updated_at, reprove_at) VALUES"
			       " ('clm_1', 'ten_1', '1215555121x', 'verified', 1, 1, 1, NULL),"
			       " ('clm_2', 'ten_2', '12155551212', 'pending', 1, 1, 1, NULL)"));
	store_must(db, store_reports_holder(db, NUMBER, NOW, holder));
	assert_string_equal(holder, "ten_1");
	store_must(db, db_exec(db, "UPDATE claims SET state = 'verified', reprove_at = "
				   "1800000000000 WHERE id = 'clm_2'"));
	store_must(db, store_reports_holder(db, NUMBER, NOW - 1, holder));
	assert_string_equal(holder, "ten_2");
	store_must(db, store_reports_holder(db, NUMBER, NOW, holder));
	assert_string_equal(holder, "ten_1");
	store_must(db, db_end(db, STORE_OK));
}

static void reports_are_counted_by_label_and_provenance(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct report_count counts[4];
	struct report_row row = report(3, "new");
	size_t n = 0;

	begin_with_tenants(db);
	add(db, 1, "counts");
	add(db, 2, "new");
	row.provenance = PROVENANCE_SPOOFED;
	store_must(db, store_reports_add(db, &row));
	store_must(db, store_reports_count(db, NUMBER, NOW, 4, counts, &n));
	assert_int_equal(n, 2);
	size_t spoofed = counts[0].provenance == PROVENANCE_SPOOFED ? 0 : 1;
	assert_int_equal(counts[spoofed].count, 1);
	assert_int_equal(counts[1 - spoofed].count, 2);
	assert_int_equal(counts[1 - spoofed].provenance, PROVENANCE_VERIFIED);
	store_must(db, db_end(db, STORE_OK));
}

static struct score_row score(const char *number, int64_t fades_ms)
{
	struct score_row row = {.label = "fraud",
				.score_ppm = 900000,
				.low_ppm = 800000,
				.high_ppm = 1000000,
				.worst = "fraud",
				.unwanted_ppm = 12000000,
				.wanted_ppm = 1,
				.unproven_ppm = 2,
				.evidence = "[{\"text\":\"x\",\"count\":1}]",
				.computed_ms = NOW,
				.fades_ms = fades_ms};

	snprintf(row.number, sizeof row.number, "%s", number);
	return row;
}

static void assert_same(const struct score_row *a, const struct score_row *b)
{
	assert_string_equal(a->number, b->number);
	assert_string_equal(a->label, b->label);
	assert_string_equal(a->worst, b->worst);
	assert_string_equal(a->evidence, b->evidence);
	assert_int_equal(a->score_ppm, b->score_ppm);
	assert_int_equal(a->low_ppm, b->low_ppm);
	assert_int_equal(a->high_ppm, b->high_ppm);
	assert_int_equal(a->unwanted_ppm, b->unwanted_ppm);
	assert_int_equal(a->wanted_ppm, b->wanted_ppm);
	assert_int_equal(a->unproven_ppm, b->unproven_ppm);
	assert_int_equal(a->computed_ms, b->computed_ms);
	assert_int_equal(a->fades_ms, b->fades_ms);
}

static void a_score_is_put_and_read_whole_and_those_that_fade_are_found(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct score_row row = score(NUMBER, NOW + 5), seen = {.number = ""}, found[2];
	size_t n = 0;

	begin_with_tenants(db);
	assert_int_equal(store_scores_get(db, NUMBER, &seen), STORE_NONE);
	store_must(db, store_scores_put(db, &row));
	store_must(db, store_scores_get(db, NUMBER, &seen));
	assert_same(&seen, &row);
	row = score("12155550001", NOW + 4);
	store_must(db, store_scores_put(db, &row));
	row = score("12155550002", NOW + 3);
	store_must(db, store_scores_put(db, &row));
	row.fades_ms = 0; /* the same number: replaced */
	store_must(db, store_scores_put(db, &row));
	store_must(db, store_scores_faded(db, NOW + 4, 2, found, &n));
	assert_int_equal(n, 1);
	assert_string_equal(found[0].number, "12155550001");
	store_must(db, store_scores_faded(db, NOW + 9, 1, found, &n));
	assert_int_equal(n, 1);
	store_must(db, db_end(db, STORE_OK));
}

static void a_decision_is_its_tenants_for_28_days(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct decision_row row = {.id = "dec_1",
				   .tenant = "ten_1",
				   .number = NUMBER,
				   .action = "block",
				   .rule = "score",
				   .evidence = "[]",
				   .created_ms = NOW},
			    seen;
	const int64_t end_ms = NOW + DECISION_KEEP_MS;

	begin_with_tenants(db);
	store_must(db, store_decisions_add(db, &row));
	store_must(db, store_decisions_get(db, "ten_1", "dec_1", end_ms, &seen));
	assert_string_equal(seen.rule, "score");
	assert_string_equal(seen.number, NUMBER);
	assert_int_equal(store_decisions_get(db, "ten_2", "dec_1", NOW, &seen), STORE_NONE);
	assert_int_equal(store_decisions_get(db, "ten_1", "dec_1", end_ms + 1, &seen), STORE_NONE);
	snprintf(row.id, sizeof row.id, "dec_2");
	row.created_ms = end_ms + 1;
	store_must(db, store_decisions_add(db, &row));
	assert_int_equal(store_decisions_get(db, "ten_1", "dec_1", NOW, &seen), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_receipt_is_used_once_and_the_transaction_goes_on),
		store_test(a_used_receipt_is_known_longer_than_it_is_good_for),
		store_test(only_reports_that_stand_and_count_are_evidence),
		store_test(reports_are_kept_180_days),
		store_test(the_narrowest_verified_claim_holds_a_number),
		store_test(reports_are_counted_by_label_and_provenance),
		store_test(a_score_is_put_and_read_whole_and_those_that_fade_are_found),
		store_test(a_decision_is_its_tenants_for_28_days),
	};

	return store_run(tests);
}
