/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of any resource. */
#include "svc/registry/api/list.h"

#include <stdlib.h>
#include <string.h>

static int64_t serial_of(const void *row)
{
	int64_t serial;

	memcpy(&serial, row, sizeof serial);
	return serial;
}

void api_list_reply(struct http_call *call, const struct api_list *list)
{
	struct http_page page, wanted;
	size_t n = 0;

	if (!http_read_page(call, &page))
		return;
	/* one more than asked for tells whether there is a next page */
	wanted = (struct http_page){page.limit + 1, page.after};
	char *rows = calloc(wanted.limit, list->row_size);
	enum store_status status =
		rows != NULL ? list->load(call, &wanted, rows, &n) : STORE_FAILED;
	bool more = n > page.limit;
	json_t *items = json_array();
	for (size_t i = 0; i < n - more; i++)
		json_array_append_new(items, list->render(call, rows + i * list->row_size));
	if (status == STORE_OK) {
		http_reply_page(call, items,
				more ? serial_of(rows + (page.limit - 1) * list->row_size) : 0);
	} else {
		json_decref(items);
		http_reply_store(call, status);
	}
	free(rows);
}
