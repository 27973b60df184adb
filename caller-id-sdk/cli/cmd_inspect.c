/* SPDX-License-Identifier: Apache-2.0 */
/* attestel passport inspect: what an Identity value or a token says, without believing it. */
#include "inspect.h"
#include "verify.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <callerid/identity.h>
#include <callerid/passport.h>

enum { INSPECT_JSON, INSPECT_CERT, INSPECT_NOW };

const struct opt cli_inspect_options[] = {
	[INSPECT_JSON] = {"json", OPT_FLAG, OPT_ONCE, .help = "one JSON object"},
	[INSPECT_CERT] = {"cert", OPT_FILE, OPT_MANY, "FILE",
			  .help = "certificates to draw too, PEM, the signer's first"},
	[INSPECT_NOW] = {"now", OPT_NUMBER, OPT_ONCE, "EPOCH", 0, 253402300799,
			 .help = "time that ages are told from; default: the clock's"},
	{0},
};

static int digit64(char c)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-_";
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

	return at != NULL ? (int)(at - alphabet) : -1;
}

/* RFC 7515 §2: base64url without padding. NULL when it is not; else malloc'ed, *n_out bytes. */
static char *decode64(const struct callerid_span *text, size_t *n_out)
{
	char *data = malloc(text->n / 4 * 3 + 3);
	unsigned bits = 0;
	unsigned held = 0;
	size_t n = 0;

	for (size_t i = 0; data != NULL && i < text->n; i++) {
		int value = digit64(text->p[i]);

		if (value < 0) {
			free(data);
			return NULL;
		}
		held = (held << 6 | (unsigned)value) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			data[n++] = (char)(held >> bits & 0xff);
		}
	}
	*n_out = n;
	return data;
}

/* One part of the token as JSON, or NULL after a message. */
static json_t *decode_part(const char *name, const struct callerid_span *text)
{
	json_error_t error;
	size_t n = 0;
	char *data = decode64(text, &n);
	json_t *value;

	if (data == NULL) {
		cli_say(CLI_FAILED, "the %s is not base64url", name);
		return NULL;
	}
	value = json_loadb(data, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	free(data);
	if (value == NULL)
		cli_say(CLI_FAILED, "the %s is not JSON: %s", name, error.text);
	return value;
}

static struct callerid_span cut(struct callerid_span *rest, char at)
{
	const char *found = rest->n > 0 ? memchr(rest->p, at, rest->n) : NULL;
	struct callerid_span part = *rest;

	if (found == NULL) {
		*rest = (struct callerid_span){0};
		return part;
	}
	part.n = (size_t)(found - rest->p);
	rest->p = found + 1;
	rest->n -= part.n + 1;
	return part;
}

static bool parse_token(struct callerid_span token, struct inspect_passport *parts)
{
	struct callerid_span header = cut(&token, '.');
	struct callerid_span claims = cut(&token, '.');

	parts->signature = token;
	if (token.p == NULL || memchr(token.p, '.', token.n) != NULL) {
		cli_say(CLI_FAILED, "not a token: header.payload.signature is needed");
		return false;
	}
	/* RFC 8225 §7: the compact form leaves header and payload to be rebuilt. */
	parts->compact = header.n == 0 && claims.n == 0;
	if (parts->compact)
		return true;
	parts->header = decode_part("header", &header);
	parts->claims = parts->header != NULL ? decode_part("payload", &claims) : NULL;
	return parts->claims != NULL;
}

static void set_parameter(json_t *object, const char *name, const struct callerid_span *span)
{
	json_t *value = span->p != NULL ? json_stringn(span->p, span->n) : NULL;

	if (value != NULL)
		json_object_set_new(object, name, value);
}

static bool parse(const char *text, size_t n, struct inspect_passport *parts)
{
	struct callerid_identity identity = {0};
	struct callerid_error err = {0};

	/* A token alone has no parameters at all. */
	if (memchr(text, ';', n) == NULL)
		return parse_token((struct callerid_span){text, n}, parts);
	if (callerid_identity_parse(text, n, &identity, &err) != CALLERID_OK) {
		cli_say_error(CLI_FAILED, "the Identity value", &err);
		return false;
	}
	parts->parameters = json_object();
	set_parameter(parts->parameters, "info", &identity.info);
	set_parameter(parts->parameters, "alg", &identity.alg);
	set_parameter(parts->parameters, "ppt", &identity.ppt);
	return parse_token(identity.token, parts);
}

static void print_object(const char *title, json_t *object)
{
	/* Only ASCII goes to a terminal as it stands. */
	char *text =
		object != NULL
			? json_dumps(object, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_ENCODE_ANY)
			: NULL;

	if (text != NULL)
		printf("%s %s\n", title, text);
	free(text);
}

/* The parts themselves, where there is but one PASSporT. */
static void print_parts(const struct inspect_passport *parts)
{
	print_object("header", parts->header);
	print_object("claims", parts->claims);
	print_object("parameters", parts->parameters);
	printf("signature %zu characters, not checked\n", parts->signature.n);
}

static json_t *json_of(const struct inspect_passport *parts)
{
	json_t *object = json_object();

	if (parts->header != NULL)
		json_object_set(object, "header", parts->header);
	if (parts->claims != NULL)
		json_object_set(object, "claims", parts->claims);
	if (parts->parameters != NULL)
		json_object_set(object, "parameters", parts->parameters);
	json_object_set_new(object, "compact", json_boolean(parts->compact));
	set_parameter(object, "signature", &parts->signature);
	return object;
}

/* How many came in headers of their own; they stand before the others. */
static size_t count_outer(const struct inspect_set *set)
{
	size_t n = 0;

	while (n < set->n && !set->passport[n].inner)
		n++;
	return n;
}

/* One PASSporT is the object itself, several are its array "passports". */
static json_t *json_of_set(const struct inspect_set *set)
{
	size_t n = count_outer(set);
	json_t *object, *list;

	if (n == 1)
		return json_of(&set->passport[0]);
	object = json_object();
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_of(&set->passport[i]));
	json_object_set_new(object, "passports", list);
	return object;
}

static enum cli_exit print_json(const struct inspect_set *set, const struct opt_given *certs)
{
	json_t *object = json_of_set(set), *list = json_array();
	enum cli_exit status = CLI_OK;
	char *text;

	for (size_t i = 0; i < certs->n && status == CLI_OK; i++)
		if (!inspect_certificates(certs->text[i], set->now, list))
			status = CLI_USAGE;
	if (certs->n > 0)
		json_object_set(object, "certificates", list);
	text = json_dumps(object, JSON_COMPACT);
	json_decref(list);
	json_decref(object);
	if (text == NULL)
		status = cli_say(CLI_FAILED, "no memory");
	else if (status == CLI_OK)
		puts(text);
	free(text);
	return status;
}

static enum cli_exit print_tree(const struct inspect_set *set, const struct opt_given *certs)
{
	if (set->n > 0)
		inspect_draw(set);
	if (set->n == 1)
		print_parts(&set->passport[0]);
	else if (set->n > 1)
		puts("no signature was checked");
	for (size_t i = 0; i < certs->n; i++)
		if (!inspect_certificates(certs->text[i], set->now, NULL))
			return CLI_USAGE;
	return CLI_OK;
}

static void passport_clear(struct inspect_passport *passport)
{
	json_decref(passport->header);
	json_decref(passport->claims);
	json_decref(passport->parameters);
}

/* One value more; what cannot be read is said, and false. */
static bool add_value(struct inspect_set *set, const struct callerid_span *value)
{
	struct inspect_passport *passport = &set->passport[set->n];

	if (set->n == INSPECT_PASSPORTS_MAX)
		return false;
	*passport = (struct inspect_passport){.opt = -1};
	if (parse(value->p, value->n, passport)) {
		set->n++;
		return true;
	}
	passport_clear(passport);
	return false;
}

/* RFC 8946 §5: what stands in the opt of each div-o, and in the opt of that. */
static void add_inner(struct inspect_set *set)
{
	for (size_t i = 0; i < set->n && set->n < INSPECT_PASSPORTS_MAX; i++) {
		json_t *opt = json_object_get(set->passport[i].claims, "opt");
		struct callerid_span value = {json_string_value(opt), json_string_length(opt)};

		if (value.p == NULL || !add_value(set, &value))
			continue;
		set->passport[i].opt = (int)set->n - 1;
		set->passport[set->n - 1].inner = true;
	}
}

/* false: a value could not be read, or there was none where only that was asked for. */
static bool read_set(struct inspect_set *set, const struct io_bytes *input, bool may_be_empty)
{
	const struct callerid_span nothing = {"", 0};
	struct verify_question question;
	bool ok = true;

	memset(&question, 0, sizeof(question));
	verify_question_fields(&question, input->p, input->n);
	if (question.n_identity == 0)
		return may_be_empty || add_value(set, &nothing);
	if (question.n_identity > CALLERID_IDENTITIES_MAX)
		cli_say(CLI_OK, "%zu values: the first %d are shown", question.n_identity,
			CALLERID_IDENTITIES_MAX);
	for (size_t i = 0; i < question.n_identity && i < CALLERID_IDENTITIES_MAX; i++)
		ok = add_value(set, &question.identity[i]) && ok;
	add_inner(set);
	return ok;
}

enum cli_exit cli_passport_inspect(const struct command *command, const struct args *args)
{
	const struct opt_given *certs = &args->given[INSPECT_CERT];
	struct inspect_set set = {.now = opt_number(args, INSPECT_NOW, time(NULL))};
	struct io_bytes input = {0};
	enum cli_exit status = CLI_FAILED;
	bool ok;

	(void)command;
	if (!io_read_stdin(IO_STDIN_MAX, &input))
		return CLI_FAILED;
	ok = read_set(&set, &input, certs->n > 0);
	if (ok || set.n > 0)
		status = opt_flag(args, INSPECT_JSON) ? print_json(&set, certs)
						      : print_tree(&set, certs);
	for (size_t i = 0; i < set.n; i++)
		passport_clear(&set.passport[i]);
	io_bytes_clear(&input);
	return ok ? status : CLI_FAILED;
}
