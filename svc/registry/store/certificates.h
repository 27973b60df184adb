/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate chains that are published under the hash of their content. */
#ifndef REGISTRY_STORE_CERTIFICATES_H
#define REGISTRY_STORE_CERTIFICATES_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/store/db.h"

struct certificate_row {
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char sha256[SHA256_HEX + 1];
	const char *pem; /* for adding only */
	size_t len;
	int64_t not_after_s;
	int64_t created_ms;
};

/* STORE_CONFLICT: the tenant has it already; then store_certificates_by_content() has its id. */
enum store_status store_certificates_add(struct db *db, const struct certificate_row *row);
enum store_status store_certificates_by_content(struct db *db, const char *tenant,
						const char *sha256,
						struct certificate_row *row_out);
/* Public: anybody's chain. *pem_out is malloc'ed and the caller's. */
enum store_status store_certificates_public(struct db *db, const char *sha256, void **pem_out,
					    size_t *len_out);

#endif
