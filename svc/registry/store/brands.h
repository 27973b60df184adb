/* SPDX-License-Identifier: Apache-2.0 */
/* Brands and their immutable versions. */
#ifndef REGISTRY_STORE_BRANDS_H
#define REGISTRY_STORE_BRANDS_H

#include "svc/registry/store/businesses.h"

struct version_row {
	char brand[ID_MAX + 1];
	int64_t number; /* 1 is the first */
	char tenant[ID_MAX + 1];
	char name[TEXT_BYTES_MAX + 1];
	char logo[SHA256_HEX + 1]; /* "": none */
	enum version_state state;
	char editor[ID_MAX + 1], approver[ID_MAX + 1]; /* a user, else a key; "": nobody yet */
	char findings[FINDINGS_MAX + 1];
	int64_t created_ms, decided_ms; /* 0: not yet */
};

enum brand_state { BRAND_NEW, BRAND_LIVE, BRAND_SUSPENDED, BRAND_STATES };
extern const char *const brand_state_names[BRAND_STATES + 1];

struct brand_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char business[ID_MAX + 1];
	int64_t live, latest; /* numbers of versions; live 0: none */
	enum brand_state state;
	int64_t version; /* of this row, for If-Match */
	int64_t created_ms, updated_ms;
};

enum store_status store_brands_add(struct db *db, const struct brand_row *row);
/* tenant "": of any. */
enum store_status store_brands_get(struct db *db, const char *tenant, const char *id,
				   struct brand_row *row_out);
enum store_status store_brands_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				    struct brand_row *rows_out, size_t *n_out);
/* As row->version + 1. STORE_NONE: it is another version by now. */
enum store_status store_brands_put(struct db *db, struct brand_row *row);
/* Who writes versions takes their brand's row first, before the audit row and the events: else two
 * who meet at one brand would wait for each other, and all others for the events. */
enum store_status store_brands_lock(struct db *db, const struct brand_row *row);
enum store_status store_brands_lock_all(struct db *db, const struct business_row *business);
/* The next brand of a business, by serial. STORE_NONE: that was the last. */
enum store_status store_brands_next(struct db *db, const struct business_row *business,
				    int64_t after, struct brand_row *row_out);
/* What is public of all numbers of its brands changed. */
enum store_status store_brands_of_business_changed(struct db *db,
						   const struct business_row *business,
						   int64_t now_ms);

enum store_status store_versions_add(struct db *db, const struct version_row *row);
enum store_status store_versions_get(struct db *db, const struct brand_row *brand, int64_t number,
				     struct version_row *row_out);
/* The newest that waits for a review and that no later one which is live has overtaken. STORE_NONE:
 * none does. */
enum store_status store_versions_waiting(struct db *db, const struct brand_row *brand,
					 struct version_row *row_out);
/* The newest limit of them, newest first. */
enum store_status store_versions_list(struct db *db, const struct brand_row *brand, size_t limit,
				      struct version_row *rows_out, size_t *n_out);
/* State, approver, findings, decided_ms: the rest never changes. */
enum store_status store_versions_decide(struct db *db, const struct version_row *row);

#endif
