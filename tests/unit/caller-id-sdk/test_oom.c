/* SPDX-License-Identifier: Apache-2.0 */
/* A shaken PASSporT verified with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 19999 /* of kit_oom_each() */

static void each(void (*part)(void *data), void *data)
{
	assert_in_range(kit_oom_each(part, data), 1, STEPS_MAX);
}

static void a_context_without_memory_is_an_error(void **state)
{
	struct scene *s = *state;
	char *good = kit_identity(&s->world.leaf);
	char *crl = kit_crl(&s->world.inter, 77, KIT_NOW + KIT_DAY);
	struct oom_call call = {.scene = s, .identity = good, .crl = crl, .passes = true};

	each(oom_make_context, &call);
	oom_close(&call);
	free(good);
	free(crl);
}

static void verify_all(struct oom_call call)
{
	oom_open(&call);
	each(oom_verify, &call);
	oom_close(&call);
}

static void a_verification_without_memory_ends_in_a_verdict_or_an_error(void **state)
{
	struct scene *s = *state;
	char *good = kit_identity(&s->world.leaf);
	char *crl = kit_crl(&s->world.inter, 77, KIT_NOW + KIT_DAY);
	struct oom_call call = {.scene = s, .identity = good, .crl = crl, .passes = true};

	verify_all(call);
	call.is_known = true;
	verify_all(call);
	free(good);
	free(crl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(a_context_without_memory_is_an_error),
		SCENE_TEST(a_verification_without_memory_ends_in_a_verdict_or_an_error),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
