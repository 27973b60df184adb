/* SPDX-License-Identifier: Apache-2.0 */
/* The tool's help, versions and shell completion, all made from the table of commands. */
#include "help.h"
#include "wrap.h"

#include <string.h>

#include <openssl/crypto.h>

#include <callerid/version.h>

#define HELP_COLUMN 28 /* where the explanations stand */

static const char *const times_note[] = {
	[OPT_ONCE] = "",
	[OPT_MUST] = " (required)",
	[OPT_MANY] = " (may be repeated)",
	[OPT_MOST] = " (required; may be repeated)",
};

static void write_name(FILE *to, const struct command *command)
{
	if (command->group != NULL)
		fprintf(to, "%s ", command->group);
	fputs(command->name, to);
}

/* Explains what stands at the beginning of the line; behind what is too wide on a line below. */
static void write_explained(FILE *to, int width, const char *text)
{
	if (width >= HELP_COLUMN) {
		fputc('\n', to);
		width = 0;
	}
	fprintf(to, "%*s", HELP_COLUMN - width, "");
	wrap_words(to, text, HELP_COLUMN, HELP_COLUMN);
	fputc('\n', to);
}

static void write_line(FILE *to, const struct command *command)
{
	int width;

	width = fprintf(to, "  %s%s%s%s%s", command->group != NULL ? command->group : "",
			command->group != NULL ? " " : "", command->name,
			*command->words != '\0' ? " " : "", command->words);
	write_explained(to, width, command->summary);
}

/* What a person reads first: one line a group of the registry's commands, not eighty. */
static void write_group(FILE *to, size_t first)
{
	const struct command *c, *group = cli_command(first);

	fprintf(to, "  %s", group->group);
	for (size_t i = first; cli_same_group(c = cli_command(i), group); i++)
		fprintf(to, "%s%s", i == first ? " " : "|", c->name);
	fputc('\n', to);
}

void help_all(FILE *to)
{
	const struct command *c;

	fputs("usage: attestel COMMAND [options]\n"
	      "Proves who is calling and why: keys, signatures, verification, the registry.\n\n",
	      to);
	for (size_t i = 0; (c = cli_command(i)) != NULL; i++)
		if (c->call.path == NULL || c->group == NULL)
			write_line(to, c);
	fputs("\nWhat the registry keeps (attestel brand --help tells about one):\n", to);
	for (size_t i = 0; (c = cli_command(i)) != NULL; i++)
		if (c->call.path != NULL && c->group != NULL &&
		    (i == 0 || !cli_same_group(cli_command(i - 1), c)))
			write_group(to, i);
	fputs("\n  --help, --version, --completion (a script for bash), --commands\n"
	      "attestel COMMAND --help tells more. Exit status: 0 done or passed, 1 not passed\n"
	      "or failed, 2 asked wrongly.\n",
	      to);
}

void help_group(FILE *to, const char *group)
{
	const struct command *c;

	fprintf(to, "usage: attestel %s COMMAND [options]\n\n", group);
	for (size_t i = 0; (c = cli_command(i)) != NULL; i++)
		if (c->group != NULL && strcmp(c->group, group) == 0)
			write_line(to, c);
}

void help_commands(FILE *to)
{
	const struct command *c;

	for (size_t i = 0; (c = cli_command(i)) != NULL; i++) {
		write_name(to, c);
		if (c->call.path != NULL)
			fprintf(to, "\t%s %s", c->call.method, c->call.path);
		fputc('\n', to);
	}
}

void help_usage(FILE *to, const struct command *command)
{
	char text[400];
	int column = fprintf(to, "usage: attestel ");
	size_t n = (size_t)snprintf(text, sizeof(text), "%s%s%s%s%s",
				    command->group != NULL ? command->group : "",
				    command->group != NULL ? " " : "", command->name,
				    *command->words != '\0' ? " " : "", command->words);

	for (const struct opt *o = command->options; o->name != NULL && n < sizeof(text); o++)
		if (o->times == OPT_MUST || o->times == OPT_MOST)
			n += (size_t)snprintf(text + n, sizeof(text) - n, " --%s %s", o->name,
					      o->value);
	if (n < sizeof(text))
		snprintf(text + n, sizeof(text) - n, " [options]");
	wrap_words(to, text, column, HELP_COLUMN);
	fputc('\n', to);
}

void help_command(FILE *to, const struct command *command)
{
	char text[400];

	help_usage(to, command);
	snprintf(text, sizeof(text), "%s.", command->summary);
	wrap_words(to, text, 0, 0);
	fputs("\n\n", to);
	if (command->detail != NULL) {
		wrap_paragraphs(to, command->detail);
		fputc('\n', to);
	}
	for (const struct opt *o = command->options; o->name != NULL; o++) {
		int width = fprintf(to, "  --%s%s%s", o->name, o->value != NULL ? " " : "",
				    o->value != NULL ? o->value : "");

		snprintf(text, sizeof(text), "%s%s", o->help, times_note[o->times]);
		write_explained(to, width, text);
	}
	fputs("  --help                    this text\n", to);
}

void help_version(FILE *to)
{
	fprintf(to, "attestel %s\nlibcallerid %s\n%s\n", ATTESTEL_VERSION, callerid_version(),
		OpenSSL_version(OPENSSL_VERSION));
}

/* One "case" label and the options of a command; those that take a file complete file names. */
static void write_case(FILE *to, const struct command *command)
{
	const char *bar = "";

	fputs("\t'", to);
	write_name(to, command);
	fputs("')\n\t\toptions='", to);
	for (const struct opt *o = command->options; o->name != NULL; o++)
		fprintf(to, "--%s ", o->name);
	fputs("--help'\n\t\tfiles='", to);
	for (const struct opt *o = command->options; o->name != NULL; o++)
		if (o->kind == OPT_FILE) {
			fprintf(to, "%s--%s", bar, o->name);
			bar = "|";
		}
	fputs("' ;;\n", to);
}

static void write_first_words(FILE *to)
{
	const char *last = "";
	const struct command *c;

	for (size_t i = 0; (c = cli_command(i)) != NULL; i++) {
		const char *word = c->group != NULL ? c->group : c->name;

		/* Rows of one group stand together. */
		if (strcmp(word, last) != 0)
			fprintf(to, "%s ", word);
		last = word;
	}
}

/* The second word: of each group, its names. */
static void write_second_words(FILE *to)
{
	const struct command *c;

	for (size_t i = 0; (c = cli_command(i)) != NULL; i++) {
		if (c->group == NULL)
			continue;
		if (i == 0 || !cli_same_group(cli_command(i - 1), c))
			fprintf(to, "\t'2 %s')\n\t\twords='", c->group);
		fprintf(to, "%s ", c->name);
		if (!cli_same_group(c, cli_command(i + 1)))
			fputs("' ;;\n", to);
	}
}

static void write_cases(FILE *to, bool of_groups)
{
	const struct command *c;

	for (size_t i = 0; (c = cli_command(i)) != NULL; i++)
		if ((c->group != NULL) == of_groups)
			write_case(to, c);
}

void help_completion(FILE *to)
{
	fputs("# bash completion of attestel\n_attestel() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal options='' files='' words=''\n"
	      "\tcase \"$COMP_CWORD ${COMP_WORDS[1]}\" in\n\t'1 '*)\n\t\twords='",
	      to);
	write_first_words(to);
	fputs("--help --version --completion --commands' ;;\n", to);
	write_second_words(to);
	fputs("\tesac\n\tcase \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n", to);
	write_cases(to, true);
	fputs("\tesac\n\tcase \"${COMP_WORDS[1]}\" in\n", to);
	write_cases(to, false);
	fputs("\tesac\n\tCOMPREPLY=()\n"
	      "\tif [[ -n $words ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	      "\telif [[ $cur == -* ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	      "\telif [[ \"|$files|\" == *\"|$prev|\"* || $prev != -* ]]; then\n"
	      "\t\tcompopt -o filenames\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "\tfi\n}\ncomplete -F _attestel attestel\n",
	      to);
}
