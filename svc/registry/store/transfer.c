/* SPDX-License-Identifier: Apache-2.0 */
/* Export and import. */
#include "svc/registry/store/transfer.h"

const char *const transfer_tables[] = {
	"tenants",	 "users",	"keys",		  "businesses", "logos",
	"logo_owners",	 "brands",	"brand_versions", "reasons",	"claims",
	"bindings",	 "intents",	"receipts_used",  "reports",	"decisions",
	"scores",	 "audit",	"audit_heads",	  "counters",	"events",
	"directory_log", "idempotency", "certificates",
};
const size_t transfer_tables_count = sizeof transfer_tables / sizeof transfer_tables[0];
