/* SPDX-License-Identifier: Apache-2.0 */
/* Forwarded calls in a scene: the steps, and what is expected of their verdicts. */
#ifndef TESTS_KIT_FORWARDED_H
#define TESTS_KIT_FORWARDED_H

#include "tests/kit/forward.h"
#include "tests/kit/scene.h"

#include <stdlib.h>
#include <string.h>

/* One more Identity field, signed by the world's leaf. */
static inline void step(struct scene *s, struct kit_step what)
{
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);

	scene_add(s, kit_step(signer, &what));
	callerid_signer_free(signer);
}

static inline void shaken(struct scene *s, const char *dest)
{
	step(s, (struct kit_step){.dest = dest});
}

static inline void divert(struct scene *s, const char *from, const char *to)
{
	step(s, (struct kit_step){.div = from, .dest = to});
}

static inline struct callerid_party tn(const char *digits)
{
	struct callerid_party party = {.kind = CALLERID_PARTY_TN};

	memcpy(party.text, digits, strlen(digits) + 1);
	return party;
}

/* A call from KIT_FROM to hop 0 that was forwarded n times. To is what it was. */
static inline void forwarded(struct scene *s, size_t n)
{
	shaken(s, kit_hop[0]);
	for (size_t i = 0; i < n; i++)
		divert(s, kit_hop[i], kit_hop[i + 1]);
	s->call.dest = tn(kit_hop[0]);
	s->call.request_uri = tn(kit_hop[n]);
}

/* To was rewritten: only the chain proves that the call is the caller's. */
static inline void retarget(struct scene *s)
{
	s->call.dest = s->call.request_uri;
}

static inline const char *reason_of(const struct callerid_passport_verdict *passport)
{
	return callerid_reason_info(passport->reason)->name;
}

/* The PASSporT whose first dest is this; div or not. */
static inline const struct callerid_passport_verdict *to(const struct callerid_verdict *verdict,
							 const char *dest)
{
	for (size_t i = 0; i < verdict->n_passports; i++) {
		if (strcmp(verdict->passport[i].claims.dest[0].text, dest) == 0)
			return &verdict->passport[i];
	}
	fail_msg("no PASSporT to %s", dest);
	return NULL;
}

static inline void expect_reason(struct scene *s, enum callerid_reason reason)
{
	const struct callerid_verdict *verdict = scene_verify(s);

	assert_string_equal(callerid_reason_info(verdict->reason)->name,
			    callerid_reason_info(reason)->name);
	assert_int_not_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
	assert_int_equal(verdict->attest, CALLERID_ATTEST_NONE);
}

/* The last character of the signature before the parameters, or one in the payload, is changed. */
static inline void spoil(struct scene *s, size_t i, bool signature)
{
	char *end = strchr(s->texts[i], ';');

	if (!signature) {
		end = strchr(s->texts[i], '.') + 40;
		*end = *end == 'A' ? 'B' : 'A';
		return;
	}
	end -= 20;
	*end = *end == 'A' ? 'B' : 'A';
}

/* A chain of n div-o, each around the one before; only the last is sent. */
static inline void nested(struct scene *s, size_t n)
{
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	char *inner = kit_step(signer, &(struct kit_step){.dest = kit_hop[0]});

	for (size_t i = 0; i < n; i++) {
		struct kit_step next = {.div = kit_hop[i], .dest = kit_hop[i + 1], .inner = inner};
		char *outer = kit_step(signer, &next);

		free(inner);
		inner = outer;
	}
	scene_add(s, inner);
	callerid_signer_free(signer);
	s->call.dest = s->call.request_uri = tn(kit_hop[n]);
	s->policy.max_signatures = CALLERID_PASSPORTS_MAX;
}

/* The verdict in a context of its own: nothing is remembered from another order. */
static inline char *json_alone(struct scene *s, const struct callerid_span *identity, size_t n)
{
	struct callerid_context *ctx = NULL;
	struct callerid_verification *v = NULL;
	struct callerid_call call = s->call;
	const char *url;
	char *text;

	assert_int_equal(
		callerid_context_new(&(struct callerid_limits){.replay_entries = 16}, &ctx, NULL),
		CALLERID_OK);
	assert_int_equal(callerid_context_add_anchors(ctx, "test", s->world.anchors,
						      strlen(s->world.anchors), NULL),
			 CALLERID_OK);
	call.identity = identity;
	call.n_identity = n;
	assert_int_equal(callerid_verification_new(ctx, &call, &v, NULL), CALLERID_OK);
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, s->chain, strlen(s->chain));
	text = callerid_verdict_json(callerid_verification_verdict(v));
	assert_non_null(text);
	callerid_verification_free(v);
	callerid_context_free(ctx);
	return text;
}

#endif
