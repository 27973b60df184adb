/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about reports. */
#include "svc/registry/store/reports.h"

#include "svc/registry/store/block_bind.h"

#include <string.h>

/* A few at a time, so that a report stays quick whatever has piled up. */
static enum store_status forget_old(struct db *db, int64_t now_ms)
{
	struct db_query *query =
		db_query(db, "DELETE FROM reports WHERE serial IN (SELECT serial FROM reports"
			     " WHERE created_at < :limit ORDER BY created_at LIMIT 20)");

	db_bind_int(query, ":limit", now_ms - REPORT_KEEP_MS);
	enum store_status status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_reports_add(struct db *db, const struct report_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO reports (id, tenant, key, receipt, number, label, provenance,"
		    " reporter, standing, state, created_at) VALUES (:id, :tenant, :key, :receipt,"
		    " :number, :label, :provenance, :reporter, :standing, 'active', :now)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":key", row->key);
	db_bind_blob(query, ":receipt", row->receipt, RECEIPT_ID);
	db_bind_text(query, ":number", row->number);
	db_bind_text(query, ":label", row->label);
	db_bind_text(query, ":provenance", provenance_names[row->provenance]);
	db_bind_int(query, ":reporter", row->reporter);
	db_bind_text(query, ":standing", row->standing);
	db_bind_int(query, ":now", row->created_ms);
	enum store_status status = db_run(query);
	return status == STORE_OK ? forget_old(db, row->created_ms) : status;
}

static enum provenance read_provenance(const char *name)
{
	for (size_t i = 0; i < PROVENANCES; i++) {
		if (strcmp(provenance_names[i], name) == 0)
			return (enum provenance)i;
	}
	return PROVENANCE_SPOOFED; /* what accuses nobody */
}

enum store_status store_reports_get(struct db *db, const char *key, const char *id,
				    struct report_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT serial, id, tenant, key, number, label, provenance, reporter,"
			     " state, created_at FROM reports WHERE id = :id AND key = :key");

	db_bind_text(query, ":id", id);
	db_bind_text(query, ":key", key);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		memset(row_out, 0, sizeof *row_out);
		row_out->serial = db_int(query, 0);
		db_text(query, 1, row_out->id, sizeof row_out->id);
		db_text(query, 2, row_out->tenant, sizeof row_out->tenant);
		db_text(query, 3, row_out->key, sizeof row_out->key);
		db_text(query, 4, row_out->number, sizeof row_out->number);
		db_text(query, 5, row_out->label, sizeof row_out->label);
		row_out->provenance = read_provenance(db_text_borrow(query, 6));
		row_out->reporter = db_int(query, 7);
		row_out->undone = strcmp(db_text_borrow(query, 8), "active") != 0;
		row_out->created_ms = db_int(query, 9);
	}
	db_done(query);
	return status;
}

enum store_status store_reports_undo(struct db *db, const struct report_row *row, int64_t now_ms)
{
	struct db_query *query =
		db_query(db, "UPDATE reports SET state = 'undone', undone_at = :now WHERE id = :id"
			     " AND tenant = :tenant AND state = 'active'");

	db_bind_int(query, ":now", now_ms);
	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	return db_run(query);
}

static enum store_status read_count(struct db_query *query, int64_t *count_out)
{
	enum store_status status = db_step(query);

	*count_out = status == STORE_OK ? db_int(query, 0) : 0;
	db_done(query);
	return status;
}

enum store_status store_reports_recent(struct db *db, int64_t reporter, int64_t since_ms,
				       int64_t *count_out)
{
	struct db_query *query =
		db_query(db, "SELECT count(*) FROM reports WHERE reporter = :reporter"
			     " AND created_at > :since");

	db_bind_int(query, ":reporter", reporter);
	db_bind_int(query, ":since", since_ms);
	return read_count(query, count_out);
}

enum store_status store_reports_holder(struct db *db, const char *number, int64_t now_ms,
				       char tenant_out[ID_MAX + 1])
{
	struct db_query *query = db_query(
		db, "SELECT tenant FROM claims WHERE state = 'verified' AND number IN " BLOCK_IN
		    " AND (reprove_at IS NULL OR reprove_at > :now)"
		    " ORDER BY number LIMIT 1"); /* digits stand before "x": the narrowest */
	struct block keys[BLOCK_KEYS];

	block_bind(query, number, keys);
	db_bind_int(query, ":now", now_ms);
	enum store_status status = db_step(query);
	if (status == STORE_OK)
		db_text(query, 0, tenant_out, ID_MAX + 1);
	db_done(query);
	return status;
}

static void bind_filter(struct db_query *query, const struct report_filter *filter)
{
	db_bind_text(query, ":number", filter->number);
	db_bind_text(query, ":standing", filter->standing);
	db_bind_int(query, ":since", filter->since_ms);
}

enum store_status store_reports_facts(struct db *db, const struct report_filter *filter,
				      struct report_fact *facts_out, size_t *n_out)
{
	struct db_query *query = db_query(
		db, "SELECT r.reporter, t.serial, r.label, r.provenance, r.created_at"
		    " FROM reports r JOIN tenants t ON t.id = r.tenant WHERE r.number = :number"
		    " AND r.standing = :standing AND r.state = 'active' AND r.created_at > :since"
		    " ORDER BY r.created_at DESC, r.serial DESC LIMIT :limit");
	enum store_status status;
	size_t n = 0;

	bind_filter(query, filter);
	db_bind_int(query, ":limit", (int64_t)filter->limit);
	while ((status = db_step(query)) == STORE_OK && n < filter->limit) {
		struct report_fact *fact = &facts_out[n++];
		fact->reporter = db_int(query, 0);
		fact->tenant = db_int(query, 1);
		db_text(query, 2, fact->label, sizeof fact->label);
		fact->provenance = read_provenance(db_text_borrow(query, 3));
		fact->at_ms = db_int(query, 4);
	}
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_reports_others(struct db *db, const struct report_filter *filter,
				       int64_t *count_out)
{
	struct db_query *query = db_query(db, "SELECT count(*) FROM reports WHERE number = :number"
					      " AND standing <> :standing AND state = 'active'"
					      " AND created_at > :since");

	bind_filter(query, filter);
	return read_count(query, count_out);
}

enum store_status store_reports_count(struct db *db, const char *number, int64_t since_ms,
				      size_t limit, struct report_count *counts_out, size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT label, provenance, count(*) FROM reports"
			     " WHERE number = :number AND state = 'active'"
			     " AND created_at > :since GROUP BY label, provenance LIMIT :limit");
	enum store_status status;
	size_t n = 0;

	db_bind_text(query, ":number", number);
	db_bind_int(query, ":since", since_ms);
	db_bind_int(query, ":limit", (int64_t)limit);
	while ((status = db_step(query)) == STORE_OK && n < limit) {
		db_text(query, 0, counts_out[n].label, sizeof counts_out[n].label);
		counts_out[n].provenance = read_provenance(db_text_borrow(query, 1));
		counts_out[n++].count = db_int(query, 2);
	}
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}
