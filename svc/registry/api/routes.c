/* SPDX-License-Identifier: Apache-2.0 */
/* Every route of both doors. */
#include "svc/registry/api/api.h"

#include "svc/registry/domain/logo.h"
#include "svc/registry/domain/pemchain.h"
#include "svc/registry/domain/scope.h"

#define JSON "application/json", 262144
#define PNG  "image/png", LOGO_BYTES_MAX
#define PEM  "application/x-pem-file", PEMCHAIN_BYTES_MAX
#define NONE NULL, 0

static const char *const page_query[] = {"limit", "after", NULL};

/* clang-format off */
static const struct route routes[] = {
	{DOOR_API, "POST",   "/v1/tenants",         SCOPE_OPERATOR, JSON, NULL, api_tenants_create},
	{DOOR_API, "POST",   "/v1/keys",            SCOPE_OPERATOR, JSON, NULL, api_keys_create},
	{DOOR_API, "DELETE", "/v1/keys/{id}",       SCOPE_OPERATOR, NONE, NULL, api_keys_delete},
	{DOOR_API, "POST",   "/v1/businesses",      SCOPE_MANAGE,   JSON, NULL, api_businesses_create},
	{DOOR_API, "GET",    "/v1/businesses",      SCOPE_MANAGE,   NONE, page_query, api_businesses_list},
	{DOOR_API, "GET",    "/v1/businesses/{id}", SCOPE_MANAGE,   NONE, NULL, api_businesses_get},
	{DOOR_API, "POST",   "/v1/brands",          SCOPE_MANAGE,   JSON, NULL, api_brands_create},
	{DOOR_API, "GET",    "/v1/brands/{id}",     SCOPE_MANAGE,   NONE, NULL, api_brands_get},
	{DOOR_API, "POST",   "/v1/logos",           SCOPE_MANAGE,   PNG,  NULL, api_logos_create},
	{DOOR_API, "POST",   "/v1/numbers",         SCOPE_MANAGE,   JSON, NULL, api_numbers_create},
	{DOOR_API, "DELETE", "/v1/numbers/{id}",    SCOPE_MANAGE,   NONE, NULL, api_numbers_delete},
	{DOOR_API, "GET",    "/v1/reason-codes",    SCOPE_ALL,      NONE, NULL, api_reason_codes_list},
	{DOOR_API, "POST",   "/v1/reasons",         SCOPE_MANAGE,   JSON, NULL, api_reasons_create},
	{DOOR_API, "POST",   "/v1/intents",         SCOPE_INTENTS,  JSON, NULL, api_intents_create},
	{DOOR_API, "GET",    "/v1/intents/{id}",    SCOPE_INTENTS,  NONE, NULL, api_intents_get},
	{DOOR_API, "DELETE", "/v1/intents/{id}",    SCOPE_INTENTS,  NONE, NULL, api_intents_delete},
	{DOOR_API, "POST",   "/v1/lookups",         SCOPE_LOOKUP,   JSON, NULL, api_lookups_create},
	{DOOR_API, "POST",   "/v1/attestations",    SCOPE_ATTEST,   JSON, NULL, api_attestations_create},
	{DOOR_API, "POST",   "/v1/certificates",    SCOPE_PUBLISH,  PEM,  NULL, api_certificates_create},
	{DOOR_PUBLIC, "GET", "/certificates/{sha256}.pem", 0, NONE, NULL, api_certificates_public},
	{DOOR_PUBLIC, "GET", "/logos/{sha256}.png",        0, NONE, NULL, api_logos_public},
};
/* clang-format on */

const struct route_table api_routes = {routes, sizeof routes / sizeof routes[0]};
