/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/logos, GET /logos/{sha256}.png */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/logo.h"
#include "svc/registry/store/logos.h"

#include <stdio.h>

void api_logos_create(struct http_call *call)
{
	char hex[SHA256_HEX + 1], logo[SHA256_HEX + 8];
	const char *code = logo_check(call->body, call->body_len);

	if (code != NULL) {
		http_reply_field(call, PROBLEM_LOGO_INVALID, "", code);
		return;
	}
	if (!render_sha256(call, call->body, call->body_len, hex))
		return;
	const struct logo_row row = {call->caller.tenant, hex, call->body, call->body_len,
				     http_now_ms(call)};
	enum store_status status = store_logos_add(call->db, &row);
	if (status == STORE_OK)
		status = act_audit(call, call->caller.tenant, "logo.uploaded", "", hex);
	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	snprintf(logo, sizeof logo, "sha256-%s", hex);
	http_reply_json(call, 201,
			json_pack("{s:s, s:o, s:I}", "logo", logo, "url",
				  render_public_url(call, "logos", hex, "png"), "bytes",
				  (json_int_t)call->body_len));
}

void api_logos_public(struct http_call *call)
{
	void *body;
	size_t len;
	enum store_status status = store_logos_public(call->db, call->param, &body, &len);

	if (status == STORE_OK)
		http_reply_bytes(call, "image/png", "public, max-age=31536000, immutable", body,
				 len);
	else
		http_reply_store(call, status);
}
