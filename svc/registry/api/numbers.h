/* SPDX-License-Identifier: Apache-2.0 */
/* What claims and bindings share: numbers and blocks in requests and answers. */
#ifndef REGISTRY_API_NUMBERS_H
#define REGISTRY_API_NUMBERS_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/bindings.h"
#include "svc/registry/store/claims.h"

/* A request's number and block. */
struct number_fields {
	struct tn number;
	int64_t block;
};

/* The block, or false: the call is answered, pointing to base ("" or "/items/17") and the field. */
bool numbers_block(struct http_call *call, const struct number_fields *fields, const char *base,
		   struct block *block_out);

/* "number": the first of the block, "block": how many. */
void numbers_render(json_t *json, const char *block);

json_t *claims_render(const struct http_call *call, const struct claim_row *row);

/* A claim of the caller's tenant, verified at once when it is vouched for, with its audit row.
 * false: the call is answered. */
bool claims_make(struct http_call *call, const struct block *block, struct claim_row *row_out);

#endif
