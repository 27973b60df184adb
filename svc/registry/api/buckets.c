/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/buckets: the private look-up. Every bucket is answered with the same size, by the same
 * steps, whatever is in it. */
#include "svc/registry/api/api.h"
#include "svc/registry/domain/bucket.h"
#include "svc/registry/http/call.h"
#include "svc/registry/push/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE "public, max-age=60"

static void set_etag(struct http_call *call, int64_t version)
{
	snprintf(call->answer.etag, sizeof call->answer.etag, "\"%" PRId64 "\"", version);
	call->answer.cache = CACHE;
}

/* true: the client has this version. */
static bool is_unchanged(struct http_call *call, int64_t version)
{
	char etag[32];

	snprintf(etag, sizeof etag, "\"%" PRId64 "\"", version);
	return http_is_unchanged(call, etag);
}

void api_buckets_describe(struct http_call *call)
{
	struct table_state state;

	table_state(call->env->table, &state);
	if (state.version < 0) {
		http_reply_problem(call, PROBLEM_BUSY, NULL);
		return;
	}
	if (is_unchanged(call, state.version))
		return;
	http_reply_json(call, 200,
			json_pack("{s:I, s:i, s:i, s:I}", "version", (json_int_t)state.version,
				  "bits", BUCKET_BITS, "entry_bytes", BUCKET_ENTRY, "entries",
				  (json_int_t)state.entries));
	set_etag(call, state.version);
}

void api_buckets_get(struct http_call *call)
{
	struct table_state state;
	uint16_t bucket;

	if (!bucket_parse(call->param, &bucket)) {
		http_reply_problem(call, PROBLEM_NOT_FOUND, NULL);
		return;
	}
	uint8_t *bytes = table_bucket(call->env->table, bucket, &state);
	if (bytes == NULL) {
		http_reply_problem(call, state.version < 0 ? PROBLEM_BUSY : PROBLEM_INTERNAL, NULL);
		return;
	}
	if (is_unchanged(call, state.version)) {
		free(bytes);
		return;
	}
	http_reply_bytes(call, "application/octet-stream", CACHE, (char *)bytes,
			 state.entries * BUCKET_ENTRY);
	set_etag(call, state.version);
}
