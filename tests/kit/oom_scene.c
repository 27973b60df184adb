/* SPDX-License-Identifier: Apache-2.0 */
/* One call verified with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <stdlib.h>
#include <string.h>

static bool fill(struct callerid_context *ctx, const struct oom_call *c)
{
	const char *anchors = c->scene->world.anchors, *issuers = c->crl_issuers;

	return callerid_context_set_anchors(ctx, "test", "1", anchors, strlen(anchors), NULL) ==
		       CALLERID_OK &&
	       (issuers == NULL || callerid_context_add_crl_issuers(ctx, issuers, strlen(issuers),
								    NULL) == CALLERID_OK) &&
	       (c->crl == NULL ||
		callerid_context_add_crl(ctx, c->crl, strlen(c->crl), NULL) == CALLERID_OK);
}

static struct callerid_context *context_of(const struct oom_call *c)
{
	struct callerid_limits limits = {.replay_entries = 16, .cached_keys = 16};
	struct callerid_context *ctx = NULL;

	if (callerid_context_new(&limits, &ctx, NULL) != CALLERID_OK)
		return NULL;
	if (fill(ctx, c))
		return ctx;
	callerid_context_free(ctx);
	return NULL;
}

void oom_make_context(void *data)
{
	struct callerid_context *ctx = context_of(data);

	if (ctx == NULL && !kit_oom_failed())
		fail_msg("no context");
	callerid_context_free(ctx);
}

static void judge(const struct callerid_verdict *verdict, bool passes)
{
	if (!passes && verdict->reason == CALLERID_REASON_OK)
		fail_msg("a forged call passed");
	if (!kit_oom_failed() && passes && verdict->reason != CALLERID_REASON_OK)
		fail_msg("a good call did not pass: %s",
			 callerid_reason_info(verdict->reason)->name);
	free(callerid_verdict_json(verdict));
	free(callerid_verdict_explain(verdict));
}

static void verify(struct callerid_context *ctx, const struct oom_call *c)
{
	struct callerid_span identity = {c->identity, strlen(c->identity)};
	struct callerid_call call = c->scene->call;
	struct callerid_verification *v = NULL;
	const char *url, *chain = c->scene->chain;

	call.identity = &identity;
	call.n_identity = 1;
	if (callerid_verification_new(ctx, &call, &v, NULL) != CALLERID_OK) {
		assert_true(kit_oom_failed());
		return;
	}
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, chain, strlen(chain));
	judge(callerid_verification_verdict(v), c->passes);
	callerid_verification_free(v);
}

void oom_open(struct oom_call *c)
{
	struct oom_call good = {.scene = c->scene, .passes = true};
	char *identity = kit_identity(&c->scene->world.leaf);

	c->scene->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_WARN;
	c->ctx = context_of(c);
	assert_non_null(c->ctx);
	good.identity = identity;
	if (c->is_known)
		verify(c->ctx, &good);
	free(identity);
}

void oom_close(struct oom_call *c)
{
	callerid_context_free(c->ctx);
	c->ctx = NULL;
}

/* Whatever is given, the keys looked at are forgotten; a CRL's signature is looked at anew. */
static void forget(const struct oom_call *c)
{
	long left = kit_oom_pause();

	if (c->crl != NULL)
		assert_int_equal(callerid_context_add_crl(c->ctx, c->crl, strlen(c->crl), NULL),
				 CALLERID_OK);
	assert_int_equal(callerid_context_set_anchors(c->ctx, "none", NULL, "", 0, NULL),
			 CALLERID_OK);
	kit_oom_resume(left);
}

void oom_verify(void *data)
{
	const struct oom_call *c = data;

	if (!c->is_known)
		forget(c);
	verify(c->ctx, c);
}
