/* SPDX-License-Identifier: Apache-2.0 */
/* attestel passport inspect: what an Identity value or a token says, without believing it. */
#include "verify.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <callerid/date.h>
#include <callerid/identity.h>
#include <callerid/passport.h>

enum { INSPECT_JSON };

const struct opt cli_inspect_options[] = {
	[INSPECT_JSON] = {"json", OPT_FLAG, OPT_ONCE, .help = "one JSON object"},
	{0},
};

/* What was found. All parts are NULL when absent. */
struct parts {
	json_t *header, *claims, *parameters;
	struct callerid_span signature;
	bool compact;
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

static bool parse_token(struct callerid_span token, struct parts *parts)
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

static bool parse(const char *text, size_t n, struct parts *parts)
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

/* A text of the claims, or "?" when it is not a text; what is not ASCII is shown as "?". */
static void print_text(const char *label, json_t *value)
{
	const char *text = json_is_string(value) ? json_string_value(value) : "?";

	printf("  %-8s", label);
	for (size_t i = 0; text[i] != '\0' && i < 300; i++)
		putchar(isprint((unsigned char)text[i]) ? text[i] : '?');
	putchar('\n');
}

static void print_time(json_t *iat)
{
	char date[CALLERID_DATE_LEN + 1];

	if (json_is_integer(iat) &&
	    callerid_date_format(json_integer_value(iat), date) == CALLERID_OK)
		printf("  %-8s%s\n", "signed", date);
}

static void print_party(const char *label, json_t *object)
{
	const char *kind;
	json_t *value;

	json_object_foreach(object, kind, value)
	{
		if (json_is_string(value))
			print_text(label, value);
		for (size_t i = 0; i < json_array_size(value) && i < CALLERID_DEST_MAX; i++)
			print_text(label, json_array_get(value, i));
	}
}

static void print_attest(json_t *attest)
{
	static const struct {
		const char *value, *meaning;
	} rows[] = {
		{"A", "A: the customer is known and may use this number"},
		{"B", "B: the customer is known, the number is not"},
		{"C", "C: only the point of entry is known"},
	};
	const char *value = json_string_value(attest);

	for (size_t i = 0; value != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(value, rows[i].value) == 0)
			printf("  %-8s%s\n", "attest", rows[i].meaning);
}

static void print_readable(const struct parts *parts)
{
	puts("says, unproven:");
	print_party("from", json_object_get(parts->claims, "orig"));
	print_party("to", json_object_get(parts->claims, "dest"));
	print_attest(json_object_get(parts->claims, "attest"));
	print_time(json_object_get(parts->claims, "iat"));
	if (parts->compact)
		puts("  compact form: header and claims are left to the signalling");
	print_object("header", parts->header);
	print_object("claims", parts->claims);
	print_object("parameters", parts->parameters);
	printf("signature %zu characters, not checked\n", parts->signature.n);
}

static bool print_json(const struct parts *parts)
{
	json_t *object = json_object();
	char *text;

	if (parts->header != NULL)
		json_object_set(object, "header", parts->header);
	if (parts->claims != NULL)
		json_object_set(object, "claims", parts->claims);
	if (parts->parameters != NULL)
		json_object_set(object, "parameters", parts->parameters);
	json_object_set_new(object, "compact", json_boolean(parts->compact));
	set_parameter(object, "signature", &parts->signature);
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (text != NULL)
		puts(text);
	free(text);
	return text != NULL;
}

/* Without white space around it and without the name of the field. */
static struct callerid_span trim(const char *p, size_t n)
{
	size_t name;

	while (n > 0 && isspace((unsigned char)p[n - 1]))
		n--;
	name = verify_field_name(p, n);
	p += name;
	n -= name;
	while (n > 0 && isspace((unsigned char)*p)) {
		p++;
		n--;
	}
	return (struct callerid_span){p, n};
}

enum cli_exit cli_passport_inspect(const struct command *command, const struct args *args)
{
	struct io_bytes input = {0};
	struct parts parts = {0};
	enum cli_exit status = CLI_FAILED;
	struct callerid_span text;

	(void)command;
	if (!io_read_stdin(IO_STDIN_MAX, &input))
		return CLI_FAILED;
	text = trim(input.p, input.n);
	if (parse(text.p, text.n, &parts)) {
		status = CLI_OK;
		if (!opt_flag(args, INSPECT_JSON))
			print_readable(&parts);
		else if (!print_json(&parts))
			status = cli_say(CLI_FAILED, "no memory");
	}
	json_decref(parts.header);
	json_decref(parts.claims);
	json_decref(parts.parameters);
	io_bytes_clear(&input);
	return status;
}
