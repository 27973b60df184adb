/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that talk to the registry: how they connect, ask and show what was answered. */
#ifndef CLI_REGISTRY_H
#define CLI_REGISTRY_H

#include "cli.h"
#include "io.h"

#include <jansson.h>

#include <callerid/client.h>

#define REGISTRY_URL	      "http://127.0.0.1:8080"
#define REGISTRY_BODY_MAX     262144 /* docs/api: a request is at most 256 KiB */
#define REGISTRY_KEY_VARIABLE "ATTESTEL_KEY"

/* The options of a command by their names, since each command has its own. */
const char *registry_text(const struct command *command, const struct args *args, const char *name);
bool registry_flag(const struct command *command, const struct args *args, const char *name);

/* A connection as the options, the environment and the profile say; NULL after a message. */
struct callerid_client *registry_connect(const struct command *command, const struct args *args);

/* Sends; a failure to get any answer has been said. */
enum cli_exit registry_send(struct callerid_client *client, const struct callerid_request *request,
			    struct callerid_answer *answer_out);

/* RFC 9457: says what was refused, each field, the code and the page that tells the remedy. */
enum cli_exit registry_say_problem(const struct command *command, const struct args *args,
				   const struct callerid_answer *answer);
bool registry_is_success(const struct callerid_answer *answer);

/* The body or the query that the options fill, malloc'ed; NULL after a message. */
char *registry_body(const struct command *command, const struct args *args);
char *registry_query(const struct command *command, const struct args *args);

/* The word of a command about a number is one; false after a message. */
bool registry_takes_number(const struct command *command, const struct args *args);

/* Sets "a" or "a.b"; takes value. */
bool registry_set(json_t *body, const char *path, json_t *value);

enum cli_exit cli_registry_api(const struct command *command, const struct args *args);
enum cli_exit cli_registry_call(const struct command *command, const struct args *args);
enum cli_exit cli_lookup(const struct command *command, const struct args *args);
enum cli_exit cli_tail(const struct command *command, const struct args *args);
enum cli_exit cli_profile_add(const struct command *command, const struct args *args);
enum cli_exit cli_profile_list(const struct command *command, const struct args *args);
enum cli_exit cli_profile_use(const struct command *command, const struct args *args);

extern const struct opt cli_profile_add_options[];

#endif
