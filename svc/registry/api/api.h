/* SPDX-License-Identifier: Apache-2.0 */
/* The API of docs/api/openapi.yaml: its handlers and the table that names them. */
#ifndef REGISTRY_API_H
#define REGISTRY_API_H

#include "svc/registry/http/router.h"

extern const struct route_table api_routes;

http_handler api_tenants_create;
http_handler api_tenants_list;
http_handler api_tenants_get;
http_handler api_users_create;
http_handler api_users_list;
http_handler api_users_get;
http_handler api_users_update;
http_handler api_users_delete;
http_handler api_keys_create;
http_handler api_keys_list;
http_handler api_keys_get;
http_handler api_keys_rotate;
http_handler api_keys_delete;
http_handler api_self_get;
http_handler api_tokens_create;
http_handler api_audit_list;
http_handler api_businesses_create;
http_handler api_businesses_list;
http_handler api_businesses_get;
http_handler api_businesses_update;
http_handler api_businesses_submit;
http_handler api_businesses_close;
http_handler api_businesses_decide;
http_handler api_logos_create;
http_handler api_brands_create;
http_handler api_brands_list;
http_handler api_brands_get;
http_handler api_brands_update;
http_handler api_brands_versions;
http_handler api_brands_approve;
http_handler api_brands_decide;
http_handler api_reason_codes_list;
http_handler api_reasons_create;
http_handler api_reasons_list;
http_handler api_reasons_retire;
http_handler api_claims_create;
http_handler api_claims_list;
http_handler api_claims_get;
http_handler api_claims_revoke;
http_handler api_claims_decide;
http_handler api_bindings_create;
http_handler api_bindings_batch;
http_handler api_bindings_list;
http_handler api_bindings_get;
http_handler api_bindings_update;
http_handler api_bindings_delete;
http_handler api_numbers_create;
http_handler api_number_status;
http_handler api_intents_create;
http_handler api_intents_batch;
http_handler api_intents_list;
http_handler api_intents_get;
http_handler api_intents_cancel;
http_handler api_lookups_create;
http_handler api_outcomes_create;
http_handler api_attestations_create;
http_handler api_devices_create;
http_handler api_devices_delete;
http_handler api_reports_create;
http_handler api_reports_get;
http_handler api_reports_undo;
http_handler api_decisions_create;
http_handler api_decisions_get;
http_handler api_stream_get;
http_handler api_events_get;
http_handler api_snapshot_get;
http_handler api_certificates_create;
http_handler api_stir_signing;
http_handler api_stir_verification;
http_handler api_certificates_public;
http_handler api_logos_public;
http_handler api_buckets_describe;
http_handler api_buckets_get;
http_handler api_lists_describe;
http_handler api_lists_full;
http_handler api_lists_delta;
http_handler api_jwks_get;

#endif
