/* SPDX-License-Identifier: Apache-2.0 */
/* The API of docs/api/registry.md: its handlers and the table that names them. */
#ifndef REGISTRY_API_H
#define REGISTRY_API_H

#include "svc/registry/http/router.h"

extern const struct route_table api_routes;

http_handler api_tenants_create;
http_handler api_keys_create;
http_handler api_keys_delete;
http_handler api_businesses_create;
http_handler api_businesses_list;
http_handler api_businesses_get;
http_handler api_brands_create;
http_handler api_brands_get;
http_handler api_logos_create;
http_handler api_logos_public;
http_handler api_numbers_create;
http_handler api_numbers_delete;
http_handler api_reason_codes_list;
http_handler api_reasons_create;
http_handler api_intents_create;
http_handler api_intents_get;
http_handler api_intents_delete;
http_handler api_lookups_create;
http_handler api_attestations_create;
http_handler api_certificates_create;
http_handler api_certificates_public;

#endif
