/* SPDX-License-Identifier: Apache-2.0 */
/* Rich Call Data from options: the rcd claim, and its digests (RFC 9795 §6). */
#include "claims.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t *load(const char *path)
{
	struct io_bytes file = {0};
	json_error_t error;
	json_t *object;

	if (!io_read_file(path, IO_LINE_MAX, &file))
		return NULL;
	object = json_loadb(file.p, file.n, JSON_REJECT_DUPLICATES, &error);
	io_bytes_clear(&file);
	if (object == NULL)
		cli_say(CLI_USAGE, "%s: not JSON: line %d: %s", path, error.line, error.text);
	else if (!json_is_object(object))
		cli_say(CLI_USAGE, "%s: a JSON object is needed", path);
	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

static bool take_json(struct claims *claims, enum claims_text which, json_t *object)
{
	return claims_take(claims, which, json_dumps(object, JSON_COMPACT));
}

/* What --rcd has, else what --claims had, else {}; NULL after a message. */
static json_t *begin(const struct claims *claims, const struct args *args)
{
	const char *path = opt_text(args, SIGN_RCD);
	json_t *object;

	if (path != NULL)
		return load(path);
	if (claims->text[CLAIMS_RCD] == NULL)
		return json_object();
	object = json_loads(claims->text[CLAIMS_RCD], 0, NULL);
	if (json_is_object(object))
		return object;
	json_decref(object);
	cli_say(CLI_USAGE, "claims: rcd: an object is needed");
	return NULL;
}

/* Sets the members that options give in the rcd claim. */
static bool set_rcd(struct claims *claims, const struct args *args)
{
	static const struct {
		size_t row;
		const char *name;
	} members[] = {{SIGN_NAM, "nam"}, {SIGN_ICN, "icn"}, {SIGN_JCL, "jcl"}, {SIGN_APN, "apn"}};
	bool any = opt_text(args, SIGN_RCD) != NULL;
	json_t *object;
	bool ok = true;

	for (size_t i = 0; i < COUNT(members); i++)
		any = any || opt_text(args, members[i].row) != NULL;
	if (!any)
		return true;
	object = begin(claims, args);
	if (object == NULL)
		return false;
	for (size_t i = 0; i < COUNT(members) && ok; i++) {
		const char *text = opt_text(args, members[i].row);

		ok = text == NULL ||
		     json_object_set_new(object, members[i].name, json_string(text)) == 0;
		if (!ok)
			cli_say(CLI_USAGE, "--%s is not UTF-8", members[i].name);
	}
	ok = ok && take_json(claims, CLAIMS_RCD, object);
	json_decref(object);
	return ok;
}

/* The digest's algorithm that --rcdi names; NULL when it names a file. */
static const char *algorithm(const char *text)
{
	static const char *const names[][2] = {{"auto", "sha256"},
					       {"sha256", "sha256"},
					       {"sha384", "sha384"},
					       {"sha512", "sha512"}};

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(names[i][0], text) == 0)
			return names[i][1];
	return NULL;
}

static bool compute(struct claims *claims, const char *alg, const struct io_contents *contents)
{
	const struct callerid_digest_params params = {.rcd = claims->claims.rcd,
						      .contents = contents->at,
						      .n_contents = contents->n,
						      .alg = alg};
	struct callerid_error err = {0};
	char *rcdi = NULL;

	if (params.rcd == NULL) {
		cli_say(CLI_USAGE, "--rcdi: there is no rcd to compute digests for");
		return false;
	}
	if (callerid_rcd_digests(&params, &rcdi, &err) != CALLERID_OK) {
		cli_say_error(CLI_USAGE, "--rcdi", &err);
		return false;
	}
	if (strcmp(rcdi, "{}") != 0)
		return claims_take(claims, CLAIMS_RCDI, rcdi);
	free(rcdi); /* nothing needs a digest: then rcdi is left out */
	return true;
}

static bool set_rcdi(struct claims *claims, const struct args *args)
{
	const struct opt_given *given = &args->given[SIGN_CONTENT];
	const char *text = opt_text(args, SIGN_RCDI);
	const char *alg = text != NULL ? algorithm(text) : NULL;
	struct io_contents contents = {.n = 0};
	json_t *object;
	bool ok = true;

	if (given->n > 0 && alg == NULL) {
		cli_say(CLI_USAGE, "--content belongs to --rcdi auto");
		return false;
	}
	if (alg == NULL) {
		object = text != NULL ? load(text) : NULL;
		ok = text == NULL || (object != NULL && take_json(claims, CLAIMS_RCDI, object));
		json_decref(object);
		return ok;
	}
	for (size_t i = 0; i < given->n && ok; i++)
		ok = io_contents_add(&contents, "content", given->text[i]);
	ok = ok && compute(claims, alg, &contents);
	io_contents_clear(&contents);
	return ok;
}

bool claims_read_rcd(struct claims *claims, const struct args *args)
{
	return set_rcd(claims, args) && set_rcdi(claims, args);
}
