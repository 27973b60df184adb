/* SPDX-License-Identifier: Apache-2.0 */
/* Rendering entries of the directory. */
#include "svc/registry/push/entry.h"

#include <string.h>

static json_t *logo_url(const struct directory_row *row, const char *public_url)
{
	if (row->logo[0] == 0)
		return json_null();
	return json_sprintf("%s/logos/%s.png", public_url, row->logo);
}

json_t *entry_render(const struct directory_row *row, const char *public_url)
{
	char number[CALLERID_TN_MAX + 1];
	json_int_t size = block_size(row->number);

	block_first(row->number, number);
	/* "bound": so that nobody shows the brand of the block around it */
	if (row->gone && row->serial != 0)
		return json_pack("{s:s, s:I, s:b, s:b}", "number", number, "block", size, "gone", 1,
				 "bound", 1);
	if (row->gone)
		return json_pack("{s:s, s:I, s:b}", "number", number, "block", size, "gone", 1);
	return json_pack("{s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:b}", "number", number, "block",
			 size, "customer", row->business, "brand", row->brand, "name", row->name,
			 "logo_url", logo_url(row, public_url), "logo_sha256",
			 row->logo[0] != 0 ? json_string(row->logo) : json_null(), "strict",
			 row->strict);
}

char *entry_text(const struct directory_row *row, const char *public_url)
{
	json_t *json = entry_render(row, public_url);
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	return text;
}
