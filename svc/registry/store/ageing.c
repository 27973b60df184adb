/* SPDX-License-Identifier: Apache-2.0 */
/* Queries that find and end what is over. */
#include "svc/registry/store/ageing.h"

#include "svc/registry/store/audit.h"
#include "svc/registry/store/bindings.h"
#include "svc/registry/store/brands.h"
#include "svc/registry/store/claims.h"
#include "svc/registry/store/rows.h"
#include "svc/registry/store/tell.h"

#include <stdio.h>

struct due {
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
};

static void read_due(struct db_query *query, void *magic)
{
	struct due *due = magic;

	db_text(query, 0, due->id, sizeof due->id);
	db_text(query, 1, due->tenant, sizeof due->tenant);
}

static enum store_status find(struct db_query *query, int64_t now_ms, struct due *due_out)
{
	db_bind_int(query, ":now", now_ms);
	return rows_one(query, read_due, due_out);
}

/* STORE_NONE: another process was faster, or it was proved anew. */
static enum store_status end(struct db_query *query, const struct due *due, int64_t now_ms)
{
	db_bind_int(query, ":now", now_ms);
	db_bind_text(query, ":id", due->id);
	db_bind_text(query, ":tenant", due->tenant);
	return db_run(query);
}

static enum store_status audit(struct db *db, const struct due *due, const char *action,
			       int64_t now_ms)
{
	struct audit_row row = {.at_ms = now_ms, .actor = "registry"};

	snprintf(row.tenant, sizeof row.tenant, "%s", due->tenant);
	snprintf(row.action, sizeof row.action, "%s", action);
	snprintf(row.object, sizeof row.object, "%s", due->id);
	return store_audit_add(db, &row);
}

enum store_status store_ageing_business(struct db *db, int64_t now_ms)
{
	struct business_row business;
	struct due due;
	enum store_status status =
		find(db_query(db, "SELECT id, tenant FROM businesses WHERE state = 'approved'"
				  " AND expires_at <= :now ORDER BY expires_at LIMIT 1"),
		     now_ms, &due);

	if (status != STORE_OK)
		return status;
	status = end(db_query(db, "UPDATE businesses SET state = 'expired', updated_at = :now,"
				  " version = version + 1 WHERE id = :id AND tenant = :tenant"
				  " AND state = 'approved' AND expires_at <= :now"),
		     &due, now_ms);
	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_OK : status;
	status = audit(db, &due, "business.expired", now_ms);
	if (status == STORE_OK)
		status = store_businesses_get(db, due.tenant, due.id, &business);
	if (status == STORE_OK)
		status = store_tell_business(db, &business, "business.expired", now_ms);
	return status == STORE_OK ? store_brands_of_business_changed(db, &business, now_ms)
				  : status;
}

enum store_status store_ageing_claim(struct db *db, int64_t now_ms)
{
	struct claim_row claim;
	struct due due;
	enum store_status status =
		find(db_query(db, "SELECT id, tenant FROM claims WHERE state = 'verified'"
				  " AND reprove_at <= :now ORDER BY reprove_at LIMIT 1"),
		     now_ms, &due);

	if (status == STORE_OK)
		status = store_claims_lock(db);
	if (status != STORE_OK)
		return status;
	status = end(db_query(db, "UPDATE claims SET state = 'aged_out', updated_at = :now,"
				  " version = version + 1 WHERE id = :id AND tenant = :tenant"
				  " AND state = 'verified' AND reprove_at <= :now"),
		     &due, now_ms);
	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_OK : status;
	status = audit(db, &due, "claim.aged_out", now_ms);
	if (status == STORE_OK)
		status = store_claims_get(db, due.tenant, due.id, &claim);
	if (status == STORE_OK)
		status = store_tell_claim(db, &claim, "claim.aged_out", now_ms);
	return status == STORE_OK ? store_bindings_drop(db, due.tenant, due.id, now_ms) : status;
}
