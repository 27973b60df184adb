/* SPDX-License-Identifier: Apache-2.0 */
/* What the reputation engine has found of a number. It reads across tenants. */
#ifndef REGISTRY_STORE_SCORES_H
#define REGISTRY_STORE_SCORES_H

#include "svc/registry/domain/block.h"
#include "svc/registry/store/db.h"

#define SCORE_LABEL_MAX	   24
#define SCORE_EVIDENCE_MAX 2048 /* bytes of JSON */

struct score_row {
	char number[BLOCK_MAX + 1];
	char label[SCORE_LABEL_MAX + 1];
	int64_t score_ppm, low_ppm, high_ppm;  /* millionths */
	char evidence[SCORE_EVIDENCE_MAX + 1]; /* a JSON array */
	int64_t computed_ms;
};

enum store_status store_scores_get(struct db *db, const char *number, struct score_row *row_out);
enum store_status store_scores_put(struct db *db, const struct score_row *row);

#endif
