/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that talk to the registry: one row each, mapping options to docs/api/registry.md. */
#include "registry.h"

/* clang-format off: one row a line */
#define CONNECTION_ROWS(base)                                                                      \
	[(base) + AT_REGISTRY] = {"registry", OPT_TEXT, OPT_ONCE, "URL",                           \
				  .help = "default: $ATTESTEL_REGISTRY or " REGISTRY_URL},         \
		  [(base) + AT_KEY_FILE] =                                                         \
			  {"key-file", OPT_FILE, OPT_ONCE, "FILE",                                 \
			   .help = "API key, mode 0600; default: the key in $ATTESTEL_KEY"},       \
		  [(base) + AT_CA] = {"ca", OPT_FILE, OPT_ONCE, "FILE",                            \
				      .help = "anchors of the registry's https, PEM"},             \
		  [(base) + AT_TIMEOUT] = {"timeout",                                              \
					   OPT_NUMBER,                                             \
					   OPT_ONCE,                                               \
					   "MS",                                                   \
					   1,                                                      \
					   600000,                                                 \
					   "of the whole request; default: 5000"}

#define RESOURCE_ROWS(base)                                                                        \
	CONNECTION_ROWS(base),                                                                     \
		[(base) +                                                                          \
			AT_JSON] = {"json", OPT_FLAG, OPT_ONCE, .help = "the answer as it came"},  \
			[(base) + AT_FIELD] = {                                                    \
				"field", OPT_TEXT, OPT_ONCE, "NAME",                               \
				.help = "only this field of the answer: id, brand.name"}
/* clang-format on */

const struct opt cli_api_options[] = {
	[API_JSON] = {"json", OPT_FILE, OPT_ONCE, "FILE|-", .help = "body; -: standard input"},
	[API_DATA] = {"data", OPT_FILE, OPT_ONCE, "FILE|-", .help = "body of another --type"},
	[API_TYPE] = {"type", OPT_TEXT, OPT_ONCE, "TYPE",
		      .help = "application/x-pem-file, image/png"},
	CONNECTION_ROWS(API_COMMON),
	{0},
};

enum {
	LOOKUP_FROM,
	LOOKUP_TO,
	LOOKUP_CALL_ID,
	LOOKUP_VERSTAT,
	LOOKUP_ATTEST,
	LOOKUP_CONSUME,
	LOOKUP_COMMON
};
const struct opt cli_lookup_options[] = {
	[LOOKUP_FROM] = {"from", OPT_TEXT, OPT_MUST, "TN", .help = "who calls"},
	[LOOKUP_TO] = {"to", OPT_TEXT, OPT_ONCE, "TN", .help = "who is called; finds an intent"},
	[LOOKUP_CALL_ID] = {"call-id", OPT_TEXT, OPT_ONCE, "TEXT", .help = "the call's Call-ID"},
	[LOOKUP_VERSTAT] = {"verstat", OPT_TEXT, OPT_MUST, "TEXT",
			    .help = "TN-Validation-Passed, TN-Validation-Failed, "
				    "No-TN-Validation"},
	[LOOKUP_ATTEST] = {"attest", OPT_TEXT, OPT_ONCE, "A|B|C", .help = "of the PASSporT"},
	[LOOKUP_CONSUME] = {"consume", OPT_FLAG, OPT_ONCE, .help = "use the intent up"},
	RESOURCE_ROWS(LOOKUP_COMMON),
	{0},
};

enum { BUSINESS_NAME, BUSINESS_COUNTRY, BUSINESS_WEBSITE, BUSINESS_COMMON };
const struct opt cli_business_options[] = {
	[BUSINESS_NAME] = {"name", OPT_TEXT, OPT_MUST, "TEXT", .help = "legal name"},
	[BUSINESS_COUNTRY] = {"country", OPT_TEXT, OPT_MUST, "CC", .help = "two letters"},
	[BUSINESS_WEBSITE] = {"website", OPT_TEXT, OPT_ONCE, "URL", .help = "https"},
	RESOURCE_ROWS(BUSINESS_COMMON),
	{0},
};

enum { BRAND_BUSINESS, BRAND_NAME, BRAND_LOGO, BRAND_COMMON };
const struct opt cli_brand_options[] = {
	[BRAND_BUSINESS] = {"business", OPT_TEXT, OPT_MUST, "ID", .help = "biz_..."},
	[BRAND_NAME] = {"name", OPT_TEXT, OPT_MUST, "TEXT", .help = "what the callee reads"},
	[BRAND_LOGO] = {"logo", OPT_TEXT, OPT_ONCE, "HASH", .help = "sha256-... of a logo"},
	RESOURCE_ROWS(BRAND_COMMON),
	{0},
};

enum { NUMBER_NUMBER, NUMBER_BRAND, NUMBER_COMMON };
const struct opt cli_number_options[] = {
	[NUMBER_NUMBER] = {"number", OPT_TEXT, OPT_MUST, "TN", .help = "with + and country code"},
	[NUMBER_BRAND] = {"brand", OPT_TEXT, OPT_MUST, "ID", .help = "brd_..."},
	RESOURCE_ROWS(NUMBER_COMMON),
	{0},
};

enum { REASON_BRAND, REASON_CODE, REASON_TEXT, REASON_COMMON };
const struct opt cli_reason_options[] = {
	[REASON_BRAND] = {"brand", OPT_TEXT, OPT_MUST, "ID", .help = "brd_..."},
	[REASON_CODE] = {"code", OPT_TEXT, OPT_MUST, "CODE",
			 .help = "as in attestel api GET /v1/reason-codes"},
	[REASON_TEXT] = {"text", OPT_TEXT, OPT_MUST, "TEXT", .help = "at most 64 characters"},
	RESOURCE_ROWS(REASON_COMMON),
	{0},
};

enum { INTENT_FROM, INTENT_TO, INTENT_REASON, INTENT_CODE, INTENT_TEXT, INTENT_TTL, INTENT_COMMON };
const struct opt cli_intent_options[] = {
	[INTENT_FROM] = {"from", OPT_TEXT, OPT_MUST, "TN", .help = "who will call"},
	[INTENT_TO] = {"to", OPT_TEXT, OPT_MUST, "TN", .help = "who will be called"},
	[INTENT_REASON] = {"reason", OPT_TEXT, OPT_ONCE, "ID",
			   .help = "rsn_..., or --code, --text"},
	[INTENT_CODE] = {"code", OPT_TEXT, OPT_ONCE, "CODE", .help = "a reason code"},
	[INTENT_TEXT] = {"text", OPT_TEXT, OPT_ONCE, "TEXT", .help = "at most 64 characters"},
	[INTENT_TTL] = {"ttl", OPT_NUMBER, OPT_ONCE, "SECONDS", 10, 600, "default: 120"},
	RESOURCE_ROWS(INTENT_COMMON),
	{0},
};

static const struct registry_resource resources[] = {
	{cli_lookup_options,
	 LOOKUP_COMMON,
	 "/v1/lookups",
	 {{LOOKUP_FROM, "from"},
	  {LOOKUP_TO, "to"},
	  {LOOKUP_CALL_ID, "call_id"},
	  {LOOKUP_VERSTAT, "verification.verstat"},
	  {LOOKUP_ATTEST, "verification.attest"},
	  {LOOKUP_CONSUME, "consume"}}},
	{cli_business_options,
	 BUSINESS_COMMON,
	 "/v1/businesses",
	 {{BUSINESS_NAME, "name"}, {BUSINESS_COUNTRY, "country"}, {BUSINESS_WEBSITE, "website"}}},
	{cli_brand_options,
	 BRAND_COMMON,
	 "/v1/brands",
	 {{BRAND_BUSINESS, "business"}, {BRAND_NAME, "name"}, {BRAND_LOGO, "logo"}}},
	{cli_number_options,
	 NUMBER_COMMON,
	 "/v1/numbers",
	 {{NUMBER_NUMBER, "number"}, {NUMBER_BRAND, "brand"}}},
	{cli_reason_options,
	 REASON_COMMON,
	 "/v1/reasons",
	 {{REASON_BRAND, "brand"}, {REASON_CODE, "code"}, {REASON_TEXT, "text"}}},
	{cli_intent_options,
	 INTENT_COMMON,
	 "/v1/intents",
	 {{INTENT_FROM, "from"},
	  {INTENT_TO, "to"},
	  {INTENT_REASON, "reason"},
	  {INTENT_CODE, "code"},
	  {INTENT_TEXT, "text"},
	  {INTENT_TTL, "ttl_s"}}},
};

const struct registry_resource *registry_find(const struct opt *options)
{
	const struct registry_resource *resource = resources;

	while (resource->options != options)
		resource++;
	return resource;
}
