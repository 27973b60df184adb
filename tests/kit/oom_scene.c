/* SPDX-License-Identifier: Apache-2.0 */
/* One call verified with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum callerid_status fill(struct callerid_context *ctx, const struct oom_call *c)
{
	const char *anchors = c->scene->world.anchors, *issuers = c->crl_issuers;
	enum callerid_status status =
		callerid_context_set_anchors(ctx, "test", "1", anchors, strlen(anchors), NULL);

	if (status == CALLERID_OK && issuers != NULL)
		status = callerid_context_add_crl_issuers(ctx, issuers, strlen(issuers), NULL);
	if (status == CALLERID_OK && c->crl != NULL)
		status = callerid_context_add_crl(ctx, c->crl, strlen(c->crl), NULL);
	return status;
}

static struct callerid_context *context_of(const struct oom_call *c)
{
	struct callerid_limits limits = {.replay_entries = 16, .cached_keys = 16};
	struct callerid_context *ctx = NULL;
	enum callerid_status status = callerid_context_new(&limits, &ctx, NULL);

	if (status == CALLERID_OK)
		status = fill(ctx, c);
	if (status == CALLERID_OK)
		return ctx;
	kit_oom_status(status);
	callerid_context_free(ctx);
	return NULL;
}

/* All that is said of the call; NULL where an allocation of the rendering failed. */
static char *tell(const struct callerid_verdict *verdict)
{
	char *json = callerid_verdict_json(verdict), *lines = callerid_verdict_explain(verdict);
	char *text = NULL;
	long left = kit_oom_pause();

	if (json != NULL && lines != NULL)
		assert_true(asprintf(&text, "%s\n%s", json, lines) > 0);
	kit_oom_resume(left);
	free(json);
	free(lines);
	return text;
}

/* An error in the shape of a verdict that says nothing of the call. */
static void expect_nothing(const struct callerid_verdict *verdict)
{
	assert_true(kit_oom_failed());
	assert_int_equal(verdict->status, CALLERID_ENOMEM);
	assert_int_equal(verdict->reason, CALLERID_REASON_NO_MEMORY);
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_NONE);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_NONE);
	assert_int_equal(verdict->n_passports, 0);
	assert_int_equal(verdict->n_priority, 0);
	assert_false(verdict->psap_callback);
}

/* What is said is what is said with memory, to the last byte. */
static void compare(const struct callerid_verdict *verdict, struct oom_call *c)
{
	char *text = tell(verdict);

	if (text == NULL) {
		assert_true(kit_oom_failed());
		return;
	}
	if (c->expected == NULL) {
		c->expected = text;
		return;
	}
	if (strcmp(text, c->expected) != 0) {
		print_message("with memory:\n%s\nwithout:\n%s\n", c->expected, text);
		kit_oom_wrong("another verdict");
	}
	c->optional += kit_oom_failed();
	free(text);
}

static void verify(struct callerid_context *ctx, struct oom_call *c)
{
	struct callerid_span identity = {c->identity, strlen(c->identity)};
	struct callerid_call call = c->scene->call;
	const struct callerid_verdict *verdict;
	struct callerid_verification *v = NULL;
	struct callerid_span body;
	const char *url;
	enum callerid_status status;

	call.identity = &identity;
	call.n_identity = 1;
	status = callerid_verification_new(ctx, &call, &v, NULL);
	kit_oom_status(status);
	if (status != CALLERID_OK)
		return;
	while ((url = callerid_verification_wants(v)) != NULL) {
		body = scene_body_at(c->scene, url);
		callerid_verification_supply(v, url, body.p, body.n);
	}
	verdict = callerid_verification_verdict(v);
	if (verdict->status != CALLERID_OK) {
		expect_nothing(verdict);
	} else {
		compare(verdict, c);
		/* A forgery never passes, whatever is said with memory. */
		assert_int_equal(verdict->reason == CALLERID_REASON_OK, c->passes);
	}
	callerid_verification_free(v);
}

void oom_open(struct oom_call *c)
{
	c->scene->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_WARN;
	c->ctx = context_of(c);
	assert_non_null(c->ctx);
	/* Twice, since the first of them is no replay. */
	verify(c->ctx, c);
	free(c->expected);
	c->expected = NULL;
	verify(c->ctx, c);
}

void oom_close(struct oom_call *c)
{
	print_message("%ld allocations were optional\n", c->optional);
	callerid_context_free(c->ctx);
	free(c->expected);
	c->ctx = NULL;
	c->expected = NULL;
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
	struct oom_call *c = data;

	if (!c->is_known)
		forget(c);
	verify(c->ctx, c);
}

void oom_make_context(void *data)
{
	struct oom_call *c = data;
	struct callerid_context *ctx = context_of(c);
	long left = kit_oom_pause();

	/* What failed in it was optional: it does what another one does. */
	if (ctx != NULL)
		verify(ctx, c);
	callerid_context_free(ctx);
	kit_oom_resume(left);
}
