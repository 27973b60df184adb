/* SPDX-License-Identifier: Apache-2.0 */
/* attestel tail: follows the stream of events. */
#include "registry.h"
#include "show.h"

#include <string.h>

#include <callerid/client_follow.h>

struct tail {
	bool json;
	bool quiet; /* nothing was said of a lost connection */
	int64_t left;
};

/* As words: the id, the kind, then the members of the data on the same line. */
static void print_words(const struct callerid_event *event)
{
	json_t *data = json_loadb(event->data, event->data_len, 0, NULL);

	printf("%-8s %-18s ", event->id[0] != '\0' ? event->id : "-", event->kind);
	show_members_on_a_line(data);
	putchar('\n');
	json_decref(data);
}

/* As JSON: one object a line, whose data are the event's own. */
static void print_json(const struct callerid_event *event)
{
	json_t *data = json_loadb(event->data, event->data_len, 0, NULL);
	json_t *line = json_pack("{s:s, s:s, s:o}", "id", event->id, "kind", event->kind, "data",
				 data != NULL ? data : json_null());

	if (line != NULL)
		json_dumpf(line, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(line);
}

static bool print_event(void *magic, const struct callerid_event *event)
{
	struct tail *tail = magic;

	if (tail->json)
		print_json(event);
	else
		print_words(event);
	/* whoever reads the pipe wants each as it comes */
	if (fflush(stdout) != 0)
		return false;
	return tail->left == 0 || --tail->left > 0;
}

static void say_state(void *magic, bool connected, const char *why)
{
	struct tail *tail = magic;

	if (!connected)
		cli_say(CLI_FAILED, "the stream was lost (%s), trying again", why);
	else if (!tail->quiet)
		cli_say(CLI_OK, "following again");
	tail->quiet = connected;
}

enum cli_exit cli_tail(const struct command *command, const struct args *args)
{
	const struct opt_given *count = opt_named(command->options, args, "count");
	struct tail tail = {registry_flag(command, args, "json"), true,
			    count != NULL ? count->number : 0};
	const struct callerid_follow follow = {.since = registry_text(command, args, "since"),
					       .event = print_event,
					       .state = say_state,
					       .magic = &tail};
	struct callerid_client *client = registry_connect(command, args);
	struct callerid_error err = {0};
	enum callerid_status ended;
	enum cli_exit status = CLI_OK;

	if (client == NULL)
		return CLI_USAGE;
	ended = callerid_client_follow(client, &follow, &err);
	if (ended != CALLERID_OK)
		status = cli_say_error(ended == CALLERID_EINVAL ? CLI_USAGE : CLI_FAILED,
				       "the registry", &err);
	if (ended == CALLERID_EREFUSED)
		cli_say(status, "  %s", callerid_client_problem(client)->detail);
	callerid_client_free(client);
	return status;
}
