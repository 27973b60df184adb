/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants and their API keys. */
#ifndef REGISTRY_STORE_TENANTS_H
#define REGISTRY_STORE_TENANTS_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/sqlite.h"

#define KEY_HASH 32 /* SHA-256 of the key */

struct tenant_row {
	char id[ID_MAX + 1];
	char name[TEXT_BYTES_MAX + 1];
	int64_t created_ms;
};

struct key_row {
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	uint8_t hash[KEY_HASH];
	uint32_t scopes;
	const char *label; /* for adding only; NULL: none */
	int64_t created_ms;
};

/* STORE_CONFLICT: there is one of that name. */
enum store_status store_tenants_add(struct db *db, const struct tenant_row *row);
enum store_status store_tenants_by_name(struct db *db, const char *name,
					struct tenant_row *row_out);

/* STORE_NONE: no such tenant. */
enum store_status store_keys_add(struct db *db, const struct key_row *row);
/* Revoked keys are not found. */
enum store_status store_keys_by_hash(struct db *db, const uint8_t hash[KEY_HASH],
				     struct key_row *row_out);
/* STORE_NONE: no such key, or revoked before. Any tenant's: an operator does it. */
enum store_status store_keys_revoke(struct db *db, const char *id, int64_t now_ms);

#endif
