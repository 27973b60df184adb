/* SPDX-License-Identifier: Apache-2.0 */
/* attestel lookup: the table's request, or with --private one bucket and no key. */
#include "registry.h"
#include "show.h"
#include "tn.h"

#include <stdlib.h>

#include <callerid/client_lookup.h>

static json_t *text_or_null(const char *text)
{
	return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *object_of(const char *number, const struct callerid_private *found)
{
	return json_pack("{s:s, s:b, s:o, s:s, s:o, s:b}", "number", number, "found", found->found,
			 "name", text_or_null(found->name), "label", found->label, "logo_sha256",
			 text_or_null(found->logo_sha256), "strict", found->strict);
}

static enum cli_exit show(const struct command *command, const struct args *args, json_t *object)
{
	const char *field = registry_text(command, args, "field");

	if (registry_flag(command, args, "json")) {
		json_dumpf(object, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (field == NULL) {
		show_object(object);
	} else if (!show_field(object, field)) {
		return cli_say(CLI_FAILED, "the answer has no field %.40s", field);
	}
	return CLI_OK;
}

static enum cli_exit look_up(struct callerid_client *client, const struct command *command,
			     const struct args *args)
{
	char number[CALLERID_E164_MAX + 1] = "";
	struct callerid_private found;
	struct callerid_error err = {0};
	enum callerid_status asked;
	enum cli_exit status;
	json_t *object;

	/* As the look-up with a key shows it, whatever was typed. */
	if (!tn_digits(args->word[0], number))
		return CLI_USAGE;
	asked = callerid_client_lookup_private(client, number, &found, &err);
	if (asked != CALLERID_OK)
		return cli_say_error(asked == CALLERID_EINVAL ? CLI_USAGE : CLI_FAILED,
				     "the registry", &err);
	object = object_of(number, &found);
	status = show(command, args, object);
	json_decref(object);
	return status;
}

enum cli_exit cli_lookup(const struct command *command, const struct args *args)
{
	/* what a private look-up cannot take into account */
	static const char *const open[] = {"to",  "call-id",  "verstat", "attest",
					   "oob", "delegate", "consume", "budget"};
	struct callerid_client *client;
	enum cli_exit status = CLI_USAGE;

	if (!registry_flag(command, args, "private"))
		return cli_registry_call(command, args);
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (registry_flag(command, args, open[i]))
			return cli_say(CLI_USAGE, "--private does not go with --%s", open[i]);
	if (!registry_takes_number(command, args))
		return CLI_USAGE;
	client = registry_connect(command, args);
	if (client != NULL)
		status = look_up(client, command, args);
	callerid_client_free(client);
	return status;
}
