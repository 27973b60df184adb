/* SPDX-License-Identifier: Apache-2.0 */
/* A context that is maintained gives the verdicts of one that is not. */
#include "tests/kit/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"

struct bed {
	struct kit_world world;
	struct callerid_signer *signer;
	struct callerid_context *ctx;
	uint32_t calls;
};

/* The reason of the verdict on a fresh PASSporT, one character of whose signature may be changed.
 */
static enum callerid_reason verify(struct bed *b, bool forged)
{
	struct callerid_claims claims = kit_claims();
	struct callerid_verification *v = NULL;
	struct callerid_call call = {.n_identity = 1,
				     .n_orig = 1,
				     .orig = {kit_party("+" KIT_FROM)},
				     .dest = kit_party("+" KIT_TO),
				     .now = KIT_NOW};
	enum callerid_reason reason;
	struct callerid_span span;
	char *identity = NULL, *at;
	const char *url;

	snprintf(claims.origid, sizeof(claims.origid), "00000000-0000-4000-8000-%012" PRIu32,
		 b->calls++);
	assert_int_equal(callerid_signer_sign(b->signer, &claims, &identity, NULL), CALLERID_OK);
	at = strchr(identity, ';') - 10;
	if (forged)
		*at = *at == 'A' ? 'B' : 'A';
	span = (struct callerid_span){identity, strlen(identity)};
	call.identity = &span;
	assert_int_equal(callerid_verification_new(b->ctx, &call, &v, NULL), CALLERID_OK);
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, b->world.chain, strlen(b->world.chain));
	reason = callerid_verification_verdict(v)->reason;
	callerid_verification_free(v);
	free(identity);
	return reason;
}

static struct bed bed_new(bool trusted)
{
	struct bed b = {.world = kit_world()};
	struct callerid_limits limits = {.replay_entries = 64};

	b.signer = kit_signer(&b.world.leaf, false);
	assert_int_equal(callerid_context_new(&limits, &b.ctx, NULL), CALLERID_OK);
	if (trusted)
		assert_int_equal(callerid_context_add_anchors(b.ctx, "test", b.world.anchors,
							      strlen(b.world.anchors), NULL),
				 CALLERID_OK);
	return b;
}

static void bed_free(struct bed *b)
{
	callerid_context_free(b->ctx);
	callerid_signer_free(b->signer);
	kit_world_free(&b->world);
}

static void test_verdicts_are_the_same_before_and_after_the_table(void **state)
{
	struct bed b = bed_new(true);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(verify(&b, false), CALLERID_REASON_OK);
		assert_int_equal(verify(&b, true), CALLERID_REASON_BAD_SIGNATURE);
	}
	assert_int_equal(cid_keytables_count(b.ctx->keys), 0);
	assert_false(callerid_context_maintain(b.ctx));
	assert_int_equal(cid_keytables_count(b.ctx->keys), 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(verify(&b, false), CALLERID_REASON_OK);
		assert_int_equal(verify(&b, true), CALLERID_REASON_BAD_SIGNATURE);
	}
	bed_free(&b);
}

static void test_a_key_that_no_anchor_vouches_for_gets_no_table(void **state)
{
	struct bed b = bed_new(false);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(verify(&b, false), CALLERID_REASON_CERT_UNTRUSTED);
		assert_false(callerid_context_maintain(b.ctx));
	}
	assert_int_equal(cid_keytables_count(b.ctx->keys), 0);
	bed_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts_are_the_same_before_and_after_the_table),
		cmocka_unit_test(test_a_key_that_no_anchor_vouches_for_gets_no_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
