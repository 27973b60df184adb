/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about claims. */
#include "svc/registry/store/claims.h"

#include "svc/registry/store/block_bind.h"
#include "svc/registry/store/reviews.h"
#include "svc/registry/store/rows.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                    \
	"serial, id, tenant, number, state, proof, version, created_at, updated_at, verified_at,"  \
	" reprove_at"

enum store_status store_claims_lock(struct db *db)
{
	return db_run(db_query(db, "UPDATE counters SET value = value + 1 WHERE name = 'claims'"));
}

static void bind_fields(struct db_query *query, const struct claim_row *row)
{
	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":state", claim_state_names[row->state]);
	db_bind_text(query, ":proof", row->has_proof ? claim_proof_names[row->proof] : NULL);
	db_bind_int(query, ":version", row->version);
	db_bind_int(query, ":now", row->updated_ms);
	rows_bind_time(query, ":verified", row->verified_ms);
	rows_bind_time(query, ":reprove", row->reprove_ms);
}

enum store_status store_claims_add(struct db *db, const struct claim_row *row)
{
	int64_t place;
	enum store_status status = store_reviews_place(db, claim_waits(row->state), &place);

	if (status != STORE_OK)
		return status;
	struct db_query *query = db_query(
		db, "INSERT INTO claims (id, tenant, number, state, proof, version, created_at,"
		    " updated_at, verified_at, reprove_at, review) VALUES (:id, :tenant, :number,"
		    " :state, :proof, :version, :now, :now, :verified, :reprove, :place)");

	bind_fields(query, row);
	db_bind_text(query, ":number", row->number);
	rows_bind_time(query, ":place", place);
	return db_run(query);
}

static void read_row(struct db_query *query, void *magic)
{
	struct claim_row *row = magic;

	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->number, sizeof row->number);
	row->state = (enum claim_state)rows_name(query, 4, claim_state_names, CLAIM_FAILED);
	row->has_proof = !db_is_null(query, 5);
	row->proof = strcmp(db_text_borrow(query, 5), claim_proof_names[PROOF_LOA]) == 0
			     ? PROOF_LOA
			     : PROOF_VOUCHED;
	row->version = db_int(query, 6);
	row->created_ms = db_int(query, 7);
	row->updated_ms = db_int(query, 8);
	row->verified_ms = db_int(query, 9);
	row->reprove_ms = db_int(query, 10);
}

/* Where rivals go. */
struct rivals {
	struct claim_row *rows;
	size_t limit, *n;
};

static enum store_status read_rivals(struct db_query *query, const struct claim_row *of,
				     const struct rivals *rivals)
{
	db_bind_text(query, ":tenant", of->tenant);
	db_bind_int(query, ":limit", (int64_t)rivals->limit);
	return rows_all(query, read_row, sizeof *rivals->rows, rivals->limit, rivals->rows,
			rivals->n);
}

/* The number itself, or a block around it. */
static enum store_status held_around(struct db *db, const struct claim_row *of,
				     const struct rivals *rivals)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM claims WHERE state = 'verified'"
			     " AND number IN " BLOCK_IN
			     " AND tenant <> :tenant ORDER BY serial LIMIT :limit");
	struct block keys[BLOCK_KEYS];

	block_bind(query, of->number, keys);
	return read_rivals(query, of, rivals);
}

/* All texts that begin as the block does are inside it, when they are as long: "x" is greater than
 * any digit, "~" is greater than "x". */
static enum store_status held_inside(struct db *db, const struct claim_row *of,
				     const struct rivals *rivals)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM claims WHERE state = 'verified'"
			     " AND number >= :low AND number < :high AND length(number) = :length"
			     " AND tenant <> :tenant ORDER BY serial LIMIT :limit");
	char low[BLOCK_MAX + 1], high[BLOCK_MAX + 2];

	snprintf(low, sizeof low, "%.*s", (int)strcspn(of->number, "x"), of->number);
	snprintf(high, sizeof high, "%s~", low);
	db_bind_text(query, ":low", low);
	db_bind_text(query, ":high", high);
	db_bind_int(query, ":length", (int64_t)strlen(of->number));
	return read_rivals(query, of, rivals);
}

/* Two statements: of "one or the other" SQLite makes a scan. */
enum store_status store_claims_rivals(struct db *db, const struct claim_row *of, size_t limit,
				      struct claim_row *rows_out, size_t *n_out)
{
	const struct rivals rivals = {rows_out, limit, n_out};
	enum store_status status = held_around(db, of, &rivals);

	if (status != STORE_OK || *n_out > 0 || block_size(of->number) == 1)
		return status;
	return held_inside(db, of, &rivals);
}

enum store_status store_claims_taken(struct db *db, const char *tenant, const char *number)
{
	struct claim_row of, rival;
	size_t n = 0;

	snprintf(of.tenant, sizeof of.tenant, "%s", tenant);
	snprintf(of.number, sizeof of.number, "%s", number);
	enum store_status status = store_claims_rivals(db, &of, 1, &rival, &n);

	return status == STORE_OK && n == 0 ? STORE_NONE : status;
}

enum store_status store_claims_covering(struct db *db, const char *tenant, const char *number,
					int64_t now_ms, struct claim_row *row_out)
{
	struct db_query *query = db_query(
		db, "SELECT " COLUMNS
		    " FROM claims WHERE state = 'verified' AND number IN " BLOCK_IN BLOCK_TENANT);
	struct block keys[BLOCK_KEYS];
	struct claim_row row;
	enum store_status status;
	int64_t best = 0;

	block_bind(query, number, keys);
	db_bind_text(query, ":tenant", tenant);
	while ((status = db_step(query)) == STORE_OK) {
		read_row(query, &row);
		int64_t size = block_size(row.number);
		if (size < block_size(number) || (best != 0 && size > best) ||
		    claim_state_at(row.state, row.reprove_ms, now_ms) != CLAIM_VERIFIED)
			continue;
		*row_out = row;
		best = size;
	}
	db_done(query);
	if (status != STORE_NONE)
		return status;
	return best != 0 ? STORE_OK : STORE_NONE;
}

enum store_status store_claims_get(struct db *db, const char *tenant, const char *id,
				   struct claim_row *row_out)
{
	struct db_query *query = db_query(db, "SELECT " COLUMNS " FROM claims WHERE id = :id"
					      " AND (tenant = :tenant OR :tenant = '')");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":tenant", tenant);
	return rows_one(query, read_row, row_out);
}

enum store_status store_claims_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				    struct claim_row *rows_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT " COLUMNS " FROM claims WHERE tenant = :tenant"
			     " AND serial > :after ORDER BY serial LIMIT :limit");

	db_bind_text(query, ":tenant", tenant);
	rows_bind_page(query, after, limit);
	return rows_all(query, read_row, sizeof *rows_out, limit, rows_out, n_out);
}

enum store_status store_claims_put(struct db *db, struct claim_row *row)
{
	int64_t place;
	enum store_status status = store_reviews_place(db, claim_waits(row->state), &place);

	if (status != STORE_OK)
		return status;
	struct db_query *query = db_query(
		db, "UPDATE claims SET state = :state, proof = :proof, updated_at = :now,"
		    " verified_at = :verified, reprove_at = :reprove, version = version + 1,"
		    " review = " REVIEWS_PLACE
		    " WHERE id = :id AND tenant = :tenant AND version = :version");

	bind_fields(query, row);
	db_bind_int(query, ":place", place);
	status = db_run(query);
	row->version += status == STORE_OK;
	return status;
}
