/* SPDX-License-Identifier: Apache-2.0 */
/* The tool's help, versions and shell completion, all made from the table of commands. */
#include "help.h"

#include <string.h>

#include <openssl/crypto.h>

#include <callerid/version.h>

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

static void write_line(FILE *to, const struct command *command)
{
	int width;

	width = fprintf(to, "  %s%s%s%s%s", command->group != NULL ? command->group : "",
			command->group != NULL ? " " : "", command->name,
			*command->words != '\0' ? " " : "", command->words);
	fprintf(to, "%*s%s\n", width < 28 ? 28 - width : 1, "", command->summary);
}

void help_all(FILE *to)
{
	fputs("usage: attestel COMMAND [options]\n"
	      "Proves who is calling and why: keys, signatures, verification, the registry.\n\n",
	      to);
	for (const struct command *c = cli_commands; c->name != NULL; c++)
		write_line(to, c);
	fputs("\n  --help, --version, --completion (a script for bash)\n"
	      "attestel COMMAND --help tells more. Exit status: 0 done or passed, 1 not passed or\n"
	      "failed, 2 asked wrongly.\n",
	      to);
}

void help_group(FILE *to, const char *group)
{
	fprintf(to, "usage: attestel %s COMMAND [options]\n\n", group);
	for (const struct command *c = cli_commands; c->name != NULL; c++)
		if (c->group != NULL && strcmp(c->group, group) == 0)
			write_line(to, c);
}

void help_command(FILE *to, const struct command *command)
{
	fputs("usage: attestel ", to);
	write_name(to, command);
	fprintf(to, "%s%s [options]\n%s.\n\n", *command->words != '\0' ? " " : "", command->words,
		command->summary);
	if (command->detail != NULL)
		fprintf(to, "%s\n\n", command->detail);
	for (const struct opt *o = command->options; o->name != NULL; o++) {
		int width = fprintf(to, "  --%s%s%s", o->name, o->value != NULL ? " " : "",
				    o->value != NULL ? o->value : "");

		fprintf(to, "%*s%s%s\n", width < 28 ? 28 - width : 1, "", o->help,
			times_note[o->times]);
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

	for (const struct command *c = cli_commands; c->name != NULL; c++) {
		const char *word = c->group != NULL ? c->group : c->name;

		/* Rows of one group stand together. */
		if (strcmp(word, last) != 0)
			fprintf(to, "%s ", word);
		last = word;
	}
}

void help_completion(FILE *to)
{
	fputs("# bash completion of attestel\n_attestel() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal options='' files='' words=''\n"
	      "\tcase \"$COMP_CWORD ${COMP_WORDS[1]}\" in\n\t'1 '*)\n\t\twords='",
	      to);
	write_first_words(to);
	fputs("--help --version --completion' ;;\n", to);
	for (const struct command *c = cli_commands, *last = NULL; c->name != NULL; last = c, c++) {
		bool first = last == NULL || last->group == NULL || c->group == NULL ||
			     strcmp(last->group, c->group) != 0;

		if (c->group == NULL)
			continue;
		if (first)
			fprintf(to, "\t'2 %s')\n\t\twords='", c->group);
		fprintf(to, "%s ", c->name);
		if (c[1].group == NULL || strcmp(c[1].group, c->group) != 0)
			fputs("' ;;\n", to);
	}
	fputs("\tesac\n\tcase \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n", to);
	for (const struct command *c = cli_commands; c->name != NULL; c++)
		if (c->group != NULL)
			write_case(to, c);
	fputs("\tesac\n\tcase \"${COMP_WORDS[1]}\" in\n", to);
	for (const struct command *c = cli_commands; c->name != NULL; c++)
		if (c->group == NULL)
			write_case(to, c);
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
