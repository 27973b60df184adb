/* SPDX-License-Identifier: Apache-2.0 */
/* What push/recall.h keeps, in the order in which it can be followed. It reads across tenants. */
#ifndef REGISTRY_STORE_RECALL_H
#define REGISTRY_STORE_RECALL_H

#include "svc/registry/domain/block.h"
#include "svc/registry/domain/pairtag.h"
#include "svc/registry/store/db.h"

struct recall_intent {
	int64_t serial; /* the intent's, or its event's */
	uint8_t callee[PAIRTAG_SIZE];
	int64_t created_ms;
};
struct recall_number {
	int64_t serial; /* the report's */
	char number[BLOCK_MAX + 1];
};

/* At most limit of all intents whose serial is greater, in that order. */
enum store_status store_recall_intents(struct db *db, int64_t after, size_t limit,
				       struct recall_intent *rows_out, size_t *n_out);
/* Of those that were announced by an event after the serial. */
enum store_status store_recall_announced(struct db *db, int64_t after, size_t limit,
					 struct recall_intent *rows_out, size_t *n_out);

/* The newest report's serial. Reports take turns (db_lock()), so that they become visible in the
 * order of their serials. */
enum store_status store_recall_newest(struct db *db, int64_t *serial_out);
/* Numbers that have a score, after that one by their text; their serial is 0. */
enum store_status store_recall_scores(struct db *db, const char *after, size_t limit,
				      struct recall_number *rows_out, size_t *n_out);
/* Numbers that were reported after the serial. */
enum store_status store_recall_reports(struct db *db, int64_t after, size_t limit,
				       struct recall_number *rows_out, size_t *n_out);

#endif
