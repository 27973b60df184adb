/* SPDX-License-Identifier: Apache-2.0 */
/* Bindings: which brand a number or block shows. */
#ifndef REGISTRY_STORE_BINDINGS_H
#define REGISTRY_STORE_BINDINGS_H

#include "svc/registry/domain/block.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/store/db.h"

struct binding_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char claim[ID_MAX + 1];
	char number[BLOCK_MAX + 1];
	char brand[ID_MAX + 1];
	bool strict, suspended;
	int64_t version, created_ms, updated_ms;
};

/* STORE_CONFLICT: it is bound already. */
enum store_status store_bindings_add(struct db *db, const struct binding_row *row);
enum store_status store_bindings_get(struct db *db, const char *tenant, const char *id,
				     struct binding_row *row_out);
/* The narrowest of the tenant's that covers the number, whatever its state. */
enum store_status store_bindings_find(struct db *db, const char *tenant, const char *number,
				      struct binding_row *row_out);
/* brand "": of all brands. */
struct binding_filter {
	const char *tenant, *brand;
	int64_t after;
	size_t limit;
};
enum store_status store_bindings_list(struct db *db, const struct binding_filter *filter,
				      struct binding_row *rows_out, size_t *n_out);
/* As row->version + 1. STORE_NONE: it is another version by now. */
enum store_status store_bindings_put(struct db *db, struct binding_row *row);
enum store_status store_bindings_remove(struct db *db, const char *tenant, const char *id);
/* All that hang on the claim, which proves them no more, and tells of each. */
enum store_status store_bindings_drop(struct db *db, const char *tenant, const char *claim,
				      int64_t now_ms);

#endif
