/* SPDX-License-Identifier: Apache-2.0 */
/* Reading rows and binding what may be absent: what all queries share. */
#ifndef REGISTRY_STORE_ROWS_H
#define REGISTRY_STORE_ROWS_H

#include "svc/registry/store/db.h"

/* Fills a struct from the row that the statement stands at. */
typedef void rows_read(struct db_query *query, void *row_out);

/* The first row. Ends the statement. */
enum store_status rows_one(struct db_query *query, rows_read *read, void *row_out);
/* At most limit rows of row_size bytes each; none is no failure. Ends the statement. */
enum store_status rows_all(struct db_query *query, rows_read *read, size_t row_size, size_t limit,
			   void *rows_out, size_t *n_out);
/* There is a row. Ends the statement. */
enum store_status rows_any(struct db_query *query);

/* For " AND serial > :after ORDER BY serial LIMIT :limit". */
#define ROWS_PAGE " AND serial > :after ORDER BY serial LIMIT :limit"
void rows_bind_page(struct db_query *query, int64_t after, size_t limit);

/* "" and 0 are NULL in the database. */
void rows_bind_text(struct db_query *query, const char *name, const char *text);
void rows_bind_time(struct db_query *query, const char *name, int64_t ms);

/* Which of the NULL-terminated names a column holds; fallback when it is none: a later program
 * may have written it. */
int rows_name(struct db_query *query, int column, const char *const names[], int fallback);

/* Whether the column holds len bytes; then they are copied. */
bool rows_bytes(struct db_query *query, int column, void *bytes_out, size_t len);

#endif
