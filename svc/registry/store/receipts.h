/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts that were used up, kept until they would have expired. */
#ifndef REGISTRY_STORE_RECEIPTS_H
#define REGISTRY_STORE_RECEIPTS_H

#include "svc/registry/domain/receipt.h"
#include "svc/registry/store/db.h"

/* STORE_CONFLICT: it was used before; the transaction goes on. */
enum store_status store_receipts_use(struct db *db, const char *tenant,
				     const uint8_t id[RECEIPT_ID], int64_t now_ms);

#endif
