/* SPDX-License-Identifier: Apache-2.0 */
/* What the registry refused (RFC 9457), in the words of the command line. */
#include "profile.h"
#include "registry.h"

#include <stdlib.h>
#include <string.h>

#define ERRORS_MAX 32

/* HTTP 401 to a request that carried no key: the registry cannot know where one would come from. */
static void say_missing_key(const struct command *command, const struct args *args)
{
	struct profile profile = {0};

	if (registry_text(command, args, "key-file") != NULL ||
	    getenv(REGISTRY_KEY_VARIABLE) != NULL)
		return;
	if (profile_find(registry_text(command, args, "profile"), &profile) &&
	    profile.key_file == NULL)
		cli_say(CLI_FAILED, "no API key was given: --key-file FILE, $" REGISTRY_KEY_VARIABLE
				    ", or attestel profile add");
	profile_clear(&profile);
}

/* HTTP 403: whose key it is tells more than the refusal. */
static void say_who(const struct command *command)
{
	if (command->call.path == NULL || strcmp(command->call.path, "/v1/self") != 0)
		cli_say(CLI_FAILED, "  attestel self tells whose key it is and what it may do");
}

static const char *member(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* "/verification/attest" is what the option with the member "verification.attest" filled. */
static bool is_member(const char *pointer, const char *name)
{
	if (name == NULL || *pointer++ != '/')
		return false;
	while (*name != '\0' && (*pointer == *name || (*pointer == '/' && *name == '.'))) {
		pointer++;
		name++;
	}
	return *pointer == '\0' && *name == '\0';
}

static const struct opt *option_of(const struct command *command, const char *pointer)
{
	for (const struct opt *row = command->options; row->name != NULL; row++)
		if (is_member(pointer, row->json))
			return row;
	return NULL;
}

/* One field, by what was typed; RFC 6901: an empty pointer is the whole body. explained: the detail
 * says which values there are. */
static void say_field(const struct command *command, json_t *error, bool explained)
{
	const char *pointer = member(error, "pointer"), *text = member(error, "detail");
	const char *code = member(error, "code");
	const struct opt *row = pointer != NULL ? option_of(command, pointer) : NULL;

	if (text == NULL)
		text = "refused";
	if (!explained && row != NULL && row->value != NULL && code != NULL &&
	    strcmp(code, "not_allowed") == 0)
		cli_say(CLI_FAILED, "  --%s: %s (%s: %s)", row->name, text, row->value, row->help);
	else if (row != NULL)
		cli_say(CLI_FAILED, "  --%s: %s", row->name, text);
	else if (pointer == NULL || pointer[0] == '\0')
		cli_say(CLI_FAILED, "  the request: %s", text);
	else if (is_member(pointer, command->call.word))
		cli_say(CLI_FAILED, "  %s: %s", command->words, text);
	else
		cli_say(CLI_FAILED, "  %s: %s", pointer, text);
}

enum cli_exit registry_say_problem(const struct command *command, const struct args *args,
				   const struct callerid_answer *answer)
{
	json_t *problem = json_loadb(answer->body, answer->body_len, 0, NULL);
	const char *code = member(problem, "code"), *detail = member(problem, "detail");
	const char *title = member(problem, "title"), *request = member(problem, "request_id");
	json_t *errors = json_object_get(problem, "errors");

	cli_say(CLI_FAILED, "the registry answered %d: %s%s%s", answer->http_status,
		title != NULL ? title : "refused", detail != NULL ? ": " : "",
		detail != NULL ? detail : "");
	for (size_t i = 0; i < json_array_size(errors) && i < ERRORS_MAX; i++)
		say_field(command, json_array_get(errors, i),
			  code != NULL && strcmp(code, "invalid_fields") == 0);
	if (answer->http_status == 401)
		say_missing_key(command, args);
	if (answer->http_status == 403)
		say_who(command);
	if (code != NULL)
		cli_say(CLI_FAILED, "  code %.60s (docs/api/problems/%.60s.md)%s%.60s", code, code,
			request != NULL ? ", request " : "", request != NULL ? request : "");
	json_decref(problem);
	return CLI_FAILED;
}
