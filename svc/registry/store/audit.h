/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what: rows of which each carries the hash of the one before it. */
#ifndef REGISTRY_STORE_AUDIT_H
#define REGISTRY_STORE_AUDIT_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/store/db.h"

#define AUDIT_ACTION_MAX 48
#define AUDIT_DETAIL_MAX 512
#define AUDIT_HASH	 32

struct audit_row {
	int64_t serial; /* in its tenant's chain */
	char tenant[ID_MAX + 1];
	int64_t at_ms;
	char actor[ID_MAX + 1];		   /* the key */
	char action[AUDIT_ACTION_MAX + 1]; /* "claim.verified" */
	char object[ID_MAX + 1];
	char detail[AUDIT_DETAIL_MAX + 1]; /* words for a person; numbers masked */
	uint8_t hash[AUDIT_HASH];
};

/* Fills serial and hash. Locks the tenant's chain until COMMIT. */
enum store_status store_audit_add(struct db *db, struct audit_row *row);
/* Many of one tenant, in their order. */
enum store_status store_audit_add_all(struct db *db, struct audit_row *rows, size_t n);
/* The rows after a serial, oldest first. */
enum store_status store_audit_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				   struct audit_row *rows_out, size_t *n_out);
/* STORE_OK: every hash of the tenant follows from its row and the one before; STORE_CONFLICT: not
 * from *broken_out on. */
enum store_status store_audit_verify(struct db *db, const char *tenant, int64_t *broken_out);

#endif
