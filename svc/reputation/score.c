/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The baseline: Wilson's interval over decayed reports. Every figure that it knows is below; what
 * they mean stands in docs/registry.md.
 */
#include "svc/reputation/score.h"

#include "svc/reputation/wilson.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS	(24 * HOUR_MS)

#define VOLUME_HALF_LIFE (14.0 * (double)DAY_MS)  /* of how much was reported */
#define CLASS_HALF_LIFE	 (125.0 * (double)DAY_MS) /* of what it was called */

#define KNOWN_MS     (30 * DAY_MS) /* a reporter counts when it is known for so long */
#define PER_DAY	     20		   /* reports of one reporter, over all numbers */
#define PER_HOUR     20.0	   /* weight of one hour's reports of one number and one sign */
#define PER_TENANT   100	   /* reporters of one tenant */
#define CLAIMED	     0.25	   /* weight of a call that did not prove its number */
#define PRIOR_HITS   0.2	   /* as if two had reported before, one in ten against it */
#define PRIOR_N	     2.0
#define LABEL_LOW    0.6 /* the lower bound from which a label is shown */
#define UNPROVEN_MIN 0.5 /* one report on a call that proved nothing, for a half-life */
#define HORIZON_MS   (1000 * DAY_MS)

const char *const reputation_standing_names[REPUTATION_STANDINGS + 1] = {
	[REPUTATION_COUNTS] = "counts",
	[REPUTATION_NEW] = "new",
	[REPUTATION_EXCESS] = "excess",
	[REPUTATION_OWN] = "own",
};

static enum reputation_standing standing(const struct reputation_reporter *reporter, int64_t now_ms)
{
	if (reporter->holder)
		return REPUTATION_OWN;
	if (reporter->recent >= PER_DAY)
		return REPUTATION_EXCESS;
	if (!reporter->verified && now_ms - reporter->known_ms < KNOWN_MS)
		return REPUTATION_NEW;
	return REPUTATION_COUNTS;
}

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Newest first; what is left open by the time is settled by the rest, so that any order of the same
 * reports becomes the same. */
static int by_time(const void *left, const void *right)
{
	const struct reputation_report *a = left, *b = right;
	int result = order(b->at_ms, a->at_ms);

	if (result == 0)
		result = order(a->reporter, b->reporter);
	if (result == 0)
		result = order(a->label, b->label);
	return result != 0 ? result : order(a->provenance, b->provenance);
}

static int by_reporter(const void *left, const void *right)
{
	const struct reputation_report *a = left, *b = right;
	int result = order(a->reporter, b->reporter);

	return result != 0 ? result : by_time(left, right);
}

static int by_tenant(const void *left, const void *right)
{
	const struct reputation_report *a = left, *b = right;
	int result = order(a->tenant, b->tenant);

	return result != 0 ? result : by_time(left, right);
}

static void sort(struct reputation_evidence *evidence,
		 int (*compare)(const void *left, const void *right))
{
	if (evidence->n > 0)
		qsort(evidence->reports, evidence->n, sizeof evidence->reports[0], compare);
}

/* Of each reporter its last word. */
static void drop_repeated(struct reputation_evidence *evidence)
{
	struct reputation_report *reports = evidence->reports;

	sort(evidence, by_reporter);
	for (size_t i = 0; i < evidence->n; i++)
		reports[i].dropped = i > 0 && reports[i].reporter == reports[i - 1].reporter;
}

/* One app with many devices is still one app. Returns how many it dropped. */
static int64_t drop_crowds(struct reputation_evidence *evidence)
{
	struct reputation_report *reports = evidence->reports;
	int64_t in_tenant = 0, dropped = 0;

	sort(evidence, by_tenant);
	for (size_t i = 0; i < evidence->n; i++) {
		if (i > 0 && reports[i].tenant != reports[i - 1].tenant)
			in_tenant = 0;
		if (reports[i].dropped || ++in_tenant <= PER_TENANT)
			continue;
		reports[i].dropped = true;
		dropped++;
	}
	return dropped;
}

/* What a report speaks for; each has a limit of its own, so that none can crowd another out. */
enum sign { UNWANTED, WANTED, UNPROVEN, SIGNS };

static enum sign sign_of(const struct reputation_evidence *evidence,
			 const struct reputation_report *report)
{
	if (report->provenance == REPUTATION_UNPROVEN)
		return UNPROVEN;
	return report->label == evidence->wanted ? WANTED : UNWANTED;
}

struct tally {
	double weight[SIGNS];			 /* decayed as volume */
	double class[REPUTATION_LABELS_MAX];	 /* decayed as class */
	int64_t labelled[REPUTATION_LABELS_MAX]; /* reports that counted */
	int64_t unproven, capped;
};

static void count(struct tally *tally, const struct reputation_report *report, enum sign sign,
		  double weight, double age)
{
	tally->weight[sign] += weight * exp2(-age / VOLUME_HALF_LIFE);
	if (sign == UNPROVEN) {
		tally->unproven++;
		return;
	}
	tally->labelled[report->label]++;
	if (sign == UNWANTED)
		tally->class[report->label] += weight * exp2(-age / CLASS_HALF_LIFE);
}

static void take(const struct reputation_evidence *evidence, struct tally *tally)
{
	double in_hour[SIGNS] = {0};
	int64_t hour = 0;

	for (size_t i = 0; i < evidence->n; i++) {
		const struct reputation_report *report = &evidence->reports[i];
		enum sign sign = sign_of(evidence, report);
		double weight = report->provenance == REPUTATION_CLAIMED ? CLAIMED : 1;
		int64_t age = evidence->now_ms - report->at_ms;
		if (report->at_ms / HOUR_MS != hour)
			memset(in_hour, 0, sizeof in_hour);
		hour = report->at_ms / HOUR_MS;
		if (report->dropped)
			continue;
		if (in_hour[sign] + weight > PER_HOUR) {
			tally->capped++;
			continue;
		}
		in_hour[sign] += weight;
		count(tally, report, sign, weight, age > 0 ? (double)age : 0);
	}
}

static void add_line(struct reputation_score *score, int64_t count, const char *text,
		     const char *label)
{
	if (count == 0)
		return;
	struct reputation_line *line = &score->lines[score->n_lines++];
	snprintf(line->text, sizeof line->text, "%s%s", text, label);
	line->count = count;
}

static void write_lines(const struct reputation_evidence *evidence, const struct tally *tally,
			struct reputation_score *score)
{
	for (size_t i = 0; evidence->labels[i] != NULL; i++)
		add_line(score, tally->labelled[i], "reported as ", evidence->labels[i]);
	add_line(score, tally->unproven, "reported on calls that did not prove this number", "");
	add_line(score, tally->capped, "not counted: too many from one tenant or in one hour", "");
	add_line(score, evidence->ignored,
		 "not counted: of the holder, or of reporters too new or too busy", "");
}

/* The first of the list goes first when two are called equally often. */
static void find_worst(const struct reputation_evidence *evidence, const struct tally *tally,
		       struct reputation_score *score)
{
	double most = 0;

	for (size_t i = 0; evidence->labels[i] != NULL; i++) {
		if (tally->class[i] <= most)
			continue;
		most = tally->class[i];
		snprintf(score->worst, sizeof score->worst, "%s", evidence->labels[i]);
	}
}

/* Everything that follows from the three weights. */
static void conclude(struct reputation_score *score)
{
	double n = score->unwanted + score->wanted;
	struct wilson bounds = wilson_bounds(score->unwanted, n);
	double guess = (score->unwanted + PRIOR_HITS) / (n + PRIOR_N);
	const char *label = score->unproven >= UNPROVEN_MIN ? REPUTATION_SPOOFED : REPUTATION_NONE;

	score->low = bounds.low;
	score->high = bounds.high;
	score->score = fmin(fmax(guess, bounds.low), bounds.high);
	if (score->low >= LABEL_LOW && score->worst[0] != 0)
		label = score->worst;
	memmove(score->label, label, strlen(label) + 1);
}

static void weaken(struct reputation_score *score, int64_t elapsed_ms)
{
	double factor = elapsed_ms > 0 ? exp2(-(double)elapsed_ms / VOLUME_HALF_LIFE) : 1;

	score->unwanted *= factor;
	score->wanted *= factor;
	score->unproven *= factor;
	conclude(score);
}

/* A label that has ended does not come back by itself, so the moment can be halved out. */
static int64_t find_end(const struct reputation_score *score)
{
	int64_t before = 0, after = HORIZON_MS;

	if (strcmp(score->label, REPUTATION_NONE) == 0)
		return 0;
	while (after - before > 1) {
		struct reputation_score later = *score;
		int64_t middle = before + (after - before) / 2;
		weaken(&later, middle);
		if (strcmp(later.label, score->label) == 0)
			before = middle;
		else
			after = middle;
	}
	return after;
}

static void fade(struct reputation_score *score, int64_t elapsed_ms)
{
	weaken(score, elapsed_ms);
	score->fades_ms = find_end(score);
}

static void judge(struct reputation_evidence *evidence, struct reputation_score *score_out)
{
	struct tally tally = {.capped = 0};

	memset(score_out, 0, sizeof *score_out);
	drop_repeated(evidence);
	tally.capped = drop_crowds(evidence);
	sort(evidence, by_time);
	take(evidence, &tally);
	score_out->unwanted = tally.weight[UNWANTED];
	score_out->wanted = tally.weight[WANTED];
	score_out->unproven = tally.weight[UNPROVEN];
	find_worst(evidence, &tally, score_out);
	write_lines(evidence, &tally, score_out);
	fade(score_out, 0);
}

const struct reputation_engine reputation_baseline = {"baseline-1", standing, judge, fade};
