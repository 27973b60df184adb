/* SPDX-License-Identifier: Apache-2.0 */
/* What time takes away: the approval of a business, the proof of a claim. */
#ifndef REGISTRY_STORE_AGEING_H
#define REGISTRY_STORE_AGEING_H

#include "svc/registry/store/db.h"

/*
 * One step of each, across tenants; STORE_NONE: nothing is due. Both leave an audit row and tell
 * those who show brands.
 */

/* A business whose approval is over: look-ups show its brands no more. */
enum store_status store_ageing_business(struct db *db, int64_t now_ms);
/* A claim that was not proved anew: its number is free, its bindings go. */
enum store_status store_ageing_claim(struct db *db, int64_t now_ms);

#endif
