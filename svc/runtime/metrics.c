/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the series of each metric in a bounded array, and writes them as Prometheus text. */
#include "svc/runtime/metrics.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svc/runtime/utf8.h"

#define LABEL_BYTES 64

struct labels {
	char value[METRICS_LABELS_MAX][LABEL_BYTES + 1];
};

struct series {
	struct labels labels;
	double value;	  /* of a histogram: the sum */
	uint64_t *counts; /* of a histogram: each bucket's own, the last one is +Inf's */
};

struct metric {
	const struct metric_def *def;
	pthread_mutex_t lock; /* all below */
	struct series **series;
	size_t n, room;
	size_t n_buckets; /* without +Inf */
};

struct metrics {
	size_t n;
	struct metric metric[];
};

static void series_free(struct series *series)
{
	if (series)
		free(series->counts);
	free(series);
}

/* Prometheus refuses a whole page for one byte that is not UTF-8. */
static void label_copy(const char *text, char out[LABEL_BYTES + 1])
{
	size_t used = 0, left = text ? strlen(text) : 0;
	while (left > 0) {
		uint32_t cp = 0;
		size_t step = utf8_next(text, left, &cp);
		const char *from = step && cp >= ' ' ? text : "?";
		size_t len = from == text ? step : 1;
		if (used + len > LABEL_BYTES)
			break;
		memcpy(out + used, from, len);
		used += len;
		text += step ? step : 1;
		left -= step ? step : 1;
	}
	out[used] = '\0';
}

static void labels_copy(const struct metric_def *def, const struct metric_labels *labels,
			struct labels *out)
{
	for (size_t i = 0; i < METRICS_LABELS_MAX; i++)
		label_copy(labels && def->labels[i] ? labels->value[i] : NULL, out->value[i]);
}

static bool labels_equal(const struct labels *a, const struct labels *b)
{
	for (size_t i = 0; i < METRICS_LABELS_MAX; i++) {
		if (strcmp(a->value[i], b->value[i]) != 0)
			return false;
	}
	return true;
}

/* As they were given, uncopied: a value that a copy would have changed is equal to none. */
static bool labels_are(const struct metric_def *def, const struct metric_labels *labels,
		       const struct labels *kept)
{
	for (size_t i = 0; i < METRICS_LABELS_MAX; i++) {
		const char *value = labels && def->labels[i] ? labels->value[i] : NULL;
		if (strcmp(value ? value : "", kept->value[i]) != 0)
			return false;
	}
	return true;
}

static struct series *series_find(const struct metric *metric, const struct labels *labels)
{
	for (size_t i = 0; i < metric->n; i++) {
		if (labels_equal(&metric->series[i]->labels, labels))
			return metric->series[i];
	}
	return NULL;
}

static struct series *series_add(struct metric *metric, const struct labels *labels)
{
	if (metric->n == metric->room) {
		size_t room = metric->room ? 2 * metric->room : 4;
		struct series **grown = reallocarray(metric->series, room, sizeof(*grown));
		if (!grown)
			return NULL;
		metric->series = grown;
		metric->room = room;
	}
	struct series *series = calloc(1, sizeof(*series));
	if (!series)
		return NULL;
	series->labels = *labels;
	if (metric->def->type == METRIC_HISTOGRAM) {
		series->counts = calloc(metric->n_buckets + 1, sizeof(*series->counts));
		if (!series->counts) {
			series_free(series);
			return NULL;
		}
	}
	metric->series[metric->n++] = series;
	return series;
}

/* A stranger who invents label values gets one series, "other", and no more memory. */
static struct series *series_of(struct metric *metric, const struct metric_labels *labels)
{
	struct labels own;
	for (size_t i = 0; i < metric->n; i++) {
		if (labels_are(metric->def, labels, &metric->series[i]->labels))
			return metric->series[i];
	}
	labels_copy(metric->def, labels, &own);
	struct series *series = series_find(metric, &own);
	if (series)
		return series;
	if (metric->n >= METRICS_SERIES_MAX) {
		for (size_t i = 0; i < METRICS_LABELS_MAX; i++)
			label_copy(metric->def->labels[i] ? "other" : NULL, own.value[i]);
		series = series_find(metric, &own);
	}
	return series ? series : series_add(metric, &own);
}

static bool metric_open(struct metric *metric, const struct metric_def *def)
{
	metric->def = def;
	if (pthread_mutex_init(&metric->lock, NULL) != 0)
		return false;
	while (def->buckets && def->buckets[metric->n_buckets] > 0)
		metric->n_buckets++;
	/* Without labels there is one series, and it is there from the start, at 0. */
	return def->labels[0] || series_add(metric, &(struct labels){0});
}

struct metrics *metrics_new(const struct metric_def *defs, size_t n)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics) + n * sizeof(struct metric));
	if (!metrics)
		return NULL;
	for (; metrics->n < n; metrics->n++) {
		if (!metric_open(&metrics->metric[metrics->n], &defs[metrics->n])) {
			metrics_free(metrics);
			return NULL;
		}
	}
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	for (size_t i = 0; i < metrics->n; i++) {
		struct metric *metric = &metrics->metric[i];
		for (size_t k = 0; k < metric->n; k++)
			series_free(metric->series[k]);
		free(metric->series);
		pthread_mutex_destroy(&metric->lock);
	}
	free(metrics);
}

void metrics_add(struct metrics *metrics, size_t id, const struct metric_labels *labels,
		 double amount)
{
	if (id >= metrics->n)
		return;
	struct metric *metric = &metrics->metric[id];
	if (metric->def->type == METRIC_HISTOGRAM ||
	    (metric->def->type == METRIC_COUNTER && !(amount >= 0)))
		return;
	pthread_mutex_lock(&metric->lock);
	struct series *series = series_of(metric, labels);
	if (series)
		series->value += amount;
	pthread_mutex_unlock(&metric->lock);
}

void metrics_set(struct metrics *metrics, size_t id, const struct metric_labels *labels,
		 double value)
{
	if (id >= metrics->n || metrics->metric[id].def->type != METRIC_GAUGE)
		return;
	struct metric *metric = &metrics->metric[id];
	pthread_mutex_lock(&metric->lock);
	struct series *series = series_of(metric, labels);
	if (series)
		series->value = value;
	pthread_mutex_unlock(&metric->lock);
}

void metrics_observe(struct metrics *metrics, size_t id, const struct metric_labels *labels,
		     double seconds)
{
	if (id >= metrics->n || metrics->metric[id].def->type != METRIC_HISTOGRAM)
		return;
	struct metric *metric = &metrics->metric[id];
	size_t bucket = 0;
	while (bucket < metric->n_buckets && !(seconds <= metric->def->buckets[bucket]))
		bucket++;
	pthread_mutex_lock(&metric->lock);
	struct series *series = series_of(metric, labels);
	if (series) {
		series->value += seconds;
		series->counts[bucket]++;
	}
	pthread_mutex_unlock(&metric->lock);
}

/* Text format 0.0.4: backslash, line feed and, in label values, the quote are escaped. */
static void escaped_print(FILE *out, const char *text, bool quotes)
{
	for (; *text; text++) {
		if (*text == '\\' || (*text == '"' && quotes))
			fprintf(out, "\\%c", *text);
		else if (*text == '\n')
			fputs("\\n", out);
		else
			fputc(*text, out);
	}
}

/* The shortest text that reads back as the same number. */
static void number_print(FILE *out, double number)
{
	char text[40];
	if (__builtin_isnan(number) || __builtin_isinf(number)) {
		fputs(__builtin_isnan(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf", out);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	fputs(text, out);
}

/* The name and its labels; le is a histogram's bound or NULL. */
static void name_print(FILE *out, const struct metric_def *def, const char *suffix,
		       const struct series *series, const double *le)
{
	const char *separator = "{";
	fprintf(out, "%s%s", def->name, suffix);
	for (size_t i = 0; i < METRICS_LABELS_MAX && def->labels[i]; i++) {
		fprintf(out, "%s%s=\"", separator, def->labels[i]);
		escaped_print(out, series->labels.value[i], true);
		fputc('"', out);
		separator = ",";
	}
	if (le) {
		fprintf(out, "%sle=\"", separator);
		number_print(out, *le);
		fputc('"', out);
		separator = ",";
	}
	fputs(*separator == ',' ? "} " : " ", out);
}

static void histogram_print(FILE *out, const struct metric *metric, const struct series *series)
{
	const double infinity = __builtin_inf();
	uint64_t sum = 0;
	for (size_t i = 0; i <= metric->n_buckets; i++) {
		sum += series->counts[i];
		name_print(out, metric->def, "_bucket", series,
			   i < metric->n_buckets ? &metric->def->buckets[i] : &infinity);
		fprintf(out, "%llu\n", (unsigned long long)sum);
	}
	name_print(out, metric->def, "_sum", series, NULL);
	number_print(out, series->value);
	fputc('\n', out);
	name_print(out, metric->def, "_count", series, NULL);
	fprintf(out, "%llu\n", (unsigned long long)sum);
}

static void metric_print(FILE *out, struct metric *metric)
{
	static const char *const type_names[] = {"counter", "gauge", "histogram"};
	const struct metric_def *def = metric->def;
	fprintf(out, "# HELP %s ", def->name);
	escaped_print(out, def->help ? def->help : "", false);
	fprintf(out, "\n# TYPE %s %s\n", def->name, type_names[def->type]);
	pthread_mutex_lock(&metric->lock);
	for (size_t i = 0; i < metric->n; i++) {
		if (def->type == METRIC_HISTOGRAM) {
			histogram_print(out, metric, metric->series[i]);
			continue;
		}
		name_print(out, def, "", metric->series[i], NULL);
		number_print(out, metric->series[i]->value);
		fputc('\n', out);
	}
	pthread_mutex_unlock(&metric->lock);
}

char *metrics_text(struct metrics *metrics, size_t *len_out)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len_out);
	if (!out)
		return NULL;
	for (size_t i = 0; i < metrics->n; i++)
		metric_print(out, &metrics->metric[i]);
	bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}
