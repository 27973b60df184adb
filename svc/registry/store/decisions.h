/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions on calls, kept so long that whoever was blocked can ask why. */
#ifndef REGISTRY_STORE_DECISIONS_H
#define REGISTRY_STORE_DECISIONS_H

#include "svc/registry/domain/block.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

#define DECISION_KEEP_MS      (INT64_C(28) * 24 * 3600 * 1000)
#define DECISION_ACTION_MAX   16
#define DECISION_EVIDENCE_MAX 4096 /* bytes of JSON */

struct decision_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char number[BLOCK_MAX + 1];
	char action[DECISION_ACTION_MAX + 1];
	char rule[TEXT_BYTES_MAX + 1];
	char evidence[DECISION_EVIDENCE_MAX + 1]; /* a JSON array */
	int64_t created_ms;
};

/* Forgets a few of the tenant's that are older than DECISION_KEEP_MS. */
enum store_status store_decisions_add(struct db *db, const struct decision_row *row);
/* One that is not older than that. */
enum store_status store_decisions_get(struct db *db, const char *tenant, const char *id,
				      int64_t now_ms, struct decision_row *row_out);

#endif
