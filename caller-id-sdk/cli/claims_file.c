/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of a JSON file, named as in the token. */
#include "claims.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define EPOCH_MAX 253402300799

static bool refuse(const char *name, const char *needed)
{
	cli_say(CLI_USAGE, "claims: %s: %s is needed", name, needed);
	return false;
}

/* A text without a NUL, or NULL after a message. */
static const char *text_of(json_t *value, const char *name)
{
	if (json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value))
		return json_string_value(value);
	refuse(name, "a text");
	return NULL;
}

/* One identity: kind is "tn" or "uri", and what it says is of that kind. */
static bool take_identity(json_t *value, const char *kind, const char *name,
			  struct callerid_party *party)
{
	const char *text = text_of(value, name);
	bool is_tn = strcmp(kind, "tn") == 0;

	if (text == NULL || !claims_party(party, name, text))
		return false;
	if ((party->kind == CALLERID_PARTY_TN) == is_tn)
		return true;
	return refuse(name, is_tn ? "a telephone number in tn" : "a URI in uri");
}

static bool is_identity(const char *kind)
{
	return strcmp(kind, "tn") == 0 || strcmp(kind, "uri") == 0;
}

static bool take_orig(json_t *value, struct claims *claims)
{
	const char *kind = json_object_iter_key(json_object_iter(value));

	if (!json_is_object(value) || json_object_size(value) != 1 || !is_identity(kind))
		return refuse("orig", "an object with tn or uri");
	return take_identity(json_object_get(value, kind), kind, "orig", &claims->claims.orig);
}

static bool take_dest(json_t *value, struct claims *claims)
{
	struct callerid_claims *c = &claims->claims;
	const char *kind;
	json_t *list;

	if (!json_is_object(value))
		return refuse("dest", "an object with arrays tn and uri");
	json_object_foreach(value, kind, list)
	{
		size_t n = json_array_size(list);

		if (!is_identity(kind) || !json_is_array(list))
			return refuse("dest", "an object with arrays tn and uri");
		if (n > CALLERID_DEST_MAX - c->n_dest)
			return refuse("dest", "ten identities at most");
		for (size_t i = 0; i < n; i++)
			if (!take_identity(json_array_get(list, i), kind, "dest",
					   &c->dest[c->n_dest++]))
				return false;
	}
	return true;
}

static bool take_div(json_t *value, struct claims *claims)
{
	const char *name;
	json_t *member;

	if (!json_is_object(value))
		return refuse("div", "an object with tn or uri, and hi");
	json_object_foreach(value, name, member)
	{
		const char *text = text_of(member, "div");
		bool ok = text != NULL;

		if (ok && strcmp(name, "hi") == 0)
			ok = claims_set_hi(claims, text);
		else if (ok && is_identity(name) && claims->claims.div.kind == CALLERID_PARTY_NONE)
			ok = take_identity(member, name, "div", &claims->claims.div);
		else if (ok)
			ok = refuse("div", "an object with tn or uri, and hi");
		if (!ok)
			return false;
	}
	return true;
}

static bool take_rph(json_t *value, struct claims *claims)
{
	json_t *auth = json_object_get(value, "auth");
	size_t n = json_array_size(auth);

	if (!json_is_array(auth) || json_object_size(value) != 1)
		return refuse("rph", "an object with the array auth");
	for (size_t i = 0; i < n; i++) {
		const char *text = text_of(json_array_get(auth, i), "rph");

		if (text == NULL || !claims_add_rph(claims, text, strlen(text)))
			return false;
	}
	return true;
}

static bool take_iat(json_t *value, struct claims *claims)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > EPOCH_MAX)
		return refuse("iat", "an integer, seconds since 1970,");
	claims->claims.iat = json_integer_value(value);
	claims->iat_given = true;
	return true;
}

/* Claims that are a text with a setter of their own. */
static const struct {
	const char *name;
	bool (*set)(struct claims *claims, const char *text);
} short_texts[] = {
	{"ppt", claims_set_type},
	{"attest", claims_set_attest},
	{"origid", claims_set_origid},
	{"sph", claims_set_sph},
};

/* Those that the library reads as JSON, or as a text of any length. */
static const struct {
	const char *name;
	enum claims_text which;
	bool is_text;
} long_texts[] = {
	{"opt", CLAIMS_OPT, true},  {"crn", CLAIMS_CRN, true},	{"iss", CLAIMS_ISS, true},
	{"mky", CLAIMS_MKY, false}, {"rcd", CLAIMS_RCD, false}, {"rcdi", CLAIMS_RCDI, false},
};

static const struct {
	const char *name;
	bool (*take)(json_t *value, struct claims *claims);
} objects[] = {
	{"orig", take_orig}, {"dest", take_dest}, {"div", take_div},
	{"rph", take_rph},   {"iat", take_iat},
};

static bool take_long(json_t *value, size_t row, struct claims *claims)
{
	const char *text;

	if (!long_texts[row].is_text)
		return claims_take(claims, long_texts[row].which,
				   json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY));
	text = text_of(value, long_texts[row].name);
	return text != NULL && claims_take(claims, long_texts[row].which, strdup(text));
}

static bool take_claim(struct claims *claims, const char *name, json_t *value)
{
	for (size_t i = 0; i < COUNT(objects); i++)
		if (strcmp(objects[i].name, name) == 0)
			return objects[i].take(value, claims);
	for (size_t i = 0; i < COUNT(long_texts); i++)
		if (strcmp(long_texts[i].name, name) == 0)
			return take_long(value, i, claims);
	for (size_t i = 0; i < COUNT(short_texts); i++)
		if (strcmp(short_texts[i].name, name) == 0) {
			const char *text = text_of(value, name);

			return text != NULL && short_texts[i].set(claims, text);
		}
	cli_say(CLI_USAGE,
		"claims: %.40s is not known; allowed: ppt iat orig dest attest origid div opt mky "
		"rph sph rcd rcdi crn iss",
		name);
	return false;
}

bool claims_read_file(struct claims *claims, const char *path)
{
	struct io_bytes file = {0};
	json_error_t error;
	const char *name;
	json_t *object, *value;
	bool ok;

	if (!io_read_file(path, IO_LINE_MAX, &file))
		return false;
	object = json_loadb(file.p, file.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	io_bytes_clear(&file);
	ok = json_is_object(object);
	if (object == NULL)
		cli_say(CLI_USAGE, "%s: not JSON: line %d: %s", path, error.line, error.text);
	else if (!ok)
		cli_say(CLI_USAGE, "%s: a JSON object is needed", path);
	json_object_foreach(object, name, value)
	{
		ok = ok && take_claim(claims, name, value);
	}
	json_decref(object);
	return ok;
}
