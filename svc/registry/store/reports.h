/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: what callees say of a number. Those of all tenants make its evidence. */
#ifndef REGISTRY_STORE_REPORTS_H
#define REGISTRY_STORE_REPORTS_H

#include "svc/registry/domain/block.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/receipt.h"
#include "svc/registry/store/db.h"

#define REPORT_KEEP_MS	 (INT64_C(180) * 24 * 3600 * 1000)
#define REPORT_LABEL_MAX 24

struct report_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char key[ID_MAX + 1];
	uint8_t receipt[RECEIPT_ID];
	char number[BLOCK_MAX + 1];
	char label[REPORT_LABEL_MAX + 1];
	enum provenance provenance;
	int64_t reporter;     /* the same for the same device or tenant */
	const char *standing; /* static: what it counts for; only written */
	bool undone;
	int64_t created_ms;
};

/* Forgets a few that are older than REPORT_KEEP_MS. */
enum store_status store_reports_add(struct db *db, const struct report_row *row);
/* Of that key only. receipt and standing are not read. */
enum store_status store_reports_get(struct db *db, const char *key, const char *id,
				    struct report_row *row_out);
/* STORE_NONE: undone before. */
enum store_status store_reports_undo(struct db *db, const struct report_row *row, int64_t now_ms);

/* How many the reporter has made since then, the undone ones too. */
enum store_status store_reports_recent(struct db *db, int64_t reporter, int64_t since_ms,
				       int64_t *count_out);
/* The tenant with a verified claim over the number. */
enum store_status store_reports_holder(struct db *db, const char *number, int64_t now_ms,
				       char tenant_out[ID_MAX + 1]);

/* One report that counts. */
struct report_fact {
	int64_t reporter, tenant; /* tenant: its serial */
	char label[REPORT_LABEL_MAX + 1];
	enum provenance provenance;
	int64_t at_ms;
};
/* Of a number, those with that standing since then, the newest first. */
struct report_filter {
	const char *number, *standing;
	int64_t since_ms;
	size_t limit;
};
enum store_status store_reports_facts(struct db *db, const struct report_filter *filter,
				      struct report_fact *facts_out, size_t *n_out);
/* How many have any other standing. */
enum store_status store_reports_others(struct db *db, const struct report_filter *filter,
				       int64_t *count_out);

/* Those that stand, by what they say. */
struct report_count {
	char label[REPORT_LABEL_MAX + 1];
	enum provenance provenance;
	int64_t count;
};
enum store_status store_reports_count(struct db *db, const char *number, int64_t since_ms,
				      size_t limit, struct report_count *counts_out, size_t *n_out);

#endif
