/* SPDX-License-Identifier: Apache-2.0 */
/* attestel media: asks the relay what it does, and why a call has no audio. */
#include "media.h"
#include "relay.h"
#include "show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LIST_DEFAULT  32 /* the relay's own */
#define COUNTER_WIDTH 26

enum { SOCKET, KEY_FILE, JSON, LIMIT };

/* Those of every question. */
#define OPTIONS                                                                                    \
	[SOCKET] =                                                                                 \
		{"socket", OPT_TEXT, OPT_ONCE, "WHERE",                                            \
		 .help = "unix:PATH, udp:ADDRESS:PORT or tcp:ADDRESS:PORT; else " RELAY_SOCKET},   \
	[KEY_FILE] = {"key-file", OPT_FILE, OPT_ONCE, "FILE",                                      \
		      .help = "the key that questions over UDP and TCP are signed with"},          \
	[JSON] = {"json", OPT_FLAG, OPT_ONCE, .help = "the answer as it came"}

const struct opt cli_media_options[] = {OPTIONS, {0}};
const struct opt cli_media_list_options[] = {
	OPTIONS,
	[LIMIT] = {"limit", OPT_NUMBER, OPT_ONCE, "N", .min = 1, .max = 1000000,
		   .help = "how many calls it shows; else 32"},
	{0},
};

static const char *text_of(json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static void say_label(const char *label, json_t *value)
{
	if (json_string_length(value) == 0)
		return;
	fputs(label, stdout);
	show_value(value);
}

static void show_ping(json_t *answer)
{
	show_value(json_object_get(answer, "result"));
	putchar('\n');
}

static void show_list(json_t *answer)
{
	json_t *id;
	size_t i;

	json_array_foreach(json_object_get(answer, "calls"), i, id)
	{
		show_value(id);
		putchar('\n');
	}
}

static void show_name(const char *name)
{
	json_t *text = json_string(name);

	show_value(text);
	json_decref(text);
}

static void show_counters(json_t *group)
{
	const char *name;
	json_t *value;

	json_object_foreach(group, name, value)
	{
		fputs("  ", stdout);
		show_name(name);
		printf("%*s ",
		       (int)(strlen(name) < COUNTER_WIDTH ? COUNTER_WIDTH - strlen(name) : 0), "");
		show_value(value);
		putchar('\n');
	}
}

/* "  1  4 of 500 pairs of ports in use" */
static void show_ports(json_t *interfaces)
{
	json_t *interface;
	size_t i;

	json_array_foreach(interfaces, i, interface)
	{
		json_t *ports = json_object_get(interface, "ports");

		printf("  %zu  %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		       " pairs of ports in use\n",
		       i + 1, json_integer_value(json_object_get(ports, "used")),
		       json_integer_value(json_object_get(ports, "totals")));
	}
}

static void show_statistics(json_t *answer)
{
	const char *name;
	json_t *group;

	json_object_foreach(json_object_get(answer, "statistics"), name, group)
	{
		show_name(name);
		putchar('\n');
		if (json_is_array(group))
			show_ports(group);
		else
			show_counters(group);
	}
}

static void show_endpoint(json_t *endpoint)
{
	if (*text_of(endpoint, "address") == '\0') {
		fputs("nobody yet", stdout);
		return;
	}
	show_value(json_object_get(endpoint, "address"));
	printf(":%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(endpoint, "port")));
}

static void show_counts(const char *label, json_t *stats)
{
	printf(", %" JSON_INTEGER_FORMAT " packets %s",
	       json_integer_value(json_object_get(stats, "packets")), label);
}

static bool has_flag(json_t *stream, const char *name)
{
	json_t *flag;
	size_t i;

	json_array_foreach(json_object_get(stream, "flags"), i, flag)
	{
		const char *text = json_string_value(flag);

		if (text != NULL && strcmp(text, name) == 0)
			return true;
	}
	return false;
}

/* "  RTP  127.0.0.1:21364 with 198.51.100.1:4000, 100 packets in, 98 packets out". With rtcp-mux
 * RTCP comes to the port of RTP (RFC 5761), and has no line of its own. */
static void show_stream(json_t *stream)
{
	printf("    %-4s  ", has_flag(stream, "RTP") ? "RTP" : "RTCP");
	show_value(json_object_get(stream, "local address"));
	printf(":%" JSON_INTEGER_FORMAT " with ",
	       json_integer_value(json_object_get(stream, "local port")));
	show_endpoint(json_object_get(stream, "endpoint"));
	show_counts("in", json_object_get(stream, "stats"));
	show_counts("out", json_object_get(stream, "stats_out"));
	putchar('\n');
}

static void show_leg(const char *name, json_t *leg)
{
	json_t *media, *stream;
	size_t i, k;

	putchar('\n');
	show_name(name);
	say_label(", media identity ", json_object_get(leg, "media identity"));
	say_label(": ", json_object_get(leg, "media identity reason"));
	putchar('\n');
	json_array_foreach(json_object_get(leg, "medias"), i, media)
	{
		fputs("  ", stdout);
		show_value(json_object_get(media, "index"));
		say_label(" ", json_object_get(media, "type"));
		say_label(" ", json_object_get(media, "protocol"));
		say_label(" ", json_object_get(media, "codec"));
		putchar('\n');
		json_array_foreach(json_object_get(media, "streams"), k, stream)
			show_stream(stream);
	}
}

static void show_query(json_t *answer)
{
	json_int_t now = (json_int_t)time(NULL), created, last;
	const char *name;
	json_t *leg;

	created = json_integer_value(json_object_get(answer, "created"));
	last = json_integer_value(json_object_get(answer, "last signal"));
	printf("began %" JSON_INTEGER_FORMAT " s ago, last signalling %" JSON_INTEGER_FORMAT
	       " s ago\n",
	       now - created, now - last);
	json_object_foreach(json_object_get(answer, "tags"), name, leg) show_leg(name, leg);
}

/* The relay's own words, a line each. */
static void show_why(json_t *answer)
{
	json_t *leg, *line;
	size_t i, k;

	json_array_foreach(json_object_get(answer, "legs"), i, leg)
	{
		if (i > 0)
			putchar('\n');
		show_value(json_object_get(leg, "tag"));
		say_label(", ", json_object_get(leg, "media"));
		putchar('\n');
		json_array_foreach(json_object_get(leg, "lines"), k, line)
		{
			fputs("  ", stdout);
			show_value(line);
			putchar('\n');
		}
	}
}

static const struct {
	const char *name;
	void (*show)(json_t *answer);
} questions[] = {
	{"ping", show_ping},   {"list", show_list}, {"statistics", show_statistics},
	{"query", show_query}, {"why", show_why},
};

static void show(const char *name, json_t *answer)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (strcmp(questions[i].name, name) == 0)
			questions[i].show(answer);
}

static json_t *question_of(const struct command *command, const struct args *args)
{
	json_t *question = json_pack("{s:s}", "command", command->name);

	if (question != NULL && args->n_words > 0)
		json_object_set_new(question, "call-id", json_string(args->word[0]));
	if (question != NULL && opt_flag(args, LIMIT))
		json_object_set_new(question, "limit", json_integer(opt_number(args, LIMIT, 0)));
	return question;
}

/* Beside the output: what reads the list gets no line that is no call. */
static void say_what_list_lacks(json_t *answer, int64_t limit)
{
	size_t n = json_array_size(json_object_get(answer, "calls"));

	if (n == 0)
		(void)cli_say(CLI_OK, "the relay has no calls");
	else if ((int64_t)n >= limit)
		(void)cli_say(CLI_OK, "%zu calls, and there may be more: --limit N", n);
}

enum cli_exit cli_media(const struct command *command, const struct args *args)
{
	const char *where = opt_text(args, SOCKET);
	const struct relay relay = {.where = where != NULL ? where : RELAY_SOCKET,
				    .key_file = opt_text(args, KEY_FILE)};
	json_t *question = question_of(command, args), *answer = NULL;
	enum cli_exit status;

	if (question == NULL ||
	    (args->n_words > 0 && json_object_get(question, "call-id") == NULL)) {
		json_decref(question);
		return cli_say(CLI_USAGE, "CALL-ID is no UTF-8 text");
	}
	status = relay_ask(&relay, question, &answer);
	if (status == CLI_OK && opt_flag(args, JSON)) {
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
	}
	if (status == CLI_OK && strcmp(text_of(answer, "result"), "error") == 0)
		status = cli_say(CLI_FAILED, "the relay: %.200s", text_of(answer, "error-reason"));
	else if (status == CLI_OK && !opt_flag(args, JSON))
		show(command->name, answer);
	if (status == CLI_OK && strcmp(command->name, "list") == 0 && !opt_flag(args, JSON))
		say_what_list_lacks(answer, opt_number(args, LIMIT, LIST_DEFAULT));
	json_decref(question);
	json_decref(answer);
	return status;
}
