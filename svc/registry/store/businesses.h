/* SPDX-License-Identifier: Apache-2.0 */
/* Businesses. */
#ifndef REGISTRY_STORE_BUSINESSES_H
#define REGISTRY_STORE_BUSINESSES_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/review.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

#define FINDINGS_MAX 4096 /* bytes of a JSON array of words */

struct business_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char name[TEXT_BYTES_MAX + 1];
	char country[3];
	char website[TEXT_BYTES_MAX + 1]; /* "": none */
	enum business_state state;	  /* as stored */
	char findings[FINDINGS_MAX + 1];  /* "": none */
	int64_t version, created_ms, updated_ms;
	int64_t expires_ms; /* 0: never */
};

enum store_status store_businesses_add(struct db *db, const struct business_row *row);
/* tenant "": of any. */
enum store_status store_businesses_get(struct db *db, const char *tenant, const char *id,
				       struct business_row *row_out);
enum store_status store_businesses_list(struct db *db, const char *tenant, int64_t after,
					size_t limit, struct business_row *rows_out, size_t *n_out);
/* Writes all of it as version row->version + 1. STORE_NONE: it is another version by now. */
enum store_status store_businesses_put(struct db *db, struct business_row *row);

#endif
