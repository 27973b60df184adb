/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner's side of brands and their review share. */
#ifndef REGISTRY_API_BRANDS_H
#define REGISTRY_API_BRANDS_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/brands.h"

json_t *brands_render(const struct http_call *call, const void *row); /* struct brand_row */
json_t *brands_render_version(const struct http_call *call, const struct version_row *row);
void brands_reply(struct http_call *call, enum store_status status, unsigned code,
		  const struct brand_row *brand);

/* Who edits and who approves are compared as people where a key is somebody's. */
const char *brands_actor(const struct http_call *call);

/* Makes it what look-ups show; the one before is replaced. Writes neither row. */
enum store_status brands_make_live(struct http_call *call, struct brand_row *brand,
				   struct version_row *row);

/* Leaves the audit row and the event of the same name, and tells those who show brands. version
 * NULL: it is about the brand as a whole. */
struct brand_news {
	const char *action, *detail;
};
enum store_status brands_tell(struct http_call *call, const struct brand_row *brand,
			      const struct version_row *version, const struct brand_news *news);

/* The business of a tenant that is vouched for has been approved: of each of its brands the newest
 * version that waits goes live with it. */
enum store_status brands_vouch(struct http_call *call, const struct business_row *business);

#endif
