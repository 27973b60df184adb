/* SPDX-License-Identifier: Apache-2.0 */
/* [stir] as a struct; the table behind it is in options.c. */
#ifndef REGISTRY_STIR_OPTIONS_H
#define REGISTRY_STIR_OPTIONS_H

#include "svc/runtime/conf.h"

struct stir_section {
	const char *certificate_file, *key_file, *key_uri, *pin_file, *x5u;
	int64_t token_timeout_ms;
	bool any_number;
	struct conf_list anchors, crls, crl_issuers, ports, test_addresses;
	bool accept_spc;
	const char *tls_ca_file, *cache_dir;
	int64_t fetch_timeout_ms, wait_ms;
};

#define STIR_OPTIONS 17
extern const struct conf_option stir_options[STIR_OPTIONS];

/* What one option alone cannot tell; NULL when they fit together. */
const char *stir_fault(const struct stir_section *section);

#endif
