/* SPDX-License-Identifier: Apache-2.0 */
/* What everybody may know of numbers, beside the directory: its version, and labels. */
#ifndef REGISTRY_STORE_PUBLIC_H
#define REGISTRY_STORE_PUBLIC_H

#include "svc/registry/domain/block.h"
#include "svc/registry/store/db.h"
#include "svc/registry/store/scores.h"

/* The serial of the directory's last change, kept or not. */
enum store_status store_public_version(struct db *db, int64_t *version_out);

struct public_label {
	char number[BLOCK_MAX + 1];
	char label[SCORE_LABEL_MAX + 1];
};
/* Numbers after that one, by their text, which have a label. */
enum store_status store_public_labels(struct db *db, const char *after, size_t limit,
				      struct public_label *rows_out, size_t *n_out);
/* label "" when the number has none. */
enum store_status store_public_label(struct db *db, const char *number,
				     struct public_label *row_out);

#endif
