/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's options as structs; the table behind them is in config.c. */
#ifndef REGISTRY_CONFIG_H
#define REGISTRY_CONFIG_H

#include "svc/runtime/conf.h"

struct registry_section {
	const char *database, *database_owner, *database_role;
	const char *pair_key_file, *signing_key_file, *public_url_base;
	int64_t database_wait_ms;
	int64_t threads, connections, connections_per_address;
	int64_t headers_timeout_ms, body_timeout_ms, drain_timeout_ms;
};

/* [api] and [public] */
struct door_section {
	struct conf_address listen;
	const char *certificate_file, *key_file, *client_ca_file;
};

/* [rates]: requests a second of one key or address, and how many may come at once */
struct rates_section {
	int64_t ring, ring_burst, write, write_burst, read, read_burst, bulk, bulk_burst, public,
		public_burst;
};

extern const struct conf_schema config_schema;

/* Loads and checks what one option alone cannot tell: TLS where it is needed, whole pairs of
 * files. NULL fills err. Free with conf_free(). */
struct conf *config_load(const char *path, struct conf_error *err);

#endif
