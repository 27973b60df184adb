/* SPDX-License-Identifier: Apache-2.0 */
/* Businesses of a tenant. */
#ifndef REGISTRY_STORE_BUSINESSES_H
#define REGISTRY_STORE_BUSINESSES_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

struct business_row {
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char name[TEXT_BYTES_MAX + 1];
	char country[3];
	char website[TEXT_BYTES_MAX + 1]; /* "": none */
	int64_t created_ms;
};

enum store_status store_businesses_add(struct db *db, const struct business_row *row);
enum store_status store_businesses_get(struct db *db, const char *tenant, const char *id,
				       struct business_row *row_out);

/*
 * At most limit rows in the order of their making, from the one behind after ("": from the
 * first; an unknown one: none). *n_out is how many were written.
 */
struct business_page {
	const char *tenant;
	const char *after;
	size_t limit;
};
enum store_status store_businesses_list(struct db *db, const struct business_page *page,
					struct business_row *rows_out, size_t *n_out);

#endif
