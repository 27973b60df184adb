/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/audit */
#include "svc/registry/api/api.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/render.h"
#include "svc/registry/store/audit.h"

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	return store_audit_list(call->db, call->caller.tenant, page->after, page->limit, rows_out,
				n_out);
}

static json_t *render_row(const struct http_call *call, const void *magic)
{
	const struct audit_row *row = magic;
	char hash[2 * AUDIT_HASH + 1];

	(void)call;
	id_hex(row->hash, AUDIT_HASH, hash);
	return json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s}", "serial", (json_int_t)row->serial,
			 "at", render_time(row->at_ms), "actor", row->actor, "action", row->action,
			 "object", row->object, "detail", row->detail, "hash", hash);
}

void api_audit_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct audit_row), load, render_row};

	api_list_reply(call, &list);
}
