/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about what everybody may know. */
#include "svc/registry/store/public.h"

#include "svc/registry/store/follow.h"

#include <stdio.h>

enum store_status store_public_version(struct db *db, int64_t *version_out)
{
	struct db_query *query = db_query(db, "SELECT max(serial) FROM directory_log");
	int64_t gone = 0;
	enum store_status status = db_step(query);

	if (status == STORE_OK)
		*version_out = db_int(query, 0);
	db_done(query);
	if (status == STORE_OK)
		status = store_follow_gone(db, FOLLOW_DIRECTORY, &gone);
	if (status == STORE_OK && gone > *version_out)
		*version_out = gone;
	return status;
}

enum store_status store_public_labels(struct db *db, const char *after, size_t limit,
				      struct public_label *rows_out, size_t *n_out)
{
	struct db_query *query = db_query(db, "SELECT number, label FROM scores"
					      " WHERE number > :after AND label <> 'none'"
					      " ORDER BY number LIMIT :limit");
	enum store_status status;
	size_t n = 0;

	db_bind_text(query, ":after", after);
	db_bind_int(query, ":limit", (int64_t)limit);
	while ((status = db_step(query)) == STORE_OK && n < limit) {
		db_text(query, 0, rows_out[n].number, sizeof rows_out[n].number);
		db_text(query, 1, rows_out[n].label, sizeof rows_out[n].label);
		n++;
	}
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_public_label(struct db *db, const char *number,
				     struct public_label *row_out)
{
	struct db_query *query = db_query(db, "SELECT label FROM scores WHERE number = :number");

	snprintf(row_out->number, sizeof row_out->number, "%s", number);
	row_out->label[0] = '\0';
	db_bind_text(query, ":number", number);
	enum store_status status = db_step(query);
	if (status == STORE_OK)
		db_text(query, 0, row_out->label, sizeof row_out->label);
	db_done(query);
	return status == STORE_NONE ? STORE_OK : status;
}
