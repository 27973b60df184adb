/* SPDX-License-Identifier: Apache-2.0 */
/* Forwarded calls with the n-th allocation failing: chains verified, a div-o signed. */
#include "tests/kit/oom_scene.h"
#include "tests/kit/forward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 19999 /* of kit_oom_each() */

static void each(void (*part)(void *data), void *data)
{
	assert_in_range(kit_oom_each(part, data), 1, STEPS_MAX);
}

/* A div-o to hop 1 with the original inside, and a div from there to KIT_TO by last's key. */
static char *forward_twice(struct callerid_signer *signer, const struct kit_cert *last)
{
	struct kit_step step = {.div = kit_hop[0], .dest = kit_hop[1]};
	char *first = kit_step(signer, &(struct kit_step){.dest = kit_hop[0]});
	char *token = kit_token(last->key,
				"{\"alg\":\"ES256\",\"ppt\":\"div\",\"typ\":\"passport\","
				"\"x5u\":\"" KIT_URL "\"}",
				"{\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"div\":{\"tn\":"
				"\"12155559001\"},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
				"\"}}");
	char *second, *all = NULL;

	step.inner = first;
	second = kit_step(signer, &step);
	if (asprintf(&all, "%s,%s;info=<" KIT_URL ">;ppt=div", second, token) < 0)
		abort();
	free(first);
	free(second);
	free(token);
	return all;
}

static void verify_chain(struct scene *s, const struct kit_cert *last, bool passes)
{
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	struct oom_call call = {.scene = s, .passes = passes, .is_known = true};
	char *identity = forward_twice(signer, last);

	call.identity = identity;
	oom_open(&call);
	each(oom_verify, &call);
	oom_close(&call);
	free(identity);
	callerid_signer_free(signer);
}

static void dv6_a_chain_without_memory_ends_in_a_verdict_or_an_error(void **state)
{
	struct scene *s = *state;

	verify_chain(s, &s->world.leaf, true);
}

static void dv6_no_failed_allocation_lets_a_forged_forward_pass(void **state)
{
	struct scene *s = *state;

	verify_chain(s, &s->world.inter, false);
}

static void sign(void *data)
{
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;

	memcpy(claims.ppt, "div-o", 6);
	claims.div = claims.orig;
	claims.opt = "e30.e30.AAAA";
	kit_oom_status(callerid_signer_sign(data, &claims, &identity, NULL));
	free(identity);
}

static void dv7_signing_a_div_o_without_memory_is_an_error(void **state)
{
	const struct scene *s = *state;
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);

	each(sign, signer);
	callerid_signer_free(signer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(dv6_a_chain_without_memory_ends_in_a_verdict_or_an_error),
		SCENE_TEST(dv6_no_failed_allocation_lets_a_forged_forward_pass),
		SCENE_TEST(dv7_signing_a_div_o_without_memory_is_an_error),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
