/* SPDX-License-Identifier: Apache-2.0 */
/* Answering with a page of rows. */
#ifndef REGISTRY_LIST_H
#define REGISTRY_LIST_H

#include "svc/registry/http/call.h"

struct api_list {
	size_t row_size; /* of a struct whose first member is int64_t serial */
	/* At most page->limit rows after page->after, which belong to the caller. */
	enum store_status (*load)(struct http_call *call, const struct http_page *page,
				  void *rows_out, size_t *n_out);
	json_t *(*render)(const struct http_call *call, const void *row);
};

void api_list_reply(struct http_call *call, const struct api_list *list);

#endif
