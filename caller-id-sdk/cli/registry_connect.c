/* SPDX-License-Identifier: Apache-2.0 */
/* Which registry a command talks to, and with which key: options, environment, profile. */
#include "profile.h"
#include "registry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define KEY_MAX	   1024 /* a token is longer than a key */
#define TIMEOUT_MS 5000
#define RETRIES	   2

const char *registry_text(const struct command *command, const struct args *args, const char *name)
{
	const struct opt_given *given = opt_named(command->options, args, name);

	return given != NULL ? given->text[0] : NULL;
}

bool registry_flag(const struct command *command, const struct args *args, const char *name)
{
	return opt_named(command->options, args, name) != NULL;
}

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
	if (strncmp(text, "ak_", 3) == 0 || strncmp(text, "eyJ", 3) == 0)
		return take_key(text, strlen(text), key);
	cli_say(CLI_USAGE, "$" REGISTRY_KEY_VARIABLE
			   " is the key itself, ak_..., or a token; --key-file takes a file");
	return false;
}

/* From the file, else from the environment, else none: key is then "". */
static bool load_key(const char *path, const char *environment, char key[KEY_MAX + 1])
{
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

/* Where to connect to; the texts are borrowed. */
struct target {
	const char *url, *key_file, *key, *ca;
};

/*
 * An option goes before everything, and a profile that is named before the environment. A profile
 * that is only in use counts when nothing else says where the registry is: its key is for its
 * registry, not for one that a variable names.
 */
static bool find_target(const struct command *command, const struct args *args,
			struct profile *profile, struct target *target_out)
{
	const char *named = registry_text(command, args, "profile");
	const char *url = registry_text(command, args, "registry");
	const char *key_file = registry_text(command, args, "key-file");
	const char *ca = registry_text(command, args, "ca");
	const char *elsewhere = url != NULL ? url : getenv("ATTESTEL_REGISTRY");
	const char *key = key_file == NULL ? getenv(REGISTRY_KEY_VARIABLE) : NULL;
	bool wanted = named != NULL || elsewhere == NULL;

	if (wanted && !profile_find(named, profile))
		return false;
	*target_out = (struct target){elsewhere, key_file, key, ca};
	if (wanted && profile->name != NULL && url == NULL) {
		target_out->url = profile->url;
		target_out->ca = ca != NULL ? ca : profile->ca;
		if (key_file == NULL && (named != NULL || key == NULL)) {
			target_out->key_file = profile->key_file;
			target_out->key = NULL;
		}
	}
	if (target_out->url == NULL)
		target_out->url = REGISTRY_URL;
	return true;
}

static struct callerid_client *open_client(const struct target *target, const char *key,
					   int64_t timeout_ms)
{
	const struct callerid_client_params params = {
		.base_url = target->url,
		.api_key = key[0] != '\0' ? key : NULL,
		.ca_file = target->ca,
		.timeout_ms = (long)timeout_ms,
		.retries = RETRIES,
	};
	struct callerid_client *client = NULL;
	struct callerid_error err = {0};

	if (callerid_client_global_init() != CALLERID_OK)
		cli_say(CLI_FAILED, "the HTTP client could not start");
	else if (callerid_client_new(&params, &client, &err) != CALLERID_OK)
		cli_say_error(CLI_USAGE, "the registry", &err);
	return client;
}

struct callerid_client *registry_connect(const struct command *command, const struct args *args)
{
	const struct opt_given *timeout = opt_named(command->options, args, "timeout");
	struct callerid_client *client = NULL;
	struct profile profile = {0};
	struct target target;
	char key[KEY_MAX + 1] = "";

	if (find_target(command, args, &profile, &target) &&
	    load_key(target.key_file, target.key, key))
		client = open_client(&target, key, timeout != NULL ? timeout->number : TIMEOUT_MS);
	OPENSSL_cleanse(key, sizeof(key));
	profile_clear(&profile);
	return client;
}

bool registry_is_success(const struct callerid_answer *answer)
{
	return answer->http_status >= 200 && answer->http_status < 300;
}

enum cli_exit registry_send(struct callerid_client *client, const struct callerid_request *request,
			    struct callerid_answer *answer_out)
{
	struct callerid_error err = {0};
	enum callerid_status sent = callerid_client_send(client, request, answer_out, &err);

	if (sent == CALLERID_OK)
		return CLI_OK;
	return cli_say_error(sent == CALLERID_EINVAL ? CLI_USAGE : CLI_FAILED, "the registry",
			     &err);
}
