/* SPDX-License-Identifier: Apache-2.0 */
/* Every route of both doors. */
#include "svc/registry/api/api.h"

#include "svc/registry/api/stir_error.h"
#include "svc/registry/domain/logo.h"
#include "svc/registry/domain/pemchain.h"
#include "svc/registry/domain/role.h"
#include "svc/registry/http/jsontext.h"

/* a batch of 100 intents has at most 801 names */
#define JSON "application/json", 262144, JSONTEXT_KEYS_MAX
/* 2,000 items of four names; so that one more is told by its own error */
#define MANY "application/json", 262144, 10000
#define PNG  "image/png", LOGO_BYTES_MAX, 0
#define PEM  "application/x-pem-file", PEMCHAIN_BYTES_MAX, 0
#define NONE NULL, 0, 0

static const char *const page_query[] = {"limit", "after", NULL};
static const char *const bindings_query[] = {"limit", "after", "brand", NULL};
static const char *const reviews_query[] = {"limit", "after", "kind", "state", NULL};
static const char *const since_query[] = {"since", NULL};
static const char *const events_query[] = {"since", "wait_s", NULL};

#define OWN    DB_TENANT
#define ACROSS DB_ACROSS
#define REVIEW DB_REVIEW

/* clang-format off */
/* one row a line */
#define API(method, path, permission, tx, rate, view, body, query, name)                           \
	{DOOR_API, method, path, permission, TX_##tx, RATE_##rate, view, body, query, #name,       \
	 api_##name}
/* what an app in a browser needs */
#define PAGE(method, path, permission, tx, rate, view, body, query, name)                          \
	{DOOR_API | ROUTE_PAGES, method, path, permission, TX_##tx, RATE_##rate, view, body,       \
	 query, #name, api_##name}
#define OPEN(path, tx, query, name)                                                                \
	{DOOR_API | DOOR_PUBLIC, "GET", path, ROUTE_OPEN, TX_##tx, RATE_PUBLIC, ACROSS, NONE,      \
	 query, #name, api_##name}
#define PUBLIC(path, tx, query, name)                                                              \
	{DOOR_API | DOOR_PUBLIC | ROUTE_PAGES, "GET", path, ROUTE_OPEN, TX_##tx, RATE_PUBLIC,      \
	 ACROSS, NONE, query, #name, api_##name}

static const struct route routes[] = {
	/* who is who */
	API("POST",   "/v1/tenants",                 PERMIT(TENANTS),        WRITE, WRITE, ACROSS, JSON, NULL, tenants_create),
	API("GET",    "/v1/tenants",                 PERMIT(TENANTS),        READ,  READ,  ACROSS, NONE, page_query, tenants_list),
	API("GET",    "/v1/tenants/{id}",            PERMIT(TENANTS),        READ,  READ,  ACROSS, NONE, NULL, tenants_get),
	API("POST",   "/v1/users",                   PERMIT(KEYS),           WRITE, WRITE, ACROSS, JSON, NULL, users_create),
	API("GET",    "/v1/users",                   PERMIT(KEYS),           READ,  READ,  OWN,    NONE, page_query, users_list),
	API("GET",    "/v1/users/{id}",              PERMIT(KEYS),           READ,  READ,  ACROSS, NONE, NULL, users_get),
	API("PATCH",  "/v1/users/{id}",              PERMIT(KEYS),           WRITE, WRITE, ACROSS, JSON, NULL, users_update),
	API("DELETE", "/v1/users/{id}",              PERMIT(KEYS),           WRITE, WRITE, ACROSS, NONE, NULL, users_delete),
	API("POST",   "/v1/keys",                    PERMIT(KEYS),           WRITE, WRITE, ACROSS, JSON, NULL, keys_create),
	API("GET",    "/v1/keys",                    PERMIT(KEYS),           READ,  READ,  OWN,    NONE, page_query, keys_list),
	API("GET",    "/v1/keys/{id}",               PERMIT(KEYS),           READ,  READ,  ACROSS, NONE, NULL, keys_get),
	API("POST",   "/v1/keys/{id}/rotate",        PERMIT(KEYS),           WRITE, WRITE, ACROSS, JSON, NULL, keys_rotate),
	API("DELETE", "/v1/keys/{id}",               PERMIT(KEYS),           WRITE, WRITE, ACROSS, NONE, NULL, keys_delete),
	API("GET",    "/v1/self",                    ROUTE_ANY,              READ,  READ,  ACROSS, NONE, NULL, self_get),
	API("POST",   "/v1/tokens",                  ROUTE_ANY,              READ,  WRITE, ACROSS, JSON, NULL, tokens_create),
	API("GET",    "/v1/audit",                   PERMIT(AUDIT),          READ,  READ,  OWN,    NONE, page_query, audit_list),

	/* businesses, brands, reasons */
	API("POST",   "/v1/businesses",              PERMIT(BUSINESS_WRITE), WRITE, WRITE, OWN,    JSON, NULL, businesses_create),
	API("GET",    "/v1/businesses",              PERMIT(BUSINESS_READ),  READ,  READ,  OWN,    NONE, page_query, businesses_list),
	API("GET",    "/v1/businesses/{id}",         PERMIT(BUSINESS_READ),  READ,  READ,  OWN,    NONE, NULL, businesses_get),
	API("PATCH",  "/v1/businesses/{id}",         PERMIT(BUSINESS_WRITE), WRITE, WRITE, OWN,    JSON, NULL, businesses_update),
	API("POST",   "/v1/businesses/{id}/submit",  PERMIT(BUSINESS_WRITE), WRITE, WRITE, OWN,    NONE, NULL, businesses_submit),
	API("POST",   "/v1/businesses/{id}/close",   PERMIT(BUSINESS_WRITE), WRITE, WRITE, OWN,    NONE, NULL, businesses_close),
	API("POST",   "/v1/businesses/{id}/decide",  PERMIT(DECIDE),         WRITE, WRITE, ACROSS, JSON, NULL, businesses_decide),
	API("POST",   "/v1/logos",                   PERMIT(BUSINESS_WRITE), WRITE, WRITE, OWN,    PNG,  NULL, logos_create),
	API("POST",   "/v1/brands",                  PERMIT(BUSINESS_WRITE), WRITE, WRITE, OWN,    JSON, NULL, brands_create),
	API("GET",    "/v1/brands",                  PERMIT(BUSINESS_READ),  READ,  READ,  OWN,    NONE, page_query, brands_list),
	API("GET",    "/v1/brands/{id}",             PERMIT(BUSINESS_READ),  READ,  READ,  OWN,    NONE, NULL, brands_get),
	API("PUT",    "/v1/brands/{id}",             PERMIT(BUSINESS_WRITE), WRITE, WRITE, OWN,    JSON, NULL, brands_update),
	API("GET",    "/v1/brands/{id}/versions",    PERMIT(BUSINESS_READ),  READ,  READ,  OWN,    NONE, NULL, brands_versions),
	API("POST",   "/v1/brands/{id}/approve",     PERMIT(APPROVE),        WRITE, WRITE, OWN,    JSON, NULL, brands_approve),
	API("POST",   "/v1/brands/{id}/decide",      PERMIT(DECIDE),         WRITE, WRITE, ACROSS, JSON, NULL, brands_decide),
	PAGE("GET",    "/v1/reason-codes",           ROUTE_ANY,              NONE,  READ,  OWN,    NONE, NULL, reason_codes_list),
	API("POST",   "/v1/reasons",                 PERMIT(BUSINESS_WRITE), WRITE, WRITE, OWN,    JSON, NULL, reasons_create),
	API("GET",    "/v1/reasons",                 PERMIT(BUSINESS_READ) | PERMIT(INTENT_WRITE), READ, READ, OWN, NONE, page_query, reasons_list),
	API("DELETE", "/v1/reasons/{id}",            PERMIT(BUSINESS_WRITE), WRITE, WRITE, OWN,    NONE, NULL, reasons_retire),

	/* what waits for a vetter, of all tenants */
	API("GET",    "/v1/reviews",                 PERMIT(DECIDE),         READ,  READ,  REVIEW, NONE, reviews_query, reviews_list),
	API("GET",    "/v1/reviews/{id}",            PERMIT(DECIDE),         READ,  READ,  REVIEW, NONE, NULL, reviews_get),

	/* numbers */
	API("POST",   "/v1/claims",                  PERMIT(NUMBER_WRITE),   WRITE, WRITE, ACROSS, JSON, NULL, claims_create),
	API("GET",    "/v1/claims",                  PERMIT(NUMBER_READ),    READ,  READ,  OWN,    NONE, page_query, claims_list),
	API("GET",    "/v1/claims/{id}",             PERMIT(NUMBER_READ),    READ,  READ,  OWN,    NONE, NULL, claims_get),
	API("DELETE", "/v1/claims/{id}",             PERMIT(NUMBER_WRITE),   WRITE, WRITE, OWN,    NONE, NULL, claims_revoke),
	API("POST",   "/v1/claims/{id}/decide",      PERMIT(DECIDE),         WRITE, WRITE, ACROSS, JSON, NULL, claims_decide),
	API("POST",   "/v1/bindings",                PERMIT(NUMBER_WRITE),   WRITE, WRITE, OWN,    JSON, NULL, bindings_create),
	API("POST",   "/v1/bindings/batch",          PERMIT(NUMBER_WRITE),   WRITE, BULK,  OWN,    MANY, NULL, bindings_batch),
	API("GET",    "/v1/bindings",                PERMIT(NUMBER_READ),    READ,  READ,  OWN,    NONE, bindings_query, bindings_list),
	API("GET",    "/v1/bindings/{id}",           PERMIT(NUMBER_READ),    READ,  READ,  OWN,    NONE, NULL, bindings_get),
	API("PATCH",  "/v1/bindings/{id}",           PERMIT(NUMBER_WRITE),   WRITE, WRITE, OWN,    JSON, NULL, bindings_update),
	API("DELETE", "/v1/bindings/{id}",           PERMIT(NUMBER_WRITE),   WRITE, WRITE, OWN,    NONE, NULL, bindings_delete),
	/* claim and binding in one, for a tenant that is vouched for */
	API("POST",   "/v1/numbers",                 PERMIT(NUMBER_WRITE),   WRITE, WRITE, ACROSS, JSON, NULL, numbers_create),
	API("POST",   "/v1/number-status",           PERMIT(NUMBER_READ),    READ,  READ,  ACROSS, JSON, NULL, number_status),

	/* calls */
	PAGE("POST",   "/v1/intents",                PERMIT(INTENT_WRITE),   WRITE, WRITE, ACROSS, JSON, NULL, intents_create),
	API("POST",   "/v1/intents/batch",           PERMIT(INTENT_WRITE),   WRITE, BULK,  ACROSS, JSON, NULL, intents_batch),
	API("GET",    "/v1/intents",                 PERMIT(INTENT_READ),    READ,  READ,  OWN,    NONE, page_query, intents_list),
	PAGE("GET",    "/v1/intents/{id}",           PERMIT(INTENT_READ),    READ,  READ,  OWN,    NONE, NULL, intents_get),
	PAGE("DELETE", "/v1/intents/{id}",           PERMIT(INTENT_WRITE),   WRITE, WRITE, OWN,    NONE, NULL, intents_cancel),
	PAGE("POST",   "/v1/lookups",                PERMIT(LOOKUP),         LATE,  RING,  ACROSS, JSON, NULL, lookups_create),
	PAGE("POST",   "/v1/outcomes",               PERMIT(LOOKUP),         WRITE, RING,  ACROSS, JSON, NULL, outcomes_create),
	API("POST",   "/v1/attestations",            PERMIT(ATTEST),         NONE,  RING,  ACROSS, JSON, NULL, attestations_create),
	API("POST",   "/v1/devices",                 PERMIT(DEVICE),         WRITE, WRITE, OWN,    JSON, NULL, devices_create),
	API("DELETE", "/v1/devices/{id}",            PERMIT(DEVICE),         WRITE, WRITE, OWN,    NONE, NULL, devices_delete),
	PAGE("POST",   "/v1/reports",                PERMIT(REPORT),         WRITE, WRITE, ACROSS, JSON, NULL, reports_create),
	PAGE("GET",    "/v1/reports/{id}",           PERMIT(REPORT),         READ,  READ,  OWN,    NONE, NULL, reports_get),
	PAGE("DELETE", "/v1/reports/{id}",           PERMIT(REPORT),         WRITE, WRITE, ACROSS, NONE, NULL, reports_undo),
	API("POST",   "/v1/decisions",               PERMIT(DECISION_WRITE), WRITE, RING,  OWN,    JSON, NULL, decisions_create),
	API("GET",    "/v1/decisions/{id}",          PERMIT(DECISION_READ),  READ,  READ,  OWN,    NONE, NULL, decisions_get),

	/* those who follow */
	PAGE("GET",    "/v1/stream",                 PERMIT(STREAM),         NONE,  READ,  ACROSS, NONE, since_query, stream_get),
	PAGE("GET",    "/v1/events",                 PERMIT(STREAM),         NONE,  READ,  ACROSS, NONE, events_query, events_get),
	API("GET",    "/v1/snapshot",                PERMIT(SNAPSHOT),       NONE,  BULK,  ACROSS, NONE, since_query, snapshot_get),

	/* carriers */
	API("POST",   "/v1/certificates",            PERMIT(CERTIFICATE),    WRITE, WRITE, OWN,    PEM,  NULL, certificates_create),
	API("POST",   "/stir/v1/signing",            PERMIT(SIGN),           NONE,  RING,  ACROSS, JSON, NULL, stir_signing),
	API("POST",   "/stir/v1/verification",       PERMIT(VERIFY),         NONE,  RING,  ACROSS, JSON, NULL, stir_verification),

	/* everybody */
	OPEN("/certificates/{sha256}.pem", READ, NULL, certificates_public),
	PUBLIC("/logos/{sha256}.png", READ, NULL, logos_public),
	PUBLIC("/v1/buckets", NONE, NULL, buckets_describe),
	PUBLIC("/v1/buckets/{prefix}", NONE, NULL, buckets_get),
	PUBLIC("/v1/lists", NONE, NULL, lists_describe),
	PUBLIC("/v1/lists/{region}/full", NONE, NULL, lists_full),
	PUBLIC("/v1/lists/{region}/delta", READ, since_query, lists_delta),
	PUBLIC("/.well-known/jwks.json", NONE, NULL, jwks_get),
};
/* clang-format on */

const struct route_table api_routes = {routes, sizeof routes / sizeof routes[0], &stir_style};
