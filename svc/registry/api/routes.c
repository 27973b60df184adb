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

#define API(method, path, scope, body, query, handler)                                             \
	{                                                                                          \
		DOOR_API, method, path, SCOPE_##scope, body, query, api_##handler                  \
	}
#define PUBLIC(path, handler)                                                                      \
	{                                                                                          \
		DOOR_PUBLIC, "GET", path, 0, NONE, NULL, api_##handler                             \
	}

/* clang-format off */
static const struct route routes[] = {
	API("POST",  "/v1/tenants",         OPERATOR, JSON, NULL, tenants_create),
	API("POST",  "/v1/keys",            OPERATOR, JSON, NULL, keys_create),
	API("DELETE","/v1/keys/{id}",       OPERATOR, NONE, NULL, keys_delete),
	API("POST",  "/v1/businesses",      MANAGE,   JSON, NULL, businesses_create),
	API("GET",   "/v1/businesses",      MANAGE,   NONE, page_query, businesses_list),
	API("GET",   "/v1/businesses/{id}", MANAGE,   NONE, NULL, businesses_get),
	API("POST",  "/v1/brands",          MANAGE,   JSON, NULL, brands_create),
	API("GET",   "/v1/brands/{id}",     MANAGE,   NONE, NULL, brands_get),
	API("POST",  "/v1/logos",           MANAGE,   PNG, NULL, logos_create),
	API("POST",  "/v1/numbers",         MANAGE,   JSON, NULL, numbers_create),
	API("DELETE","/v1/numbers/{id}",    MANAGE,   NONE, NULL, numbers_delete),
	API("GET",   "/v1/reason-codes",    ALL,      NONE, NULL, reason_codes_list),
	API("POST",  "/v1/reasons",         MANAGE,   JSON, NULL, reasons_create),
	API("POST",  "/v1/intents",         INTENTS,  JSON, NULL, intents_create),
	API("GET",   "/v1/intents/{id}",    INTENTS,  NONE, NULL, intents_get),
	API("DELETE","/v1/intents/{id}",    INTENTS,  NONE, NULL, intents_delete),
	API("POST",  "/v1/lookups",         LOOKUP,   JSON, NULL, lookups_create),
	API("POST",  "/v1/attestations",    ATTEST,   JSON, NULL, attestations_create),
	API("POST",  "/v1/certificates",    PUBLISH,  PEM, NULL, certificates_create),
	PUBLIC("/certificates/{sha256}.pem", certificates_public),
	PUBLIC("/logos/{sha256}.png", logos_public),
};
/* clang-format on */

const struct route_table api_routes = {routes, sizeof routes / sizeof routes[0]};
