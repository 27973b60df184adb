/* SPDX-License-Identifier: Apache-2.0 */
/* The proxy's configuration: what each section of its file holds. */
#ifndef PROXY_OPTIONS_H
#define PROXY_OPTIONS_H

#include "svc/runtime/conf.h"

enum trunk_role { TRUNK_CUSTOMER, TRUNK_PEER, TRUNK_BOTH };
enum trunk_media { MEDIA_OFF, MEDIA_RTP, MEDIA_SRTP, MEDIA_WEBRTC };
enum signing_fallback { FALLBACK_C, FALLBACK_B, FALLBACK_UNSIGNED };

struct proxy_options {
	struct conf_address listen_udp, listen_tcp, listen_tls;
	const char *tls_directory;
	int64_t cert_budget_ms;
	int64_t drain_ms;
	int64_t timer_c_ms;
	int64_t max_calls;
	int64_t max_message;
	int64_t max_headers;
	int64_t source_rate;
	int64_t source_burst;
	struct conf_list dialog_hops;
	int64_t first_message_ms;
	int64_t max_connections;
};

struct signing_options {
	const char *key_file, *key_uri, *pin_file, *certificate_file, *x5u;
	int64_t token_timeout_ms;
	bool any_number;
	int fallback; /* enum signing_fallback */
};

struct certs_options {
	struct conf_list anchors, crls, crl_issuers, ports, test_addresses;
	const char *tls_ca_file, *cache_dir;
	int64_t fetch_timeout_ms;
};

struct registry_options {
	const char *url, *api_key_file, *ca_file;
	int64_t budget_ms;
	int64_t threads;
	int64_t outcome_queue, outcome_age_ms, outcome_timeout_ms;
	bool tell_unverified;
	bool snapshot;
	const char *snapshot_file;
	int64_t snapshot_max_age_ms, snapshot_entries, snapshot_memory;
};

#define MEDIA_RELAYS_MAX 2

struct media_options {
	struct conf_list relay;
	const char *key_file;
	int64_t timeout_ms;
};

struct trunk_options {
	const char *title;
	struct conf_list addresses;
	int role;  /* enum trunk_role */
	int media; /* enum trunk_media */
	const char *customer;
	bool trusted, pai, accept_spc, accept_retargeted, require_crl, accept_x5c;
	const char *country_code, *national_prefix, *international_prefix;
	struct conf_list checks, reject, namespaces;
	int64_t max_age_ms, min_digits, max_diverted_age_ms, max_signatures, max_cost;
};

struct route_options {
	const char *title;
	struct conf_list match;
	const char *target;
};

extern const struct conf_schema proxy_schema;

#endif
