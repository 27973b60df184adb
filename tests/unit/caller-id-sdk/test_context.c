/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts: limits and their defaults, and a context a thread. */
#include "tests/kit/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#define TEST(name) static void name(void **state)

TEST(limits_may_be_left_out)
{
	struct callerid_context *ctx = NULL;

	(void)state;
	assert_int_equal(callerid_context_new(NULL, &ctx, NULL), CALLERID_OK);
	callerid_context_free(ctx);
	callerid_context_free(NULL);
}

TEST(a_negative_age_is_the_programs_mistake)
{
	struct callerid_context *ctx = NULL;
	struct callerid_error err;

	(void)state;
	assert_int_equal(
		callerid_context_new(&(struct callerid_limits){.key_max_age_s = -1}, &ctx, &err),
		CALLERID_EINVAL);
	assert_null(ctx);
	assert_string_not_equal(err.text, "");
}

TEST(more_replay_entries_than_any_machine_wants_are_the_programs_mistake)
{
	struct callerid_context *ctx = NULL;
	struct callerid_limits limits = {.replay_entries = ((size_t)1 << 28) + 1};

	(void)state;
	assert_int_equal(callerid_context_new(&limits, &ctx, NULL), CALLERID_EINVAL);
	assert_null(ctx);
}

#define THREADS	   4
#define CALLS	   40
#define UNEXPECTED (-1)

/* What one thread has: the signer is everybody's, the context its own. */
struct worker {
	pthread_t thread;
	const struct kit_world *world;
	const struct callerid_signer *signer;
	int passed; /* UNEXPECTED: something failed that is not about a call */
};

static bool is_passed(struct callerid_context *ctx, const struct worker *w, const char *identity)
{
	struct callerid_span value = {identity, strlen(identity)};
	struct callerid_call call = {
		.identity = &value, .n_identity = 1, .n_orig = 1, .now = KIT_NOW};
	struct callerid_verification *v = NULL;
	const char *url;
	bool passed;

	call.orig[0] = kit_party("+" KIT_FROM);
	call.dest = kit_party("+" KIT_TO);
	if (callerid_verification_new(ctx, &call, &v, NULL) != CALLERID_OK)
		return false;
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, w->world->chain, strlen(w->world->chain));
	passed = callerid_verification_verdict(v)->verstat == CALLERID_VERSTAT_PASSED;
	callerid_verification_free(v);
	return passed;
}

/* A call of the worker's own, signed and verified. */
static bool call_once(struct callerid_context *ctx, const struct worker *w)
{
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;
	bool passed = callerid_origid_random(claims.origid) == CALLERID_OK &&
		      callerid_signer_sign(w->signer, &claims, &identity, NULL) == CALLERID_OK &&
		      is_passed(ctx, w, identity);

	free(identity);
	(void)callerid_context_maintain(ctx);
	return passed;
}

static void *work(void *data)
{
	struct worker *w = data;
	struct callerid_context *ctx = NULL;

	w->passed = UNEXPECTED;
	if (callerid_context_new(NULL, &ctx, NULL) == CALLERID_OK &&
	    callerid_context_add_anchors(ctx, "list", w->world->anchors, strlen(w->world->anchors),
					 NULL) == CALLERID_OK)
		for (w->passed = 0; w->passed < CALLS && call_once(ctx, w);)
			w->passed++;
	callerid_context_free(ctx);
	return NULL;
}

/* A thread sanitizer's run of this finds what threads share and should not. */
TEST(threads_with_a_context_each_share_one_signer)
{
	struct kit_world world = kit_world();
	struct callerid_signer *signer = kit_signer(&world.leaf, false);
	struct worker worker[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++) {
		worker[i] = (struct worker){.world = &world, .signer = signer};
		assert_int_equal(pthread_create(&worker[i].thread, NULL, work, &worker[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(worker[i].thread, NULL), 0);
		assert_int_equal(worker[i].passed, CALLS);
	}
	callerid_signer_free(signer);
	kit_world_free(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_may_be_left_out),
		cmocka_unit_test(a_negative_age_is_the_programs_mistake),
		cmocka_unit_test(
			more_replay_entries_than_any_machine_wants_are_the_programs_mistake),
		cmocka_unit_test(threads_with_a_context_each_share_one_signer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
