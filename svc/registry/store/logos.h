/* SPDX-License-Identifier: Apache-2.0 */
/* Logos, known by their content. */
#ifndef REGISTRY_STORE_LOGOS_H
#define REGISTRY_STORE_LOGOS_H

#include "svc/registry/store/db.h"

struct logo_row {
	const char *tenant, *sha256; /* hexadecimal */
	const void *body;
	size_t len;
	int64_t created_ms;
};

/* Once in the database, whoever brings it; each who does may use it. */
enum store_status store_logos_add(struct db *db, const struct logo_row *row);
enum store_status store_logos_owned(struct db *db, const char *tenant, const char *sha256);
/* malloc'ed; the caller frees it. Whoever knows the hash may have it. */
enum store_status store_logos_public(struct db *db, const char *sha256, void **body_out,
				     size_t *len_out);

#endif
