/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers bound to brands, and what everybody may ask of them. */
#ifndef REGISTRY_STORE_NUMBERS_H
#define REGISTRY_STORE_NUMBERS_H

#include "svc/registry/domain/e164.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

struct number_row {
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char number[CALLERID_TN_MAX + 1];
	char brand[ID_MAX + 1];
	char business[ID_MAX + 1]; /* of the brand; not stored with the number */
	int64_t created_ms;
};

/* What a number is bound to. */
struct binding_row {
	char brand[ID_MAX + 1];
	char business[ID_MAX + 1];
	char name[TEXT_BYTES_MAX + 1];
	char logo[SHA256_HEX + 1]; /* "": none */
};

/* STORE_NONE: the tenant has no such brand. STORE_CONFLICT: the number is bound, here or
 * elsewhere. */
enum store_status store_numbers_add(struct db *db, const struct number_row *row);
enum store_status store_numbers_remove(struct db *db, const char *tenant, const char *id);

/* The tenant's own binding. */
enum store_status store_bindings_own(struct db *db, const char *tenant, const char *number,
				     struct binding_row *row_out);
/* Anybody's binding: for lookups and attestations, which read across tenants. */
enum store_status store_bindings_public(struct db *db, const char *number,
					struct binding_row *row_out);
/* STORE_OK: a business of that id is registered, whoever's it is. For attestations. */
enum store_status store_businesses_known(struct db *db, const char *id);

#endif
