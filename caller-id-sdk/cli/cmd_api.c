/* SPDX-License-Identifier: Apache-2.0 */
/* attestel api: any request, as it stands, and its answer, as it came. */
#include "registry.h"

#include <string.h>

static bool read_body(const char *path, struct io_bytes *body)
{
	if (path == NULL)
		return true;
	return strcmp(path, "-") == 0 ? io_read_stdin(REGISTRY_BODY_MAX, body)
				      : io_read_file(path, REGISTRY_BODY_MAX, body);
}

/* NULL or what is wrong with the options of a request. */
static const char *problem_of(const struct command *command, const struct args *args)
{
	bool data = registry_flag(command, args, "data");

	if (args->word[1][0] != '/')
		return "PATH begins with /, as in /v1/businesses";
	if (data != registry_flag(command, args, "type"))
		return "--data and --type belong together";
	if (data && registry_flag(command, args, "json"))
		return "--data and --json exclude each other";
	if (data && strcmp(args->word[0], "POST") != 0)
		return "--data goes with POST";
	return NULL;
}

static enum cli_exit run(struct callerid_client *client, const struct command *command,
			 const struct args *args, const struct io_bytes *body)
{
	const char *type = registry_text(command, args, "type");
	const struct callerid_request request = {
		.method = args->word[0],
		.path = args->word[1],
		.body = {type != NULL ? type : "application/json", body->p, body->n}};
	struct callerid_answer answer = {0};
	enum cli_exit status = registry_send(client, &request, &answer);

	if (status == CLI_OK && answer.body_len > 0)
		puts(answer.body);
	if (status == CLI_OK && !registry_is_success(&answer))
		status = registry_say_problem(command, args, &answer);
	callerid_answer_clear(&answer);
	return status;
}

enum cli_exit cli_registry_api(const struct command *command, const struct args *args)
{
	bool data = registry_flag(command, args, "data");
	const char *problem = problem_of(command, args);
	struct callerid_client *client;
	struct io_bytes body = {0};
	enum cli_exit status = CLI_USAGE;

	if (problem != NULL)
		return cli_say(CLI_USAGE, "%s", problem);
	if (!read_body(registry_text(command, args, data ? "data" : "json"), &body))
		return CLI_USAGE;
	client = registry_connect(command, args);
	if (client != NULL)
		status = run(client, command, args, &body);
	callerid_client_free(client);
	io_bytes_clear(&body);
	return status;
}
