/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of an intent. */
#include "svc/registry/store/intent_row.h"

#include <string.h>

/* A state that this program does not know is an end. */
static enum intent_state read_state(const char *name)
{
	for (size_t i = 0; i < INTENT_STATES; i++) {
		if (strcmp(intent_state_names[i], name) == 0)
			return (enum intent_state)i;
	}
	return INTENT_CANCELLED;
}

static void read_row(struct db_query *query, struct intent_row *row)
{
	size_t len;

	memset(row, 0, sizeof *row);
	row->serial = db_int(query, 0);
	db_text(query, 1, row->id, sizeof row->id);
	db_text(query, 2, row->tenant, sizeof row->tenant);
	db_text(query, 3, row->brand, sizeof row->brand);
	db_text(query, 4, row->key, sizeof row->key);
	db_text(query, 5, row->caller, sizeof row->caller);
	const void *callee = db_blob(query, 6, &len);
	if (callee != NULL && len == PAIRTAG_SIZE)
		memcpy(row->callee_only, callee, PAIRTAG_SIZE);
	db_text(query, 7, row->code, sizeof row->code);
	db_text(query, 8, row->text, sizeof row->text);
	db_text(query, 9, row->lang, sizeof row->lang);
	row->life.stored = read_state(db_text_borrow(query, 10));
	row->life.mismatches = db_int(query, 11);
	row->created_ms = db_int(query, 12);
	row->not_before_ms = db_int(query, 13);
	row->life.expires_ms = db_int(query, 14);
	row->matched_ms = db_int(query, 15);
	row->outcome_ms = db_int(query, 16);
}

enum store_status intent_row_one(struct db_query *query, struct intent_row *row_out)
{
	enum store_status status = db_step(query);

	if (status == STORE_OK)
		read_row(query, row_out);
	db_done(query);
	return status;
}

enum store_status intent_row_all(struct db_query *query, size_t limit, struct intent_row *rows_out,
				 size_t *n_out)
{
	enum store_status status;
	size_t n = 0;

	while ((status = db_step(query)) == STORE_OK && n < limit)
		read_row(query, &rows_out[n++]);
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}
