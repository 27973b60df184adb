/* SPDX-License-Identifier: Apache-2.0 */
/* TNAuthLists: DER has one form for each list, so that what parses is written back byte for byte.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/tnauthlist.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct callerid_tnauth_entry entries[CALLERID_TNAUTH_ENTRIES_MAX];
	struct callerid_tnauthlist *list = NULL;
	uint8_t *der = NULL;
	size_t len = 0, n;

	if (callerid_tnauthlist_parse(data, size, &list, NULL) != CALLERID_OK)
		return 0;
	n = callerid_tnauthlist_count(list);
	for (size_t i = 0; i < n; i++) {
		entries[i] = *callerid_tnauthlist_at(list, i);
		/* The first number of an entry is covered by it. */
		if (entries[i].kind != CALLERID_TNAUTH_SPC &&
		    callerid_tnauthlist_match(list, entries[i].text) != CALLERID_TNAUTH_COVERED)
			abort();
	}
	if (callerid_tnauthlist_encode(entries, n, &der, &len, NULL) != CALLERID_OK)
		abort();
	if (len != size || memcmp(der, data, size) != 0)
		abort();
	free(der);
	callerid_tnauthlist_free(list);
	return 0;
}
