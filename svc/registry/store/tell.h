/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a business, a brand or a claim, as an event for its tenant (docs/api/registry.md).
 */
#ifndef REGISTRY_STORE_TELL_H
#define REGISTRY_STORE_TELL_H

#include "svc/registry/store/brands.h"
#include "svc/registry/store/businesses.h"
#include "svc/registry/store/claims.h"

/*
 * kind is the action of the audit row: "business.approved". In the transaction of the change, after
 * the audit row, since the counter of events stays locked until COMMIT.
 */
enum store_status store_tell_business(struct db *db, const struct business_row *row,
				      const char *kind, int64_t now_ms);
/* version NULL: it is about the brand as a whole. */
struct tell_brand {
	const struct brand_row *brand;
	const struct version_row *version;
};
enum store_status store_tell_brand(struct db *db, const struct tell_brand *what, const char *kind,
				   int64_t now_ms);
enum store_status store_tell_claim(struct db *db, const struct claim_row *row, const char *kind,
				   int64_t now_ms);

#endif
