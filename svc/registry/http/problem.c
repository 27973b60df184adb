/* SPDX-License-Identifier: Apache-2.0 */
/* The error catalogue and its rendering. */
#include "svc/registry/http/problem.h"

#include "svc/registry/http/fieldtext.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

static const struct problem_info catalogue[PROBLEM_COUNT] = {
	[PROBLEM_NONE] = {"internal", 500, "Internal error", "No problem was named.",
			  "Report it with the request's id."},
	[PROBLEM_BAD_REQUEST] =
		{"bad_request", 400, "Bad request", "The request's framing is ambiguous or broken.",
		 "Send one Content-Length or one Transfer-Encoding, and each header once."},
	[PROBLEM_JSON_INVALID] =
		{"json_invalid", 400, "Invalid JSON",
		 "The body is not one JSON text in UTF-8 without doubled names.",
		 "Check the body with a JSON parser that refuses doubled names; send it in UTF-8."},
	[PROBLEM_JSON_TOO_DEEP] =
		{"json_too_deep", 400, "JSON too deep", "At most 16 levels are allowed.",
		 "No request needs more than four levels: look for an object that holds itself."},
	[PROBLEM_JSON_TOO_MANY_KEYS] = {"json_too_many_keys", 400, "Too many JSON names",
					"At most 1,000 are allowed, in a batch of bindings 10,000.",
					"Split a batch into several."},
	[PROBLEM_QUERY_NOT_ALLOWED] =
		{"query_not_allowed", 400, "Query not allowed", "This URL takes no such query.",
		 "See the operation in openapi.yaml; numbers and keys belong into the body."},
	[PROBLEM_CURSOR_INVALID] =
		{"cursor_invalid", 400, "Cursor invalid", "after is not a cursor of this list.",
		 "Pass the next of the page before unchanged; begin anew without after."},
	[PROBLEM_IDEMPOTENCY_KEY_INVALID] = {"idempotency_key_invalid", 400,
					     "Idempotency-Key invalid",
					     "It has 1 to 64 visible ASCII characters.",
					     "Use a UUID."},
	[PROBLEM_UNAUTHENTICATED] = {"unauthenticated", 401, "Not authenticated",
				     "A valid key or token is required: Authorization: Bearer ...",
				     "Check that the key was not revoked, rotated or expired; a "
				     "token lasts an hour at most."},
	[PROBLEM_PERMISSION_MISSING] = {"permission_missing", 403, "Permission missing",
					"The key's role may not do this.",
					"GET /v1/self tells what the key may do; ask an owner for "
					"a key with another role."},
	[PROBLEM_ROLE_NOT_GRANTABLE] = {"role_not_grantable", 403, "Role not grantable",
					"A key cannot give what it may not do itself.",
					"Let the operator make keys of carriers, apps and vetters: "
					"their roles work across tenants, an owner's does not."},
	[PROBLEM_APPROVER_IS_EDITOR] =
		{"approver_is_editor", 403, "Approver is the editor",
		 "A version is approved by somebody else than who edited it.",
		 "Use the key of another user with the role brand_approver."},
	[PROBLEM_NOT_FOUND] =
		{"not_found", 404, "Not found", "There is no such thing here.",
		 "Check the identifier, and that the key is of the tenant it belongs to."},
	[PROBLEM_METHOD_NOT_ALLOWED] = {"method_not_allowed", 405, "Method not allowed",
					"See the Allow header.",
					"Use one of the methods that Allow lists."},
	[PROBLEM_TENANT_EXISTS] = {"tenant_exists", 409, "Tenant exists",
				   "There is a tenant of that name.", "Choose another name."},
	[PROBLEM_TENANT_TOO_DEEP] = {"tenant_too_deep", 409, "Too many levels",
				     "Tenants have at most three levels.",
				     "Make the tenant below one that is higher."},
	[PROBLEM_USER_EXISTS] = {"user_exists", 409, "User exists",
				 "The tenant has a user of that name.",
				 "Choose another name, or use that one."},
	[PROBLEM_KEY_EXISTS] = {"key_exists", 409, "Key exists",
				"This certificate is a key already.",
				"Delete the key of the certificate first."},
	[PROBLEM_KEY_ENDED] = {"key_ended", 409, "Key ended",
			       "The key was revoked, has expired, or was rotated before.",
			       "Rotate its successor, or make a new key."},
	[PROBLEM_STATE_CONFLICT] = {"state_conflict", 409, "State conflict",
				    "Its state does not allow this now.",
				    "Read it again; docs/api/registry.md lists the states."},
	[PROBLEM_BUSINESS_NOT_APPROVED] = {"business_not_approved", 409, "Business not approved",
					   "A brand goes live when its business is approved.",
					   "Submit the business and wait for the decision."},
	[PROBLEM_BRAND_NOT_LIVE] = {"brand_not_live", 409, "Brand not live",
				    "The brand has no version that was approved, or is suspended.",
				    "Have a version approved."},
	[PROBLEM_NUMBER_TAKEN] =
		{"number_taken", 409, "Number taken",
		 "Somebody else holds the number, or a part of the block.",
		 "Check the number; if it is yours, ask the operator for a dispute."},
	[PROBLEM_NUMBER_NOT_VERIFIED] = {"number_not_verified", 409, "Number not verified",
					 "There is no verified claim of yours over this number.",
					 "POST /v1/claims first, and wait until it is verified."},
	[PROBLEM_NUMBER_BOUND] = {"number_bound", 409, "Number bound",
				  "The number is bound to a brand already.",
				  "Change the binding that there is, or delete it."},
	[PROBLEM_INTENT_USED] = {"intent_used", 409, "Intent used",
				 "The intent was matched by a call.",
				 "Nothing is left to do: the call has come."},
	[PROBLEM_INTENT_CONFLICT] = {"intent_conflict", 409, "Intent conflict",
				     "Two brands announced a call of this number to the same "
				     "callee; both were dropped.",
				     "Find out who else announces calls of your number."},
	[PROBLEM_RECEIPT_USED] =
		{"receipt_used", 409, "Receipt used", "A report was made with this receipt.",
		 "Each report needs the receipt of its own call; look up again to report anew."},
	[PROBLEM_IDEMPOTENCY_MISMATCH] = {"idempotency_mismatch", 409, "Idempotency-Key used",
					  "This key was used with another request.",
					  "Use a new key for a new request."},
	[PROBLEM_IN_PROGRESS] = {"in_progress", 409, "In progress",
				 "A request with this Idempotency-Key is under way.",
				 "Ask again in a second."},
	[PROBLEM_VERSION_GONE] = {"version_gone", 410, "Version gone",
				  "Changes that old are not kept.",
				  "Read the whole again, then follow from its version."},
	[PROBLEM_VERSION_MISMATCH] = {"version_mismatch", 412, "Version mismatch",
				      "It was changed meanwhile.",
				      "Read it again and apply the change to what is there now."},
	[PROBLEM_BODY_TOO_LARGE] = {"body_too_large", 413, "Body too large",
				    "The body is larger than this route takes.",
				    "Split it; see the operation's limit."},
	[PROBLEM_UNSUPPORTED_MEDIA_TYPE] = {"unsupported_media_type", 415, "Unsupported media type",
					    "This route takes another Content-Type.",
					    "Send application/json, or what the operation names."},
	[PROBLEM_INVALID_FIELDS] =
		{"invalid_fields", 422, "Invalid fields", "See errors for each field.",
		 "Each error has the field's JSON pointer and a code, listed below."},
	[PROBLEM_LOGO_INVALID] = {"logo_invalid", 422, "Logo invalid",
				  "A PNG of at most 4096 x 4096 pixels is required.",
				  "Save the picture as PNG."},
	[PROBLEM_CERTIFICATE_INVALID] =
		{"certificate_invalid", 422, "Certificate invalid",
		 "One to four valid certificates in PEM are required, the signer's first.",
		 "attestel cert lint FILE tells what is wrong."},
	[PROBLEM_PRIVATE_KEY_REFUSED] = {"private_key_refused", 422, "Private key refused",
					 "The body holds a private key. It was not stored; it must "
					 "be replaced, since it has left its machine.",
					 "Make a new key; send certificates only."},
	[PROBLEM_RECEIPT_INVALID] =
		{"receipt_invalid", 422, "Receipt invalid",
		 "The receipt is none of ours, is another key's, or has expired.",
		 "Send the receipt of the look-up unchanged, within an hour, with the same key."},
	[PROBLEM_PRECONDITION_REQUIRED] =
		{"precondition_required", 428, "If-Match required",
		 "A change needs If-Match with the version that it is based on.",
		 "Send the ETag of what you read as If-Match."},
	[PROBLEM_RATE_LIMITED] =
		{"rate_limited", 429, "Rate limited", "Too many requests of this class.",
		 "Wait for Retry-After seconds; the RateLimit headers tell how many may come."},
	[PROBLEM_INTERNAL] = {"internal", 500, "Internal error",
			      "The registry failed; its log has the request's id.",
			      "Report it with the request's id."},
	[PROBLEM_NOT_CONFIGURED] = {"not_configured", 501, "Not configured",
				    "This registry does not offer this.",
				    "The operator's configuration turns it on."},
	[PROBLEM_BUSY] = {"busy", 503, "Busy", "The database is busy; try again.",
			  "Try again after Retry-After seconds."},
	[PROBLEM_UNSURE] = {"unsure", 503, "Outcome not known",
			    "The database was lost while the change was being made.",
			    "Repeat the request with the same Idempotency-Key: it is done once, "
			    "whatever happened."},
};

/* What each code of a field means, for a person. */
const struct problem_field problem_fields[] = {
	{"required", "this field is required"},
	{"unknown_field", "this field is not known here"},
	{"wrong_type", "the value has the wrong type"},
	{"not_allowed", "the value is not allowed"},
	{"out_of_range", "the value is out of range"},
	{"empty", "there is nothing in it"},
	{"too_long", "the value is too long"},
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
	{"block_misaligned", "a block begins with a number that ends in zeros"},
	{"not_png", "this is not a PNG"},
	{"too_many_pixels", "the picture is larger than 4096 x 4096 pixels"},
	{"not_pem", "this is not a certificate in PEM"},
	{"too_many_certificates", "the chain has more than four certificates"},
	{"expired", "a certificate of the chain is not valid now"},
	{NULL, NULL},
};

static const char *field_text(const char *code)
{
	for (const struct problem_field *field = problem_fields; field->code != NULL; field++) {
		if (strcmp(field->code, code) == 0)
			return field->detail;
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
		char detail[FIELDTEXT_MAX];
		fieldtext_write(error, field_text(error->code), detail);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "pointer", error->pointer,
						      "code", error->code, "detail", detail));
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
