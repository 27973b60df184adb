/* SPDX-License-Identifier: Apache-2.0 */
/* The tool's help, versions and shell completion, all made from the table of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli.h"

#include <stdio.h>

void help_all(FILE *to);
void help_group(FILE *to, const char *group);
void help_usage(FILE *to, const struct command *command); /* the line alone */
void help_command(FILE *to, const struct command *command);
void help_version(FILE *to);

/* One line a command: its words, then after a tab the operation of the registry's API, if any. */
void help_commands(FILE *to);

/* A script for bash: . <(attestel --completion) */
void help_completion(FILE *to);

#endif
