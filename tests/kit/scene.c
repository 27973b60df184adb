/* SPDX-License-Identifier: Apache-2.0 */
/* One call and what it takes to verify it: a test changes what it is about, then verifies. */
#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int scene_setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	s->world = kit_world();
	assert_int_equal(callerid_context_new(&(struct callerid_limits){.replay_entries = 1024},
					      &s->ctx, NULL),
			 CALLERID_OK);
	assert_int_equal(callerid_context_add_anchors(s->ctx, "test-list", s->world.anchors,
						      strlen(s->world.anchors), NULL),
			 CALLERID_OK);
	s->call = (struct callerid_call){
		.identity = s->identity,
		.n_orig = 1,
		.now = KIT_NOW,
		.policy = &s->policy,
		.date = {SCENE_DATE, CALLERID_DATE_LEN},
	};
	s->call.orig[0] = kit_party("+" KIT_FROM);
	s->call.dest = kit_party("+" KIT_TO);
	s->chain = s->world.chain;
	*state = s;
	return 0;
}

int scene_teardown(void **state)
{
	struct scene *s = *state;

	callerid_verification_free(s->v);
	callerid_context_free(s->ctx);
	kit_world_free(&s->world);
	free(s->own_chain);
	for (size_t i = 0; i < s->n_texts; i++)
		free(s->texts[i]);
	free(s);
	return 0;
}

void scene_add(struct scene *s, char *text)
{
	s->texts[s->n_texts++] = text;
	s->identity[s->call.n_identity++] = (struct callerid_span){text, strlen(text)};
}

char *scene_join(char *token, const char *parameters)
{
	char *text = NULL;

	assert_true(asprintf(&text, "%s%s", token, parameters) > 0);
	free(token);
	return text;
}

void scene_add_token(struct scene *s, const char *header, const char *payload)
{
	scene_add(s, scene_join(kit_token(s->world.leaf.key, header, payload), SCENE_PARAMETERS));
}

void scene_signed_by(struct scene *s, const struct kit_cert *leaf, const struct kit_cert *issuer,
		     const struct kit_cert *above, const char *payload)
{
	for (size_t i = 0; i < s->n_texts; i++)
		free(s->texts[i]);
	s->n_texts = 0;
	s->call.n_identity = 0;
	free(s->own_chain);
	s->own_chain = kit_pem(leaf, issuer, above);
	s->chain = s->own_chain;
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	scene_add(s, scene_join(kit_token(leaf->key, SCENE_HEADER, payload), SCENE_PARAMETERS));
	assert_int_equal(callerid_context_add_anchors(s->ctx, "test-list", s->world.anchors,
						      strlen(s->world.anchors), NULL),
			 CALLERID_OK);
}

void scene_add_good(struct scene *s)
{
	scene_add(s, kit_identity(&s->world.leaf));
}

struct callerid_span scene_body_at(const struct scene *s, const char *url)
{
	if (s->list_url != NULL && strcmp(url, s->list_url) == 0)
		return s->list;
	return (struct callerid_span){s->chain, s->chain != NULL ? strlen(s->chain) : 0};
}

const struct callerid_verdict *scene_verify(struct scene *s)
{
	struct callerid_span body;
	const char *url;

	callerid_verification_free(s->v);
	s->v = NULL;
	assert_int_equal(callerid_verification_new(s->ctx, &s->call, &s->v, NULL), CALLERID_OK);
	s->asked = 0;
	while ((url = callerid_verification_wants(s->v)) != NULL) {
		s->asked++;
		assert_true(s->asked <= CALLERID_PASSPORTS_MAX);
		body = scene_body_at(s, url);
		if (body.p != NULL)
			callerid_verification_supply(s->v, url, body.p, body.n);
		else
			callerid_verification_unavailable(s->v, url, "no answer in 500 ms");
	}
	return callerid_verification_verdict(s->v);
}

void scene_expect(struct scene *s, enum callerid_reason reason, enum callerid_check by)
{
	const struct callerid_verdict *verdict = scene_verify(s);
	const struct callerid_passport_verdict *passport = &verdict->passport[verdict->decided_by];
	const struct callerid_reason_info *info = callerid_reason_info(reason);

	assert_string_equal(callerid_reason_info(verdict->reason)->name, info->name);
	assert_int_equal(verdict->code, info->code);
	assert_int_equal(verdict->verstat, info->verstat);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_NONE);
	assert_int_equal(passport->check[by].result, CALLERID_RESULT_FAILED);
	assert_int_equal(passport->check[by].reason, reason);
	assert_string_not_equal(passport->check[by].why, "");
	for (unsigned i = 0; i < (unsigned)by; i++)
		assert_int_not_equal(passport->check[i].result, CALLERID_RESULT_FAILED);
	for (unsigned i = by + 1; i < CALLERID_CHECK_COUNT; i++) {
		assert_int_equal(passport->check[i].result, CALLERID_RESULT_SKIPPED);
		assert_string_equal(passport->check[i].why, "an earlier check failed");
	}
}

void scene_expect_passed(struct scene *s)
{
	const struct callerid_verdict *verdict = scene_verify(s);

	assert_string_equal(callerid_reason_info(verdict->reason)->name, "ok");
	assert_int_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
	assert_int_equal(verdict->code, 0);
}
