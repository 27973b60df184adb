/* SPDX-License-Identifier: Apache-2.0 */
/* Queries about published certificates. */
#include "svc/registry/store/certificates.h"

#include <string.h>

enum store_status store_certificates_add(struct db *db, const struct certificate_row *row)
{
	struct db_query *query = db_query(
		db, "INSERT INTO certificates (id, tenant, sha256, pem, not_after, created_at)"
		    " VALUES (:id, :tenant, :sha256, :pem, :end, :now)");

	db_bind_text(query, ":id", row->id);
	db_bind_text(query, ":tenant", row->tenant);
	db_bind_text(query, ":sha256", row->sha256);
	db_bind_blob(query, ":pem", row->pem, row->len);
	db_bind_int(query, ":end", row->not_after_s);
	db_bind_int(query, ":now", row->created_ms);
	return db_run(query);
}

enum store_status store_certificates_by_content(struct db *db, const char *tenant,
						const char *sha256, struct certificate_row *row_out)
{
	struct db_query *query =
		db_query(db, "SELECT id, tenant, sha256, not_after, created_at FROM certificates"
			     " WHERE sha256 = :sha256 AND tenant = :tenant");

	db_bind_text(query, ":sha256", sha256);
	db_bind_text(query, ":tenant", tenant);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		memset(row_out, 0, sizeof *row_out);
		db_text(query, 0, row_out->id, sizeof row_out->id);
		db_text(query, 1, row_out->tenant, sizeof row_out->tenant);
		db_text(query, 2, row_out->sha256, sizeof row_out->sha256);
		row_out->not_after_s = db_int(query, 3);
		row_out->created_ms = db_int(query, 4);
	}
	db_done(query);
	return status;
}

enum store_status store_certificates_public(struct db *db, const char *sha256, void **pem_out,
					    size_t *len_out)
{
	struct db_query *query =
		db_query(db, "SELECT pem FROM certificates WHERE sha256 = :sha256 LIMIT 1");

	db_bind_text(query, ":sha256", sha256);
	enum store_status status = db_step(query);
	if (status == STORE_OK)
		status = db_blob_copy(query, 0, pem_out, len_out);
	db_done(query);
	return status;
}
