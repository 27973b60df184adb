/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the rows of intents: for intents.c and intent_calls.c. */
#ifndef REGISTRY_STORE_INTENT_ROW_H
#define REGISTRY_STORE_INTENT_ROW_H

#include "svc/registry/store/intents.h"

#define INTENT_COLUMNS                                                                             \
	"serial, id, tenant, brand, key, caller, callee_only, code, text, lang, state, "           \
	"mismatches,"                                                                              \
	" created_at, not_before, expires_at, matched_at, outcome_at"

enum store_status intent_row_one(struct db_query *query, struct intent_row *row_out);
enum store_status intent_row_all(struct db_query *query, size_t limit, struct intent_row *rows_out,
				 size_t *n_out);

#endif
