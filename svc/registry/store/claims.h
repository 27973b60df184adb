/* SPDX-License-Identifier: Apache-2.0 */
/* Claims of numbers and blocks. */
#ifndef REGISTRY_STORE_CLAIMS_H
#define REGISTRY_STORE_CLAIMS_H

#include "svc/registry/domain/block.h"
#include "svc/registry/domain/claim.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/store/db.h"

struct claim_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char number[BLOCK_MAX + 1];
	enum claim_state state;
	bool has_proof;
	enum claim_proof proof;
	int64_t version, created_ms, updated_ms;
	int64_t verified_ms, reprove_ms; /* 0: not yet; never */
};

/* Lets one transaction at a time decide who holds a number: two claims that overlap without being
 * the same meet no index. Call it before store_claims_taken(). */
enum store_status store_claims_lock(struct db *db);
/* Verified claims of other tenants over its number or a part of its block, at most limit: those
 * around it, or, where there are none, those inside it. */
enum store_status store_claims_rivals(struct db *db, const struct claim_row *of, size_t limit,
				      struct claim_row *rows_out, size_t *n_out);
/* STORE_OK: another tenant holds a verified claim over the number or a part of the block. */
enum store_status store_claims_taken(struct db *db, const char *tenant, const char *number);
/* The tenant's verified claim that covers all of the number or block, the narrowest. */
enum store_status store_claims_covering(struct db *db, const char *tenant, const char *number,
					int64_t now_ms, struct claim_row *row_out);

enum store_status store_claims_add(struct db *db, const struct claim_row *row);
/* tenant "": of any. */
enum store_status store_claims_get(struct db *db, const char *tenant, const char *id,
				   struct claim_row *row_out);
enum store_status store_claims_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				    struct claim_row *rows_out, size_t *n_out);
/* As row->version + 1. STORE_NONE: it is another version by now. */
enum store_status store_claims_put(struct db *db, struct claim_row *row);

#endif
