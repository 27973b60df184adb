/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requestError of ATIS-1000082, as far as it is publicly known: serviceException with SVC...,
 * policyException with POL.... What its table does not name is POL and the status with a zero.
 */
#include "svc/registry/api/stir_error.h"

#include "svc/registry/domain/receipt.h"
#include "svc/registry/stir/door.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define REQUEST_ID_MAX 64

struct message {
	const char *id;
	unsigned status;
	const char *text; /* %1 is the variable */
};

static const struct message no_body = {"SVC4000", 400, "Missing request body"};
static const struct message missing = {"SVC4001", 400, "Missing mandatory parameter %1"};
static const struct message not_acceptable = {"SVC4002", 406,
					      "Requested response body type %1 is not supported"};
static const struct message no_resource = {"SVC4003", 404, "Requested resource was not found"};
static const struct message wrong_type = {"SVC4004", 415,
					  "Unsupported request body type, %1 is expected"};
static const struct message bad_value = {"SVC4005", 400, "Invalid value of parameter %1"};
static const struct message bad_json = {"SVC4006", 400, "Request body is not valid JSON: %1"};
static const struct message no_length = {"SVC4007", 411, "Missing mandatory Content-Length header"};
static const struct message no_method = {"POL4050", 405, "Method is not allowed"};
static const struct message internal = {"POL5000", 500, "Internal server error"};

static char *dump(const struct message *message, const char *variable)
{
	const char *kind =
		strncmp(message->id, "SVC", 3) == 0 ? "serviceException" : "policyException";
	json_t *variables = json_array();

	if (variable != NULL)
		json_array_append_new(variables, json_string(variable));
	json_t *json = json_pack("{s:{s:{s:s, s:s, s:o}}}", "requestError", kind, "messageId",
				 message->id, "text", message->text, "variables", variables);
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text;
}

/* "/signingRequest/orig/tn" is written "signingRequest.orig.tn". */
static void dotted(const char *pointer, char name_out[SPEC_POINTER_MAX + 1])
{
	snprintf(name_out, SPEC_POINTER_MAX + 1, "%s", pointer[0] == '/' ? pointer + 1 : pointer);
	for (char *at = strchr(name_out, '/'); at != NULL; at = strchr(at, '/'))
		*at = '.';
}

/* A request that has no body at all is told so, whatever else it lacks because of that. */
static const struct message *length_fault(const struct http_call *call)
{
	const char *length = call->header(call, "Content-Length");

	if (length == NULL)
		return call->header(call, "Transfer-Encoding") == NULL ? &no_length : NULL;
	return strspn(length, "0") == strlen(length) ? &no_body : NULL;
}

struct row {
	enum problem problem;
	const struct message *message;
	const char *variable; /* NULL: the problem's detail where the text has a %1 */
};

static const struct row rows[] = {
	{PROBLEM_NOT_FOUND, &no_resource, NULL},
	{PROBLEM_METHOD_NOT_ALLOWED, &no_method, NULL},
	{PROBLEM_UNSUPPORTED_MEDIA_TYPE, &wrong_type, "application/json"},
	{PROBLEM_QUERY_NOT_ALLOWED, &bad_value, "query"},
	{PROBLEM_JSON_INVALID, &bad_json, NULL},
	{PROBLEM_JSON_TOO_DEEP, &bad_json, NULL},
	{PROBLEM_JSON_TOO_MANY_KEYS, &bad_json, NULL},
	{PROBLEM_INTERNAL, &internal, NULL},
	{PROBLEM_NONE, &internal, NULL},
};

static const struct row *find_row(enum problem problem)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].problem == problem)
			return &rows[i];
	}
	return NULL;
}

static char *render_fields(const struct spec_errors *errors, unsigned *status_out)
{
	const struct spec_error *error = &errors->item[0];
	char name[SPEC_POINTER_MAX + 1];

	dotted(error->pointer, name);
	*status_out = bad_value.status;
	return dump(strcmp(error->code, "required") == 0 ? &missing : &bad_value, name);
}

static char *render(const struct http_call *call, enum problem problem, const char *detail,
		    const struct spec_errors *errors, unsigned *status_out)
{
	const struct problem_info *info = problem_info(problem);
	const struct row *row = find_row(problem);
	const struct message *message = NULL;
	char id[12];

	if (problem == PROBLEM_JSON_INVALID || problem == PROBLEM_UNSUPPORTED_MEDIA_TYPE)
		message = length_fault(call);
	if (message != NULL) {
		*status_out = message->status;
		return dump(message, NULL);
	}
	if (errors != NULL && errors->n > 0)
		return render_fields(errors, status_out);
	if (detail == NULL)
		detail = info->detail;
	if (row != NULL) {
		bool named = strstr(row->message->text, "%1") != NULL;
		*status_out = row->message->status;
		return dump(row->message, !named		  ? NULL
					  : row->variable != NULL ? row->variable
								  : detail);
	}
	snprintf(id, sizeof id, "POL%u0", info->status);
	const struct message other = {id, info->status, detail};
	return dump(&other, NULL);
}

static bool is_token(const char *text)
{
	size_t len = strnlen(text, REQUEST_ID_MAX + 1);

	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return len > 0 && len <= REQUEST_ID_MAX;
}

/* The client's identifier comes back, or ours is told. */
static void headers(const struct http_call *call, http_add_header *add, void *magic)
{
	const char *theirs = call->header(call, "X-RequestID");

	add(magic, "X-RequestID", theirs != NULL && is_token(theirs) ? theirs : call->id);
	if (call->env->stir != NULL)
		add(magic, "X-InstanceID", stir_door_instance(call->env->stir));
}

const struct http_style stir_style = {"/stir/", render, headers};

/* One element of Accept, without its comma: does it allow us? */
static bool element_accepts(const char *text, size_t len)
{
	static const char *const ranges[] = {"application/json", "application/*", "*/*"};
	size_t name = 0;

	while (name < len && strchr("; \t", text[name]) == NULL)
		name++;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		if (strlen(ranges[i]) != name || strncasecmp(text, ranges[i], name) != 0)
			continue;
		/* q=0, q=0.0 ...: not acceptable */
		const char *q = memmem(text, len, "q=", 2);
		size_t left = q != NULL ? len - (size_t)(q + 2 - text) : 0;
		size_t zeros = 0;
		while (q != NULL && zeros < left && strchr("0.", q[2 + zeros]) != NULL)
			zeros++;
		return q == NULL || zeros == 0 ||
		       (zeros < left && q[2 + zeros] >= '1' && q[2 + zeros] <= '9');
	}
	return false;
}

bool stir_accepts_json(const char *accept)
{
	if (accept == NULL)
		return true;
	while (*accept != 0) {
		accept += strspn(accept, ", \t");
		size_t len = strcspn(accept, ",");
		if (len > 0 && element_accepts(accept, len))
			return true;
		accept += len;
	}
	return false;
}

/* Whatever the header holds comes back cut to what is readable. */
void stir_refuse_accept(struct http_call *call, const char *accept)
{
	char shown[REQUEST_ID_MAX + 1];
	size_t n = 0;

	for (; accept[n] != 0 && n < REQUEST_ID_MAX; n++)
		shown[n] = accept[n];
	shown[n] = 0;
	for (size_t i = 0; i < n; i++) {
		if (shown[i] < ' ' || shown[i] > '~')
			shown[i] = '?';
	}
	char *text = dump(&not_acceptable, shown);
	json_t *json = text != NULL ? json_loads(text, 0, NULL) : NULL;
	free(text);
	http_reply_json(call, not_acceptable.status, json);
}
