/* SPDX-License-Identifier: Apache-2.0 */
/* GET /.well-known/jwks.json: the key under which the registry's lists and tokens can be checked.
 */
#include "svc/registry/api/api.h"
#include "svc/registry/domain/signature.h"
#include "svc/registry/http/call.h"

void api_jwks_get(struct http_call *call)
{
	http_reply_json(call, 200, signature_jwks(call->env->signature));
	call->answer.cache = "public, max-age=3600";
}
