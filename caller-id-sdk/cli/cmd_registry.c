/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that talk to the registry: connect, send, show what was answered. */
#include "io.h"
#include "registry.h"
#include "show.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include <callerid/client.h>

#define KEY_MAX	     512
#define KEY_VARIABLE "ATTESTEL_KEY"
#define BODY_MAX     262144 /* docs/api: a request is at most 256 KiB */

static bool take_key(const char *from, size_t n, char key[KEY_MAX + 1])
{
	while (n > 0 && isspace((unsigned char)from[n - 1]))
		n--;
	if (n == 0 || n > KEY_MAX) {
		cli_say(CLI_USAGE, "the API key is empty or longer than %d characters", KEY_MAX);
		return false;
	}
	/* What stands in a header line must not end it. */
	for (size_t i = 0; i < n; i++)
		if (!isgraph((unsigned char)from[i])) {
			cli_say(CLI_USAGE, "the API key holds what no key holds");
			return false;
		}
	memcpy(key, from, n);
	key[n] = '\0';
	return true;
}

/* A path in the variable would be sent as a key, and the registry would only say 401. */
static bool take_environment(const char *text, char key[KEY_MAX + 1])
{
	if (strncmp(text, "ak_", 3) == 0)
		return take_key(text, strlen(text), key);
	cli_say(CLI_USAGE, "$" KEY_VARIABLE " is the key itself, ak_...; --key-file takes a file");
	return false;
}

/* From the file, else from the environment, else none: key is then "". */
static bool load_key(const char *path, char key[KEY_MAX + 1])
{
	const char *environment = getenv(KEY_VARIABLE);
	struct io_bytes text = {0};
	bool ok;

	key[0] = '\0';
	if (path == NULL)
		return environment == NULL || take_environment(environment, key);
	if (!io_read_secret(path, KEY_MAX + 2, &text))
		return false;
	ok = take_key(text.p, text.n, key);
	io_bytes_clear(&text);
	return ok;
}

/* A connection as the rows from base on describe it; NULL after a message. */
static struct callerid_client *connect_to(const struct args *args, size_t base)
{
	const char *environment = getenv("ATTESTEL_REGISTRY");
	const char *url = opt_text(args, base + AT_REGISTRY);
	struct callerid_client *client = NULL;
	struct callerid_error err = {0};
	char key[KEY_MAX + 1];
	struct callerid_client_params params = {
		.base_url = url != NULL		  ? url
			    : environment != NULL ? environment
						  : REGISTRY_URL,
		.api_key = key,
		.ca_file = opt_text(args, base + AT_CA),
		.timeout_ms = (long)opt_number(args, base + AT_TIMEOUT, 5000),
	};

	if (!load_key(opt_text(args, base + AT_KEY_FILE), key))
		return NULL;
	if (key[0] == '\0')
		params.api_key = NULL;
	if (callerid_client_global_init() != CALLERID_OK)
		cli_say(CLI_FAILED, "the HTTP client could not start");
	else if (callerid_client_new(&params, &client, &err) != CALLERID_OK)
		cli_say_error(CLI_USAGE, "the registry", &err);
	OPENSSL_cleanse(key, sizeof(key));
	return client;
}

/* RFC 9457: what the registry refused, and each field it named. */
static void say_problem(const struct callerid_answer *answer)
{
	json_t *problem = json_loadb(answer->body, answer->body_len, 0, NULL);
	const char *code = json_string_value(json_object_get(problem, "code"));
	const char *detail = json_string_value(json_object_get(problem, "detail"));
	const char *title = json_string_value(json_object_get(problem, "title"));
	json_t *errors = json_object_get(problem, "errors");

	cli_say(CLI_FAILED, "the registry answered %d: %s%s%s", answer->http_status,
		title != NULL ? title : "refused", detail != NULL ? ": " : "",
		detail != NULL ? detail : "");
	for (size_t i = 0; i < json_array_size(errors) && i < 32; i++) {
		json_t *one = json_array_get(errors, i);
		const char *pointer = json_string_value(json_object_get(one, "pointer"));
		const char *text = json_string_value(json_object_get(one, "detail"));

		cli_say(CLI_FAILED, "  %s: %s", pointer != NULL ? pointer : "?",
			text != NULL ? text : "refused");
	}
	if (code != NULL)
		cli_say(CLI_FAILED, "  code %s", code);
	json_decref(problem);
}

/* HTTP 401 to a request that carried no key: the registry cannot know where one would come from. */
static void say_missing_key(int http_status, const struct args *args, size_t base)
{
	if (http_status == 401 && opt_text(args, base + AT_KEY_FILE) == NULL &&
	    getenv(KEY_VARIABLE) == NULL)
		cli_say(CLI_FAILED, "no API key was given: --key-file FILE, or $" KEY_VARIABLE);
}

static bool is_success(int status)
{
	return status >= 200 && status < 300;
}

static enum cli_exit run_api(struct callerid_client *client, const struct args *args,
			     const struct io_bytes *body)
{
	const struct callerid_upload upload = {opt_text(args, API_TYPE), body->p, body->n};
	struct callerid_answer answer = {0};
	struct callerid_error err = {0};
	enum callerid_status sent;
	enum cli_exit status;

	if (upload.type != NULL)
		sent = callerid_client_upload(client, args->word[1], &upload, &answer, &err);
	else
		sent = callerid_client_request(client, args->word[0], args->word[1], body->p,
					       &answer, &err);
	if (sent != CALLERID_OK)
		return cli_say_error(sent == CALLERID_EINVAL ? CLI_USAGE : CLI_FAILED,
				     "the registry", &err);
	if (answer.body_len > 0)
		puts(answer.body);
	status = is_success(answer.http_status) ? CLI_OK : CLI_FAILED;
	if (status != CLI_OK)
		cli_say(status, "the registry answered %d", answer.http_status);
	say_missing_key(answer.http_status, args, API_COMMON);
	callerid_answer_clear(&answer);
	return status;
}

static bool read_body(const char *path, struct io_bytes *body)
{
	if (path == NULL)
		return true;
	return strcmp(path, "-") == 0 ? io_read_stdin(BODY_MAX, body)
				      : io_read_file(path, BODY_MAX, body);
}

/* NULL or what is wrong with the options of a request. */
static const char *api_problem(const struct args *args)
{
	bool data = args->given[API_DATA].n > 0;

	if (args->word[1][0] != '/')
		return "PATH begins with /, as in /v1/businesses";
	if (data != (args->given[API_TYPE].n > 0))
		return "--data and --type belong together";
	if (data && args->given[API_JSON].n > 0)
		return "--data and --json exclude each other";
	if (data && strcmp(args->word[0], "POST") != 0)
		return "--data goes with POST";
	return NULL;
}

enum cli_exit cli_registry_api(const struct command *command, const struct args *args)
{
	bool data = args->given[API_DATA].n > 0;
	const char *problem = api_problem(args);
	struct callerid_client *client;
	struct io_bytes body = {0};
	enum cli_exit status = CLI_USAGE;

	(void)command;
	if (problem != NULL)
		return cli_say(CLI_USAGE, "%s", problem);
	if (!read_body(opt_text(args, data ? API_DATA : API_JSON), &body))
		return CLI_USAGE;
	client = connect_to(args, API_COMMON);
	if (client != NULL)
		status = run_api(client, args, &body);
	callerid_client_free(client);
	io_bytes_clear(&body);
	return status;
}

static json_t *value_of(const struct opt *row, const struct opt_given *given)
{
	if (row->kind == OPT_FLAG)
		return json_true();
	if (row->kind == OPT_NUMBER)
		return json_integer(given->number);
	return json_string(given->text[0]);
}

/* Sets "a" or "a.b". */
static bool set_member(json_t *body, const char *path, json_t *value)
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

/* The request's body, malloc'ed; NULL when a text is no UTF-8. */
static char *body_of(const struct registry_resource *resource, const struct args *args)
{
	json_t *body = json_object();
	char *text = NULL;
	bool ok = true;

	for (size_t i = 0; i < REGISTRY_FIELDS_MAX && resource->fields[i].json != NULL && ok; i++) {
		size_t row = resource->fields[i].row;

		if (args->given[row].n == 0)
			continue;
		ok = set_member(body, resource->fields[i].json,
				value_of(&resource->options[row], &args->given[row]));
		if (!ok)
			cli_say(CLI_USAGE, "--%s is not UTF-8", resource->options[row].name);
	}
	if (ok)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}

static enum cli_exit print_answer(const struct callerid_answer *answer, const struct args *args,
				  size_t base)
{
	const char *field = opt_text(args, base + AT_FIELD);
	enum cli_exit status = CLI_OK;
	json_t *object;

	if (!is_success(answer->http_status)) {
		say_problem(answer);
		say_missing_key(answer->http_status, args, base);
		return CLI_FAILED;
	}
	if (opt_flag(args, base + AT_JSON))
		return puts(answer->body) >= 0 ? CLI_OK : CLI_FAILED;
	object = json_loadb(answer->body, answer->body_len, 0, NULL);
	if (!json_is_object(object))
		status = cli_say(CLI_FAILED, "the registry's answer is not a JSON object");
	else if (field == NULL)
		show_object(object);
	else if (!show_field(object, field))
		status = cli_say(CLI_FAILED, "the answer has no field %.40s", field);
	json_decref(object);
	return status;
}

static enum cli_exit post(struct callerid_client *client, const struct registry_resource *resource,
			  const struct args *args)
{
	struct callerid_answer answer = {0};
	struct callerid_error err = {0};
	char *body = body_of(resource, args);
	enum cli_exit status = CLI_USAGE;

	if (body == NULL)
		return CLI_USAGE;
	if (callerid_client_request(client, "POST", resource->path, body, &answer, &err) !=
	    CALLERID_OK)
		status = cli_say_error(CLI_FAILED, "the registry", &err);
	else
		status = print_answer(&answer, args, resource->common);
	callerid_answer_clear(&answer);
	free(body);
	return status;
}

/* The registry takes 5550177 as a number of Brazil: what is bound for good needs its +. */
static bool is_international(const struct registry_resource *resource, const struct args *args)
{
	const struct registry_field *first = &resource->fields[0];
	const char *text = opt_text(args, first->row);

	if (strcmp(first->json, "number") != 0 || *text == '+')
		return true;
	cli_say(CLI_USAGE, "--number %.40s: begins with + and the country code", text);
	return false;
}

enum cli_exit cli_registry_resource(const struct command *command, const struct args *args)
{
	const struct registry_resource *resource = registry_find(command->options);
	struct callerid_client *client;
	enum cli_exit status = CLI_USAGE;

	if (!is_international(resource, args))
		return CLI_USAGE;
	client = connect_to(args, resource->common);
	if (client != NULL)
		status = post(client, resource, args);
	callerid_client_free(client);
	return status;
}
