/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits for a vetter, of all tenants: one queue. A place in it is taken where the state is
 * written (store/businesses.c, versions.c, claims.c) and given up with it. Reading it works across
 * tenants: a transaction of DB_REVIEW.
 */
#ifndef REGISTRY_STORE_REVIEWS_H
#define REGISTRY_STORE_REVIEWS_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/store/db.h"

enum review_kind { REVIEW_OF_BUSINESS, REVIEW_OF_BRAND, REVIEW_OF_CLAIM, REVIEW_KINDS };
extern const char *const review_kind_names[REVIEW_KINDS + 1]; /* NULL-terminated */

struct review_row {
	int64_t place;
	enum review_kind kind;
	char id[ID_MAX + 1]; /* of the business, the brand or the claim */
	char tenant[ID_MAX + 1];
	int64_t number; /* of a brand's version; 0 */
};

/* The next place, the last one so far: those of transactions become visible in their order. 0 when
 * it does not wait. Before the audit row and the events, whose locks others hold the longest. */
enum store_status store_reviews_place(struct db *db, bool waits, int64_t *place_out);

/* For "review = " REVIEWS_PLACE: what waits already keeps its place. */
#define REVIEWS_PLACE "CASE WHEN :place > 0 THEN COALESCE(review, :place) END"

/* kind, state "": any. A version that a later one which is live has overtaken is left out. */
struct review_filter {
	const char *kind, *state;
	int64_t after;
	size_t limit;
};
/* The longest waiting first. */
enum store_status store_reviews_list(struct db *db, const struct review_filter *filter,
				     struct review_row *rows_out, size_t *n_out);

#endif
