/* SPDX-License-Identifier: Apache-2.0 */
/* Command-line options: getopt_long() driven by a table, with messages that say what is allowed. */
#include "opt.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tn.h"

/* getopt's val of row i is ROW_BASE + i: outside the characters, so that '?' and 'h' stay clear. */
enum { ROW_BASE = 1000, HELP_VALUE = 999 };

__attribute__((format(printf, 2, 3))) static bool refuse(char problem[OPT_ERROR_MAX],
							 const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(problem, OPT_ERROR_MAX, format, list);
	va_end(list);
	return false;
}

static size_t count(const struct opt *table)
{
	size_t n = 0;

	while (n < OPT_MAX && table[n].name != NULL)
		n++;
	return n;
}

static bool refuse_unknown(const struct opt *table, const char *word, char problem[OPT_ERROR_MAX])
{
	size_t n = count(table);
	size_t used;

	refuse(problem, "%.60s is not an option here; allowed:", word);
	for (size_t i = 0; i < n; i++) {
		used = strlen(problem);
		snprintf(problem + used, OPT_ERROR_MAX - used, " --%s", table[i].name);
	}
	used = strlen(problem);
	snprintf(problem + used, OPT_ERROR_MAX - used, " --help");
	return false;
}

bool opt_integer(const char *text, int64_t min, int64_t max, int64_t *number_out)
{
	char *end = NULL;
	long long number;

	/* strtoll would skip white space first. */
	if ((*text < '0' || *text > '9') && *text != '-')
		return false;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number < min || number > max)
		return false;
	*number_out = number;
	return true;
}

static bool take(const struct opt *row, struct opt_given *given, const char *text,
		 char problem[OPT_ERROR_MAX])
{
	bool many = row->times == OPT_MANY || row->times == OPT_MOST;

	if (given->n >= (many ? OPT_VALUES_MAX : 1))
		return refuse(problem, "--%s can be given %s", row->name,
			      many ? "64 times at most" : "once only");
	if (row->kind == OPT_NUMBER && !opt_integer(text, row->min, row->max, &given->number))
		return refuse(problem,
			      "--%s %.40s: allowed is an integer from %" PRId64 " to %" PRId64,
			      row->name, text, row->min, row->max);
	if (row->kind == OPT_BOOL && strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return refuse(problem, "--%s %.40s: allowed is yes or no", row->name, text);
	if (row->kind == OPT_TN && !tn_is_number(text))
		return refuse(problem, "--%s %.40s: " TN_LOOKS, row->name, text);
	if (row->kind == OPT_BOOL)
		given->number = text[0] == 'y';
	given->text[given->n++] = text;
	return true;
}

static void fill(const struct opt *table, struct option *longs)
{
	size_t n = count(table);

	for (size_t i = 0; i < n; i++) {
		longs[i].name = table[i].name;
		longs[i].has_arg = table[i].kind == OPT_FLAG ? no_argument : required_argument;
		longs[i].val = ROW_BASE + (int)i;
	}
	longs[n].name = "help";
	longs[n].val = HELP_VALUE;
}

static bool take_found(const struct opt *table, int found, const char *before, struct args *args,
		       char problem[OPT_ERROR_MAX])
{
	size_t row;

	if (found == HELP_VALUE || found == 'h') {
		args->help = true;
		return true;
	}
	if (found == ':')
		return refuse(problem, "%.60s needs a value", before);
	if (found == '?' && optopt >= ROW_BASE)
		return refuse(problem, "--%s takes no value", table[optopt - ROW_BASE].name);
	if (found < ROW_BASE)
		return refuse_unknown(table, before, problem);
	row = (size_t)(found - ROW_BASE);
	return take(&table[row], &args->given[row], optarg, problem);
}

static bool has_required(const struct opt *table, const struct args *args,
			 char problem[OPT_ERROR_MAX])
{
	for (size_t i = 0, n = count(table); i < n; i++) {
		bool must = table[i].times == OPT_MUST || table[i].times == OPT_MOST;

		if (must && args->given[i].n == 0)
			return refuse(problem, "--%s %s is missing", table[i].name, table[i].value);
	}
	return true;
}

bool opt_parse(const struct opt *table, int argc, char **argv, struct args *args,
	       char problem[OPT_ERROR_MAX])
{
	struct option longs[OPT_MAX + 2] = {0};
	int found;

	memset(args, 0, sizeof(*args));
	fill(table, longs);
	optind = 0; /* glibc: start anew, whoever used getopt before */
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":h", longs, NULL)) != -1)
		if (!take_found(table, found, argv[optind - 1], args, problem))
			return false;
	if (args->help)
		return true;
	for (; optind < argc; optind++) {
		if (args->n_words >= OPT_WORDS_MAX)
			return refuse(problem, "%.60s is too much", argv[optind]);
		args->word[args->n_words++] = argv[optind];
	}
	return has_required(table, args, problem);
}

const char *opt_text(const struct args *args, size_t row)
{
	return args->given[row].n > 0 ? args->given[row].text[0] : NULL;
}

int64_t opt_number(const struct args *args, size_t row, int64_t otherwise)
{
	return args->given[row].n > 0 ? args->given[row].number : otherwise;
}

bool opt_flag(const struct args *args, size_t row)
{
	return args->given[row].n > 0;
}

const struct opt_given *opt_named(const struct opt *table, const struct args *args,
				  const char *name)
{
	for (size_t i = 0, n = count(table); i < n; i++)
		if (strcmp(table[i].name, name) == 0)
			return args->given[i].n > 0 ? &args->given[i] : NULL;
	return NULL;
}
