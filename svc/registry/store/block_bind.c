/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of a number's four texts. */
#include "svc/registry/store/block_bind.h"

void block_bind(struct db_query *query, const char *number, struct block keys[BLOCK_KEYS])
{
	static const char *const names[BLOCK_KEYS] = {":one", ":ten", ":hundred", ":thousand"};
	char first[CALLERID_TN_MAX + 1];

	block_first(number, first);
	block_keys(first, keys);
	for (size_t i = 0; i < BLOCK_KEYS; i++)
		db_bind_text(query, names[i], keys[i].text);
}
