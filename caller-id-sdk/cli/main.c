/* SPDX-License-Identifier: Apache-2.0 */
/* attestel, the command-line tool: its table of commands, and the way to each. */
#include "cli.h"
#include "help.h"
#include "media.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Rows of one group stand together. */
static const struct command own_commands[] = {
	{"pki", "init", "DIR", 1, "makes a development PKI: roots and an intermediate",
	 "DIR is made with mode 0700. It then holds root (the STI anchor), intermediate,\n"
	 "crl-issuer (who signs the CRL that certificates name, as the STI-PA does) and\n"
	 "tls-root (the anchor of web servers), each as .key and .pem.",
	 cli_pki_init_options, .run = cli_pki_init},
	{"pki", "issue", "DIR NAME", 2, "issues a certificate and its key",
	 "Writes DIR/NAME.key (0600) and DIR/NAME.pem: the certificate, then those above it,\n"
	 "without the root, as x5u serves it (RFC 9060). Types:\n"
	 "  shaken       a carrier's: CN \"SHAKEN <SPC>\", TNAuthList with --spc alone\n"
	 "  delegate-ca  may issue delegates for its --spc, --tn, --range\n"
	 "  delegate     for --tn and --range, issued by a delegate-ca (--issuer)\n"
	 "  tls-server   for a web server at --host, from the separate TLS root",
	 cli_pki_issue_options, .run = cli_pki_issue},
	{"pki", "crl", "DIR", 1, "revokes certificates and writes DIR/crl.pem",
	 "DIR/crl.pem has one CRL of each STI authority in DIR, and the CRL issuer's indirect one "
	 "of\n"
	 "all, which certificates name. Earlier revocations stay.",
	 cli_pki_crl_options, .run = cli_pki_crl},
	{"cert", "lint", "FILE...", CLI_WORDS_ANY, "judges certificates by the SHAKEN profile",
	 "The rules are ATIS-1000080's as far as it is publicly known, and those of the RFCs they\n"
	 "rest on; docs/certificate-lint.md has them. Several certificates in a PEM are a chain,\n"
	 "the signer's first. What fails is shown, --all shows every rule. Exit status 0: no\n"
	 "error; 1: an error was found; 2: a file could not be read.",
	 cli_lint_options, .run = cli_cert_lint},
	{"passport", "sign", "", 0, "signs a PASSporT and prints the Identity value",
	 "The type is --ppt, or what the claims ask for: --attest shaken, --div div, with\n"
	 "--opt div-o, --rph rph, --rcd or --nam or --crn rcd, else the base PASSporT.\n"
	 "--claims FILE has the claims as JSON, named as in the token (and ppt); what an\n"
	 "option says goes before it.\n"
	 "\n"
	 "A forward, signed by who was called, and Rich Call Data with its logo's digest:\n"
	 "  attestel passport sign --key pki/b.key --cert pki/b.pem \\\n"
	 "    --x5u https://c.example/b.pem \\\n"
	 "    --from 12155550007 --to 12155551299 --div 12155551213\n"
	 "  attestel passport sign --key pki/a.key --cert pki/a.pem \\\n"
	 "    --x5u https://c.example/a.pem --from 12155550007 --to 12155551213 \\\n"
	 "    --nam 'Example Dental' --crn Appointment --icn https://x.example/l.png \\\n"
	 "    --rcdi auto --content https://x.example/l.png=l.png",
	 cli_sign_options, .run = cli_passport_sign},
	{"passport", "verify", "< FILE", 0,
	 "reads Identity values on stdin and says what they prove",
	 "All Identity values of a request belong together on stdin: one a line or joined\n"
	 "by commas, in any order, with or without the field's name. Exit status 0:\n"
	 "passed; 1: not passed.\n"
	 "\n"
	 "With --batch stdin has one JSON object a line, with the fields identity (a string\n"
	 "or an array), from, to, also_from, request_uri, now, date, max_age,\n"
	 "max_diverted_age, sdp (the text), resource_priority, priority, display_name,\n"
	 "call_info, accept_spc, accept_x5c, accept_tn_list, require_crl, spc, namespace,\n"
	 "max_signatures, max_cost and checks {NAME: off|warn|enforce}; what a line leaves\n"
	 "out, the options give; contents and certificates are the options' alone. Each\n"
	 "line gets one line of answer, in order; a bad one gets {\"error\"}.\n"
	 "\n"
	 "Checks: present header passport claims orig dest media priority date iat cert\n"
	 "chain validity authority constraints signature replay diversion content.\n"
	 "\n"
	 "A forwarded call, and one with a logo, signed as passport sign --help shows:\n"
	 "  cat first.id second.id | attestel passport verify --from 12155550007 \\\n"
	 "    --to 12155551213 --request-uri 12155551299 --accept-spc \\\n"
	 "    --anchor pki/root.pem --cert https://c.example/a.pem=pki/a.pem \\\n"
	 "    --cert https://c.example/b.pem=pki/b.pem\n"
	 "  cat first.id rcd.id | attestel passport verify --from 12155550007 \\\n"
	 "    --to 12155551213 --accept-spc --anchor pki/root.pem \\\n"
	 "    --cert https://c.example/a.pem=pki/a.pem \\\n"
	 "    --icon https://x.example/l.png=l.png",
	 cli_verify_options, .run = cli_passport_verify},
	{"passport", "inspect", "< FILE", 0, "draws Identity values or tokens as a tree",
	 "Each forward stands below what it continues. Of a single one the parts follow as they "
	 "are.\n"
	 "Proves nothing: no signature is checked.",
	 cli_inspect_options, .run = cli_passport_inspect},
	{"media", "ping", "", 0, "asks whether the media relay answers", NULL, cli_media_options,
	 .run = cli_media},
	{"media", "list", "", 0, "the calls of the media relay", NULL, cli_media_list_options,
	 .run = cli_media},
	{"media", "query", "CALL-ID", 1, "where a call's media comes from and goes", NULL,
	 cli_media_options, .run = cli_media},
	{"media", "why", "CALL-ID", 1, "why a call has no audio, in words",
	 "One leg after the other: what has not come, what was dropped and for what reason, what\n"
	 "ICE, DTLS and SRTP wait for.",
	 cli_media_options, .run = cli_media},
	{"media", "statistics", "", 0, "what the media relay did since it began", NULL,
	 cli_media_options, .run = cli_media},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct command *cli_command(size_t i)
{
	const struct command *command = i < COUNT(own_commands)
						? &own_commands[i]
						: &cli_registry_commands[i - COUNT(own_commands)];

	return command->name != NULL ? command : NULL;
}

bool cli_same_group(const struct command *a, const struct command *b)
{
	return a != NULL && b != NULL && a->group != NULL && b->group != NULL &&
	       strcmp(a->group, b->group) == 0;
}

void cli_free(void *pointer)
{
	free(*(void **)pointer);
}

/* What a stranger wrote may stand in a message: nothing of it steers the terminal. */
static void write_plain(const char *text)
{
	fputs("attestel: ", stderr);
	for (; *text != '\0'; text++)
		fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, stderr);
	fputc('\n', stderr);
}

enum cli_exit cli_say(enum cli_exit status, const char *format, ...)
{
	char text[1280];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	write_plain(text);
	return status;
}

enum cli_exit cli_say_error(enum cli_exit status, const char *what,
			    const struct callerid_error *err)
{
	return cli_say(status, "%s: %s: %s", what, err->where != NULL ? err->where : "failed",
		       err->text);
}

static bool has_group(const char *word)
{
	const struct command *c;

	for (size_t i = 0; (c = cli_command(i)) != NULL; i++)
		if (c->group != NULL && strcmp(c->group, word) == 0)
			return true;
	return false;
}

/* *n_out: how many words of the command line name the command. */
static const struct command *find(int argc, char **argv, int *n_out)
{
	const struct command *c;

	for (size_t i = 0; (c = cli_command(i)) != NULL; i++) {
		*n_out = c->group != NULL ? 2 : 1;
		if (argc <= *n_out || strcmp(c->name, argv[*n_out]) != 0)
			continue;
		if (c->group == NULL || strcmp(c->group, argv[1]) == 0)
			return c;
	}
	return NULL;
}

/* A command that shows "< FILE" for its words reads standard input. */
static enum cli_exit say_words(const struct command *command, const struct args *args)
{
	if (command->n_words == 0)
		return cli_say(CLI_USAGE, "%.60s is too much: there are no arguments here%s",
			       args->word[0],
			       *command->words != '\0' ? ", standard input is read" : "");
	cli_say(CLI_USAGE, "%zu argument%s given, %zu needed: %s", args->n_words,
		args->n_words == 1 ? "" : "s", command->n_words, command->words);
	help_usage(stderr, command);
	return CLI_USAGE;
}

/* --receipt X for what is an argument: says so. */
static void say_argument(const struct command *command, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (command->n_words == 1 && strncmp(argv[i], "--", 2) == 0 &&
		    strcasecmp(argv[i] + 2, command->words) == 0)
			cli_say(CLI_USAGE, "%s stands without %.60s before it", command->words,
				argv[i]);
}

static enum cli_exit run(const struct command *command, int argc, char **argv)
{
	char problem[OPT_ERROR_MAX];
	struct args args;
	enum cli_exit status;

	if (!opt_parse(command->options, argc, argv, &args, problem)) {
		cli_say(CLI_USAGE, "%s", problem);
		say_argument(command, argc, argv);
		help_usage(stderr, command);
		return CLI_USAGE;
	}
	if (args.help) {
		help_command(stdout, command);
		return CLI_OK;
	}
	if (command->n_words != CLI_WORDS_ANY && args.n_words != command->n_words)
		return say_words(command, &args);
	status = command->run(command, &args);
	if (fflush(stdout) != 0 || ferror(stdout))
		return cli_say(CLI_FAILED, "the output could not be written");
	return status;
}

/* What stands where a command should: an option of the tool itself, a group alone, or a mistake. */
static enum cli_exit run_other(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*write)(FILE *to);
	} own[] = {
		{"--help", help_all},
		{"-h", help_all},
		{"help", help_all},
		{"--version", help_version},
		{"--completion", help_completion},
		{"--commands", help_commands},
	};

	if (argc < 2) {
		help_all(stderr);
		return CLI_USAGE;
	}
	for (size_t i = 0; i < COUNT(own); i++)
		if (strcmp(argv[1], own[i].name) == 0) {
			own[i].write(stdout);
			return fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
		}
	if (!has_group(argv[1])) {
		cli_say(CLI_USAGE, "%.60s is not a command", argv[1]);
		help_all(stderr);
		return CLI_USAGE;
	}
	if (argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)) {
		help_group(stdout, argv[1]);
		return CLI_OK;
	}
	if (argc > 2)
		cli_say(CLI_USAGE, "%.60s %.60s is not a command", argv[1], argv[2]);
	help_group(stderr, argv[1]);
	return CLI_USAGE;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int n;

	/* A reader that goes away is an error of write(), not a silent death. */
	signal(SIGPIPE, SIG_IGN);
	command = find(argc, argv, &n);
	if (command == NULL)
		return run_other(argc, argv);
	return run(command, argc - n, argv + n);
}
