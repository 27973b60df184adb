/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants: at most three levels, each inside its parent. */
#ifndef REGISTRY_STORE_TENANTS_H
#define REGISTRY_STORE_TENANTS_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

#define TENANT_LEVELS 3

struct tenant_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char parent[ID_MAX + 1]; /* "" at the top */
	char name[TEXT_BYTES_MAX + 1];
	int64_t level; /* 1 to TENANT_LEVELS */
	bool vouched;  /* the operator lets it vouch for its own */
	int64_t version, created_ms;
};

/* STORE_CONFLICT: there is one of that name. */
enum store_status store_tenants_add(struct db *db, const struct tenant_row *row);
enum store_status store_tenants_get(struct db *db, const char *id, struct tenant_row *row_out);
enum store_status store_tenants_by_name(struct db *db, const char *name,
					struct tenant_row *row_out);
/* id is upper, or below it. STORE_NONE: it is not, or is no tenant. */
enum store_status store_tenants_is_below(struct db *db, const char *id, const char *upper);
/* Those below upper ("": all of them), upper included, after a serial. */
enum store_status store_tenants_list(struct db *db, const char *upper, int64_t after, size_t limit,
				     struct tenant_row *rows_out, size_t *n_out);

#endif
