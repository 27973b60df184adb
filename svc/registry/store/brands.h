/* SPDX-License-Identifier: Apache-2.0 */
/* Brands, and the logos that they show. */
#ifndef REGISTRY_STORE_BRANDS_H
#define REGISTRY_STORE_BRANDS_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

struct brand_row {
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char business[ID_MAX + 1];
	char name[TEXT_BYTES_MAX + 1];
	char logo[SHA256_HEX + 1]; /* "": none */
	int64_t version;
	int64_t created_ms;
};

struct logo_row {
	const char *tenant;
	const char *sha256;
	const void *body;
	size_t len;
	int64_t created_ms;
};

/* STORE_NONE: the tenant has no such business. */
enum store_status store_brands_add(struct db *db, const struct brand_row *row);
enum store_status store_brands_get(struct db *db, const char *tenant, const char *id,
				   struct brand_row *row_out);

/* Kept once however often and by whomever it is uploaded. */
enum store_status store_logos_add(struct db *db, const struct logo_row *row);
/* STORE_OK: the tenant uploaded it. */
enum store_status store_logos_owned(struct db *db, const char *tenant, const char *sha256);
/* Public: anybody's logo by its content. *body_out is malloc'ed and the caller's. */
enum store_status store_logos_public(struct db *db, const char *sha256, void **body_out,
				     size_t *len_out);

#endif
