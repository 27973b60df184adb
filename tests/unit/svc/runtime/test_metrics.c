/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the metrics: the text of each type, escaping, bounds, threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "svc/runtime/metrics.h"

enum { CALLS, ACTIVE, PLAIN, TIME, N_METRICS };

static const double bounds[] = {0.005, 0.05, 0.5, 0};
static const struct metric_def defs[N_METRICS] = {
	[CALLS] = {"t_calls_total",
		   METRIC_COUNTER,
		   {"verdict", "trunk"},
		   NULL,
		   "Calls \\ by\nverdict."},
	[ACTIVE] = {"t_active", METRIC_GAUGE, {"kind"}, NULL, "Active."},
	[PLAIN] = {"t_plain_total", METRIC_COUNTER, {NULL}, NULL, "Plain."},
	[TIME] = {"t_seconds", METRIC_HISTOGRAM, {"step"}, bounds, "Time."},
};

static char *text_of(struct metrics *metrics)
{
	size_t len = 0;
	char *text = metrics_text(metrics, &len);
	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	return text;
}

static void has(struct metrics *metrics, const char *line)
{
	char *text = text_of(metrics);
	if (!strstr(text, line))
		fail_msg("no \"%s\" in:\n%s", line, text);
	free(text);
}

static int setup(void **state)
{
	*state = metrics_new(defs, N_METRICS);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	metrics_free(*state);
	return 0;
}

static void the_whole_text_stands_in_the_order_of_the_table(void **state)
{
	METRIC_COUNT(*state, CALLS, "passed", "a");
	METRIC_COUNT(*state, CALLS, "passed", "a");
	metrics_set(*state, ACTIVE, &(struct metric_labels){{"calls"}}, 2.5);
	metrics_add(*state, ACTIVE, &(struct metric_labels){{"calls"}}, -1);
	metrics_observe(*state, TIME, &(struct metric_labels){{"sign"}}, 0.05);
	char *text = text_of(*state);
	assert_string_equal(text, "# HELP t_calls_total Calls \\\\ by\\nverdict.\n"
				  "# TYPE t_calls_total counter\n"
				  "t_calls_total{verdict=\"passed\",trunk=\"a\"} 2\n"
				  "# HELP t_active Active.\n"
				  "# TYPE t_active gauge\n"
				  "t_active{kind=\"calls\"} 1.5\n"
				  "# HELP t_plain_total Plain.\n"
				  "# TYPE t_plain_total counter\n"
				  "t_plain_total 0\n"
				  "# HELP t_seconds Time.\n"
				  "# TYPE t_seconds histogram\n"
				  "t_seconds_bucket{step=\"sign\",le=\"0.005\"} 0\n"
				  "t_seconds_bucket{step=\"sign\",le=\"0.05\"} 1\n"
				  "t_seconds_bucket{step=\"sign\",le=\"0.5\"} 1\n"
				  "t_seconds_bucket{step=\"sign\",le=\"+Inf\"} 1\n"
				  "t_seconds_sum{step=\"sign\"} 0.05\n"
				  "t_seconds_count{step=\"sign\"} 1\n");
	free(text);
}

static void histogram_buckets_are_cumulative_and_end_with_all(void **state)
{
	static const double seen[] = {0.001, 0.005, 0.02, 0.5, 7};
	for (size_t i = 0; i < 5; i++)
		metrics_observe(*state, TIME, &(struct metric_labels){{"s"}}, seen[i]);
	metrics_observe(*state, TIME, &(struct metric_labels){{"s"}}, 0);
	has(*state, "{step=\"s\",le=\"0.005\"} 3\n");
	has(*state, "{step=\"s\",le=\"0.05\"} 4\n");
	has(*state, "{step=\"s\",le=\"0.5\"} 5\n");
	has(*state, "{step=\"s\",le=\"+Inf\"} 6\n");
	has(*state, "t_seconds_count{step=\"s\"} 6\n");
	has(*state, "t_seconds_sum{step=\"s\"} 7.526\n");
}

static void label_values_are_escaped_and_kept_utf8(void **state)
{
	METRIC_COUNT(*state, CALLS, "a\"b\\c", "d\x01\xff\xc3\xbc\n");
	has(*state, "{verdict=\"a\\\"b\\\\c\",trunk=\"d??\xc3\xbc?\"} 1\n");
}

static void label_values_are_cut_at_64_bytes_between_characters(void **state)
{
	char value[100], line[200];
	memset(value, 'a', 63);
	snprintf(value + 63, sizeof(value) - 63, "\xc3\xbc tail");
	METRIC_COUNT(*state, CALLS, value, "t");
	snprintf(line, sizeof(line), "{verdict=\"%.63s\",trunk=\"t\"} 1\n", value);
	has(*state, line);
}

static void a_value_that_is_changed_by_copying_stays_one_series(void **state)
{
	char value[100], line[200];
	memset(value, 'a', 80);
	value[80] = '\0';
	for (int i = 0; i < 2; i++) {
		METRIC_COUNT(*state, CALLS, "a\x01", "t");
		METRIC_COUNT(*state, CALLS, value, "t");
		METRIC_COUNT(*state, CALLS, "plain", "t");
		METRIC_COUNT(*state, CALLS, "plain", "u");
	}
	has(*state, "{verdict=\"a?\",trunk=\"t\"} 2\n");
	snprintf(line, sizeof(line), "{verdict=\"%.64s\",trunk=\"t\"} 2\n", value);
	has(*state, line);
	has(*state, "{verdict=\"plain\",trunk=\"t\"} 2\n");
	has(*state, "{verdict=\"plain\",trunk=\"u\"} 2\n");
}

static void a_missing_label_is_empty(void **state)
{
	METRIC_COUNT(*state, CALLS, "only");
	has(*state, "{verdict=\"only\",trunk=\"\"} 1\n");
	metrics_add(*state, PLAIN, NULL, 1);
	METRIC_COUNT(*state, PLAIN, "ignored");
	has(*state, "\nt_plain_total 2\n");
}

static void after_256_series_the_rest_is_other(void **state)
{
	char value[16];
	for (int i = 0; i < METRICS_SERIES_MAX + 50; i++) {
		snprintf(value, sizeof(value), "v%d", i);
		METRIC_COUNT(*state, CALLS, value, "t");
		metrics_observe(*state, TIME, &(struct metric_labels){{value}}, 1);
	}
	METRIC_COUNT(*state, CALLS, "v0", "t");
	has(*state, "{verdict=\"v0\",trunk=\"t\"} 2\n");
	has(*state, "{verdict=\"v255\",trunk=\"t\"} 1\n");
	has(*state, "{verdict=\"other\",trunk=\"other\"} 50\n");
	has(*state, "t_seconds_count{step=\"other\"} 50\n");
	char *text = text_of(*state);
	assert_null(strstr(text, "v256"));
	free(text);
}

static void calls_that_do_not_fit_the_type_change_nothing(void **state)
{
	metrics_add(*state, PLAIN, NULL, -1);
	metrics_add(*state, PLAIN, NULL, (double)NAN);
	metrics_set(*state, PLAIN, NULL, 7);
	metrics_observe(*state, PLAIN, NULL, 7);
	metrics_add(*state, TIME, &(struct metric_labels){{"x"}}, 1);
	metrics_add(*state, N_METRICS, NULL, 1);
	metrics_set(*state, N_METRICS, NULL, 1);
	metrics_observe(*state, N_METRICS, NULL, 1);
	has(*state, "\nt_plain_total 0\n");
	char *text = text_of(*state);
	assert_null(strstr(text, "\"x\""));
	free(text);
}

static void numbers_are_written_so_that_they_read_back(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {{0.1, "0.1"},
		     {1e15, "1e+15"},
		     {123456789, "123456789"},
		     {-0.25, "-0.25"},
		     {1.0 / 3, "0.333"},
		     {(double)INFINITY, "+Inf"},
		     {-(double)INFINITY, "-Inf"},
		     {(double)NAN, "NaN"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[64];
		metrics_set(*state, ACTIVE, &(struct metric_labels){{"n"}}, cases[i].value);
		snprintf(line, sizeof(line), "t_active{kind=\"n\"} %s", cases[i].text);
		has(*state, line);
		char *text = text_of(*state);
		double read = strtod(strstr(text, "{kind=\"n\"} ") + 11, NULL);
		assert_true(read == cases[i].value || isnan(cases[i].value));
		free(text);
	}
}

static void *count_many(void *magic)
{
	for (int i = 0; i < 2000; i++) {
		METRIC_COUNT(magic, CALLS, i % 2 ? "odd" : "even", "t");
		metrics_observe(magic, TIME, &(struct metric_labels){{"s"}}, 0.25);
		if (i % 500 == 0)
			free(text_of(magic));
	}
	return NULL;
}

static void threads_lose_no_count(void **state)
{
	pthread_t threads[4];
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_many, *state), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	has(*state, "{verdict=\"odd\",trunk=\"t\"} 4000\n");
	has(*state, "t_seconds_count{step=\"s\"} 8000\n");
	has(*state, "t_seconds_sum{step=\"s\"} 2000\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_whole_text_stands_in_the_order_of_the_table),
		TEST(histogram_buckets_are_cumulative_and_end_with_all),
		TEST(label_values_are_escaped_and_kept_utf8),
		TEST(label_values_are_cut_at_64_bytes_between_characters),
		TEST(a_value_that_is_changed_by_copying_stays_one_series),
		TEST(a_missing_label_is_empty),
		TEST(after_256_series_the_rest_is_other),
		TEST(calls_that_do_not_fit_the_type_change_nothing),
		TEST(numbers_are_written_so_that_they_read_back),
		TEST(threads_lose_no_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
