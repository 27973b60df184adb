/* SPDX-License-Identifier: Apache-2.0 */
/* What one call may cost, and what becomes of chains of diversions as their parts are judged. */
#ifndef CID_BUDGET_H
#define CID_BUDGET_H

#include "set.h"

/* EARLY: what failed a check that needs no certificate, or could not be afforded, is gone. PROVEN:
 * so is everything whose signature did not pass. */
enum cid_chains_stage { CID_CHAINS_EARLY, CID_CHAINS_PROVEN };

/* Finds the paths of forwards without what is gone. */
void cid_chains_link(struct cid_set *set, enum cid_chains_stage stage);

/* The same, and judges what is on none: anew, if it leant on one. */
void cid_chains_judge(struct cid_set *set, enum cid_chains_stage stage);

/*
 * Takes the keys that are known, marks the certificates that are wanted, and refuses what is over
 * policy.max_signatures or max_cost. When not everything can be had: first what proves the caller
 * by itself, then path after path of forwards to the called party, each whole or not at all, the
 * cheapest first, so that what is on no path takes nothing from what is; then the rest.
 */
void cid_budget_spend(struct cid_set *set);

#endif
