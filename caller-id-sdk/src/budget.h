/* SPDX-License-Identifier: Apache-2.0 */
/* What one call may cost, and what becomes of chains of diversions as their parts are judged. */
#ifndef CID_BUDGET_H
#define CID_BUDGET_H

#include "set.h"

/* EARLY: a part has failed a check that needs no certificate, or could not be afforded. PROVEN: the
 * signature of every part must have passed. */
enum cid_chains_stage { CID_CHAINS_EARLY, CID_CHAINS_PROVEN };

/* Breaks every chain with a part that fails stage, then judges anew what leant on it. */
void cid_chains_judge(struct cid_set *set, enum cid_chains_stage stage);

/*
 * Takes the keys that are known, marks the certificates that are wanted, and refuses what is over
 * policy.max_signatures or max_cost: PASSporTs that can prove the caller come first, then chains,
 * each whole or not at all, then the rest.
 */
void cid_budget_spend(struct cid_set *set);

#endif
