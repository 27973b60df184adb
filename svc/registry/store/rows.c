/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of any table. */
#include "svc/registry/store/rows.h"

#include <string.h>

enum store_status rows_one(struct db_query *query, rows_read *read, void *row_out)
{
	enum store_status status = db_step(query);

	if (status == STORE_OK)
		read(query, row_out);
	db_done(query);
	return status;
}

enum store_status rows_all(struct db_query *query, rows_read *read, size_t row_size, size_t limit,
			   void *rows_out, size_t *n_out)
{
	enum store_status status = STORE_OK;
	char *rows = rows_out;
	size_t n = 0;

	while (n < limit && (status = db_step(query)) == STORE_OK)
		read(query, rows + n++ * row_size);
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status rows_any(struct db_query *query)
{
	enum store_status status = db_step(query);

	db_done(query);
	return status;
}

void rows_bind_page(struct db_query *query, int64_t after, size_t limit)
{
	db_bind_int(query, ":after", after);
	db_bind_int(query, ":limit", (int64_t)limit);
}

void rows_bind_text(struct db_query *query, const char *name, const char *text)
{
	db_bind_text(query, name, text[0] != 0 ? text : NULL);
}

void rows_bind_time(struct db_query *query, const char *name, int64_t ms)
{
	if (ms != 0)
		db_bind_int(query, name, ms);
	else
		db_bind_null(query, name);
}

int rows_name(struct db_query *query, int column, const char *const names[], int fallback)
{
	const char *name = db_text_borrow(query, column);

	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	return fallback;
}

bool rows_bytes(struct db_query *query, int column, void *bytes_out, size_t len)
{
	size_t found;
	const void *bytes = db_blob(query, column, &found);

	if (bytes == NULL || found != len)
		return false;
	memcpy(bytes_out, bytes, len);
	return true;
}
