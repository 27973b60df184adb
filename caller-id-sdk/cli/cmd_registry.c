/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the table: one request made from the options, and its answer shown. */
#include "registry.h"
#include "show.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_ 1000
#define PAGES_MAX 10000 /* of --all */

static bool is_bytes(const struct command *command)
{
	return command->call.columns != NULL && strcmp(command->call.columns, "-") == 0;
}

/* A word that stands for a part of the path brings neither another path nor a query. */
static bool is_path_word(const char *word)
{
	if (*word == '\0' || strcmp(word, ".") == 0 || strcmp(word, "..") == 0)
		return false;
	for (; *word != '\0'; word++)
		if (!isalnum((unsigned char)*word) && strchr("_-.", *word) == NULL)
			return false;
	return true;
}

static bool make_path(const struct command *command, const struct args *args, const char *query,
		      char path_out[PATH_MAX_])
{
	const char *path = command->call.path, *open = strchr(path, '{');
	const char *word = args->word[0];
	int n;

	if (open == NULL) {
		n = snprintf(path_out, PATH_MAX_, "%s%s", path, query);
	} else {
		/* what hashes are called elsewhere in the API */
		if (strncmp(word, "sha256-", 7) == 0)
			word += 7;
		if (!is_path_word(word)) {
			cli_say(CLI_USAGE, "%s %.60s: letters, digits, - _ .", command->words,
				args->word[0]);
			return false;
		}
		n = snprintf(path_out, PATH_MAX_, "%.*s%s%s%s", (int)(open - path), path, word,
			     strchr(open, '}') + 1, query);
	}
	if (n < PATH_MAX_)
		return true;
	cli_say(CLI_USAGE, "the request is too long");
	return false;
}

/* What --field and --json ask for, else words. */
static enum cli_exit print_object(const struct command *command, const struct args *args,
				  json_t *object)
{
	const char *field = registry_text(command, args, "field");
	json_t *items = json_object_get(object, "items");

	if (!json_is_object(object))
		return cli_say(CLI_FAILED, "the registry's answer is not a JSON object");
	if (field != NULL && !show_field(object, field))
		return cli_say(CLI_FAILED, "the answer has no field %.40s", field);
	if (field != NULL)
		return CLI_OK;
	if (json_is_array(items)) {
		show_table(items, command->call.columns);
		if (json_is_string(json_object_get(object, "next")))
			cli_say(CLI_OK, "more: --after %s, or --all",
				json_string_value(json_object_get(object, "next")));
	} else {
		show_object(object);
	}
	return CLI_OK;
}

static enum cli_exit print_answer(const struct command *command, const struct args *args,
				  const struct callerid_answer *answer)
{
	enum cli_exit status;
	json_t *object;

	if (!registry_is_success(answer))
		return registry_say_problem(command, args, answer);
	if (answer->body_len == 0 && answer->http_status == 204)
		return CLI_OK;
	if (registry_flag(command, args, "json"))
		return puts(answer->body) >= 0 ? CLI_OK : CLI_FAILED;
	object = json_loadb(answer->body, answer->body_len, 0, NULL);
	status = print_object(command, args, object);
	json_decref(object);
	return status;
}

/* --out: the secret goes to a new file of its owner's, the rest is shown without it. */
static enum cli_exit keep_secret(const struct command *command, const struct args *args,
				 const struct callerid_answer *answer)
{
	const char *path = registry_text(command, args, "out");
	json_t *object = json_loadb(answer->body, answer->body_len, 0, NULL);
	const char *name = json_object_get(object, "token") != NULL ? "token" : "key";
	const char *secret = json_string_value(json_object_get(object, name));
	enum cli_exit status = CLI_FAILED;
	char line[1200];

	if (secret == NULL) {
		cli_say(CLI_FAILED, "the answer has no %s", name);
	} else if (snprintf(line, sizeof(line), "%s\n", secret) < (int)sizeof(line) &&
		   io_create(path, 0600, line, strlen(line))) {
		json_object_del(object, name);
		status = print_object(command, args, object);
	}
	explicit_bzero(line, sizeof(line));
	json_decref(object);
	return status;
}

struct sink {
	FILE *file;
};

static bool write_bytes(void *magic, const void *data, size_t len)
{
	const struct sink *sink = magic;

	return fwrite(data, 1, len, sink->file) == len;
}

/* A body of any length to standard output or into a new file, which is not left half written. */
static enum cli_exit fetch_bytes(struct callerid_client *client, const struct command *command,
				 const struct args *args, struct callerid_request *request)
{
	const char *path = registry_text(command, args, "out");
	struct sink sink = {path != NULL ? fopen(path, "wxe") : stdout};
	struct callerid_answer answer = {0};
	enum cli_exit status;

	if (sink.file == NULL)
		return cli_say(CLI_USAGE, "%.200s: cannot be made", path);
	request->take = write_bytes;
	request->magic = &sink;
	status = registry_send(client, request, &answer);
	if (status == CLI_OK && !registry_is_success(&answer))
		status = registry_say_problem(command, args, &answer);
	if (path != NULL && fclose(sink.file) != 0 && status == CLI_OK)
		status = cli_say(CLI_FAILED, "%.200s: cannot be written", path);
	if (path != NULL && status != CLI_OK)
		remove(path);
	callerid_answer_clear(&answer);
	return status;
}

/* One page onto the others. false: there is no next one. */
static bool add_page(json_t *items, const struct callerid_answer *answer, char next_out[PATH_MAX_])
{
	json_t *page = json_loadb(answer->body, answer->body_len, 0, NULL);
	const char *next = json_string_value(json_object_get(page, "next"));

	json_array_extend(items, json_object_get(page, "items"));
	snprintf(next_out, PATH_MAX_, "%s", next != NULL ? next : "");
	json_decref(page);
	return next_out[0] != '\0';
}

/* --all: page after page, shown as one list. */
static enum cli_exit fetch_all(struct callerid_client *client, const struct command *command,
			       const struct args *args, struct callerid_request *request)
{
	json_t *items = json_array(), *all = json_pack("{s:o}", "items", items);
	char path[2 * PATH_MAX_], next[PATH_MAX_] = "";
	const char *first = request->path;
	enum cli_exit status = CLI_OK;
	bool more = all != NULL;

	for (int i = 0; more && status == CLI_OK && i < PAGES_MAX; i++) {
		struct callerid_answer answer = {0};

		snprintf(path, sizeof(path), "%s%s%s%s", first,
			 strchr(first, '?') != NULL ? "&" : "?",
			 next[0] != '\0' ? "after=" : "limit=250", next);
		request->path = path;
		status = registry_send(client, request, &answer);
		if (status == CLI_OK && !registry_is_success(&answer))
			status = registry_say_problem(command, args, &answer);
		more = status == CLI_OK && add_page(items, &answer, next);
		callerid_answer_clear(&answer);
	}
	if (status == CLI_OK && registry_flag(command, args, "json"))
		json_dumpf(all, stdout, JSON_COMPACT);
	else if (status == CLI_OK)
		status = print_object(command, args, all);
	json_decref(all);
	return status;
}

/* A change says what it is based on: --if-version, else what is there now. */
static enum cli_exit find_version(struct callerid_client *client, const struct command *command,
				  const struct args *args, const char *path,
				  char etag_out[CALLERID_ETAG_MAX + 1])
{
	const struct opt_given *given = opt_named(command->options, args, "if-version");
	const struct callerid_request request = {.method = "GET", .path = path};
	struct callerid_answer answer = {0};
	enum cli_exit status;

	if (given != NULL) {
		snprintf(etag_out, CALLERID_ETAG_MAX + 1, "\"%lld\"", (long long)given->number);
		return CLI_OK;
	}
	status = registry_send(client, &request, &answer);
	if (status == CLI_OK && !registry_is_success(&answer))
		status = registry_say_problem(command, args, &answer);
	memcpy(etag_out, answer.etag, sizeof(answer.etag));
	if (status == CLI_OK && etag_out[0] == '\0')
		status = cli_say(CLI_FAILED, "the registry's answer has no version");
	callerid_answer_clear(&answer);
	return status;
}

static enum cli_exit exchange(struct callerid_client *client, const struct command *command,
			      const struct args *args, struct callerid_request *request)
{
	struct callerid_answer answer = {0};
	char etag[CALLERID_ETAG_MAX + 1] = "";
	enum cli_exit status = CLI_OK;

	if (is_bytes(command))
		return fetch_bytes(client, command, args, request);
	if (registry_flag(command, args, "all"))
		return fetch_all(client, command, args, request);
	if (request->method[0] == 'P' && request->method[1] != 'O') {
		status = find_version(client, command, args, request->path, etag);
		request->if_match = etag;
	}
	if (status == CLI_OK)
		status = registry_send(client, request, &answer);
	if (status == CLI_OK && registry_is_success(&answer) &&
	    registry_text(command, args, "out") != NULL)
		status = keep_secret(command, args, &answer);
	else if (status == CLI_OK)
		status = print_answer(command, args, &answer);
	callerid_answer_clear(&answer);
	return status;
}

static bool read_body(const char *path, struct io_bytes *body)
{
	return strcmp(path, "-") == 0 ? io_read_stdin(REGISTRY_BODY_MAX, body)
				      : io_read_file(path, REGISTRY_BODY_MAX, body);
}

/* Some POSTs take no body at all: those without a word or an option that fills it. */
static bool has_body(const struct command *command)
{
	const struct opt *row = command->options;

	while (row->name != NULL && row->json == NULL)
		row++;
	return row->name != NULL || command->call.word != NULL;
}

/* The body in *bytes, if there is one; the query in *query, "" if there is none. */
static bool fill(const struct command *command, const struct args *args, struct io_bytes *bytes,
		 struct callerid_upload *body, char **query)
{
	const char *word = command->call.word, *method = command->call.method;

	if (method[0] == 'G' || method[0] == 'D') {
		*query = registry_query(command, args);
		return *query != NULL;
	}
	*query = strdup("");
	if (word != NULL && strchr(word, '/') != NULL) {
		body->type = word;
		if (!read_body(args->word[0], bytes))
			return false;
	} else if (has_body(command)) {
		body->type = "application/json";
		bytes->p = registry_body(command, args);
		bytes->n = bytes->p != NULL ? strlen(bytes->p) : 0;
		if (bytes->p == NULL)
			return false;
	}
	body->data = bytes->p;
	body->len = bytes->n;
	return *query != NULL;
}

enum cli_exit cli_registry_call(const struct command *command, const struct args *args)
{
	struct callerid_request request = {.method = command->call.method};
	struct callerid_client *client = NULL;
	struct io_bytes bytes = {0};
	enum cli_exit status = CLI_USAGE;
	char path[PATH_MAX_], *query = NULL;

	if (fill(command, args, &bytes, &request.body, &query) &&
	    make_path(command, args, query, path))
		client = registry_connect(command, args);
	request.path = path;
	if (client != NULL)
		status = exchange(client, command, args, &request);
	callerid_client_free(client);
	io_bytes_clear(&bytes);
	free(query);
	return status;
}
