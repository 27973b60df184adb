/* SPDX-License-Identifier: Apache-2.0 */
/* Between reports, the engine that weighs them, and what is shown of a number. */
#ifndef REGISTRY_API_REPUTATION_H
#define REGISTRY_API_REPUTATION_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/reports.h"
#include "svc/registry/store/scores.h"
#include "svc/reputation/score.h"

/* Weighing reads what others write: one transaction at a time. Before the first read. */
enum store_status reputation_lock(struct http_call *call);

/* Fills reporter and standing of a report by the caller on row->number. */
enum store_status reputation_admit(struct http_call *call, struct report_row *row);

/* Weighs the number's reports anew. Who follows the directory, and the number's holder, hear of a
 * label that changed. At the transaction's end. */
enum store_status reputation_weigh(struct http_call *call, const char *number);

/* Ends one label that has faded; they hear of it too. STORE_NONE: there is none. In a transaction
 * of its own. */
enum store_status reputation_age(struct db *db, int64_t now_ms);

/* What is left of the score at now_ms. */
void reputation_fade(struct score_row *row, int64_t now_ms);

/* "reputation" of a look-up, faded to now. */
json_t *reputation_render(const struct http_call *call, const struct score_row *row);

#endif
