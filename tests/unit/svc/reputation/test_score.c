/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the baseline engine. */
#include "svc/reputation/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)
#define NOW  (INT64_C(20000) * DAY)
#define MANY 2000

static const char *const labels[] = {"fraud", "robocall", "nuisance", "wanted", NULL};
enum { FRAUD, ROBOCALL, NUISANCE, WANTED };

static const struct reputation_engine *const engine = &reputation_baseline;

/* Evidence that tests add to. */
struct world {
	struct reputation_report reports[MANY];
	struct reputation_evidence evidence;
	int64_t next;
};

static int begin(void **state)
{
	struct world *world = calloc(1, sizeof *world);

	assert_non_null(world);
	world->evidence = (struct reputation_evidence){
		.labels = labels, .wanted = WANTED, .reports = world->reports, .now_ms = NOW};
	*state = world;
	return 0;
}

static int end(void **state)
{
	free(*state);
	return 0;
}

/* n reports by as many reporters, each of a tenant of its own, one every half hour before age. */
static void add(struct world *world, int n, unsigned label, int64_t age_ms)
{
	for (int i = 0; i < n; i++) {
		int64_t who = ++world->next;
		world->reports[world->evidence.n++] = (struct reputation_report){
			.reporter = who,
			.tenant = who,
			.label = label,
			.at_ms = NOW - age_ms - i * (HOUR / 2),
		};
	}
}

static struct reputation_score score_of(struct world *world)
{
	struct reputation_score score;

	engine->score(&world->evidence, &score);
	assert_true(score.low >= 0 && score.low <= score.score);
	assert_true(score.score <= score.high && score.high <= 1);
	return score;
}

static int64_t line(const struct reputation_score *score, const char *text)
{
	for (size_t i = 0; i < score->n_lines; i++) {
		if (strncmp(score->lines[i].text, text, strlen(text)) == 0)
			return score->lines[i].count;
	}
	return 0;
}

static void without_reports_nothing_is_said(void **state)
{
	struct reputation_score score = score_of(*state);

	assert_string_equal(score.label, "none");
	assert_true(score.low == 0 && score.high == 1);
	assert_float_equal(score.score, 0.1, 1e-9);
	assert_int_equal(score.n_lines, 0);
	assert_int_equal(score.fades_ms, 0);
}

static void two_reports_label_nobody_and_ten_do(void **state)
{
	struct world *world = *state;

	add(world, 2, FRAUD, 0);
	assert_string_equal(score_of(world).label, "none");
	add(world, 8, FRAUD, 0);
	struct reputation_score score = score_of(world);
	assert_string_equal(score.label, "fraud");
	assert_true(score.low >= 0.6);
	assert_int_equal(line(&score, "reported as fraud"), 10);
}

static void welcome_calls_speak_against_a_label(void **state)
{
	struct world *world = *state;

	add(world, 10, NUISANCE, 0);
	double alone = score_of(world).score;
	add(world, 10, WANTED, 0);
	struct reputation_score score = score_of(world);
	assert_string_equal(score.label, "none");
	assert_true(score.score < alone - 0.2);
	assert_int_equal(line(&score, "reported as wanted"), 10);
}

static void the_label_is_what_most_call_it_over_125_days(void **state)
{
	struct world *world = *state;

	add(world, 30, ROBOCALL, 40 * DAY);
	add(world, 15, FRAUD, 0);
	/* the volume of the first is down to a seventh of itself, its class to four fifths */
	assert_string_equal(score_of(world).label, "robocall");
}

static void volume_halves_in_14_days(void **state)
{
	struct world *world = *state;

	add(world, 1, FRAUD, 0);
	double fresh = score_of(world).unwanted;
	world->reports[0].at_ms -= 14 * DAY;
	assert_float_equal(score_of(world).unwanted, fresh / 2, 1e-9);
}

static void a_score_fades_as_if_it_were_weighed_anew(void **state)
{
	struct world *world = *state;

	add(world, 12, FRAUD, 0);
	add(world, 2, WANTED, 3 * DAY);
	struct reputation_score faded = score_of(world);
	assert_string_equal(faded.label, "fraud");
	int64_t fades_ms = faded.fades_ms;
	engine->fade(&faded, 9 * DAY);
	world->evidence.now_ms += 9 * DAY;
	struct reputation_score anew = score_of(world);
	assert_float_equal(faded.low, anew.low, 1e-9);
	assert_float_equal(faded.score, anew.score, 1e-9);
	assert_string_equal(faded.label, anew.label);
	world->evidence.now_ms = NOW + fades_ms - 1;
	assert_string_equal(score_of(world).label, "fraud");
	world->evidence.now_ms = NOW + fades_ms;
	assert_string_equal(score_of(world).label, "none");
}

static void a_reporter_counts_once_with_its_last_word(void **state)
{
	struct world *world = *state;

	add(world, 100, FRAUD, 0);
	for (size_t i = 0; i < 100; i++)
		world->reports[i].reporter = 7;
	struct reputation_score score = score_of(world);
	assert_int_equal(line(&score, "reported as fraud"), 1);
	assert_string_equal(score.label, "none");
	/* later than all others */
	world->reports[world->evidence.n++] = (struct reputation_report){
		.reporter = 7, .tenant = 7, .label = WANTED, .at_ms = NOW + 1};
	score = score_of(world);
	assert_int_equal(line(&score, "reported as fraud"), 0);
	assert_int_equal(line(&score, "reported as wanted"), 1);
}

static void one_tenant_with_many_reporters_is_a_hundred_at_most(void **state)
{
	struct world *world = *state;

	add(world, 400, FRAUD, 0);
	for (size_t i = 0; i < 400; i++)
		world->reports[i].tenant = 7;
	struct reputation_score score = score_of(world);
	assert_int_equal(line(&score, "reported as fraud"), 100);
	assert_int_equal(line(&score, "not counted: too many"), 300);
}

static void one_hour_is_twenty_at_most_and_crowds_nobody_else_out(void **state)
{
	struct world *world = *state;

	add(world, 500, WANTED, 0);
	add(world, 12, FRAUD, 0);
	for (size_t i = 0; i < world->evidence.n; i++)
		world->reports[i].at_ms = NOW;
	struct reputation_score score = score_of(world);
	assert_int_equal(line(&score, "reported as wanted"), 20);
	assert_int_equal(line(&score, "reported as fraud"), 12);
	assert_int_equal(line(&score, "not counted: too many"), 480);
}

static void an_unproven_call_makes_a_victim_and_no_offender(void **state)
{
	struct world *world = *state;
	struct reputation_score before = score_of(world);

	add(world, 500, FRAUD, 0);
	for (size_t i = 0; i < 500; i++)
		world->reports[i].provenance = REPUTATION_UNPROVEN;
	struct reputation_score score = score_of(world);
	assert_string_equal(score.label, "spoofed");
	assert_true(score.score == before.score && score.high == before.high);
	assert_int_equal(line(&score, "reported as fraud"), 0);
	assert_int_equal(line(&score, "reported on calls that did not prove"), 500);
	/* nor does a welcome one make it better */
	for (size_t i = 0; i < 500; i++)
		world->reports[i].label = WANTED;
	score = score_of(world);
	assert_true(score.score == before.score && score.wanted == 0);
}

static void one_spoofed_call_marks_for_a_half_life(void **state)
{
	struct world *world = *state;

	add(world, 1, FRAUD, 0);
	world->reports[0].provenance = REPUTATION_UNPROVEN;
	struct reputation_score score = score_of(world);
	assert_string_equal(score.label, "spoofed");
	assert_in_range(score.fades_ms, 14 * DAY, 14 * DAY + 1);
}

static void a_call_that_did_not_prove_its_number_weighs_a_quarter(void **state)
{
	struct world *world = *state;

	add(world, 1, FRAUD, 0);
	world->reports[0].provenance = REPUTATION_CLAIMED;
	assert_float_equal(score_of(world).unwanted, 0.25, 1e-9);
}

static int shuffle(const void *a, const void *b)
{
	const struct reputation_report *left = a, *right = b;
	int64_t one = left->reporter * 7919 % 101, other = right->reporter * 7919 % 101;

	return (one > other) - (one < other);
}

static void any_order_of_the_same_reports_gives_the_same_score(void **state)
{
	struct world *world = *state;

	add(world, 60, FRAUD, 0);
	add(world, 60, WANTED, HOUR);
	add(world, 60, ROBOCALL, 2 * HOUR);
	for (size_t i = 0; i < world->evidence.n; i += 3) {
		world->reports[i].at_ms = NOW - (int64_t)i / 60 * HOUR;
		world->reports[i].reporter = (int64_t)i % 40;
		world->reports[i].tenant = 5;
	}
	struct reputation_score first = score_of(world);
	qsort(world->reports, world->evidence.n, sizeof world->reports[0], shuffle);
	struct reputation_score second = score_of(world);
	assert_string_equal(first.label, second.label);
	assert_true(first.score == second.score && first.low == second.low);
	assert_true(first.high == second.high && first.fades_ms == second.fades_ms);
	assert_int_equal(first.n_lines, second.n_lines);
	for (size_t i = 0; i < first.n_lines; i++) {
		assert_string_equal(first.lines[i].text, second.lines[i].text);
		assert_int_equal(first.lines[i].count, second.lines[i].count);
	}
}

/* Registry.md §4.62: the budget of a Sybil attack. */
static void a_thousand_new_reporters_move_nothing_and_fifty_old_ones_do(void **state)
{
	struct world *world = *state;
	const struct reputation_reporter young = {.known_ms = NOW - 30 * DAY + 1};
	const struct reputation_reporter old = {.known_ms = NOW - 30 * DAY};

	add(world, 3, WANTED, DAY);
	struct reputation_score before = score_of(world);
	for (int i = 0; i < 1000; i++) {
		if (engine->standing(&young, NOW) == REPUTATION_COUNTS)
			add(world, 1, FRAUD, 0);
		else
			world->evidence.ignored++;
	}
	struct reputation_score after = score_of(world);
	assert_string_equal(after.label, before.label);
	assert_true(after.score == before.score && after.low == before.low);
	assert_true(after.high == before.high);
	assert_int_equal(line(&after, "not counted: of the holder"), 1000);
	for (int i = 0; i < 50; i++) {
		if (engine->standing(&old, NOW) == REPUTATION_COUNTS)
			add(world, 1, FRAUD, 0);
	}
	assert_string_equal(score_of(world).label, "fraud");
}

static void who_counts_follows_from_age_rate_and_holding(void **state)
{
	static const struct {
		struct reputation_reporter reporter;
		enum reputation_standing standing;
	} rows[] = {
		{{.known_ms = NOW - 31 * DAY}, REPUTATION_COUNTS},
		{{.known_ms = NOW}, REPUTATION_NEW},
		{{.known_ms = NOW, .verified = true}, REPUTATION_COUNTS},
		{{.known_ms = 0, .recent = 19}, REPUTATION_COUNTS},
		{{.known_ms = 0, .recent = 20}, REPUTATION_EXCESS},
		{{.known_ms = 0, .verified = true, .recent = 20}, REPUTATION_EXCESS},
		{{.known_ms = 0, .holder = true}, REPUTATION_OWN},
		{{.known_ms = 0, .holder = true, .verified = true}, REPUTATION_OWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(engine->standing(&rows[i].reporter, NOW), rows[i].standing);
}

/* Registry.md §4.46: what a tenant pays can change no label, since no engine is told of it. */
static void the_engine_is_told_nothing_of_payments(void **state)
{
	static const char *const words[] = {"pay",   "paid", "price",	"plan",	    "fee",   "tier",
					    "money", "bill", "premium", "customer", "brand", NULL};
	char text[16384];

	(void)state;
	FILE *file = fopen("svc/reputation/score.h", "r");
	assert_non_null(file);
	size_t len = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	assert_in_range(len, 1000, sizeof text - 2);
	text[len] = 0;
	assert_non_null(strstr(text, "struct reputation_reporter {"));
	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcasestr(text, words[i]) != NULL)
			fail_msg("score.h speaks of \"%s\"", words[i]);
	}
}

#define test(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		test(without_reports_nothing_is_said),
		test(two_reports_label_nobody_and_ten_do),
		test(welcome_calls_speak_against_a_label),
		test(the_label_is_what_most_call_it_over_125_days),
		test(volume_halves_in_14_days),
		test(a_score_fades_as_if_it_were_weighed_anew),
		test(a_reporter_counts_once_with_its_last_word),
		test(one_tenant_with_many_reporters_is_a_hundred_at_most),
		test(one_hour_is_twenty_at_most_and_crowds_nobody_else_out),
		test(an_unproven_call_makes_a_victim_and_no_offender),
		test(one_spoofed_call_marks_for_a_half_life),
		test(a_call_that_did_not_prove_its_number_weighs_a_quarter),
		test(any_order_of_the_same_reports_gives_the_same_score),
		test(a_thousand_new_reporters_move_nothing_and_fifty_old_ones_do),
		test(who_counts_follows_from_age_rate_and_holding),
		test(the_engine_is_told_nothing_of_payments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
