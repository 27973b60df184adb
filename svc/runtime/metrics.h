/* SPDX-License-Identifier: Apache-2.0 */
/* Counters, gauges and histograms in Prometheus text, from one const table per daemon. */
#ifndef RUNTIME_METRICS_H
#define RUNTIME_METRICS_H

#include <stddef.h>
#include <stdint.h>

#define METRICS_LABELS_MAX 3
/* Label combinations of one metric; the rest is counted as "other". */
#define METRICS_SERIES_MAX 256

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_def {
	const char *name; /* "attestel_proxy_calls_total" */
	enum metric_type type;
	const char *labels[METRICS_LABELS_MAX]; /* names; NULL where unused */
	const double *buckets; /* histogram: upper bounds in seconds, 0-terminated */
	const char *help;
};

/* Any number of threads. The table is borrowed; metrics are named by their index in it. */
struct metrics;

struct metrics *metrics_new(const struct metric_def *defs, size_t n); /* NULL: no memory */
void metrics_free(struct metrics *metrics);

/* Label values follow the table's labels; NULL where unused. They are copied, cut at 64 bytes. */
struct metric_labels {
	const char *value[METRICS_LABELS_MAX];
};
void metrics_add(struct metrics *metrics, size_t id, const struct metric_labels *labels,
		 double amount);
void metrics_set(struct metrics *metrics, size_t id, const struct metric_labels *labels,
		 double value);
void metrics_observe(struct metrics *metrics, size_t id, const struct metric_labels *labels,
		     double seconds);

#define METRIC_COUNT(metrics, id, ...)                                                             \
	metrics_add((metrics), (id), &(struct metric_labels){{__VA_ARGS__}}, 1)

/* The exposition text, malloc'ed; the caller frees it. NULL: no memory. */
char *metrics_text(struct metrics *metrics, size_t *len_out);

#endif
