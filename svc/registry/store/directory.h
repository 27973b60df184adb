/* SPDX-License-Identifier: Apache-2.0 */
/* The directory: what is public of a number. It reads across tenants. */
#ifndef REGISTRY_STORE_DIRECTORY_H
#define REGISTRY_STORE_DIRECTORY_H

#include "svc/registry/domain/block.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

/* A binding that is active, of a brand that is live, of a business that is approved. */
struct directory_row {
	int64_t serial; /* the binding's */
	char number[BLOCK_MAX + 1];
	char tenant[ID_MAX + 1];
	char business[ID_MAX + 1];
	char brand[ID_MAX + 1];
	char name[TEXT_BYTES_MAX + 1];
	char logo[SHA256_HEX + 1]; /* "": none */
	bool strict;		   /* shown only for calls that were announced */
	bool gone; /* nothing is public of it: only serial and number are to be read */
};

/* The entry of the narrowest binding that covers the number (canonical digits). STORE_NONE: there
 * is none, or the narrowest is not public: then a wider one does not show either. */
enum store_status store_directory_find(struct db *db, const char *number,
				       struct directory_row *row_out);
/* What stands under exactly this number or block. gone, too, when it is bound to nothing. */
enum store_status store_directory_get(struct db *db, const char *number,
				      struct directory_row *row_out);
/* Bindings whose serial is greater, in that order, those that are gone too; fewer than
 * DIRECTORY_PAGE were the last. */
#define DIRECTORY_PAGE 100
enum store_status store_directory_page(struct db *db, int64_t after,
				       struct directory_row rows_out[DIRECTORY_PAGE],
				       size_t *n_out);
/* The same of one brand. */
enum store_status store_directory_of_brand(struct db *db, const char *brand, int64_t after,
					   struct directory_row rows_out[DIRECTORY_PAGE],
					   size_t *n_out);
/* Whether a business is known and approved. */
enum store_status store_directory_knows(struct db *db, const char *business);

#endif
