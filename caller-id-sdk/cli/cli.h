/* SPDX-License-Identifier: Apache-2.0 */
/* What a command of the attestel tool is, and how it speaks. */
#ifndef CLI_H
#define CLI_H

#include "opt.h"

#include <callerid/error.h>

/* Exit status of every command. */
enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1, /* not passed, or it could not be done */
	CLI_USAGE = 2,	/* asked wrongly: an option, or a file it names */
};

#define CLI_WORDS_ANY SIZE_MAX /* the command itself says how many it takes */

/* What a command asks of the registry (docs/api/openapi.yaml). */
struct registry_call {
	const char *method, *path; /* NULL: nothing; "{id}" in path is the first word */
	const char *word;    /* else the member that the first word fills, or the media type of a
				body that it names the file of; NULL: none */
	const char *columns; /* of the table that a list is shown as; "-": bytes, written as they
				come */
};

/* One row of the table of commands. */
struct command {
	const char *group;   /* "pki"; NULL for a command of one word */
	const char *name;    /* "init" */
	const char *words;   /* for the help: "DIR NAME"; "< FILE" with n_words 0; "" */
	size_t n_words;	     /* how many, or CLI_WORDS_ANY */
	const char *summary; /* one line, no full stop */
	const char *detail;  /* a paragraph for the help, or NULL */
	const struct opt *options;
	enum cli_exit (*run)(const struct command *command, const struct args *args);
	struct registry_call call;
};

/* The commands, those of one group together; NULL behind the last. */
const struct command *cli_command(size_t i);
bool cli_same_group(const struct command *a, const struct command *b); /* a or b NULL: false */

/* One line on stderr, after "attestel: ". Control characters are shown as "?". Returns status. */
__attribute__((format(printf, 2, 3))) enum cli_exit cli_say(enum cli_exit status,
							    const char *format, ...);

/* The same for a failure of the library. */
enum cli_exit cli_say_error(enum cli_exit status, const char *what,
			    const struct callerid_error *err);

#define CLI_CLEANUP(function) __attribute__((cleanup(function)))
void cli_free(void *pointer); /* for CLI_CLEANUP: frees what a char * or void * variable holds */

enum cli_exit cli_pki_init(const struct command *command, const struct args *args);
enum cli_exit cli_pki_issue(const struct command *command, const struct args *args);
enum cli_exit cli_pki_crl(const struct command *command, const struct args *args);
enum cli_exit cli_cert_lint(const struct command *command, const struct args *args);
enum cli_exit cli_passport_sign(const struct command *command, const struct args *args);
enum cli_exit cli_passport_inspect(const struct command *command, const struct args *args);
enum cli_exit cli_passport_verify(const struct command *command, const struct args *args);
/* The options of those commands, each beside its function. */
extern const struct opt cli_pki_init_options[];
extern const struct opt cli_pki_issue_options[];
extern const struct opt cli_pki_crl_options[];
extern const struct opt cli_lint_options[];
extern const struct opt cli_sign_options[];
extern const struct opt cli_inspect_options[];
extern const struct opt cli_verify_options[];

/* registry_table.c: what talks to the registry; ends with a row whose name is NULL. */
extern const struct command cli_registry_commands[];

#endif
