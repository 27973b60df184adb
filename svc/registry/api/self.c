/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/self and POST /v1/tokens: who the caller is, and a token that says so for a while. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/keys.h"
#include "svc/registry/api/render.h"
#include "svc/registry/http/token.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define TTL_S_MIN 60

void api_self_get(struct http_call *call)
{
	const struct http_caller *caller = &call->caller;

	http_reply_json(call, 200,
			json_pack("{s:s, s:s, s:o, s:s, s:o, s:b}", "tenant", caller->tenant, "key",
				  caller->key, "user", render_text(caller->user), "role",
				  role_names[caller->role], "permissions",
				  keys_render_permissions(caller->permissions), "vouched",
				  caller->vouched));
}

struct request {
	uint64_t permissions; /* 0: all of the key's */
	int64_t ttl_s;
};

static const struct spec_field fields[] = {
	{.name = "permissions",
	 .type = SPEC_SET,
	 .offset = offsetof(struct request, permissions),
	 .choices = permission_names},
	{.name = "ttl_s",
	 .type = SPEC_INT,
	 .offset = offsetof(struct request, ttl_s),
	 .min = TTL_S_MIN,
	 .max = TOKEN_S_MAX},
};
static const struct spec spec = SPEC(fields);

void api_tokens_create(struct http_call *call)
{
	struct request request = {.ttl_s = TOKEN_S_MAX};
	int64_t now_s = http_now_ms(call) / 1000;

	if (!http_read(call, &spec, &request))
		return;
	struct token token = {
		.permissions = call->caller.permissions,
		.issued_s = now_s,
		.expires_s = now_s + request.ttl_s,
	};
	memcpy(token.key, call->caller.key, sizeof token.key);
	if (request.permissions != 0)
		token.permissions &= request.permissions;
	if (request.permissions != 0 && token.permissions != request.permissions) {
		http_reply_field(call, PROBLEM_ROLE_NOT_GRANTABLE, "/permissions", "not_allowed");
		return;
	}
	char *text = token_make(call->env->token_key, &token);
	if (text == NULL) {
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
		return;
	}
	http_reply_json(call, 201,
			json_pack("{s:s, s:o, s:o}", "token", text, "expires_at",
				  render_time(token.expires_s * 1000), "permissions",
				  keys_render_permissions(token.permissions)));
	OPENSSL_cleanse(text, strlen(text));
	free(text);
}
