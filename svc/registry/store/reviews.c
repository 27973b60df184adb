/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about the queue of reviews. */
#include "svc/registry/store/reviews.h"

#include "svc/registry/store/rows.h"

const char *const review_kind_names[REVIEW_KINDS + 1] = {
	[REVIEW_OF_BUSINESS] = "business",
	[REVIEW_OF_BRAND] = "brand",
	[REVIEW_OF_CLAIM] = "claim",
};

enum store_status store_reviews_place(struct db *db, bool waits, int64_t *place_out)
{
	*place_out = 0;
	if (!waits)
		return STORE_OK;
	struct db_query *query = db_query(db, "UPDATE counters SET value = value + 1"
					      " WHERE name = 'reviews' RETURNING value");
	enum store_status status = db_step(query);

	if (status == STORE_OK)
		*place_out = db_int(query, 0);
	db_done(query);
	return status == STORE_NONE ? STORE_FAILED : status;
}

static void read_row(struct db_query *query, void *magic)
{
	struct review_row *row = magic;

	row->place = db_int(query, 0);
	row->kind = (enum review_kind)rows_name(query, 1, review_kind_names, REVIEW_OF_CLAIM);
	db_text(query, 2, row->id, sizeof row->id);
	db_text(query, 3, row->tenant, sizeof row->tenant);
	row->number = db_int(query, 4);
}

enum store_status store_reviews_list(struct db *db, const struct review_filter *filter,
				     struct review_row *rows_out, size_t *n_out)
{
	struct db_query *query = db_query(
		db, "SELECT place, kind, id, tenant, number FROM ("
		    "SELECT review AS place, 'business' AS kind, id, tenant, 0 AS number, state"
		    " FROM businesses WHERE review > :after"
		    " UNION ALL SELECT v.review, 'brand', v.brand, v.tenant, v.number, v.state"
		    " FROM brand_versions v JOIN brands b ON b.id = v.brand"
		    " WHERE v.review > :after AND v.number > COALESCE(b.live, 0)"
		    " UNION ALL SELECT review, 'claim', id, tenant, 0, state"
		    " FROM claims WHERE review > :after) AS waiting"
		    " WHERE (:kind = '' OR kind = :kind) AND (:state = '' OR state = :state)"
		    " ORDER BY place LIMIT :limit");

	db_bind_text(query, ":kind", filter->kind);
	db_bind_text(query, ":state", filter->state);
	rows_bind_page(query, filter->after, filter->limit);
	return rows_all(query, read_row, sizeof *rows_out, filter->limit, rows_out, n_out);
}
