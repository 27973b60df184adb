/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that were answered, by their Idempotency-Key. */
#ifndef REGISTRY_STORE_IDEMPOTENCY_H
#define REGISTRY_STORE_IDEMPOTENCY_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/store/db.h"

#define IDEMPOTENCY_HASH    32
#define IDEMPOTENCY_ETAG    (SHA256_HEX + 2)
#define IDEMPOTENCY_KEEP_MS (INT64_C(24) * 3600 * 1000)

struct idempotency_row {
	char tenant[ID_MAX + 1];
	uint8_t key[IDEMPOTENCY_HASH]; /* SHA-256 over the API key's identifier and the header */
	uint8_t request[IDEMPOTENCY_HASH]; /* SHA-256 over method, path and body */
	int64_t status;
	char etag[IDEMPOTENCY_ETAG + 1];
	const char *body; /* borrowed when adding; malloc'ed, the caller's, when it was read */
	int64_t created_ms;
};

/* However old it is. */
enum store_status store_idempotency_get(struct db *db, const char *tenant,
					const uint8_t key[IDEMPOTENCY_HASH],
					struct idempotency_row *row_out);
/* Adds it, in the transaction of the request, in the place of one that is older than they are kept;
 * deletes a few such. STORE_CONFLICT: another request with that key was faster. */
enum store_status store_idempotency_add(struct db *db, const struct idempotency_row *row);

#endif
