/* SPDX-License-Identifier: Apache-2.0 */
/* The table of metrics: each index has its row, and rows are named as the others are. */
#include "media/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void each_metric_has_a_name_of_its_own_by_the_rules_of_prometheus(void **state)
{
	(void)state;
	for (size_t i = 0; i < MEDIA_METRIC_COUNT; i++) {
		const struct metric_def *def = &media_metrics[i];
		size_t len;

		assert_non_null(def->name);
		assert_non_null(def->help);
		len = strlen(def->name);
		assert_int_equal(strncmp(def->name, "attestel_media_", 15), 0);
		assert_int_equal(strspn(def->name, "abcdefghijklmnopqrstuvwxyz_"), len);
		/* a counter's name ends in _total, and no other's does */
		assert_int_equal(strcmp(def->name + len - 6, "_total") == 0,
				 def->type == METRIC_COUNTER);
		assert_int_equal(def->type == METRIC_HISTOGRAM, def->buckets != NULL);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(def->name, media_metrics[k].name);
	}
}

static void a_dropped_packet_shows_with_its_reason_and_kind(void **state)
{
	struct metrics *metrics = metrics_new(media_metrics, MEDIA_METRIC_COUNT);
	size_t len;
	char *text;

	(void)state;
	metrics_add(metrics, MEDIA_DROPS, &(struct metric_labels){{"source", "rtp"}}, 3);
	text = metrics_text(metrics, &len);
	assert_non_null(
		strstr(text, "attestel_media_drops_total{reason=\"source\",kind=\"rtp\"} 3\n"));
	free(text);
	metrics_free(metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_metric_has_a_name_of_its_own_by_the_rules_of_prometheus),
		cmocka_unit_test(a_dropped_packet_shows_with_its_reason_and_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
