/* SPDX-License-Identifier: Apache-2.0 */
/* attestel cert lint: what the rules of the SHAKEN profile say of certificates. */
#include "io.h"

#include <string.h>

#include <jansson.h>

#include <callerid/certlint.h>

enum { LINT_JSON, LINT_KIND, LINT_ALL, LINT_RULES };

const struct opt cli_lint_options[] = {
	[LINT_JSON] = {"json", OPT_FLAG, OPT_ONCE, .help = "one JSON object a file and line"},
	[LINT_KIND] = {"kind", OPT_TEXT, OPT_ONCE, "KIND",
		       .help = "auto, root, ca or end-entity: what each file begins with"},
	[LINT_ALL] = {"all", OPT_FLAG, OPT_ONCE,
		      .help = "every rule, those that pass and those that do not apply too"},
	[LINT_RULES] = {"rules", OPT_FLAG, OPT_ONCE,
			.help = "writes the rules, as docs/certificate-lint.md shows them"},
	{0},
};

static const enum callerid_certlint_kind kinds[] = {
	CALLERID_CERTLINT_AUTO,
	CALLERID_CERTLINT_ROOT,
	CALLERID_CERTLINT_CA,
	CALLERID_CERTLINT_END_ENTITY,
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The worst first. */
static const enum callerid_certlint_severity severities[] = {
	CALLERID_CERTLINT_ERROR,
	CALLERID_CERTLINT_WARNING,
	CALLERID_CERTLINT_NOTICE,
};

#define N_SEVERITIES (sizeof(severities) / sizeof(severities[0]))

/* "root ca": what a rule is for. */
static void write_kinds(FILE *to, unsigned applies)
{
	const char *gap = "";

	for (size_t i = 1; i < N_KINDS; i++)
		if ((applies & (unsigned)kinds[i]) != 0) {
			fprintf(to, "%s%s", gap, callerid_certlint_kind_name(kinds[i]));
			gap = ", ";
		}
}

static void write_rules(FILE *to)
{
	fputs("| rule | of | severity | what is wanted | source |\n|---|---|---|---|---|\n", to);
	for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
		const struct callerid_certlint_rule *rule = callerid_certlint_rule_at(r);

		fprintf(to, "| `%s` | ", rule->id);
		write_kinds(to, rule->applies);
		fprintf(to, " | %s | %s | %s |\n", callerid_certlint_severity_name(rule->severity),
			rule->text, rule->source);
	}
}

static bool read_kind(const struct args *args, enum callerid_certlint_kind *kind_out)
{
	const char *word = opt_text(args, LINT_KIND);

	*kind_out = CALLERID_CERTLINT_AUTO;
	if (word == NULL)
		return true;
	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(word, callerid_certlint_kind_name(kinds[i])) == 0) {
			*kind_out = kinds[i];
			return true;
		}
	cli_say(CLI_USAGE, "--kind %.40s: auto, root, ca or end-entity", word);
	return false;
}

static size_t count_results(const struct callerid_certlint *lint, size_t i,
			    enum callerid_certlint_result result)
{
	size_t n = 0;

	for (size_t r = 0; r < callerid_certlint_rule_count(); r++)
		n += callerid_certlint_answer(lint, i, r)->result == result;
	return n;
}

/* The answers that are result and, when severity is given, of that severity. */
static void write_answers(const struct callerid_certlint *lint, size_t i,
			  enum callerid_certlint_result result,
			  const enum callerid_certlint_severity *severity)
{
	for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
		const struct callerid_certlint_answer *a = callerid_certlint_answer(lint, i, r);

		if (a->result != result || (severity != NULL && a->rule->severity != *severity))
			continue;
		printf("  %-8s %-26s %s\n",
		       severity != NULL ? callerid_certlint_severity_name(*severity)
		       : result == CALLERID_CERTLINT_PASS ? "pass"
							  : "-",
		       a->rule->id, a->why);
		if (severity != NULL)
			printf("  %-8s %-26s %s (%s)\n", "", "", a->rule->text, a->rule->source);
	}
}

static void write_findings(const char *path, const struct callerid_certlint *lint, size_t i,
			   bool all)
{
	printf("%s certificate %zu, %s: %s\n", path, i + 1,
	       callerid_certlint_kind_name(callerid_certlint_kind_of(lint, i)),
	       callerid_certlint_subject(lint, i));
	for (size_t s = 0; s < N_SEVERITIES; s++)
		write_answers(lint, i, CALLERID_CERTLINT_FAIL, &severities[s]);
	if (!all)
		return;
	write_answers(lint, i, CALLERID_CERTLINT_PASS, NULL);
	write_answers(lint, i, CALLERID_CERTLINT_NOT_APPLICABLE, NULL);
}

/* The last line of a file: what all its certificates have together. */
static void write_summary(const char *path, const struct callerid_certlint *lint)
{
	size_t n = callerid_certlint_count(lint), failed[N_SEVERITIES] = {0}, passed = 0, none = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t s = 0; s < N_SEVERITIES; s++)
			failed[s] += callerid_certlint_failures(lint, i, severities[s]);
		passed += count_results(lint, i, CALLERID_CERTLINT_PASS);
		none += count_results(lint, i, CALLERID_CERTLINT_NOT_APPLICABLE);
	}
	printf("%s: certificates %zu, errors %zu, warnings %zu, notices %zu, passed %zu, not "
	       "applicable %zu\n",
	       path, n, failed[0], failed[1], failed[2], passed, none);
}

static void write_table(const char *path, const struct callerid_certlint *lint, bool all)
{
	for (size_t i = 0; i < callerid_certlint_count(lint); i++)
		write_findings(path, lint, i, all);
	write_summary(path, lint);
}

static json_t *answers_json(const struct callerid_certlint *lint, size_t i)
{
	json_t *list = json_array();

	for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
		const struct callerid_certlint_answer *a = callerid_certlint_answer(lint, i, r);

		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:s}", "rule", a->rule->id, "severity",
				  callerid_certlint_severity_name(a->rule->severity), "result",
				  callerid_certlint_result_name(a->result), "why", a->why));
	}
	return list;
}

static json_t *cert_json(const struct callerid_certlint *lint, size_t i)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "kind",
			 callerid_certlint_kind_name(callerid_certlint_kind_of(lint, i)), "subject",
			 callerid_certlint_subject(lint, i), "errors",
			 (json_int_t)callerid_certlint_failures(lint, i, CALLERID_CERTLINT_ERROR),
			 "warnings",
			 (json_int_t)callerid_certlint_failures(lint, i, CALLERID_CERTLINT_WARNING),
			 "notices",
			 (json_int_t)callerid_certlint_failures(lint, i, CALLERID_CERTLINT_NOTICE),
			 "answers", answers_json(lint, i));
}

static bool write_json(const char *path, const struct callerid_certlint *lint)
{
	json_t *list = json_array();
	json_t *object, *name = json_string(path);
	bool ok;

	for (size_t i = 0; i < callerid_certlint_count(lint); i++)
		json_array_append_new(list, cert_json(lint, i));
	/* A file's name need not be UTF-8. */
	object = json_pack("{s:o, s:o}", "file", name != NULL ? name : json_null(), "certificates",
			   list);
	ok = object != NULL && json_dumpf(object, stdout, JSON_COMPACT) == 0;
	json_decref(object);
	if (ok)
		putchar('\n');
	else
		cli_say(CLI_FAILED, "%s: no memory", path);
	return ok;
}

/* One file; what it adds to the exit status. */
static enum cli_exit lint_file(const char *path, enum callerid_certlint_kind kind,
			       const struct args *args)
{
	struct io_bytes bytes = {0};
	struct callerid_certlint *lint = NULL;
	struct callerid_error err;
	enum callerid_status status;
	enum cli_exit exit = CLI_OK;

	if (!io_read_file(path, CALLERID_CERTLINT_BYTES_MAX, &bytes))
		return CLI_USAGE;
	status = callerid_certlint_run(bytes.p, bytes.n, kind, &lint, &err);
	io_bytes_clear(&bytes);
	if (status != CALLERID_OK)
		return cli_say_error(CLI_USAGE, path, &err);
	if (!opt_flag(args, LINT_JSON))
		write_table(path, lint, opt_flag(args, LINT_ALL));
	else if (!write_json(path, lint))
		exit = CLI_FAILED;
	for (size_t i = 0; i < callerid_certlint_count(lint); i++) {
		if (callerid_certlint_failures(lint, i, CALLERID_CERTLINT_ERROR) > 0)
			exit = CLI_FAILED;
	}
	callerid_certlint_free(lint);
	return exit;
}

enum cli_exit cli_cert_lint(const struct command *command, const struct args *args)
{
	enum callerid_certlint_kind kind;
	enum cli_exit exit = CLI_OK;

	if (opt_flag(args, LINT_RULES) && args->n_words == 0) {
		write_rules(stdout);
		return CLI_OK;
	}
	if (opt_flag(args, LINT_RULES) || args->n_words == 0)
		return cli_say(CLI_USAGE, "%s or --rules is needed", command->words);
	if (opt_flag(args, LINT_ALL) && opt_flag(args, LINT_JSON))
		return cli_say(CLI_USAGE, "--json has every rule, --all or not");
	if (!read_kind(args, &kind))
		return CLI_USAGE;
	/* The worst of all files: 2 over 1 over 0. */
	for (size_t i = 0; i < args->n_words; i++) {
		enum cli_exit one = lint_file(args->word[i], kind, args);

		exit = one > exit ? one : exit;
	}
	return exit;
}
