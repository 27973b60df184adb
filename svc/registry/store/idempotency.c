/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about answered requests. */
#include "svc/registry/store/idempotency.h"

#include <stdio.h>
#include <string.h>

enum store_status store_idempotency_get(struct db *db, const char *tenant,
					const uint8_t key[IDEMPOTENCY_HASH],
					struct idempotency_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT request, status, etag, body, created_at FROM idempotency"
			     " WHERE tenant = :tenant AND key = :key");

	db_bind_text(query, ":tenant", tenant);
	db_bind_blob(query, ":key", key, IDEMPOTENCY_HASH);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		size_t len;
		const void *request = db_blob(query, 0, &len);
		memset(row_out, 0, sizeof *row_out);
		snprintf(row_out->tenant, sizeof row_out->tenant, "%s", tenant);
		memcpy(row_out->key, key, IDEMPOTENCY_HASH);
		if (request != NULL && len == IDEMPOTENCY_HASH)
			memcpy(row_out->request, request, len);
		row_out->status = db_int(query, 1);
		db_text(query, 2, row_out->etag, sizeof row_out->etag);
		row_out->body = strdup(db_text_borrow(query, 3));
		row_out->created_ms = db_int(query, 4);
		if (row_out->body == NULL)
			status = STORE_FAILED;
	}
	db_done(query);
	return status;
}

/* A few at a time, so that a request stays quick whatever has piled up. */
static enum store_status forget_old(struct db *db, const char *tenant, int64_t now_ms)
{
	struct db_query *query = db_query(
		db, "DELETE FROM idempotency WHERE tenant = :tenant AND key IN"
		    " (SELECT key FROM idempotency WHERE tenant = :tenant AND created_at < :limit"
		    " ORDER BY created_at LIMIT 20)");

	db_bind_text(query, ":tenant", tenant);
	db_bind_int(query, ":limit", now_ms - IDEMPOTENCY_KEEP_MS);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_idempotency_add(struct db *db, const struct idempotency_row *row)
{
	enum store_status status = forget_old(db, row->tenant, row->created_ms);

	if (status != STORE_OK)
		return status;
	struct db_query *query = db_query(
		db, "INSERT INTO idempotency (tenant, key, request, status, etag, body, created_at)"
		    " VALUES (:tenant, :key, :request, :status, :etag, :body, :now)"
		    " ON CONFLICT (tenant, key) DO UPDATE SET request = :request, status = :status,"
		    " etag = :etag, body = :body, created_at = :now"
		    " WHERE idempotency.created_at < :limit");
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_blob(query, ":key", row->key, IDEMPOTENCY_HASH);
	db_bind_blob(query, ":request", row->request, IDEMPOTENCY_HASH);
	db_bind_int(query, ":status", row->status);
	db_bind_text(query, ":etag", row->etag[0] != 0 ? row->etag : NULL);
	db_bind_text(query, ":body", row->body);
	db_bind_int(query, ":now", row->created_ms);
	db_bind_int(query, ":limit", row->created_ms - IDEMPOTENCY_KEEP_MS);
	status = db_run(query);
	return status == STORE_NONE ? STORE_CONFLICT : status;
}
