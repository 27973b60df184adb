/* SPDX-License-Identifier: Apache-2.0 */
/* Two tenants, each with a business, a live brand and what a test claims and binds. */
#ifndef TEST_STORE_NUMBERS_ROWS_H
#define TEST_STORE_NUMBERS_ROWS_H

#include "svc/registry/store/bindings.h"
#include "svc/registry/store/brands.h"
#include "svc/registry/store/claims.h"
#include "tests/unit/svc/registry/store/store_fixture.h"

#define NOW  INT64_C(1800000000000)
#define MINE "ten_1"
#define HERS "ten_2"

/* In a transaction of its own. */
static void rows_begin(struct db *db)
{
	store_must(db, db_begin(db, &across_write));
	store_must(
		db,
		db_exec(db,
			"INSERT INTO tenants (id, name, level, vouched, state, version, created_at)"
			" VALUES ('ten_1', 'a', 1, 1, 'active', 1, 1),"
			" ('ten_2', 'b', 1, 0, 'active', 1, 1);"
			"INSERT INTO businesses (id, tenant, name, country, state, version,"
			" created_at, updated_at) VALUES"
			" ('biz_1', 'ten_1', 'A', 'US', 'approved', 1, 1, 1),"
			" ('biz_2', 'ten_2', 'B', 'US', 'approved', 1, 1, 1);"
			"INSERT INTO brands (id, tenant, business, live, latest, state, version,"
			" created_at, updated_at) VALUES"
			" ('brd_1', 'ten_1', 'biz_1', 1, 1, 'live', 1, 1, 1),"
			" ('brd_2', 'ten_2', 'biz_2', 1, 1, 'live', 1, 1, 1);"
			"INSERT INTO brand_versions (brand, number, tenant, name, state, editor,"
			" created_at) VALUES ('brd_1', 1, 'ten_1', 'A', 'live', 'key_1', 1),"
			" ('brd_2', 1, 'ten_2', 'B', 'live', 'key_2', 1)"));
	store_must(db, db_end(db, STORE_OK));
}

static struct claim_row rows_claim(const char *id, const char *tenant, const char *number)
{
	struct claim_row row = {.state = CLAIM_VERIFIED,
				.has_proof = true,
				.proof = PROOF_LOA,
				.version = 1,
				.created_ms = NOW,
				.updated_ms = NOW,
				.verified_ms = NOW,
				.reprove_ms = NOW + CLAIM_REPROVE_MS};

	snprintf(row.id, sizeof row.id, "%s", id);
	snprintf(row.tenant, sizeof row.tenant, "%s", tenant);
	snprintf(row.number, sizeof row.number, "%s", number);
	return row;
}

static void rows_hold(struct db *db, const char *id, const char *tenant, const char *number)
{
	struct claim_row row = rows_claim(id, tenant, number);

	store_must(db, store_claims_add(db, &row));
}

static struct binding_row rows_binding(const char *id, const char *claim, const char *number)
{
	struct binding_row row = {.version = 1, .created_ms = NOW, .updated_ms = NOW};

	snprintf(row.id, sizeof row.id, "%s", id);
	snprintf(row.tenant, sizeof row.tenant, MINE);
	snprintf(row.claim, sizeof row.claim, "%s", claim);
	snprintf(row.number, sizeof row.number, "%s", number);
	snprintf(row.brand, sizeof row.brand, "brd_1");
	return row;
}

static void rows_bind(struct db *db, const char *id, const char *claim, const char *number)
{
	struct binding_row row = rows_binding(id, claim, number);

	store_must(db, store_bindings_add(db, &row));
}

#endif
