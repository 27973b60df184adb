/* SPDX-License-Identifier: Apache-2.0 */
/* Command-line options, described by one const table per command. */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPT_MAX	       40 /* rows of a table */
#define OPT_VALUES_MAX 64 /* times that one option may be given */
#define OPT_WORDS_MAX  64 /* arguments that are not options */

enum opt_kind {
	OPT_TEXT,
	OPT_FLAG,
	OPT_NUMBER,
	OPT_FILE, /* a text that completion completes with file names */
	OPT_BOOL, /* yes or no: the number is 1 or 0 */
	OPT_TN,	  /* a telephone number */
};

enum opt_times {
	OPT_ONCE, /* at most once */
	OPT_MUST, /* exactly once */
	OPT_MANY, /* any number of times */
	OPT_MOST, /* once or more */
};

/* One row; a table ends with a row whose name is NULL. */
struct opt {
	const char *name; /* without the dashes */
	enum opt_kind kind;
	enum opt_times times;
	const char *value; /* what stands for the value in the help: "FILE" */
	int64_t min, max;  /* of a number */
	const char *help;  /* one line */
	const char *json;  /* the member of a request that it fills: "verification.attest" */
};

struct opt_given {
	size_t n; /* times given */
	const char *text[OPT_VALUES_MAX];
	int64_t number;
};

/* What the command line said; the index of given[] is the row in the table. */
struct args {
	struct opt_given given[OPT_MAX];
	const char *word[OPT_WORDS_MAX];
	size_t n_words;
	bool help;
};

#define OPT_ERROR_MAX 800

/*
 * Fills *args from argv[1..argc-1]; the texts are borrowed from argv. false: problem holds one line
 * for the user. Options may stand before, between and after the words; "--" ends them. Uses
 * getopt_long(): one thread.
 */
bool opt_parse(const struct opt *table, int argc, char **argv, struct args *args,
	       char problem[OPT_ERROR_MAX]);

/* The value of a row given at most once; NULL when it was not given. */
const char *opt_text(const struct args *args, size_t row);

/* The number of a row, or otherwise when it was not given. */
int64_t opt_number(const struct args *args, size_t row, int64_t otherwise);

bool opt_flag(const struct args *args, size_t row);

/* What was given for the row of that name; NULL when nothing was, or there is no such row. */
const struct opt_given *opt_named(const struct opt *table, const struct args *args,
				  const char *name);

/* All of text is a decimal integer between min and max. */
bool opt_integer(const char *text, int64_t min, int64_t max, int64_t *number_out);

#endif
