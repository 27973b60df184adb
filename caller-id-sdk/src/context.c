/* SPDX-License-Identifier: Apache-2.0 */
/* What verifications share: trust anchors, CRLs, validated keys, the replay window. */
#include "context.h"

#include "fail.h"

#include <stdlib.h>

#define CACHED_KEYS    4096
#define REPLAY_ENTRIES 1048576
#define KEY_TABLES     256
#define KEY_MAX_AGE_S  86400

#define REPLAY_ENTRIES_MAX ((size_t)1 << 28) /* 8 GB; above it the number is a slip */

static enum callerid_status make_parts(struct callerid_context *ctx,
				       const struct callerid_limits *limits,
				       struct callerid_error *err)
{
	size_t keys = limits->cached_keys != 0 ? limits->cached_keys : CACHED_KEYS;
	size_t tables = limits->key_tables != 0 ? limits->key_tables : KEY_TABLES;
	size_t entries = limits->replay_entries != 0 ? limits->replay_entries : REPLAY_ENTRIES;
	int64_t max_age_s = limits->key_max_age_s != 0 ? limits->key_max_age_s : KEY_MAX_AGE_S;
	enum callerid_status status = cid_trust_new(&ctx->trust, err);

	if (status == CALLERID_OK)
		status = cid_certcache_new(keys, max_age_s, &ctx->certs, err);
	if (status == CALLERID_OK)
		status = cid_replay_new(entries, &ctx->replay, err);
	if (status != CALLERID_OK)
		return status;
	ctx->keys = cid_keytables_new(tables, keys);
	return ctx->keys != NULL ? CALLERID_OK
				 : cid_fail(err, CALLERID_ENOMEM, "context", "no memory");
}

enum callerid_status callerid_context_new(const struct callerid_limits *limits,
					  struct callerid_context **ctx_out,
					  struct callerid_error *err)
{
	static const struct callerid_limits defaults = {0};
	const struct callerid_limits *given = limits != NULL ? limits : &defaults;
	struct callerid_context *ctx;
	enum callerid_status status;

	if (given->key_max_age_s < 0)
		return cid_fail(err, CALLERID_EINVAL, "context", "key_max_age_s is negative");
	if (given->replay_entries > REPLAY_ENTRIES_MAX)
		return cid_fail(err, CALLERID_EINVAL, "context", "replay_entries is over %zu",
				REPLAY_ENTRIES_MAX);
	ctx = calloc(1, sizeof(*ctx));
	if (ctx == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "context", "no memory");
	status = make_parts(ctx, given, err);
	if (status != CALLERID_OK) {
		callerid_context_free(ctx);
		return status;
	}
	*ctx_out = ctx;
	return CALLERID_OK;
}

void callerid_context_free(struct callerid_context *ctx)
{
	if (ctx == NULL)
		return;
	cid_certcache_free(ctx->certs);
	cid_replay_free(ctx->replay);
	cid_keytables_free(ctx->keys);
	cid_trust_free(ctx->trust);
	free(ctx);
}

static enum callerid_status put_anchors(struct callerid_context *ctx,
					const struct cid_anchors *anchors,
					struct callerid_error *err)
{
	enum callerid_status status = cid_trust_put(ctx->trust, anchors, err);

	if (status == CALLERID_OK)
		cid_certcache_flush(ctx->certs);
	return status;
}

bool callerid_context_maintain(struct callerid_context *ctx)
{
	return cid_keytables_maintain(ctx->keys);
}

size_t callerid_context_key_tables(const struct callerid_context *ctx)
{
	return cid_keytables_count(ctx->keys);
}

enum callerid_status callerid_context_add_anchors(struct callerid_context *ctx, const char *list,
						  const char *pem, size_t len,
						  struct callerid_error *err)
{
	return put_anchors(ctx, &(struct cid_anchors){list, NULL, pem, len, true}, err);
}

enum callerid_status callerid_context_set_anchors(struct callerid_context *ctx, const char *list,
						  const char *version, const char *pem, size_t len,
						  struct callerid_error *err)
{
	const char *named = version != NULL ? version : "";

	return put_anchors(ctx, &(struct cid_anchors){list, named, pem, len, false}, err);
}

enum callerid_status callerid_context_add_crl(struct callerid_context *ctx, const char *pem,
					      size_t len, struct callerid_error *err)
{
	enum callerid_status status = cid_crls_add(cid_trust_crls(ctx->trust), pem, len, err);

	cid_certcache_flush(ctx->certs); /* even when it failed: a part may have come in */
	return status;
}

enum callerid_status callerid_context_add_crl_issuers(struct callerid_context *ctx, const char *pem,
						      size_t len, struct callerid_error *err)
{
	enum callerid_status status = cid_trust_add_crl_issuers(ctx->trust, pem, len, err);

	cid_certcache_flush(ctx->certs);
	return status;
}
