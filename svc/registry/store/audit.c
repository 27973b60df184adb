/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about the audit rows. */
#include "svc/registry/store/audit.h"

#include "svc/registry/domain/chainhash.h"

#include <stdio.h>
#include <string.h>

static const uint8_t beginning[AUDIT_HASH];

static enum store_status begin_chain(struct db *db, const char *tenant)
{
	struct db_query *query =
		db_query(db, "INSERT INTO audit_heads (tenant, serial, hash)"
			     " VALUES (:tenant, 0, :hash) ON CONFLICT (tenant) DO NOTHING");

	db_bind_text(query, ":tenant", tenant);
	db_bind_blob(query, ":hash", beginning, sizeof beginning);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

/* Takes n serials, of which the first is in *first_out: the head's row stays locked until COMMIT.
 */
static enum store_status take_serials(struct db *db, const char *tenant, size_t n,
				      int64_t *first_out, uint8_t before[AUDIT_HASH])
{
	struct db_query *query =
		db_query(db, "UPDATE audit_heads SET serial = serial + :n WHERE tenant = :tenant"
			     " RETURNING serial, hash");
	size_t len = 0;

	db_bind_int(query, ":n", (int64_t)n);
	db_bind_text(query, ":tenant", tenant);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		*first_out = db_int(query, 0) - (int64_t)n + 1;
		const void *hash = db_blob(query, 1, &len);
		if (hash != NULL && len == AUDIT_HASH)
			memcpy(before, hash, AUDIT_HASH);
		else
			status = STORE_FAILED;
	}
	db_done(query);
	return status;
}

static bool make_hash(const struct audit_row *row, const uint8_t before[AUDIT_HASH],
		      uint8_t hash_out[AUDIT_HASH])
{
	const char *const texts[] = {row->tenant, row->actor, row->action, row->object,
				     row->detail};

	return chainhash_make(before, row->serial, row->at_ms, texts,
			      sizeof texts / sizeof texts[0], hash_out);
}

static enum store_status insert(struct db *db, const struct audit_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO audit (tenant, serial, at, actor, action, object, detail, hash)"
		    " VALUES (:tenant, :serial, :at, :actor, :action, :object, :detail, :hash)");

	db_bind_text(query, ":tenant", row->tenant);
	db_bind_int(query, ":serial", row->serial);
	db_bind_int(query, ":at", row->at_ms);
	db_bind_text(query, ":actor", row->actor);
	db_bind_text(query, ":action", row->action);
	db_bind_text(query, ":object", row->object);
	db_bind_text(query, ":detail", row->detail);
	db_bind_blob(query, ":hash", row->hash, AUDIT_HASH);
	return db_run(query);
}

static enum store_status move_head(struct db *db, const struct audit_row *row)
{
	struct db_query *query =
		db_query(db, "UPDATE audit_heads SET hash = :hash WHERE tenant = :tenant");

	db_bind_blob(query, ":hash", row->hash, AUDIT_HASH);
	db_bind_text(query, ":tenant", row->tenant);
	return db_run(query);
}

/* Links them in their order, and leaves the last one's hash in hash. */
static enum store_status add_linked(struct db *db, struct audit_row *rows, size_t n,
				    uint8_t hash[AUDIT_HASH])
{
	enum store_status status = STORE_OK;

	for (size_t i = 0; i < n && status == STORE_OK; i++) {
		if (!make_hash(&rows[i], hash, rows[i].hash))
			return STORE_FAILED;
		memcpy(hash, rows[i].hash, AUDIT_HASH);
		status = insert(db, &rows[i]);
	}
	return status;
}

enum store_status store_audit_add_all(struct db *db, struct audit_row *rows, size_t n)
{
	uint8_t hash[AUDIT_HASH];
	int64_t first = 0;

	if (n == 0)
		return STORE_OK;
	enum store_status status = take_serials(db, rows[0].tenant, n, &first, hash);
	if (status == STORE_NONE) {
		status = begin_chain(db, rows[0].tenant);
		if (status == STORE_OK)
			status = take_serials(db, rows[0].tenant, n, &first, hash);
	}
	for (size_t i = 0; i < n; i++)
		rows[i].serial = first + (int64_t)i;
	if (status == STORE_OK)
		status = add_linked(db, rows, n, hash);
	return status == STORE_OK ? move_head(db, &rows[n - 1]) : status;
}

enum store_status store_audit_add(struct db *db, struct audit_row *row)
{
	return store_audit_add_all(db, row, 1);
}

static void read_row(struct db_query *query, const char *tenant, struct audit_row *row)
{
	size_t len;

	memset(row, 0, sizeof *row);
	snprintf(row->tenant, sizeof row->tenant, "%s", tenant);
	row->serial = db_int(query, 0);
	row->at_ms = db_int(query, 1);
	db_text(query, 2, row->actor, sizeof row->actor);
	db_text(query, 3, row->action, sizeof row->action);
	db_text(query, 4, row->object, sizeof row->object);
	db_text(query, 5, row->detail, sizeof row->detail);
	const void *hash = db_blob(query, 6, &len);
	if (hash != NULL && len == AUDIT_HASH)
		memcpy(row->hash, hash, AUDIT_HASH);
}

static struct db_query *rows_after(struct db *db, const char *tenant, int64_t after, int64_t limit)
{
	struct db_query *query =
		db_query(db, "SELECT serial, at, actor, action, object, detail, hash FROM audit"
			     " WHERE tenant = :tenant AND serial > :after ORDER BY serial"
			     " LIMIT :limit");

	db_bind_text(query, ":tenant", tenant);
	db_bind_int(query, ":after", after);
	db_bind_int(query, ":limit", limit);
	return query;
}

enum store_status store_audit_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				   struct audit_row *rows_out, size_t *n_out)
{
	struct db_query *query = rows_after(db, tenant, after, (int64_t)limit);
	enum store_status status;
	size_t n = 0;

	while ((status = db_step(query)) == STORE_OK && n < limit)
		read_row(query, tenant, &rows_out[n++]);
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}

/* The head says how many rows there are and what the last one's hash is: rows cut off the end show,
 * all of them too. */
static enum store_status compare_head(struct db *db, const char *tenant, int64_t serial,
				      const uint8_t hash[AUDIT_HASH])
{
	struct db_query *query =
		db_query(db, "SELECT serial, hash FROM audit_heads WHERE tenant = :tenant");
	size_t len = 0;

	db_bind_text(query, ":tenant", tenant);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		const void *head = db_blob(query, 1, &len);
		bool same = db_int(query, 0) == serial && len == AUDIT_HASH &&
			    memcmp(head, hash, AUDIT_HASH) == 0;
		status = same ? STORE_OK : STORE_CONFLICT;
	} else if (status == STORE_NONE) {
		status = serial == 0 ? STORE_OK : STORE_CONFLICT;
	}
	db_done(query);
	return status;
}

enum store_status store_audit_verify(struct db *db, const char *tenant, int64_t *broken_out)
{
	struct db_query *query = rows_after(db, tenant, 0, INT64_MAX);
	uint8_t before[AUDIT_HASH] = {0}, hash[AUDIT_HASH];
	struct audit_row row;
	enum store_status status;
	int64_t serial = 0;

	while ((status = db_step(query)) == STORE_OK) {
		read_row(query, tenant, &row);
		if (row.serial != serial + 1 || !make_hash(&row, before, hash) ||
		    memcmp(hash, row.hash, AUDIT_HASH) != 0)
			break;
		memcpy(before, hash, AUDIT_HASH);
		serial++;
	}
	db_done(query);
	*broken_out = serial + 1;
	if (status == STORE_OK)
		return STORE_CONFLICT;
	if (status != STORE_NONE)
		return status;
	return compare_head(db, tenant, serial, before);
}
