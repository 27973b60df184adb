/* SPDX-License-Identifier: Apache-2.0 */
/* What the options of a command make of a request: the JSON of its body, or its query. */
#include "registry.h"
#include "tn.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define QUERY_MAX 900

static json_t *value_of_file(const char *path)
{
	struct io_bytes text = {0};
	json_t *value = NULL;

	if (io_read_file(path, REGISTRY_BODY_MAX, &text))
		value = json_stringn(text.p, text.n);
	io_bytes_clear(&text);
	return value;
}

/* NULL: not UTF-8, or a file that cannot be read. */
static json_t *value_of(const struct opt *row, const struct opt_given *given)
{
	json_t *list;

	if (row->kind == OPT_FLAG)
		return json_true();
	if (row->kind == OPT_NUMBER)
		return json_integer(given->number);
	if (row->kind == OPT_BOOL)
		return json_boolean(given->number);
	if (row->kind == OPT_FILE)
		return value_of_file(given->text[0]);
	if (row->times != OPT_MANY && row->times != OPT_MOST)
		return json_string(given->text[0]);
	list = json_array();
	for (size_t i = 0; i < given->n && list != NULL; i++)
		if (json_array_append_new(list, json_string(given->text[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

bool registry_set(json_t *body, const char *path, json_t *value)
{
	const char *dot = strchr(path, '.');
	char parent[32];
	json_t *inner;

	if (dot == NULL)
		return json_object_set_new(body, path, value) == 0;
	snprintf(parent, sizeof(parent), "%.*s", (int)(dot - path), path);
	inner = json_object_get(body, parent);
	if (inner == NULL) {
		json_object_set_new(body, parent, json_object());
		inner = json_object_get(body, parent);
	}
	return json_object_set_new(inner, dot + 1, value) == 0;
}

bool registry_takes_number(const struct command *command, const struct args *args)
{
	const char *word = args->word[0];
	/* 5550177 would be a number of Brazil: what is registered for good needs its +. */
	bool lasting = command->call.word != NULL && strcmp(command->call.word, "number") == 0;

	if (strcmp(command->words, "NUMBER") != 0 ||
	    (tn_is_number(word) && (!lasting || word[0] == '+')))
		return true;
	cli_say(CLI_USAGE, "%.40s: " TN_LOOKS, word);
	return false;
}

/* A look-up says at least that nothing was verified. */
static bool add_verstat(json_t *body)
{
	json_t *verification = json_object_get(body, "verification");

	if (json_object_get(verification, "verstat") != NULL)
		return true;
	return registry_set(body, "verification.verstat", json_string("No-TN-Validation"));
}

static bool fill(const struct command *command, const struct args *args, json_t *body)
{
	const struct opt *options = command->options;

	if (command->call.word != NULL &&
	    !registry_set(body, command->call.word, json_string(args->word[0])))
		return cli_say(CLI_USAGE, "%s is not UTF-8", command->words) == CLI_OK;
	for (size_t i = 0; i < OPT_MAX && options[i].name != NULL; i++) {
		if (options[i].json == NULL || args->given[i].n == 0)
			continue;
		if (!registry_set(body, options[i].json, value_of(&options[i], &args->given[i])))
			return cli_say(CLI_USAGE, "--%s cannot be sent: is it UTF-8?",
				       options[i].name) == CLI_OK;
	}
	return command->run != cli_lookup || add_verstat(body);
}

char *registry_body(const struct command *command, const struct args *args)
{
	json_t *body;
	char *text = NULL;

	if (!registry_takes_number(command, args))
		return NULL;
	body = json_object();
	if (fill(command, args, body))
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}

static bool add_encoded(char *to, size_t size, const char *text)
{
	size_t n = strlen(to);

	for (; *text != '\0' && n + 4 < size; text++) {
		if (isalnum((unsigned char)*text) || strchr("-._~", *text) != NULL)
			to[n++] = *text;
		else
			n += (size_t)snprintf(to + n, 4, "%%%02X", (unsigned char)*text);
	}
	to[n] = '\0';
	return *text == '\0';
}

char *registry_query(const struct command *command, const struct args *args)
{
	const struct opt *options = command->options;
	char query[QUERY_MAX] = "";

	for (size_t i = 0; i < OPT_MAX && options[i].name != NULL; i++) {
		if (options[i].json == NULL || args->given[i].n == 0)
			continue;
		size_t n = strlen(query);
		snprintf(query + n, sizeof(query) - n, "%s%s=", n == 0 ? "?" : "&",
			 options[i].json);
		if (!add_encoded(query, sizeof(query), args->given[i].text[0])) {
			cli_say(CLI_USAGE, "--%s is too long", options[i].name);
			return NULL;
		}
	}
	return strdup(query);
}
