/* SPDX-License-Identifier: Apache-2.0 */
/* The error catalogue and its rendering. */
#include "svc/registry/http/problem.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

static const struct problem_info catalogue[PROBLEM_COUNT] = {
	[PROBLEM_NONE] = {"internal", 500, "Internal error", "No problem was named."},
	[PROBLEM_BAD_REQUEST] = {"bad_request", 400, "Bad request",
				 "The request's framing is ambiguous or broken."},
	[PROBLEM_JSON_INVALID] = {"json_invalid", 400, "Invalid JSON",
				  "The body is not one JSON text in UTF-8 without doubled names."},
	[PROBLEM_JSON_TOO_DEEP] = {"json_too_deep", 400, "JSON too deep",
				   "At most 16 levels are allowed."},
	[PROBLEM_JSON_TOO_MANY_KEYS] = {"json_too_many_keys", 400, "Too many JSON names",
					"At most 1000 names are allowed."},
	[PROBLEM_QUERY_NOT_ALLOWED] = {"query_not_allowed", 400, "Query not allowed",
				       "This URL takes no such query."},
	[PROBLEM_UNAUTHENTICATED] = {"unauthenticated", 401, "Not authenticated",
				     "A valid API key is required: Authorization: Bearer ak_..."},
	[PROBLEM_SCOPE_MISSING] = {"scope_missing", 403, "Scope missing",
				   "The API key does not have the scope that this needs."},
	[PROBLEM_NOT_FOUND] = {"not_found", 404, "Not found", "There is no such thing here."},
	[PROBLEM_METHOD_NOT_ALLOWED] = {"method_not_allowed", 405, "Method not allowed",
					"See the Allow header."},
	[PROBLEM_TENANT_EXISTS] = {"tenant_exists", 409, "Tenant exists",
				   "There is a tenant of that name."},
	[PROBLEM_NUMBER_TAKEN] = {"number_taken", 409, "Number taken",
				  "The number is bound to a brand already."},
	[PROBLEM_INTENT_USED] = {"intent_used", 409, "Intent used",
				 "The intent was matched by a call."},
	[PROBLEM_BODY_TOO_LARGE] = {"body_too_large", 413, "Body too large",
				    "The body is larger than this route takes."},
	[PROBLEM_UNSUPPORTED_MEDIA_TYPE] = {"unsupported_media_type", 415, "Unsupported media type",
					    "This route takes another Content-Type."},
	[PROBLEM_INVALID_FIELDS] = {"invalid_fields", 422, "Invalid fields",
				    "See errors for each field."},
	[PROBLEM_LOGO_INVALID] = {"logo_invalid", 422, "Logo invalid",
				  "A PNG of at most 4096 x 4096 pixels is required."},
	[PROBLEM_CERTIFICATE_INVALID] =
		{"certificate_invalid", 422, "Certificate invalid",
		 "One to four valid certificates in PEM are required, the signer's first."},
	[PROBLEM_PRIVATE_KEY_REFUSED] =
		{"private_key_refused", 422, "Private key refused",
		 "The body holds a private key. It was not stored; it must be replaced, since it "
		 "has left its machine."},
	[PROBLEM_INTERNAL] = {"internal", 500, "Internal error",
			      "The registry failed; its log has the request's id."},
	[PROBLEM_BUSY] = {"busy", 503, "Busy", "The database is busy; try again."},
};

/* What each code of a field means, for a person. */
static const struct {
	const char *code, *detail;
} field_texts[] = {
	{"required", "this field is required"},
	{"unknown_field", "this field is not known here"},
	{"wrong_type", "the value has the wrong type"},
	{"not_allowed", "the value is not one of those allowed"},
	{"out_of_range", "the value is out of range"},
	{"empty", "the text is empty"},
	{"too_long", "the text is too long"},
	{"invalid_utf8", "the text is not UTF-8"},
	{"surrounding_space", "the text begins or ends with a space"},
	{"control_character", "the text holds a control character"},
	{"bidi_character", "the text holds a character that changes its direction"},
	{"invisible_character", "the text holds an invisible character"},
	{"emoji", "the text holds a pictograph"},
	{"url", "the text holds an address of the web"},
	{"phone_number", "the text holds a telephone number"},
	{"number_invalid", "this is not a telephone number of the form +12155551212"},
	{"not_found", "there is no such thing here"},
	{"conflict", "this cannot stand together with another field"},
};

static const char *field_text(const char *code)
{
	for (size_t i = 0; i < sizeof field_texts / sizeof field_texts[0]; i++) {
		if (strcmp(field_texts[i].code, code) == 0)
			return field_texts[i].detail;
	}
	return "the value is not accepted";
}

const struct problem_info *problem_info(enum problem problem)
{
	return &catalogue[(unsigned)problem < PROBLEM_COUNT ? problem : PROBLEM_NONE];
}

static json_t *render_errors(const struct spec_errors *errors)
{
	json_t *list = json_array();

	for (size_t i = 0; i < errors->n; i++) {
		const struct spec_error *error = &errors->item[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "pointer", error->pointer,
						      "code", error->code, "detail",
						      field_text(error->code)));
	}
	return list;
}

char *problem_render(enum problem problem, const char *detail, const struct spec_errors *errors,
		     const char *request_id)
{
	const struct problem_info *info = problem_info(problem);
	char type[96];

	snprintf(type, sizeof type, "urn:attestel:problem:%s", info->code);
	json_t *json = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s}", "type", type, "title",
				 info->title, "status", (int)info->status, "detail",
				 detail != NULL ? detail : info->detail, "code", info->code,
				 "request_id", request_id);
	if (errors != NULL && errors->n > 0)
		json_object_set_new(json, "errors", render_errors(errors));
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}
