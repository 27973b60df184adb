/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What reports say of a number, as an engine: a table of pure functions, so that another engine can
 * stand behind the same calls. The same evidence at the same time gives the same score, in
 * whatever order it comes. What an engine is told is all here.
 */
#ifndef REPUTATION_SCORE_H
#define REPUTATION_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Public labels besides those that callees report. */
#define REPUTATION_NONE	   "none"
#define REPUTATION_SPOOFED "spoofed" /* others use the number: its holder is a victim */

#define REPUTATION_LABELS_MAX  16
#define REPUTATION_REPORTS_MAX 2000 /* the newest that weigh anything; more are not looked at */

/* Who reports, when the report is made. */
struct reputation_reporter {
	int64_t known_ms; /* since it is known */
	bool verified;	  /* by the operator: at once as good as one that is long known */
	bool holder;	  /* of the number, or kin to its holder */
	int64_t recent;	  /* its reports in the 24 hours before this one */
};

/* What the report will count for. Decided once and kept with the report. */
enum reputation_standing {
	REPUTATION_COUNTS,
	REPUTATION_NEW,	   /* its reporter is not known for long enough */
	REPUTATION_EXCESS, /* its reporter reports too much */
	REPUTATION_OWN,	   /* of one's own number */
	REPUTATION_STANDINGS
};
extern const char *const reputation_standing_names[REPUTATION_STANDINGS + 1]; /* NULL-terminated */

/* What the call had proven. */
enum reputation_provenance {
	REPUTATION_VERIFIED, /* that the number is the caller's */
	REPUTATION_CLAIMED,  /* who signed it, not that */
	REPUTATION_UNPROVEN, /* nothing: says that the number is misused, nothing of its holder */
};

struct reputation_report {
	int64_t reporter; /* the same number for the same reporter */
	int64_t tenant;	  /* and for the same tenant that the reporter belongs to */
	unsigned label;	  /* index into labels */
	enum reputation_provenance provenance;
	int64_t at_ms;
	bool dropped; /* the engine's own */
};

/* Of one number. */
struct reputation_evidence {
	const char *const *labels;	   /* NULL-terminated, at most REPUTATION_LABELS_MAX */
	unsigned wanted;		   /* the label that speaks for the number */
	struct reputation_report *reports; /* of REPUTATION_COUNTS; sorted in place */
	size_t n;
	int64_t ignored; /* reports of any other standing */
	int64_t now_ms;
};

#define REPUTATION_LINES_MAX (REPUTATION_LABELS_MAX + 3)
#define REPUTATION_TEXT_MAX  80
#define REPUTATION_LABEL_MAX 24

struct reputation_line {
	char text[REPUTATION_TEXT_MAX + 1];
	int64_t count;
};

struct reputation_score {
	char label[REPUTATION_LABEL_MAX + 1]; /* the public one */
	double score, low, high; /* the probability that a call of this number is unwanted */
	double unwanted, wanted, unproven;    /* what counted for them, decayed */
	char worst[REPUTATION_LABEL_MAX + 1]; /* what most reports call it; "": none does */
	int64_t fades_ms; /* from now until the label ends, if nobody reports; 0: it never does */
	size_t n_lines;
	struct reputation_line lines[REPUTATION_LINES_MAX]; /* what counted, in words */
};

struct reputation_engine {
	const char *name;
	enum reputation_standing (*standing)(const struct reputation_reporter *reporter,
					     int64_t now_ms);
	void (*score)(struct reputation_evidence *evidence, struct reputation_score *score_out);
	/* What is left of a score so long after it was made: label, score, low, high, the weights
	 * and fades_ms change; the lines stay those of its day. */
	void (*fade)(struct reputation_score *score, int64_t elapsed_ms);
};

/* The documented one: docs/registry.md, "Reports and reputation". */
extern const struct reputation_engine reputation_baseline;

#endif
