/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about used receipts. */
#include "svc/registry/store/receipts.h"

/* Longer than a receipt is good for, since the clocks of two machines differ a little. */
#define KEEP_MS ((INT64_C(1000) * RECEIPT_S) + 600000)

/* A few at a time, so that a report stays quick whatever has piled up. */
static enum store_status forget_old(struct db *db, int64_t now_ms)
{
	struct db_query *query =
		db_query(db, "DELETE FROM receipts_used WHERE id IN (SELECT id FROM receipts_used"
			     " WHERE used_at < :limit ORDER BY used_at LIMIT 20)");

	db_bind_int(query, ":limit", now_ms - KEEP_MS);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_receipts_use(struct db *db, const char *tenant,
				     const uint8_t id[RECEIPT_ID], int64_t now_ms)
{
	struct db_query *query =
		db_query(db, "INSERT INTO receipts_used (id, tenant, used_at)"
			     " VALUES (:id, :tenant, :now) ON CONFLICT (id) DO NOTHING");

	db_bind_blob(query, ":id", id, RECEIPT_ID);
	db_bind_text(query, ":tenant", tenant);
	db_bind_int(query, ":now", now_ms);
	enum store_status status = db_run(query);
	if (status == STORE_NONE)
		return STORE_CONFLICT;
	return status == STORE_OK ? forget_old(db, now_ms) : status;
}
