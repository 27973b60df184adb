/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that talk to the registry: one row each, as in docs/api/openapi.yaml. */
#include "registry.h"

#include <stddef.h>

/* Rows of options. An option whose json is NULL is none of the request's members. */
/* clang-format off */
#define TEXT(name, value, help, json)      {name, OPT_TEXT, OPT_ONCE, value, 0, 0, help, json}
#define MUST(name, value, help, json)      {name, OPT_TEXT, OPT_MUST, value, 0, 0, help, json}
#define MANY(name, value, help, json)      {name, OPT_TEXT, OPT_MANY, value, 0, 0, help, json}
#define TN(name, times, help, json)        {name, OPT_TN, times, "TN", 0, 0, help, json}
#define FLAG(name, help, json)             {name, OPT_FLAG, OPT_ONCE, NULL, 0, 0, help, json}
#define YES_NO(name, help, json)           {name, OPT_BOOL, OPT_ONCE, "yes|no", 0, 0, help, json}
#define INT(name, min, max, value, help, json) {name, OPT_NUMBER, OPT_ONCE, value, min, max, help, json}
#define FILE_(name, help, json)            {name, OPT_FILE, OPT_ONCE, "FILE", 0, 0, help, json}

#define CONNECTION                                                                                     \
	TEXT("registry", "URL", "default: $ATTESTEL_REGISTRY, the profile's, or " REGISTRY_URL, NULL), \
	FILE_("key-file", "API key, mode 0600; default: the key in $ATTESTEL_KEY", NULL),              \
	FILE_("ca", "anchors of the registry's https, PEM", NULL),                                     \
	TEXT("profile", "NAME", "as attestel profile add made it; default: $ATTESTEL_PROFILE", NULL),  \
	INT("timeout", 1, 600000, "MS", "of the whole request; default: 5000", NULL)

#define SHOWN                                                                                          \
	FLAG("json", "the answer as it came", NULL),                                                   \
	TEXT("field", "NAME", "only this field of the answer: id, brand.name", NULL), CONNECTION, {0}

#define PAGED                                                                                          \
	INT("limit", 1, 250, "N", "how many at a time; default: 50", "limit"),                         \
	TEXT("after", "CURSOR", "the next of the page before", "after"),                               \
	FLAG("all", "every page", NULL), SHOWN

#define CHANGE INT("if-version", 1, INT32_MAX, "N", "only if it is still that version", NULL)
#define OUT(what) FILE_("out", what " into a new file, mode 0600, instead of standard output", NULL)

#define ROLES                                                                                          \
	"owner, admin, brand_editor, brand_approver, number_admin, caller, analyst, auditor, support; " \
	"of the operator: carrier, app, vetter, operator"
#define CODES "as attestel reason codes lists them"
#define LABELS "fraud, impersonation, robocall, telemarketing, political, survey, debt, silent, nuisance, wanted"
#define BLOCK INT("block", 10, 1000, "10|100|1000", "a block that begins with the number", "block")
static const struct opt shown_options[] = {
	SHOWN};
static const struct opt paged_options[] = {
	PAGED};
static const struct opt bytes_options[] = {
	FILE_("out", "into a new file instead of standard output", NULL), CONNECTION, {0}};
static const struct opt tenant_add_options[] = {
	MUST("name", "TEXT", "of the tenant", "name"), TEXT("parent", "ID", "ten_..., one that is yours", "parent"),
	FLAG("vouched", "what it submits is approved at once (operator)", "vouched"), SHOWN};
static const struct opt user_add_options[] = {
	MUST("name", "TEXT", "of the user", "name"), MUST("role", "ROLE", "what the user's keys may do: " ROLES, "role"),
	TEXT("tenant", "ID", "one's own or one below", "tenant"), SHOWN};
static const struct opt user_edit_options[] = {
	TEXT("name", "TEXT", "of the user", "name"), TEXT("role", "ROLE", "what the user's keys may do: " ROLES, "role"), CHANGE, SHOWN};
static const struct opt key_add_options[] = {
	MUST("role", "ROLE", "what the key may do: " ROLES, "role"), TEXT("tenant", "ID", "ten_..., one's own or one below", "tenant"),
	TEXT("user", "ID", "usr_...", "user"), MANY("permission", "NAME", "only these of the role's", "permissions"),
	TEXT("label", "TEXT", "for people", "label"), INT("expires-in", 60, INT32_MAX, "SECONDS", "default: never", "expires_in_s"),
	FILE_("certificate", "PEM of a client certificate that is the key", "certificate"), OUT("the key"), SHOWN};
static const struct opt key_rotate_options[] = {
	{"overlap", OPT_NUMBER, OPT_MUST, "SECONDS", 0, 604800, "how long the old key still works", "overlap_s"}, OUT("the key"), SHOWN};
static const struct opt token_add_options[] = {
	MANY("permission", "NAME", "only these of the key's", "permissions"), INT("ttl", 60, 3600, "SECONDS", "default: 3600", "ttl_s"), OUT("the token"), SHOWN};
static const struct opt business_add_options[] = {
	MUST("name", "TEXT", "legal name", "name"), MUST("country", "CC", "two letters", "country"),
	TEXT("website", "URL", "https", "website"), SHOWN};
static const struct opt business_edit_options[] = {
	TEXT("name", "TEXT", "legal name", "name"), TEXT("country", "CC", "two letters", "country"),
	TEXT("website", "URL", "https", "website"), CHANGE, SHOWN};
static const struct opt decide_options[] = {
	MUST("decision", "approve|reject|suspend|resume", "what the vetter decided", "decision"),
	MANY("finding", "TEXT", "what was found; the applicant reads it", "findings"), SHOWN};
static const struct opt brand_decide_options[] = {
	MUST("decision", "approve|reject|suspend|resume", "what the vetter decided", "decision"),
	INT("number", 1, INT32_MAX, "N", "of the version", "number"), MANY("finding", "TEXT", "what was found; the applicant reads it", "findings"), SHOWN};
static const struct opt review_list_options[] = {
	TEXT("kind", "business|brand|claim", "only these", "kind"),
	TEXT("state", "STATE", "submitted, in_review, approved, pending, challenged, conflict", "state"), PAGED};
static const struct opt brand_add_options[] = {
	MUST("business", "ID", "biz_...", "business"), MUST("name", "TEXT", "what the callee reads", "name"),
	TEXT("logo", "HASH", "sha256-... of attestel logo add", "logo"), SHOWN};
static const struct opt brand_edit_options[] = {
	MUST("name", "TEXT", "what the callee reads", "name"), TEXT("logo", "HASH", "sha256-... of attestel logo add", "logo"), CHANGE, SHOWN};
static const struct opt brand_approve_options[] = {
	{"number", OPT_NUMBER, OPT_MUST, "N", 1, INT32_MAX, "of the version", "number"}, SHOWN};
static const struct opt reason_add_options[] = {
	MUST("brand", "ID", "brd_...", "brand"), MUST("code", "CODE", CODES, "code"),
	MUST("text", "TEXT", "at most 64 characters", "text"), TEXT("lang", "TAG", "default: en", "lang"), SHOWN};
static const struct opt claim_add_options[] = {
	BLOCK, SHOWN};
static const struct opt claim_decide_options[] = {
	MUST("decision", "verify|fail", "what the vetter decided", "decision"), TEXT("proof", "loa", "what proved it: a letter of authorization", "proof"), SHOWN};
static const struct opt binding_add_options[] = {
	MUST("brand", "ID", "brd_...", "brand"), BLOCK, YES_NO("strict", "show it for announced calls only", "strict"), SHOWN};
static const struct opt binding_list_options[] = {
	TEXT("brand", "ID", "only of this brand", "brand"), PAGED};
static const struct opt binding_edit_options[] = {
	TEXT("brand", "ID", "brd_...", "brand"), YES_NO("strict", "show it for announced calls only", "strict"),
	TEXT("state", "active|suspended", "of the binding", "state"), CHANGE, SHOWN};
static const struct opt intent_send_options[] = {
	TN("from", OPT_MUST, "who will call", "from"), TN("to", OPT_MUST, "who will be called", "to"),
	TEXT("reason", "ID", "rsn_..., or --code with --text", "reason"), TEXT("code", "CODE", CODES, "code"),
	TEXT("text", "TEXT", "at most 64 characters", "text"), TEXT("lang", "TAG", "default: en", "lang"),
	INT("ttl", 10, 600, "SECONDS", "default: 120", "ttl_s"), INT("not-before", 0, INT32_MAX, "SECONDS", "from now", "not_before_s"), SHOWN};
static const struct opt lookup_options[] = {
	TN("to", OPT_ONCE, "who is called; finds an intent", "to"), TEXT("call-id", "TEXT", "the call's Call-ID", "call_id"),
	TEXT("verstat", "VERSTAT", "TN-Validation-Passed, TN-Validation-Failed, or No-TN-Validation, the default", "verification.verstat"),
	TEXT("attest", "A|B|C", "of the PASSporT", "verification.attest"), FLAG("oob", "verified out of band", "verification.oob"),
	FLAG("delegate", "signed by a delegate certificate", "verification.delegate"),
	YES_NO("consume", "use the intent up; default: yes", "consume"), INT("budget", 1, 60000, "MS", "for the best answer by then", "budget_ms"),
	FLAG("private", "ask for one bucket of a thousand numbers: nobody learns which, no key is sent", NULL), SHOWN};
static const struct opt outcome_send_options[] = {
	MUST("outcome", "displayed|screened|answered", "what came of the call", "outcome"), SHOWN};
static const struct opt attestation_options[] = {
	TN("from", OPT_MUST, "who calls", "from"), MUST("customer", "ID", "biz_... or ten_..., as the carrier knows it", "customer"),
	TEXT("trunk", "TEXT", "where the call came in", "trunk"), SHOWN};
static const struct opt device_add_options[] = {
	TEXT("label", "TEXT", "for people", "label"), OUT("the key"), SHOWN};
static const struct opt report_send_options[] = {
	MUST("label", "LABEL", "what it was: " LABELS, "label"), SHOWN};
static const struct opt decision_add_options[] = {
	TN("from", OPT_MUST, "who called", "from"), MUST("action", "TEXT", "what was done: block, screen ...", "action"),
	MUST("rule", "TEXT", "the rule that did it", "rule"), {"evidence", OPT_TEXT, OPT_MOST, "TEXT", 0, 0, "what it rests on", "evidence"}, SHOWN};
static const struct opt event_list_options[] = {
	TEXT("since", "ID", "the last that was seen", "since"), INT("wait", 0, 30, "SECONDS", "for the next one", "wait_s"), SHOWN};
static const struct opt tail_options[] = {
	TEXT("since", "ID", "begin behind that event; default: now", NULL), INT("count", 1, INT64_MAX, "N", "end after so many", NULL), FLAG("json", "one JSON object a line", NULL), CONNECTION, {0}};
static const struct opt since_options[] = {
	INT("since", 0, INT64_MAX, "SERIAL", "only what changed after it", "since"), FILE_("out", "into a new file instead of standard output", NULL), CONNECTION, {0}};
static const struct opt delta_options[] = {
	{"since", OPT_NUMBER, OPT_MUST, "SERIAL", 0, INT64_MAX, "only what changed after it", "since"}, FILE_("out", "into a new file instead of standard output", NULL), CONNECTION, {0}};
static const struct opt api_options[] = {
	FILE_("json", "body; -: standard input", NULL), FILE_("data", "body of another --type; -: standard input", NULL),
	TEXT("type", "TYPE", "application/x-pem-file, image/png", NULL), CONNECTION, {0}};

static const struct opt profile_options[] = {{0}};

#define CALL(group, name, words, n, options, method, path, word, columns, summary)                  \
	{group, name, words, n, summary, NULL, options##_options, cli_registry_call, {method, path, word, columns}}

const struct command cli_registry_commands[] = {
	{"profile", "add", "NAME", 1, "keeps where a registry is and which key opens it",
	 "In ~/.config/attestel/profiles.ini, with the key's file, not the key. The first is in use at once.",
	 cli_profile_add_options, cli_profile_add, {0}},
	{"profile", "list", "", 0, "lists the profiles; * marks the one in use", NULL, profile_options, cli_profile_list, {0}},
	{"profile", "use", "NAME", 1, "takes another profile into use", NULL, profile_options, cli_profile_use, {0}},
	{NULL, "lookup", "NUMBER", 1, "asks the registry who calls and why",
	 "With --private the registry learns only that somebody asks about one of the numbers that share a\n"
	 "bucket (docs/registry.md): what is public of the number is then shown, and no intents.",
	 lookup_options, cli_lookup, {"POST", "/v1/lookups", "from", NULL}},
	{NULL, "tail", "", 0, "follows what happens, an event a line, until Ctrl-C",
	 "A business hears its own events, a device those of its number, a carrier what changed. Goes on by\n"
	 "itself when the registry was away.",
	 tail_options, cli_tail, {"GET", "/v1/stream", NULL, NULL}},
	CALL(NULL, "self", "", 0, shown, "GET", "/v1/self", NULL, NULL, "tells who the key is and what it may do"),
	{NULL, "api", "METHOD PATH", 2, "sends one request to the registry, prints the answer", NULL, api_options, cli_registry_api, {0}},
	CALL("tenant", "add", "", 0, tenant_add, "POST", "/v1/tenants", NULL, NULL,
	     "makes a tenant"),
	CALL("tenant", "list", "", 0, paged, "GET", "/v1/tenants", NULL, "id name parent level vouched",
	     "lists the tenants below one's own"),
	CALL("tenant", "show", "ID", 1, shown, "GET", "/v1/tenants/{id}", NULL, NULL,
	     "shows a tenant"),
	CALL("user", "add", "", 0, user_add, "POST", "/v1/users", NULL, NULL,
	     "makes a user"),
	CALL("user", "list", "", 0, paged, "GET", "/v1/users", NULL, "id name role state",
	     "lists users"),
	CALL("user", "show", "ID", 1, shown, "GET", "/v1/users/{id}", NULL, NULL,
	     "shows a user"),
	CALL("user", "edit", "ID", 1, user_edit, "PATCH", "/v1/users/{id}", NULL, NULL,
	     "changes a user; keys of a role that is more than the new one end"),
	CALL("user", "remove", "ID", 1, shown, "DELETE", "/v1/users/{id}", NULL, NULL,
	     "removes a user, whose keys end"),
	{"key", "add", "", 0, "makes an API key, shown this once",
	 "No key makes one that may do more than itself. An owner's key makes those of its\n"
	 "business: owner to support below. Keys of carriers, apps, vetters and operators\n"
	 "are the operator's to make, for any tenant:\n"
	 "  attestel key add --role carrier --tenant ten_... --out carrier.key\n"
	 "  attestel-registry --add-key carrier --tenant NAME --key-file carrier.key",
	 key_add_options, cli_registry_call, {"POST", "/v1/keys", NULL, NULL}},
	CALL("key", "list", "", 0, paged, "GET", "/v1/keys", NULL, "id kind role label state expires_at",
	     "lists keys"),
	CALL("key", "show", "ID", 1, shown, "GET", "/v1/keys/{id}", NULL, NULL,
	     "shows a key without its secret"),
	CALL("key", "rotate", "ID", 1, key_rotate, "POST", "/v1/keys/{id}/rotate", NULL, NULL,
	     "makes a new key like it; the old one ends after the overlap"),
	CALL("key", "remove", "ID", 1, shown, "DELETE", "/v1/keys/{id}", NULL, NULL,
	     "revokes a key: within 5 s it works nowhere"),
	CALL("token", "add", "", 0, token_add, "POST", "/v1/tokens", NULL, NULL,
	     "makes a bearer token from the key"),
	CALL("audit", "list", "", 0, paged, "GET", "/v1/audit", NULL, "serial at actor action object",
	     "lists what was done, newest first"),
	CALL("business", "add", "", 0, business_add, "POST", "/v1/businesses", NULL, NULL,
	     "registers a business, a draft"),
	CALL("business", "list", "", 0, paged, "GET", "/v1/businesses", NULL, "id name country state expires_at",
	     "lists businesses"),
	CALL("business", "show", "ID", 1, shown, "GET", "/v1/businesses/{id}", NULL, NULL,
	     "shows a business"),
	CALL("business", "edit", "ID", 1, business_edit, "PATCH", "/v1/businesses/{id}", NULL, NULL,
	     "changes a draft or a rejected business"),
	CALL("business", "submit", "ID", 1, shown, "POST", "/v1/businesses/{id}/submit", NULL, NULL,
	     "hands a draft in for review"),
	CALL("business", "close", "ID", 1, shown, "POST", "/v1/businesses/{id}/close", NULL, NULL,
	     "closes a business"),
	CALL("business", "decide", "ID", 1, decide, "POST", "/v1/businesses/{id}/decide", NULL, NULL,
	     "decides on a business (vetter)"),
	CALL("logo", "add", "FILE", 1, shown, "POST", "/v1/logos", "image/png", NULL,
	     "uploads a PNG"),
	CALL("logo", "get", "HASH", 1, bytes, "GET", "/logos/{id}.png", NULL, "-",
	     "fetches a logo"),
	CALL("brand", "add", "", 0, brand_add, "POST", "/v1/brands", NULL, NULL,
	     "registers a brand of a business"),
	CALL("brand", "list", "", 0, paged, "GET", "/v1/brands", NULL, "id state live.name latest.number latest.state",
	     "lists brands"),
	CALL("brand", "show", "ID", 1, shown, "GET", "/v1/brands/{id}", NULL, NULL,
	     "shows a brand"),
	CALL("brand", "edit", "ID", 1, brand_edit, "PUT", "/v1/brands/{id}", NULL, NULL,
	     "makes the next version of a brand"),
	CALL("brand", "versions", "ID", 1, shown, "GET", "/v1/brands/{id}/versions", NULL, "number name state editor approver decided_at",
	     "lists a brand's versions"),
	CALL("brand", "approve", "ID", 1, brand_approve, "POST", "/v1/brands/{id}/approve", NULL, NULL,
	     "approves a version that somebody else edited"),
	CALL("brand", "decide", "ID", 1, brand_decide, "POST", "/v1/brands/{id}/decide", NULL, NULL,
	     "decides on a brand or its version (vetter)"),
	CALL("review", "list", "", 0, review_list, "GET", "/v1/reviews", NULL, "waits_since kind id state tenant.name business.name claim.number",
	     "lists what waits for a vetter, of all tenants, the oldest first (vetter)"),
	CALL("review", "show", "ID", 1, shown, "GET", "/v1/reviews/{id}", NULL, NULL,
	     "shows a business, a brand or a claim with what is to be known for deciding (vetter)"),
	CALL("reason", "codes", "", 0, shown, "GET", "/v1/reason-codes", NULL, "code text",
	     "lists the codes of reasons and of reports"),
	CALL("reason", "add", "", 0, reason_add, "POST", "/v1/reasons", NULL, NULL,
	     "adds a reason that calls of a brand may give"),
	CALL("reason", "list", "", 0, paged, "GET", "/v1/reasons", NULL, "id brand code text lang state",
	     "lists reasons"),
	CALL("reason", "remove", "ID", 1, shown, "DELETE", "/v1/reasons/{id}", NULL, NULL,
	     "retires a reason"),
	CALL("claim", "add", "NUMBER", 1, claim_add, "POST", "/v1/claims", "number", NULL,
	     "claims a number or a block"),
	CALL("claim", "list", "", 0, paged, "GET", "/v1/claims", NULL, "id number block state proof verified_at",
	     "lists claims"),
	CALL("claim", "show", "ID", 1, shown, "GET", "/v1/claims/{id}", NULL, NULL,
	     "shows a claim"),
	CALL("claim", "remove", "ID", 1, shown, "DELETE", "/v1/claims/{id}", NULL, NULL,
	     "gives a claim up, its bindings too"),
	CALL("claim", "decide", "ID", 1, claim_decide, "POST", "/v1/claims/{id}/decide", NULL, NULL,
	     "decides on a claim (vetter)"),
	CALL("binding", "add", "NUMBER", 1, binding_add, "POST", "/v1/bindings", "number", NULL,
	     "binds a claimed number or block to a brand"),
	CALL("binding", "batch", "FILE", 1, shown, "POST", "/v1/bindings/batch", "application/json", "id number block",
	     "binds many, all or none; FILE is {\"items\":[...]}, -: standard input"),
	CALL("binding", "list", "", 0, binding_list, "GET", "/v1/bindings", NULL, "id number block brand strict state",
	     "lists bindings"),
	CALL("binding", "show", "ID", 1, shown, "GET", "/v1/bindings/{id}", NULL, NULL,
	     "shows a binding"),
	CALL("binding", "edit", "ID", 1, binding_edit, "PATCH", "/v1/bindings/{id}", NULL, NULL,
	     "changes a binding"),
	CALL("binding", "remove", "ID", 1, shown, "DELETE", "/v1/bindings/{id}", NULL, NULL,
	     "takes a number from its brand"),
	CALL("number", "add", "NUMBER", 1, binding_add, "POST", "/v1/numbers", "number", NULL,
	     "claims a number or block and binds it to a brand"),
	CALL("number", "status", "NUMBER", 1, shown, "POST", "/v1/number-status", "number", NULL,
	     "tells what look-ups show of one's own number"),
	CALL("intent", "send", "", 0, intent_send, "POST", "/v1/intents", NULL, NULL,
	     "announces one call and its reason"),
	CALL("intent", "batch", "FILE", 1, shown, "POST", "/v1/intents/batch", "application/json", "id state from code text expires_at",
	     "announces up to 100; FILE is {\"items\":[...]}, -: standard input"),
	CALL("intent", "list", "", 0, paged, "GET", "/v1/intents", NULL, "id state from code text mismatches expires_at",
	     "lists announced calls"),
	CALL("intent", "show", "ID", 1, shown, "GET", "/v1/intents/{id}", NULL, NULL,
	     "tells what became of an announced call"),
	CALL("intent", "cancel", "ID", 1, shown, "DELETE", "/v1/intents/{id}", NULL, NULL,
	     "takes an announcement back"),
	CALL("outcome", "send", "RECEIPT", 1, outcome_send, "POST", "/v1/outcomes", "receipt", NULL,
	     "tells what came of a call, with its look-up's receipt"),
	CALL("attestation", "get", "", 0, attestation, "POST", "/v1/attestations", NULL, NULL,
	     "asks which attestation a customer's call deserves"),
	CALL("device", "add", "NUMBER", 1, device_add, "POST", "/v1/devices", "number", NULL,
	     "makes a key for one callee (app)"),
	CALL("device", "remove", "ID", 1, shown, "DELETE", "/v1/devices/{id}", NULL, NULL,
	     "ends a device's key"),
	CALL("report", "send", "RECEIPT", 1, report_send, "POST", "/v1/reports", "receipt", NULL,
	     "reports a call, with its look-up's receipt"),
	CALL("report", "show", "ID", 1, shown, "GET", "/v1/reports/{id}", NULL, NULL,
	     "shows a report"),
	CALL("report", "undo", "ID", 1, shown, "DELETE", "/v1/reports/{id}", NULL, NULL,
	     "takes a report back"),
	CALL("decision", "add", "", 0, decision_add, "POST", "/v1/decisions", NULL, NULL,
	     "records why a call was blocked; its id goes into 603+ and 608"),
	CALL("decision", "show", "ID", 1, shown, "GET", "/v1/decisions/{id}", NULL, NULL,
	     "shows a decision"),
	CALL("event", "list", "", 0, event_list, "GET", "/v1/events", NULL, "serial kind object at",
	     "lists events, or waits for the next"),
	CALL("snapshot", "get", "", 0, since, "GET", "/v1/snapshot", NULL, "-",
	     "writes the directory as JSON lines, or what changed"),
	CALL("certificate", "add", "FILE", 1, shown, "POST", "/v1/certificates", "application/x-pem-file", NULL,
	     "publishes a signer's certificate and its chain"),
	CALL("certificate", "get", "HASH", 1, bytes, "GET", "/certificates/{id}.pem", NULL, "-",
	     "fetches a certificate"),
	CALL("stir", "sign", "FILE", 1, shown, "POST", "/stir/v1/signing", "application/json", NULL,
	     "asks for a signature; FILE is the signingRequest, -: standard input"),
	CALL("stir", "verify", "FILE", 1, shown, "POST", "/stir/v1/verification", "application/json", NULL,
	     "asks for a verification; FILE is the verificationRequest, -: standard input"),
	CALL("bucket", "show", "", 0, shown, "GET", "/v1/buckets", NULL, NULL,
	     "tells how numbers are put into buckets"),
	CALL("bucket", "get", "PREFIX", 1, bytes, "GET", "/v1/buckets/{id}", NULL, "-",
	     "fetches a bucket, four hex digits"),
	CALL("list", "regions", "", 0, shown, "GET", "/v1/lists", NULL, NULL,
	     "tells which regions have a signed list"),
	CALL("list", "full", "REGION", 1, bytes, "GET", "/v1/lists/{id}/full", NULL, "-",
	     "fetches a region's list"),
	CALL("list", "delta", "REGION", 1, delta, "GET", "/v1/lists/{id}/delta", NULL, "-",
	     "fetches what changed of a region's list"),
	CALL("list", "keys", "", 0, shown, "GET", "/.well-known/jwks.json", NULL, NULL,
	     "shows the registry's public key"),
	{0},
};
/* clang-format on */
