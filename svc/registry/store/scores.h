/* SPDX-License-Identifier: Apache-2.0 */
/* What the reputation engine has found of a number. It reads across tenants. */
#ifndef REGISTRY_STORE_SCORES_H
#define REGISTRY_STORE_SCORES_H

#include "svc/registry/domain/block.h"
#include "svc/registry/store/db.h"

#define SCORE_LABEL_MAX	   24
#define SCORE_EVIDENCE_MAX 2048 /* bytes of JSON */

/* As it was at computed_ms: who shows it lets it fade first (api/reputation.h). */
struct score_row {
	char number[BLOCK_MAX + 1];
	char label[SCORE_LABEL_MAX + 1];
	int64_t score_ppm, low_ppm, high_ppm; /* millionths */
	char worst[SCORE_LABEL_MAX + 1];
	int64_t unwanted_ppm, wanted_ppm, unproven_ppm; /* millionths of a report */
	char evidence[SCORE_EVIDENCE_MAX + 1];		/* a JSON array */
	int64_t computed_ms;
	int64_t fades_ms; /* when the label ends; 0: never */
};

enum store_status store_scores_get(struct db *db, const char *number, struct score_row *row_out);
enum store_status store_scores_put(struct db *db, const struct score_row *row);
/* Those whose label has ended, the longest first. */
enum store_status store_scores_faded(struct db *db, int64_t now_ms, size_t limit,
				     struct score_row *rows_out, size_t *n_out);

#endif
