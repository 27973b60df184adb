/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons that a brand gives often, as templates. */
#ifndef REGISTRY_STORE_REASONS_H
#define REGISTRY_STORE_REASONS_H

#include "svc/registry/store/intents.h"

struct reason_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char brand[ID_MAX + 1];
	char code[REASON_CODE_MAX + 1];
	char text[TEXT_BYTES_MAX + 1];
	char lang[LANG_MAX + 1];
	bool retired;
	int64_t version, created_ms;
};

/* STORE_NONE: the tenant has no such brand. */
enum store_status store_reasons_add(struct db *db, const struct reason_row *row);
enum store_status store_reasons_get(struct db *db, const char *tenant, const char *id,
				    struct reason_row *row_out);
enum store_status store_reasons_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				     struct reason_row *rows_out, size_t *n_out);
/* STORE_NONE: no such reason, or retired before. */
enum store_status store_reasons_retire(struct db *db, const char *tenant, const char *id);

#endif
